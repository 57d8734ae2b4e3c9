//! One rule at work: atomics only, so that a signal handler may ask it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::trace::mixed;
use crate::settings::{SampleRule, Share};

/// Call sites that are counted apart, by their number; a power of two. Others share.
const BUCKETS: usize = 1_024;
/// Bits of a window that count; those above are its start in milliseconds.
const COUNT_BITS: u32 = 28;
const COUNT_MAX: u64 = (1 << COUNT_BITS) - 1;
/// Starts of windows are compared within so many bits: two years.
const START_MASK: u64 = u64::MAX >> COUNT_BITS;

/// A rule and what it counts.
pub(super) struct Rule {
    name: String,
    /// The share in billionths of a whole: 2^64 does not fit.
    share: AtomicU32,
    first: AtomicU32,
    every: AtomicU32,
    interval_ms: AtomicU64,
    /// What was left out up to the report before, and what was kept.
    pub(super) told: [AtomicU64; 2],
    buckets: Vec<Bucket>,
}

/// What is counted of a call site.
#[derive(Default)]
struct Bucket {
    seen: AtomicU64,
    kept: AtomicU64,
    /// When the interval began, and how many records have come in it.
    window: AtomicU64,
}

impl Rule {
    pub(super) fn new(name: &str) -> Rule {
        Rule {
            name: name.to_owned(),
            share: AtomicU32::new(Share::ALL.billionths()),
            first: AtomicU32::new(0),
            every: AtomicU32::new(0),
            interval_ms: AtomicU64::new(1_000),
            told: [AtomicU64::new(0), AtomicU64::new(0)],
            buckets: std::iter::repeat_with(Bucket::default).take(BUCKETS).collect(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Takes over what the settings say of it.
    pub(super) fn set(&self, wanted: &SampleRule) {
        let interval = u64::try_from(wanted.interval.as_millis()).unwrap_or(u64::MAX);
        self.share.store(wanted.share().billionths(), Ordering::Relaxed);
        self.first.store(wanted.first, Ordering::Relaxed);
        self.every.store(wanted.every, Ordering::Relaxed);
        self.interval_ms.store(interval.max(1), Ordering::Relaxed);
    }

    /// Whether a record of `site` is kept. `trace` says where its trace stands among all, which decides for
    /// the share where there is one; else the seed and how many there were before do.
    pub(super) fn keeps(
        &self,
        site: u32,
        now_ms: u64,
        trace: impl FnOnce() -> Option<u64>,
        seed: u32,
    ) -> bool {
        let bucket = &self.buckets[site as usize % BUCKETS];
        let nth = bucket.seen.fetch_add(1, Ordering::Relaxed);
        let is_kept = self.counts_in(bucket, now_ms) || {
            let share = Share::of_billionths(self.share.load(Ordering::Relaxed));
            let chance = || mixed(mixed(u64::from(seed) << 32 | u64::from(site)) ^ nth);
            share != Share::NONE && u128::from(trace().unwrap_or_else(chance)) < share.threshold()
        };
        if is_kept {
            bucket.kept.fetch_add(1, Ordering::Relaxed);
        }
        is_kept
    }

    /// Whether it is one of the first of its interval, or one of each so many later ones.
    fn counts_in(&self, bucket: &Bucket, now_ms: u64) -> bool {
        let first = u64::from(self.first.load(Ordering::Relaxed));
        let every = u64::from(self.every.load(Ordering::Relaxed));
        if first == 0 && every == 0 {
            return false;
        }
        let interval = self.interval_ms.load(Ordering::Relaxed);
        let count = bucket.count(now_ms & START_MASK, interval);
        count <= first || every > 0 && (count - first).is_multiple_of(every)
    }

    /// What was left out, and what was kept, since the process began.
    pub(super) fn counts(&self) -> [u64; 2] {
        let sum = |counter: fn(&Bucket) -> &AtomicU64| -> u64 {
            self.buckets.iter().map(|bucket| counter(bucket).load(Ordering::Relaxed)).sum()
        };
        // Kept first: what is decided meanwhile must not make less seen than kept.
        let kept = sum(|bucket| &bucket.kept);
        [sum(|bucket| &bucket.seen).saturating_sub(kept), kept]
    }

    pub(super) fn forget_counts(&self) {
        for bucket in &self.buckets {
            bucket.seen.store(0, Ordering::Relaxed);
            bucket.kept.store(0, Ordering::Relaxed);
        }
        self.told.iter().for_each(|told| told.store(0, Ordering::Relaxed));
    }
}

impl Bucket {
    /// The place of one more record in its interval, from 1 on.
    fn count(&self, now: u64, interval: u64) -> u64 {
        let next = |window: u64| {
            let (start, count) = (window >> COUNT_BITS, window & COUNT_MAX);
            let age = now.wrapping_sub(start) & START_MASK;
            let is_over = window == 0 || age >= interval || count == COUNT_MAX;
            if is_over { now << COUNT_BITS | 1 } else { window + 1 }
        };
        let relaxed = Ordering::Relaxed;
        let before = self.window.fetch_update(relaxed, relaxed, |window| Some(next(window)));
        next(before.unwrap_or_default()) & COUNT_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(wanted: &SampleRule) -> Rule {
        let rule = Rule::new("test");
        rule.set(wanted);
        rule
    }

    fn kept(rule: &Rule, site: u32, count: usize, now_ms: u64) -> Vec<usize> {
        let is_kept = |_: &usize| rule.keeps(site, now_ms, || None, 7);
        (1..=count).filter(is_kept).collect()
    }

    #[test]
    fn a_share_is_kept_and_the_rest_counted() {
        let own = rule(&SampleRule { rate: Share::new(0.1), ..SampleRule::default() });
        let found = kept(&own, 3, 100_000, 0);
        assert!((9_500..10_500).contains(&found.len()), "{}", found.len());
        let [left_out, kept_count] = own.counts();
        assert_eq!((left_out + kept_count, kept_count), (100_000, found.len() as u64));
        let again = rule(&SampleRule { rate: Share::new(0.1), ..SampleRule::default() });
        assert_eq!(kept(&again, 3, 100_000, 0), found, "the seed decides");
    }

    #[test]
    fn all_and_none_are_exact() {
        for (rate, count) in [(0.0, 0), (1.0, 10_000)] {
            let own = rule(&SampleRule { rate: Share::new(rate), ..SampleRule::default() });
            assert_eq!(kept(&own, 1, 10_000, 0).len(), count);
        }
    }

    #[test]
    fn the_first_of_an_interval_and_each_so_many_are_kept() {
        let own = rule(&SampleRule { first: 3, every: 10, ..SampleRule::default() });
        let now = 1_900_000_000_000;
        assert_eq!(kept(&own, 1, 25, now), [1, 2, 3, 13, 23]);
        assert_eq!(kept(&own, 2, 4, now + 1), [1, 2, 3], "another site is counted by itself");
        assert_eq!(kept(&own, 1, 5, now + 999), Vec::<usize>::new());
        assert_eq!(kept(&own, 1, 5, now + 1_000), [1, 2, 3], "another interval");
        assert_eq!(kept(&own, 1, 5, now - 5_000), [1, 2, 3], "the clock was set back");
    }

    #[test]
    fn each_so_many_without_a_first_one() {
        let own = rule(&SampleRule { every: 4, ..SampleRule::default() });
        assert_eq!(kept(&own, 1, 9, 5), [4, 8]);
    }

    #[test]
    fn a_trace_is_kept_whole_or_not_at_all() {
        let own = rule(&SampleRule { rate: Share::new(0.5), ..SampleRule::default() });
        for trace in [0, u64::MAX / 2 - 10, u64::MAX / 2 + 10, u64::MAX] {
            let all: Vec<bool> =
                (0..100).map(|site| own.keeps(site, 0, || Some(trace), 1)).collect();
            assert!(all.iter().all(|is_kept| *is_kept == (trace <= u64::MAX / 2)), "{trace}");
        }
    }
}
