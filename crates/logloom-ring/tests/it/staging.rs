//! A ring that is full while the writer is staging it: the call tries again for a moment, then gives
//! its own record up.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use logloom_record::{Level, MessageKind};
use logloom_ring::Segment;
use logloom_ring::clock::ClockKind;
use logloom_ring::front::{self, Call, Front, Hooks, Sizes, Verdict};
use logloom_ring::memory::HeapMemory;
use logloom_ring::process::run_in_fork;
use logloom_ring::segment::{Cause, Identity, SegmentOptions};
use logloom_ring::site::{Site, SiteState};

static SITE: Site =
    Site::new(Level::Info, "it", "staging.rs", 1, "literal", MessageKind::Literal, &[]);
/// How often a call found its ring full.
static FULL: AtomicU32 = AtomicU32::new(0);
/// Whether the writer is done when a call looks again.
static IS_SHORT: AtomicBool = AtomicBool::new(true);

/// A writer that begins to stage at the moment when a ring is full.
struct StagesWhenFull;

impl Hooks for StagesWhenFull {
    fn site_state(&self, _site: &Site) -> SiteState {
        SiteState { on: true, mask: 0, durable: false, rule: 0 }
    }

    fn samples(&self, _: u32, _: u32, _: &[u8]) -> bool {
        true
    }

    fn full(&self, _level: Level, _waited: Duration) -> Verdict {
        let segment = &front::current().unwrap().segment;
        let is_first = FULL.fetch_add(1, Ordering::Relaxed) == 0;
        for ring in (0..segment.ring_count()).filter_map(|index| segment.ring(index)) {
            let position = ring.lock();
            if !is_first && IS_SHORT.load(Ordering::Relaxed) {
                ring.unlock_at(position);
            }
        }
        Verdict::DropOldest
    }

    fn wait_durable(&self) {}

    fn in_child(&self) {}

    fn after_fork(&self) -> bool {
        false
    }
}

fn install() {
    let options = SegmentOptions {
        path: "heap".into(),
        log_dir: "/nowhere".into(),
        identity: Identity::default(),
        config: String::new(),
        total_bytes: 16 << 20,
        clock: ClockKind::RealTime,
        dictionary: Vec::new(),
    };
    let segment = Segment::create(&HeapMemory, &options).unwrap();
    let sizes = Sizes { normal: 1 << 10, ..Sizes::default() };
    front::install(Front::new(segment, Box::new(StagesWhenFull), sizes).unwrap());
}

/// Logs until a ring was full once; returns what was not kept, by cause.
fn fill(is_short: bool) -> (u64, u64) {
    install();
    IS_SHORT.store(is_short, Ordering::Relaxed);
    while FULL.load(Ordering::Relaxed) == 0 {
        front::emit(&SITE, SITE.word(), Level::Info, &Call { message: None, fields: () });
    }
    let losses = front::current().unwrap().segment.losses();
    let count = |cause| {
        losses.iter().filter(|entry| entry.key.cause == cause).map(|entry| entry.count).sum()
    };
    (count(Cause::DroppedOldest), count(Cause::Staging))
}

#[test]
fn a_call_outwaits_a_short_staging() {
    let status = run_in_fork(|| {
        let (oldest, own) = fill(true);
        assert!(oldest > 0 && own == 0, "{oldest} of the oldest, {own} while staging");
    });
    assert_eq!(status.unwrap(), 0);
}

#[test]
fn a_call_does_not_wait_long_for_a_staging() {
    let status = run_in_fork(|| assert_eq!(fill(false), (0, 1)));
    assert_eq!(status.unwrap(), 0);
}
