//! What a follower saw, compared with the files: each line of each file, at its place, with its
//! bytes.
//!
//! The follower writes a line down before it saves its cursor, so one that is killed in between
//! sees that line again: at the same place, with the same bytes, or it is a fault.

use std::collections::HashMap;
use std::path::Path;

use super::oracle::day_files;
use super::{Outcome, failed};

/// A line as it is written down: file, offset, length, checksum.
pub(crate) fn note(file: &str, offset: u64, line: &[u8]) -> String {
    format!("{file} {offset} {} {:08x}\n", line.len(), crc32fast::hash(line))
}

/// Length and checksum of a line.
type Shape = (u64, String);

/// Lines that were missed, changed afterwards, or never there; with the first as a sentence.
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
                Some(found) if found == wanted => {}
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
fn read_notes(text: &str, faults: &mut Vec<String>) -> HashMap<(String, u64), Shape> {
    let mut seen = HashMap::new();
    for line in text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')) {
        let words: Vec<&str> = line.split(' ').collect();
        let [file, offset, length, crc] = words[..] else { continue };
        let (Ok(offset), Ok(length)) = (offset.parse::<u64>(), length.parse::<u64>()) else {
            continue;
        };
        let shape = (length, crc.to_owned());
        let before = seen.insert((file.to_owned(), offset), shape.clone());
        if before.is_some_and(|before| before != shape) {
            faults.push(format!("{file} at {offset} was seen as two different lines"));
        }
    }
    seen
}
