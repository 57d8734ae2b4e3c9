//! Where sources were found, noted before any of their lines is handed over.
//!
//! The memory that survives a kill has no room for paths, and without its path no copy of a file
//! would be found again. Takes identities with their paths, appends them to
//! `.logloom/intake/paths-PID-N` of the log directory, a line each; gives those of processes that died.
//! N is that of the process's list of what it follows, since several containers have the same numbers.
//! Bounded by the sources of one life, at most 16,000.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::claims::is_held;
use super::positions::Key;

const HEAD: &str = "paths-";

/// The notes of this process.
#[derive(Debug)]
pub(super) struct Paths {
    file: File,
}

impl Paths {
    /// Begins the notes of this process anew, and removes those of dead ones.
    /// Its list of what it follows has this name.
    pub(super) fn begin(log: &Path, list: &str) -> io::Result<Self> {
        let folder = folder(log);
        std::fs::create_dir_all(&folder)?;
        for (path, other) in notes(log) {
            if other != list && is_held(log, &other) == Some(false) {
                // Another follower may have removed it meanwhile.
                let _ = std::fs::remove_file(path);
            }
        }
        Ok(Self { file: File::create(folder.join(format!("{HEAD}{list}")))? })
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

/// The files of notes with the names of the lists of the processes that wrote them.
fn notes(log: &Path) -> Vec<(PathBuf, String)> {
    let Ok(entries) = std::fs::read_dir(folder(log)) else { return Vec::new() };
    let notes = entries.flatten().filter_map(|entry| {
        let list = entry.file_name().to_str()?.strip_prefix(HEAD)?.to_owned();
        Some((entry.path(), list))
    });
    notes.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::claims::Claims;
    use super::*;

    #[test]
    fn notes_are_read_by_the_next_process() {
        let log = tempfile::tempdir().unwrap();
        // Two processes of the same number, as in two containers.
        let claims = [Claims::begin(log.path()).unwrap(), Claims::begin(log.path()).unwrap()];
        let [own, other] = claims.each_ref().map(Claims::name);
        let mut others = Paths::begin(log.path(), &other).unwrap();
        others.note((1, 2, 4), "/other").unwrap();
        let mut paths = Paths::begin(log.path(), &own).unwrap();
        paths.note((1, 2, 3), "/a b\n\u{e9}.log").unwrap();
        paths.file.write_all(b"4 5 6 \"/tor").unwrap();
        let dead = folder(log.path()).join(format!("{HEAD}{}-0", i32::MAX));
        std::fs::write(&dead, "7 8 9 \"/dead\"\nnot a note\n").unwrap();
        let found = Paths::read(log.path());
        assert_eq!((found.len(), &*found[&(1, 2, 4)]), (3, "/other"));
        assert_eq!(found[&(1, 2, 3)], "/a b\n\u{e9}.log");
        assert_eq!(found[&(7, 8, 9)], "/dead");
        Paths::begin(log.path(), &own).unwrap();
        assert!(!dead.exists());
        assert_eq!(Paths::read(log.path()).into_values().collect::<Vec<_>>(), ["/other"]);
    }
}
