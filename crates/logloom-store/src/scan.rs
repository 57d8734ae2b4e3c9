//! Lines of a file that nobody vouches for. In come an open file and an end; out go the number of
//! bytes that are whole valid lines from the start on, and what they hold. The first line that is no JSON
//! object ends the search.

use std::io;
use std::ops::Range;

use crate::head::slot::Tally;
use crate::json;
use crate::sys::File;

const CHUNK: usize = 1 << 20;
const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// What [`valid_lines`] found.
pub(crate) struct Valid {
    /// Bytes from the start of the file to the end of the last valid line.
    pub(crate) bytes: u64,
    pub(crate) tally: Tally,
}

/// Reads the whole lines of `file` from its start to `end`, until one is no JSON object. Needs memory for
/// the longest line; what cannot become a line, as the zeros after a power loss, is not read on.
pub(crate) fn valid_lines(file: &File, end: u64) -> io::Result<Valid> {
    let mut valid = Valid { bytes: 0, tally: Tally::default() };
    let mut chunk = vec![0u8; CHUNK];
    loop {
        let wanted = (end - valid.bytes).min(chunk.len() as u64) as usize;
        let length = file.read_at(&mut chunk[..wanted], valid.bytes)?;
        let consumed = take_lines(&chunk[..length], &mut valid.tally);
        valid.bytes += consumed.bytes as u64;
        if consumed.is_bad || length < wanted || valid.bytes >= end {
            return Ok(valid);
        }
        if consumed.bytes == 0 {
            if wanted < chunk.len() {
                return Ok(valid);
            }
            let doubled = chunk.len() * 2;
            chunk.resize(doubled, 0);
        }
    }
}

/// Whether `wanted` stands anywhere in `range` of the file. Reads all of it, if need be; needs memory for
/// twice the length of `wanted`.
pub(crate) fn contains(file: &File, range: Range<u64>, wanted: &[u8]) -> io::Result<bool> {
    let mut chunk = vec![0u8; CHUNK.max(2 * wanted.len())];
    let mut start = range.start;
    while start + wanted.len() as u64 <= range.end {
        let length = (range.end - start).min(chunk.len() as u64) as usize;
        let length = file.read_at(&mut chunk[..length], start)?;
        if memchr::memmem::find(&chunk[..length], wanted).is_some() {
            return Ok(true);
        }
        if length < chunk.len() {
            return Ok(false);
        }
        // The next chunk begins where an occurrence across both would.
        start += (length - wanted.len()) as u64 + 1;
    }
    Ok(false)
}

struct Consumed {
    bytes: usize,
    is_bad: bool,
}

fn take_lines(bytes: &[u8], tally: &mut Tally) -> Consumed {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', bytes) {
        let line = &bytes[start..end];
        if !json::is_object(line) {
            return Consumed { bytes: start, is_bad: true };
        }
        tally.add(&tally_of(line));
        start = end + 1;
    }
    // No object begins with another byte, and no text of JSON holds a zero.
    let rest = &bytes[start..];
    let is_bad = rest.first().is_some_and(|byte| *byte != b'{') || rest.contains(&0);
    Consumed { bytes: start, is_bad }
}

/// One line's level and time, where it has them in the usual form.
fn tally_of(line: &[u8]) -> Tally {
    let mut tally = Tally { lines: 1, ..Tally::default() };
    let members = json::members(line).unwrap_or_default();
    let level = json::text(&members, "level");
    if let Some(index) = level.and_then(|level| LEVELS.iter().position(|known| *known == level)) {
        tally.levels[index] = 1;
    }
    let time = json::text(&members, "timestamp").and_then(|text| crate::time::parse(&text));
    tally.times = time.map(|time| (time, time));
    tally
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::sys::{Links, LinuxPlatform, OpenMode, Platform};

    #[test]
    fn the_begin_of_a_line_that_cannot_be_one_ends_the_search() {
        for (text, is_bad) in [("{}\n{\"a\":", false), ("{}\n", false), ("{}\nx", true)] {
            let consumed = take_lines(text.as_bytes(), &mut Tally::default());
            assert_eq!((consumed.bytes, consumed.is_bad), (3, is_bad), "{text}");
        }
        assert!(take_lines(b"{}\n{\"a\":\"\0\0", &mut Tally::default()).is_bad);
    }

    #[test]
    fn bytes_are_found_across_chunks_and_nowhere_else() {
        let root = tempfile::tempdir().unwrap();
        let handle = LinuxPlatform.open_directory(root.path(), Links::Refuse).unwrap();
        let directory = File::new(Arc::new(LinuxPlatform), handle);
        let file = directory.open("x", OpenMode::CreateNew).unwrap();
        let end = 3 * CHUNK as u64;
        file.truncate(end).unwrap();
        let wanted = b"wanted\n";
        for at in [0, CHUNK as u64 - 3, 2 * CHUNK as u64 - 9, end - wanted.len() as u64] {
            file.write_at(wanted, at).unwrap();
            assert!(contains(&file, 0..end, wanted).unwrap(), "{at}");
            assert!(!contains(&file, at + 1..end, wanted).unwrap(), "{at}");
            assert!(!contains(&file, 0..at + 6, wanted).unwrap(), "{at}");
            file.write_at(&[0; 7], at).unwrap();
        }
    }
}
