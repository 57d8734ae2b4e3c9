//! The indexes of files, kept open. In comes a file of a snapshot; out go its indexes, if it has any that are
//! of the file as it is now: one of all its lines, or of a file that is still written to one for each few megabytes from
//! its beginning on. One that turned out to be of other lines is not used again until it, or the file, has changed.
//! Memory: what was asked of each index, and two descriptors a file.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use logloom_store::index::{Index, NoIndex};
use logloom_store::sys::{Links, Platform};

use crate::LogFile;

/// Files whose indexes are kept open; beyond it all are closed and opened anew where they are asked for.
const SOURCES_MAX: usize = 256;

/// A file and its index: what is known of one content.
pub(super) struct Source {
    stamp: Stamp,
    indexes: Vec<Index>,
    /// Why there are none.
    reason: Option<NoIndex>,
    is_wrong: AtomicBool,
}

/// What tells that a file has not changed: inode, length and time of change, of it and of its index.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    file: Option<(u64, u64, i64)>,
    index: Option<(u64, u64, i64)>,
    hot: Option<(u64, u64, i64)>,
    lines: u64,
}

impl Source {
    /// The indexes that can be used, in the order of their lines.
    pub(super) fn indexes(&self) -> &[Index] {
        if self.is_wrong() { &[] } else { &self.indexes }
    }

    /// Why the file is read without an index; `None` when it is not.
    pub(super) fn reason(&self) -> Option<String> {
        match self.is_wrong() {
            true => Some("the index is not that of the file".to_owned()),
            false => self.reason.as_ref().map(ToString::to_string),
        }
    }

    /// The index turned out to be of another content.
    pub(super) fn give_up(&self) {
        self.is_wrong.store(true, Ordering::Relaxed);
    }

    fn is_wrong(&self) -> bool {
        self.is_wrong.load(Ordering::Relaxed)
    }
}

/// All files that were asked for.
#[derive(Default)]
pub(super) struct Sources {
    known: Mutex<HashMap<PathBuf, Arc<Source>>>,
}

impl Sources {
    /// The sources of these files, in their order.
    pub(super) fn of(&self, files: &[LogFile], platform: &dyn Platform) -> Vec<Arc<Source>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > SOURCES_MAX {
            known.clear();
        }
        files.iter().map(|file| source(&mut known, file, platform)).collect()
    }
}

fn source(
    known: &mut HashMap<PathBuf, Arc<Source>>,
    file: &LogFile,
    platform: &dyn Platform,
) -> Arc<Source> {
    let stamp = stamp(file, platform);
    if let Some(source) = known.get(file.path()).filter(|source| source.stamp == stamp) {
        return source.clone();
    }
    let (indexes, reason) = match file.open_index() {
        Ok(index) => (vec![index], None),
        Err(reason) => (file.open_hot_index(), Some(reason)),
    };
    let reason = reason.filter(|_| indexes.is_empty());
    let source = Arc::new(Source { stamp, indexes, reason, is_wrong: AtomicBool::new(false) });
    known.insert(file.path().to_owned(), source.clone());
    source
}

fn stamp(file: &LogFile, platform: &dyn Platform) -> Stamp {
    let of = |path: &Path| -> io::Result<(u64, u64, i64)> {
        let stat = platform.stat_path(path, Links::Refuse)?;
        Ok((stat.inode, stat.size, stat.modified_ns))
    };
    let mut index = file.path().as_os_str().to_owned();
    index.push(".idx");
    let hot = file.hot_index_path().and_then(|path| of(&path).ok());
    let (index, lines) = (of(Path::new(&index)).ok(), file.length());
    Stamp { file: of(file.path()).ok(), index, hot, lines }
}
