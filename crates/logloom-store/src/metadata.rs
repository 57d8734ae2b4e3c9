//! `metadata.json`: the catalogue for people and tools. In comes a snapshot; out goes a document that is
//! replaced atomically, at most once a second. Nothing in the store reads it back.

use std::fmt::Write;

use crate::counts::{AllCounts, Counts};
use crate::directory::{Directory, lock};
use crate::error::StoreError;
use crate::json::quote;
use crate::packed::form_name;
use crate::read::{FileSnapshot, Order, Snapshot};
use crate::{Tally, time};

const NAME: &str = "metadata.json";
const INTERVAL_NS: u64 = 1_000_000_000;
const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

impl Directory {
    /// Writes `metadata.json`, unless this or another process did so within the last second. Returns
    /// whether it was written.
    ///
    /// # Errors
    /// The catalogue cannot be read or the file not be written.
    pub fn write_metadata(&self) -> Result<bool, StoreError> {
        let platform = &self.shared.platform;
        let now = platform.monotonic_ns();
        let mut written = lock(&self.shared.metadata_written_ns);
        let is_recent = written.is_some_and(|at| now.saturating_sub(at) < INTERVAL_NS);
        let age = self
            .shared
            .root
            .stat_at(NAME)
            .map_or(i64::MAX, |stat| platform.realtime_ns().saturating_sub(stat.modified_ns));
        if is_recent || (0..INTERVAL_NS as i64).contains(&age) {
            return Ok(false);
        }
        let snapshot = self.snapshot(Order::OldestFirst)?;
        let text = document(&snapshot, &self.counts(), platform.realtime_ns());
        self.shared
            .root
            .replace(NAME, text.as_bytes())
            .map_err(StoreError::io(format!("write {NAME}")))?;
        *written = Some(now);
        Ok(true)
    }
}

fn document(snapshot: &Snapshot, counts: &AllCounts, now_ns: i64) -> String {
    let mut text = String::from("{\"version\":1,\"files\":[");
    let mut total = Tally::default();
    let (mut bytes, mut stored) = (0u64, 0u64);
    for (index, file) in snapshot.files.iter().enumerate() {
        // Any time tells nothing, and would hide the times of the other files.
        let times = file.times.filter(|times| *times != Tally::ANY_TIME);
        let tally = Tally { lines: file.lines, levels: file.levels, times };
        text.push_str(if index > 0 { ",\n" } else { "\n" });
        push_file(&mut text, file, &tally, counts.get(&(file.key, file.birth)));
        total.add(&tally);
        bytes = bytes.saturating_add(file.committed);
        stored = stored.saturating_add(file.stored);
    }
    let files = snapshot.files.len();
    let _ =
        write!(text, "\n],\"totals\":{{\"files\":{files},\"bytes\":{bytes},\"stored\":{stored}");
    push_tally(&mut text, &total);
    let _ = writeln!(text, "}},\"updated\":{}}}", quote(&time::format(now_ns)));
    text
}

fn push_file(text: &mut String, file: &FileSnapshot, tally: &Tally, counts: Option<&Counts>) {
    let _ = write!(
        text,
        "{{\"name\":{},\"state\":\"{}\",\"bytes\":{},\"stored\":{}",
        quote(&form_name(file.key, file.codec)),
        file.codec.map_or(file.state.name(), |codec| &codec.suffix()[1..]),
        file.committed,
        file.stored
    );
    push_tally(text, tally);
    if let Some(counts) = counts.filter(|counts| counts.bytes > 0) {
        counts.push(text);
        let _ = write!(text, ",\"counted\":{}", counts.bytes);
    }
    text.push('}');
}

fn push_tally(text: &mut String, tally: &Tally) {
    let _ = write!(text, ",\"records\":{}", tally.lines);
    if let Some((first, last)) = tally.times {
        let (first, last) = (time::format(first), time::format(last));
        let _ = write!(text, ",\"first\":{},\"last\":{}", quote(&first), quote(&last));
    }
    text.push_str(",\"levels\":{");
    for (index, (name, count)) in LEVELS.iter().zip(tally.levels).enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(text, "{comma}\"{name}\":{count}");
    }
    text.push('}');
}
