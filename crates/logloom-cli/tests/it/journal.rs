//! `logloom follow --journal`: each entry once, through kills, behind a journalctl of our own that
//! understands the options that matter.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Place, Running, await_that};

const SCRIPT: &str = r#"#!/bin/sh
after=0
for argument in "$@"; do
    case $argument in
    --after-cursor=*) after=$(grep -n "\"__CURSOR\":\"${argument#*=}\"" "$JOURNAL" | head -n 1 | cut -d : -f 1) ;;
    --lines=0) after=$(wc -l < "$JOURNAL") ;;
    esac
done
[ -n "$after" ] || exit 1
exec tail -n +$((after + 1)) -f "$JOURNAL"
"#;

/// A place with a journal and what reads it.
fn prepared() -> Place {
    let place = Place::new();
    let tools = place.path("tools");
    std::fs::create_dir(&tools).unwrap();
    let program = tools.join("journalctl");
    std::fs::write(&program, SCRIPT).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(place.path("journal"), "").unwrap();
    place
}

fn command(place: &Place, options: &[&str]) -> Command {
    let mut command = place.ready("follow", &["--journal"]);
    let tools = place.path("tools").display().to_string();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    command.args(options).env("PATH", path).env("JOURNAL", place.path("journal"));
    command.stderr(Stdio::null());
    command
}

fn append(place: &Place, from: u64, to: u64) {
    let mut file = OpenOptions::new().append(true).open(place.path("journal")).unwrap();
    for number in from..to {
        writeln!(
            file,
            "{{\"__CURSOR\":\"s=a;i={number:x};\",\"PRIORITY\":\"4\",\"MESSAGE\":\"entry {number}\",\
             \"_SYSTEMD_UNIT\":\"shop.service\",\"__REALTIME_TIMESTAMP\":\"1795255200000000\"}}"
        )
        .unwrap();
    }
}

#[test]
fn kills_neither_skip_nor_repeat_an_entry() {
    let place = prepared();
    let mut written = 0;
    let mut random = 88_172_645_463_325_252_u64;
    for _ in 0..12 {
        let mut follow = Running::start(&mut command(&place, &[]));
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        append(&place, written, written + 200);
        written += 200;
        std::thread::park_timeout(Duration::from_millis(60 + random % 200));
        follow.signal("KILL");
        follow.end();
    }
    let mut follow = Running::start(&mut command(&place, &[]));
    // Whoever looks recovers what the dead have left: the last entry tells that it is read again.
    await_that("all entries are taken over", || {
        append(&place, written, written + 1);
        written += 1;
        let last = format!("entry {}", written - 1);
        std::thread::park_timeout(Duration::from_millis(100));
        place.messages().contains(&last).then_some(())
    });
    follow.signal("TERM");
    assert!(follow.end().success());
    let mut numbers: Vec<u64> =
        place.messages().iter().map(|text| text["entry ".len()..].parse().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..written).collect::<Vec<_>>());
    let record = &place.records()[0];
    assert_eq!((&record["service"], &record["level"]), (&"shop".into(), &"WARN".into()));
}

#[test]
fn the_journal_can_be_begun_at_its_end() {
    let place = prepared();
    append(&place, 0, 5);
    let mut follow = Running::start(&mut command(&place, &["--from", "end"]));
    let mut written = 5;
    await_that("a new entry arrives", || {
        append(&place, written, written + 1);
        written += 1;
        std::thread::park_timeout(Duration::from_millis(50));
        (place.log().exists() && !place.messages().is_empty()).then_some(())
    });
    follow.signal("TERM");
    assert!(follow.end().success());
    assert!(!place.messages().iter().any(|text| text == "entry 0"));
}
