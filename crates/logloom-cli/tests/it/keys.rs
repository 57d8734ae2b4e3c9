//! Private keys that are printed line by line, by slow programs, through kills: never in the log.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::support::{Place, Running, await_that};

const BODY: &str = "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI";

/// A key with a line of others in it.
const LINES: [&str; 7] = [
    "-----BEGIN RSA PRIVATE KEY-----",
    BODY,
    "words of others",
    BODY,
    "abcd+/==",
    "-----END RSA PRIVATE KEY-----",
    "done",
];

/// How many lines the records have, none of which shows anything of the key.
fn hidden_lines(place: &Place) -> usize {
    let records = place.records();
    for record in &records {
        let text = record.to_string();
        assert!(!text.contains("MIIE") && !text.contains("abcd"), "{text}");
    }
    records.iter().map(|record| record["message"].as_str().unwrap().lines().count()).sum()
}

#[test]
fn a_key_that_a_program_prints_slowly_is_hidden() {
    let place = Place::new();
    // A line is shown once it is in the log: each comes after those before it have waited in vain.
    let script = r#"for line in "$@"; do printf '%s\n' "$line"; read -r _; done"#;
    let mut command = place.ready("run", &["--", "sh", "-c", script, "sh"]);
    command.args(LINES).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = Running::start(&mut command);
    for line in LINES {
        assert_eq!(running.read_until("\n"), format!("{line}\n"));
        running.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }
    assert!(running.end().success());
    assert_eq!(hidden_lines(&place), LINES.len());
}

#[test]
fn a_key_that_a_program_ends_within_is_hidden() {
    for count in 1..LINES.len() - 1 {
        let place = Place::new();
        let script = "printf '%s\n' \"$@\"; kill -9 $$";
        let arguments = [&["--", "sh", "-c", script, "sh"], &LINES[..count]].concat();
        place.logloom("run", &arguments);
        assert_eq!(hidden_lines(&place), count);
    }
}

fn append(path: &Path, line: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
}

#[test]
fn a_follower_that_is_killed_within_a_key_hides_the_rest() {
    let place = Place::new();
    let path = place.path("app.log");
    for (number, line) in LINES.iter().enumerate() {
        append(&path, line);
        let mut command = place.ready("follow", &["--quiet"]);
        let mut follow = Running::start(command.arg(&path).stderr(Stdio::null()));
        await_that("the line is taken over", || {
            (place.log().exists() && hidden_lines(&place) == number + 1).then_some(())
        });
        follow.signal("KILL");
        follow.end();
    }
}

#[test]
fn an_import_that_goes_on_within_a_key_hides_the_rest() {
    let place = Place::new();
    let path = place.path("app.log");
    for (number, line) in LINES.iter().enumerate() {
        append(&path, line);
        let output = place.logloom("import", &["-q", path.to_str().unwrap()]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(hidden_lines(&place), number + 1);
    }
}

#[test]
fn a_key_behind_a_prefix_is_hidden_however_it_comes_in() {
    for (before, other) in
        [("web_1  | ", "db_1   | ready"), ("> ", "quoted"), ("10:00:00 app: ", "x")]
    {
        let place = Place::new();
        let lines: Vec<String> = LINES.iter().map(|line| format!("{before}{line}")).collect();
        let text = lines.join(&format!("\n{other}\n")) + "\n";
        std::fs::write(place.path("app.log"), &text).unwrap();
        let count = 2 * LINES.len() - 1;
        place.run_script("cat app.log");
        assert_eq!(hidden_lines(&place), count, "{before}");
        let import = place.logloom("import", &["-q", place.path("app.log").to_str().unwrap()]);
        assert!(import.status.success(), "{import:?}");
        assert_eq!(hidden_lines(&place), 2 * count, "{before}");
        let mut command = place.ready("follow", &["--quiet", "--from", "start"]);
        let mut follow = Running::start(command.arg("app.log").stderr(Stdio::null()));
        await_that("the file is taken over", || (hidden_lines(&place) == 3 * count).then_some(()));
        follow.signal("TERM");
        follow.end();
    }
}
