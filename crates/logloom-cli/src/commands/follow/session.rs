//! One run over a set of paths: reads, hands over, tells, saves.
//!
//! Nothing is queued here: a line goes into the log's memory as soon as it was read, and where that
//! is full the reader waits. Records wait only for lines that may belong to them, a few
//! milliseconds.

use std::collections::{HashMap, HashSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use logloom_intake::{
    Ansi, Defaults, FollowOptions, FollowedLine, Follower, KnownSource, Links, Polled, Recogniser,
    SourceIdentity, Start, StreamOptions, WatchedFiles, is_pattern,
};
use logloom_ring::clock;
use logloom_store::Directory;

use super::absolute;
use super::claims::Claims;
use super::origin::Origin;
use super::positions::Positions;
use super::tally::{SourceTally, Tally};
use super::tree::ClaimedFiles;
use super::waiting::Stop;
use crate::args::{Colours, FollowArguments, From, Symlinks};
use crate::capture::Capture;
use crate::exit::say;
use crate::output::counted;

/// Time between two saves of the positions.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);

/// How long news are gathered while lines keep coming, so that many lines cost one look.
const GATHER: Duration = Duration::from_millis(4);

/// Files that are open at a time, and the part of what the system allows that they may take.
const OPEN_FILES_MAX: u64 = 2_048;
const OPEN_FILES_SHARE: u64 = 2;

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// A signal asked for it.
    Asked,
    /// No more sources can be numbered in this life.
    Full,
    /// A file can be followed that another process followed so far.
    Freed,
}

/// What the lines of all sources are taken for.
#[derive(Clone, Debug)]
pub(super) struct Kind {
    pub(super) recogniser: Recogniser,
    /// The zone of times that name none.
    pub(super) zone: TimeZone,
}

impl Kind {
    /// For one source, whose lines are of this service unless they say otherwise.
    fn stream(&self, service: Option<String>) -> StreamOptions {
        let zone = Some(self.zone.clone());
        let defaults = Defaults { service, zone, ..Defaults::default() };
        StreamOptions { recogniser: self.recogniser.clone(), defaults, ..StreamOptions::default() }
    }
}

/// A source as this process knows it.
struct Source {
    capture: Capture,
    tally: SourceTally,
    identity: SourceIdentity,
    /// The end of the last line.
    end: Option<u64>,
    lines_before: u64,
}

/// What takes the lines.
struct Taker {
    kind: Kind,
    service: Option<String>,
    /// Boxed, so that what grows and is copied are pointers alone.
    sources: HashMap<u32, Box<Source>>,
    positions: Positions,
    /// Numbers of sources with something that waits for more lines.
    waiting: HashSet<u32>,
    is_full: bool,
    lines: u64,
}

/// One run.
pub(super) struct Session {
    follower: Follower<ClaimedFiles>,
    taker: Taker,
    paths: Vec<PathBuf>,
    known_files: u64,
    is_quiet: bool,
    tally: Tally,
    tallied: Instant,
    tally_problem: Option<String>,
}

impl Session {
    pub(super) fn new(
        arguments: &FollowArguments,
        kind: Kind,
        positions: Positions,
        claims: Claims,
    ) -> Self {
        let paths = arguments.paths.iter().map(|path| absolute(path)).collect::<Vec<_>>();
        let known = positions.known();
        let files = if arguments.poll { WatchedFiles::untold() } else { WatchedFiles::new() };
        let list = claims.name();
        let tree = ClaimedFiles::new(files, claims);
        let tally = Tally {
            list,
            version: 1,
            pid: std::process::id(),
            started_ns: clock::real_time(),
            ..Tally::default()
        };
        let follower = Follower::new(tree, paths.clone(), &known, options(arguments));
        // What others followed into this log, or another command, is none of these paths' business.
        let is_ours = |known: &&KnownSource| follower.holds(&known.path);
        Self {
            known_files: known.iter().filter(is_ours).count() as u64,
            follower,
            paths,
            is_quiet: arguments.quiet,
            taker: Taker {
                kind,
                service: arguments.service.clone(),
                sources: HashMap::new(),
                positions,
                waiting: HashSet::new(),
                is_full: false,
                lines: 0,
            },
            tally,
            tallied: Instant::now(),
            tally_problem: None,
        }
    }

    pub(super) fn begin(&self) {
        if self.is_quiet || self.paths.is_empty() {
            return;
        }
        let paths: Vec<String> =
            self.paths.iter().take(5).map(|path| path.display().to_string()).collect();
        let more = match self.paths.len() {
            0..=5 => String::new(),
            count => format!(" and {} more", count - 5),
        };
        let known = match self.known_files {
            0 => String::new(),
            1 => "; 1 known file goes on where it was left".to_owned(),
            count => format!("; {} go on where they were left", counted(count, "known file")),
        };
        say(format_args!("following {}{more}{known}", paths.join(", ")));
    }

    /// Reads until a signal asks for the end, or the tables are full.
    pub(super) fn follow(&mut self, directory: &Directory, stop: &Stop) -> Ended {
        Tally::clear(directory.path());
        let mut saved_at = Instant::now();
        loop {
            let polled = self.poll();
            self.tell(&polled);
            self.taker.positions.save_beginnings(&polled.left_out, directory);
            if self.taker.is_full {
                return Ended::Full;
            }
            if self.follower.tree().is_freed() {
                return Ended::Freed;
            }
            if saved_at.elapsed() >= SAVE_INTERVAL {
                self.save(directory);
                self.write_tally(directory);
                saved_at = Instant::now();
            }
            if self.wait(&polled, stop) {
                return Ended::Asked;
            }
        }
    }

    fn poll(&mut self) -> Polled {
        let Self { follower, taker, .. } = self;
        let mut polled = follower.poll(clock::real_time(), &mut |line| taker.take(line));
        taker.flush(&mut polled);
        for number in &polled.finished {
            taker.forget(*number);
        }
        polled
    }

    /// `true` when the end was asked for.
    fn wait(&self, polled: &Polled, stop: &Stop) -> bool {
        let wait = polled.wait.min(SAVE_INTERVAL);
        let gather = if polled.lines > 0 { GATHER.min(wait) } else { Duration::ZERO };
        let news = self.follower.tree().events();
        stop.wait(None, gather) || stop.wait(news, wait.saturating_sub(gather))
    }

    fn tell(&mut self, polled: &Polled) {
        if !self.is_quiet {
            for path in &polled.missing {
                say(waits_for(path));
            }
            for path in &polled.truncated {
                say(format_args!("{} was written anew: reading it from its start", path.display()));
            }
            for path in &polled.binary {
                say(format_args!(
                    "{} looks binary and is left out; name it to have it read",
                    path.display()
                ));
            }
        }
        for problem in &polled.problems {
            let (name, error) = (problem.path.display(), &problem.error);
            // That another process has it, or had, is no failure.
            if error.kind() == std::io::ErrorKind::ResourceBusy {
                say(format_args!("{name}: {error}"));
                continue;
            }
            say(format_args!("cannot read {name}: {error}"));
            let path = problem.path.display().to_string();
            let source = self.taker.sources.values_mut().find(|known| known.tally.source == path);
            if let Some(source) = source {
                source.tally.problems += 1;
            }
        }
    }

    /// Saves the positions that the log has reached.
    pub(super) fn save(&mut self, directory: &Directory) {
        self.taker.positions.save(directory);
    }

    fn write_tally(&mut self, directory: &Directory) {
        let seconds = self.tallied.elapsed().as_secs_f64().max(0.001);
        self.tallied = Instant::now();
        self.tally.updated_ns = clock::real_time();
        self.taker.mark_renamed();
        let sources = self.taker.sources.values_mut().map(|source| source.tally(seconds));
        let sources = sources.collect();
        self.tally.set_sources(sources);
        let problem = self.tally.write(directory.path()).err().map(|error| error.to_string());
        if let Some(text) = problem.as_ref().filter(|_| problem != self.tally_problem) {
            say(format_args!("the counts of the sources cannot be shown to others: {text}"));
        }
        self.tally_problem = problem;
    }

    /// Hands over what still waits for more lines, unless it will be read again at once.
    pub(super) fn end(&mut self, ended: Ended, directory: &Directory) {
        if ended == Ended::Asked {
            self.taker.sources.values_mut().for_each(|source| source.capture.end());
            if !self.is_quiet && !self.paths.is_empty() {
                say(format_args!("{} taken over", counted(self.taker.lines, "line")));
            }
        }
        self.tally.remove(directory.path());
    }
}

/// What is told of a path that leads to no file now.
fn waits_for(path: &Path) -> String {
    let name = path.display();
    match (std::fs::symlink_metadata(path), path.parent().is_some_and(Path::is_dir)) {
        (Ok(_), _) => format!("no file to follow in {name} yet: waiting for one"),
        (Err(_), _) if is_pattern(path) => {
            format!("no file fits {name} yet: waiting for one")
        }
        (Err(_), true) => format!("there is no {name} yet: waiting for it"),
        (Err(_), false) => format!("there is no {name} yet, nor its directory: waiting for it"),
    }
}

fn options(arguments: &FollowArguments) -> FollowOptions {
    FollowOptions {
        start: match arguments.from {
            From::Start => Start::Beginning,
            From::End => Start::End,
        },
        links: match arguments.symlinks {
            Symlinks::Follow => Links::Follow,
            Symlinks::Skip => Links::Skip,
        },
        with_packed: arguments.history,
        ansi: match arguments.ansi {
            Colours::Strip => Ansi::Strip,
            Colours::Keep => Ansi::Keep,
        },
        open_files_max: open_files_max(),
        ..FollowOptions::default()
    }
}

/// A share of what the system allows; as much is asked for as this user may have.
fn open_files_max() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.unwrap_or(u64::MAX).min(OPEN_FILES_MAX * OPEN_FILES_SHARE * 2);
    let current = limit.current.unwrap_or(u64::MAX);
    let raised = Rlimit { current: Some(wanted.max(current)), maximum: limit.maximum };
    let allowed =
        if setrlimit(Resource::Nofile, raised).is_ok() { wanted.max(current) } else { current };
    (allowed / OPEN_FILES_SHARE).clamp(8, OPEN_FILES_MAX) as usize
}

impl Taker {
    fn take(&mut self, line: FollowedLine<'_>) {
        let FollowedLine { number, source, written_ns, before, line } = line;
        if !self.sources.contains_key(&number) && !self.enter(number, source) {
            return;
        }
        let Some(known) = self.sources.get_mut(&number) else { return };
        if known.identity != source.identity {
            // The file has grown: more of its beginning tells it from others.
            let Some(number) = self.positions.number(source.identity, &known.tally.source) else {
                self.is_full = true;
                return;
            };
            known.capture.set_source(number);
            known.identity = source.identity;
        }
        self.lines += 1;
        let from = known.end.unwrap_or(line.end.saturating_sub(line.text.len() as u64 + 1));
        known.tally.bytes += line.end.saturating_sub(from);
        known.end = Some(line.end);
        let lag_ns = clock::real_time().saturating_sub(written_ns).max(0).unsigned_abs();
        known.tally.lag_ms = lag_ns / 1_000_000;
        known.capture.set_written_ns(Some(written_ns));
        known.capture.begin_behind(&before);
        known.capture.take(line);
        if known.capture.deadline_ns().is_some() {
            self.waiting.insert(number);
        }
    }

    /// Marks those whose name is that of another file now. Only names that occur twice are looked up.
    fn mark_renamed(&mut self) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for source in self.sources.values() {
            *counts.entry(&source.tally.source).or_default() += 1;
        }
        counts.retain(|_, count| *count > 1);
        let named =
            |path: &str| std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()));
        let places: HashMap<String, _> =
            counts.keys().map(|path| ((*path).to_owned(), named(path))).collect();
        for source in self.sources.values_mut() {
            let place = places.get(&source.tally.source);
            let own = (source.identity.device, source.identity.inode);
            let is_renamed = place.is_some_and(|place| *place != Some(own));
            source.tally.renamed_inode = is_renamed.then_some(own.1);
        }
    }

    /// Makes a new source known to the segment. `false` when there are too many: its lines are
    /// read again in another life.
    fn enter(&mut self, number: u32, found: &KnownSource) -> bool {
        let origin = Origin::of(&found.path);
        let service = self.service.clone().unwrap_or_else(|| origin.service.clone());
        let source = found.path.display().to_string();
        let Some(in_segment) = self.positions.number(found.identity, &source) else {
            self.is_full = true;
            return false;
        };
        let options = self.kind.stream(Some(service.clone()));
        let capture = Capture::with(options, origin.values(), Some(in_segment));
        let tally = SourceTally { source, service, ..SourceTally::default() };
        let identity = found.identity;
        let source = Source { capture, tally, identity, end: None, lines_before: 0 };
        self.sources.insert(number, Box::new(source));
        true
    }

    /// Hands over what has waited long enough for more lines, where there are none to be read.
    fn flush(&mut self, polled: &mut Polled) {
        let now_ns = clock::real_time();
        let behind: HashSet<u32> = polled.behind.iter().copied().collect();
        let mut earliest: Option<i64> = None;
        let Self { waiting, sources, .. } = self;
        waiting.retain(|number| {
            let Some(source) = sources.get_mut(number) else { return false };
            if !behind.contains(number) {
                source.capture.flush(now_ns);
            }
            let deadline = source.capture.deadline_ns();
            earliest = earliest.into_iter().chain(deadline).min();
            deadline.is_some()
        });
        if let Some(deadline) = earliest {
            let left = deadline.saturating_sub(now_ns).max(0).unsigned_abs();
            polled.wait = polled.wait.min(Duration::from_nanos(left));
        }
    }

    /// Nothing more will come from a source.
    fn forget(&mut self, number: u32) {
        if let Some(mut source) = self.sources.remove(&number) {
            source.capture.end();
        }
    }
}

impl Source {
    fn tally(&mut self, seconds: f64) -> SourceTally {
        self.tally.set_counts(self.capture.counts());
        let new = self.tally.lines.saturating_sub(self.lines_before);
        self.lines_before = self.tally.lines;
        self.tally.lines_per_second = (new as f64 / seconds).round() as u64;
        let format = self.capture.format().unwrap_or_default();
        if self.tally.format != format {
            format.clone_into(&mut self.tally.format);
        }
        self.tally.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    /// Up to 12,000 of them are there at a time.
    #[test]
    fn what_is_kept_of_a_source_stays_small() {
        let bytes = size_of::<Source>();
        assert!(bytes <= 832, "a source takes {bytes} bytes");
    }
}
