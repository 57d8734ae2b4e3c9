//! Bytes that nobody wrote: no panic, and a line that is valid JSON whatever they hold.

use crate::support::{TIME, checked, record, site};
use logloom_record::dialect::loom::{LoomOptions, SitePlan, TimestampCache, render, render_inline};
use logloom_record::wire::{
    Header, RecordView, SiteReference, WireError, dictionary, encode_record, read_value,
    value_from_view,
};
use logloom_record::{Level, MessageKind, Record, Value, json};
use proptest::prelude::*;

fn render_anyhow(bytes: &[u8], field_count: usize) {
    let Ok(view) = RecordView::parse(bytes, field_count) else { return };
    let mut cache = TimestampCache::default();
    let options = LoomOptions { max_line_bytes: 0, ..LoomOptions::default() };
    let mut out = Vec::new();
    if view.inline_site().is_some() {
        render_inline(&options, &mut cache, TIME, None, &view, &(), &mut out);
    } else {
        let site = site(MessageKind::Template, "{a} {b}", &["a", "b"]);
        let plan = SitePlan::new(&site, &options);
        render(&plan, &options, &mut cache, TIME, None, &view, &(), &mut out);
    }
    assert!(out.len() <= 16 * 1024, "{}", out.len());
    checked(out);
}

fn samples() -> Vec<Vec<u8>> {
    let nested = Value::Object(vec![
        ("list".into(), Value::Array(vec![Value::Null, Value::from("x"), Value::F32(1.0)])),
        ("json".into(), Value::Json("{\"a\":[1,2]}".into())),
    ]);
    let mut foreign = Record::new(Level::Warn, "m", "message").with("nested", nested.clone());
    foreign.trace_id = Some("t".into());
    foreign.exception = Some(logloom_record::Exception {
        frames: vec![logloom_record::Frame::default()],
        ..Default::default()
    });
    foreign.time_ns = Some(5);
    foreign.source = Some(logloom_record::SourcePosition { source: 1, end: 2 });
    let mut inline = Vec::new();
    encode_record(&foreign, SiteReference::Inline, 0, &mut |_| 0, 1 << 20, &mut inline);
    let context = [("trace_id", Value::from("t")), ("n", nested.clone())];
    let plain = record(&(&1_u8, (&nested, ())), 0, &context, &[("k", Value::from("v"))]);
    vec![inline, plain]
}

#[test]
fn every_truncation_and_every_changed_byte() {
    for sample in samples() {
        for length in 0..sample.len() {
            render_anyhow(&sample[..length], 2);
            // The same with a header that claims no more than there is.
            let mut short = sample[..length & !7].to_vec();
            if let Some(header) = Header::from_bytes(&sample) {
                let header = Header { length: short.len() as u32, ..header };
                if let Some(room) = short.get_mut(..16) {
                    room.copy_from_slice(&header.to_bytes());
                }
            }
            render_anyhow(&short, 2);
        }
        for at in 3..sample.len() {
            for byte in [0, 1, 0x7F, 0x80, 0xFF, sample[at] ^ 1, sample[at].wrapping_add(1)] {
                let mut changed = sample.clone();
                changed[at] = byte;
                render_anyhow(&changed, 2);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bodies(body in proptest::collection::vec(prop_oneof![0..20_u8, any::<u8>()], 0..200),
                     flags in 0..128_u8, site in 0..2_u32) {
        let length = (16 + body.len()) / 8 * 8;
        let header = Header { length: length as u32, flags, site, ticks: 0 };
        let mut bytes = header.to_bytes().to_vec();
        bytes.extend(body);
        render_anyhow(&bytes, 2);
    }

    #[test]
    fn random_dictionaries(bytes in proptest::collection::vec(prop_oneof![0..12_u8, any::<u8>()], 0..100)) {
        let mut entries = dictionary::Entries::new(&bytes);
        let count = entries.by_ref().count();
        prop_assert!(count <= bytes.len() && entries.offset() <= bytes.len());
    }
}

#[test]
fn nesting_has_an_end() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    assert!(json::validate(&deep).is_err() && json::compact(&deep).is_err());
    assert!(json::validate(&("[".repeat(64) + &"]".repeat(64))).is_ok());
    let mut value = Value::U64(1);
    for _ in 0..1_000 {
        value = Value::Array(vec![value]);
    }
    let bytes = record(&(&value, ()), 0, &[], &[]);
    render_anyhow(&bytes, 1);
    assert!(json::to_json(&value).contains("[TOO DEEP]"));
    let raw = Value::Array(vec![Value::Json("[".repeat(64) + &"]".repeat(64))]);
    assert!(json::to_json(&raw).starts_with("[\"[["));
}

#[test]
fn json_that_is_none_becomes_text() {
    for (json_text, expected) in [
        ("{\"a\" : 1 }", "{\"a\":1}"),
        ("{\"a\":1", "\"{\\\"a\\\":1\""),
        ("\"\u{2028}\\u2028\"", "\"\\u2028\\u2028\""),
        ("\"\\ud800\"", "\"\\\"\\\\ud800\\\"\""),
        ("\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""),
        ("1 2", "\"1 2\""),
        ("", "\"\""),
    ] {
        assert_eq!(json::to_json(&Value::Json(json_text.into())), expected);
    }
}

#[test]
fn dictionaries_come_back_and_reading_goes_on_behind_the_last_entry() {
    use dictionary::{Body, Entries, Entry, Source, encode_entry};
    let source = Source { device: 1, inode: 2, fingerprint: 3, path: "/var/log/é".into() };
    let wanted = [
        Entry { id: 1, body: Body::Site(site(MessageKind::Template, "{a}", &["a", "b"])) },
        Entry { id: 1, body: Body::Key("key".into()) },
        Entry { id: 0, body: Body::Source(source) },
    ];
    let mut bytes = Vec::new();
    for entry in &wanted {
        encode_entry(entry.id, &entry.body, &mut bytes);
    }
    let read: Vec<Entry> = Entries::new(&bytes).map(Result::unwrap).collect();
    assert_eq!(read, wanted);
    let mut entries = Entries::new(&bytes[..bytes.len() - 1]);
    assert_eq!(entries.by_ref().filter(Result::is_ok).count(), 2);
    let mut rest = Entries::new(&bytes[entries.offset()..]);
    assert_eq!(rest.next().unwrap().unwrap(), wanted[2]);
}

#[test]
fn a_count_beyond_the_bytes_is_damage_and_shows_as_such() {
    for (kind, name) in [(14, "array"), (15, "object"), (17, "exception")] {
        for count in [1, 2, 1000, u32::MAX - 1, u32::MAX] {
            let mut bytes = vec![kind];
            bytes.extend(4_u32.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            let view = read_value(&bytes).unwrap();
            assert_eq!(value_from_view(view), Err(WireError::Short), "{name} of {count}");
            let mut record = Header { length: 32, flags: 0, site: 9, ticks: 0 }.to_bytes().to_vec();
            record.extend(&bytes);
            record.resize(32, 0);
            render_anyhow(&record, 2);
        }
    }
}

#[test]
fn a_line_stays_below_the_depth_that_readers_allow() {
    let mut chain = logloom_record::Exception::default();
    for _ in 0..63 {
        chain = logloom_record::Exception { cause: Some(Box::new(chain)), ..Default::default() };
    }
    let mut value = Value::Exception(chain);
    for _ in 0..63 {
        value = Value::Array(vec![value]);
    }
    let text = json::to_json(&value);
    assert!(
        serde_json::from_str::<serde_json::Value>(&text).is_ok() && json::validate(&text).is_ok()
    );
}

#[test]
fn bytes_nested_beyond_the_limit_are_refused_and_not_followed() {
    let mut bytes = vec![0];
    for _ in 0..10_000 {
        let mut outer = vec![14];
        outer.extend((bytes.len() as u32 + 4).to_le_bytes());
        outer.extend(1_u32.to_le_bytes());
        outer.append(&mut bytes);
        bytes = outer;
    }
    let view = read_value(&bytes).unwrap();
    assert_eq!(value_from_view(view), Err(WireError::Depth));
}
