//! Which files are generations of one log.
//!
//! Takes names, gives the name of the log that they are generations of: `app.log`, `app.log.1`,
//! `app.log-20261122` and `app.log.2.gz` are all of `app.log`. Only the name is looked at; whether
//! one file really continues or copies another is told by content.

use std::path::{Path, PathBuf};

/// Endings of packed files.
const PACKED: &[&str] = &["gz", "bz2", "xz", "zst", "lz4", "zip"];

/// Endings of older generations that are words.
const OLDER: &[&str] = &["old", "bak", "prev", "save"];

/// The path of the log that the file is a generation of; the path itself when it is none.
pub(super) fn family(path: &Path) -> PathBuf {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return path.to_owned();
    };
    path.with_file_name(stem(name))
}

/// Whether the name is that of a packed file.
pub(super) fn is_packed(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    PACKED.iter().any(|packed| ending.eq_ignore_ascii_case(packed))
}

/// Whether the name is that of a gzip file.
pub(super) fn is_gzip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gz"))
}

fn stem(name: &str) -> &str {
    let mut stem = name;
    while let Some((before, ending)) = stem.rsplit_once(['.', '-', '_', '~']) {
        let is_number = !ending.is_empty()
            && ending
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'T' | b'Z'))
            && ending.as_bytes()[0].is_ascii_digit();
        let is_word = [PACKED, OLDER].concat().iter().any(|word| ending.eq_ignore_ascii_case(word));
        if before.is_empty() || !(is_number || is_word) {
            break;
        }
        stem = before;
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn generations_are_of_their_log() {
        let check = |name: &str, expect: &str| assert_eq!(stem(name), expect, "{name}");
        check("app.log", "app.log");
        check("app.log.1", "app.log");
        check("app.log.12.gz", "app.log");
        check("app.log-20261122", "app.log");
        check("app.log-20261122-1795255200.gz", "app.log");
        check("app.log.2026-11-22T10:00:00Z", "app.log");
        check("syslog.old", "syslog");
        check("server-01.log", "server-01.log");
        check("7", "7");
        check(".gz", ".gz");
        check("", "");
    }
}
