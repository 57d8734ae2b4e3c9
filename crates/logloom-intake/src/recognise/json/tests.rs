//! Lines of well-known loggers and what becomes of them.

#![allow(clippy::unwrap_used)]

use logloom_record::{Level, Record, Value};

use proptest::prelude::*;

use super::super::{Defaults, json, recognise};
use super::FORMS;

const TEN: i64 = 1_795_255_200_000_000_000;

fn record(line: &str) -> Record {
    recognise(line, &Defaults::default())
}

fn fields(record: &Record) -> Vec<(&str, &Value)> {
    record.fields.iter().map(|(name, value)| (name.as_str(), value)).collect()
}

#[test]
fn the_lines_of_common_loggers() {
    let check = |line: &str, level: Level, message: &str, module: &str, rest: &[&str]| {
        let record = record(line);
        assert_eq!(record.level, level, "{line}");
        assert_eq!(record.message, message, "{line}");
        assert_eq!(record.module, module, "{line}");
        assert_eq!(record.time_ns, Some(TEN), "{line}");
        let names: Vec<&str> = record.fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, rest, "{line}");
    };
    // pino
    check(
        r#"{"level":30,"time":1795255200000,"pid":1,"hostname":"h","name":"api","msg":"up","n":1}"#,
        Level::Info,
        "up",
        "api",
        &["pid", "hostname", "n"],
    );
    // zap
    check(
        r#"{"level":"warn","ts":1795255200.0,"logger":"db","caller":"db/x.go:1","msg":"slow"}"#,
        Level::Warn,
        "slow",
        "db",
        &["caller"],
    );
    // structlog
    check(
        r#"{"event":"signed in","level":"critical","timestamp":"2026-11-21T10:00:00Z","user":1}"#,
        Level::Fatal,
        "signed in",
        "",
        &["user"],
    );
    // logback with the Elastic encoder
    check(
        r#"{"@timestamp":"2026-11-21T10:00:00.000Z","log.level":"ERROR","message":"m","log.logger":"a.B"}"#,
        Level::Error,
        "m",
        "a.B",
        &[],
    );
    // Serilog, compact
    check(
        r#"{"@t":"2026-11-21T10:00:00Z","@mt":"hi {who}","@l":"Debug","who":"you"}"#,
        Level::Debug,
        "hi {who}",
        "",
        &["who"],
    );
    // Python's json formatter
    check(
        r#"{"asctime":"2026-11-21 10:00:00,000","levelname":"WARNING","name":"root","message":"m"}"#,
        Level::Warn,
        "m",
        "root",
        &[],
    );
    // a name is a name where nothing tells that it is a logger's
    check(
        r#"{"time":"1795255200","level":"info","msg":"created","name":"Bob"}"#,
        Level::Info,
        "created",
        "",
        &["name"],
    );
}

#[test]
fn what_is_no_name_of_a_service_or_module_is_not_shown_as_one() {
    let record = record(r#"{"service":5,"module":{"a":1},"message":"m"}"#);
    assert_eq!((record.service.as_deref(), record.module.as_str()), (None, ""));
    assert_eq!(fields(&record)[0], ("service_", &Value::I64(5)));
    assert_eq!(fields(&record)[1], ("module_", &Value::Json(r#"{"a":1}"#.into())));
}

#[test]
fn context_and_service_find_their_place() {
    let record = record(
        r#"{"service":"shop","traceId":"abc","span_id":17,"session_id":"s","message":"m","level":"x"}"#,
    );
    assert_eq!(record.service.as_deref(), Some("shop"));
    assert_eq!(record.trace_id.as_deref(), Some("abc"));
    assert_eq!(record.span_id.as_deref(), Some("17"));
    assert_eq!(record.session_id.as_deref(), Some("s"));
    assert_eq!(record.level, Level::Info);
    assert_eq!(fields(&record), [("level", &Value::Text("x".into()))]);
}

#[test]
fn fields_keep_order_type_and_duplicates() {
    let record = record(
        r#"{"z":1,"msg":"m","a":18446744073709551616,"n":{"k":[1, 2.50]},"z":"two","msg":"again","time":"soon"}"#,
    );
    assert_eq!(
        fields(&record),
        [
            ("z", &Value::I64(1)),
            ("a", &Value::I128(1 << 64)),
            ("n", &Value::Json(r#"{"k":[1,2.50]}"#.into())),
            ("z", &Value::Text("two".into())),
            ("msg", &Value::Text("again".into())),
            ("time", &Value::Text("soon".into())),
            ("time_source", &Value::Text("arrival".into())),
        ]
    );
    assert_eq!(record.message, "m");
    assert_eq!(record.time_ns, None);
}

#[test]
fn whole_numbers_of_nanoseconds_are_not_rounded() {
    assert_eq!(record(r#"{"ts":1795255200000000001}"#).time_ns, Some(TEN + 1));
    assert_eq!(record(r#"{"ts":"1795255200000000001"}"#).time_ns, Some(TEN + 1));
}

#[test]
fn exceptions() {
    let text = record(r#"{"msg":"m","exc_info":"Traceback\nValueError: x"}"#).exception.unwrap();
    assert_eq!(text.message, "Traceback\nValueError: x");
    let object = record(r#"{"msg":"m","err":{"type":"E","message":"x","stack":"at y"}}"#);
    let exception = object.exception.clone().unwrap();
    assert_eq!((exception.type_name.as_str(), exception.message.as_str()), ("E", "x"));
    assert_eq!(fields(&object)[0].0, "err");
    let plain = record(r#"{"msg":"m","error":"timeout"}"#);
    assert!(plain.exception.is_none());
    assert_eq!(fields(&plain), [("error", &Value::Text("timeout".into()))]);
}

#[test]
fn lone_surrogates_do_not_spoil_the_record() {
    let record = record(r#"{"msg":"bad \ud83d tail","k\udc00":"v"}"#);
    assert_eq!(record.message, "bad \u{fffd} tail");
    assert_eq!(fields(&record), [("k\u{fffd}", &Value::Text("v".into()))]);
    let nested = self::record(r#"{"level":"error","msg":"m","a":{"b":["\ud83d x"]}}"#);
    assert_eq!((nested.level, nested.message.as_str()), (Level::Error, "m"));
    assert_eq!(fields(&nested), [("a", &Value::Json(r#"{"b":["\ufffd x"]}"#.into()))]);
}

#[test]
fn what_is_no_object_is_plain_text() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    for line in ["{", "{}x", "{\"a\":}", "{\"a\":1,}", "{'a':1}", "{a}", "[1]", "\"x\"", "1", &deep]
    {
        let record = record(line);
        let start: String = line.chars().take(40).collect();
        assert!(record.message == line, "{start}");
        assert!(record.fields.is_empty(), "{start}");
    }
    assert_eq!(record("{}").message, "");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn exactly_the_objects_of_json_are_taken(
        start in 0..FORMS.len(), at in 0usize..200,
        junk in "[{}\\[\\]\",:\\\\ 0-9eE.+\\-a-u\u{e9}\u{1}]{0,3}", length in 0usize..3)
    {
        let example = FORMS[start].example;
        let boundary = |mut at: usize| {
            at = at.min(example.len());
            while !example.is_char_boundary(at) { at -= 1 }
            at
        };
        let (from, to) = (boundary(at), boundary(at + length));
        let line = format!("{}{junk}{}", &example[..from], &example[to..]);
        let is_object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&line);
        let taken = json::recognise(&line, &Defaults::default());
        // A number beyond the range of a double is no value of the oracle.
        let is_beyond = is_object.as_ref().is_err_and(|error| error.to_string().contains("range"));
        // Its strings hold no lone surrogates.
        let is_lone = is_object.as_ref().is_err_and(|error| error.to_string().contains("surrogate")
            || error.to_string().contains("hex escape"));
        prop_assert!(is_object.is_ok() == taken.is_some() || is_beyond || is_lone, "{line}");
    }
}
