//! What a follower saw, compared with the files: each line of each file, at its place, with its
//! bytes.
//!
//! The follower notes that it begins, notes a batch of lines before it saves its cursor, and notes
//! that it has saved it. One that is killed in between sees that batch again: at the same place, with
//! the same bytes. Any other line that comes twice is a fault.

use std::collections::HashMap;
use std::path::Path;

use super::oracle::day_files;
use super::{Outcome, failed};

/// Noted when a follower begins; in a line of its own, whatever a kill has left before it.
pub(crate) const BEGINS: &str = "\nbegins\n";
/// Noted when its cursor is saved.
pub(crate) const SAVED: &str = "saved\n";

/// A line as it is written down: file, offset, length, checksum.
pub(crate) fn note(file: &str, offset: u64, line: &[u8]) -> String {
    format!("{file} {offset} {} {:08x}\n", line.len(), crc32fast::hash(line))
}

/// Length and checksum of a line.
type Shape = (u64, String);

/// A line that was seen: what it was like, by which follower, and how many cursors had been saved.
struct Seen {
    shape: Shape,
    follower: usize,
    saved: u64,
}

/// Lines that were missed, seen twice, changed afterwards, or never there; with the first as a
/// sentence.
pub(crate) fn faults(directory: &Path, notes: &Path) -> Outcome<(u64, Option<String>)> {
    let doing = format!("read {}", notes.display());
    let text = std::fs::read_to_string(notes).map_err(failed(&doing))?;
    let mut faults: Vec<String> = Vec::new();
    let mut seen = read_notes(&text, &mut faults);
    for path in day_files(directory)? {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
        let bytes = std::fs::read(&path).map_err(failed("read a day file"))?;
        let mut offset = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let whole = line.strip_suffix(b"\n").unwrap_or(line);
            let wanted = (whole.len() as u64, format!("{:08x}", crc32fast::hash(whole)));
            match seen.remove(&(name.clone(), offset)) {
                Some(found) if found.shape == wanted => {}
                Some(_) => faults.push(format!("{name} at {offset} was seen as another line")),
                None => faults.push(format!("{name} at {offset} was never seen")),
            }
            offset += line.len() as u64;
        }
    }
    faults.extend(seen.keys().map(|(file, offset)| format!("{file} at {offset} is not there")));
    Ok((faults.len() as u64, faults.into_iter().next()))
}

/// A note that was torn by a kill is left out: its line is seen again.
fn read_notes(text: &str, faults: &mut Vec<String>) -> HashMap<(String, u64), Seen> {
    let mut seen: HashMap<(String, u64), Seen> = HashMap::new();
    // How many cursors had been saved when each follower ended: what it noted after is seen again.
    let (mut ends, mut saved) = (Vec::new(), 0);
    for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let words: Vec<&str> = line.split(' ').collect();
        if line == BEGINS.trim() {
            ends.push(saved);
        }
        saved += u64::from(line == SAVED.trim());
        let [file, offset, length, crc] = words[..] else { continue };
        let (Ok(offset), Ok(length)) = (offset.parse::<u64>(), length.parse::<u64>()) else {
            continue;
        };
        let now = Seen { shape: (length, crc.to_owned()), follower: ends.len(), saved };
        match seen.get(&(file.to_owned(), offset)) {
            Some(before) if before.shape != now.shape => {
                faults.push(format!("{file} at {offset} was seen as two different lines"));
            }
            Some(before) if ends.get(before.follower) != Some(&before.saved) => {
                faults.push(format!("{file} at {offset} was seen twice"));
            }
            _ => {}
        }
        seen.insert((file.to_owned(), offset), now);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with the notes of a day file that holds the lines `one` and `two`.
    fn first_fault(notes: &[&str]) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.jsonl"), "one\ntwo\n").unwrap();
        std::fs::write(folder.path().join("notes"), notes.concat()).unwrap();
        faults(folder.path(), &folder.path().join("notes")).unwrap().1
    }

    #[test]
    fn a_line_is_seen_again_only_where_its_cursor_was_not_saved() {
        let (one, two) = (&*note("a.jsonl", 0, b"one"), &*note("a.jsonl", 4, b"two"));
        let twice = Some("a.jsonl at 4 was seen twice".to_owned());
        assert_eq!(first_fault(&[BEGINS, one, SAVED, two, SAVED]), None);
        assert_eq!(first_fault(&[BEGINS, one, SAVED, two, BEGINS, two, SAVED]), None);
        assert_eq!(first_fault(&[BEGINS, one, SAVED, two, "a.js", BEGINS, two, SAVED]), None);
        assert_eq!(first_fault(&[BEGINS, one, BEGINS, two, SAVED, one, SAVED]), None);
        assert_eq!(first_fault(&[BEGINS, one, SAVED, two, two, SAVED]), twice);
        assert_eq!(first_fault(&[BEGINS, one, two, SAVED, BEGINS, two, SAVED]), twice);
    }

    #[test]
    fn what_is_missed_or_another_line_is_a_fault() {
        let (one, two) = (&*note("a.jsonl", 0, b"one"), &*note("a.jsonl", 4, b"two"));
        let other = &*note("a.jsonl", 4, b"six");
        assert_eq!(first_fault(&[one]).unwrap(), "a.jsonl at 4 was never seen");
        assert_eq!(first_fault(&[one, other]).unwrap(), "a.jsonl at 4 was seen as another line");
        let beyond = &*note("a.jsonl", 8, b"six");
        assert_eq!(first_fault(&[one, two, beyond]).unwrap(), "a.jsonl at 8 is not there");
    }
}
