//! `logloom run`: what passes through, what is kept, how it ends.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Place, Running, errors, printed};

#[test]
fn both_lines_are_kept_and_the_status_is_handed_on() {
    let place = Place::new();
    let output = place.run_script(
        r#"echo plain; echo "{\"level\":\"error\",\"message\":\"json\",\"n\":1}"; exit 3"#,
    );
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(printed(&output), "plain\n{\"level\":\"error\",\"message\":\"json\",\"n\":1}\n");
    assert_eq!(errors(&output), "");
    let records = place.records();
    assert_eq!(records.len(), 2);
    assert_eq!(records[0]["message"], "plain");
    assert_eq!(records[0]["level"], "INFO");
    assert_eq!(records[0]["service"], "sh");
    assert_eq!(records[0]["stream"], "stdout");
    assert_eq!(records[1]["message"], "json");
    assert_eq!(records[1]["level"], "ERROR");
    assert_eq!(records[1]["n"].as_u64(), Some(1));
}

#[test]
fn streams_stay_apart_and_unchanged() {
    let place = Place::new();
    let script = r"printf 'out\r\n\tx'; printf 'err\000\377' >&2";
    let output = place.logloom("run", &["--service", "shop", "--", "sh", "-c", script]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"out\r\n\tx");
    assert_eq!(output.stderr, b"err\0\xff");
    let mut records = place.records();
    records.sort_by_key(|record| record["stream"].as_str().unwrap().to_owned());
    let seen: Vec<_> = records.iter().map(|r| (&r["stream"], &r["message"])).collect();
    assert_eq!(seen[0].1, "err\0\u{fffd}");
    assert_eq!((seen[1].1, seen[2].1), (&"out".into(), &"\tx".into()));
    assert!(records.iter().all(|record| record["service"] == "shop"));
}

#[test]
fn a_prompt_is_seen_before_its_line_ends() {
    let place = Place::new();
    let script = r#"printf 'name? '; read name; echo "hello $name""#;
    let mut command = place.ready("run", &["--", "sh", "-c", script]);
    let mut running = Running::start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
    assert_eq!(running.read_until("? "), "name? ");
    running.0.stdin.take().unwrap().write_all(b"Ann\n").unwrap();
    assert_eq!(running.read_until("\n"), "hello Ann\n");
    assert!(running.end().success());
    assert_eq!(place.messages(), ["name? hello Ann"]);
}

#[test]
fn signals_are_handed_on() {
    for (name, trap, expect) in
        [("TERM", "trap 'echo caught; exit 5' TERM", 5), ("INT", "trap - INT", 130)]
    {
        let place = Place::new();
        let script = format!("{trap}; echo ready; while :; do sleep 0.05; done");
        let mut command = place.ready("run", &["--", "sh", "-c", &script]);
        let mut running = Running::start(command.stdout(Stdio::piped()));
        running.read_until("ready\n");
        running.signal(name);
        assert_eq!(running.end().code(), Some(expect), "{name}");
        assert_eq!(place.messages()[0], "ready");
    }
}

#[test]
fn a_program_that_is_killed_gives_128_and_the_signal() {
    let place = Place::new();
    assert_eq!(place.run_script("echo last words; kill -9 $$").status.code(), Some(137));
    assert_eq!(place.messages(), ["last words"]);
}

#[test]
fn a_program_that_cannot_be_run_is_told() {
    let place = Place::new();
    let output = place.logloom("run", &["--", "no-such-program"]);
    assert_eq!(output.status.code(), Some(127));
    assert!(errors(&output).contains("cannot run no-such-program"), "{output:?}");
    let output = place.logloom("run", &["--", "/etc/passwd"]);
    assert_eq!(output.status.code(), Some(126));
    assert_eq!(place.logloom("run", &["--"]).status.code(), Some(2));
}

#[test]
fn what_is_left_behind_is_not_waited_for_for_ever() {
    let place = Place::new();
    let start = Instant::now();
    let script = "echo first; sleep 30 & exit 4";
    let output = place.logloom("run", &["--linger", "200ms", "--", "sh", "-c", script]);
    assert_eq!(output.status.code(), Some(4));
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(errors(&output).contains("holds its output open"), "{output:?}");
    assert_eq!(place.messages(), ["first"]);
}

#[test]
fn a_program_learns_that_nobody_reads() {
    let place = Place::new();
    let mut command = place.ready("run", &["--", "yes"]);
    let mut running = Running::start(command.stdout(Stdio::piped()));
    running.read_until("y\n");
    drop(running.0.stdout.take());
    assert_eq!(running.end().code(), Some(128 + 13));
}
