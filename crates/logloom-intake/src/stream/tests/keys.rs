//! Private keys that are printed line by line.

#![allow(clippy::unwrap_used)]

use super::{SECOND, captured, cri, docker, stream};
use crate::stream::{Captured, Stream};
use crate::{Line, LineAssembler};

const KEY_LINE: &str = "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI";

/// The lines of a private key.
fn key() -> Vec<String> {
    let body = [KEY_LINE; 5].map(str::to_owned).to_vec();
    let line = |word: &str| vec![format!("-----{word} RSA PRIVATE KEY-----")];
    [line("BEGIN"), body, vec!["abcd==".to_owned()], line("END")].concat()
}

#[test]
fn a_private_key_that_is_printed_line_by_line_is_one_record() {
    let key = key();
    let whole = key.join("\n");
    let logback = "2026-11-21 10:00:00.123 [main] INFO  a.Shop - ";
    for head in
        ["", "the key is ", logback, &format!("{}{logback}", format!("{logback}x\n").repeat(10))]
    {
        let given = captured(&format!("{head}{whole}\nready\n"));
        let (record, last) = (&given[given.len() - 2], &given[given.len() - 1]);
        assert!(record.record.message.ends_with(&whole), "{head:?} {:?}", record.record);
        assert_eq!(last.record.message, "ready");
    }
    // As a container runtime has written it.
    let lines: String = key.iter().map(|line| cri("stdout", 1, &format!("F {line}"))).collect();
    let given = captured(&(lines + &cri("stdout", 1, "F ready")));
    assert_eq!((given.len(), &given[0].record.message), (2, &whole));
}

#[test]
fn lines_of_others_do_not_end_a_private_key() {
    let key = key();
    let others = [
        "plain words",
        "2026-11-21 10:00:00.123 [a] WARN  a.Shop - slow",
        "{\"level\":\"info\",\"msg\":\"x\"}",
    ];
    let mut text = String::new();
    for (number, line) in key.iter().enumerate() {
        text += &format!("{line}\n");
        if number + 1 < key.len() {
            text += &format!("{}\n", others[number % others.len()]);
        }
    }
    let given = captured(&text);
    assert_eq!(given[0].record.message, key.join("\n"));
    assert_eq!(given.len(), key.len(), "{given:?}");
    assert!(given[1..].iter().all(|one| !one.record.message.contains("MII")));
    // A reader that is killed begins before the key again until all of it was given.
    let ends: Vec<Option<u64>> = given.iter().map(|one| one.end).collect();
    let (last, before) = ends.split_last().unwrap();
    assert_eq!((*last, before.iter().all(Option::is_none)), (Some(text.len() as u64), true));
}

/// Gives each line of the key after what waited before has waited for too long; between two lines
/// these others come.
fn printed_slowly(mut stream: Stream, lines: &[String], others: &[&str]) -> Vec<Captured> {
    let mut given = Vec::new();
    let mut now = SECOND;
    let mut end = 0;
    for line in lines {
        for text in std::iter::once(line.as_str()).chain(others.iter().copied()) {
            end += text.len() as u64 + 1;
            let line = Line { text: text.to_owned(), part: None, end };
            stream.push(line, now, &mut |captured| given.push(captured));
        }
        while let Some(deadline) = stream.deadline_ns() {
            now = now.max(deadline);
            stream.flush(now, &mut |captured| given.push(captured));
        }
        // Everything that was pushed is in the log, so that a reader goes on behind it.
        assert_eq!(given.last().unwrap().end, Some(end));
        now += SECOND;
    }
    given
}

fn assert_hidden(given: &[Captured], what: &str) {
    for captured in given {
        let text = format!("{:?}", captured.record);
        assert!(!text.contains("MIIE") && !text.contains("abcd"), "{what}: {text}");
    }
}

#[test]
fn a_key_that_is_printed_slowly_is_hidden_line_by_line() {
    let given = printed_slowly(stream(), &key(), &[]);
    let messages: Vec<&str> = given.iter().map(|one| one.record.message.as_str()).collect();
    let mut expect = vec!["***[MASKED 64 chars]***"; 5];
    expect.insert(0, "-----BEGIN RSA PRIVATE KEY-----");
    expect.extend(["***[MASKED 6 chars]***", "-----END RSA PRIVATE KEY-----"]);
    assert_eq!(messages, expect);
    // Below the line of a format, and indented.
    let logback = "2026-11-21 10:00:00.123 [main] INFO  a.Shop - ";
    for indent in ["", "    "] {
        let mut lines: Vec<String> = key().iter().map(|line| format!("{indent}{line}")).collect();
        lines[0] = format!("{logback}{}", lines[0]);
        assert_hidden(&printed_slowly(stream(), &lines, &[]), indent);
    }
}

#[test]
fn others_that_come_between_do_not_show_a_key_that_is_printed_slowly() {
    let trace = ["java.lang.Error: x", "\tat a.B.c(B.java:1)"];
    let logback = "2026-11-21 10:00:00.123 [a] WARN  a.Shop - slow";
    let many: Vec<String> = (0..120).map(|number| format!("line {number} of others")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for others in [&["plain words"][..], &[logback], &["{\"a\":1}"], &trace, &many] {
        let given = printed_slowly(stream(), &key(), others);
        assert_hidden(&given, others[0]);
        assert!(given.len() >= key().len() + others.len(), "{}", others[0]);
    }
    let indented: Vec<String> = key().iter().map(|line| format!("  {line}")).collect();
    assert_hidden(&printed_slowly(stream(), &indented, &["key:"]), "indented");
}

#[test]
fn two_keys_that_are_printed_slowly_at_once_are_both_hidden() {
    let twice: Vec<String> = key().into_iter().flat_map(|line| [line.clone(), line]).collect();
    assert_hidden(&printed_slowly(stream(), &twice, &[]), "two keys");
}

#[test]
fn a_key_that_a_runtime_wraps_is_hidden_however_slowly_it_is_printed() {
    let lines = |line: &dyn Fn(&str) -> String| -> Vec<String> {
        key().iter().map(|text| line(text).trim_end().to_owned()).collect()
    };
    let cri_lines = lines(&|text| cri("stdout", 1, &format!("F {text}")));
    let other = cri("stderr", 1, "F words");
    for others in [&[][..], &[other.trim_end()]] {
        assert_hidden(&printed_slowly(stream(), &cri_lines, others), "cri");
    }
    let docker_lines = lines(&|text| docker("stdout", 1, text));
    assert_hidden(&printed_slowly(stream(), &docker_lines, &[]), "docker");
}

#[test]
fn what_is_left_of_a_key_at_the_end_is_hidden_too() {
    let key = key();
    for count in 1..key.len() {
        let given = captured(&key[..count].join("\n"));
        assert_hidden(&given, &format!("{count} lines"));
        assert_eq!((given.len(), given[0].record.message.split('\n').count()), (1, count));
    }
    let error = "java.lang.Error: no key -----BEGIN RSA PRIVATE KEY-----";
    assert_hidden(&captured(&format!("{error}\n{KEY_LINE}\n{KEY_LINE}\n")), "a message");
}

#[test]
fn a_reader_that_begins_within_a_key_hides_the_rest() {
    let logback = "2026-11-21 10:00:00.123 [a] WARN  a.Shop - slow";
    let plain = |text: &str| format!("{text}\n");
    let wrapped = |text: &str| cri("stdout", 1, &format!("F {text}"));
    for wrap in [&plain as &dyn Fn(&str) -> String, &wrapped] {
        let text: String = key().iter().map(|line| wrap(line) + &wrap(logback)).collect();
        let mut lines = Vec::new();
        LineAssembler::new(0).push(text.as_bytes(), &mut |line| lines.push(line));
        for at in 1..lines.len() {
            let mut stream = stream();
            stream.begin_behind(&lines[..at]);
            let mut given = Vec::new();
            for line in &lines[at..] {
                stream.push(line.clone(), SECOND, &mut |captured| given.push(captured));
            }
            stream.end(&mut |captured| given.push(captured));
            assert_hidden(&given, &format!("{at}: {}", lines[at].text));
        }
    }
}

#[test]
fn words_below_the_title_of_a_key_stay() {
    let title = "expecting: -----BEGIN PRIVATE KEY-----";
    let lines: Vec<String> = [title, "aborted", "ready", "Error: no key"].map(str::to_owned).into();
    for others in [&[][..], &["more words"]] {
        let given = printed_slowly(stream(), &lines, others);
        let all: Vec<&str> = given.iter().map(|one| one.record.message.as_str()).collect();
        assert!(lines.iter().all(|line| all.join("\n").contains(line.as_str())), "{all:?}");
    }
    assert_eq!(captured(&lines.join("\n"))[0].record.message, lines[..2].join("\n"));
}

#[test]
fn the_rest_of_a_key_is_not_awaited_for_ever() {
    let key = key();
    let others = "words of others\n".repeat(1_100);
    let given = captured(&format!("{}\n{}\n{others}{KEY_LINE}\n", key[0], key[1]));
    assert!(!given[0].record.message.contains("MIIE"));
    assert_eq!(given.last().unwrap().record.message, KEY_LINE);
}

#[test]
fn a_key_behind_something_is_hidden_line_by_line() {
    let syslog = |n: usize, line: &str| format!("Nov 21 10:00:0{n} host app[7]: {line}");
    let compose = |_: usize, line: &str| format!("web_1  | {line}");
    let quoted = |_: usize, line: &str| format!("> {line}");
    let timed = |n: usize, line: &str| format!("2026-11-21T10:00:0{n}.123Z INFO app: {line}");
    let json = |n: usize, line: &str| format!("{{\"time\":179525520{n},\"msg\":\"{line}\"}}");
    let in_cri = |n: usize, line: &str| {
        cri("stdout", 1, &format!("F {}", timed(n, line))).trim_end().to_owned()
    };
    let in_docker =
        |n: usize, line: &str| docker("stderr", 1, &compose(n, line)).trim_end().to_owned();
    type Wrap<'a> = &'a dyn Fn(usize, &str) -> String;
    let wraps: [Wrap<'_>; 7] = [&syslog, &compose, &quoted, &timed, &json, &in_cri, &in_docker];
    for wrap in wraps {
        let lines: Vec<String> =
            key().iter().enumerate().map(|(number, line)| wrap(number, line)).collect();
        let given = captured(&(lines.join("\n") + "\n"));
        assert_hidden(&given, &lines[0]);
        assert_eq!(given.len(), lines.len(), "{given:#?}");
        assert_hidden(&printed_slowly(stream(), &lines, &[]), &lines[0]);
        for at in 1..lines.len() {
            let mut stream = stream();
            let mut parts = Vec::new();
            let text = lines.join("\n") + "\n";
            LineAssembler::new(0).push(text.as_bytes(), &mut |line| parts.push(line));
            stream.begin_behind(&parts[..at]);
            let mut given = Vec::new();
            for line in &parts[at..] {
                stream.push(line.clone(), SECOND, &mut |captured| given.push(captured));
            }
            stream.end(&mut |captured| given.push(captured));
            assert_hidden(&given, &format!("{at}: {}", lines[at]));
        }
    }
}
