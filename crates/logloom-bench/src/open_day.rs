//! Lines that come into the open file of a log directory as those of a program do: batch by batch, committed by the
//! catalogue. In come whole lines of one day. A program keeps its batches in shared memory until they are applied;
//! here nothing survives the process.

use std::cell::Cell;

use logloom_filter::LineView;
use logloom_record::time::parse_timestamp;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{
    Day, Directory, FileKey, NoSegments, Redo, Tally, WriterHandle, WriterIdentity,
};

/// A writer of one directory.
pub(crate) struct OpenDay {
    writer: WriterHandle,
    day: Day,
    batch: u64,
}

struct Batch<'a> {
    number: u64,
    lines: &'a [u8],
    day: Day,
    tally: Tally,
    file: Cell<Option<FileKey>>,
}

impl OpenDay {
    pub(crate) fn new(directory: &Directory, day: Day) -> Result<OpenDay, String> {
        let identity = WriterIdentity::of_this_process(&LinuxPlatform, String::new(), 0);
        let writer = directory.register(identity).map_err(|error| error.to_string())?;
        Ok(OpenDay { writer, day, batch: 0 })
    }

    /// Appends whole lines, each with its line feed.
    pub(crate) fn append(&mut self, lines: &[u8]) -> Result<(), String> {
        self.batch += 1;
        let (number, day, tally) = (self.batch, self.day, tally(lines));
        let batch = Batch { number, lines, day, tally, file: Cell::new(None) };
        self.writer.append(&batch, &NoSegments).map_err(|error| error.to_string())?;
        Ok(())
    }

    pub(crate) fn close(self) -> Result<(), String> {
        self.writer.release().map_err(|error| error.to_string())
    }
}

/// What a writer tells the catalogue of its lines: times in another form, or none, may be any.
fn tally(bytes: &[u8]) -> Tally {
    let mut tally = Tally { lines: 0, levels: [0; 6], times: None };
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        tally.lines += 1;
        let text = LineView::new(line).get("timestamp").map(|value| value.text().into_owned());
        let time = text.as_deref().filter(|text| text.ends_with('Z')).and_then(parse_timestamp);
        let (first, last) = time.map_or(Tally::ANY_TIME, |time| (time, time));
        let (low, high) = tally.times.unwrap_or((first, last));
        tally.times = Some((low.min(first), high.max(last)));
    }
    tally
}

impl Redo for Batch<'_> {
    fn batch(&self) -> u64 {
        self.number
    }

    fn bytes(&self) -> &[u8] {
        self.lines
    }

    fn length(&self) -> u64 {
        self.lines.len() as u64
    }

    fn crc32(&self) -> u32 {
        crc32fast::hash(self.lines)
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn day(&self) -> Day {
        self.day
    }

    fn file(&self) -> Option<FileKey> {
        self.file.get()
    }

    fn set_file(&self, file: Option<FileKey>) {
        self.file.set(file);
    }
}
