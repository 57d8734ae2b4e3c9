//! `logloom follow`: each line once, through kills, rotation, truncation and replacement.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::support::{Place, Running, await_that, errors, size};

const KILLS: u64 = 30;

/// Lines of one file before it is rotated.
const ROTATION: u64 = 400;

fn start(place: &Place, path: &Path) -> Running {
    let mut command = place.ready("follow", &["--history"]);
    Running::start(command.arg(path).stderr(Stdio::null()))
}

/// How often each line was kept.
fn counts(place: &Place) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    for message in place.messages() {
        *counts.entry(message).or_default() += 1;
    }
    counts
}

/// Appends numbered lines, some in two writes, and rotates in the three ways of logrotate, until it
/// is told to stop.
fn write_and_rotate(folder: PathBuf, stop: &AtomicBool, written: &AtomicU64) {
    let live = folder.join("app.log");
    let begin = || OpenOptions::new().create(true).append(true).open(&live).unwrap();
    let mut file = begin();
    let mut number = 0u64;
    while !stop.load(Ordering::Acquire) {
        number += 1;
        let line = format!("line {number} {}\n", "x".repeat((number % 90) as usize));
        let (head, tail) = line.split_at(line.len() / 2);
        file.write_all(head.as_bytes()).unwrap();
        if number.is_multiple_of(7) {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        file.write_all(tail.as_bytes()).unwrap();
        written.store(number, Ordering::Release);
        if number.is_multiple_of(ROTATION) {
            let older = folder.join(format!("app.log.{}", number / ROTATION));
            if number / ROTATION % 3 == 1 {
                std::fs::copy(&live, &older).unwrap();
                file.set_len(0).unwrap();
                continue;
            }
            std::fs::rename(&live, &older).unwrap();
            file = begin();
            if number / ROTATION % 3 == 2 {
                let packed = std::process::Command::new("gzip").arg(&older).status();
                assert!(packed.unwrap().success());
            }
        }
    }
}

#[test]
fn kills_at_random_neither_skip_nor_repeat_a_line() {
    let place = Place::new();
    let folder = place.path("source");
    std::fs::create_dir(&folder).unwrap();
    let (stop, written) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| write_and_rotate(folder.clone(), &stop, &written));
        let mut random = 88_172_645_463_325_252_u64;
        for _ in 0..KILLS {
            let mut follow = start(&place, &folder);
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            std::thread::park_timeout(Duration::from_millis(30 + random % 250));
            follow.signal("KILL");
            follow.end();
        }
        stop.store(true, Ordering::Release);
    });
    let written = written.load(Ordering::Acquire);
    let mut follow = start(&place, &folder);
    await_that("all lines are taken over", || {
        (place.messages().len() as u64 >= written).then_some(())
    });
    follow.signal("TERM");
    assert!(follow.end().success());
    let counts = counts(&place);
    for number in 1..=written {
        let line = format!("line {number} {}", "x".repeat((number % 90) as usize));
        assert_eq!(counts.get(&line), Some(&1), "line {number} of {written}");
    }
    assert_eq!(counts.len() as u64, written);
}

#[test]
fn files_are_followed_whatever_becomes_of_them() {
    let place = Place::new();
    let path = place.path("app.log");
    let mut follow = start(&place, &path);
    let append = |text: &str| {
        let mut file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    let seen = |text: &str| {
        await_that(text, || {
            place
                .log()
                .exists()
                .then(|| place.messages())
                .filter(|messages| messages.iter().any(|message| message == text))
        });
    };
    append("appears later\n");
    seen("appears later");
    std::fs::rename(&path, place.path("app.log.1")).unwrap();
    append("after rename\n");
    seen("after rename");
    File::create(&path).unwrap();
    append("after truncation, longer than what was there before\n");
    seen("after truncation, longer than what was there before");
    std::fs::remove_file(&path).unwrap();
    append("after deletion\n");
    seen("after deletion");
    std::fs::write(place.path("new"), "after replacement\n").unwrap();
    std::fs::rename(place.path("new"), &path).unwrap();
    seen("after replacement");
    follow.signal("INT");
    assert!(follow.end().success());
    assert!(counts(&place).values().all(|count| *count == 1));
    let records = place.records();
    assert!(records.iter().all(|record| record["service"] == "app"));
    assert!(records.iter().all(|record| record["path"] == path.to_str().unwrap()));
}

#[test]
fn a_start_at_the_end_leaves_history_out() {
    let place = Place::new();
    let path = place.path("app.log");
    std::fs::write(&path, "history\n").unwrap();
    let mut command = place.ready("follow", &["--from", "end", "--service", "shop"]);
    let mut follow = Running::start(command.arg(&path).stderr(Stdio::piped()));
    // It has looked at the file once the first new line arrives.
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    await_that("a new line arrives", || {
        file.write_all(b"new\n").unwrap();
        std::thread::park_timeout(Duration::from_millis(50));
        (size(&place.log().join("metadata.json")) > 0 && !place.messages().is_empty()).then_some(())
    });
    follow.signal("TERM");
    assert!(follow.end().success());
    let records = place.records();
    assert!(records.iter().all(|record| record["message"] == "new"));
    assert!(records.iter().all(|record| record["service"] == "shop"));
}

#[test]
fn its_own_log_is_not_followed() {
    let place = Place::new();
    for path in [place.path(""), place.log(), place.log().join("2026-11-21.jsonl")] {
        let output = place.logloom("follow", &[&path]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(errors(&output).contains("--dir"), "{output:?}");
    }
}

/// Waits until each of these messages is there, then ends the process.
fn taken_over(place: &Place, mut follow: Running, expect: &[String]) {
    await_that("all lines are taken over", || {
        let there = if place.log().exists() { place.messages() } else { Vec::new() };
        expect.iter().all(|text| there.contains(text)).then_some(())
    });
    // What an earlier one has taken over is there before this one has begun.
    follow.await_handler();
    follow.signal("TERM");
    assert!(follow.end().success());
    let mut there = place.messages();
    there.sort();
    let mut expect = expect.to_vec();
    expect.sort();
    assert_eq!(there, expect);
}

fn numbered(name: &str, numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("{name} line {number} {}", "x".repeat(30))).collect()
}

fn text_of(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[test]
fn what_was_packed_or_cut_while_nobody_looked_is_read_on() {
    let place = Place::new();
    let folder = place.path("source");
    std::fs::create_dir(&folder).unwrap();
    let (packed, cut) = (numbered("packed", 0..50), numbered("cut", 0..50));
    std::fs::write(folder.join("a.log"), text_of(&packed[..20])).unwrap();
    std::fs::write(folder.join("b.log"), text_of(&cut[..20])).unwrap();
    let first: Vec<String> = [&packed[..20], &cut[..20]].concat();
    taken_over(&place, start(&place, &folder), &first);

    std::fs::write(folder.join("a.log.1"), text_of(&packed)).unwrap();
    std::fs::remove_file(folder.join("a.log")).unwrap();
    let gzip = std::process::Command::new("gzip").arg(folder.join("a.log.1")).status();
    assert!(gzip.unwrap().success());
    std::fs::write(folder.join("b.log.1"), text_of(&cut)).unwrap();
    File::create(folder.join("b.log")).unwrap().write_all(b"new b\n").unwrap();
    let all = [packed, cut, vec!["new b".to_owned()]].concat();
    taken_over(&place, start(&place, &folder), &all);
    // Nothing else is left to be read.
    let mut cut = OpenOptions::new().append(true).open(folder.join("b.log")).unwrap();
    cut.write_all(b"last\n").unwrap();
    let all = [all, vec!["last".to_owned()]].concat();
    taken_over(&place, start(&place, &folder), &all);
}

#[test]
fn traces_of_many_files_become_one_record_each() {
    let place = Place::new();
    let folder = place.path("var/log/pods/shop_web-1_77-aa/nginx");
    std::fs::create_dir_all(&folder).unwrap();
    let trace = "Exception in thread \"main\" a.b.XException: no\n\tat a.B.c(B.java:1)";
    for number in 0..3 {
        let text = format!("starting {number}\n{trace}\nnext\n");
        std::fs::write(folder.join(format!("{number}.log")), text).unwrap();
    }
    let mut follow = start(&place, &place.path("var/log/pods/*/*/*.log"));
    await_that("all records are there", || {
        (place.log().exists() && place.messages().len() >= 9).then_some(())
    });
    follow.signal("TERM");
    assert!(follow.end().success());
    let records = place.records();
    let traces: Vec<_> = records.iter().filter(|record| record["message"] == trace).collect();
    assert_eq!((records.len(), traces.len()), (9, 3));
    for record in traces {
        assert_eq!(record["level"], "ERROR");
        assert_eq!(record["exception"]["type"], "a.b.XException", "{record}");
        assert_eq!(record["service"], "nginx");
        assert_eq!(record["k8s.namespace"], "shop");
        assert_eq!(record["k8s.pod"], "web-1");
    }
}

#[test]
fn patterns_zone_and_format_are_as_asked_for() {
    let place = Place::new();
    let path = place.path("app.log");
    std::fs::write(&path, "2026/11/22 10:00:00 [W] shop: low\n").unwrap();
    let patterns = place.path("patterns.yaml");
    let text = "patterns:\n  - name: mine\n    pattern: '^(?<time>\\S+ \\S+) \\[(?<level>\\w)\\] (?<module>\\w+): (?<message>.*)$'\n    time: '%Y/%m/%d %H:%M:%S'\n    levels: { W: warn }\n";
    std::fs::write(&patterns, text).unwrap();
    let mut command = place.ready("follow", &["--zone", "+02:00", "--input-format", "mine"]);
    command.arg("--patterns").arg(&patterns).arg(&path).stderr(Stdio::null());
    taken_over(&place, Running::start(&mut command), &["low".to_owned()]);
    let record = &place.records()[0];
    assert_eq!((&record["level"], &record["module"]), (&"WARN".into(), &"shop".into()));
    assert!(record["timestamp"].as_str().unwrap().starts_with("2026-11-22T08:00:00"), "{record}");
    for wrong in [["--zone", "Nowhere"], ["--input-format", "nothing"], ["--patterns", "missing"]] {
        let output = place.ready("follow", &wrong).arg(&path).output().unwrap();
        assert!(!output.status.success(), "{output:?}");
        assert!(errors(&output).contains(wrong[1]), "{output:?}");
    }
}

#[test]
fn what_is_no_text_or_cannot_be_read_is_named_and_stalls_nobody() {
    let place = Place::new();
    let folder = place.path("source");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("a.log"), "a\n").unwrap();
    std::fs::write(folder.join("wtmp"), [0; 64]).unwrap();
    std::os::unix::fs::symlink(folder.join("loop"), folder.join("loop")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.join("pipe.log")).status();
    assert!(made.unwrap().success());
    let mut command = place.ready("follow", &[&folder, &folder.join("pipe.log")]);
    let mut follow = Running::start(command.stderr(Stdio::piped()));
    await_that("the text is taken over", || {
        (place.log().exists() && place.messages() == ["a"]).then_some(())
    });
    follow.signal("TERM");
    let mut told = String::new();
    std::io::Read::read_to_string(follow.0.stderr.as_mut().unwrap(), &mut told).unwrap();
    assert!(follow.end().success());
    for name in ["wtmp looks binary", "loop: ", "pipe.log: "] {
        assert_eq!(told.matches(name).count(), 1, "{name} in {told}");
    }
}

#[test]
fn the_counts_of_each_source_are_shown_to_others() {
    let place = Place::new();
    let path = place.path("app.log");
    std::fs::write(&path, "one\ntwo\n").unwrap();
    let mut follow = start(&place, &path);
    let found = await_that("the counts are there", || {
        let shown =
            place.log().exists().then(|| place.logloom("stats", &["--sources", "--json"]))?;
        let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).ok()?;
        // What is shown is what was read until the last look.
        shown.get(0).filter(|found| found["lines"] == 2).cloned()
    });
    assert_eq!(found["source"], path.to_str().unwrap());
    assert_eq!(found["records"], 2);
    assert_eq!((&found["bytes"], &found["running"]), (&8.into(), &true.into()));
    let text = place.logloom("stats", &["--sources", "--prometheus"]).stdout;
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("logloom_source_lines_total{source="), "{text}");
    follow.signal("TERM");
    assert!(follow.end().success());
    assert_eq!(place.logloom("stats", &["--sources"]).status.code(), Some(1));
}

#[test]
fn the_counts_tell_the_format_of_a_short_file_and_which_was_renamed() {
    let place = Place::new();
    let path = place.path("app.log");
    std::fs::write(&path, "2026-11-21 10:00:00 WARN low\n").unwrap();
    let mut follow = start(&place, &path);
    let await_counts = |formats: usize, renamed: usize| {
        await_that("the counts are there", || {
            let shown = place.log().exists().then(|| place.logloom("stats", &["--sources"]))?;
            let shown = String::from_utf8(shown.stdout).unwrap();
            let count = |text: &str| shown.matches(text).count();
            let found = (count("leveled"), count("app.log (renamed, inode "));
            (found == (formats, renamed)).then_some(())
        });
    };
    await_counts(1, 0);
    std::fs::rename(&path, place.path("app.log.1")).unwrap();
    std::fs::write(&path, "2026-11-21 10:00:01 WARN lower\n").unwrap();
    await_counts(2, 1);
    follow.signal("TERM");
    assert!(follow.end().success());
}

/// A follower that writes what it says to a file of this name.
fn start_telling(place: &Place, name: &str, arguments: &[&str], path: &Path) -> Running {
    let mut command = place.ready("follow", arguments);
    let told = File::create(place.path(name)).unwrap();
    Running::start(command.arg(path).stderr(told))
}

fn await_told(place: &Place, name: &str, text: &str) {
    await_that(text, || {
        std::fs::read_to_string(place.path(name)).unwrap().contains(text).then_some(())
    });
}

#[test]
fn two_followers_of_one_file_take_each_line_once() {
    let place = Place::new();
    let path = place.path("app.log");
    std::fs::write(&path, text_of(&numbered("first", 0..20))).unwrap();
    let append = |text: &str| {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    };
    let mut one = start_telling(&place, "told-1", &[], &path);
    await_that("the first follower reads", || {
        (place.log().exists() && place.messages().len() == 20).then_some(())
    });
    let other = start_telling(&place, "told-2", &[], &path);
    await_told(&place, "told-2", &format!("process {} follows it into this log", one.0.id()));
    append(&text_of(&numbered("both", 0..20)));
    await_that("both are there", || (place.messages().len() >= 40).then_some(()));
    one.signal("KILL");
    one.end();
    append(&text_of(&numbered("second", 0..20)));
    let all = [numbered("first", 0..20), numbered("both", 0..20), numbered("second", 0..20)];
    taken_over(&place, other, &all.concat());
    let told = std::fs::read_to_string(place.path("told-2")).unwrap();
    assert_eq!(told.matches("follows it into this log").count(), 1, "{told}");
    assert!(!told.contains("cannot read"), "it is no failure: {told}");
}

/// Lines of all day files.
fn kept(place: &Place) -> usize {
    let entries = std::fs::read_dir(place.log()).into_iter().flatten().flatten();
    let days = entries.map(|entry| entry.path());
    let days = days.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    days.map(|path| memchr::memchr_iter(b'\n', &std::fs::read(path).unwrap()).count()).sum()
}

#[test]
fn a_full_table_of_sources_costs_no_line() {
    const FILES: usize = 8_500;
    let place = Place::new();
    let folder = place.path("source");
    std::fs::create_dir(&folder).unwrap();
    let name = |number: usize| folder.join(format!("{number}.log"));
    let append = |number: usize, text: &str| {
        let file = OpenOptions::new().create(true).append(true).open(name(number));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    };
    (0..FILES).for_each(|number| append(number, "history\n"));
    let mut follow = start_telling(&place, "told", &["--from", "end"], &folder);
    await_that("it has looked at all files", || {
        let saved = std::fs::read_to_string(place.log().join(".logloom/sources.json")).ok()?;
        (saved.matches("\"position\":8").count() == FILES).then_some(())
    });
    // A file that is short has another name in the table with each line, so that two lines of each
    // are more than the table holds. Nothing is written to the first file before that.
    for round in 1..=2 {
        (1..FILES).for_each(|number| append(number, &format!("{round} of {number}\n")));
        await_that("a line of each is there", || {
            (kept(&place) >= round * (FILES - 1)).then_some(())
        });
    }
    append(0, "1 of 0\n");
    await_that("the last line is there", || (kept(&place) > 2 * (FILES - 1)).then_some(()));
    follow.signal("TERM");
    assert!(follow.end().success());
    let told = std::fs::read_to_string(place.path("told")).unwrap();
    assert!(told.matches("following ").count() >= 2, "it has not begun anew: {told}");
    let counts = counts(&place);
    assert_eq!(counts.len(), 2 * (FILES - 1) + 1);
    assert!(counts.values().all(|count| *count == 1));
}

/// These lines packed by gzip.
fn gzip(lines: &[String]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text_of(lines).as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_packed_file_that_is_not_finished_is_told_as_that_and_read_on() {
    let place = Place::new();
    let folder = place.path("source");
    std::fs::create_dir(&folder).unwrap();
    let lines = numbered("packed", 0..5_000);
    let whole = gzip(&lines);
    let path = folder.join("old.log.gz");
    let (head, tail) = whole.split_at(whole.len() / 2);
    std::fs::write(&path, head).unwrap();
    let follow = start_telling(&place, "told", &["--history"], &folder);
    await_told(
        &place,
        "told",
        "old.log.gz: its gzip data ends in the middle: it is not finished yet",
    );
    OpenOptions::new().append(true).open(&path).unwrap().write_all(tail).unwrap();
    taken_over(&place, follow, &lines);
}

#[test]
fn a_packed_file_that_grows_by_members_is_read_on_and_nothing_of_it_twice() {
    let place = Place::new();
    let path = place.path("old.log.gz");
    let lines = numbered("packed", 0..600);
    let append = |bytes: &[u8]| {
        let mut file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        file.write_all(bytes).unwrap();
    };
    let taken = |count: usize| {
        await_that("the lines are taken over", || {
            let there = if place.log().exists() { place.messages() } else { Vec::new() };
            (there.len() >= count).then_some(())
        });
    };
    // The first ones have fewer bytes than tell a file from others.
    append(&gzip(&lines[..1]));
    let mut follow = start_telling(&place, "told", &["--history"], &path);
    taken(1);
    for number in 1..6 {
        append(&gzip(&lines[number..=number]));
        taken(number + 1);
    }
    for part in lines[6..].chunks(99) {
        // Not looked at until the next member is there; or killed in the middle of one.
        let member = gzip(part);
        let (head, tail) = member.split_at(member.len() / 2);
        append(head);
        follow.signal("KILL");
        follow.end();
        follow = start_telling(&place, "told", &["--history"], &path);
        append(tail);
    }
    taken_over(&place, follow, &lines);
    let told = std::fs::read_to_string(place.path("told")).unwrap();
    assert!(!told.contains("written anew"), "{told}");
}

#[test]
fn a_damaged_packed_file_gives_what_stands_before_the_damage_and_is_told_once() {
    let place = Place::new();
    let folder = place.path("source");
    std::fs::create_dir(&folder).unwrap();
    let lines = numbered("packed", 0..5_000);
    let mut packed = gzip(&lines);
    let checksum = packed.len() - 8;
    packed[checksum] ^= 0x55;
    packed.extend(gzip(&numbered("behind", 0..10)));
    std::fs::write(folder.join("old.log.gz"), packed).unwrap();
    let mut follow = start_telling(&place, "told", &["--history"], &folder);
    await_told(&place, "told", "old.log.gz: damaged gzip: ");
    std::fs::write(folder.join("new.log"), "looked again\n").unwrap();
    await_that("it has looked again", || {
        place.messages().contains(&"looked again".to_owned()).then_some(())
    });
    follow.signal("TERM");
    assert!(follow.end().success());
    let counts = counts(&place);
    assert!(lines.iter().all(|line| counts.get(line) == Some(&1)), "{}", counts.len());
    assert_eq!(counts.len(), lines.len() + 1, "what stands behind the damage is not trusted");
    let told = std::fs::read_to_string(place.path("told")).unwrap();
    assert_eq!(told.matches("damaged gzip").count(), 1, "{told}");
}

/// What `follow` says of these paths, when `act` is called once it has said `until`, and the end is asked
/// for once `line` is in the log.
fn told(place: &Place, paths: &[&str], until: &str, act: impl FnOnce(), line: &str) -> String {
    let mut follow = Running::start(place.ready("follow", paths).stderr(Stdio::piped()));
    let mut lines = BufReader::new(follow.0.stderr.take().unwrap());
    let mut told = String::new();
    while !told.contains(until) {
        assert!(lines.read_line(&mut told).unwrap() > 0, "{until:?} is not said: {told}");
    }
    act();
    await_that("the line is taken over", || {
        place.messages().iter().any(|message| message == line).then_some(())
    });
    follow.signal("INT");
    assert!(follow.end().success());
    lines.read_to_string(&mut told).unwrap();
    told
}

#[test]
fn what_is_not_there_yet_is_told_and_waited_for() {
    let place = Place::new();
    std::fs::write(place.path("other.log"), "other\n").unwrap();
    std::fs::create_dir(place.path("empty")).unwrap();
    let text = told(&place, &["other.log"], "following", || (), "other");
    assert!(text.contains("\nlogloom: 1 line taken over\n"), "{text}");
    let path = place.path("late.log");
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    let paths = ["late.log", "none/x.log", "empty", "*.txt"];
    let text = told(&place, &paths, "*.txt yet", || write("late\nlater\n"), "later");
    for (name, expect) in [
        ("late.log", "there is no {} yet: waiting for it"),
        ("none/x.log", "there is no {} yet, nor its directory: waiting for it"),
        ("empty", "no file to follow in {} yet: waiting for one"),
        ("*.txt", "no file fits {} yet: waiting for one"),
    ] {
        let expect = expect.replace("{}", place.path(name).to_str().unwrap());
        assert!(text.contains(&expect), "lacks {expect:?}: {text}");
    }
    assert!(!text.contains("known"), "other.log is not followed: {text}");
    assert!(text.contains("2 lines taken over"), "{text}");
    let text = told(&place, &["late.log"], "following", || write("late\nlater\nlast\n"), "last");
    assert!(text.contains("; 1 known file goes on where it was left"), "{text}");
}
