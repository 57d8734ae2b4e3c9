//! Which cursor of the journal an entry's number stands for.
//!
//! Takes numbers with their cursors before the entries are handed over, appends them to
//! `.logloom/intake/journal-ID.cursors` of the log directory, a line each; gives the cursor of a
//! number. Bounded: a file of 8 MiB is kept as the older one, in place of the one before, which is
//! far behind what the memory of the log holds.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

const FILE_BYTES_MAX: u64 = 8 << 20;

/// The noted cursors of one journal.
#[derive(Debug)]
pub(super) struct Cursors {
    path: PathBuf,
    older: PathBuf,
    file: File,
    length: u64,
}

impl Cursors {
    /// Opens the notes, and begins them where there are none.
    pub(super) fn open(log: &Path, id: u64) -> io::Result<Self> {
        let folder = log.join(".logloom").join("intake");
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("journal-{id:016x}.cursors"));
        let older = path.with_extension("older");
        let (file, length) = begin(&path)?;
        Ok(Self { path, older, file, length })
    }

    /// The cursor of an entry.
    pub(super) fn find(&self, number: u64) -> Option<String> {
        let mut found = None;
        for path in [&self.older, &self.path] {
            let Ok(file) = File::open(path) else { continue };
            for line in BufReader::new(file).split(b'\n').map_while(Result::ok) {
                let text = String::from_utf8_lossy(&line);
                // What a later life has noted for the same number counts.
                if let Some((noted, cursor)) = text.split_once(' ')
                    && noted.parse() == Ok(number)
                    && !cursor.is_empty()
                {
                    found = Some(cursor.to_owned());
                }
            }
        }
        found
    }

    /// Notes entries that are about to be handed over.
    pub(super) fn note(&mut self, entries: &[(u64, String)]) -> io::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        if self.length >= FILE_BYTES_MAX {
            std::fs::rename(&self.path, &self.older)?;
            (self.file, self.length) = begin(&self.path)?;
        }
        let text: String =
            entries.iter().map(|(number, cursor)| format!("{number} {cursor}\n")).collect();
        self.file.write_all(text.as_bytes())?;
        self.length += text.len() as u64;
        Ok(())
    }
}

/// Opens a file to append to; a line that a kill left unfinished is ended.
fn begin(path: &Path) -> io::Result<(File, u64)> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    if length > 0 {
        file.write_all(b"\n")?;
    }
    Ok((file, length))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_last_note_of_a_number_counts() {
        let log = tempfile::tempdir().unwrap();
        let mut cursors = Cursors::open(log.path(), 7).unwrap();
        assert_eq!(cursors.find(1), None);
        cursors.note(&[(1, "a".to_owned()), (2, "b".to_owned())]).unwrap();
        cursors.file.write_all(b"3 unfin").unwrap();
        let mut again = Cursors::open(log.path(), 7).unwrap();
        again.note(&[(2, "c".to_owned())]).unwrap();
        assert_eq!(again.find(1).as_deref(), Some("a"));
        assert_eq!(again.find(2).as_deref(), Some("c"));
        assert_eq!(again.find(4), None);
    }

    #[test]
    fn notes_are_bounded() {
        let log = tempfile::tempdir().unwrap();
        let mut cursors = Cursors::open(log.path(), 7).unwrap();
        let long = "x".repeat(1 << 20);
        (1..=40).for_each(|number| cursors.note(&[(number, long.clone())]).unwrap());
        assert!(cursors.find(40).is_some() && cursors.find(33).is_some());
        assert!(cursors.find(1).is_none());
        let length = |path: &Path| std::fs::metadata(path).unwrap().len();
        assert!(length(&cursors.path) + length(&cursors.older) < 3 * FILE_BYTES_MAX);
    }
}
