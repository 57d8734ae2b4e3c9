//! `logloom run --restart`: how often, how soon, and what ends it.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Place, Running, errors, printed};

#[test]
fn a_failing_program_is_started_again_so_many_times() {
    let place = Place::new();
    let start = Instant::now();
    let flags = ["--restart", "on-failure", "--restart-max", "2", "--", "sh", "-c"];
    let output = place.logloom("run", &[&flags[..], &["echo again; exit 7"]].concat());
    assert_eq!(output.status.code(), Some(7), "{output:?}");
    assert_eq!(printed(&output), "again\n".repeat(3));
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
    let exits = place.events("exit");
    // A start has a record of its own where the program lived for a second, as a busy machine may make it.
    let long = exits.iter().filter(|exit| exit["duration_ms"].as_u64() >= Some(900)).count();
    assert_eq!(exits.len(), 3);
    assert!(place.events("start").len() <= long, "{exits:#?}");
    let pauses: Vec<u64> =
        place.events("restart").iter().map(|event| event["pause_ms"].as_u64().unwrap()).collect();
    assert_eq!(pauses, [100, 200]);
    assert_eq!(place.messages(), ["again"; 3]);
}

#[test]
fn success_ends_it_unless_always_is_asked_for() {
    let place = Place::new();
    let output = place.logloom("run", &["--restart", "on-failure", "--", "echo", "once"]);
    assert_eq!((output.status.code(), printed(&output).as_str()), (Some(0), "once\n"));
    let flags = ["--restart", "always", "--restart-max", "1", "--", "echo", "twice"];
    assert_eq!(printed(&place.logloom("run", &flags)), "twice\n".repeat(2));
    let output = place.logloom("run", &["--restart-max", "1", "--", "true"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("--restart <WHEN>"), "{output:?}");
}

#[test]
fn a_signal_ends_the_program_and_the_restarts() {
    let place = Place::new();
    let script = "echo ready; while :; do sleep 0.02; done";
    let mut command = place.ready("run", &["--restart", "always", "--", "sh", "-c", script]);
    let mut running = Running::start(command.stdout(Stdio::piped()));
    running.read_until("ready\n");
    running.signal("TERM");
    assert_eq!(running.end().code(), Some(128 + 15));
    assert_eq!(place.events("exit").len(), 1);
}

#[test]
fn a_reader_that_goes_away_ends_the_restarts() {
    let place = Place::new();
    let mut command = place.ready("run", &["--restart", "always", "--", "echo", "again"]);
    let mut running = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
    running.read_until("again\n");
    drop(running.0.stdout.take());
    running.end();
    let mut told = String::new();
    std::io::Read::read_to_string(running.0.stderr.as_mut().unwrap(), &mut told).unwrap();
    assert!(told.contains("nobody reads the output any more: echo is not started again"), "{told}");
    assert_eq!(place.events("unread").len(), 1);
}

#[test]
fn a_signal_between_two_lives_ends_the_wait() {
    let place = Place::new();
    let script = "echo ready; exit 1";
    let mut command = place.ready("run", &["--restart", "always", "--", "sh", "-c", script]);
    let mut running = Running::start(command.stdout(Stdio::piped()));
    // By the sixth end the wait is longer than it takes to send a signal: 3.2 seconds.
    for _ in 0..6 {
        running.read_until("ready\n");
    }
    let pauses = || place.events("restart").len();
    crate::support::await_that("the wait begins", || (pauses() == 6).then_some(()));
    running.signal("INT");
    assert_eq!(running.end().code(), Some(128 + 2));
    assert_eq!(place.events("exit").len(), 6);
    assert_eq!(place.events("signal").len(), 1);
}
