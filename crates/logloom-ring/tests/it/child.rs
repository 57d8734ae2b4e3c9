//! A fork child whose threads log all at once: one runtime is built, and every record is in it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use logloom_record::wire::thread_marker;
use logloom_record::{Level, MessageKind};
use logloom_ring::Segment;
use logloom_ring::clock::ClockKind;
use logloom_ring::front::{self, Call, Front, Hooks, Sizes, Verdict};
use logloom_ring::memory::HeapMemory;
use logloom_ring::process::run_in_fork;
use logloom_ring::ring::Next;
use logloom_ring::segment::{Identity, SegmentOptions};
use logloom_ring::site::{Site, SiteState};

static SITE: Site =
    Site::new(Level::Info, "it", "child.rs", 1, "literal", MessageKind::Literal, &[]);
static BUILT: AtomicU32 = AtomicU32::new(0);
const THREADS: usize = 4;

struct Rebuild;

impl Hooks for Rebuild {
    fn site_state(&self, _site: &Site) -> SiteState {
        SiteState { on: true, mask: 0, durable: false, rule: 0 }
    }

    fn samples(&self, _: u32, _: u32, _: &[u8]) -> bool {
        true
    }

    fn full(&self, _level: Level, _waited: Duration) -> Verdict {
        Verdict::Retry
    }

    fn wait_durable(&self) {}

    fn in_child(&self) {}

    fn after_fork(&self) -> bool {
        BUILT.fetch_add(1, Ordering::Relaxed);
        install();
        true
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
    front::install(Front::new(segment, Box::new(Rebuild), Sizes::default()).unwrap());
}

fn log() {
    front::emit(&SITE, SITE.word(), Level::Info, &Call { message: None, fields: () });
}

fn records(segment: &Segment) -> usize {
    let mut records = 0;
    for ring in (0..segment.ring_count()).filter_map(|index| segment.ring(index)) {
        let (mut at, written) = (ring.read_position(), ring.write_position());
        while let Next::Record { bytes, end } = ring.peek(at, written) {
            records += usize::from(thread_marker(bytes).is_none());
            at = end;
        }
    }
    records
}

#[test]
fn the_threads_of_a_child_share_one_runtime() {
    install();
    log();
    let status = run_in_fork(|| {
        let begin = std::sync::Barrier::new(THREADS);
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    begin.wait();
                    log();
                });
            }
        });
        assert_eq!(BUILT.load(Ordering::Relaxed), 1, "more than one runtime was built");
        assert_eq!(records(&front::current().unwrap().segment), THREADS);
        assert_eq!(front::before_init(), 0);
    });
    assert_eq!(status.unwrap(), 0);
}
