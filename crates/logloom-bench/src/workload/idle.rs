//! Takes a logger, hands on the share of one processor that its process uses while it logs nothing
//! and while it logs once a second; refuses nothing.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::{Fields, Party, Scale, Setup};
use crate::clock::process_cpu;

/// How long each half lasts.
pub fn span(scale: Scale) -> Duration {
    match scale {
        Scale::Full => Duration::from_secs(20),
        Scale::Quick => Duration::from_secs(1),
    }
}

/// Runs the workload: a record so that everything is set up, a second to settle, one span of
/// silence, one span with a record a second.
pub fn run<P: Party>(party: &P, setup: &Setup) -> (BTreeMap<String, f64>, Vec<u64>) {
    let span = span(setup.scale);
    party.prepare_thread();
    let mut next = 0;
    let mut log = || {
        party.fields(Fields::of(0, next));
        next += 1;
    };
    log();
    std::thread::sleep(Duration::from_secs(1));
    let silent = share(|| std::thread::sleep(span));
    let steady = share(|| {
        for _ in 0..span.as_secs() {
            log();
            std::thread::sleep(Duration::from_secs(1));
        }
    });
    let metrics = BTreeMap::from([
        ("silent_percent".to_owned(), silent),
        ("one_a_second_percent".to_owned(), steady),
    ]);
    (metrics, vec![next])
}

/// Percent of one processor used meanwhile.
fn share(during: impl FnOnce()) -> f64 {
    let (start, cpu) = (Instant::now(), process_cpu());
    during();
    let used = (process_cpu() - cpu) as f64;
    used / start.elapsed().as_nanos() as f64 * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_span_is_a_full_share() {
        let busy = share(|| {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(20) {
                std::hint::spin_loop();
            }
        });
        // Other tests may take the processor away for a while, never give more than it has.
        assert!(busy > 10.0, "{busy}");
    }
}
