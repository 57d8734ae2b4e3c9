//! Lines of a shop's services, the same on every machine. In come a seed, a day and a number of lines; out
//! goes that day as JSON lines in order of arrival. Days do not depend on each other.
//!
//! What the lines are like: twelve services on forty hosts serve requests. Each request has a 128-bit id, a
//! user, an address, and two to seven lines, which stand between those of other requests. Lines have 12 or 14
//! fields and 294 bytes on average; texts come from 60 templates; durations, sizes and numbers of orders are
//! skewed as real ones are. There is more by day than at night. One line in 300 comes up to two seconds late.
//! `gzip -6` packs them to about a seventh. Beside that there is what the questions look for: a rare word
//! ([`RARE_WORD`]), and [`FATAL_REQUESTS`] requests with lines of level FATAL from [`FATAL_SERVICE`] on the first day.

mod request;
mod words;

use logloom_store::Day;

use crate::proof::dice::{Dice, mix};
use request::{Request, Writer};

/// A word that stands in the message of one line in 200,000.
pub(crate) const RARE_WORD: &str = "deadlock";
/// A word that stands in the message of about two fifths of all lines.
pub(crate) const COMMON_WORD: &str = "accepted";
/// The service that has lines of level FATAL.
pub(crate) const FATAL_SERVICE: &str = "ledger";
/// How many requests have such lines, all on the first day.
pub(crate) const FATAL_REQUESTS: u64 = 3;
/// Days of a store.
pub(crate) const DAYS: u32 = 30;
/// Bytes of a line on average: 10 GB are 34 million lines.
pub(crate) const LINE_BYTES: u64 = 294;

const REQUESTS_UNDER_WAY: usize = 24;
const DAY_MICROS: u64 = 86_400_000_000;
const LATE_MICROS: u64 = 2_000_000;

/// The day of that number, 0 to [`DAYS`] - 1.
pub(crate) fn day(number: u32) -> Result<Day, String> {
    let first = Day::new(2026, 9, 1).ok_or("the first day is none")?;
    Day::from_number(first.number() + number).ok_or("no such day".to_owned())
}

/// How many lines a day has, so that all together have `bytes`; on Saturdays and Sundays two thirds.
pub(crate) fn lines_of(number: u32, bytes: u64) -> u64 {
    let weight = |number: u32| if matches!(number % 7, 4 | 5) { 2 } else { 3 };
    let all: u64 = (0..DAYS).map(weight).sum();
    (bytes / LINE_BYTES * weight(number) / all).max(1_000)
}

/// The lines of one day, given in pieces of some megabytes.
pub(crate) fn write(
    seed: u64,
    number: u32,
    lines: u64,
    give: &mut dyn FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let mut dice = Dice::new(mix(seed ^ u64::from(number)));
    let mut requests: Vec<Request> =
        (0..REQUESTS_UNDER_WAY).map(|_| Request::new(&mut dice)).collect();
    let writer = Writer::new(day(number)?.to_string());
    let mut text = Vec::with_capacity(5 << 20);
    let clock = Clock::new(lines);
    let every = lines / (FATAL_REQUESTS + 1);
    for line in 0..lines {
        let micros = clock.at(line, &mut dice);
        let place = dice.below(REQUESTS_UNDER_WAY as u64) as usize;
        if number == 0 && line > 0 && line % every == 0 && line / every <= FATAL_REQUESTS {
            requests[place] = Request::fatal(&mut dice);
        }
        writer.line(&mut requests[place], micros, &mut dice, &mut text);
        if requests[place].is_done() {
            requests[place] = Request::new(&mut dice);
        }
        if text.len() >= 4 << 20 {
            give(&text)?;
            text.clear();
        }
    }
    give(&text)
}

/// When lines come within a day: three times as many at noon as at midnight.
struct Clock {
    lines: u64,
    /// Share of the day's lines before each of 96 quarters of an hour.
    before: Vec<f64>,
}

impl Clock {
    fn new(lines: u64) -> Self {
        let weight = |quarter: u32| 2.0 - (f64::from(quarter) / 96.0 * std::f64::consts::TAU).cos();
        let all: f64 = (0..96).map(weight).sum();
        let mut sum = 0.0;
        let mut before = vec![0.0];
        before.extend((0..96).map(|quarter| {
            sum += weight(quarter) / all;
            sum
        }));
        Self { lines, before }
    }

    /// Microseconds from the start of the day.
    fn at(&self, line: u64, dice: &mut Dice) -> u64 {
        let jitter = dice.below(1_000) as f64 / 1_000.0;
        let share = (line as f64 + jitter) / self.lines as f64;
        let quarter = self.before.partition_point(|before| *before <= share).clamp(1, 96);
        let (from, to) = (self.before[quarter - 1], self.before[quarter]);
        let within = ((share - from) / (to - from)).clamp(0.0, 1.0);
        let micros = ((quarter - 1) as f64 + within) * (DAY_MICROS as f64 / 96.0);
        let late = if dice.chance(1, 300) { dice.below(LATE_MICROS) } else { 0 };
        (micros as u64).min(DAY_MICROS - 1).saturating_sub(late)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn text(seed: u64, number: u32, lines: u64) -> String {
        let mut text = Vec::new();
        write(seed, number, lines, &mut |piece| {
            text.extend_from_slice(piece);
            Ok(())
        })
        .unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_seed_gives_the_same_days_of_whole_lines() {
        let first = text(1, 0, 5_000);
        assert!(
            first == text(1, 0, 5_000) && first != text(2, 0, 5_000) && first != text(1, 1, 5_000)
        );
        assert_eq!(first.lines().count(), 5_000);
        let mean = first.len() as u64 / 5_000;
        assert!(mean.abs_diff(LINE_BYTES) < 15, "{mean} bytes a line");
        let mut fields = 0;
        for line in first.lines() {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            fields = fields.max(value.as_object().unwrap().len());
            assert!(value["timestamp"].as_str().unwrap().starts_with("2026-09-01T"), "{line}");
        }
        assert!(fields >= 12, "{fields}");
        // A request has two to seven lines.
        let fatal = first.matches("\"FATAL\"").count() as u64;
        assert!((FATAL_REQUESTS..=7 * FATAL_REQUESTS).contains(&fatal), "{fatal}");
    }
}
