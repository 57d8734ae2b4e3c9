//! A signal handler that logs while the same thread is inside a call: every record is in a ring or
//! counted, none is torn.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use logloom_record::wire::{RecordView, ValueView, thread_marker};
use logloom_record::{Level, MessageKind};
use logloom_ring::Segment;
use logloom_ring::clock::ClockKind;
use logloom_ring::front::{self, Call, Front, Hooks, Sizes, Verdict};
use logloom_ring::memory::HeapMemory;
use logloom_ring::ring::Next;
use logloom_ring::segment::{Cause, Identity, SegmentOptions};
use logloom_ring::site::{Site, SiteState};

struct KeepAll;

impl Hooks for KeepAll {
    fn site_state(&self, _site: &Site) -> SiteState {
        SiteState { on: true, mask: 0, durable: false, rule: 0 }
    }

    fn samples(&self, _: u32, _: u32, _: &[u8]) -> bool {
        true
    }

    fn full(&self, _level: Level, _waited: Duration) -> Verdict {
        std::thread::yield_now();
        Verdict::Retry
    }

    fn wait_durable(&self) {}

    fn in_child(&self) {}

    fn after_fork(&self) -> bool {
        false
    }
}

static MAIN: Site =
    Site::new(Level::Info, "it", "main.rs", 1, "main", MessageKind::Literal, &["number", "text"]);
static HANDLER: Site =
    Site::new(Level::Info, "it", "main.rs", 2, "handler", MessageKind::Literal, &["number"]);
static HANDLED: AtomicU64 = AtomicU64::new(0);
/// Signals that must have been handled for the test to say anything.
const SIGNALS_MIN: u64 = 1_000;

/// Longer than the handler's record, which therefore fits where this one does not.
fn log(number: u64) {
    let fields = (&number, (&"a text that makes this record longer than the other", ()));
    front::emit(&MAIN, MAIN.word(), Level::Info, &Call { message: None, fields });
}

extern "C" fn handler(_signal: libc::c_int) {
    let number = HANDLED.fetch_add(1, Ordering::Relaxed);
    let call = Call { message: None, fields: (&number, ()) };
    front::emit(&HANDLER, HANDLER.word(), Level::Info, &call);
}

/// A signal every 50 microseconds on this thread.
fn start_signals() {
    let handler: extern "C" fn(libc::c_int) = handler;
    let every = libc::timeval { tv_sec: 0, tv_usec: 50 };
    let timer = libc::itimerval { it_interval: every, it_value: every };
    // SAFETY: the handler is a function of this program; the timer outlives the call.
    unsafe {
        libc::signal(libc::SIGALRM, handler as libc::sighandler_t);
        libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut());
    }
}

fn stop_signals() {
    let never = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let timer = libc::itimerval { it_interval: never, it_value: never };
    // SAFETY: the timer outlives the call.
    unsafe {
        libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut());
    }
}

fn install() -> &'static Front {
    let options = SegmentOptions {
        path: "heap".into(),
        log_dir: Path::new("/nowhere").into(),
        identity: Identity::default(),
        config: String::new(),
        total_bytes: 16 << 20,
        clock: ClockKind::RealTime,
        dictionary: Vec::new(),
    };
    let segment = Segment::create(&HeapMemory, &options).unwrap();
    // Small rings, so that a lap ends every few records.
    let sizes = Sizes { normal: 1 << 10, ..Sizes::default() };
    front::install(Front::new(segment, Box::new(KeepAll), sizes).unwrap())
}

/// Takes what waits; counts by site and number.
fn take(segment: &Segment, seen: &mut BTreeMap<(u32, u64), u32>) {
    for ring in (0..segment.ring_count()).filter_map(|index| segment.ring(index)) {
        let mut at = ring.lock();
        let written = ring.write_position();
        loop {
            let (bytes, end) = match ring.peek(at, written) {
                Next::Record { bytes, end } => (bytes, end),
                Next::Empty => break,
                Next::Damaged { .. } => panic!("a torn record"),
            };
            at = end;
            if thread_marker(bytes).is_some() {
                continue;
            }
            let view = RecordView::parse(bytes, 1).expect("a record that can be read");
            let Some(Ok(ValueView::U64(number))) = view.values().next() else {
                panic!("a record without its number")
            };
            *seen.entry((view.header().site, number)).or_insert(0) += 1;
        }
        ring.unlock_at(written);
    }
}

#[test]
fn a_handler_that_interrupts_a_call_loses_nothing_uncounted() {
    let front = install();
    log(0);
    handler(0);
    let stop = AtomicU64::new(0);
    let mut seen = BTreeMap::new();
    let logged = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            // The signals are for the thread that logs.
            logloom_ring::process::block_signals();
            while stop.load(Ordering::Acquire) == 0 {
                take(&front.segment, &mut seen);
            }
        });
        start_signals();
        let begin = Instant::now();
        let mut number = 1;
        // Two seconds, and as long as a busy machine takes to deliver enough signals.
        while begin.elapsed() < Duration::from_secs(2)
            || (HANDLED.load(Ordering::Relaxed) <= SIGNALS_MIN
                && begin.elapsed() < Duration::from_secs(60))
        {
            log(number);
            number += 1;
        }
        stop_signals();
        stop.store(1, Ordering::Release);
        reader.join().unwrap();
        number
    });
    take(&front.segment, &mut seen);
    let handled = HANDLED.load(Ordering::Relaxed);
    let losses = front.segment.losses();
    let reentrant: u64 = losses
        .iter()
        .map(|entry| {
            assert_eq!(entry.key.cause, Cause::Reentrant);
            entry.count
        })
        .sum();
    assert!(seen.values().all(|times| *times == 1), "none twice");
    let of_main = (0..logged).filter(|n| seen.contains_key(&(MAIN.number(), *n))).count() as u64;
    let of_handler =
        (0..handled).filter(|n| seen.contains_key(&(HANDLER.number(), *n))).count() as u64;
    assert_eq!(of_main, logged, "what was interrupted is whole");
    assert_eq!(of_handler + reentrant, handled, "the handler's are kept or counted");
    assert!(handled > SIGNALS_MIN, "only {handled} signals came");
}
