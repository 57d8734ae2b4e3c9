//! Sessions that have been silent for long: one file for all of them instead of one for each.
//!
//! In come the numbers of sessions; out goes `.logloom/sessions.past`, 48 bytes a session in the order of
//! their keys, and from it the next number of a session that comes back. It is replaced as a whole, never
//! changed in place; which file counts where a session has one of its own as well: that one. An entry that
//! is damaged does not exist; all others are found.

use std::io;

use super::SessionKey;
use super::slot::SessionSlot;
use crate::head::codec::{get_u32, get_u64, put_u32, put_u64};
use crate::sys::{File, OpenMode};

pub(crate) const NAME: &str = "sessions.past";
const MAGIC: [u8; 8] = *b"LLPAST\n\x01";
const HEADER: u64 = 48;
const ENTRY: usize = 48;
/// Entries that are read at once, where all are.
const RUN: usize = 8192;

/// What is kept of a silent session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PastSession {
    pub(crate) key: SessionKey,
    /// The least number that nobody was given.
    pub(crate) next: u64,
    /// Length and checksum of what its file knew of the id.
    id: (u32, u32),
}

/// All entries that can be read, and how many cannot.
#[derive(Debug, Default)]
pub(crate) struct PastSessions {
    /// In the order of their keys.
    pub(crate) entries: Vec<PastSession>,
    pub(crate) damaged: usize,
}

impl PastSession {
    /// What is to be kept of a session of which all numbers are in the log.
    pub(crate) fn of(key: SessionKey, slot: &SessionSlot) -> PastSession {
        PastSession { key, next: slot.next, id: slot.id_mark() }
    }

    /// The session as it goes on; `None` when the id is another one with the same key.
    pub(super) fn resumed(&self, id: &[u8]) -> Option<SessionSlot> {
        let mut slot = SessionSlot::new(id);
        slot.next = self.next;
        (slot.id_mark() == self.id).then_some(slot)
    }

    fn encode(&self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[..16].copy_from_slice(&self.key.0);
        put_u64(&mut bytes, 16, self.next);
        put_u32(&mut bytes, 24, self.id.0);
        put_u32(&mut bytes, 28, self.id.1);
        let crc = crc32fast::hash(&bytes[..44]);
        put_u32(&mut bytes, 44, crc);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<PastSession> {
        let next = get_u64(bytes, 16);
        let fits = crc32fast::hash(&bytes[..44]) == get_u32(bytes, 44) && next > 0;
        let key = SessionKey(bytes[..16].try_into().ok()?);
        fits.then_some(PastSession { key, next, id: (get_u32(bytes, 24), get_u32(bytes, 28)) })
    }
}

/// What is known of a session that has no file of its own. `damaged` tells how many entries could not be read,
/// where the session was not found for that.
pub(super) fn find(control: &File, key: SessionKey) -> io::Result<(Option<PastSession>, usize)> {
    let file = match control.open(NAME, OpenMode::Read) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, 0)),
        Err(error) => return Err(error),
    };
    let count = file.stat()?.size.saturating_sub(HEADER) / ENTRY as u64;
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut bytes = [0; ENTRY];
        file.read_at(&mut bytes, HEADER + middle * ENTRY as u64)?;
        match PastSession::decode(&bytes) {
            Some(found) if found.key == key => return Ok((Some(found), 0)),
            Some(found) if found.key < key => low = middle + 1,
            Some(_) => high = middle,
            // Where to go on cannot be known.
            None => {
                let all = read(&file)?;
                let found = all.entries.into_iter().find(|entry| entry.key == key);
                return Ok((found, all.damaged));
            }
        }
    }
    Ok((None, 0))
}

/// All entries of the directory whose control directory this is.
pub(crate) fn read_all(control: &File) -> io::Result<PastSessions> {
    match control.open(NAME, OpenMode::Read) {
        Ok(file) => read(&file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(PastSessions::default()),
        Err(error) => Err(error),
    }
}

fn read(file: &File) -> io::Result<PastSessions> {
    let mut all = PastSessions::default();
    let (mut bytes, mut offset) = (vec![0; RUN * ENTRY], HEADER);
    loop {
        let length = file.read_at(&mut bytes, offset)?;
        for entry in bytes[..length].chunks(ENTRY) {
            match (entry.len() == ENTRY).then(|| PastSession::decode(entry)).flatten() {
                Some(found) => all.entries.push(found),
                None => all.damaged += 1,
            }
        }
        if length < bytes.len() {
            all.entries.sort_unstable_by_key(|entry| entry.key);
            return Ok(all);
        }
        offset += length as u64;
    }
}

/// The whole file for these entries; of two for one session the greater number counts.
pub(crate) fn encode(mut entries: Vec<PastSession>) -> Vec<u8> {
    entries.sort_unstable_by_key(|entry| (entry.key, std::cmp::Reverse(entry.next)));
    entries.dedup_by_key(|entry| entry.key);
    let mut bytes = vec![0; HEADER as usize];
    bytes[..8].copy_from_slice(&MAGIC);
    entries.iter().for_each(|entry| bytes.extend_from_slice(&entry.encode()));
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::sys::{Links, LinuxPlatform, Platform};

    fn entries(count: u64) -> Vec<PastSession> {
        let entry = |number: u64| {
            let id = format!("session-{number}");
            let mut slot = SessionSlot::new(id.as_bytes());
            slot.next = number + 1;
            PastSession::of(SessionKey::of(id.as_bytes()), &slot)
        };
        (0..count).map(entry).collect()
    }

    fn next_of(control: &File, number: u64) -> Option<u64> {
        let id = format!("session-{number}");
        let (found, _) = find(control, SessionKey::of(id.as_bytes())).unwrap();
        found.map(|entry| entry.resumed(id.as_bytes()).unwrap().next)
    }

    #[test]
    fn each_session_is_found_also_beside_damage_and_others_are_not() {
        let root = tempfile::tempdir().unwrap();
        let platform = Arc::new(LinuxPlatform);
        let handle = platform.open_directory(root.path(), Links::Refuse).unwrap();
        let control = File::new(platform, handle);
        assert_eq!(next_of(&control, 7), None);
        for count in [0, 1, 2, 1000] {
            control.replace(NAME, &encode(entries(count))).unwrap();
            assert!((0..count).all(|number| next_of(&control, number) == Some(number + 1)));
            assert_eq!(next_of(&control, count), None);
        }
        let mut bytes = encode(entries(1000));
        for damaged in [0, 499, 500, 999] {
            bytes[HEADER as usize + damaged * ENTRY + 17] ^= 1;
        }
        bytes.truncate(bytes.len() - 7);
        control.replace(NAME, &bytes).unwrap();
        let found = (0..1000).filter(|number| next_of(&control, *number) == Some(number + 1));
        assert_eq!(found.count(), 996);
        assert_eq!(read_all(&control).unwrap().damaged, 4);
    }

    #[test]
    fn of_two_entries_the_greater_number_counts_and_another_id_is_told() {
        let mut both = entries(2);
        both.push(PastSession { next: 50, ..both[0] });
        both.push(PastSession { next: 1, ..both[1] });
        let bytes = encode(both);
        assert_eq!(bytes.len(), HEADER as usize + 2 * ENTRY);
        let found: Vec<u64> = bytes[HEADER as usize..]
            .chunks(ENTRY)
            .map(|entry| PastSession::decode(entry).unwrap().next)
            .collect();
        assert!(found.contains(&50) && found.contains(&2), "{found:?}");
        assert!(entries(1)[0].resumed(b"session-other").is_none());
    }
}
