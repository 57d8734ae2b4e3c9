//! Sampling: which records are left out on purpose. Takes the settings and calls under way, says yes or no on
//! the caller, before any value is looked at; never loses count of what it left out.
//!
//! The settings decide for a call site which rule it has (`settings::SampleSettings::rule_for`). A site with
//! one keeps the word "unknown", so that its calls come to the cold path of the ring, which asks [`keeps`];
//! all other calls are as if there were no sampling. A rule has a number for the life of the process, by its
//! name: what it counts goes on when its share is changed.

mod report;
mod rule;
mod trace;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use logloom_record::{Level, Record};
use logloom_ring::clock;

pub use report::{Sampled, sampled};
pub(crate) use report::{report, report_last};

use crate::runtime;
use crate::settings::SampleSettings;
use rule::Rule;

/// Most rules of different names in the life of a process; what a further one would leave out is kept.
const NAMES_MAX: usize = 256;

static RULES: [OnceLock<Box<Rule>>; NAMES_MAX] = [const { OnceLock::new() }; NAMES_MAX];
static IS_ON: AtomicBool = AtomicBool::new(false);
static SEED: AtomicU32 = AtomicU32::new(0);

/// The rules that there have been, with their numbers less one.
fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().map_while(|slot| slot.get().map(Box::as_ref))
}

/// Takes over new settings. Sites are asked for their rules afterwards.
pub(crate) fn apply(settings: &SampleSettings) {
    SEED.store(settings.seed, Ordering::Relaxed);
    IS_ON.store(settings.is_on(), Ordering::Relaxed);
}

/// At a start, and in a fork child: what was counted before is told by who has counted it.
pub(crate) fn forget_counts() {
    rules().for_each(Rule::forget_counts);
}

/// The number of the rule that decides about records of this level, logger and template; 0 for none.
pub(crate) fn rule_for(
    settings: &SampleSettings,
    level: Level,
    module: &str,
    template: &str,
) -> u32 {
    let Some(wanted) = settings.rule_for(level, module, template) else { return 0 };
    for (slot, number) in RULES.iter().zip(1..) {
        let rule = slot.get_or_init(|| Box::new(Rule::new(&wanted.name)));
        if rule.name() == wanted.name {
            rule.set(&wanted);
            return number;
        }
    }
    0
}

/// Whether a call is kept: `rule` is what [`rule_for`] has said of its site, `context` its context block.
pub(crate) fn keeps(rule: u32, site: u32, context: &[u8]) -> bool {
    let Some(rule) = rule_of(rule) else { return true };
    let seed = SEED.load(Ordering::Relaxed);
    let trace = || trace::of_context(context).map(|trace| trace::position(trace, seed));
    rule.keeps(site, now_ms(), trace, seed)
}

/// Whether a record that is built at run time is kept, for a door that has no call site: the backend of `log`.
/// What is read of other programs is not asked for. May be asked once a record.
#[must_use]
pub fn keeps_record(record: &Record) -> bool {
    if !IS_ON.load(Ordering::Relaxed) {
        return true;
    }
    let Some(handle) = runtime::current() else { return true };
    let settings = handle.settings();
    let template = record.template.as_deref().unwrap_or(&record.message);
    let number = rule_for(&settings.sample, record.level, &record.module, template);
    let Some(rule) = rule_of(number) else { return true };
    let seed = settings.sample.seed;
    let trace = || record.trace_id.as_deref().map(|id| trace::position(id.as_bytes(), seed));
    rule.keeps(crate::emit::site_number(record), now_ms(), trace, seed)
}

fn rule_of(number: u32) -> Option<&'static Rule> {
    let index = (number as usize).checked_sub(1)?;
    RULES.get(index)?.get().map(Box::as_ref)
}

fn now_ms() -> u64 {
    clock::real_time().cast_unsigned() / 1_000_000
}
