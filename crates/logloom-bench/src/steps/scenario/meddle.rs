//! What others do to the files behind the log's back.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use logloom_ring::Segment;
use logloom_ring::memory::SharedMemory;

use crate::proof::oracle::day_files;
use crate::proof::stage::Stage;
use crate::proof::{Outcome, failed};

/// Where a segment states its version, and the version of this program.
const VERSION_AT: u64 = 8;
const VERSION: u32 = 1;
const ANOTHER_VERSION: u32 = 99;

/// A segment that says it is of another version, so that nobody can open it.
pub(super) struct Hidden {
    path: PathBuf,
}

/// Hides the segment of a dead process.
pub(super) fn hide_segment(stage: &Stage, process: u32) -> Outcome<Hidden> {
    let entries = std::fs::read_dir(stage.rings()).map_err(failed("list the segments"))?;
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let segment = Segment::open(&SharedMemory, &path);
        if segment.is_ok_and(|segment| segment.identity().pid == process) {
            let hidden = Hidden { path };
            hidden.write(ANOTHER_VERSION)?;
            return Ok(hidden);
        }
    }
    Err(format!("process {process} has left no segment"))
}

impl Hidden {
    /// Makes it readable again.
    pub(super) fn show(&self) -> Outcome<()> {
        self.write(VERSION)
    }

    fn write(&self, version: u32) -> Outcome<()> {
        let file = OpenOptions::new().write(true).open(&self.path);
        let written = file.and_then(|file| file.write_all_at(&version.to_le_bytes(), VERSION_AT));
        written.map_err(failed("write a segment"))
    }
}

/// Moves every day file away, under a name that the oracle still reads, and puts an empty one in
/// its place.
pub(super) fn replace_day_files(stage: &Stage) -> Outcome<()> {
    for (number, path) in day_files(&stage.log())?.iter().enumerate() {
        let moved = stage.log().join(format!("moved-{number}.jsonl"));
        std::fs::rename(path, moved).map_err(failed("move a day file away"))?;
        std::fs::write(path, "").map_err(failed("put an empty file in its place"))?;
    }
    Ok(())
}
