//! `logloom import`: takes over files as they are, packed ones too, each line once.
//!
//! 1. `walk` finds the files behind the paths, archives' members among them;
//! 2. each job (`job`) takes one after the other: `origin` opens and unpacks it, `content` and
//!    `reading` read it, `ledger` says whether it was imported before and how far, a `Stream` makes records of its
//!    lines, which go to the log like any others;
//! 3. the main thread shows how far it is (`progress`) and tells what became of each file
//!    (`report`).
//!
//! How far a file was read travels in the batch that holds its lines, so that after a kill at any
//! instruction the same command goes on exactly there. What may be repeated: lines of the last
//! second when the whole machine goes down. One import into a directory at a time.

mod content;
mod days;
mod identity;
mod job;
mod ledger;
mod origin;
mod progress;
mod reading;
mod report;
mod tally;
mod walk;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use logloom_core::settings::{ForeignDay, Housekeeping, Settings};
use logloom_core::{Emitter, sources};
use logloom_intake::unpack::UnpackLimits;
use logloom_intake::{Defaults, StreamOptions};
use logloom_record::wire::dictionary::Source;
use logloom_ring::{clock, front};
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use self::days::{Days, LastDay};
use self::job::{FileReport, Job, LedgerFailed, Work};
use self::ledger::Ledger;
use self::origin::Place;
use self::progress::Progress;
use self::report::Reporter;
use self::walk::{Found, Walk};
use crate::args::ImportArguments;
use crate::engine::{Engine, STOP_WAIT};
use crate::exit::{Failure, Outcome, say};
use crate::{formats, place, signals};

/// Device of the sources that are jobs of an import: no device has this number.
const IMPORT_DEVICE: u64 = u64::MAX;

/// Rings of a job: room for what is read while a batch is written.
const RING_BYTES: u64 = 2 << 20;

/// Files found ahead of the jobs.
const FILES_AHEAD: usize = 64;

const LOOK: Duration = Duration::from_millis(100);
const SAVE_INTERVAL: Duration = Duration::from_secs(1);

/// Set by a signal: the import stops at the next chunk.
static STOP: AtomicBool = AtomicBool::new(false);

/// What the jobs send to the main thread.
enum Event {
    File(Box<FileReport>),
    Problem { name: String, error: io::Error },
    Ended(LedgerFailed),
}

pub(crate) fn run(arguments: &ImportArguments) -> Result<Outcome, Failure> {
    let mut settings = place::settings(&arguments.place)?;
    if arguments.service.as_deref() == Some("") {
        return Err(Failure::Usage("--service: an empty name is impossible".to_owned()));
    }
    let options = stream_options(arguments, &settings)?;
    watch_signals().map_err(|error| Failure::system("watch signals", error))?;
    match arguments.dry_run {
        true => dry(arguments, options, &settings),
        false => real(arguments, options, &mut settings),
    }
}

/// How lines become records.
fn stream_options(
    arguments: &ImportArguments,
    settings: &Settings,
) -> Result<StreamOptions, Failure> {
    let format = formats::over(&arguments.format, &settings.intake);
    let recogniser = formats::recogniser(&format)?;
    let zone = formats::zone(&format)?;
    let defaults =
        Defaults { zone: Some(zone), arrival_ns: clock::real_time(), ..Defaults::default() };
    Ok(StreamOptions { recogniser, defaults, ..StreamOptions::default() })
}

/// A message comes when a signal asks for the end. When the log takes nothing, so that a job waits
/// within a call, the process ends without it after a while, or at a second signal.
fn watch_signals() -> io::Result<()> {
    signals::watch(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM], |_| {
        if STOP.swap(true, Ordering::AcqRel) {
            give_up();
        }
        std::thread::spawn(|| {
            std::thread::sleep(STOP_WAIT * 2);
            give_up();
        });
    })
}

/// Ends at once. Nothing is lost by it: the next command finishes the work.
fn give_up() {
    say("ended before the log took everything; the rest waits in memory, see logloom recover");
    std::process::exit(3);
}

fn real(
    arguments: &ImportArguments,
    options: StreamOptions,
    settings: &mut Settings,
) -> Result<Outcome, Failure> {
    settings.foreign_day = ForeignDay::Own;
    // What is imported may be older than anything is kept: that is for the next program to see to.
    settings.store.housekeeping = Housekeeping::Never;
    settings.ring.bytes_per_thread = settings.ring.bytes_per_thread.max(RING_BYTES);
    settings.ring.error_bytes_per_thread = settings.ring.error_bytes_per_thread.max(RING_BYTES / 2);
    let directory = Engine::open(settings)?;
    let log = real_path(directory.path());
    refuse_own_log(&arguments.paths, &log)?;
    let folder = directory.path().join(".logloom");
    let jobs = jobs(arguments);
    let ledger = open_ledger(&directory, &folder, jobs)?;
    let days = Days::of(Some(&directory));
    let engine = Engine::start(settings.clone(), directory)?;
    let work = work(arguments, options, &ledger, &folder, &days);
    let sources = (0..jobs).map(|job| add_source(&ledger, job)).collect();
    let run = Run { arguments, work: &work, sources, own: Some(log) };
    let mut told = None;
    let finished = run.run(&mut || save(engine.directory(), &mut told));
    engine.drain();
    let is_complete = engine.stop();
    save(engine.directory(), &mut told);
    match finished {
        Ok(outcome) if is_complete => Ok(outcome),
        Ok(_) => Err(Failure::System("the log was not written to its end".to_owned())),
        Err(failure) => Err(failure),
    }
}

fn dry(
    arguments: &ImportArguments,
    options: StreamOptions,
    settings: &Settings,
) -> Result<Outcome, Failure> {
    let log = settings.store.dir.iter().find(|path| path.is_dir()).map(|path| real_path(path));
    if let Some(log) = &log {
        refuse_own_log(&arguments.paths, log)?;
    }
    let folder = log.clone().unwrap_or_default().join(".logloom");
    let scratch = PathBuf::from(std::env::var_os("TMPDIR").unwrap_or_else(|| "/tmp".into()));
    let jobs = jobs(arguments);
    let ledger = Ledger::open_unchanged(&folder, jobs, &scratch)
        .map_err(|error| Failure::system(format!("read {}", folder.display()), error))?;
    let platform = Arc::new(LinuxPlatform);
    let directory =
        log.as_ref().and_then(|log| Directory::open(log, Options::reader(), platform).ok());
    let days = Days::of(directory.as_ref());
    let work = work(arguments, options, &ledger, &scratch, &days);
    let run = Run { arguments, work: &work, sources: vec![None; jobs], own: log };
    run.run(&mut || {})
}

fn work<'a>(
    arguments: &ImportArguments,
    options: StreamOptions,
    ledger: &'a Ledger,
    folder: &'a Path,
    days: &'a Days,
) -> Work<'a> {
    Work {
        ledger,
        folder,
        days,
        options,
        service: arguments.service.clone(),
        limits: limits(arguments),
        is_dry: arguments.dry_run,
        is_again: arguments.again,
        stop: &STOP,
        read: Arc::default(),
        records: 0.into(),
    }
}

fn limits(arguments: &ImportArguments) -> UnpackLimits {
    UnpackLimits { ratio: arguments.max_ratio, ..UnpackLimits::default() }
}

/// The writer takes a thread of its own, so that half the processors read.
fn jobs(arguments: &ImportArguments) -> usize {
    const MOST: usize = 8;
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    arguments.jobs.map_or_else(|| processors.div_ceil(2).clamp(1, MOST), usize::from)
}

/// Opens the ledger once nothing is left of a killed import but what the ledger tells.
fn open_ledger(directory: &Directory, folder: &Path, jobs: usize) -> Result<Ledger, Failure> {
    let writers = directory.writers().unwrap_or_default();
    if writers.iter().any(|writer| writer.life.is_dead()) {
        return Err(Failure::System(format!(
            "records of a program that died could not be recovered, and one that imported may be \
             among them: run logloom recover --dir {} first",
            directory.path().display()
        )));
    }
    let saved = directory.load_sources().map_err(|error| Failure::System(error.to_string()))?;
    let reached: HashMap<(u64, u64), u64> = saved
        .positions
        .into_iter()
        .filter(|saved| saved.device == IMPORT_DEVICE)
        .map(|saved| ((saved.fingerprint, saved.inode), saved.position))
        .collect();
    let position = |id: u64, job: usize| reached.get(&(id, job as u64)).copied();
    Ledger::open(folder, jobs, &position).map_err(|error| {
        Failure::system(format!("use {}", folder.join(ledger::NAME).display()), error)
    })
}

/// Makes a job's sequence of bytes known to the segment.
fn add_source(ledger: &Ledger, job: usize) -> Option<u32> {
    let path = format!("import, job {job}");
    sources::add(&Source {
        device: IMPORT_DEVICE,
        inode: job as u64,
        fingerprint: ledger.id(),
        path,
    })
}

/// Saves the positions that the log has reached, for the time after a restart of the machine. A
/// save that fails is tried again; without it a kill still costs nothing. Each reason is told once.
fn save(directory: &Directory, told: &mut Option<String>) {
    let Some(front) = front::current() else { return };
    let reached = sources::of(&front.segment);
    if !reached.is_empty()
        && let Err(error) = directory.save_sources(&reached)
    {
        let text = error.to_string();
        if told.as_ref() != Some(&text) {
            say(format_args!(
                "positions are not saved yet: {text}; it is tried again, and only a restart of the machine \
                 before that would repeat lines"
            ));
            *told = Some(text);
        }
    }
}

fn real_path(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The log is no input of its own.
fn refuse_own_log(paths: &[PathBuf], log: &Path) -> Result<(), Failure> {
    match paths.iter().find(|path| real_path(path).starts_with(log)) {
        None => Ok(()),
        Some(path) => Err(Failure::Usage(format!(
            "{} is part of the log directory {} itself: choose another log directory with --dir",
            path.display(),
            log.display()
        ))),
    }
}

/// One import, ready to go.
struct Run<'a> {
    arguments: &'a ImportArguments,
    work: &'a Work<'a>,
    /// The number of each job's sequence of bytes.
    sources: Vec<Option<u32>>,
    own: Option<PathBuf>,
}

impl Run<'_> {
    fn run(&self, save: &mut dyn FnMut()) -> Result<Outcome, Failure> {
        let (events, incoming) = mpsc::channel();
        let (found, waiting) = mpsc::sync_channel(FILES_AHEAD);
        let waiting = Mutex::new(waiting);
        std::thread::scope(|scope| {
            let told = events.clone();
            let mut threads = vec![scope.spawn(|| self.walk(found, told))];
            for (number, source) in self.sources.iter().enumerate() {
                let (told, waiting) = (events.clone(), &waiting);
                threads.push(scope.spawn(move || self.job(number, *source, waiting, &told)));
            }
            drop(events);
            let watched = self.watch(&incoming, save);
            // A scope may end before its threads have given their rings back, and a log that is
            // closed meanwhile leaves its memory for recovery.
            for thread in threads {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            }
            watched
        })
    }

    fn walk(&self, found: SyncSender<Place>, told: Sender<Event>) {
        let mut give = |file: Found| {
            // Nobody listens any more when the import has ended.
            let _ = match file {
                Found::File(place) => found.send(place).map_err(|_| ()),
                Found::Problem { name, error } => {
                    told.send(Event::Problem { name, error }).map_err(|_| ())
                }
            };
            !STOP.load(Ordering::Relaxed)
        };
        let limits = self.work.limits;
        let mut walk = Walk { own: self.own.clone(), limits, give: &mut give };
        for path in &self.arguments.paths {
            if !walk.path(path) {
                return;
            }
        }
    }

    fn job(
        &self,
        number: usize,
        source: Option<u32>,
        waiting: &Mutex<Receiver<Place>>,
        told: &Sender<Event>,
    ) {
        let emitter = if self.work.is_dry { None } else { Emitter::new() };
        let last_day = LastDay::default();
        let mut job = Job { work: self.work, number, source, emitter, last_day };
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(place) = next else { return };
            if STOP.load(Ordering::Relaxed) {
                continue;
            }
            let event = match job.take(&place) {
                Ok(report) => Event::File(Box::new(report)),
                Err(failed) => Event::Ended(failed),
            };
            // The main thread listens until the last sender is gone.
            let _ = told.send(event);
        }
    }

    /// Tells what comes, until the last job is done.
    fn watch(
        &self,
        incoming: &Receiver<Event>,
        save: &mut dyn FnMut(),
    ) -> Result<Outcome, Failure> {
        let (arguments, work) = (self.arguments, self.work);
        let format = arguments.report.format();
        let mut reporter = Reporter::new(format, arguments.dry_run, arguments.quiet);
        let mut progress = Progress::begin(&arguments.paths, !arguments.quiet);
        let (mut saved, mut ended, mut files) = (Instant::now(), None, 0_u64);
        loop {
            let event = incoming.recv_timeout(LOOK);
            if matches!(event, Ok(_) | Err(RecvTimeoutError::Disconnected)) {
                progress.clear();
            }
            files += u64::from(matches!(event, Ok(Event::File(_) | Event::Problem { .. })));
            match event {
                Ok(Event::File(report)) => reporter.file(&report),
                Ok(Event::Problem { name, error }) => reporter.problem(name, error),
                Ok(Event::Ended(failed)) => {
                    STOP.store(true, Ordering::Relaxed);
                    ended = Some(failed);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            progress.tick(work.read.load(Ordering::Relaxed), work.records.load(Ordering::Relaxed));
            if saved.elapsed() >= SAVE_INTERVAL {
                save();
                saved = Instant::now();
            }
        }
        let has_failures = reporter.has_failures();
        reporter.finish(progress.elapsed())?;
        match ended {
            Some(LedgerFailed(error)) => Err(Failure::system("note what was imported", error)),
            None if STOP.load(Ordering::Relaxed) => Err(Failure::System(
                "stopped before the end: the same command goes on from here".to_owned(),
            )),
            None if has_failures => {
                Err(Failure::System("not everything could be read, see above".to_owned()))
            }
            None if files == 0 => Ok(Outcome::Nothing),
            None => Ok(Outcome::Done),
        }
    }
}
