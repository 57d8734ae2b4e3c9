//! What came of each source, for people and for monitoring.
//!
//! Takes what a poll read, gives lines, bytes, records, unrecognised lines, problems and lag of each
//! source. While `follow` runs they stand in `LOGDIR/.logloom/intake/PID-N.json`, replaced about each
//! second, so that `logloom stats --sources` of another process can show them; N tells processes of the
//! same number apart, as those of several containers are, and is that of the list of what they follow. Bounded: the 500
//! sources with the most lines are listed, all others are summed up as one. The file of a process
//! that was killed stays, as the last that is known of it, until another `follow` starts there.

use std::io;
use std::path::{Path, PathBuf};

use logloom_intake::StreamCounts;
use serde::{Deserialize, Serialize};

use super::claims::is_held;

/// Most sources that are listed.
const LISTED_MAX: usize = 500;

/// One source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SourceTally {
    /// Where it was found first.
    pub(crate) source: String,
    pub(crate) service: String,
    /// That of the records so far; empty while no line was taken apart.
    pub(crate) format: String,
    /// The number of the file where another one has taken its name meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) renamed_inode: Option<u64>,
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
    pub(crate) records: u64,
    pub(crate) unrecognised: u64,
    pub(crate) problems: u64,
    /// From the last write to the file until its line was read, in milliseconds, at the last line.
    pub(crate) lag_ms: u64,
    /// Lines in the last whole second.
    pub(crate) lines_per_second: u64,
}

/// One process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) version: u32,
    pub(crate) pid: u32,
    /// Nanoseconds since 1970.
    pub(crate) started_ns: i64,
    pub(crate) updated_ns: i64,
    /// How many sources there are, the listed ones included.
    pub(crate) files: u64,
    pub(crate) sources: Vec<SourceTally>,
    /// The name of the process's list of what it follows: `PID-N`.
    #[serde(skip)]
    pub(crate) list: String,
    /// Whether it lived when this was read.
    #[serde(skip)]
    pub(crate) is_running: bool,
}

impl SourceTally {
    /// Takes over what its stream has counted.
    pub(super) fn set_counts(&mut self, counts: StreamCounts) {
        let StreamCounts { lines, records, unrecognised, .. } = counts;
        (self.lines, self.records, self.unrecognised) = (lines, records, unrecognised);
    }

    fn add(&mut self, other: &SourceTally) {
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.records += other.records;
        self.unrecognised += other.unrecognised;
        self.problems += other.problems;
        self.lag_ms = self.lag_ms.max(other.lag_ms);
        self.lines_per_second += other.lines_per_second;
    }
}

impl Tally {
    /// Lists the largest sources and sums the others up.
    pub(super) fn set_sources(&mut self, mut sources: Vec<SourceTally>) {
        self.files = sources.len() as u64;
        sources.sort_by(|one, two| (two.lines, &one.source).cmp(&(one.lines, &two.source)));
        if sources.len() > LISTED_MAX {
            let mut others = SourceTally { source: "others".to_owned(), ..Default::default() };
            sources.drain(LISTED_MAX..).for_each(|source| others.add(&source));
            sources.push(others);
        }
        self.sources = sources;
    }

    /// Replaces the file of this process.
    pub(super) fn write(&self, log: &Path) -> io::Result<()> {
        let folder = folder(log);
        std::fs::create_dir_all(&folder)?;
        let text = serde_json::to_vec(self).map_err(io::Error::other)?;
        let temporary = folder.join(format!("{}.json.new", self.list));
        std::fs::write(&temporary, text)?;
        std::fs::rename(temporary, file_of(log, &self.list))
    }

    /// Removes the file of this process: it has ended in order.
    pub(super) fn remove(&self, log: &Path) {
        // Without the file there is nothing to be removed.
        let _ = std::fs::remove_file(file_of(log, &self.list));
    }

    /// The files of all processes over this log directory, those of dead ones too.
    pub(crate) fn read_all(log: &Path) -> Vec<Tally> {
        let Ok(entries) = std::fs::read_dir(folder(log)) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
        paths.sort();
        let read = |path: &PathBuf| Self::read(log, path);
        paths.iter().filter_map(read).filter(|tally| tally.version == 1).collect()
    }

    fn read(log: &Path, path: &Path) -> Option<Tally> {
        let tally: Tally = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        let list = path.file_stem()?.to_str()?.to_owned();
        let is_running = is_held(log, &list).unwrap_or_else(|| is_alive(tally.pid));
        Some(Tally { list, is_running, ..tally })
    }

    /// Removes what dead processes left.
    pub(super) fn clear(log: &Path) {
        for tally in Self::read_all(log).iter().filter(|tally| !tally.is_running) {
            tally.remove(log);
        }
    }

    /// The number of its process, with a mark where others have the same.
    pub(crate) fn process(&self) -> &str {
        self.list.strip_suffix("-0").unwrap_or(&self.list)
    }
}

/// Whether there is a process of this number.
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let found = pid.map(rustix::process::test_kill_process);
    !matches!(found, None | Some(Err(rustix::io::Errno::SRCH)))
}

fn folder(log: &Path) -> PathBuf {
    log.join(".logloom").join("intake")
}

fn file_of(log: &Path, list: &str) -> PathBuf {
    folder(log).join(format!("{list}.json"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::claims::Claims;
    use super::*;

    #[test]
    fn the_largest_sources_are_listed_and_nothing_is_left_out_of_the_sum() {
        let source = |number: u64| SourceTally {
            source: format!("/{number}"),
            lines: number,
            lag_ms: number,
            ..Default::default()
        };
        let mut tally = Tally::default();
        tally.set_sources((0..600).map(source).collect());
        assert_eq!((tally.files, tally.sources.len()), (600, 501));
        assert_eq!(tally.sources[0].source, "/599");
        let sum: u64 = tally.sources.iter().map(|source| source.lines).sum();
        assert_eq!(sum, (0..600).sum::<u64>());
        assert_eq!(tally.sources[500].lag_ms, 99);
    }

    #[test]
    fn files_of_dead_processes_stay_until_they_are_cleared() {
        let log = tempfile::tempdir().unwrap();
        assert!(Tally::read_all(log.path()).is_empty());
        // Two processes of the same number, as in two containers, and one that is gone.
        let pid = std::process::id();
        let claims = [Claims::begin(log.path()).unwrap(), Claims::begin(log.path()).unwrap()];
        let tally = |list: String| Tally { version: 1, pid, list, ..Default::default() };
        let [own, other] = claims.each_ref().map(|claims| tally(claims.name()));
        let dead = tally(format!("{pid}-7"));
        for tally in [&own, &other, &dead] {
            tally.write(log.path()).unwrap();
        }
        std::fs::write(folder(log.path()).join("1.json"), "damaged").unwrap();
        let read = || {
            let all = Tally::read_all(log.path()).into_iter();
            all.map(|tally| (tally.process().to_owned(), tally.is_running)).collect::<Vec<_>>()
        };
        let [first, second] = [pid.to_string(), format!("{pid}-1")];
        let living = [(first, true), (second, true)];
        assert_eq!(read(), [&living[..], &[(dead.list.clone(), false)]].concat());
        Tally::clear(log.path());
        assert_eq!(read(), living);
        own.remove(log.path());
        assert_eq!(read(), living[1..]);
        drop(claims);
        assert!(!Tally::read_all(log.path())[0].is_running);
    }
}
