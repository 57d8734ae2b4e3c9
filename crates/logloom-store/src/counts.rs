//! Records by action type and status, for `metadata.json`. In come committed lines, each read once; out goes
//! `.logloom/counts.json`, which says how far each file was counted. A program that loses it counts anew.
//! Only lines with an `action_type` are parsed; all others cost a search for that word.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::directory::{Directory, lock};
use crate::error::StoreError;
use crate::head::lock::{Region, try_acquire};
use crate::json::{self, Members, quote};
use crate::key::FileKey;
use crate::read::{FileSnapshot, Order};

const NAME: &str = "counts.json";
const VERSION: u64 = 1;
const BYTES_MAX: u64 = 64 << 20;
const CHUNK: usize = 256 * 1024;
const WORD: &[u8] = b"\"action_type\"";
/// More names than the documented ones are counted together under this one.
const OTHERS: &str = "other";
const NAMES_MAX: usize = 64;
const NAME_BYTES_MAX: usize = 64;

/// Records by name.
type Names = BTreeMap<String, u64>;

/// What is counted of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// How many of its bytes were looked at.
    pub(crate) bytes: u64,
    pub(crate) types: Names,
    pub(crate) statuses: Names,
}

/// Counts by file and its birth.
pub(crate) type AllCounts = BTreeMap<(FileKey, u64), Counts>;

/// Inode and time of change of the counts that were read last, and those counts.
pub(crate) type KnownCounts = ((u64, i64), Arc<AllCounts>);

impl Directory {
    /// Counts the lines committed since the last time, up to `bytes_max` of them; returns whether there was
    /// anything to count. Another process may be doing it: then there is not.
    ///
    /// # Errors
    /// The catalogue cannot be read or the counts not be written. A file that cannot be read is left out.
    pub fn count_actions(&self, bytes_max: u64) -> Result<bool, StoreError> {
        let head = self.shared.head()?;
        let Some(_house) = try_acquire(&head, Region::House)? else { return Ok(false) };
        let snapshot = self.snapshot(Order::NewestFirst)?;
        let mut known = AllCounts::clone(&self.counts());
        let mut all = AllCounts::new();
        let mut rest = bytes_max;
        for file in &snapshot.files {
            let key = (file.key, file.birth);
            let mut counts = known.remove(&key).unwrap_or_default();
            if counts.bytes < file.committed && rest > 0 {
                let before = counts.bytes;
                // What cannot be read now is tried again with the next line.
                let _ = self.count_file(file, &mut counts, rest);
                rest = rest.saturating_sub(counts.bytes - before);
            }
            all.insert(key, counts);
        }
        if rest == bytes_max && known.is_empty() {
            return Ok(false);
        }
        let replaced = self.shared.control.replace(NAME, to_json(&all).as_bytes());
        replaced.map_err(StoreError::io(format!("write .logloom/{NAME}")))?;
        Ok(true)
    }

    /// What was counted so far; nothing where it cannot be read.
    pub(crate) fn counts(&self) -> Arc<AllCounts> {
        let stat = self.shared.control.stat_at(NAME);
        let Ok(identity) = stat.map(|stat| (stat.inode, stat.modified_ns)) else {
            return Arc::default();
        };
        let mut known = lock(&self.shared.counts);
        if known.0 != identity {
            let text = self.shared.control.read_whole(NAME, BYTES_MAX).unwrap_or_default();
            *known = (identity, Arc::new(from_json(&text).unwrap_or_default()));
        }
        known.1.clone()
    }

    fn count_file(
        &self,
        file: &FileSnapshot,
        counts: &mut Counts,
        bytes_max: u64,
    ) -> Result<(), StoreError> {
        let doing = format!("count {}", file.key);
        let Some(reader) = self.open_file(file)? else { return Ok(()) };
        let end = file.committed.min(counts.bytes.saturating_add(bytes_max));
        let mut chunk = vec![0u8; CHUNK];
        while counts.bytes < end {
            let length = reader
                .read_over(&mut chunk, counts.bytes)
                .map_err(StoreError::io(doing.clone()))?;
            let Some(whole) = memchr::memrchr(b'\n', &chunk[..length]) else {
                if length < chunk.len() {
                    return Ok(());
                }
                let doubled = chunk.len() * 2;
                chunk.resize(doubled, 0);
                continue;
            };
            counts.add_lines(&chunk[..=whole]);
            counts.bytes += whole as u64 + 1;
        }
        Ok(())
    }
}

impl Counts {
    fn add_lines(&mut self, lines: &[u8]) {
        let mut start = 0;
        while let Some(found) = memchr::memmem::find(&lines[start..], WORD) {
            let at = start + found;
            let begin = memchr::memrchr(b'\n', &lines[..at]).map_or(0, |feed| feed + 1);
            let end = memchr::memchr(b'\n', &lines[at..]).map_or(lines.len(), |feed| at + feed);
            self.add_line(&lines[begin..end]);
            start = end;
        }
    }

    fn add_line(&mut self, line: &[u8]) {
        let members = json::members(line).unwrap_or_default();
        let Some(kind) = json::text(&members, "action_type") else { return };
        add(&mut self.types, kind);
        if let Some(status) = json::text(&members, "status") {
            add(&mut self.statuses, status);
        }
    }

    /// The counts as members of an object, each after a comma.
    pub(crate) fn push(&self, text: &mut String) {
        for (name, counts) in [("types", &self.types), ("statuses", &self.statuses)] {
            let _ = write!(text, ",\"{name}\":{{");
            for (index, (name, count)) in counts.iter().enumerate() {
                let comma = if index > 0 { "," } else { "" };
                let _ = write!(text, "{comma}{}:{count}", quote(name));
            }
            text.push('}');
        }
    }
}

fn add(names: &mut Names, name: String) {
    let is_known = names.contains_key(&name);
    let has_room = names.len() < NAMES_MAX && name.len() <= NAME_BYTES_MAX;
    let name = if is_known || has_room { name } else { OTHERS.to_owned() };
    *names.entry(name).or_default() += 1;
}

fn to_json(all: &AllCounts) -> String {
    let mut text = format!("{{\"version\":{VERSION},\"files\":[");
    for (index, ((key, birth), counts)) in all.iter().enumerate() {
        let comma = if index > 0 { ",\n" } else { "\n" };
        let _ = write!(
            text,
            "{comma}{{\"name\":\"{key}\",\"birth\":{birth},\"bytes\":{}",
            counts.bytes
        );
        counts.push(&mut text);
        text.push('}');
    }
    text.push_str("\n]}\n");
    text
}

fn from_json(text: &[u8]) -> Option<AllCounts> {
    let members = json::members(text)?;
    if json::unsigned(&members, "version")? != VERSION {
        return None;
    }
    json::objects(&members, "files")?.iter().map(file_counts).collect()
}

fn file_counts(members: &Members<'_>) -> Option<((FileKey, u64), Counts)> {
    let key = FileKey::from_file_name(&json::text(members, "name")?)?;
    let counts = Counts {
        bytes: json::unsigned(members, "bytes")?,
        types: names(members, "types")?,
        statuses: names(members, "statuses")?,
    };
    Some(((key, json::unsigned(members, "birth")?), counts))
}

fn names(members: &Members<'_>, name: &str) -> Option<Names> {
    let inner = json::members(json::raw(members, name)?)?;
    let decoded = |name: &str| json::text(&[("name", format!("\"{name}\"").as_bytes())], "name");
    inner.iter().map(|(name, _)| Some((decoded(name)?, json::unsigned(&inner, name)?))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_members_of_records_are_counted() {
        let mut counts = Counts::default();
        counts.add_lines(
            b"{\"action_type\":\"tool_call\",\"status\":\"success\"}\n\
              {\"status\":\"ok\"}\n\
              {\"message\":\"\\\"action_type\\\":\\\"no\\\"\"}\n\
              {\"a\":{\"action_type\":\"no\",\"status\":\"no\"}}\n\
              {\"action_type\":\"tool_call\",\"p\":{\"action_type\":\"no\"}}\n\
              broken \"action_type\":\"no\"\n",
        );
        assert_eq!(counts.types, Names::from([("tool_call".to_owned(), 2)]));
        assert_eq!(counts.statuses, Names::from([("success".to_owned(), 1)]));
    }

    #[test]
    fn names_are_bounded_and_round_trip() {
        let mut counts = Counts { bytes: 7, ..Counts::default() };
        for number in 0..200 {
            add(&mut counts.types, format!("a\"{number}"));
        }
        add(&mut counts.types, "x".repeat(1000));
        assert_eq!((counts.types.len(), counts.types[OTHERS]), (NAMES_MAX + 1, 137));
        let key = FileKey::from_file_name("2026-11-21.001.jsonl").unwrap();
        let all = AllCounts::from([((key, 9), counts)]);
        let text = to_json(&all);
        let _: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(from_json(text.as_bytes()), Some(all));
    }
}
