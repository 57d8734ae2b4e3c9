//! A line is the same whether its keys are planned or looked up by name.

use std::collections::HashMap;

use logloom_record::dialect::loom::{
    KeyPlan, KeyTable, LoomOptions, SitePlan, TimestampCache, render,
};
use logloom_record::wire::{RecordView, SiteReference, encode_record};
use logloom_record::{Exception, Level, MessageKind, Record, Value};
use proptest::prelude::*;

use crate::support::{TIME, site};

/// Names of all kinds: plain ones, reserved ones, those with a place of their own, what these become.
const NAMES: &[&str] = &[
    "path",
    "user_id",
    "latency_ms",
    "a\"b",
    "é",
    "status",
    "file",
    "host",
    "message",
    "level",
    "service",
    "service_",
    "trace_id",
    "span_id",
    "session_id",
    "exception",
    "exception_",
    "level_",
];

/// Keys by number, with plans or without.
struct Keys {
    names: HashMap<u32, String>,
    plans: HashMap<u32, KeyPlan>,
}

impl Keys {
    fn new(names: &[&str], options: &LoomOptions) -> Self {
        let numbered = || (3_u32..).zip(names);
        Self {
            names: numbered().map(|(number, name)| (number, (*name).to_owned())).collect(),
            plans: numbered().map(|(number, name)| (number, KeyPlan::new(name, options))).collect(),
        }
    }
}

impl KeyTable for Keys {
    fn key(&self, number: u32) -> Option<&str> {
        self.names.key(number)
    }

    fn plan(&self, number: u32) -> Option<&KeyPlan> {
        self.plans.get(&number)
    }
}

fn line(bytes: &[u8], options: &LoomOptions, keys: &dyn KeyTable) -> Option<(String, String)> {
    let view = RecordView::parse(bytes, 0).ok()?;
    let plan = SitePlan::new(&site(MessageKind::Formatted, "t {a}", &[]), options);
    let (mut cache, mut out) = (TimestampCache::default(), Vec::new());
    let rendered = render(&plan, options, &mut cache, TIME, None, &view, keys, &mut out);
    Some((String::from_utf8(out).unwrap(), format!("{rendered:?}")))
}

/// The bytes of a record whose keys have the numbers of their places among `NAMES`, from 3 on;
/// those beyond `numbered` stand in the record by their names.
fn encoded(record: &Record, numbered: usize) -> Vec<u8> {
    let mut number = |name: &str| {
        let at = NAMES[..numbered].iter().position(|known| *known == name);
        at.map_or(0, |at| at as u32 + 3)
    };
    let mut bytes = Vec::new();
    encode_record(record, SiteReference::Known(9), 1, &mut number, 1 << 20, &mut bytes);
    bytes
}

fn assert_same(bytes: &[u8], options: &LoomOptions) {
    let keys = Keys::new(NAMES, options);
    assert_eq!(line(bytes, options, &keys), line(bytes, options, &keys.names));
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => any::<i64>().prop_map(Value::I64),
        4 => "[a-z\"é\n]{0,12}".prop_map(Value::Text),
        2 => any::<bool>().prop_map(Value::Bool),
        1 => Just(Value::Json("{\"a\":[1]}".into())),
        1 => Just(Value::Exception(Exception { message: "no".into(), ..Exception::default() })),
        1 => (0..30_000_usize).prop_map(|length| Value::Text("x".repeat(length))),
    ]
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[a-z]{0,5}")
}

prop_compose! {
    fn record()(
        message in "[a-z ]{0,20}",
        [service, trace_id, span_id, session_id] in [text(), text(), text(), text()],
        has_exception in any::<bool>(),
        fields in proptest::collection::vec((0..NAMES.len(), value()), 0..10),
    ) -> Record {
        let exception = Exception { message: "no".into(), ..Exception::default() };
        let fields = fields.into_iter().map(|(name, value)| (NAMES[name].to_owned(), value));
        let mut record = Record::new(Level::Info, "shop", message);
        record.exception = has_exception.then_some(exception);
        record.fields = fields.collect();
        Record { service, trace_id, span_id, session_id, ..record }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_change_no_line(
        record in record(),
        has_own_place in any::<bool>(),
        is_short in any::<bool>(),
        numbered in prop_oneof![4 => Just(NAMES.len()), 1 => 0..NAMES.len()],
        damage in proptest::option::of((16..400_usize, any::<u8>())),
    ) {
        let max_line_bytes = if is_short { 16 << 10 } else { 1 << 20 };
        let options = LoomOptions {
            service: "api".into(),
            include_file: has_own_place,
            max_line_bytes,
            ..LoomOptions::default()
        };
        let mut bytes = encoded(&record, numbered);
        if let Some((at, byte)) = damage
            && let Some(place) = bytes.get_mut(at)
        {
            *place = byte;
        }
        assert_same(&bytes, &options);
    }
}

#[test]
fn many_fields_and_repeated_ones_are_no_exception() {
    let options = LoomOptions::default();
    let mut record = Record::new(Level::Info, "shop", "m");
    record.fields = vec![("path".to_owned(), Value::Null); 60];
    assert_same(&encoded(&record, NAMES.len()), &options);
    record.fields.truncate(2);
    assert_same(&encoded(&record, NAMES.len()), &options);
    let names: Vec<String> = (0..60).map(|number| format!("n{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    record.fields = names.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let mut bytes = Vec::new();
    let mut numbers = 3..;
    let mut number = |_: &str| numbers.next().unwrap();
    encode_record(&record, SiteReference::Known(9), 1, &mut number, 1 << 20, &mut bytes);
    let keys = Keys::new(&names, &options);
    let found = line(&bytes, &options, &keys).unwrap();
    assert_eq!(Some(&found), line(&bytes, &options, &keys.names).as_ref());
    assert!(found.0.contains("\"n0\":null,\"n1\":null") && found.0.contains("\"n59\":null"));
}
