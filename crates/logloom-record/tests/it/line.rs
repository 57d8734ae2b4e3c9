//! Tables of lines: order, names, messages, limits.

use crate::support::{TIME, checked, line, record, site};
use logloom_record::dialect::loom::{LoomOptions, SitePlan, TimestampCache, render_inline};
use logloom_record::wire::{RecordView, SiteReference, encode_record};
use logloom_record::{Exception, Frame, Level, MessageKind, Record, Value};

const STAMP: &str = "{\"timestamp\":\"2026-11-21T14:32:15.123456Z\",\"level\":\"INFO\"";

fn everything() -> LoomOptions {
    LoomOptions {
        service: "api".into(),
        include_file: true,
        include_line: true,
        include_thread: true,
        include_pid: true,
        include_host: true,
        time_digits: 9,
        host: "box".into(),
        pid: 42,
        ..LoomOptions::default()
    }
}

fn text(text: &str) -> Value {
    Value::from(text)
}

#[test]
fn a_plain_line() {
    let site = site(MessageKind::Literal, "signed in", &["user_id", "ok"]);
    let bytes = record(&(&42_u32, (&true, ())), 0, &[], &[]);
    let (line, rendered) = line(&site, &LoomOptions::default(), &bytes);
    let expected = ",\"module\":\"shop\",\"message\":\"signed in\",\"user_id\":42,\"ok\":true}\n";
    assert_eq!(line, format!("{STAMP}{expected}"));
    assert_eq!((rendered.truncated, rendered.damaged), (false, false));
}

#[test]
fn the_order_of_everything() {
    let site = site(MessageKind::Template, "user {id} did {what}", &["id", "what"]);
    let exception = Value::Exception(Exception { message: "no".into(), ..Exception::default() });
    let context = [("trace_id", text("t")), ("request", text("r")), ("session_id", text("s"))];
    let keyed = [("extra", Value::I64(-1)), ("exception", exception), ("span_id", text("mine"))];
    let bytes = record(&(&7_u8, (&"a\"b", ())), 0, &context, &keyed);
    let (line, _) = line(&site, &everything(), &bytes);
    let expected = concat!(
        "{\"timestamp\":\"2026-11-21T14:32:15.123456789Z\",\"level\":\"INFO\",\"service\":\"api\",",
        "\"module\":\"shop\",\"message\":\"user 7 did a\\\"b\",\"trace_id\":\"t\",",
        "\"session_id\":\"s\",\"id\":7,\"what\":\"a\\\"b\",\"extra\":-1,\"span_id_\":\"mine\",",
        "\"request\":\"r\",\"template\":\"user {id} did {what}\",",
        "\"exception\":{\"message\":\"no\"},\"file\":\"src/main.rs\",\"line\":7,",
        "\"thread\":\"worker-1\",\"pid\":42,\"host\":\"box\"}\n",
    );
    assert_eq!(line, expected);
}

#[test]
fn values_without_a_name_stand_in_the_message_only() {
    for (kind, template, message) in [
        (MessageKind::Printf, "took %.1f %s", "took 2.5 None"),
        (MessageKind::Printf, "50% of %q", "50% of %q"),
        (MessageKind::Template, "{} took {user} {1}{2}", "2.5 took ann None{2}"),
    ] {
        let site = site(kind, template, &["", "", "user"]);
        let bytes = record(&(&2.5_f64, (&None::<bool>, (&"ann", ()))), 0, &[], &[]);
        let (line, rendered) = line(&site, &LoomOptions::default(), &bytes);
        let expected = format!(
            "{STAMP},\"module\":\"shop\",\"message\":\"{message}\",\"user\":\"ann\",\
             \"template\":\"{template}\"}}\n"
        );
        assert_eq!((line, rendered.truncated), (expected, false));
    }
    let site = site(MessageKind::Printf, "%s did %d", &["", "", "user"]);
    let bytes = record(&(&"bob", (&3, (&"ann", ()))), 0, &[], &[]);
    let (line, _) = line(&site, &LoomOptions::default(), &bytes);
    assert!(line.contains(",\"message\":\"bob did 3\",\"user\":\"ann\",\"template\":"), "{line}");
}

#[test]
fn names_that_collide_get_underscores() {
    let fields = ["message", "file", "status", "a", "a", "a_"];
    let site = site(MessageKind::Literal, "m", &fields);
    let bytes = record(
        &(&1, (&2, (&3, (&4, (&5, (&6, ())))))),
        0,
        &[("a", Value::I64(8)), ("level", Value::I64(9))],
        &[("a", Value::I64(7))],
    );
    let names = |options: &LoomOptions| {
        let (line, _) = line(&site, options, &bytes);
        line.split_once("\"m\"").unwrap().1.to_owned()
    };
    assert_eq!(
        names(&LoomOptions { include_host: true, ..LoomOptions::default() }),
        ",\"message_\":1,\"file\":2,\"status\":3,\"a\":4,\"a_\":5,\"a__\":6,\"a___\":7,\"a____\":8,\"level_\":9}\n"
    );
    let with_file = LoomOptions { include_file: true, ..LoomOptions::default() };
    assert!(names(&with_file).starts_with(",\"message_\":1,\"file_\":2,"));
}

#[test]
fn messages_by_kind() {
    let bytes = record(&(&1_u8, (&"x\ny", ())), 0b10, &[], &[]);
    for (kind, template, message, kept) in [
        (MessageKind::Literal, "a {", Some("a {"), false),
        (MessageKind::Template, "{a}{{}}{b} {c}", Some("1{}[MASKED] {c}"), true),
        (MessageKind::Formatted, "{a:?}", None, true),
        (MessageKind::Formatted, "{}", None, false),
    ] {
        let site = site(kind, template, &["a", "b"]);
        let (line, _) = line(&site, &LoomOptions::default(), &bytes);
        let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(parsed["message"].as_str(), message, "{line}");
        assert_eq!(parsed["template"].as_str(), kept.then_some(template), "{line}");
        assert!(line.contains("\"b\":\"[MASKED]\""));
    }
}

fn foreign(record: &Record, options: &LoomOptions) -> String {
    let mut bytes = Vec::new();
    encode_record(record, SiteReference::Inline, 0, &mut |_| 0, 1 << 20, &mut bytes);
    let view = RecordView::parse(&bytes, 0).unwrap();
    let mut out = Vec::new();
    let mut cache = TimestampCache::default();
    let time = view.own_time().unwrap_or(TIME);
    render_inline(options, &mut cache, time, None, &view, &(), &mut out);
    checked(out)
}

#[test]
fn a_foreign_record_keeps_its_own_names() {
    let mut record = Record::new(Level::Error, "nginx", "bad").with("status", 502_u16);
    record.time_ns = Some(0);
    record.service = Some("edge".into());
    record.trace_id = Some("any text".into());
    record.span_id = Some("s1".into());
    record.template = Some("bad".into());
    record.exception = Some(Exception {
        type_name: "E".into(),
        message: "outer".into(),
        frames: vec![Frame { function: "f".into(), line: 3, ..Frame::default() }],
        cause: Some(Box::new(Exception { message: "inner".into(), ..Exception::default() })),
    });
    let expected = concat!(
        "{\"timestamp\":\"1970-01-01T00:00:00.000000Z\",\"level\":\"ERROR\",\"service\":\"edge\",",
        "\"module\":\"nginx\",\"message\":\"bad\",\"trace_id\":\"any text\",\"span_id\":\"s1\",",
        "\"status\":502,\"template\":\"bad\",\"exception\":{\"type\":\"E\",\"message\":\"outer\",",
        "\"frames\":[{\"function\":\"f\",\"line\":3}],\"cause\":{\"message\":\"inner\"}}}\n",
    );
    let options = LoomOptions { service: "mine".into(), ..LoomOptions::default() };
    assert_eq!(foreign(&record, &options), expected);
}

#[test]
fn the_mark_of_a_key_counts_all_that_is_missing() {
    let options = LoomOptions::default();
    // The last one ends within a character where a name of the wire must end.
    for (name, limit) in [
        ("k".repeat(100_000), 1 << 20),
        ("k".repeat(100_000), 90_000),
        ("k".repeat(2_000), 1 << 20),
        ("\u{e9}".repeat(50_000), 1 << 20),
    ] {
        let inner = Value::Object(vec![(name.clone(), Value::U64(1))]);
        for record in [
            Record::new(Level::Info, "m", "").with(name.clone(), 1_u64).with("after", 2_u64),
            Record::new(Level::Info, "m", "").with("inner", inner).with("after", 2_u64),
        ] {
            let mut bytes = Vec::new();
            encode_record(&record, SiteReference::Inline, 0, &mut |_| 0, limit, &mut bytes);
            let view = RecordView::parse(&bytes, 0).unwrap();
            let (mut out, mut cache) = (Vec::new(), TimestampCache::default());
            render_inline(&options, &mut cache, TIME, None, &view, &(), &mut out);
            let line = checked(out);
            let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(parsed["after"], 2, "{}", &line[..200]);
            let object = parsed["inner"].as_object().or(parsed.as_object()).unwrap();
            let Some(key) = object.keys().find(|key| key.contains("[TRUNCATED ")) else {
                // Within a value it is whole, or left out as a whole and told.
                assert!(object.contains_key(&name) || object["truncated"] == "[TRUNCATED 1 items]");
                assert!(parsed["inner"].is_object());
                continue;
            };
            let kept = key.split('[').next().unwrap().chars().count();
            let cut = name.chars().count() - kept;
            assert!(key.ends_with(&format!("[TRUNCATED {cut} chars]")), "{kept} of {key}");
        }
    }
}

#[test]
fn a_line_keeps_to_its_limit_and_the_longest_texts_give_way() {
    let options = LoomOptions { max_line_bytes: 16 * 1024, ..LoomOptions::default() };
    let record = Record::new(Level::Info, "m", "\u{1}".repeat(90_000))
        .with("short", "kept as it is")
        .with("long", "é".repeat(50_000))
        .with("many", Value::Array(vec![Value::U64(1); 20]));
    let line = foreign(&record, &options);
    assert!(line.len() <= 16 * 1024 && line.len() > 12 * 1024, "{}", line.len());
    let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(parsed["short"], "kept as it is");
    assert_eq!(parsed["many"].as_array().unwrap().len(), 20);
    let long = parsed["long"].as_str().unwrap();
    let cut = 50_000 - long.matches('é').count();
    assert!(long.ends_with(&format!("[TRUNCATED {cut} chars]")), "{long}");
}

#[test]
fn a_line_of_too_many_fields_is_still_a_line() {
    let options = LoomOptions { max_line_bytes: 0, ..LoomOptions::default() };
    let mut record = Record::new(Level::Info, "m".repeat(9_000), "text".repeat(9_000));
    for number in 0..20_000 {
        record.fields.push((format!("f{}", number % 100), Value::U64(number)));
    }
    record.exception = Some(Exception {
        message: "e".repeat(9_000),
        frames: vec![Frame { file: "f".repeat(600), ..Frame::default() }; 500],
        cause: None,
        ..Exception::default()
    });
    let line = foreign(&record, &options);
    assert!(line.len() <= 16 * 1024, "{}", line.len());
    assert!(line.contains("\"logloom.truncated\":true"));
}

#[test]
fn keys_by_number_and_unknown_numbers() {
    let mut bytes = Vec::new();
    let record = Record::new(Level::Info, "m", "").with("one", 1_u8).with("two", 2_u8);
    let mut numbers = [5_u32, 6].into_iter();
    let site_reference = SiteReference::Known(9);
    encode_record(&record, site_reference, 0, &mut |_| numbers.next().unwrap(), 1000, &mut bytes);
    let site = site(MessageKind::Formatted, "", &[]);
    let (line, _) = line(&site, &LoomOptions::default(), &bytes);
    assert!(line.ends_with(",\"module\":\"shop\",\"fifth\":1,\"key_6\":2}\n"), "{line}");
}

#[test]
fn a_plan_survives_any_site() {
    let fields: Vec<String> = (0..70_000).map(|number| format!("f{number}")).collect();
    let names: Vec<&str> = fields.iter().map(String::as_str).collect();
    let plan = SitePlan::new(
        &site(MessageKind::Template, &"{f0}".repeat(10_000), &names[..1000]),
        &LoomOptions::default(),
    );
    assert!(format!("{plan:?}").contains("f999"));
}
