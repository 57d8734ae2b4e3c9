//! Takes a logger, hands on what a call costs its caller: single calls, means of 20, bursts of 20
//! after idle times; refuses nothing.
//!
//! Every figure is paced, so that no queue is full when a call is made. Beside each single call
//! stands an empty pair of clock readings from the same moment: what of a percentile is the machine
//! and what the logger shows only in their difference.

use std::collections::BTreeMap;
use std::sync::Barrier;

use super::{AsAction, Call, Fields, MessageOnly, Pace, Party, Scale, Setup, Shape, WithFields};
use crate::clock::{Ticker, pin, processors, thread_faults};
use crate::stats::percentiles;

/// Sizes of the workload, by thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Calls before anything is measured; the first of them may set up the thread's ring.
    pub warm_up: u64,
    /// Single calls.
    pub singles: u64,
    /// Nanoseconds between single calls.
    pub single_pace: u64,
    /// Means of 20 calls.
    pub means: u64,
    /// Nanoseconds between the means.
    pub mean_pace: u64,
    /// Bursts of 20 calls, each timed by itself, with 0.2 to 1 ms of sleep before each burst.
    pub bursts: u64,
}

/// Calls in a mean and in a burst.
pub const GROUP: u64 = 20;
/// Shortest sleep before a burst, in nanoseconds.
pub const IDLE_MIN: u64 = 200_000;
/// Longest sleep before a burst, in nanoseconds.
pub const IDLE_MAX: u64 = 1_000_000;

impl Sizes {
    /// Sizes for a scale; fewer calls where callers sleep, because each sleep takes longer.
    pub fn of(scale: Scale, spins: bool) -> Self {
        let full = if spins {
            Sizes {
                warm_up: 4_000,
                singles: 200_000,
                single_pace: 5_000,
                means: 5_000,
                mean_pace: 200_000,
                bursts: 1_000,
            }
        } else {
            Sizes {
                warm_up: 1_000,
                singles: 10_000,
                single_pace: 50_000,
                means: 2_000,
                mean_pace: 200_000,
                bursts: 500,
            }
        };
        match scale {
            Scale::Full => full,
            Scale::Quick => Sizes {
                warm_up: 100,
                singles: full.singles / 20,
                means: full.means / 20,
                bursts: full.bursts / 20,
                ..full
            },
        }
    }

    /// Records one thread hands over.
    pub fn records(&self) -> u64 {
        self.warm_up + self.singles + (self.means + self.bursts) * GROUP
    }

    /// Sleep before burst `number`: spread over its range, the same in every run.
    pub fn idle(number: u64) -> u64 {
        IDLE_MIN + number.wrapping_mul(7_919).wrapping_mul(104_729) % (IDLE_MAX - IDLE_MIN)
    }
}

/// Samples of one or more threads, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// The first call of each thread.
    pub first: Vec<f64>,
    /// Empty pairs of clock readings.
    pub empty: Vec<f64>,
    /// Single calls.
    pub single: Vec<f64>,
    /// Means of 20 calls.
    pub mean20: Vec<f64>,
    /// Calls of a burst.
    pub burst: Vec<f64>,
    /// Page faults of the callers while they were measured.
    pub faults: u64,
}

impl Samples {
    fn append(&mut self, mut other: Samples) {
        self.first.append(&mut other.first);
        self.empty.append(&mut other.empty);
        self.single.append(&mut other.single);
        self.mean20.append(&mut other.mean20);
        self.burst.append(&mut other.burst);
        self.faults += other.faults;
    }

    /// Percentiles by name.
    pub fn metrics(mut self) -> BTreeMap<String, f64> {
        let mut metrics = BTreeMap::new();
        percentiles("empty", &mut self.empty, &mut metrics);
        percentiles("single", &mut self.single, &mut metrics);
        percentiles("mean20", &mut self.mean20, &mut metrics);
        percentiles("burst", &mut self.burst, &mut metrics);
        let above = metrics["single_p99.99"] - metrics["empty_p99.99"];
        metrics.insert("single_p99.99_above_empty".to_owned(), above);
        let first = self.first.iter().copied().fold(0.0, f64::max);
        metrics.insert("first_call".to_owned(), first);
        metrics.insert("faults_count".to_owned(), self.faults as f64);
        metrics
    }
}

/// Runs the workload; the records of each thread stand beside the figures.
pub fn run<P: Party>(party: &P, setup: &Setup) -> (BTreeMap<String, f64>, Vec<u64>) {
    let pace = Pace::of(setup.threads, Ticker::calibrate());
    let sizes = Sizes::of(setup.scale, pace.spins());
    let samples = match setup.shape {
        Shape::Fields => threads(party, &WithFields(party), setup.threads, sizes, pace),
        Shape::Message => threads(party, &MessageOnly(party), setup.threads, sizes, pace),
        Shape::Action => threads(party, &AsAction(party), setup.threads, sizes, pace),
    };
    (samples.metrics(), vec![sizes.records(); setup.threads])
}

fn threads<P: Party, C: Call>(
    party: &P,
    call: &C,
    count: usize,
    sizes: Sizes,
    pace: Pace,
) -> Samples {
    let barrier = Barrier::new(count);
    let mut all = Samples::default();
    std::thread::scope(|scope| {
        let started: Vec<_> = (0..count)
            .map(|thread| {
                let barrier = &barrier;
                scope.spawn(move || {
                    if pace.spins() {
                        pin(processors() - 1 - thread);
                    }
                    party.prepare_thread();
                    barrier.wait();
                    Caller { call, thread, next: 0, pace, ticker: Ticker::calibrate() }
                        .measure(sizes)
                })
            })
            .collect();
        for handle in started {
            all.append(handle.join().unwrap_or_default());
        }
    });
    all
}

/// One calling thread.
struct Caller<'a, C> {
    call: &'a C,
    thread: usize,
    next: u64,
    pace: Pace,
    ticker: Ticker,
}

impl<C: Call> Caller<'_, C> {
    fn measure(mut self, sizes: Sizes) -> Samples {
        let mut samples = Samples {
            single: Vec::with_capacity(sizes.singles as usize),
            empty: Vec::with_capacity(sizes.singles as usize),
            mean20: Vec::with_capacity(sizes.means as usize),
            burst: Vec::with_capacity((sizes.bursts * GROUP) as usize),
            ..Samples::default()
        };
        touch(&mut samples);
        let fields = self.fields();
        samples.first.push(self.timed(fields));
        for _ in 1..sizes.warm_up {
            let fields = self.fields();
            self.pace.wait(sizes.single_pace);
            self.timed(fields);
        }
        let faults = thread_faults();
        self.singles(sizes, &mut samples);
        self.means(sizes, &mut samples);
        self.bursts(sizes, &mut samples);
        samples.faults = thread_faults() - faults;
        samples
    }

    fn singles(&mut self, sizes: Sizes, samples: &mut Samples) {
        for _ in 0..sizes.singles {
            let fields = self.fields();
            self.pace.wait(sizes.single_pace);
            let start = self.ticker.now();
            let end = self.ticker.now();
            let cost = self.timed(fields);
            samples.empty.push(self.ticker.nanoseconds(end.wrapping_sub(start)));
            samples.single.push(cost);
        }
    }

    fn means(&mut self, sizes: Sizes, samples: &mut Samples) {
        for _ in 0..sizes.means {
            let group = self.group();
            self.pace.wait(sizes.mean_pace);
            let start = self.ticker.now();
            for fields in group {
                self.call.call(fields);
            }
            let spent = self.ticker.now().wrapping_sub(start);
            samples.mean20.push(self.ticker.nanoseconds(spent) / GROUP as f64);
        }
    }

    fn bursts(&mut self, sizes: Sizes, samples: &mut Samples) {
        for number in 0..sizes.bursts {
            let group = self.group();
            Pace::Sleep.wait(Sizes::idle(number));
            for fields in group {
                let cost = self.timed(fields);
                samples.burst.push(cost);
            }
        }
    }

    #[inline(always)]
    fn timed(&self, fields: Fields) -> f64 {
        let start = self.ticker.now();
        self.call.call(fields);
        let end = self.ticker.now();
        self.ticker.nanoseconds(end.wrapping_sub(start))
    }

    /// The values of the next call, made before the clock is read.
    fn fields(&mut self) -> Fields {
        let fields = Fields::of(self.thread, self.next);
        self.next += 1;
        fields
    }

    fn group(&mut self) -> [Fields; GROUP as usize] {
        std::hint::black_box(std::array::from_fn(|_| self.fields()))
    }
}

/// Writes every page of the sample buffers once, so that no fault of theirs is measured.
fn touch(samples: &mut Samples) {
    for list in [&mut samples.empty, &mut samples.single, &mut samples.mean20, &mut samples.burst] {
        let capacity = list.capacity();
        list.resize(capacity, 1.0);
        std::hint::black_box(list.as_slice());
        list.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_times_stay_in_their_range_and_differ() {
        let times: Vec<u64> = (0..1000).map(Sizes::idle).collect();
        assert!(times.iter().all(|time| (IDLE_MIN..IDLE_MAX).contains(time)));
        assert!(times.iter().collect::<std::collections::BTreeSet<_>>().len() > 900);
    }

    #[test]
    fn records_are_the_sum_of_the_parts() {
        let sizes = Sizes::of(Scale::Full, true);
        assert_eq!(sizes.records(), 4_000 + 200_000 + 100_000 + 20_000);
        assert!(Sizes::of(Scale::Quick, false).records() < 5_000);
    }
}
