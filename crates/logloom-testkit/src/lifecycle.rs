//! The contract of [`Lifecycle`] as a suite: in comes a part that was just made and a way to hand
//! it something; out goes the list of rules it broke, in words.

use std::time::{Duration, Instant};

use logloom_core::{Lifecycle, State};

/// How much longer than its deadline a flush may take: one step of work on a busy machine.
const GRACE: Duration = Duration::from_secs(10);

/// Runs a part through its life. `hand_in` gives it one piece of work.
///
/// The part is stopped afterwards.
pub fn broken_rules(part: &dyn Lifecycle, hand_in: &dyn Fn()) -> Vec<String> {
    let mut broken = Vec::new();
    let mut rule = |holds: bool, text: &str| {
        if !holds {
            broken.push(text.to_owned());
        }
    };
    rule(part.start().is_ok(), "start makes a new part run");
    rule(part.start().is_ok(), "starting a running part changes nothing");
    let is_up = || matches!(part.state(), State::Running | State::Degraded);
    rule(is_up(), "a started part says that it runs");
    hand_in();
    let remaining = part.flush(Duration::from_secs(20));
    rule(remaining.is_empty(), "a flush with time enough leaves nothing");
    rule(is_up(), "a flush does not stop the part");
    hand_in();
    let begin = Instant::now();
    let _ = part.flush(Duration::ZERO);
    rule(begin.elapsed() < GRACE, "a flush keeps its deadline");
    hand_in();
    rule(part.stop(Duration::from_secs(20)).is_empty(), "stop flushes");
    rule(part.state() == State::Stopped, "a stopped part says so");
    let begin = Instant::now();
    rule(part.stop(Duration::from_secs(20)).is_empty(), "stopping twice changes nothing");
    rule(part.flush(Duration::from_secs(20)).is_empty(), "a stopped part has nothing to flush");
    rule(begin.elapsed() < GRACE, "a stopped part answers at once");
    hand_in();
    rule(part.state() == State::Stopped, "work that comes after the stop is refused");
    rule(part.start().is_err(), "a stopped part does not start again, and says so");
    broken
}
