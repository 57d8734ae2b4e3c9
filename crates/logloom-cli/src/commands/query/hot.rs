//! Indexes the lines of open days behind an answer, where no program that keeps house does: the next query is quicker.
//! Takes at most half a second more, and only where much is in no index. Whatever stands in the way is not told:
//! nothing depends on it.

use std::path::Path;
use std::time::{Duration, Instant};

use logloom_core::settings::Settings;
use logloom_query::LogFile;

use crate::args::PlaceArguments;
use crate::place;

/// Bytes of lines that may be in no index: they are read in the twentieth part of a second.
const UNINDEXED_MAX: u64 = 64 << 20;
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) fn index(place: &PlaceArguments, files: &[LogFile]) {
    if files.iter().all(|file| file.unindexed_bytes() <= UNINDEXED_MAX) {
        return;
    }
    let Ok(resolved) = place::resolve(place) else { return };
    let until = Instant::now() + PATIENCE;
    for path in &resolved.settings.store.dir {
        index_one(path, &resolved.settings, &|| Instant::now() > until);
    }
}

fn index_one(path: &Path, settings: &Settings, is_ending: &dyn Fn() -> bool) {
    let Ok(reader) = place::open_reader(path) else { return };
    // What is no log directory of ours does not become one.
    if reader.store_id().is_none() || !settings.store.index.is_wanted {
        return;
    }
    if let Ok(directory) = place::open_for_appending(path, settings) {
        let _ = directory.index_open_files(&settings.store.index, is_ending);
    }
}
