//! What a folder of prepared records was made of, and whether a file is that still.
//!
//! A file is compared by its length, its time of change and both its ends; how its format was asked
//! for must be the same as well, because it decides what becomes of its lines.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::args::FormatArguments;

/// The form of these folders. One of another form is not used.
const VERSION: u32 = 1;

/// Bytes of each end that are compared.
const END_BYTES: u64 = 64 << 10;

/// What a folder was made of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Source {
    version: u32,
    /// Bytes of the file.
    length: u64,
    changed_ns: i128,
    /// The hash of both ends.
    ends: String,
    input_format: Option<String>,
    /// The file of patterns, and the hash of what was in it.
    patterns: Option<(PathBuf, String)>,
    zone: Option<String>,
}

/// Where it is told.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("source.json")
}

impl Source {
    /// What a file is now.
    pub(super) fn of(path: &Path, format: &FormatArguments) -> io::Result<Source> {
        let file = File::open(path)?;
        let found = file.metadata()?;
        if !found.is_file() {
            let text = "it is no regular file, so that it cannot be read again";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        let patterns = format.patterns.as_ref().map(|patterns| {
            let text = std::fs::read(patterns)?;
            Ok::<_, io::Error>((patterns.clone(), blake3::hash(&text).to_hex().to_string()))
        });
        Ok(Source {
            version: VERSION,
            length: found.len(),
            changed_ns: i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec()),
            ends: ends(&file, found.len())?,
            input_format: format.input_format.clone(),
            patterns: patterns.transpose()?,
            zone: format.zone.clone(),
        })
    }

    pub(super) fn read(folder: &Path) -> io::Result<Source> {
        serde_json::from_slice(&std::fs::read(path(folder))?).map_err(io::Error::other)
    }

    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        std::fs::write(path(folder), text + "\n")
    }

    /// Why what was made of this cannot stand for what a file is now.
    pub(super) fn difference(&self, now: &Source) -> Option<&'static str> {
        let is_same_format = (&self.input_format, &self.patterns, &self.zone)
            == (&now.input_format, &now.patterns, &now.zone);
        match () {
            () if self.version != now.version => Some("it was made by another version of Logloom"),
            () if self.length != now.length => Some("the file has another length than then"),
            () if self.ends != now.ends => Some("the file has another content than then"),
            () if self.changed_ns != now.changed_ns => Some("the file was changed since then"),
            () if !is_same_format => Some("its format was asked for in other words then"),
            () => None,
        }
    }
}

/// The hash of both ends of a file.
fn ends(file: &File, length: u64) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    for start in [0, length.saturating_sub(END_BYTES)] {
        let bytes = usize::try_from(END_BYTES.min(length)).unwrap_or(0);
        let mut end = vec![0; bytes];
        file.read_exact_at(&mut end, start)?;
        hasher.update(&end);
    }
    Ok(hasher.finalize().to_hex().to_string())
}
