//! Which files lie behind the paths that were given.
//!
//! A path that is named is followed whatever it is called; below a directory only what looks like
//! a text log is: no hidden file, no packed file, nothing binary. Directories are searched eight
//! levels deep, patterns with `**` sixteen. Memory is bounded: files beyond a limit are left out
//! and told of.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::family::{is_gzip, is_packed};
use super::pattern::{Pattern, Step, fits_name, is_hidden, patterns};
use super::{Entry, FileKey, Found, Links, SourceFile, SourceStat, SourceTree};

/// How deep directories are searched.
const DEPTH_MAX: usize = 8;

/// How many directories deep a pattern with `**` is searched.
const PATTERN_DEPTH_MAX: usize = 16;

/// Bytes that are looked at for what is no text, those in which none of it may stand, and the texts
/// with NUL between them that there may be.
const BINARY_BYTES: usize = 4_096;
const BINARY_START_BYTES: usize = 512;
const BINARY_TEXTS: usize = 3;

/// Endings of files that hold no lines of text, besides packed ones.
const NO_TEXT: &[&str] = &["tar", "tgz", "journal", "swp", "idx"];

/// What is wanted.
#[derive(Debug)]
pub(super) struct Scope {
    paths: Vec<PathBuf>,
    /// Patterns with the paths that were given for them.
    patterns: Vec<(PathBuf, Pattern)>,
    links: Links,
    /// Whether packed files are read as history.
    with_packed: bool,
    files_max: usize,
}

/// A file that is to be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    pub(super) stat: SourceStat,
    /// Whether it is read through a symbolic link.
    pub(super) is_link: bool,
    pub(super) is_packed: bool,
}

/// Everything that the paths lead to now, and what could not be looked at.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) files: Vec<Candidate>,
    pub(super) by_key: HashMap<FileKey, usize>,
    /// Directories whose changes matter.
    pub(super) directories: BTreeSet<PathBuf>,
    pub(super) problems: Vec<(PathBuf, io::Error)>,
    /// Paths and patterns that lead to no file and to no problem, in the order in which they were given.
    pub(super) missing: Vec<PathBuf>,
}

impl Scope {
    pub(super) fn new(
        given: Vec<PathBuf>,
        links: Links,
        with_packed: bool,
        files_max: usize,
    ) -> Self {
        let mut scope =
            Self { paths: Vec::new(), patterns: Vec::new(), links, with_packed, files_max };
        for path in given {
            let found = patterns(&path);
            if found.is_empty() {
                scope.paths.push(path);
            } else {
                scope.patterns.extend(found.into_iter().map(|pattern| (path.clone(), pattern)));
            }
        }
        scope
    }

    /// Whether the path was given by its name.
    pub(super) fn names(&self, path: &Path) -> bool {
        self.paths.iter().any(|named| named == path)
    }

    /// Whether a file of this path would be followed.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.names(path)
            || self.patterns.iter().any(|(_, pattern)| pattern.fits(path))
            || self.paths.iter().any(|named| {
                path.strip_prefix(named).is_ok_and(|below| {
                    below.components().count() <= DEPTH_MAX && self.has_log_name(path)
                })
            })
    }

    /// Looks at everything. Paths that do not exist are no problem: they may appear later.
    pub(super) fn scan<T: SourceTree>(&self, tree: &T) -> Scan {
        let scan = Scan::default();
        let mut walk = Walk { scope: self, tree, scan, left_out: None, has_found: false };
        for path in &self.paths {
            walk.given(path, |walk| walk.named(path));
        }
        for branches in self.patterns.chunk_by(|one, next| one.0 == next.0) {
            walk.given(&branches[0].0, |walk| {
                for (_, pattern) in branches {
                    walk.pattern(&pattern.base, &pattern.steps, PATTERN_DEPTH_MAX);
                }
            });
        }
        if let Some(path) = walk.left_out {
            let text = format!(
                "more than {} files are to be followed; the others are left out: name fewer, or \
                 follow them by another process with another log directory",
                self.files_max
            );
            walk.scan.problems.push((path, io::Error::new(io::ErrorKind::QuotaExceeded, text)));
        }
        walk.scan
    }

    fn has_log_name(&self, path: &Path) -> bool {
        let hidden = path.file_name().is_none_or(|name| is_hidden(name.as_bytes()));
        let no_text = path
            .extension()
            .is_some_and(|ending| NO_TEXT.iter().any(|known| ending.eq_ignore_ascii_case(known)));
        !hidden && !no_text && (!is_packed(path) || self.with_packed && is_gzip(path))
    }
}

struct Walk<'a, T> {
    scope: &'a Scope,
    tree: &'a T,
    scan: Scan,
    /// The first path beyond the limit.
    left_out: Option<PathBuf>,
    /// Whether the path at hand leads to a file or a problem.
    has_found: bool,
}

impl<T: SourceTree> Walk<'_, T> {
    /// Looks at what one path leads to, and notes when that is nothing.
    fn given(&mut self, path: &Path, look: impl FnOnce(&mut Self)) {
        let problems = self.scan.problems.len();
        self.has_found = false;
        look(self);
        if !self.has_found && self.scan.problems.len() == problems {
            self.scan.missing.push(path.to_owned());
        }
    }

    fn named(&mut self, path: &Path) {
        if let Some(parent) = path.parent() {
            self.scan.directories.insert(parent.to_owned());
        }
        match self.tree.look(path) {
            // Whether it is a link costs another look, and may change: it is treated as one.
            Ok(Some(Found::File(stat))) => self.add(path, stat, true),
            Ok(Some(Found::Directory)) => self.directory(path, 1),
            Ok(Some(Found::Other)) => {
                let text = "neither a file nor a directory, and cannot be followed";
                let error = io::Error::new(io::ErrorKind::InvalidInput, text);
                self.scan.problems.push((path.to_owned(), error));
            }
            Ok(None) => {}
            Err(error) => self.scan.problems.push((path.to_owned(), error)),
        }
    }

    fn add(&mut self, path: &Path, stat: SourceStat, is_link: bool) {
        self.has_found = true;
        // One file under two names, or named twice, is one source.
        if self.scan.by_key.contains_key(&stat.key()) {
            return;
        }
        if self.scan.files.len() >= self.scope.files_max {
            self.left_out.get_or_insert_with(|| path.to_owned());
            return;
        }
        self.scan.by_key.insert(stat.key(), self.scan.files.len());
        let is_packed = self.scope.with_packed && is_gzip(path);
        self.scan.files.push(Candidate { path: path.to_owned(), stat, is_link, is_packed });
    }

    /// The entries that are wanted, in a fixed order, so that the same tree is always read in the
    /// same way.
    fn entries(&mut self, directory: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<Entry> {
        self.scan.directories.insert(directory.to_owned());
        let follows_links = self.scope.links == Links::Follow;
        let limit = self.scope.files_max.saturating_mul(2);
        let mut entries = Vec::new();
        let listed = self.tree.list(directory, &mut |entry| {
            if (follows_links || !entry.is_link) && wanted(&entry.path) {
                entries.push(entry);
            }
            entries.len() < limit
        });
        if let Err(error) = listed
            && error.kind() != io::ErrorKind::NotFound
        {
            self.scan.problems.push((directory.to_owned(), error));
        }
        entries.sort();
        entries
    }

    fn directory(&mut self, directory: &Path, depth: usize) {
        let scope = self.scope;
        for entry in self.entries(directory, &|path| scope.has_log_name(path)) {
            match self.look(&entry) {
                Some(Found::File(stat)) => self.add(&entry.path, stat, entry.is_link),
                // A link to a directory may lead anywhere, above itself too.
                Some(Found::Directory) if depth < DEPTH_MAX && !entry.is_link => {
                    self.directory(&entry.path, depth + 1);
                }
                _ => {}
            }
        }
    }

    fn pattern(&mut self, directory: &Path, steps: &[Step], depth: usize) {
        let Some((step, rest)) = steps.split_first() else { return };
        match step {
            Step::Any => {
                self.pattern(directory, rest, depth);
                for entry in self.entries(directory, &is_shown) {
                    if depth > 0 && !entry.is_link && self.look(&entry) == Some(Found::Directory) {
                        self.pattern(&entry.path, steps, depth - 1);
                    }
                }
            }
            Step::Name(wanted) => {
                let fits = |path: &Path| {
                    path.file_name().is_some_and(|name| fits_name(wanted, name.as_bytes()))
                };
                for entry in self.entries(directory, &fits) {
                    match self.look(&entry) {
                        Some(Found::File(stat)) if rest.is_empty() => {
                            self.add_by_pattern(&entry, stat);
                        }
                        Some(Found::Directory) => self.pattern(&entry.path, rest, depth),
                        _ => {}
                    }
                }
            }
        }
    }

    /// A star means logs, not what was packed of them.
    fn add_by_pattern(&mut self, entry: &Entry, stat: SourceStat) {
        if !is_packed(&entry.path) || self.scope.with_packed && is_gzip(&entry.path) {
            self.add(&entry.path, stat, entry.is_link);
        }
    }

    fn look(&mut self, entry: &Entry) -> Option<Found> {
        match self.tree.look(&entry.path) {
            Ok(found) => found,
            Err(error) => {
                self.scan.problems.push((entry.path.clone(), error));
                None
            }
        }
    }
}

fn is_shown(path: &Path) -> bool {
    path.file_name().is_some_and(|name| !is_hidden(name.as_bytes()))
}

/// Whether the file begins like a binary one: with a NUL byte in its first 512 bytes, or with several
/// places that have some in its first 4 KiB, unless a mark tells of text in 16 bits. A single hole is
/// what a cut leaves in a log.
pub(super) fn looks_binary(file: &dyn SourceFile) -> io::Result<bool> {
    let mut head = [0; BINARY_BYTES];
    let length = file.read_at(&mut head, 0)?;
    let head = &head[..length];
    let is_wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let texts = head.split(|byte| *byte == 0).filter(|text| !text.is_empty()).count();
    let is_at_start = head.iter().take(BINARY_START_BYTES).any(|byte| *byte == 0);
    Ok(!is_wide && (is_at_start || texts > BINARY_TEXTS))
}
