//! Takes a logger, hands on how long records take from the first call to the last byte in the file,
//! and the processor time of the logger's own threads; refuses nothing.
//!
//! The logger is asked to block when it is full, so nothing may be dropped. Callers call as fast as
//! they can.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{AsAction, Call, Fields, MessageOnly, Party, Scale, Setup, Shape, WithFields};
use crate::clock::{process_cpu, thread_cpu};

/// Records of a published run, all threads together.
pub const RECORDS: u64 = 4_000_000;
/// Actions of a published run; their lines are four times as long.
pub const ACTIONS: u64 = 1_000_000;
/// Records of a quick run.
pub const RECORDS_QUICK: u64 = 100_000;

/// Records each thread hands over.
pub fn records(setup: &Setup) -> Vec<u64> {
    let all = match setup.scale {
        Scale::Full if setup.shape == Shape::Action => ACTIONS,
        Scale::Full => RECORDS,
        Scale::Quick => RECORDS_QUICK,
    };
    vec![all / setup.threads as u64; setup.threads]
}

/// Times and processor times of a run, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// From the first call to the end of the last.
    pub calling: f64,
    /// From the first call to the last byte in the file.
    pub whole: f64,
    /// Processor time of the callers.
    pub callers_cpu: f64,
    /// Processor time of the process.
    pub process_cpu: f64,
}

impl Spent {
    /// The published figures for so many records.
    pub fn metrics(&self, records: u64) -> BTreeMap<String, f64> {
        let records = records as f64;
        let own = (self.process_cpu - self.callers_cpu).max(0.0);
        BTreeMap::from([
            ("records_per_second".to_owned(), records / (self.whole / 1e9)),
            ("call_mean".to_owned(), self.calling / records),
            ("writer_cpu_per_record".to_owned(), own / records),
            ("process_cpu_per_record".to_owned(), self.process_cpu / records),
        ])
    }
}

/// Runs the workload, the end of the logger included.
pub fn run<P: Party>(party: P, setup: &Setup) -> (BTreeMap<String, f64>, Vec<u64>, Option<u64>) {
    let records = records(setup);
    let (start, cpu) = (Instant::now(), process_cpu());
    let callers_cpu = match setup.shape {
        Shape::Fields => threads(&party, &WithFields(&party), &records),
        Shape::Message => threads(&party, &MessageOnly(&party), &records),
        Shape::Action => threads(&party, &AsAction(&party), &records),
    };
    let calling = start.elapsed().as_nanos() as f64;
    let dropped = party.finish();
    let spent = Spent {
        calling,
        whole: start.elapsed().as_nanos() as f64,
        callers_cpu: callers_cpu as f64,
        process_cpu: (process_cpu() - cpu) as f64,
    };
    (spent.metrics(records.iter().sum()), records, dropped)
}

/// Calls from all threads; their processor time together.
fn threads<P: Party, C: Call>(party: &P, call: &C, records: &[u64]) -> u64 {
    std::thread::scope(|scope| {
        let started: Vec<_> = records
            .iter()
            .enumerate()
            .map(|(thread, &count)| {
                scope.spawn(move || {
                    party.prepare_thread();
                    let before = thread_cpu();
                    for number in 0..count {
                        call.call(Fields::of(thread, number));
                    }
                    thread_cpu() - before
                })
            })
            .collect();
        started.into_iter().map(|handle| handle.join().unwrap_or(0)).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_by_record_and_second() {
        let spent = Spent { calling: 1e9, whole: 2e9, callers_cpu: 5e8, process_cpu: 2e9 };
        let metrics = spent.metrics(1_000_000);
        assert_eq!(metrics["records_per_second"], 500_000.0);
        assert_eq!(metrics["writer_cpu_per_record"], 1_500.0);
        assert_eq!(metrics["call_mean"], 1_000.0);
    }
}
