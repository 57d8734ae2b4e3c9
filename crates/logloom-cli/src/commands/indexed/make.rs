//! Records of a file of another program made ready for searches.
//!
//! All is made in a folder of its own, which takes its place when it is whole. One that a killed process has
//! left is emptied by the next; who makes one holds its lock. A file that cannot be read to its end, or is written
//! to meanwhile, gives none. Folders that were not made here are left alone.

use std::fs::{File, Metadata};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::Path;

use logloom_core::life;
use logloom_store::life::LifeSettings;

use super::source::{self, Source};
use super::{is_making, is_prepared, making_of};
use crate::commands::query::foreign::{self, Reading};
use crate::place;

/// The file of the records. Its day is over whatever the clock says, so that it is compressed.
const RECORDS: &str = "1970-01-01.jsonl";

/// Makes the folder of a file anew.
pub(super) fn make(path: &Path, folder: &Path, reading: &Reading) -> io::Result<()> {
    let source = Source::of(path, reading)?;
    if folder.exists() && !is_prepared(folder) {
        return Err(not_ours(folder));
    }
    let fresh = making_of(folder);
    let _lock = claim(&fresh)?;
    let made = fill(path, &fresh, reading).and_then(|()| {
        if Source::of(path, reading)? != source {
            return Err(io::Error::other("it is written to: try again when it is finished"));
        }
        source.with_parts(&fresh)?.write(&fresh)?;
        show_as(&fresh, &std::fs::metadata(path)?)?;
        remove(folder)?;
        std::fs::rename(&fresh, folder)
    });
    if made.is_err() {
        // What went wrong is told; what is left is removed the next time too.
        let _ = remove(&fresh);
    }
    made
}

fn not_ours(folder: &Path) -> io::Error {
    let text = format!("{} was not made by `logloom index`: move it away", folder.display());
    io::Error::new(io::ErrorKind::AlreadyExists, text)
}

/// An empty folder, marked as ours, and its lock. Nobody else may look into it yet.
fn claim(fresh: &Path) -> io::Result<File> {
    match std::fs::DirBuilder::new().mode(0o700).create(fresh) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let lock = File::open(fresh)?;
    let is_there = || -> io::Result<bool> {
        let (now, held) = (std::fs::metadata(fresh)?, lock.metadata()?);
        Ok((now.dev(), now.ino()) == (held.dev(), held.ino()))
    };
    if lock.try_lock().is_err() || !is_there().unwrap_or(false) {
        return Err(io::Error::other("another process prepares it: wait for that one"));
    }
    let is_empty = std::fs::read_dir(fresh)?.next().is_none();
    if !is_empty && !is_making(fresh) {
        return Err(not_ours(fresh));
    }
    for entry in std::fs::read_dir(fresh)? {
        let entry = entry?;
        // The mark goes last, so that a folder which is half emptied is still known as ours.
        if entry.path() != source::path(fresh) {
            match entry.file_type()?.is_dir() {
                true => std::fs::remove_dir_all(entry.path())?,
                false => std::fs::remove_file(entry.path())?,
            }
        }
    }
    std::fs::write(source::path(fresh), b"{}")?;
    Ok(lock)
}

/// Who may read the file may read its records, and nobody else.
fn show_as(folder: &Path, file: &Metadata) -> io::Result<()> {
    let read = file.mode() & 0o444;
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700 | read | read >> 2))?;
    // Only root can give it away; others own both.
    let _ = chown(folder, Some(file.uid()), Some(file.gid()));
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Writes the records, then has them compressed and indexed.
fn fill(path: &Path, folder: &Path, reading: &Reading) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(folder.join(RECORDS))?);
    foreign::write_records(path, reading, &mut out)?;
    out.flush()?;
    drop(out);
    let directory = place::open_made(folder).map_err(io::Error::other)?;
    let settings = LifeSettings { compress_after_days: Some(0), ..LifeSettings::default() };
    let report = life::keep_house(&directory, &settings).map_err(io::Error::other)?;
    drop(directory);
    if let Some(kept) = report.kept.first() {
        return Err(io::Error::other(format!("{}: {}", kept.name, kept.reason)));
    }
    // Nobody will write here: what is kept for writers would be most of a small folder.
    remove(&folder.join(".logloom"))
}
