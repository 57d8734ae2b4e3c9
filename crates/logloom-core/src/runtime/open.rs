//! Building a runtime: directory, segment, registration, front, writer, in this order.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use logloom_record::names::SecretNames;
use logloom_ring::Segment;
use logloom_ring::clock::{ClockKind, ClockPair};
use logloom_ring::front::{self, Front, Sizes};
use logloom_ring::memory::SharedMemory;
use logloom_ring::process;
use logloom_ring::segment::directory::{self, RingDirectory};
use logloom_ring::segment::{Identity, SegmentOptions};
use logloom_store::sys::LinuxPlatform;
use logloom_store::{
    Access, Directory, Options, StoreError, StoreSettings, WriterHandle, WriterIdentity,
};

use super::failover::{NotRegistered, StderrLog};
use super::hooks::RuntimeHooks;
use super::{Inner, Place, limits, options};
use crate::alert::{Alert, Alerts};
use crate::metrics::Counters;
use crate::settings::{RingDir, Settings};
use crate::writer::{Log, Writer};

/// Why a runtime cannot start. `Debug` shows the same text as `Display`, because that is what a
/// `main` that returns the error prints.
#[non_exhaustive]
pub enum StartError {
    /// This process has a runtime already.
    AlreadyRunning,
    /// No shared memory for the rings.
    Memory {
        /// The directory that was tried last.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyRunning => formatter
                .write_str("logging is already running in this process: keep the first guard"),
            Self::Memory { path, source } => write!(
                formatter,
                "no memory for the rings in {}: {source}; set store.ring_dir to a directory of \
                 your own on a memory file system",
                path.display()
            ),
        }
    }
}

impl fmt::Debug for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for StartError {}

/// What a runtime begins with.
pub(super) enum Beginning {
    /// A start, with the dictionary of an earlier life in this process.
    Start(Vec<u8>),
    /// The first record of a fork child, which waits for it, with the parent's dictionary.
    ForkChild(Vec<u8>),
}

/// Builds and installs a runtime.
pub(super) fn open(
    settings: Arc<Settings>,
    beginning: Beginning,
) -> Result<Arc<Inner>, StartError> {
    process::with_size_limit_as_error(|| build(settings, beginning))
}

fn build(settings: Arc<Settings>, beginning: Beginning) -> Result<Arc<Inner>, StartError> {
    let alerts = Alerts::default();
    let access = match beginning {
        Beginning::Start(_) => Access::Append,
        Beginning::ForkChild(_) => Access::Join,
    };
    let Found { directory, index, alerts: found } = first_directory(&settings, 0, access);
    found.into_iter().for_each(|alert| alerts.raise(alert));
    if directory.is_none() {
        alerts.raise(Alert::Switched { to: "the standard error".to_owned() });
    }
    let log_dir = match &directory {
        Some(directory) => absolute(directory.path()),
        None => settings.store.dir.first().cloned().unwrap_or_default(),
    };
    let identity = identity();
    let segment = create_segment(&settings, &log_dir, identity, beginning)?;
    segment.note_clock(ClockPair::read(segment.clock()));
    note_home(directory.as_ref(), &segment, &log_dir);
    let registered = directory.as_ref().map(|directory| register(directory, &segment)).transpose();
    // Records wait in their rings for a catalogue that others hold: the writer registers when it is free.
    let is_busy = matches!(registered, Err(StoreError::Busy { .. }));
    let is_diverted = registered.is_err() && !is_busy;
    let handle = registered.unwrap_or_else(|error| {
        if !is_busy {
            alerts.raise(Alert::WriteFailed { text: error.to_string() });
        }
        None
    });
    let inner = Arc::new(Inner {
        process: identity.pid,
        secrets: RwLock::new(Arc::new(secret_names(&settings))),
        settings: RwLock::new(settings.clone()),
        initial: settings.clone(),
        front: OnceLock::new(),
        writer: Mutex::new(None),
        place: Mutex::new(Place { directory, index, is_diverted }),
        handle: RwLock::new(handle),
        counters: Arc::new(Counters::default()),
        alerts,
        stopping: AtomicBool::new(false),
        thread_runs: AtomicBool::new(false),
        paused: AtomicBool::new(false),
        thread: Mutex::default(),
        keeps_house: AtomicBool::new(false),
        told_of_files: Mutex::default(),
        failing: AtomicBool::new(index == settings.store.dir.len()),
        stopped: AtomicBool::new(false),
        changing: Mutex::default(),
        chores: Mutex::default(),
    });
    install(&inner, segment, &settings, &log_dir)?;
    Ok(inner)
}

/// Tells the segment which catalogue will name it. The path was short enough for its creation.
pub(super) fn note_home(directory: Option<&Directory>, segment: &Segment, log_dir: &Path) {
    if let Some(catalogue) = directory.and_then(Directory::store_id) {
        let _ = segment.set_home(catalogue, log_dir);
    }
}

/// The path from the root: another process works in another directory.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn install(
    inner: &Arc<Inner>,
    segment: Segment,
    settings: &Settings,
    log_dir: &Path,
) -> Result<(), StartError> {
    let sizes = Sizes {
        normal: settings.ring.bytes_per_thread,
        urgent: settings.ring.error_bytes_per_thread,
        total: settings.ring.total,
        record: settings.ring.record_bytes(),
    };
    let hooks = Box::new(RuntimeHooks(inner.clone()));
    let front = Front::new(segment, hooks, sizes)
        .map_err(|source| StartError::Memory { path: log_dir.to_owned(), source })?;
    let front = front::install(front);
    let log = inner.log(&super::lock(&inner.place));
    let mut writer = Writer::new(
        &front.segment,
        log,
        options::loom(settings),
        limits(settings),
        inner.counters.clone(),
    );
    writer.set_durability(settings.store.durability);
    writer.set_foreign_day(settings.foreign_day);
    let (masks, truncator) = options::stages(settings);
    writer.set_stages(masks, truncator);
    writer.set_console(options::console(settings));
    *super::lock(&inner.writer) = Some(writer);
    // The cell is new, so it cannot be full.
    let _ = inner.front.set(front);
    Ok(())
}

impl Inner {
    /// What batches go to now.
    pub(super) fn log(&self, place: &Place) -> Box<Log> {
        match self.handle.read().unwrap_or_else(std::sync::PoisonError::into_inner).as_ref() {
            Some(handle) => Box::new(handle.clone()),
            None if place.directory.is_some() && !place.is_diverted => Box::new(NotRegistered),
            None => Box::new(StderrLog(self.counters.clone())),
        }
    }

    pub(super) fn is_registered(&self) -> bool {
        self.handle.read().unwrap_or_else(std::sync::PoisonError::into_inner).is_some()
    }
}

/// What looking for a directory gave.
pub(super) struct Found {
    pub(super) directory: Option<Directory>,
    /// Its number in the list; the list's length when there is none.
    pub(super) index: usize,
    /// What was noticed on the way, to be told when no lock is held.
    pub(super) alerts: Vec<Alert>,
}

/// The first directory from number `from` on that can be opened.
pub(super) fn first_directory(settings: &Settings, from: usize, access: Access) -> Found {
    let mut alerts = Vec::new();
    for (index, path) in settings.store.dir.iter().enumerate().skip(from) {
        match open_directory(path, settings, access) {
            Ok(directory) => {
                let text = |warning: &_| Alert::Store { text: ToString::to_string(warning) };
                alerts.extend(directory.warnings().iter().map(text));
                return Found { directory: Some(directory), index, alerts };
            }
            Err(error) => alerts.push(Alert::WriteFailed { text: error.to_string() }),
        }
    }
    Found { directory: None, index: settings.store.dir.len(), alerts }
}

fn open_directory(
    path: &Path,
    settings: &Settings,
    access: Access,
) -> Result<Directory, StoreError> {
    let store =
        StoreSettings { max_file_size: settings.store.max_file_size, ..StoreSettings::default() };
    let options = Options { access, settings: store, ..Options::default() };
    Directory::open(path, options, Arc::new(LinuxPlatform))
}

/// Registers this process. Without a place the lines go to the standard error, unless the directory is
/// merely busy.
///
/// # Errors
/// Why the directory does not take the registration, to be told when no lock is held.
pub(super) fn register(
    directory: &Directory,
    segment: &Segment,
) -> Result<Arc<WriterHandle>, StoreError> {
    let own = segment.identity();
    let identity = WriterIdentity {
        uuid: own.uuid,
        boot_id: own.boot_id,
        pid: own.pid,
        start_time: own.start_time,
        pid_namespace: own.pid_namespace,
        segment_path: segment.path().to_string_lossy().into_owned(),
        segment_inode: segment.inode(),
    };
    directory.register(identity).map(Arc::new)
}

fn identity() -> Identity {
    let platform = LinuxPlatform;
    let own = WriterIdentity::of_this_process(&platform, String::new(), 0);
    Identity {
        uuid: own.uuid,
        boot_id: own.boot_id,
        pid: own.pid,
        pid_namespace: own.pid_namespace,
        start_time: own.start_time,
    }
}

fn create_segment(
    settings: &Settings,
    log_dir: &Path,
    identity: Identity,
    beginning: Beginning,
) -> Result<Segment, StartError> {
    let (create, dictionary): (fn(_, &_) -> _, _) = match beginning {
        Beginning::Start(dictionary) => (Segment::create, dictionary),
        // The child's writer takes the rest, so that the caller need not wait for it.
        Beginning::ForkChild(dictionary) => (Segment::create_without_staging, dictionary),
    };
    let wanted = match &settings.store.ring_dir {
        RingDir::Auto => RingDirectory::Automatic,
        RingDir::Path(path) => RingDirectory::At(path.clone()),
    };
    let mut options = SegmentOptions {
        path: PathBuf::new(),
        log_dir: log_dir.to_owned(),
        identity,
        config: options::stage_config(settings),
        total_bytes: settings.ring.total,
        clock: ClockKind::detect(),
        dictionary,
    };
    let mut failed = StartError::Memory {
        path: log_dir.to_owned(),
        source: io::Error::other("there is no place to try"),
    };
    for ring_dir in directory::candidates(&wanted, log_dir) {
        options.path = ring_dir.join(directory::file_name(&identity));
        let made = directory::prepare(&ring_dir).and_then(|()| create(&SharedMemory, &options));
        match made {
            Ok(segment) => return Ok(segment),
            Err(source) => failed = StartError::Memory { path: ring_dir, source },
        }
    }
    Err(failed)
}

/// The names whose values are masked: none when masking is switched off.
pub(super) fn secret_names(settings: &Settings) -> SecretNames {
    match settings.mask.enabled {
        true => SecretNames::with(settings.mask.fields.iter().map(String::as_str)),
        false => SecretNames::none(),
    }
}
