//! The running library of a process: one segment, one writer, one log directory.
//!
//! [`start`] builds it in the order that the protocol asks for: the segment is complete before the
//! writer is registered, and the writer is registered before the first call finds the front.

mod exit;
mod failover;
mod flush;
mod fork;
mod hooks;
mod life;
mod open;
mod options;
mod thread;
mod waits;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, TryLockError};
use std::thread::JoinHandle;
use std::time::Duration;

use logloom_record::names::SecretNames;
use logloom_ring::Segment;
use logloom_ring::front::{self, Front};
use logloom_ring::site;
use logloom_store::{Directory, WriterHandle};

pub use open::StartError;
pub(crate) use options::{limits, read_foreign_day, read_stage_config, read_stages};
pub use waits::{Around, set_around_waits};

use crate::alert::{Alert, Alerts};
use crate::lifecycle::{Lifecycle, Remaining, State};
use crate::metrics::{self, Counters, Metrics};
use crate::settings::{Settings, Warning};
use crate::writer::Writer;

/// A handle of the process's runtime. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    inner: Arc<Inner>,
}

/// Everything that belongs to one runtime.
pub(crate) struct Inner {
    /// The process it was built in: a fork child finds its parent's.
    process: u32,
    settings: RwLock<Arc<Settings>>,
    /// What a fork child starts with: never locked, so never held by a thread that is not there.
    initial: Arc<Settings>,
    secrets: RwLock<Arc<SecretNames>>,
    front: OnceLock<&'static Front>,
    writer: Mutex<Option<Writer<'static>>>,
    place: Mutex<Place>,
    handle: RwLock<Option<Arc<WriterHandle>>>,
    counters: Arc<Counters>,
    alerts: Alerts,
    stopping: AtomicBool,
    thread_runs: AtomicBool,
    /// Held up by [`Handle::pause`].
    paused: AtomicBool,
    thread: Mutex<Option<JoinHandle<()>>>,
    /// Whether a thread sees to finished files.
    keeps_house: AtomicBool,
    /// What was told of finished files last: an hourly repetition helps nobody.
    told_of_files: Mutex<String>,
    failing: AtomicBool,
    stopped: AtomicBool,
    /// Held while the settings change, so that no change is lost.
    changing: Mutex<()>,
    chores: Mutex<Vec<Chore>>,
}

/// Something that is done each second.
type Chore = Box<dyn FnMut() + Send>;

/// Where the log is.
pub(crate) struct Place {
    pub(crate) directory: Option<Directory>,
    /// Number in the list of directories; its length when none works.
    pub(crate) index: usize,
    /// Lines go to the standard error though there is a directory.
    pub(crate) is_diverted: bool,
}

/// Starts the runtime of this process.
///
/// Takes about a millisecond. The first usable directory of the list is taken; when none is, lines
/// go to the standard error, and [`Handle::state`] is [`State::Degraded`].
///
/// # Errors
/// A runtime is already running, or no memory for the segment can be had.
pub fn start(settings: Settings, warnings: &[Warning]) -> Result<Handle, StartError> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = match ONE_AT_A_TIME.try_lock() {
        Err(TryLockError::WouldBlock) => return Err(StartError::AlreadyRunning),
        turn => turn,
    };
    let before = front::current();
    if before.is_some_and(|front| !front.is_closed()) {
        return Err(StartError::AlreadyRunning);
    }
    // Call sites keep the numbers that a runtime before this one has given them.
    let dictionary = before.map(|front| front.segment.dictionary(0).to_vec()).unwrap_or_default();
    let inner = open::open(Arc::new(settings), open::Beginning::Start(dictionary))?;
    crate::action::apply(&inner.initial.actions);
    crate::sampling::forget_counts();
    crate::sampling::apply(&inner.initial.sample);
    // And they know only what its settings said.
    site::for_each(|site| site.apply(inner.site_state(site)));
    inner.note_warnings(warnings);
    exit::watch();
    thread::spawn(&inner);
    Ok(Handle { inner })
}

/// The runtime of this process, when one has been started.
#[must_use]
pub fn current() -> Option<Handle> {
    inner().map(|inner| Handle { inner })
}

fn inner() -> Option<Arc<Inner>> {
    let hooks: &dyn std::any::Any = front::current()?.hooks.as_ref();
    hooks.downcast_ref::<hooks::RuntimeHooks>().map(|hooks| hooks.0.clone())
}

/// Locks without minding a panic elsewhere: the guarded values are whole at every panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    pub(crate) fn settings(&self) -> Arc<Settings> {
        self.read(&self.settings, || self.initial.clone())
    }

    /// The names whose values are never recorded.
    pub(crate) fn secret_names(&self) -> Arc<SecretNames> {
        self.read(&self.secrets, || Arc::new(open::secret_names(&self.initial)))
    }

    /// Reads what changes in one step. A fork child does not wait for a writer, who may be a thread
    /// that it does not have, and takes `otherwise`.
    fn read<T>(&self, shared: &RwLock<Arc<T>>, otherwise: impl FnOnce() -> Arc<T>) -> Arc<T> {
        match shared.try_read() {
            Ok(value) => value.clone(),
            Err(TryLockError::Poisoned(value)) => value.into_inner().clone(),
            Err(TryLockError::WouldBlock) if self.is_own_process() => {
                shared.read().unwrap_or_else(PoisonError::into_inner).clone()
            }
            Err(TryLockError::WouldBlock) => otherwise(),
        }
    }

    /// Whether this is the process that the runtime was built in, and not a fork child of it.
    fn is_own_process(&self) -> bool {
        self.process == std::process::id()
    }

    pub(crate) fn segment(&self) -> Option<&'static Segment> {
        self.front.get().map(|front| &front.segment)
    }

    pub(crate) fn directory(&self) -> Option<Directory> {
        lock(&self.place).directory.clone()
    }

    fn note_warnings(&self, warnings: &[Warning]) {
        self.counters.setting_warnings.fetch_add(warnings.len() as u64, Ordering::Relaxed);
        if !warnings.is_empty() {
            // One alert for all: of several, only the first would be printed.
            let texts: Vec<String> = warnings.iter().map(ToString::to_string).collect();
            self.alerts.raise(Alert::Setting { text: texts.join("; ") });
        }
    }

    fn state(&self) -> State {
        if self.stopped.load(Ordering::Acquire) {
            return State::Stopped;
        }
        let degraded = self.failing.load(Ordering::Acquire) || self.is_stuck();
        if degraded { State::Degraded } else { State::Running }
    }

    /// Whether the writer has not run for ten seconds though something waits.
    fn is_stuck(&self) -> bool {
        const LIMIT_MS: u64 = 10_000;
        self.segment().is_some_and(|segment| {
            flush::waiting(segment) > 0 && thread::heartbeat_age_ms(segment) > LIMIT_MS
        })
    }
}

impl Handle {
    /// The runtime of this very process. In a fork child, which inherits its parent's handles, that
    /// is the one it got with its first record, `None` before: the parent's rings and files are the
    /// parent's.
    fn here(&self) -> Option<Arc<Inner>> {
        if self.inner.is_own_process() {
            return Some(self.inner.clone());
        }
        inner().filter(|inner| inner.is_own_process())
    }

    /// [`Handle::here`], and in a fork child that has not logged yet what it will take over.
    fn here_or_inherited(&self) -> Arc<Inner> {
        self.here().unwrap_or_else(|| self.inner.clone())
    }

    /// Waits until everything that was logged before the call is in the log; returns what is not
    /// when the deadline has passed. In a fork child that is what the child has logged.
    pub fn flush(&self, deadline: Duration) -> Remaining {
        self.here().map_or_else(Remaining::default, |inner| flush::flush(&inner, deadline))
    }

    /// Flushes and stops. Later calls are refused and counted. When other threads are still
    /// attached, the segment stays until the process has ended, so that nothing they log is lost.
    /// In a fork child this stops the child's logging alone, also before its first record; what waits
    /// there is the parent's, and stays.
    pub fn stop(&self, deadline: Duration) -> Remaining {
        let inner = self.here().or_else(|| {
            fork::refuse_in_child(&self.inner);
            // Another thread of the child may have logged just then.
            self.here()
        });
        inner.map_or_else(Remaining::default, |inner| exit::stop(&inner, deadline))
    }

    /// Writes what dead processes of the log directory have left now, instead of within the next second.
    /// Blocks for as long as their records take to write.
    pub fn recover_dead(&self) {
        if let Some(inner) = self.here()
            && let Some(directory) = inner.directory()
        {
            thread::recover_dead(&inner, &directory);
        }
    }

    /// Ends the writer's thread until [`Handle::resume`], within half a second or not at all: for a fork
    /// by a program that is to have no other thread then. Calls go on meanwhile; who finds a ring full
    /// writes for itself. Without effect on the writer's own thread and in a fork child.
    pub fn pause(&self) {
        if let Some(inner) = self.here() {
            thread::pause(&inner);
        }
    }

    /// Starts the writer's thread again.
    pub fn resume(&self) {
        if let Some(inner) = self.here() {
            thread::resume(&inner);
        }
    }

    /// Where the runtime is in its life.
    #[must_use]
    pub fn state(&self) -> State {
        self.here_or_inherited().state()
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.here_or_inherited().settings()
    }

    /// Applies what can change while the program runs: levels, overflow, batches, masked names,
    /// lines' optional fields, durability, console. Returns a warning for each setting that needs a
    /// restart, which stays as it was.
    pub fn reconfigure(&self, settings: Settings) -> Vec<Warning> {
        self.update(|current| *current = settings)
    }

    /// As [`Handle::reconfigure`], with a change of the settings in force: of changes that come at
    /// the same time none is lost. `change` must not change settings by another way.
    pub fn update(&self, change: impl FnOnce(&mut Settings)) -> Vec<Warning> {
        self.here_or_inherited().update(change)
    }

    /// The names whose values are never recorded.
    #[must_use]
    pub fn secret_names(&self) -> Arc<SecretNames> {
        self.here_or_inherited().secret_names()
    }

    /// Calls `notify` for every later alert, on the thread that finds the trouble, with no lock
    /// held. It should return soon: while it runs on the writer's thread, nothing is written. A
    /// fork child has no call-backs.
    pub fn on_alert(&self, notify: Box<dyn Fn(&Alert) + Send + Sync>) {
        self.here_or_inherited().alerts.add(notify.into());
    }

    /// Runs `chore` about each second on the writer's thread: watching a file, say. It should take
    /// microseconds; a panic removes it. Fork children do not run it.
    pub fn each_second(&self, chore: Box<dyn FnMut() + Send>) {
        if let Some(inner) = self.here() {
            lock(&inner.chores).push(chore);
        }
    }

    /// The log directory in use, `None` when lines go to the standard error, and in a fork child
    /// that has not logged yet.
    #[must_use]
    pub fn log_dir(&self) -> Option<PathBuf> {
        self.here()?.directory().map(|directory| directory.path().to_owned())
    }

    /// A snapshot of what is counted.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        let inner = self.here_or_inherited();
        let mut snapshot = Metrics { before_init: front::before_init(), ..Metrics::default() };
        inner.counters.fill(&mut snapshot);
        snapshot.sampled = crate::sampling::sampled();
        if let Some(segment) = inner.segment() {
            snapshot.queue_bytes = flush::waiting(segment);
            snapshot.rings = u64::from(segment.ring_count());
            snapshot.segment_bytes = segment.length();
            snapshot.heartbeat_age_ms = thread::heartbeat_age_ms(segment);
            snapshot.dropped.extend(metrics::dropped(&segment.losses()));
        }
        snapshot
    }
}

impl Lifecycle for Handle {
    fn start(&self) -> Result<(), String> {
        match Handle::state(self) {
            State::Stopped => Err("a stopped runtime does not start again".to_owned()),
            _ => Ok(()),
        }
    }

    fn flush(&self, deadline: Duration) -> Remaining {
        Handle::flush(self, deadline)
    }

    fn stop(&self, deadline: Duration) -> Remaining {
        Handle::stop(self, deadline)
    }

    fn state(&self) -> State {
        Handle::state(self)
    }
}
