//! What a folder of prepared records was made of, and whether a file is that still.
//!
//! A file is compared by its length, its time of change and both its ends; how its format was asked
//! for, and what is masked, must be the same as well, because they decide what becomes of its lines. What was made is
//! noted too, so that a folder that is damaged is not taken for a good one.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::commands::query::foreign::Reading;

/// The form of these folders. One of another form is not used.
const VERSION: u32 = 2;

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
    /// The hash of what masks say.
    masks: String,
    /// The files of the folder that answers come from.
    parts: Vec<Part>,
}

/// A file of the folder, as it was made.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Part {
    name: String,
    /// Bytes.
    length: u64,
    /// The hash of both ends.
    ends: String,
    /// The hash of all of it.
    whole: String,
}

/// Where it is told.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("source.json")
}

impl Source {
    /// What a file is now.
    pub(super) fn of(path: &Path, reading: &Reading) -> io::Result<Source> {
        let format = &reading.format;
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
            masks: reading.masks.clone(),
            parts: Vec::new(),
        })
    }

    /// Notes what was made in the folder.
    pub(super) fn with_parts(self, folder: &Path) -> io::Result<Source> {
        let mut parts = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.file_type()?.is_file() && entry.path() != path(folder) {
                let file = File::open(entry.path())?;
                let length = file.metadata()?.len();
                let (ends, whole) = (ends(&file, length)?, whole(&file)?);
                parts.push(Part { name, length, ends, whole });
            }
        }
        parts.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Source { parts, ..self })
    }

    /// What of the folder is no longer as it was made, as far as lengths and ends tell, or all bytes.
    pub(super) fn damage(&self, folder: &Path, look: Look) -> Option<String> {
        let is_good = |part: &Part| -> io::Result<bool> {
            let file = File::open(folder.join(&part.name))?;
            Ok(file.metadata()?.len() == part.length
                && ends(&file, part.length)? == part.ends
                && (look == Look::Ends || whole(&file)? == part.whole))
        };
        if self.parts.is_empty() {
            return Some("it does not say what belongs to it".to_owned());
        }
        let broken = self.parts.iter().find(|part| !is_good(part).unwrap_or(false))?;
        Some(format!("{} in it is damaged or gone", broken.name))
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
        let has_same_masks = self.masks == now.masks;
        match () {
            () if self.version != now.version => Some("it was made by another version of Logloom"),
            () if self.length != now.length => Some("the file has another length than then"),
            () if self.ends != now.ends => Some("the file has another content than then"),
            () if self.changed_ns != now.changed_ns => Some("the file was changed since then"),
            () if !is_same_format => Some("its format was asked for in other words then"),
            () if !has_same_masks => Some("other masks were in force then"),
            () => None,
        }
    }
}

/// How much of a folder is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Lengths and both ends: quick whatever the size.
    Ends,
    /// All bytes.
    Whole,
}

/// The hash of all bytes of a file.
fn whole(file: &File) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file)?;
    Ok(hasher.finalize().to_hex().to_string())
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
