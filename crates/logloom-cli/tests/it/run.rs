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
    assert_eq!(records.len(), 2, "{records:#?}");
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
    let script = r"printf 'out\t\r\nx'; printf 'err\000\377' >&2";
    let output = place.logloom("run", &["--service", "shop", "--", "sh", "-c", script]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"out\t\r\nx");
    assert_eq!(output.stderr, b"err\0\xff");
    let mut records = place.records();
    records.sort_by_key(|record| record["stream"].as_str().unwrap().to_owned());
    let seen: Vec<_> = records.iter().map(|r| (&r["stream"], &r["message"])).collect();
    assert_eq!(seen[0].1, "err\0\u{fffd}");
    assert_eq!((seen[1].1, seen[2].1), (&"out\t".into(), &"x".into()));
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
        let signals = place.events("signal");
        assert_eq!(signals.len(), 1, "{signals:#?}");
        assert_eq!(signals[0]["signal"], format!("SIG{name}"));
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

#[test]
fn each_signal_is_handed_on_once() {
    let place = Place::new();
    let script = "trap 'echo caught' USR1; trap 'exit 0' TERM; echo ready; \
                  while :; do sleep 0.02; done";
    let mut command = place.ready("run", &["--", "sh", "-c", script]);
    let mut running = Running::start(command.stdout(Stdio::piped()));
    running.read_until("ready\n");
    for _ in 0..3 {
        running.signal("USR1");
        running.read_until("caught\n");
    }
    running.signal("TERM");
    assert!(running.end().success());
    let caught = place.messages().iter().filter(|message| *message == "caught").count();
    assert_eq!((caught, place.events("signal").len()), (3, 4));
}

#[test]
fn a_short_life_is_one_record_behind_what_was_printed() {
    let place = Place::new();
    let output =
        place.run_script(r#"echo plain; echo '{"level":"error","message":"json","n":1}'; exit 3"#);
    assert_eq!(output.status.code(), Some(3));
    let records = place.all_records();
    let field = |at: usize, name: &str| records[at][name].clone();
    assert_eq!((field(0, "message"), field(1, "level")), ("plain".into(), "ERROR".into()));
    assert_eq!(field(1, "n"), 1);
    if place.events("exit")[0]["duration_ms"].as_u64() >= Some(900) {
        println!("skipped: on a machine as busy as this the life was not short");
        return;
    }
    assert_eq!((field(2, "event"), records.len()), ("logloom.run.exit".into(), 3));
}

#[test]
fn start_and_end_are_records_with_what_it_took() {
    let place = Place::new();
    let script = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 1.1; exit 3";
    place.logloom("run", &["-s", "shop", "--", "sh", "-c", script, "x", "--password=hunter2"]);
    let (started, ended) = (&place.events("start")[0], &place.events("exit")[0]);
    for record in [started, ended] {
        assert_eq!(record["service"], "shop");
        assert_eq!(record["module"], "logloom.run");
        let command = record["command"].as_str().unwrap();
        assert!(command.ends_with("exit 3' x --password=[MASKED]"), "{command}");
    }
    assert_eq!((&started["level"], &ended["level"]), (&"INFO".into(), &"ERROR".into()));
    assert_eq!(started["pid"], ended["pid"]);
    assert!(started["timestamp"].as_str() < ended["timestamp"].as_str());
    assert_eq!(ended["exit_status"].as_u64(), Some(3));
    let number = |name: &str| ended[name].as_u64().unwrap();
    assert!(number("user_ms") > 0 && number("user_ms") <= number("duration_ms"), "{ended}");
    assert!(ended["system_ms"].is_u64());
    assert!((100 << 10..1 << 30).contains(&number("max_rss_bytes")), "{ended}");
    place.run_script("kill -9 $$");
    assert_eq!(place.events("exit")[1]["signal"], "SIGKILL");
    place.logloom("run", &["--", "no-such-program"]);
    assert_eq!(place.events("exit")[2]["exit_status"].as_u64(), Some(127));
    place.run_script("true");
    assert_eq!(place.events("exit")[3]["level"], "INFO");
}

#[test]
fn a_traceback_printed_line_by_line_is_one_record() {
    let place = Place::new();
    let script = r#"echo before >&2
        for line in 'Traceback (most recent call last):' '  File "a.py", line 3, in f' \
            '    g()' 'ValueError: no address'; do printf '%s\n' "$line" >&2; sleep 0; done
        echo after >&2"#;
    let output = place.run_script(script);
    assert_eq!(errors(&output).lines().count(), 6);
    let records = place.records();
    assert_eq!(records.len(), 3, "{records:#?}");
    assert!(records[1]["message"].as_str().unwrap().ends_with("ValueError: no address"));
    assert_eq!(records[1]["exception"]["type"], "ValueError");
}

#[test]
fn what_was_shown_when_run_is_killed_is_in_the_log() {
    let lines = r#"while :; do i=$((i+1)); echo "line $i"; echo "Traceback (most recent call last):";
        echo "  File \"a.py\", line $i, in f"; echo "ValueError: number $i"; done"#;
    for round in 1..=8 {
        let place = Place::new();
        let mut command = place.ready("run", &["--", "sh", "-c", lines]);
        let mut running = Running::start(command.stdout(Stdio::piped()));
        let mut shown = running.read_until(&format!("line {}\n", round * 50));
        running.signal("KILL");
        running.end();
        let mut rest = running.0.stdout.take().unwrap();
        std::io::Read::read_to_string(&mut rest, &mut shown).unwrap();
        let kept = place.messages().join("\n") + "\n";
        let whole = shown.rfind('\n').map_or("", |end| &shown[..=end]);
        assert!(kept.starts_with(whole), "round {round}: {} of {}", kept.len(), whole.len());
    }
}

#[test]
fn lines_that_carriage_returns_end_are_records_each_at_the_end_too() {
    let place = Place::new();
    place.run_script(r"printf 'alpha\rbeta\rgamma'");
    assert_eq!(place.messages(), ["alpha", "beta", "gamma"]);
}

#[test]
fn a_progress_bar_is_one_record_with_its_last_state() {
    let place = Place::new();
    let script = r#"for part in 10 50 100; do printf '\r\033[32mloaded %s%%\033[0m' $part; sleep 0.02;
        done; echo; echo '\033[1;31mERROR\033[0m red'"#;
    let output = place.run_script(script);
    assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\r').count(), 3);
    assert_eq!(output.stdout.iter().filter(|byte| **byte == 0x1b).count(), 8);
    assert_eq!(place.messages(), ["loaded 100%", "ERROR red"]);
    assert_eq!(place.records()[1]["level"], "ERROR", "found behind the colour");
}

#[test]
fn what_is_to_be_ignored_stays_ignored() {
    let place = Place::new();
    let mut run = place.ready("run", &["--", "sh", "-c"]);
    run.arg("kill -s HUP $PPID; kill -s HUP $$; echo alive");
    let mut words = vec![run.get_program().to_owned()];
    words.extend(run.get_args().map(ToOwned::to_owned));
    let mut command = place.command_of("sh");
    command.args(["-c", "trap '' HUP; exec \"$@\"", "sh"]).args(words);
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!((output.status.code(), printed(&output).as_str()), (Some(0), "alive\n"));
    assert_eq!(place.events("signal").len(), 0);
}

#[test]
fn the_format_of_the_lines_can_be_told() {
    let place = Place::new();
    let line = "2026-11-21 10:00:00,000 - shop.pay - ERROR - declined";
    let run = |flags: &[&str]| {
        let command = [flags, &["--", "echo", line]].concat();
        place.logloom("run", &command)
    };
    run(&["--zone", "+02:00"]);
    run(&["--input-format", "plain"]);
    let records = place.records();
    let of = |module: &str| records.iter().filter(|r| r["module"].as_str() == Some(module)).count();
    assert_eq!((records.len(), of("shop.pay")), (2, 1), "{records:#?}");
    assert!(records.iter().any(|record| record["timestamp"] == "2026-11-21T08:00:00.000000Z"));
    let output = run(&["--input-format", "no-such-format"]);
    assert_eq!((output.status.code(), printed(&output).as_str()), (Some(2), ""));
    assert!(errors(&output).contains("no-such-format"), "{output:?}");
}
