//! Takes the files a logger wrote and how many records each thread handed over, hands on what is
//! there; refuses nothing: a line without a sequence number counts as strange.
//!
//! It reads the bytes itself and knows no logger: a sequence number is what follows `seq` and some
//! punctuation, in JSON as in text.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use memchr::memmem;
use serde::{Deserialize, Serialize};

use crate::workload::THREAD_SHIFT;

/// What one run left in its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Lines that hold the workload's marker.
    pub lines: u64,
    /// Records handed over that are in no line.
    pub missing: u64,
    /// Records in more than one line.
    pub doubled: u64,
    /// Lines with the marker but with a sequence number that nobody used, or none.
    pub strange: u64,
    /// Bytes of all files.
    pub bytes: u64,
}

/// Reads every file in `directory`, those of its folders left out, and compares the lines that hold
/// `marker`.
///
/// # Errors
/// Whatever reading the directory or a file says.
pub fn with_numbers(
    directory: &Path,
    records_by_thread: &[u64],
    marker: &str,
) -> std::io::Result<Found> {
    let mut seen: Vec<Seen> = records_by_thread.iter().map(|&count| Seen::new(count)).collect();
    let mut found = Found::default();
    each_line(directory, marker, &mut found, |line, found| match number(line) {
        Some(number) => match seen.get_mut((number >> THREAD_SHIFT) as usize) {
            Some(thread) => thread.mark(number & ((1 << THREAD_SHIFT) - 1), found),
            None => found.strange += 1,
        },
        None => found.strange += 1,
    })?;
    found.missing = seen.iter().map(|thread| thread.count - thread.marked).sum();
    Ok(found)
}

/// The same where lines carry no number: only their count can be compared.
///
/// # Errors
/// Whatever reading the directory or a file says.
pub fn by_count(
    directory: &Path,
    records_by_thread: &[u64],
    marker: &str,
) -> std::io::Result<Found> {
    let mut found = Found::default();
    each_line(directory, marker, &mut found, |_, _| {})?;
    let records: u64 = records_by_thread.iter().sum();
    found.missing = records.saturating_sub(found.lines);
    found.doubled = found.lines.saturating_sub(records);
    Ok(found)
}

/// Which numbers of one thread have been seen.
struct Seen {
    bits: Vec<u64>,
    count: u64,
    marked: u64,
}

impl Seen {
    fn new(count: u64) -> Self {
        Seen { bits: vec![0; count.div_ceil(64) as usize], count, marked: 0 }
    }

    fn mark(&mut self, number: u64, found: &mut Found) {
        if number >= self.count {
            found.strange += 1;
            return;
        }
        let (word, bit) = ((number / 64) as usize, 1 << (number % 64));
        if self.bits[word] & bit != 0 {
            found.doubled += 1;
        } else {
            self.bits[word] |= bit;
            self.marked += 1;
        }
    }
}

/// Calls `each` for every line with the workload's marker.
fn each_line(
    directory: &Path,
    marker: &str,
    found: &mut Found,
    mut each: impl FnMut(&[u8], &mut Found),
) -> std::io::Result<()> {
    let marker = memmem::Finder::new(marker);
    for path in files(directory)? {
        let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            found.bytes += line.len() as u64;
            // A line without its end was torn and is no record.
            if line.ends_with(b"\n") && marker.find(&line).is_some() {
                found.lines += 1;
                each(&line, found);
            }
            line.clear();
        }
    }
    Ok(())
}

/// Files directly in the directory that a reader would call logs.
fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let is_log = path.is_file()
            && path.file_name().is_some_and(|name| name.as_encoded_bytes() != b"metadata.json");
        if is_log {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The digits after `seq` and up to four bytes of punctuation or blanks; blanks may be more.
fn number(line: &[u8]) -> Option<u64> {
    let after = &line[memmem::find(line, b"seq")? + 3..];
    let digits = after.iter().position(u8::is_ascii_digit)?;
    let between = &after[..digits];
    if !between.iter().all(|byte| matches!(byte, b'"' | b':' | b'=' | b' ')) {
        return None;
    }
    let mut value = 0_u64;
    for byte in after[digits..].iter().take_while(|byte| byte.is_ascii_digit()) {
        value = value.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::MESSAGE;

    fn found(text: &str, records: &[u64]) -> Found {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.log"), text).unwrap();
        std::fs::write(folder.path().join("metadata.json"), MESSAGE).unwrap();
        let mut found = with_numbers(folder.path(), records, MESSAGE).unwrap();
        found.bytes = 0;
        found
    }

    #[test]
    fn text_and_json_are_read() {
        let second = 1_u64 << THREAD_SHIFT;
        let text = format!(
            "x {MESSAGE} seq=0 delta=1\n{{\"message\":\"{MESSAGE}\",\"seq\":1}}\n\
             {{\"seq\":     {second},\"message\":\"{MESSAGE}\"}}\nanother program's line\n"
        );
        assert_eq!(found(&text, &[2, 1]), Found { lines: 3, ..Found::default() });
    }

    #[test]
    fn missing_doubled_and_strange_are_told_apart() {
        let text = format!("{MESSAGE} seq=0\n{MESSAGE} seq=0\n{MESSAGE} seq=9\n{MESSAGE} seq=x1\n");
        let expected = Found { lines: 4, missing: 1, doubled: 1, strange: 2, bytes: 0 };
        assert_eq!(found(&text, &[2]), expected);
    }

    #[test]
    fn a_torn_last_line_is_no_record() {
        assert_eq!(found(&format!("{MESSAGE} seq=0\n{MESSAGE} seq=1"), &[2]).missing, 1);
    }

    #[test]
    fn counts_are_compared_where_there_are_no_numbers() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.log"), format!("{MESSAGE}\n{MESSAGE}\n")).unwrap();
        assert_eq!(by_count(folder.path(), &[2, 1], MESSAGE).unwrap().missing, 1);
        assert_eq!(by_count(folder.path(), &[1], MESSAGE).unwrap().doubled, 1);
    }
}
