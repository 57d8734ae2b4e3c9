//! `logloom follow`: takes over files that other programs write, as they grow.
//!
//! How far each file was read travels in the batch that holds its lines, so that after a kill at
//! any instruction recovery knows exactly where to go on. About each second, and at the end, the
//! positions are saved in the log directory as well, for the time after the memory is gone.
//!
//! What may be lost: what [`logloom_intake::Follower`] says. What may be repeated: lines since the
//! last save when the whole machine goes down; a line of more than a megabyte that was killed
//! between its parts.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use logloom_core::sources;
use logloom_intake::{
    Defaults, FollowOptions, FollowedLine, Follower, KnownSource, LocalFiles, Polled,
    SourceIdentity, Start, StreamOptions,
};
use logloom_record::Value;
use logloom_record::wire::dictionary::Source;
use logloom_ring::{clock, front};
use logloom_store::{Directory, SourcePosition as SavedPosition};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::args::{FollowArguments, From};
use crate::capture::Capture;
use crate::engine::{Engine, STOP_WAIT};
use crate::exit::{Failure, Outcome, say};
use crate::{place, signals};

/// Time between two saves of the positions.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);

pub(crate) fn run(arguments: FollowArguments) -> Result<Outcome, Failure> {
    let mut settings = place::settings(&arguments.place)?;
    if arguments.service.as_deref() == Some("") {
        return Err(Failure::Usage("--service: an empty name is impossible".to_owned()));
    }
    let directory = Engine::open(&mut settings)?;
    refuse_own_log(&arguments.paths, directory.path())?;
    let stop = watch_signals().map_err(|error| Failure::system("watch signals", error))?;
    let known = known_sources(&directory)?;
    let engine = Engine::start(settings, directory)?;
    let mut session = Session::new(&arguments, &known);
    session.begin();
    let failure = session.follow(engine.directory(), &stop);
    session.sources.values_mut().for_each(Capture::end);
    let is_complete = engine.stop();
    session.save(engine.directory());
    if !arguments.quiet {
        say(format_args!("{} lines taken over", session.lines));
    }
    match failure {
        Some(failure) => Err(failure),
        None if is_complete => Ok(Outcome::Done),
        None => Err(Failure::System("the log was not written to its end".to_owned())),
    }
}

/// Following what is written by following would never end.
fn refuse_own_log(paths: &[PathBuf], log: &Path) -> Result<(), Failure> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| absolute(path));
    let log = real(log);
    let is_own = |path: &&PathBuf| log.starts_with(real(path)) || real(path).starts_with(&log);
    match paths.iter().find(is_own) {
        None => Ok(()),
        Some(path) => Err(Failure::Usage(format!(
            "{} holds the log directory {} itself, or is part of it: name the files to follow, or \
             choose another log directory with --dir",
            path.display(),
            log.display()
        ))),
    }
}

static STOPPING: AtomicBool = AtomicBool::new(false);

/// A message comes when a signal asks for the end. When the log takes nothing, so that the reader
/// waits within a call, the process ends without it after a while, or at a second signal.
fn watch_signals() -> std::io::Result<Receiver<()>> {
    let (send, receive) = mpsc::channel();
    signals::watch(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM], move |_| {
        if STOPPING.swap(true, Ordering::AcqRel) {
            give_up();
        }
        // The receiver lives as long as the reader.
        let _ = send.send(());
        std::thread::spawn(|| {
            std::thread::sleep(STOP_WAIT * 2);
            give_up();
        });
    })?;
    Ok(receive)
}

/// Ends at once. Nothing is lost by it: the next command finishes the work.
fn give_up() {
    say("ended before the log took everything; the rest waits in memory, see logloom recover");
    std::process::exit(3);
}

/// What earlier runs have taken over from this directory's point of view.
fn known_sources(directory: &Directory) -> Result<Vec<KnownSource>, Failure> {
    let saved = directory.load_sources().map_err(|error| Failure::System(error.to_string()))?;
    let known = saved.positions.into_iter().map(|saved| KnownSource {
        identity: SourceIdentity {
            device: saved.device,
            inode: saved.inode,
            fingerprint: saved.fingerprint,
        },
        path: PathBuf::from(saved.path),
        position: saved.position,
    });
    Ok(known.collect())
}

/// One run over a set of paths.
struct Session {
    follower: Follower<LocalFiles>,
    paths: Vec<PathBuf>,
    known_files: usize,
    service: Option<String>,
    is_quiet: bool,
    sources: HashMap<u32, Capture>,
    saved: Vec<SavedPosition>,
    save_problem: Option<String>,
    lines: u64,
}

impl Session {
    fn new(arguments: &FollowArguments, known: &[KnownSource]) -> Self {
        let start = match arguments.from {
            From::Start => Start::Beginning,
            From::End => Start::End,
        };
        let options = FollowOptions { start, ..FollowOptions::default() };
        let paths = arguments.paths.iter().map(|path| absolute(path)).collect::<Vec<_>>();
        Self {
            follower: Follower::new(LocalFiles, paths.clone(), known, options),
            paths,
            known_files: known.len(),
            service: arguments.service.clone(),
            is_quiet: arguments.quiet,
            sources: HashMap::new(),
            saved: Vec::new(),
            save_problem: None,
            lines: 0,
        }
    }

    fn begin(&self) {
        if self.is_quiet {
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
            count => format!("; {count} known files go on where they were left"),
        };
        say(format_args!("following {}{more}{known}", paths.join(", ")));
    }

    /// Reads until a signal asks for the end.
    fn follow(&mut self, directory: &Directory, stop: &Receiver<()>) -> Option<Failure> {
        let mut saved_at = Instant::now();
        loop {
            let polled = self.poll();
            self.tell(&polled);
            if saved_at.elapsed() >= SAVE_INTERVAL {
                self.save(directory);
                saved_at = Instant::now();
            }
            match stop.recv_timeout(polled.wait) {
                Err(RecvTimeoutError::Timeout) => {}
                Ok(()) | Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn poll(&mut self) -> Polled {
        let mut given = Vec::new();
        let polled = self.follower.poll(&mut |line| given.push(line));
        self.lines += given.len() as u64;
        given.into_iter().for_each(|line| self.take(line));
        self.flush(polled)
    }

    /// Hands over what has waited long enough for more lines, once there are none to be read.
    fn flush(&mut self, mut polled: Polled) -> Polled {
        if polled.more {
            return polled;
        }
        let now_ns = clock::real_time();
        for capture in self.sources.values_mut() {
            capture.flush(now_ns);
            let left = capture.deadline_ns().map(|deadline| deadline.saturating_sub(now_ns));
            let left = left.map(|left| Duration::from_nanos(left.max(0).unsigned_abs()));
            polled.wait = left.map_or(polled.wait, |left| polled.wait.min(left));
        }
        polled
    }

    fn take(&mut self, line: FollowedLine) {
        let FollowedLine { source, line } = line;
        if !self.sources.contains_key(&source) {
            let capture = self.enter(source);
            self.sources.insert(source, capture);
        }
        if let Some(capture) = self.sources.get_mut(&source) {
            capture.take(line);
        }
    }

    /// Makes a new source known to the segment.
    fn enter(&self, source: u32) -> Capture {
        let found = self.follower.source(source);
        let path = found.map(|found| found.path.display().to_string()).unwrap_or_default();
        let service = self.service.clone().unwrap_or_else(|| service_of(Path::new(&path)));
        let number = found.and_then(|found| {
            let SourceIdentity { device, inode, fingerprint } = found.identity;
            sources::add(&Source { device, inode, fingerprint, path: path.clone() })
        });
        if number.is_none() {
            say(format_args!(
                "too many files at once: after a restart {path} is read from its start again"
            ));
        }
        let zone = Some(TimeZone::system());
        let defaults = Defaults { service: Some(service), zone, ..Defaults::default() };
        let options = StreamOptions { defaults, ..StreamOptions::default() };
        Capture::with(options, vec![("path".to_owned(), Value::Text(path))], number)
    }

    fn tell(&self, polled: &Polled) {
        for path in &polled.truncated {
            if !self.is_quiet {
                say(format_args!("{} was written anew: reading it from its start", path.display()));
            }
        }
        for problem in &polled.problems {
            say(format_args!("cannot read {}: {}", problem.path.display(), problem.error));
        }
    }

    /// Saves the positions that the log has reached, when they have changed.
    fn save(&mut self, directory: &Directory) {
        let Some(front) = front::current() else { return };
        let reached = sources::of(&front.segment);
        if reached.is_empty() || reached == self.saved {
            return;
        }
        match directory.save_sources(&reached) {
            Ok(()) => {
                self.saved = reached;
                self.save_problem = None;
            }
            // Tried again with the next lines; a kill in the meantime costs nothing.
            Err(error) => {
                let text = error.to_string();
                if self.save_problem.as_ref() != Some(&text) {
                    say(format_args!("positions are not saved yet: {text}"));
                    self.save_problem = Some(text);
                }
            }
        }
    }
}

/// Names in messages and records should mean the same wherever they are read.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The name of a file up to its first dot.
fn service_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let stem = name.trim_start_matches('.').split('.').next().unwrap_or_default();
    let stem: String = stem.chars().take(64).collect();
    if stem.is_empty() { "unknown".to_owned() } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_after_files() {
        let check = |path: &str, expect: &str| assert_eq!(service_of(Path::new(path)), expect);
        check("/var/log/dpkg.log", "dpkg");
        check("/var/log/syslog.1", "syslog");
        check("app", "app");
        check("/x/.hidden.log", "hidden");
        check("/", "unknown");
    }
}
