//! Where sources were found, noted before any of their lines is handed over.
//!
//! The memory that survives a kill has no room for paths, and without its path no copy of a file
//! would be found again. Takes identities with their paths, appends them to
//! `.logloom/intake/paths-PID` of the log directory, a line each; gives those of processes that died.
//! Bounded by the sources of one life, at most 16,000.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::positions::Key;
use super::tally::is_alive;

const HEAD: &str = "paths-";

/// The notes of this process.
#[derive(Debug)]
pub(super) struct Paths {
    file: File,
}

impl Paths {
    /// Begins the notes of this process anew, and removes those of dead ones.
    pub(super) fn begin(log: &Path) -> io::Result<Self> {
        let folder = folder(log);
        std::fs::create_dir_all(&folder)?;
        let own = std::process::id();
        for (path, pid) in notes(log) {
            if pid != own && !is_alive(pid) {
                // Another follower may have removed it meanwhile.
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(Self { file: File::create(folder.join(format!("{HEAD}{own}")))? })
    }

    /// What all processes have noted.
    pub(super) fn read(log: &Path) -> HashMap<Key, String> {
        let texts = notes(log).into_iter().filter_map(|(path, _)| std::fs::read(path).ok());
        let mut found = HashMap::new();
        for text in texts {
            // The last line may be torn by a kill; nothing that it is about was handed over then.
            let whole = memchr::memrchr(b'\n', &text).map_or(&[][..], |end| &text[..end]);
            found.extend(whole.split(|byte| *byte == b'\n').filter_map(entry));
        }
        found
    }

    /// Notes a source that is about to be handed over.
    pub(super) fn note(&mut self, (device, inode, fingerprint): Key, path: &str) -> io::Result<()> {
        let path = serde_json::to_string(path).map_err(io::Error::other)?;
        self.file.write_all(format!("{device} {inode} {fingerprint} {path}\n").as_bytes())
    }
}

fn entry(line: &[u8]) -> Option<(Key, String)> {
    let text = std::str::from_utf8(line).ok()?;
    let mut words = text.splitn(4, ' ');
    let mut number = || words.next()?.parse::<u64>().ok();
    let key = (number()?, number()?, number()?);
    Some((key, serde_json::from_str(words.next()?).ok()?))
}

fn folder(log: &Path) -> PathBuf {
    log.join(".logloom").join("intake")
}

/// The files of notes with the processes that wrote them.
fn notes(log: &Path) -> Vec<(PathBuf, u32)> {
    let Ok(entries) = std::fs::read_dir(folder(log)) else { return Vec::new() };
    let notes = entries.flatten().filter_map(|entry| {
        let pid = entry.file_name().to_str()?.strip_prefix(HEAD)?.parse().ok()?;
        Some((entry.path(), pid))
    });
    notes.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn notes_are_read_by_the_next_process() {
        let log = tempfile::tempdir().unwrap();
        let mut paths = Paths::begin(log.path()).unwrap();
        paths.note((1, 2, 3), "/a b\n\u{e9}.log").unwrap();
        paths.file.write_all(b"4 5 6 \"/tor").unwrap();
        let dead = folder(log.path()).join(format!("{HEAD}{}", i32::MAX));
        std::fs::write(&dead, "7 8 9 \"/dead\"\nnot a note\n").unwrap();
        let found = Paths::read(log.path());
        assert_eq!(found.len(), 2);
        assert_eq!(found[&(1, 2, 3)], "/a b\n\u{e9}.log");
        assert_eq!(found[&(7, 8, 9)], "/dead");
        Paths::begin(log.path()).unwrap();
        assert!(!dead.exists() && Paths::read(log.path()).is_empty());
    }
}
