//! The files behind the paths that were given.
//!
//! Takes paths, gives each file once, one after the other: directories are gone through in the
//! order of their names (very large ones in the order of the file system, so that a million names
//! need no memory), archives by the order of their members. Hidden files are left out below a
//! directory, and so is everything of the log directory itself, and what
//! `logloom index --files` has made beside a file; symbolic links are followed where
//! they are named and to files, not to directories, so that no loop is walked. Whatever cannot be
//! read is told and passed over.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

use logloom_intake::unpack::{Packing, UnpackLimits, zip};

use crate::commands::indexed::is_copy;

use super::origin::{Place, fill, open_regular};

/// Names of a directory that are sorted; of a larger one they come as they come.
const SORTED_MAX: usize = 50_000;

/// How deep directories are gone through.
const DEPTH_MAX: usize = 64;

/// What is found on the way.
pub(super) enum Found {
    File(Place),
    Problem { name: String, error: io::Error },
}

/// Goes through the paths. `give` says whether to go on.
pub(super) struct Walk<'a> {
    /// The log directory, which is never imported into itself.
    pub(super) own: Option<PathBuf>,
    pub(super) limits: UnpackLimits,
    pub(super) give: &'a mut dyn FnMut(Found) -> bool,
}

impl Walk<'_> {
    /// Gives every file behind a path; `false` when it was told to stop.
    pub(super) fn path(&mut self, path: &Path) -> bool {
        if path == Path::new("-") {
            return (self.give)(Found::File(Place::Input));
        }
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.directory(path, 1),
            Ok(_) => self.file(path),
            Err(error) => self.problem(path, error),
        }
    }

    fn directory(&mut self, path: &Path, depth: usize) -> bool {
        if self
            .own
            .as_ref()
            .is_some_and(|own| fs::canonicalize(path).is_ok_and(|path| path == *own))
        {
            return true;
        }
        if depth > DEPTH_MAX {
            return self.problem(path, io::Error::other("too many directories within each other"));
        }
        let mut entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.problem(path, error),
        };
        loop {
            let mut some: Vec<io::Result<DirEntry>> = entries.by_ref().take(SORTED_MAX).collect();
            if some.is_empty() {
                return true;
            }
            some.sort_by_cached_key(|entry| {
                entry.as_ref().map(DirEntry::file_name).unwrap_or_default()
            });
            for entry in some {
                let goes_on = match entry {
                    Ok(entry) => self.entry(&entry, depth),
                    Err(error) => self.problem(path, error),
                };
                if !goes_on {
                    return false;
                }
            }
        }
    }

    fn entry(&mut self, entry: &DirEntry, depth: usize) -> bool {
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            return true;
        }
        let path = entry.path();
        match entry.file_type() {
            // What was prepared of a file beside it would come twice.
            Ok(kind) if kind.is_dir() && is_copy(&path) => true,
            Ok(kind) if kind.is_dir() => self.directory(&path, depth + 1),
            Ok(kind) if kind.is_file() => self.file(&path),
            // A link to a directory may lead back here.
            Ok(kind) if kind.is_symlink() => match fs::metadata(&path) {
                Ok(found) if found.is_dir() => true,
                Ok(_) => self.file(&path),
                Err(error) => self.problem(&path, error),
            },
            // A pipe, a socket or a device is named by the attempt to open it.
            Ok(_) => self.file(&path),
            Err(error) => self.problem(&path, error),
        }
    }

    fn file(&mut self, path: &Path) -> bool {
        match is_archive(path) {
            Ok(false) => (self.give)(Found::File(Place::File(path.to_owned()))),
            Ok(true) => self.archive(path),
            Err(error) => self.problem(path, error),
        }
    }

    fn archive(&mut self, path: &Path) -> bool {
        if let Err(error) = self.check_archive(path) {
            return self.problem(path, error);
        }
        let mut members = match open_archive(path) {
            Ok(members) => members,
            Err(error) => return self.problem(path, error),
        };
        loop {
            match members.next() {
                Ok(None) => return true,
                Ok(Some(member)) if member.is_folder() => {}
                Ok(Some(member)) => {
                    let place = Place::Member { archive: path.to_owned(), member };
                    if !(self.give)(Found::File(place)) {
                        return false;
                    }
                }
                Err(error) => return self.problem(path, error),
            }
        }
    }

    /// Members may lie over each other, so that each is harmless and all together are a bomb.
    fn check_archive(&self, path: &Path) -> io::Result<()> {
        const FREE_BYTES: u64 = 16 << 20;
        let mut members = open_archive(path)?;
        let (mut packed, mut unpacked) = (0_u64, 0_u64);
        while let Some(member) = members.next()? {
            packed = packed.saturating_add(member.packed);
            unpacked = unpacked.saturating_add(member.unpacked);
        }
        let most = members.length.saturating_mul(self.limits.ratio).max(FREE_BYTES);
        if packed > members.length.saturating_mul(2) || unpacked > most {
            let text = format!(
                "its members unpack to {unpacked} bytes from an archive of {}, as a bomb does",
                members.length
            );
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(())
    }

    fn problem(&mut self, path: &Path, error: io::Error) -> bool {
        (self.give)(Found::Problem { name: path.display().to_string(), error })
    }
}

fn open_archive(path: &Path) -> io::Result<zip::Archive<fs::File>> {
    zip::Archive::open(open_regular(path)?)
}

fn is_archive(path: &Path) -> io::Result<bool> {
    let mut head = [0; 6];
    let length = fill(&mut open_regular(path)?, &mut head)?;
    Ok(Packing::of(&head[..length]) == Packing::Zip)
}
