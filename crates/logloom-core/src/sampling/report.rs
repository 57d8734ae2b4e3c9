//! What was left out, told in the log by rule and counted for the metrics. Counts of the rules come in, records
//! of event `logloom.sampling` go out, none for a rule that has left nothing out since the one before.

use std::sync::atomic::{AtomicI64, Ordering};

use logloom_record::{Level, Record};
use logloom_ring::clock;

use super::rule::Rule;
use super::{IS_ON, rules};
use crate::emit;
use crate::settings::SampleSettings;

/// What a rule has decided since the process began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// The rule's name; the level for its share.
    pub rule: String,
    /// Records left out.
    pub left_out: u64,
    /// Records kept.
    pub kept: u64,
}

/// When the log was told last, in nanoseconds since 1970.
static TOLD: AtomicI64 = AtomicI64::new(0);

/// The counts of all rules that have decided anything, in the order of their first use.
#[must_use]
pub fn sampled() -> Vec<Sampled> {
    let count = |rule: &Rule| {
        let [left_out, kept] = rule.counts();
        Sampled { rule: rule.name().to_owned(), left_out, kept }
    };
    rules().map(count).filter(|counts| counts.left_out + counts.kept > 0).collect()
}

/// Tells the log, where it is time to.
pub(crate) fn report(settings: &SampleSettings) {
    let (now, last) = (clock::real_time(), TOLD.load(Ordering::Relaxed));
    let is_due = u128::from(now.abs_diff(last)) >= settings.report_every.as_nanos();
    // The first interval begins when something may be left out; what an earlier setting left out is told still.
    if last == 0 {
        if IS_ON.load(Ordering::Relaxed) {
            TOLD.store(now, Ordering::Relaxed);
        }
    } else if is_due {
        TOLD.store(now, Ordering::Relaxed);
        report_last();
    }
}

/// Tells the log what it has not been told yet.
pub(crate) fn report_last() {
    for rule in rules() {
        let counts = rule.counts();
        let before = [0, 1].map(|at| rule.told[at].swap(counts[at], Ordering::Relaxed));
        let [left_out, kept] = [0, 1].map(|at| counts[at].saturating_sub(before[at]));
        if left_out > 0 {
            emit::record(&record(rule.name(), left_out, kept));
        }
    }
}

fn record(rule: &str, left_out: u64, kept: u64) -> Record {
    let noun = if left_out == 1 { "record was" } else { "records were" };
    let message = format!("{left_out} {noun} left out by sampling, rule {rule}");
    Record::new(Level::Info, "logloom", message)
        .with("event", "logloom.sampling")
        .with("rule", rule)
        .with("left_out", left_out)
        .with("kept", kept)
}
