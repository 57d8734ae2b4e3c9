//! Which files lie behind the paths that were given.
//!
//! A path that is named is followed whatever it is called; below a directory only what looks like
//! a text log is: no hidden file, no packed file, nothing binary. Directories are searched eight
//! levels deep.

use std::io;
use std::path::{Path, PathBuf};

use super::{Found, SourceFile, SourceStat, SourceTree};

/// How deep directories are searched.
const DEPTH_MAX: usize = 8;

/// Endings of files that hold no lines of text as they are.
const PACKED: &[&str] = &["gz", "xz", "zst", "bz2", "lz4", "zip", "tar", "journal", "swp", "idx"];

/// A file that is to be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    pub(super) stat: SourceStat,
}

/// Everything that the paths lead to now, and what could not be looked at.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) files: Vec<Candidate>,
    pub(super) problems: Vec<(PathBuf, io::Error)>,
}

impl Scan {
    /// Looks at all paths. Paths that do not exist are no problem: they may appear later.
    pub(super) fn of<T: SourceTree>(tree: &T, paths: &[PathBuf]) -> Self {
        let mut scan = Self::default();
        for path in paths {
            match tree.look(path) {
                Ok(Some(Found::File(stat))) => scan.add(path, stat),
                Ok(Some(Found::Directory)) => scan.add_directory(tree, path, 1),
                Ok(Some(Found::Other)) => {
                    let text = "neither a file nor a directory, and cannot be followed";
                    let error = io::Error::new(io::ErrorKind::InvalidInput, text);
                    scan.problems.push((path.clone(), error));
                }
                Ok(None) => {}
                Err(error) => scan.problems.push((path.clone(), error)),
            }
        }
        scan
    }

    fn add(&mut self, path: &Path, stat: SourceStat) {
        // One file under two names, or named twice, is one source.
        if !self.files.iter().any(|known| known.stat.is_same_file(&stat)) {
            self.files.push(Candidate { path: path.to_owned(), stat });
        }
    }

    fn add_directory<T: SourceTree>(&mut self, tree: &T, directory: &Path, depth: usize) {
        let mut entries = match tree.list(directory) {
            Ok(entries) => entries,
            Err(error) => return self.problems.push((directory.to_owned(), error)),
        };
        // A fixed order, so that the same tree is always read in the same way.
        entries.sort();
        for path in entries.into_iter().filter(|path| has_log_name(path)) {
            match tree.look(&path) {
                Ok(Some(Found::File(stat))) => self.add(&path, stat),
                Ok(Some(Found::Directory)) if depth < DEPTH_MAX => {
                    self.add_directory(tree, &path, depth + 1);
                }
                Ok(_) => {}
                Err(error) => self.problems.push((path, error)),
            }
        }
    }
}

fn has_log_name(path: &Path) -> bool {
    let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    let packed = path
        .extension()
        .is_some_and(|ending| PACKED.iter().any(|packed| ending.eq_ignore_ascii_case(packed)));
    !hidden && !packed
}

/// Whether the file begins like a binary one: with a NUL byte in its first 512 bytes.
pub(super) fn looks_binary(file: &dyn SourceFile) -> io::Result<bool> {
    let mut head = [1; 512];
    let length = file.read_at(&mut head, 0)?;
    Ok(head[..length].contains(&0))
}
