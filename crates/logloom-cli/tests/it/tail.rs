//! `logloom tail`: the newest records and then each new one, once.

use std::process::Stdio;

use crate::support::{Place, Running};

#[test]
fn history_and_live_records_meet_without_a_gap() {
    let place = Place::new();
    place.run_script("seq 1 20");
    let mut command =
        place.ready("tail", &["-n", "3", "--format", "jsonl", "--field", "stream=stdout"]);
    let mut tail = Running::start(command.stdout(Stdio::piped()));
    let history = tail.read_until("\"20\"");
    assert_eq!(history.matches("\"message\":\"").count(), 3, "{history}");
    place.run_script("seq 21 40");
    let live = tail.read_until("\"40\"");
    for number in 21..=40 {
        let text = format!("\"message\":\"{number}\"");
        assert_eq!(live.matches(&text).count(), 1, "{number}: {live}");
    }
    tail.signal("INT");
    assert!(tail.end().success());
}

#[test]
fn filters_hold_for_live_records() {
    let place = Place::new();
    place.run_script("echo first");
    let mut command = place.ready("tail", &["--level", "error", "--rate"]);
    let mut tail = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    let script = "while :; do echo 'ERROR bad'; echo fine; sleep 0.05; done";
    let mut writer = place.ready("run", &["--", "sh", "-c", script]);
    let mut writer = Running::start(writer.stdout(Stdio::null()));
    let text = tail.read_until("ERROR bad  stream=stdout\n");
    assert!(!text.contains("fine") && !text.contains("first"), "{text}");
    assert!(!text.contains('\u{1b}'), "no colours without a terminal: {text:?}");
    // Killed, it would leave its memory to a directory that is about to go.
    writer.signal("TERM");
    writer.end();
}

#[test]
fn it_ends_when_nobody_reads() {
    let place = Place::new();
    place.run_script("echo first");
    let mut command = place.ready("tail", &["--format", "jsonl", "--field", "stream=stdout"]);
    let mut tail = Running::start(command.stdout(Stdio::piped()));
    tail.read_until("first");
    drop(tail.0.stdout.take());
    assert!(tail.end().success());
}

#[test]
fn a_directory_that_is_made_again_is_kept_up_with() {
    let place = Place::new();
    place.run_script("echo first");
    let mut command = place.ready("tail", &["--format", "jsonl", "--field", "stream=stdout"]);
    let mut tail = Running::start(command.stdout(Stdio::piped()));
    tail.read_until("first");
    for round in ["second", "third"] {
        std::fs::remove_dir_all(place.log()).unwrap();
        place.run_script(&format!("echo {round}"));
        assert_eq!(tail.read_until(round).matches("message").count(), 1);
    }
}

#[test]
fn the_newest_of_several_directories_come_first_and_live_ones_of_each_follow() {
    let place = Place::new();
    let other = place.path("other");
    let run = |dir: &std::path::Path, text: &str| {
        let mut command = place.command();
        command.arg("run").arg("--dir").arg(dir).args(["--", "echo", text]);
        assert!(command.output().unwrap().status.success());
    };
    run(&place.log(), "oldest");
    run(&other, "middle");
    run(&place.log(), "newest");
    let mut command = place.command();
    command.args(["tail", "-n", "2", "--format", "jsonl", "--field", "stream=stdout"]);
    command.env("LOGLOOM__STORE__DIR", format!("{},{}", place.log().display(), other.display()));
    let mut tail = Running::start(command.stdout(Stdio::piped()));
    let text = tail.read_until("newest");
    assert!(text.contains("middle") && !text.contains("oldest"), "{text}");
    run(&other, "live");
    tail.read_until("live");
}

#[test]
fn an_array_is_closed_at_the_end() {
    let place = Place::new();
    place.run_script("seq 1 3");
    let mut command = place.ready("tail", &["--json", "--field", "stream=stdout"]);
    let mut tail = Running::start(command.stdout(Stdio::piped()));
    let mut text = tail.read_until("\"3\"");
    tail.signal("TERM");
    assert!(tail.end().success());
    std::io::Read::read_to_string(tail.0.stdout.as_mut().unwrap(), &mut text).unwrap();
    assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&text).unwrap().len(), 3);
}
