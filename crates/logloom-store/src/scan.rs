//! Bytes of files and what is counted of their lines. In come lines, whole ones; out go their levels and times.
//! A line that is no record counts as one of any time. Which lines of a file are damaged says `survey.rs`.

use std::io;
use std::ops::Range;

use crate::head::slot::Tally;
use crate::json;
use crate::read::FileReader;
use crate::sys::File;

const CHUNK: usize = 1 << 20;
const TAIL_CHUNK: u64 = 64 * 1024;
const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// Something with bytes at offsets: a plain file, or a compressed one.
pub(crate) trait Bytes {
    /// Reads until `buffer` is full or the bytes end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

impl Bytes for File {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        File::read_at(self, buffer, offset)
    }
}

/// The good part of a damaged file: up to the first line that cannot be had.
impl Bytes for FileReader {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match FileReader::read_at(self, buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(0),
            other => other,
        }
    }
}

/// Whether `wanted` stands anywhere in `range` of the file. Reads all of it, if need be; needs memory for
/// twice the length of `wanted`.
pub(crate) fn contains(file: &impl Bytes, range: Range<u64>, wanted: &[u8]) -> io::Result<bool> {
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

/// One line's level and time, where it has them in the usual form. A line whose time is not known here may
/// have one for those who read it, so that nothing can be said of the times of its file.
pub(crate) fn tally_of(line: &[u8]) -> Tally {
    let mut tally = Tally { lines: 1, ..Tally::default() };
    let members = json::members(line).unwrap_or_default();
    let level = json::text(&members, "level");
    if let Some(index) = level.and_then(|level| LEVELS.iter().position(|known| *known == level)) {
        tally.levels[index] = 1;
    }
    // A name with escapes may be the one that is looked for, and stand before it.
    let is_first = |(name, _): &&(&str, &[u8])| *name == "timestamp" || name.contains('\\');
    let text = members.iter().find(is_first).and_then(|member| json::text(&[*member], "timestamp"));
    let time = text.and_then(|text| crate::time::parse(&text));
    tally.times = Some(time.map_or(Tally::ANY_TIME, |time| (time, time)));
    tally
}

/// Counts whole lines as [`tally_of`] does each. Lines that begin as those of the library do, with time and
/// level, are not parsed any further.
pub(crate) fn quick_tally(lines: &[u8]) -> Tally {
    let mut tally = Tally::default();
    let mut is_exact = true;
    let mut span: Option<(&[u8], &[u8])> = None;
    for line in each_line(lines) {
        let Some((time, level)) = quick_look(line) else {
            tally.add(&tally_of(line));
            continue;
        };
        tally.lines += 1;
        if let Some(index) = LEVELS.iter().position(|known| known.as_bytes() == level) {
            tally.levels[index] += 1;
        }
        // Times of one form and length compare like their text; only the outermost are parsed.
        span = match span {
            Some((low, high)) if low.len() == time.len() => Some((low.min(time), high.max(time))),
            Some(span) => {
                is_exact &= add_span(&mut tally, span);
                Some((time, time))
            }
            None => Some((time, time)),
        };
    }
    is_exact &= span.is_none_or(|span| add_span(&mut tally, span));
    if is_exact { tally } else { slow_tally(lines) }
}

/// A text that is no time may have hidden those of others: each is parsed.
fn slow_tally(lines: &[u8]) -> Tally {
    let mut tally = Tally::default();
    for line in each_line(lines) {
        tally.add(&tally_of(line));
    }
    tally
}

/// Empty ones too: they are damaged lines as others are.
fn each_line(lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}

fn add_span(tally: &mut Tally, (low, high): (&[u8], &[u8])) -> bool {
    let parse = |text: &[u8]| std::str::from_utf8(text).ok().and_then(crate::time::parse);
    let (Some(low), Some(high)) = (parse(low), parse(high)) else { return false };
    tally.add(&Tally { times: Some((low, high)), ..Tally::default() });
    true
}

/// Time and level of a line that begins with them.
fn quick_look(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = line.strip_prefix(b"{\"timestamp\":\"")?;
    let (time, rest) = rest.split_at_checked(memchr::memchr(b'"', rest)?)?;
    // Else a foreign text could stand between two times and hide that nothing is known of it.
    let level = rest.strip_prefix(b"\",\"level\":\"").filter(|_| looks_usual(time))?;
    let end = memchr::memchr(b'"', &level[..level.len().min(8)])?;
    Some((time, &level[..end]))
}

/// Whether a text has the form of a time, as far as its letters tell; a 30th of February has it too.
fn looks_usual(time: &[u8]) -> bool {
    const FORM: &[u8; 19] = b"9999-19-39T29:59:59";
    let Some((head, [fraction @ .., b'Z'])) = time.split_first_chunk::<19>() else { return false };
    let fits = head.iter().zip(FORM).all(|(byte, form)| match form {
        b'0'..=b'9' => (b'0'..=*form).contains(byte),
        _ => byte == form,
    });
    let is_fraction = match fraction {
        [] => true,
        [b'.', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    fits && is_fraction && &head[5..7] <= b"12" && &head[8..10] <= b"31" && &head[11..13] <= b"23"
}

/// The position after the last newline of a file.
pub(crate) fn last_newline(file: &File) -> io::Result<u64> {
    let mut end = file.stat()?.size;
    let mut chunk = vec![0u8; TAIL_CHUNK as usize];
    while end > 0 {
        let start = end.saturating_sub(TAIL_CHUNK);
        let wanted = (end - start) as usize;
        let length = file.read_at(&mut chunk[..wanted], start)?;
        if let Some(at) = memchr::memrchr(b'\n', &chunk[..length]) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::sys::{Links, LinuxPlatform, OpenMode, Platform};

    #[test]
    fn the_quick_look_counts_what_the_slow_one_does() {
        let lines = [
            r#"{"timestamp":"2026-11-22T01:08:44.123456Z","level":"WARN","a":1}"#,
            r#"{"timestamp":"2026-11-22T01:08:43.123456Z","level":"INFO"}"#,
            r#"{"timestamp":"2026-11-22T01:08:45.123456789Z","level":"LOUD"}"#,
            r#"{"timestamp":"not a time at all, Z","level":"ERROR"}"#,
            r#"{"level":"FATAL","timestamp":"2026-11-22T01:09:45Z"}"#,
            r#"{"timestamp":"2026-11-22T01:08:42.123456Z","level":"TRACE"}"#,
            r#"{"timestamp":"2026-99-22T01:08:42.123456Z","level":"TRACE"}"#,
            "no record",
            "",
        ];
        for count in 0..=lines.len() {
            let text: String = lines[..count].iter().map(|line| format!("{line}\n")).collect();
            let mut expected = Tally::default();
            lines[..count].iter().for_each(|line| expected.add(&tally_of(line.as_bytes())));
            assert_eq!(quick_tally(text.as_bytes()), expected, "{count}");
        }
    }

    #[test]
    fn a_line_with_a_time_of_its_own_form_leaves_every_moment_possible() {
        let usual = r#"{"timestamp":"2026-11-22T01:08:44.5Z","level":"INFO"}"#;
        let time = crate::time::parse("2026-11-22T01:08:44.5Z").unwrap();
        for (line, times) in [
            (r#"{"n":1, "timestamp":"2026-11-22T01:08:44.5Z"}"#, (time, time)),
            (
                r#"{"timestamp":"2026-11-22T01:08:43.5Z","timestamp":1}"#,
                (time - 1_000_000_000, time),
            ),
            (r#"{"timestamp":1,"timestamp":"2026-11-22T01:08:43.5Z"}"#, Tally::ANY_TIME),
            (r#"{"\u0074imestamp":"x","timestamp":"2026-11-22T01:08:43.5Z"}"#, Tally::ANY_TIME),
            (r#"{"timestamp":"2026-11-22 01:08:43"}"#, Tally::ANY_TIME),
            (r#"{"timestamp":"2026-11-22T01:08:43+01:00","level":"INFO"}"#, Tally::ANY_TIME),
            (r#"{"timestamp":"2026-11-22T23:59:60Z","level":"INFO"}"#, Tally::ANY_TIME),
            (r#"{"timestamp":"2026-11-22T01:08:3xZ","level":"INFO"}"#, Tally::ANY_TIME),
            (r#"{"time":1732,"level":"INFO"}"#, Tally::ANY_TIME),
        ] {
            let text = format!("{usual}\n{line}\n{usual}\n");
            let tally = slow_tally(text.as_bytes());
            assert_eq!((tally.lines, tally.times), (3, Some(times)), "{line}");
            assert_eq!(quick_tally(text.as_bytes()), tally, "{line}");
        }
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
