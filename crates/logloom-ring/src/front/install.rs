//! The one runtime of a process: its segment, its pool of rings, and what the core decides.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use logloom_record::Level;

use super::Verdict;
use super::thread::Producer;
use crate::ring::{Ring, RingKind};
use crate::segment::{Cause, LossKey, Segment};
use crate::site::{Site, SiteState};

/// How often a runtime that stops looks for calls that are under way, each time 50 µs later.
const UNDER_WAY_LOOKS: u32 = 400;

/// What the front asks of the core, on cold paths only.
pub trait Hooks: Send + Sync + std::any::Any {
    /// Whether a site is switched on and which of its fields are masked. Called at a site's first
    /// call; must not log.
    fn site_state(&self, site: &Site) -> SiteState;
    /// Whether the rule of sampling with this number keeps a call of the site with that one, whose context
    /// block is at hand. May be called by a signal handler: takes no lock and allocates nothing.
    fn samples(&self, rule: u32, site: u32, context: &[u8]) -> bool;
    /// The ring of `level` is full, or shared and for 10 ms in the hands of other calls; this one has
    /// waited for `waited`, zero at first. May wait when the level's policy says so.
    fn full(&self, level: Level, waited: Duration) -> Verdict;
    /// Waits until everything that was logged so far is on the device.
    fn wait_durable(&self);
    /// Runs in every fork child before `fork` returns there. May only close descriptors and set
    /// atomics: locks of other threads may be held for ever in the child.
    fn in_child(&self);
    /// The process is a fork child whose first record this is: builds a runtime of its own and
    /// installs it. `false` when that failed; the call's record is then lost and counted.
    fn after_fork(&self) -> bool;
}

/// Sizes of rings, in bytes; the rings of a thread are powers of two.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// A thread's ring. Default 512 KiB.
    pub normal: u64,
    /// A thread's ring for ERROR and above. Default 64 KiB.
    pub urgent: u64,
    /// Most bytes of the segment. Default 64 MiB. Its fixed part takes 3.7 MiB; threads get rings of
    /// their own while 6 MiB are left for the shared ones, the others share.
    pub total: u64,
    /// Largest record. Default 1 MiB.
    pub record: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { normal: 512 << 10, urgent: 64 << 10, total: 64 << 20, record: 1 << 20 }
    }
}

/// The installed runtime. Never freed: threads may be inside a call at any time.
pub struct Front {
    /// The process's segment.
    pub segment: Segment,
    /// What the core decides.
    pub hooks: Box<dyn Hooks>,
    pub(super) sizes: Sizes,
    pub(super) process: u32,
    pub(super) pool: Mutex<Pool>,
    pub(super) shared: OnceLock<Vec<u32>>,
    pub(super) large: OnceLock<Option<u32>>,
    pub(super) spare: u32,
    pub(super) names: RwLock<Names>,
    /// Threads that have rings now.
    pub(super) attached: AtomicU32,
    /// Set when the runtime has stopped: what comes later is refused and counted.
    pub(super) closed: AtomicBool,
}

/// Rings that no thread uses, and producers that no thread uses.
#[derive(Default)]
pub(super) struct Pool {
    pub(super) free: Vec<&'static Producer>,
    pub(super) unused: Vec<&'static Producer>,
    /// All that have rings, free or not.
    pub(super) made: Vec<&'static Producer>,
}

/// Sites and keys that came at run time.
#[derive(Default)]
pub(super) struct Names {
    pub(super) sites: HashMap<Vec<u8>, u32>,
    pub(super) keys: HashMap<Box<str>, u32>,
}

static FRONT: AtomicPtr<Front> = AtomicPtr::new(std::ptr::null_mut());
static BEFORE_INIT: AtomicU64 = AtomicU64::new(0);
/// Numbers go on in a fork child, which takes over its parent's dictionary.
static NEXT_NUMBER: AtomicU32 = AtomicU32::new(1);
/// The level of every site by its number, so that a dropped record can be counted by level.
static LEVELS: [AtomicU8; 16_384] = [const { AtomicU8::new(0) }; 16_384];

impl Front {
    /// A runtime around `segment`, with its spare ring.
    ///
    /// # Errors
    /// When the segment has no room for the spare ring.
    pub fn new(segment: Segment, hooks: Box<dyn Hooks>, sizes: Sizes) -> io::Result<Self> {
        let spare = segment.add_ring(RingKind::Shared, crate::layout::SPARE_BYTES)?.index();
        Ok(Self {
            segment,
            hooks,
            sizes,
            process: std::process::id(),
            pool: Mutex::default(),
            shared: OnceLock::new(),
            large: OnceLock::new(),
            spare,
            names: RwLock::default(),
            attached: AtomicU32::new(0),
            closed: AtomicBool::new(false),
        })
    }

    /// Counts a record that was not kept.
    pub fn count_loss(&self, site: u32, level: Level, cause: Cause, count: u64) {
        let key = LossKey { site, level: level as u8, cause };
        self.segment.count_loss(key, count, crate::clock::real_time());
    }

    /// Refuses new threads, and lets go of the calling thread's rings. `true` when no thread can
    /// be inside a call any more, so that the segment may be given up once it is empty; `false`
    /// while other threads have rings: they may log until the process ends, and the segment must
    /// stay for recovery.
    pub fn close(&self) -> bool {
        self.closed.store(true, Ordering::SeqCst);
        super::thread::detach();
        // A thread that attaches takes the pool's lock and looks at `closed` under it.
        let _pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        self.attached.load(Ordering::SeqCst) == 0 && super::shared::own_all(self)
    }

    /// Takes the rings away from all threads that have some, so that what they log from now on is refused, or kept by
    /// a runtime that begins later; waits a moment for calls that are under way. One whose thread does not run
    /// meanwhile may end in these rings, and stays in the segment for recovery.
    pub fn take_all_away(&self) {
        let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.made.iter().for_each(|producer| producer.take_away());
        for _ in 0..UNDER_WAY_LOOKS {
            if !pool.made.iter().any(|producer| producer.is_taken()) {
                return;
            }
            std::thread::park_timeout(Duration::from_micros(50));
        }
    }

    /// Takes back a [`Front::close`] that returned `false`: the threads that are still there go on
    /// to log, into a segment that recovery will find.
    pub fn reopen(&self) {
        self.closed.store(false, Ordering::SeqCst);
    }

    /// Refuses what comes later, without waiting for anything. For a fork child that shall not log:
    /// this is its parent's runtime, of which it has a copy, and it builds none of its own then.
    pub fn refuse(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Whether [`Front::close`] or [`Front::refuse`] was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    pub(super) fn ring(&self, index: u32) -> Option<Ring<'_>> {
        self.segment.ring(index)
    }
}

/// Makes `front` the runtime of this process. An earlier one stays mapped.
pub fn install(front: Front) -> &'static Front {
    let front = Box::leak(Box::new(front));
    crate::fork::watch();
    crate::fork::note_process();
    FRONT.store(front, Ordering::Release);
    front
}

/// The runtime of this process, if one was installed.
#[must_use]
pub fn current() -> Option<&'static Front> {
    // SAFETY: null, or a leaked box.
    unsafe { FRONT.load(Ordering::Acquire).as_ref() }
}

/// Calls that came before a runtime was installed or after it was stopped; their records are not
/// kept.
#[must_use]
pub fn before_init() -> u64 {
    BEFORE_INIT.load(Ordering::Relaxed)
}

pub(super) fn count_before_init() {
    BEFORE_INIT.fetch_add(1, Ordering::Relaxed);
}

/// Calls the hook in a fork child.
pub(crate) fn tell_child() {
    if let Some(front) = current() {
        front.hooks.in_child();
    }
}

/// The next number for a site or a key.
pub(super) fn next_number(level: Option<Level>) -> u32 {
    let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
    if let (Some(level), Some(place)) = (level, LEVELS.get(number as usize)) {
        place.store(level as u8, Ordering::Relaxed);
    }
    number
}

/// The level of site `number`, 0 when it is not known.
pub(super) fn level_of(number: u32) -> u8 {
    LEVELS.get(number as usize).map_or(0, |place| place.load(Ordering::Relaxed))
}

/// Returns a thread's rings to the pool.
pub(super) fn give_back(producer: *const Producer) {
    // SAFETY: a static or a page of producers that is never freed.
    let producer: &'static Producer = unsafe { &*producer };
    let Some(front) = current() else { return };
    if !producer.belongs_to(front) || front.process != std::process::id() {
        return;
    }
    let mut pool = front.pool.lock().unwrap_or_else(PoisonError::into_inner);
    producer.is_free();
    pool.free.push(producer);
    front.attached.fetch_sub(1, Ordering::SeqCst);
}
