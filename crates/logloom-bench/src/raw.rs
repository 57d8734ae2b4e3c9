//! The floor without a logger: one `write(2)` a record, of the same bytes as Logloom's line.
//!
//! The line stands ready; only the sequence number is put in before the write, padded with blanks.
//! What was written outlives the process, as with Logloom.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io::Write;

use logloom_bench::workload::action::{TEXTS, TYPE};
use logloom_bench::workload::{Fields, MESSAGE, Party, Setup};

/// Its name on the command line.
pub(crate) const NAME: &str = "raw";
const HEAD: &str = "{\"timestamp\":\"2026-01-01T00:00:00.000000Z\",\"level\":\"INFO\",\
                    \"service\":\"logloom-bench\",\"module\":\"logloom_bench::ours\",\"message\":\"";
const DIGITS: usize = 14;

/// A file that every thread writes to.
pub(crate) struct Raw {
    file: File,
    /// The line of a message alone.
    message: String,
}

thread_local! {
    static LINE: RefCell<(Vec<u8>, usize)> = RefCell::new(line());
    static ACTION: RefCell<(Vec<u8>, usize)> = RefCell::new(action_line());
}

/// The line, and where its number ends.
fn line() -> (Vec<u8>, usize) {
    let mut line = format!("{HEAD}{MESSAGE}\",\"seq\":").into_bytes();
    line.extend([b' '; DIGITS]);
    let end = line.len();
    line.extend_from_slice(
        b",\"delta\":-123456,\"price\":1234.56,\"client\":\"client-00000alfa\"}\n",
    );
    (line, end)
}

/// The line of an action, and where its number ends.
fn action_line() -> (Vec<u8>, usize) {
    let texts = TEXTS;
    let mut line = format!(
        "{{\"timestamp\":\"2026-01-01T00:00:00.000000Z\",\"level\":\"INFO\",\"action_number\":1234567,\
         \"action_type\":\"{TYPE}\",\"session_id\":\"{}\",\"execution_id\":\"{}\",\"tool_name\":\"{}\",\
         \"tool_use_id\":\"{}\",\"permission_level\":\"{}\",\"args\":{{\"command\":\"{}\",\
         \"description\":\"{}\",\"seq\":",
        texts.session,
        texts.execution,
        texts.tool,
        texts.tool_use,
        texts.permission,
        texts.command,
        texts.description
    )
    .into_bytes();
    line.extend([b' '; DIGITS]);
    let end = line.len();
    line.extend_from_slice(b"}}\n");
    (line, end)
}

/// Opens the file for appending.
pub(crate) fn start(setup: &Setup) -> Result<Raw, String> {
    let path = setup.directory.join("raw.log");
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Raw { file, message: format!("{HEAD}{MESSAGE}\"}}\n") })
}

impl Party for Raw {
    #[inline(always)]
    fn fields(&self, fields: Fields) {
        LINE.with_borrow_mut(|(line, end)| {
            put_number(&mut line[..*end], fields.seq);
            // A write that fails shows as a missing record.
            let _ = (&self.file).write(line);
        });
    }

    #[inline(always)]
    fn message(&self) {
        // A write that fails shows as a missing record.
        let _ = (&self.file).write(self.message.as_bytes());
    }

    #[inline(always)]
    fn action(&self, seq: u64) {
        ACTION.with_borrow_mut(|(line, end)| {
            put_number(&mut line[..*end], seq);
            // A write that fails shows as a missing record.
            let _ = (&self.file).write(line);
        });
    }

    fn disabled(&self, _fields: Fields) {}

    fn finish(self) -> Option<u64> {
        None
    }
}

/// Writes the number's digits at the end of the place, blanks before them.
fn put_number(place: &mut [u8], mut number: u64) {
    let mut at = place.len();
    let start = at - DIGITS;
    loop {
        at -= 1;
        place[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 || at == start {
            break;
        }
    }
    place[start..at].fill(b' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_put_in_with_blanks() {
        let (mut line, end) = line();
        put_number(&mut line[..end], 123_456);
        put_number(&mut line[..end], 42);
        let text = String::from_utf8(line).unwrap();
        assert!(text.contains("\"seq\":            42,\"delta\""), "{text}");
    }
}
