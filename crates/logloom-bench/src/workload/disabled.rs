//! Takes a logger, hands on what a call costs whose level is switched off; refuses nothing.
//!
//! Chunks of calls in a loop, less the same loop without the call; the median of the chunks. A
//! logger that decides at compile time costs nothing here, and cannot be switched on again.

use std::collections::BTreeMap;
use std::hint::black_box;

use super::{Fields, Party, Scale, Setup};
use crate::clock::{Ticker, pin, processors};
use crate::stats::median;

/// Chunks of a run.
pub const CHUNKS: usize = 101;

/// Calls of a chunk.
pub fn calls(scale: Scale) -> u64 {
    match scale {
        Scale::Full => 200_000,
        Scale::Quick => 10_000,
    }
}

/// Runs the workload. Nothing it does may reach the file.
pub fn run<P: Party>(party: &P, setup: &Setup) -> (BTreeMap<String, f64>, Vec<u64>) {
    let ticker = Ticker::calibrate();
    let calls = calls(setup.scale);
    let samples = std::thread::scope(|scope| {
        let measured = scope.spawn(|| {
            pin(processors() - 1);
            party.prepare_thread();
            let chunk = |_| chunk(party, &ticker, calls);
            (0..CHUNKS).map(chunk).collect::<Vec<f64>>()
        });
        measured.join().unwrap_or_default()
    });
    (BTreeMap::from([("call".to_owned(), median(&samples))]), vec![0; setup.threads])
}

/// Nanoseconds of one call.
fn chunk<P: Party>(party: &P, ticker: &Ticker, calls: u64) -> f64 {
    let fields = Fields::of(0, 7);
    let start = ticker.now();
    for _ in 0..calls {
        black_box(&fields);
    }
    let middle = ticker.now();
    for _ in 0..calls {
        // Behind a reference, so that a call that is off need not even load the values.
        party.disabled(*black_box(&fields));
    }
    let end = ticker.now();
    let (empty, full) = (middle.wrapping_sub(start), end.wrapping_sub(middle));
    ticker.nanoseconds(full.saturating_sub(empty)) / calls as f64
}
