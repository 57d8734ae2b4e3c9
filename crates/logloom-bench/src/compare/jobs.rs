//! Takes workloads and options, hands on the jobs: which workload, which records, how many threads,
//! how many pairs; refuses nothing.

use std::fmt;

use logloom_bench::workload::Shape;

use crate::args::Options;

/// A workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bench {
    /// What a call costs its caller.
    Hotpath,
    /// Records a second, to the last byte in the file.
    Throughput,
    /// A call that is switched off.
    Disabled,
    /// A process that hardly logs.
    Idle,
}

impl Bench {
    /// Every workload.
    pub(crate) const ALL: [Bench; 4] =
        [Bench::Hotpath, Bench::Throughput, Bench::Disabled, Bench::Idle];

    /// The records that it is usually run with.
    fn shapes(self) -> &'static [Shape] {
        match self {
            Bench::Hotpath => &[Shape::Fields, Shape::Message],
            _ => &[Shape::Fields],
        }
    }

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Bench::Hotpath => "hotpath",
            Bench::Throughput => "throughput",
            Bench::Disabled => "disabled",
            Bench::Idle => "idle",
        }
    }
}

/// One workload with its sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// The workload.
    pub(crate) bench: Bench,
    /// The records.
    pub(crate) shape: Shape,
    /// Threads that call.
    pub(crate) threads: u16,
    /// Pairs of runs.
    pub(crate) pairs: u32,
    /// Whether sizes are small.
    pub(crate) quick: bool,
}

impl fmt::Display for Job {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.threads == 1 { "" } else { "s" };
        write!(
            formatter,
            "{}, {}, {} thread{plural}",
            self.bench.name(),
            match self.shape {
                Shape::Fields => "message and 4 fields",
                Shape::Message => "message alone",
                Shape::Action => "an action of 6 fields",
            },
            self.threads
        )
    }
}

/// Pairs where the options say nothing; the figure that goals are set for gets most.
fn pairs(bench: Bench, shape: Shape, threads: u16) -> u32 {
    match bench {
        Bench::Hotpath if shape == Shape::Fields && threads == 1 => 15,
        Bench::Idle => 1,
        _ => 5,
    }
}

/// The jobs of these workloads in the order in which they run.
pub(crate) fn jobs(benches: &[Bench], options: &Options) -> Vec<Job> {
    let shaped = |bench: Bench| bench.shapes().iter().map(move |shape| (bench, *shape));
    of_shapes(benches.iter().copied().flat_map(shaped), options)
}

/// The jobs that tell what an action costs: its caller, and all the way into the file.
pub(crate) fn action_jobs(options: &Options) -> Vec<Job> {
    let benches = [Bench::Hotpath, Bench::Throughput];
    of_shapes(benches.into_iter().map(|bench| (bench, Shape::Action)), options)
}

fn of_shapes(work: impl Iterator<Item = (Bench, Shape)>, options: &Options) -> Vec<Job> {
    let mut jobs = Vec::new();
    for (bench, shape) in work {
        for threads in threads(bench, shape, options) {
            let usual = if options.quick { 1 } else { pairs(bench, shape, threads) };
            let pairs = options.pairs.unwrap_or(usual);
            jobs.push(Job { bench, shape, threads, pairs, quick: options.quick });
        }
    }
    jobs
}

fn threads(bench: Bench, shape: Shape, options: &Options) -> Vec<u16> {
    match bench {
        Bench::Disabled | Bench::Idle => vec![1],
        _ if !options.threads.is_empty() => options.threads.clone(),
        Bench::Hotpath if shape == Shape::Fields && !options.quick => vec![1, 2, 4],
        Bench::Hotpath | Bench::Throughput => vec![1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(quick: bool) -> Options {
        let (pairs, peers, threads, dir) = (None, Vec::new(), Vec::new(), None);
        Options { json: false, pairs, quick, peers, threads, dir }
    }

    #[test]
    fn the_goal_is_measured_with_most_pairs() {
        let jobs = jobs(&Bench::ALL, &options(false));
        let told: Vec<String> = jobs.iter().map(|job| format!("{job}: {}", job.pairs)).collect();
        assert_eq!(
            told,
            [
                "hotpath, message and 4 fields, 1 thread: 15",
                "hotpath, message and 4 fields, 2 threads: 5",
                "hotpath, message and 4 fields, 4 threads: 5",
                "hotpath, message alone, 1 thread: 5",
                "throughput, message and 4 fields, 1 thread: 5",
                "disabled, message and 4 fields, 1 thread: 5",
                "idle, message and 4 fields, 1 thread: 1",
            ]
        );
    }

    #[test]
    fn an_action_is_called_and_written() {
        let jobs = action_jobs(&options(false));
        let told: Vec<String> = jobs.iter().map(|job| format!("{job}: {}", job.pairs)).collect();
        assert_eq!(
            told,
            [
                "hotpath, an action of 6 fields, 1 thread: 5",
                "throughput, an action of 6 fields, 1 thread: 5",
            ]
        );
    }

    #[test]
    fn quick_means_one_pair() {
        assert!(jobs(&Bench::ALL, &options(true)).iter().all(|job| job.pairs == 1));
    }
}
