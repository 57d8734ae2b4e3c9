//! Whether a file is a day file of our own, whose lines count as they stand.
//!
//! Takes the path of a file and its first bytes, unpacked. Other loggers use our names of members too, in their own
//! forms of times and levels, so that the names alone say nothing: the file has to have the name of a day file, packed
//! or not, and each of its first lines that is JSON has to begin as all of ours do, with a time and a level in our
//! only form of them.

use std::path::Path;

use logloom_filter::LineView;
use logloom_query::LogFile;
use logloom_record::Level;
use logloom_store::read::Order;
use logloom_store::{FileKey, FileState};

use crate::place;

/// Whether it is one, as its name and these first bytes of it say.
pub(super) fn is_own(path: &Path, head: &[u8]) -> bool {
    if !has_own_name(path) {
        return false;
    }
    let mut lines = head.split_inclusive(|byte| *byte == b'\n');
    let is_records = |line: &[u8]| LineView::new(line.trim_ascii()).is_well_formed();
    // What the head cuts off is no JSON, as is a damaged line: neither says whose file it is.
    let mut records = lines.by_ref().filter(|line| is_records(line)).peekable();
    records.peek().is_some() && records.all(begins_as_ours)
}

fn has_own_name(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    FileKey::from_file_name(plain).is_some()
}

/// `{"timestamp":"2026-11-21T14:32:15.123456Z","level":"INFO"`, then whatever else.
fn begins_as_ours(line: &[u8]) -> bool {
    let after_time = |line| {
        let rest = <[u8]>::strip_prefix(line, b"{\"timestamp\":\"")?;
        let (time, rest) = rest.split_at_checked(memchr::memchr(b'"', rest)?)?;
        has_our_form(time).then_some(rest)
    };
    let Some(rest) = after_time(line) else { return false };
    let Some(level) = rest.strip_prefix(b"\",\"level\":\"") else { return false };
    let end = memchr::memchr(b'"', level).unwrap_or(0);
    Level::ALL.iter().any(|known| known.as_str().as_bytes() == &level[..end])
}

fn has_our_form(time: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00.";
    let Some((head, [digits @ .., b'Z'])) = time.split_at_checked(FORM.len()) else { return false };
    let fits = head.iter().zip(FORM).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    });
    fits && matches!(digits.len(), 6 | 9) && digits.iter().all(u8::is_ascii_digit)
}

/// The plain file as it is to be searched. What a writer has begun is no line yet; behind the end of a file that
/// nobody writes to, what has no line feed is one all the same.
pub(super) fn open(path: &Path) -> std::io::Result<LogFile> {
    let file = LogFile::of_path(path)?;
    Ok(match committed(path) {
        Some(length) => file.up_to(length),
        None => file,
    })
}

/// How far a file with the name of a day file reaches that a log directory has open.
pub(super) fn committed(path: &Path) -> Option<u64> {
    if !has_own_name(path) {
        return None;
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = place::open_reader(folder.unwrap_or(Path::new("."))).ok()?;
    directory.store_id()?;
    let snapshot = directory.snapshot(Order::OldestFirst).ok()?;
    let mut files = snapshot.files.iter();
    let known = files.find(|file| file.path.file_name() == path.file_name())?;
    (known.state == FileState::Open).then_some(known.committed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str =
        "{\"timestamp\":\"2026-11-21T10:00:00.123456Z\",\"level\":\"INFO\",\"message\":\"x\"}\n";

    #[test]
    fn a_file_is_ours_by_its_name_and_by_all_its_lines() {
        let check = |name: &str, text: &str, expect: bool| {
            assert_eq!(is_own(Path::new(name), text.as_bytes()), expect, "{name} {text}");
        };
        for name in ["2026-11-21.jsonl", "a/2026-11-21.007.jsonl.gz", "2026-11-21.jsonl.zst"] {
            check(name, OURS, true);
            check(name, &format!("damaged\n{OURS}{{\"cut"), true);
        }
        for name in ["app.jsonl", "2026-11-21.log", "2026-11-21.jsonl.bz2"] {
            check(name, OURS, false);
        }
        let ours = "2026-11-21.jsonl";
        check(ours, "", false);
        check(ours, "plain words\n", false);
        check(ours, &format!("{OURS}{}", OURS.replace("INFO", "WARNING")), false);
        check(ours, &OURS.replace("\"INFO\"", "30"), false);
        check(ours, &OURS.replace("\"2026-11-21T10:00:00.123456Z\"", "1763719200"), false);
        check(ours, &OURS.replace(".123456Z", ".123456+01:00"), false);
        check(ours, &OURS.replace(".123456Z", "Z"), false);
        check(ours, &OURS.replace("\":", "\": "), false);
    }
}
