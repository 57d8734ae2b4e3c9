//! Records of whole streams: joined, recognised, cut, and where each ends.

#![allow(clippy::unwrap_used)]

use logloom_record::{Level, Value};
use proptest::prelude::*;

use super::*;
use crate::LineAssembler;

mod keys;

const SECOND: i64 = 1_000_000_000;

fn stream() -> Stream {
    Stream::new(StreamOptions::default())
}

fn captured_of(mut stream: Stream, text: &str) -> Vec<Captured> {
    let mut given = Vec::new();
    let mut assembler = LineAssembler::new(0).with_ansi(crate::Ansi::Keep);
    let mut lines = Vec::new();
    assembler.push(text.as_bytes(), &mut |line| lines.push(line));
    assembler.finish_each(&mut |line| lines.push(line));
    for line in lines {
        stream.push(line, SECOND, &mut |captured| given.push(captured));
    }
    stream.end(&mut |captured| given.push(captured));
    assert_eq!(stream.counts().records, given.len() as u64);
    given
}

fn captured(text: &str) -> Vec<Captured> {
    captured_of(stream(), text)
}

/// `follow` has a stream for each of up to 12,000 files: each 100 bytes here are more than a mebibyte.
/// What few sources need belongs into a box, or a vector that is empty until then.
#[test]
fn what_is_kept_of_a_source_stays_small() {
    let bytes = size_of::<Stream>();
    assert!(bytes <= 576, "a stream takes {bytes} bytes");
    let mut stream = stream();
    let mut push = |text: &str| {
        let line = Line { text: text.to_owned(), part: None, end: 1 };
        stream.push(line, SECOND, &mut |_| {});
        stream.lanes.is_begun()
    };
    assert!(!push("a line") && !push(r#"{"msg":"a line"}"#));
    assert!(push("2026-11-21T10:00:00Z stdout F a line"));
}

#[test]
fn a_trace_below_a_line_of_a_format_is_one_record() {
    let text = "2026-11-21 10:00:00,123 - shop.cart - ERROR - checkout failed\n\
                Traceback (most recent call last):\n  File \"/srv/a.py\", line 4, in pay\n\
                ValueError: no card\n\
                2026-11-21 10:00:01,123 - shop.cart - INFO - next\n";
    let given = captured(text);
    assert_eq!(given.len(), 2);
    let record = &given[0].record;
    assert_eq!((record.module.as_str(), record.level), ("shop.cart", Level::Error));
    assert!(record.message.starts_with("checkout failed\nTraceback"), "{}", record.message);
    let exception = record.exception.as_ref().unwrap();
    assert_eq!(
        (exception.type_name.as_str(), exception.message.as_str()),
        ("ValueError", "no card")
    );
    assert_eq!(exception.frames[0].line, 4);
    let first = text.find("2026-11-21 10:00:01").unwrap();
    assert_eq!(given[0].end, Some(first as u64));
    assert_eq!(given[1].end, Some(text.len() as u64));
}

#[test]
fn what_nobody_caught_is_an_error_at_the_time_of_the_line_before() {
    let given = captured(
        "2026-11-21T10:00:00Z INFO app: started\nTraceback (most recent call last):\n  \
         File \"/srv/a.py\", line 4, in pay\nValueError: no card\n",
    );
    let levels: Vec<Level> = given.iter().map(|captured| captured.record.level).collect();
    assert_eq!(levels, [Level::Info, Level::Error]);
    assert!(given[0].record.time_ns.is_some());
    let record = &given[1].record;
    assert_eq!(record.time_ns, given[0].record.time_ns);
    let source = ("time_source".to_owned(), Value::Text("previous".to_owned()));
    assert!(record.fields.contains(&source), "{record:?}");
    assert!(given[1].record.exception.is_some());
}

#[test]
fn a_trace_on_its_own_is_an_error() {
    let given = captured(
        "ready\nException in thread \"main\" a.b.XException: no\n\tat a.B.c(B.java:1)\nnext",
    );
    let levels: Vec<Level> = given.iter().map(|captured| captured.record.level).collect();
    assert_eq!(levels, [Level::Info, Level::Error, Level::Info]);
    assert_eq!(given[1].record.exception.as_ref().unwrap().type_name, "a.b.XException");
}

#[test]
fn json_over_several_lines_is_recognised_whole() {
    let given = captured("{\n  \"level\": \"warn\",\n  \"msg\": \"low\",\n  \"free\": 3\n}\nx");
    assert_eq!(given.len(), 2);
    let record = &given[0].record;
    assert_eq!((record.level, record.message.as_str()), (Level::Warn, "low"));
    let arrival = ("time_source".to_owned(), Value::Text("arrival".to_owned()));
    assert_eq!(record.fields, [("free".to_owned(), Value::I64(3)), arrival]);
}

#[test]
fn lines_of_traces_have_no_say_in_the_format() {
    let mut stream = stream();
    let mut records = Vec::new();
    for number in 0..12u64 {
        let texts = ["2026-11-21 10:00:00,123 - shop - ERROR - x", "\tat a.B.c(B.java:1)"];
        for text in texts.into_iter().chain(["\tat a.B.d(B.java:2)"; 8]) {
            let line = Line { text: text.to_owned(), part: None, end: number };
            stream.push(line, SECOND, &mut |captured| records.push(captured.record));
        }
    }
    assert_eq!(stream.format(), Some("python-logging"));
    assert_eq!(records.len(), 11);
    let counts = stream.counts();
    assert_eq!((counts.lines, counts.records, counts.unrecognised), (120, 11, 0));
}

#[test]
fn what_waits_is_given_in_time_and_at_the_end() {
    let mut stream = stream();
    let mut given = Vec::new();
    let line = |text: &str| Line { text: text.to_owned(), part: None, end: 1 };
    stream.push(line("one"), SECOND, &mut |captured| given.push(captured));
    let deadline = stream.deadline_ns().unwrap();
    assert_eq!(deadline, SECOND + 20_000_000);
    stream.flush(deadline - 1, &mut |captured| given.push(captured));
    assert!(given.is_empty());
    stream.flush(deadline, &mut |captured| given.push(captured));
    assert_eq!((given.len(), stream.deadline_ns()), (1, None));
    stream.push(line("{\"msg\":\"at once\"}"), SECOND, &mut |captured| given.push(captured));
    assert_eq!((given.len(), stream.deadline_ns()), (2, None));
    let mut alone = Stream::new(StreamOptions { join: None, ..StreamOptions::default() });
    alone.push(line("at once"), SECOND, &mut |captured| given.push(captured));
    assert_eq!((given.len(), alone.deadline_ns()), (3, None));
}

/// Sizes of the messages with their ends.
fn shapes(text: &str) -> Vec<(usize, Option<u64>)> {
    captured(text).iter().map(|captured| (captured.record.message.len(), captured.end)).collect()
}

#[test]
fn text_longer_than_a_record_is_cut_and_ends_with_its_last_part() {
    let most = MESSAGE_BYTES_MAX;
    assert_eq!(
        shapes(&format!("{}\nx\n", "a".repeat(most + 5))),
        [(most, None), (5, Some(most as u64 + 6)), (1, Some(most as u64 + 8))]
    );
    let given = captured(&format!("{}\n", "a".repeat(most + 5)));
    let field = |part: &Captured, name: &str| {
        let fields = &part.record.fields;
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    assert_eq!(field(&given[0], "part"), Some(Value::U64(1)));
    assert_eq!(field(&given[0], "parts"), None);
    assert_eq!(field(&given[1], "parts"), Some(Value::U64(2)));
}

#[test]
fn a_line_of_several_megabytes_has_an_end_with_each_piece_of_the_reader() {
    let given = captured(&format!("{}\n", "a".repeat(2 * LINE_BYTES_MAX + 7)));
    let whole: usize = given.iter().map(|captured| captured.record.message.len()).sum();
    assert_eq!(whole, 2 * LINE_BYTES_MAX + 7);
    let ends: Vec<u64> = given.iter().filter_map(|captured| captured.end).collect();
    assert_eq!(
        ends,
        [1, 2]
            .map(|part| part * LINE_BYTES_MAX as u64)
            .into_iter()
            .chain([2 * LINE_BYTES_MAX as u64 + 8])
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_json_record_too_large_to_be_written_is_kept_as_its_text() {
    let text = format!("{{\"msg\":\"x\",\"body\":\"{}\"}}", "\\u0000".repeat(170_000));
    let given = captured(&text);
    let whole: String = given.iter().map(|captured| captured.record.message.as_str()).collect();
    assert_eq!(whole, text);
    assert_eq!(given.iter().filter(|captured| captured.end.is_some()).count(), 1);
}

#[test]
fn an_error_that_has_no_room_twice_stays_in_the_text() {
    let frame = "\tat a.B.c(B.java:1)\n";
    let text = format!("a.b.XError: y\n{}", frame.repeat(900));
    assert!(captured(&text)[0].record.exception.is_some());
    let long = format!("a.b.XError: {}\n{}", "y".repeat(MESSAGE_BYTES_MAX / 2), frame.repeat(900));
    let given = captured(&long);
    assert_eq!(given.len(), 1);
    assert_eq!(given[0].record.exception, None);
    assert_eq!(format!("{}\n", given[0].record.message), long);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_text_is_lost_and_positions_grow(
        lines in prop::collection::vec("[^\n\r{]{0,40}", 0..30),
        joined in any::<bool>(),
    ) {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        let text = text.replace('\u{feff}', "x");
        let join = joined.then(JoinLimits::default);
        let recogniser = Recogniser::named("plain").unwrap();
        let options = StreamOptions { recogniser, join, ..StreamOptions::default() };
        let given = captured_of(Stream::new(options), &text);
        let whole: String = given.iter().map(|captured| format!("{}\n", captured.record.message)).collect();
        prop_assert_eq!(&whole, &text);
        let ends: Vec<u64> = given.iter().filter_map(|captured| captured.end).collect();
        prop_assert!(ends.is_sorted());
        prop_assert_eq!(ends.last().copied().unwrap_or(0), text.len() as u64);
    }
}

#[test]
fn a_line_of_several_records_has_its_end_with_the_last_one() {
    let log = |text: &str| format!(r#"{{"severityNumber":17,"body":{{"stringValue":"{text}"}}}}"#);
    let line = format!(
        "before\n{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{},{}]}}]}}]}}\n",
        log("a"),
        log("b")
    );
    let given = captured(&line);
    let messages: Vec<&str> = given.iter().map(|one| one.record.message.as_str()).collect();
    let ends: Vec<Option<u64>> = given.iter().map(|one| one.end).collect();
    assert_eq!(messages, ["before", "a", "b"]);
    assert_eq!(ends, [Some(7), None, Some(line.len() as u64)]);
    assert_eq!(given[1].record.level, Level::Error);
}

#[test]
fn a_pattern_says_which_lines_begin_a_record() {
    let file = r"patterns: [{name: mine, pattern: '^#(?<message>.*)', multiline: '^#'}]";
    let patterns = crate::Patterns::parse("p", file).unwrap();
    let recogniser = Recogniser::with_patterns("mine", &patterns).unwrap();
    let options = StreamOptions { recogniser, ..StreamOptions::default() };
    let given = captured_of(Stream::new(options), "#one\nmore\n\nof it\n#two\n");
    let messages: Vec<&str> = given.iter().map(|one| one.record.message.as_str()).collect();
    assert_eq!(messages, ["one\nmore\n\nof it", "two"]);
}

#[test]
fn a_line_in_parts_is_recognised_as_a_whole() {
    let head = "2016-10-06T00:17:09.669794202Z stdout";
    let text =
        format!("{head} P {{\"level\":\"error\",\n{head} F \"msg\":\"x\"}}\n{head} P half\n");
    let given = captured(&text);
    assert_eq!((given[0].record.level, given[0].record.message.as_str()), (Level::Error, "x"));
    assert_eq!((given[1].record.message.as_str(), given[1].end), ("half", Some(text.len() as u64)));
    let mut stream = stream();
    let line = Line { text: format!("{head} P half"), part: None, end: 40 };
    stream.push(line, SECOND, &mut |_| panic!("too early"));
    let deadline = stream.deadline_ns().unwrap();
    let mut given = Vec::new();
    stream.flush(deadline, &mut |captured| given.push(captured));
    stream.flush(deadline + SECOND, &mut |captured| given.push(captured));
    assert_eq!(given.len(), 1);
    assert_eq!(given[0].end, Some(40));
}

/// What a container runtime makes of a line of the program, at this second.
fn docker(stream: &str, second: usize, text: &str) -> String {
    let text =
        text.replace('\\', "\\\\").replace('"', "\\\"").replace('\t', "\\t").replace('\n', "\\n");
    let time = format!("2026-11-21T10:00:{second:02}Z");
    format!("{{\"log\":\"{text}\\n\",\"stream\":\"{stream}\",\"time\":\"{time}\"}}\n")
}

fn cri(stream: &str, second: usize, tagged: &str) -> String {
    format!("2026-11-21T10:00:{second:02}Z {stream} {tagged}\n")
}

/// Level, stream, second and message of each record.
fn told(given: &[Captured]) -> Vec<(Level, String, i64, &str)> {
    let told = given.iter().map(|captured| {
        let record = &captured.record;
        let stream = record.fields.iter().find(|(name, _)| name == "stream");
        let stream = match stream {
            Some((_, Value::Text(text))) => text.clone(),
            _ => String::new(),
        };
        let second = record.time_ns.unwrap_or_default() / SECOND % 60;
        (record.level, stream, second, record.message.as_str())
    });
    told.collect()
}

#[test]
fn a_trace_that_a_runtime_has_wrapped_line_by_line_is_one_record() {
    let trace = [
        "java.lang.IllegalStateException: boom",
        "\tat a.B.c(B.java:1)",
        "\tat a.B.d(B.java:2)",
        "Caused by: java.io.IOException: no",
        "\t... 2 more",
    ];
    type Wrap<'a> = &'a dyn Fn(&str, usize, &str) -> String;
    let wraps: [Wrap<'_>; 2] =
        [&docker, &|stream, second, text| cri(stream, second, &format!("F {text}"))];
    for wrap in wraps {
        let mut text = wrap("stdout", 0, "ready");
        for (number, line) in trace.iter().enumerate() {
            text += &wrap("stderr", number + 1, line);
            text += &wrap(
                "stdout",
                number + 1,
                &format!("2026-11-21 09:00:00,000 INFO working {number}"),
            );
        }
        text += &wrap("stderr", 30, "ERROR other");
        let given = captured(&text);
        let trace = trace.join("\n");
        let told = told(&given);
        assert_eq!(told.len(), 8, "{told:?}");
        assert_eq!(told[0], (Level::Info, "stdout".to_owned(), 0, "ready"));
        assert_eq!(told[1], (Level::Error, "stderr".to_owned(), 1, trace.as_str()));
        assert_eq!(told[2].3, "working 0");
        assert_eq!(told[7], (Level::Error, "stderr".to_owned(), 30, "ERROR other"));
        let exception = given[1].record.exception.as_ref().unwrap();
        assert_eq!(exception.frames.len(), 2);
        assert_eq!(exception.cause.as_ref().unwrap().type_name, "java.io.IOException");
        assert!(given[1].end.is_none(), "lines of stdout stand between");
    }
}

#[test]
fn a_trace_of_python_below_its_line_and_json_over_several_lines_are_unwrapped_whole() {
    let line = |text: &str| cri("stderr", 7, &format!("F {text}"));
    let trace = [
        "Traceback (most recent call last):",
        "  File \"/a.py\", line 4, in pay",
        "ValueError: no",
    ];
    let text: String = std::iter::once("2026-11-21 10:00:00,123 - shop - ERROR - failed")
        .chain(trace)
        .chain(["{", "  \"level\": \"warn\",", "  \"msg\": \"low\"", "}"])
        .map(line)
        .collect();
    let given = captured(&text);
    let expect = format!("failed\n{}", trace.join("\n"));
    assert_eq!(
        told(&given),
        [
            (Level::Error, "stderr".to_owned(), 7, expect.as_str()),
            (Level::Warn, "stderr".to_owned(), 7, "low"),
        ]
    );
    assert_eq!(given[0].record.module, "shop");
    assert_eq!(given[0].record.exception.as_ref().unwrap().type_name, "ValueError");
}

#[test]
fn parts_of_a_line_are_put_together_whatever_comes_between_from_the_other_stream() {
    let text = [
        cri("stdout", 1, "P one "),
        cri("stderr", 2, "P half of "),
        cri("stderr", 3, "F another"),
        cri("stdout", 4, "P two "),
        cri("stderr", 5, "F third"),
        cri("stdout", 6, "F three"),
    ];
    let given = captured(&text.concat());
    let stdout = |second, text| (Level::Info, "stdout".to_owned(), second, text);
    let stderr = |second, text| (Level::Info, "stderr".to_owned(), second, text);
    let expect = [stdout(1, "one two three"), stderr(2, "half of another"), stderr(5, "third")];
    assert_eq!(told(&given), expect);
    let ends: Vec<Option<u64>> = given.iter().map(|captured| captured.end).collect();
    assert_eq!(ends, [None, None, Some(text.concat().len() as u64)]);
    assert!(given.iter().all(|one| one.record.fields.iter().all(|(name, _)| name != "partial")));
}

#[test]
fn the_other_stream_does_not_hold_a_record_up_for_ever() {
    let mut stream = stream();
    let (mut given, mut end) = (Vec::new(), 0);
    let mut push = |stream: &mut Stream, text: String| {
        end += text.len() as u64;
        let line = Line { text: text.trim_end().to_owned(), part: None, end };
        stream.push(line, SECOND, &mut |captured| given.push(captured));
        given.len()
    };
    push(&mut stream, cri("stderr", 1, "P never finished"));
    for number in 0..49 {
        assert_eq!(push(&mut stream, cri("stdout", 2, &format!("F {number}"))), 0);
    }
    let there = (0..60).map(|number| push(&mut stream, cri("stdout", 2, &format!("F {number}"))));
    assert_eq!(there.last(), Some(49 + 60), "all but the last line of each stream");
    let deadline = stream.deadline_ns().unwrap();
    assert_eq!(deadline, SECOND + 20_000_000);
    stream.flush(deadline, &mut |captured| given.push(captured));
    assert_eq!(given.len(), 1 + 49 + 60);
    assert_eq!(given[0].record.message, "never finished");
    assert_eq!((given.last().unwrap().end, stream.deadline_ns()), (Some(end), None));
}

#[test]
fn a_line_of_another_thread_neither_ends_a_trace_nor_is_swallowed_by_it() {
    let line = |thread: &str, level: &str, text: &str| {
        format!("2026-11-21 10:00:00.123 [{thread}] {level}  a.Shop - {text}\n")
    };
    let mut text = line("main", "INFO", "first").repeat(10);
    text += &line("a", "ERROR", "failed");
    text += "java.lang.IllegalStateException: boom\n\tat a.B.c(B.java:1)\n";
    text += &line("b", "INFO", "fine");
    text += "\tat a.B.d(B.java:2)\nCaused by: java.io.IOException: no\n\tat a.B.e(B.java:3)\n";
    text += &line("b", "INFO", "fine again");
    text += &line("a", "INFO", "over");
    let given = captured(&text);
    let messages: Vec<&str> =
        given[10..].iter().map(|captured| captured.record.message.as_str()).collect();
    let trace = "failed\njava.lang.IllegalStateException: boom\n\tat a.B.c(B.java:1)\n\
                 \tat a.B.d(B.java:2)\nCaused by: java.io.IOException: no\n\tat a.B.e(B.java:3)";
    assert_eq!(messages, [trace, "fine", "fine again", "over"]);
    let exception = given[10].record.exception.as_ref().unwrap();
    assert_eq!((exception.frames.len(), exception.cause.is_some()), (2, true));
    let ends: Vec<bool> = given[10..].iter().map(|captured| captured.end.is_some()).collect();
    assert_eq!(ends, [false, true, true, true]);

    // What may have frames of its own has them.
    let mut text = line("main", "INFO", "first").repeat(10);
    text += &line("a", "ERROR", "failed a.b.XException: no");
    text += "\tat a.B.c(B.java:1)\n";
    text += &line("b", "WARN", "slow a.b.YException: yes");
    text += "\tat a.B.d(B.java:2)\n";
    let given = captured(&text);
    assert_eq!(given.len(), 12);
    assert!(given[10..].iter().all(|one| one.record.exception.as_ref().unwrap().frames.len() == 1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Behind each position that is given stands exactly what was given before it.
    #[test]
    fn positions_are_true_however_streams_and_threads_alternate(
        lines in prop::collection::vec((0usize..19, any::<bool>()), 0..120),
    ) {
        let mut text = String::new();
        let mut ends = Vec::new();
        for (number, (kind, is_other)) in lines.iter().enumerate() {
            let stream = if *is_other { "stderr" } else { "stdout" };
            let thread = if *is_other { "a" } else { "b" };
            let id = format!("<{number}>");
            text += &match kind {
                0 => cri(stream, 1, &format!("P part {id} ")),
                1 => cri(stream, 1, &format!("F whole {id}")),
                2 => cri(stream, 1, &format!("F \tat a.B.c{id}(B.java:1)")),
                3 => cri(stream, 1, &format!("F a.b.XException: {id}")),
                4 => docker(stream, 1, &format!("\tat a.B.c{id}(B.java:1)")),
                5 => docker(stream, 1, &format!("a.b.XException: {id}")),
                6 => format!("2026-11-21 10:00:00.123 [{thread}] INFO  a.Shop - {id}\n"),
                7 => format!("2026-11-21 10:00:00.123 [{thread}] ERROR  a.Shop - a.b.XError: {id}\n"),
                8 => format!("a.b.XException: {id}\n"),
                9 => format!("plain {id}\n"),
                // Two lines in one, and more than is taken apart.
                10 => docker(stream, 1, &format!("one {id}\ntwo")),
                11 => cri(stream, 1, &format!("F {id} {}", "x".repeat(WRAPPED_BYTES_MAX))),
                // Keys and the lines above them, which are the ones with room for a number.
                12 => format!("{id} -----BEGIN RSA PRIVATE KEY-----\n"),
                13 => format!("Key-Info: {id}\n"),
                14 => format!("-----END RSA PRIVATE KEY----- {id}\n"),
                15 => cri(stream, 1, &format!("F {id} -----BEGIN RSA PRIVATE KEY-----")),
                16 => cri(stream, 1, &format!("F Key-Info: {id}")),
                _ => format!("\tat a.B.c{id}(B.java:1)\n"),
            };
            ends.push(text.len() as u64);
        }
        let given = captured(&text);
        let mut seen = vec![0; lines.len()];
        let mut before = 0;
        for captured in &given {
            // What is longer has its number at its beginning.
            let message = &captured.record.message;
            let message = message.get(..20_000).unwrap_or(message);
            for (number, count) in seen.iter_mut().enumerate() {
                *count += message.matches(&format!("<{number}>")).count();
            }
            let Some(end) = captured.end else { continue };
            prop_assert!(end > before);
            before = end;
            for (number, line_end) in ends.iter().enumerate() {
                prop_assert_eq!(seen[number], usize::from(*line_end <= end), "{} at {}", number, end);
            }
        }
        prop_assert_eq!(before, text.len() as u64);
    }
}
