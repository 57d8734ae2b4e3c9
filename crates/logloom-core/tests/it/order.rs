//! What one thread logs one after the other stands in that order, whatever rings it takes.

use std::time::Duration;

use logloom_core::emit;
use logloom_core::settings::Policy;
use logloom_record::{Level, Record};
use tempfile::TempDir;

use super::program::{lines, settings, started};
use super::runtime::assert_succeeds;

const RECORDS: u64 = 100_000;

/// What the test processes of this file do.
pub(crate) fn run(name: &str) -> bool {
    match name {
        "errors_between_others" => errors_between_others(),
        _ => return false,
    }
    true
}

/// The writer is at work all the time; every other record takes the ring of errors.
fn errors_between_others() {
    let mut settings = settings();
    settings.overflow.default = Policy::Block;
    let handle = started(settings);
    for number in 0..RECORDS {
        let level = if number % 2 == 0 { Level::Info } else { Level::Error };
        emit::record(
            &Record::new(level, "it::order", "one after the other").with("number", number),
        );
    }
    assert!(handle.stop(Duration::from_secs(60)).is_empty());
}

#[test]
fn records_of_two_rings_stand_in_the_order_of_their_calls() {
    let dir = TempDir::new().unwrap();
    assert_succeeds("errors_between_others", dir.path(), &[]);
    let numbers: Vec<u64> =
        lines(dir.path()).iter().filter_map(|line| line["number"].as_u64()).collect();
    let moved = numbers.windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert_eq!((numbers.len() as u64, moved), (RECORDS, 0));
}
