//! What holds for all languages: heads, limits, time, streams, JSON, hostile input.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::time::{Duration, Instant};

use logloom_record::{Exception, Level, Record};
use proptest::prelude::*;

use super::{Head, JoinLimits, Joined, Joiner};
use crate::{Line, LineAssembler, Part};

fn lines(text: &str) -> Vec<Line> {
    let mut end = 0;
    let give = |text: &str| {
        end += text.len() as u64 + 1;
        Line { text: text.to_owned(), part: None, end }
    };
    text.split('\n').map(give).collect()
}

/// A line that begins a record in these tests.
fn is_record(line: &str) -> bool {
    line.starts_with("2026-")
}

/// Pushes a line with what the format of these tests makes of it.
fn push(joiner: &mut Joiner, line: Line, now_ns: i64, give: &mut dyn FnMut(Joined)) {
    let level = if line.text.contains("INFO") { Level::Info } else { Level::Error };
    let head = is_record(&line.text).then(|| Box::new(Record::new(level, "", line.text.as_str())));
    joiner.push(line, head.map(Head::from), now_ns, give);
}

fn join_with(text: &str, limits: JoinLimits) -> Vec<Joined> {
    let mut joiner = Joiner::new(limits);
    let mut groups = Vec::new();
    for line in lines(text) {
        push(&mut joiner, line, 0, &mut |group| groups.push(group));
    }
    joiner.end(&mut |group| groups.push(group));
    groups
}

fn join(text: &str) -> Vec<Joined> {
    join_with(text, JoinLimits::default())
}

fn texts(groups: &[Joined]) -> Vec<&str> {
    groups.iter().map(|group| group.text.as_str()).collect()
}

fn summary(exception: &Exception) -> Vec<String> {
    let mut links = Vec::new();
    let mut next = Some(exception);
    while let Some(link) = next {
        let mut text = format!("{}|{}|", link.type_name, link.message);
        let frames = link.frames.iter().map(|frame| {
            let dot = if frame.module.is_empty() { "" } else { "." };
            format!("{}{dot}{}@{}:{}", frame.module, frame.function, frame.file, frame.line)
        });
        write!(text, "{}", frames.collect::<Vec<_>>().join("|")).unwrap();
        links.push(text);
        next = link.cause.as_deref();
    }
    links
}

/// A trace is one group between other lines, and is read as expected, one text a link of the
/// chain: on its own, below a line of the log, and between unrelated lines. Without expectations
/// only the order of its lines is looked at.
pub(super) fn check(trace: &str, expect: &[&str]) {
    if expect.is_empty() {
        assert_eq!(texts(&join(trace)).join("\n"), trace);
        return;
    }
    for text in
        [trace.to_owned(), format!("{trace}\n2026-11-22 INFO next"), format!("ready\n{trace}")]
    {
        let groups = join(&text);
        let group = groups.iter().find(|group| group.text.trim_end() == trace);
        let group = group.unwrap_or_else(|| panic!("not joined: {groups:#?}"));
        assert_eq!(summary(group.exception.as_ref().unwrap()), expect, "{trace}");
    }
    let below = format!("2026-11-22 ERROR request failed\n{trace}\n2026-11-22 INFO next");
    let groups = join(&below);
    assert_eq!(groups.len(), 2, "{groups:#?}");
    assert_eq!(summary(groups[0].exception.as_ref().unwrap()), expect, "below a line: {trace}");
}

#[test]
fn a_trace_below_a_harmless_line_stands_alone() {
    let trace = "Traceback (most recent call last):\n  File \"/a.py\", line 4, in f\nE: m";
    let text = format!("2026-11-22 INFO ready\n{trace}\n2026-11-22 INFO next");
    let expect = ["2026-11-22 INFO ready", trace, "2026-11-22 INFO next"];
    assert_eq!(texts(&join(&text)), expect);
    let trace = "Exception in thread \"main\" a.b.XException: no\n\tat a.B.c(B.java:1)";
    let groups = join(&format!("2026-11-22 INFO ready\n{trace}"));
    assert_eq!(texts(&groups), ["2026-11-22 INFO ready", trace]);
    assert!(groups[0].exception.is_none() && groups[1].exception.is_some());
}

#[test]
fn a_header_within_a_line_of_the_log_is_found() {
    let find = |text: &str| summary(join(text)[0].exception.as_ref().unwrap());
    assert_eq!(
        find("2026-11-22 ERROR [main] shop failed a.b.PayException: no\n\tat a.B.c(B.java:1)"),
        ["a.b.PayException|no|a.B.c@B.java:1"]
    );
    assert_eq!(
        find("2026-11-22 error: unhandled TypeError: x\n    at f (/a.js:1:2)"),
        ["TypeError|x|f@/a.js:1"]
    );
    assert_eq!(
        find(
            "2026-11-22 PHP Fatal error:  Uncaught Error: x in /a.php:3\nStack trace:\n#0 /b.php(1): f()\n#1 {main}"
        ),
        ["Error|x|@/a.php:3|f@/b.php:1"]
    );
    assert_eq!(
        find("2026-11-22 production.ERROR: x\n[stacktrace]\n#0 /b.php(1): f()\n#1 {main}\n\"} "),
        ["||f@/b.php:1"]
    );
    assert_eq!(find("2026-11-22 ERROR failed\n\tat a.B.c(B.java:1)"), ["||a.B.c@B.java:1"]);
}

#[test]
fn indented_lines_belong_to_the_line_before() {
    let check = |text: &str, expect: &[&str]| assert_eq!(texts(&join(text)), expect);
    check("one\n  two\n\tthree\nfour", &["one\n  two\n\tthree", "four"]);
    check("  one\n  two", &["  one\n  two"]);
    check("one\n\n  two", &["one", "\n  two"]);
    check("2026-1 a\n2026-1 b\n c", &["2026-1 a", "2026-1 b\n c"]);
}

#[test]
fn messages_go_on_below_their_header_where_the_format_is_known() {
    let text = "2026-11-22 ERROR x\na.b.XError: 2 found:\nname: empty\n\tat a.B.c(B.java:1)";
    let groups = join(text);
    assert_eq!(texts(&groups), [text]);
    let exception = groups[0].exception.as_ref().unwrap();
    assert_eq!(summary(exception), ["a.b.XError|2 found:\nname: empty|a.B.c@B.java:1"]);
    assert_eq!(join(&format!("{text}\nname: empty")).len(), 2);
    assert_eq!(join("a.b.XError: 2 found:\nname: empty").len(), 2);
}

#[test]
fn lines_that_only_look_like_traces_stay_alone() {
    let check = |text: &str| assert_eq!(texts(&join(text)), text.split('\n').collect::<Vec<_>>());
    check("/etc/passwd:30\nnext");
    check("/srv/a.js:30\n/srv/b.js:31");
    check("panic mode is off\nmain.main()");
    check("#1 in the list\n#2 in the list");
    check("at the end (x)\nfrom here (y)");
    check("error: no Exception\nCaused by:");
    check("My.Error is here\nat once");
    check("Warning: low disk\nStack: none");
    let groups = join("goroutine 1 [running]:\nmain.main()\n\t/a.go:1 +0x1\nServer stopped (ok)");
    assert_eq!(groups.len(), 2);
}

#[test]
fn json_over_several_lines() {
    let check = |text: &str, expect: &[&str]| assert_eq!(texts(&join(text)), expect);
    check(
        "{\n  \"a\": {\"b\": [1,\n2]},\n\"c\": \"}\\\"\"\n}\nnext",
        &["{\n  \"a\": {\"b\": [1,\n2]},\n\"c\": \"}\\\"\"\n}", "next"],
    );
    check("{\"a\":1}\n  b", &["{\"a\":1}", "  b"]);
    check("[\n{}\n]\n[\n]", &["[\n{}\n]", "[\n]"]);
    check("2026-1 payload: {\n  \"a\": 1\n}\nnext", &["2026-1 payload: {\n  \"a\": 1\n}", "next"]);
    check("{\nno json\n}", &["{", "no json", "}"]);
    check("if (x) {\n  return;\n}", &["if (x) {\n  return;", "}"]);
    check("{\n10:00:00 x", &["{", "10:00:00 x"]);
    check("[\n\"a\" \"b\"", &["[", "\"a\" \"b\""]);
    check("{\n12 items", &["{", "12 items"]);
    check("[\n\"quoted\" words", &["[", "\"quoted\" words"]);
    check("[\n-1.5e3, true,\n null ]\nx", &["[\n-1.5e3, true,\n null ]", "x"]);
    check("[{\"a\":\n1}, {}\n]", &["[{\"a\":\n1}, {}\n]"]);
    check("}\n]", &["}", "]"]);
    check("[info] x\ny", &["[info] x", "y"]);
    check("{\n\"a\": \"open\n}", &["{", "\"a\": \"open", "}"]);
}

#[test]
fn json_that_is_closed_does_not_wait() {
    let mut joiner = Joiner::new(JoinLimits::default());
    let mut given = Vec::new();
    for line in lines("{\n\"a\":1\n}\n{\"b\":2}") {
        joiner.push(line, None, 0, &mut |group| given.push(group.text));
    }
    assert_eq!(given, ["{\n\"a\":1\n}", "{\"b\":2}"]);
    assert_eq!(joiner.deadline_ns(), None);
}

#[test]
fn a_line_that_begins_a_record_ends_every_group() {
    for open in ["Traceback (most recent call last):", "{", "panic: x", "java.lang.Error: x", "a"] {
        let text = format!("{open}\n2026-11-22 INFO x");
        assert_eq!(texts(&join(&text)), [open, "2026-11-22 INFO x"]);
    }
}

#[test]
fn groups_are_bounded_by_lines_and_bytes() {
    let limits = JoinLimits { lines: 2, ..JoinLimits::default() };
    assert_eq!(texts(&join_with("a\n b\n c\n d\n e", limits)), ["a\n b", " c\n d", " e"]);
    let limits = JoinLimits { bytes: 5, ..JoinLimits::default() };
    assert_eq!(texts(&join_with("a\n b\n cc\n dddddd", limits)), ["a\n b", " cc", " dddddd"]);
    let none = JoinLimits { lines: 0, bytes: 0, ..JoinLimits::default() };
    assert_eq!(texts(&join_with("a\n b", none)), ["a", " b"]);
}

#[test]
fn groups_wait_no_longer_than_told() {
    let limits = JoinLimits { wait_ns: 100, settle_ns: 10, ..JoinLimits::default() };
    let mut joiner = Joiner::new(limits);
    let mut given = Vec::new();
    let line = |text: &str| lines(text).remove(0);
    push(&mut joiner, line("a"), 1_000, &mut |group| given.push(group.text));
    assert_eq!(joiner.deadline_ns(), Some(1_010));
    joiner.flush(1_009, &mut |group| given.push(group.text));
    assert!(given.is_empty());
    push(&mut joiner, line(" b"), 1_009, &mut |group| given.push(group.text));
    assert_eq!(joiner.deadline_ns(), Some(1_109));
    joiner.flush(1_108, &mut |group| given.push(group.text));
    assert!(given.is_empty());
    // A clock that goes back by years does not hold the group back for years.
    joiner.flush(50, &mut |group| given.push(group.text));
    joiner.flush(150, &mut |group| given.push(group.text));
    assert_eq!(given, ["a\n b"]);
    // What was not asked for yet still takes its next line, however late that was read.
    push(&mut joiner, line("c"), 200, &mut |group| given.push(group.text));
    push(&mut joiner, line(" d"), 900, &mut |group| given.push(group.text));
    joiner.flush(1_000, &mut |group| given.push(group.text));
    assert_eq!(given, ["a\n b", "c\n d"]);
}

#[test]
fn a_group_that_grows_slowly_waits_no_longer_in_all_than_told() {
    let mut joiner = Joiner::new(JoinLimits::default());
    let mut given = Vec::new();
    let line = |text: &str| lines(text).remove(0);
    let mut now = 0;
    push(&mut joiner, line("java.lang.Error: x"), now, &mut |group| given.push(group.lines));
    while given.is_empty() {
        now += 299_000_000;
        joiner.flush(now, &mut |group| given.push(group.lines));
        push(&mut joiner, line("\tat a.B.c(B.java:1)"), now, &mut |_| ());
    }
    assert_eq!((given, now / 1_000_000), (vec![34], 10_166));
}

#[test]
fn only_what_is_under_way_waits_long() {
    let waits = |text: &str| {
        let mut joiner = Joiner::new(JoinLimits::default());
        lines(text).into_iter().for_each(|line| push(&mut joiner, line, 0, &mut |_| {}));
        joiner.deadline_ns().unwrap() / 1_000_000
    };
    assert_eq!(waits("a"), 20);
    assert_eq!(waits("2026-11-22 ERROR x"), 20);
    for text in ["a\n b", "Traceback (most recent call last):", "{", "2026-1 x: {", "panic: x"] {
        assert_eq!(waits(text), 300, "{text}");
    }
}

#[test]
fn positions_and_counts_are_those_of_the_last_line() {
    let groups = join("a\n b\nc");
    assert_eq!((groups[0].lines, groups[0].end), (2, 5));
    assert_eq!((groups[1].lines, groups[1].end), (1, 7));
}

#[test]
fn parts_of_a_long_line_stay_alone() {
    let mut joiner = Joiner::new(JoinLimits::default());
    let mut given = Vec::new();
    let part = Some(Part { number: 1, total: None });
    let long = Line { text: " long".to_owned(), part, end: 9 };
    push(&mut joiner, lines("a").remove(0), 0, &mut |group| given.push(group));
    push(&mut joiner, long, 0, &mut |group| given.push(group));
    assert_eq!(texts(&given), ["a", " long"]);
    assert_eq!(given[1].part, part);
}

#[test]
fn two_streams_at_the_same_time_are_kept_apart() {
    let traces = [
        "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError: a",
        "java.lang.Error: b\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)",
    ];
    let mut joiners = [JoinLimits::default(); 2].map(Joiner::new);
    let mut given = [Vec::new(), Vec::new()];
    for (first, second) in lines(traces[0]).into_iter().zip(lines(traces[1])) {
        for (stream, line) in [first, second].into_iter().enumerate() {
            push(&mut joiners[stream], line, 0, &mut |group| given[stream].push(group.text));
        }
    }
    for (stream, joiner) in joiners.iter_mut().enumerate() {
        joiner.end(&mut |group| given[stream].push(group.text));
        assert_eq!(given[stream], [traces[stream]]);
    }
}

#[test]
fn a_chain_without_end_is_cut() {
    let mut text = "a.XError: 0\n\tat a.B.c(B.java:1)".to_owned();
    (0..900).for_each(|link| write!(text, "\nCaused by: a.XError: {link}").unwrap());
    let groups = join(&text);
    assert_eq!(groups.len(), 1);
    assert_eq!(summary(groups[0].exception.as_ref().unwrap()).len(), 64);
}

#[test]
fn hostile_input_takes_linear_time() {
    let long = |piece: &str| piece.repeat((1 << 20) / piece.len() - 64);
    let under = |head: String, line: &str| format!("{head}{}", format!("\n{line}").repeat(30_000));
    let inputs = [
        under(long("a.b.XError "), "\tat a.B.c(B.java:1)"),
        under(long("PHP Fatal error: "), "#0 /a.php(1): f()"),
        under(format!("Error: {}", long("x")), " y"),
        under(format!("/a:1{}", long("/")), "^"),
        under(format!("thread 'x' panicked at {}:", long("':")), "y"),
        under("{".to_owned(), "["),
        under("[".to_owned(), "{\"a\":"),
        format!("[\n{}", long("\"\\\"\"")),
        format!("[\n{}", long("1,")),
        format!("[\n{}", long("[ ")),
        format!("[\n{}", long("9")),
        under(
            "Traceback (most recent call last):".to_owned(),
            "Traceback (most recent call last):",
        ),
        under("panic: x".to_owned(), "\tgoroutine 1 [x]:"),
        under("a.rb:1:in `x': y (Z)".to_owned(), "a.rb:1:in `x': y (Z)"),
        under("x".to_owned(), ""),
        format!("{}\n\tat a.B.c(B.java:1)", long(":in `")),
        format!("{}\n\tfrom a.rb:1:in `x'", long("': ")),
        format!("System.X.YError: {}\n   at A.B.C()", long(" ---> ")),
    ];
    for input in inputs {
        let started = Instant::now();
        let groups = join(&input);
        assert!(texts(&groups).join("\n") == input);
        let head: String = input.chars().take(40).collect();
        // Linear, it is a moment on the slowest machine; quadratic, it is minutes.
        assert!(started.elapsed() < Duration::from_secs(60), "{head}: {:?}", started.elapsed());
    }
}

/// Pieces that the grammars know, so that random inputs come near to real ones.
const PIECES: [&str; 30] = [
    "2026-11-22 ERROR x",
    "",
    " ",
    "\tat a.B.c(B.java:1)",
    "   at A.B.C(D e) in /f.cs:line 3",
    "    at f (/a.js:1:2) {",
    "a.b.XError: y",
    "Caused by: a.XError",
    "\tSuppressed: a.XError: \u{e9}",
    "Traceback (most recent call last):",
    "  File \"a.py\", line 1, in f",
    "ValueError: \u{1f600}",
    "During handling of the above exception, another exception occurred:",
    "  + Exception Group Traceback (most recent call last):",
    "  | X: y",
    "panic: x",
    "goroutine 1 [running]:",
    "main.main()",
    "\t/a.go:1 +0x1",
    "thread 'main' panicked at a.rs:1:2:",
    "Error: x",
    "Caused by:",
    "PHP Fatal error:  Uncaught X: y in /a.php:1",
    "#0 /a.php(1): f()",
    "a.rb:1:in `x': y (Z)",
    "\tfrom a.rb:1:in `x'",
    "{",
    "\"a\": [",
    "}",
    "]",
];

fn any_line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        1 => (prop::sample::select(&PIECES[..]), "[^\n\r]{0,6}", 0..20usize).prop_map(
            |(piece, more, cut)| {
                let head: String = piece.chars().take(cut).collect();
                head + &more
            }
        ),
        1 => "[^\n\r]{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_line_is_given_once_and_in_order(
        input in prop::collection::vec((any_line(), -50i64..200), 0..40),
        lines_max in 0..8usize,
        bytes_max in 0..200usize,
    ) {
        let (lines, bytes) = (lines_max, bytes_max);
        let limits =
            JoinLimits { lines, bytes, wait_ns: 300, settle_ns: 100, ..JoinLimits::default() };
        // A mark of the encoding would be no part of the first line.
        let text: String = input.iter().map(|(line, _)| format!("{line}\n")).collect();
        let text = text.replace('\u{feff}', "x");
        let mut assembler = LineAssembler::new(0).with_ansi(crate::Ansi::Keep);
        let mut pending = Vec::new();
        assembler.push(text.as_bytes(), &mut |line| pending.push(line));
        let ends: Vec<u64> = pending.iter().map(|line| line.end).collect();
        for limits in [limits, JoinLimits::default()] {
            let mut joiner = Joiner::new(limits);
            let mut given: Vec<Joined> = Vec::new();
            let mut now = 0i64;
            for (line, (_, wait)) in pending.iter().cloned().zip(&input) {
                now += wait;
                push(&mut joiner, line, now, &mut |group| given.push(group));
            }
            joiner.end(&mut |group| given.push(group));
            let mut seen = 0;
            let mut joined = String::new();
            for group in &given {
                prop_assert_eq!(group.text.split('\n').count(), group.lines);
                prop_assert!(group.lines <= limits.lines.max(1));
                prop_assert!(group.lines == 1 || group.text.len() <= limits.bytes);
                seen += group.lines;
                prop_assert_eq!(group.end, ends[seen - 1]);
                let inner = group.text.split('\n').skip(1).any(is_record);
                prop_assert!(!inner);
                joined.push_str(&group.text);
                joined.push('\n');
            }
            prop_assert_eq!(&joined, &text);
        }
    }
}
