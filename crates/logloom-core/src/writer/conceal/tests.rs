//! What is found in the parts that were noted is what is found in whole lines.

use std::ops::Range;

use logloom_record::dialect::loom::{LoomOptions, TimestampCache, render, session_of};
use logloom_record::wire::{Encoder, Header, RecordView, SiteReference, encode_record, padded};
use logloom_record::{Fields, Level, MessageKind, Record, SiteDescription, Value};
use proptest::prelude::*;

use super::*;
use crate::mask::MaskRule;
use crate::mask::tests::pieces;
use crate::writer::number::Unnumbered;

/// A call site with three fields.
fn site(kind: MessageKind, template: &str, names: &[String; 3]) -> SiteDescription {
    SiteDescription {
        level: Level::Info,
        module: "shop::payments".into(),
        file: "src/payments.rs".into(),
        line: 7,
        template: template.to_owned().into(),
        message_kind: kind,
        fields: names.iter().map(|name| name.clone().into()).collect(),
    }
}

fn positional(values: &[Value; 3]) -> Vec<u8> {
    let [a, b, c] = values;
    let fields = (a, (b, (c, ())));
    let length = padded(16 + fields.encoded_len(0));
    let mut bytes = vec![0; length];
    let mut out = Encoder::new(&mut bytes);
    out.put(Header { length: length as u32, flags: 0, site: 9, ticks: 0 }.to_bytes());
    fields.encode(0, &mut out);
    bytes
}

fn keyed(values: &[Value; 3], name: &str) -> Vec<u8> {
    let [a, b, c] = values.clone();
    let mut record =
        Record::new(Level::Info, "shop", "").with(name.to_owned(), a).with("second", b);
    record.session_id = Some(name.to_owned());
    let record = record.with("exception", c);
    let mut bytes = Vec::new();
    encode_record(&record, SiteReference::Known(9), 0, &mut |_| 0, 1 << 16, &mut bytes);
    bytes
}

/// Lines as the writer has them, and the parts that it noted.
struct Batch {
    conceal: Conceal,
    lines: Vec<u8>,
    unnumbered: Unnumbered,
}

impl Batch {
    fn new(masks: MaskSettings) -> Self {
        let mut conceal = Conceal::default();
        conceal.set(masks, None);
        conceal.begin();
        Batch { conceal, lines: Vec::new(), unnumbered: Unnumbered::default() }
    }

    fn add(&mut self, site: &SiteDescription, bytes: &[u8], fields: usize) {
        let options = LoomOptions {
            service: "shop".to_owned(),
            include_thread: true,
            ..LoomOptions::default()
        };
        let site = Site::new(site, &options);
        let view = RecordView::parse(bytes, fields).unwrap();
        let (start, stamps) = (self.lines.len(), &mut TimestampCache::default());
        let rendered =
            render(&site.plan, &options, stamps, 0, Some("worker"), &view, &(), &mut self.lines);
        self.conceal.note(&site, &self.lines, start, rendered.texts);
        if let Some((at, session)) = rendered.number_at.zip(session_of(&site.plan, &view, &())) {
            self.unnumbered.add(session, at);
        }
    }

    /// Numbers the actions, as the writer does once all is rendered.
    fn number(&mut self, next: impl FnMut(usize) -> Option<u64>) {
        let mut cuts = Vec::new();
        self.unnumbered.fill(&mut self.lines, next, &mut cuts);
        self.conceal.follow(&cuts);
    }

    fn texts(&self) -> Vec<&str> {
        let text = |part: &Range<usize>| std::str::from_utf8(&self.lines[part.clone()]).unwrap();
        self.conceal.parts.iter().map(text).collect()
    }

    /// The lines masked by their parts, and masked whole.
    fn masked(mut self) -> (String, String) {
        let parts = std::mem::take(&mut self.conceal.parts);
        let mut whole = self.lines.clone();
        self.conceal.run(&mut self.lines, Some(&parts), usize::MAX);
        self.conceal.run(&mut whole, None, usize::MAX);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&self.lines), text(&whole))
    }
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => pieces().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::I64),
        1 => any::<f64>().prop_map(Value::F64),
        1 => Just(Value::Null),
        1 => prop::collection::vec(pieces().prop_map(Value::from), 0..3).prop_map(Value::Array),
        1 => (pieces(), pieces()).prop_map(|(name, text)| Value::Object(vec![(name, text.into())])),
    ]
}

/// The number of an action; none where its session was busy for too long.
fn number() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![Just(None), (0..30_u64).prop_map(Some), any::<u64>().prop_map(Some)]
}

fn masks() -> impl Strategy<Value = MaskSettings> {
    let rule = |prefix: &str| MaskRule {
        name: "own".to_owned(),
        prefix: prefix.to_owned(),
        keep: 0,
        alphabet: "digits".to_owned(),
        least: 4,
        most: 16,
    };
    let fields = vec!["level".to_owned(), "777".to_owned(), "internal_badge".to_owned()];
    prop_oneof![
        Just(MaskSettings::default()),
        Just(MaskSettings::strictest()),
        Just(MaskSettings { fields, ..MaskSettings::default() }),
        // In numbers and times, and between them.
        prop::sample::select(vec!["123", ":00", "hun", "1970-"]).prop_map(move |prefix| {
            MaskSettings { rules: vec![rule(prefix)], ..MaskSettings::default() }
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_hold_all_that_is_found_in_lines(
        masks in masks(),
        template in prop_oneof![pieces(), Just("a plain message".to_owned()), Just("{a}word={b}{c}".to_owned())],
        names in prop::array::uniform3(prop_oneof![2 => "[abc]", 1 => pieces(), 1 => Just("password".to_owned())]),
        records in prop::collection::vec(prop::array::uniform3(value()), 1..5),
        numbers in prop::collection::vec(number(), 1..5),
    ) {
        let mut batch = Batch::new(masks);
        let kinds = [MessageKind::Literal, MessageKind::Template, MessageKind::Action];
        for (number, values) in records.iter().enumerate() {
            let kind = kinds[number % kinds.len()];
            batch.add(&site(kind, &template, &names), &positional(values), 3);
            let none = SiteDescription { fields: Vec::new(), ..site(MessageKind::Formatted, &template, &names) };
            batch.add(&none, &keyed(values, &names[0]), 0);
            let [_, second, third] = names.clone();
            let fields = ["session_id".to_owned(), second, third];
            let of_session = site(MessageKind::Action, &template, &fields);
            (0..3).for_each(|_| batch.add(&of_session, &positional(values), 3));
            let action = SiteDescription { message_kind: MessageKind::Action, ..none };
            batch.add(&action, &keyed(values, &names[0]), 0);
        }
        let mut numbers = numbers.iter().copied().cycle();
        batch.number(|_| numbers.next().flatten());
        let (parts, whole) = batch.masked();
        prop_assert_eq!(parts, whole);
    }
}

#[test]
fn only_texts_of_records_are_searched() {
    let names = ["seq", "price", "client"].map(str::to_owned);
    let values = [Value::I64(7), Value::F64(1.5), Value::from("client-1")];
    let mut batch = Batch::new(MaskSettings::default());
    batch.add(&site(MessageKind::Literal, "order accepted", &names), &positional(&values), 3);
    batch.add(&site(MessageKind::Literal, "token is refreshed", &names), &positional(&values), 3);
    let texts = batch.texts();
    // The thread's name is a text too.
    assert_eq!(texts[0], "\"client-1\",\"thread\":\"worker\"");
    assert!(texts[1].starts_with("{\"timestamp\"") && texts[1].ends_with("}\n"));
    assert_eq!(texts.len(), 2);
}

#[test]
fn numbers_move_what_is_searched() {
    let names = ["session_id", "price", "client"].map(str::to_owned);
    let values = [Value::from("s-1"), Value::F64(1.5), Value::from("client-1")];
    let mut batch = Batch::new(MaskSettings::default());
    let action = site(MessageKind::Action, "tool_call", &names);
    (0..3).for_each(|_| batch.add(&action, &positional(&values), 3));
    // Its own name is a secret one, so that all of the line is searched.
    let token = site(MessageKind::Action, "\"api_key\":", &names);
    batch.add(&token, &positional(&values), 3);
    let mut numbers = [Some(7), None, Some(u64::MAX), Some(8)].into_iter();
    batch.number(|_| numbers.next().flatten());
    let texts = batch.texts();
    let text = "\"s-1\",\"price\":1.5,\"client\":\"client-1\",\"thread\":\"worker\"";
    assert!(texts[0].ends_with(text), "{texts:?}");
    // The session is searched with the first line alone.
    let rest = text.strip_prefix("\"s-1\"").unwrap();
    assert!(texts[1..3].iter().all(|found| *found == rest), "{texts:?}");
    assert!(texts[..3].iter().all(|found| !found.contains("action_type")), "{texts:?}");
    let lines: Vec<&str> = std::str::from_utf8(&batch.lines).unwrap().lines().collect();
    let number = |line: &str| line.contains("\"action_number\"");
    assert_eq!(
        lines.iter().map(|line| number(line)).collect::<Vec<_>>(),
        [true, false, true, true]
    );
    assert!(lines[2].contains(",\"action_number\":18446744073709551615,"), "{}", lines[2]);
    assert_eq!(texts[3].strip_suffix('\n'), Some(lines[3]));
}

#[test]
fn what_the_settings_name_by_default_stands_in_texts_alone() {
    let settings = [MaskSettings::default(), MaskSettings::strictest()];
    assert!(settings.iter().all(|settings| Masker::new(settings).is_for_texts()));
    let numbers = MaskSettings { fields: vec!["777".to_owned()], ..MaskSettings::default() };
    assert!(!Masker::new(&numbers).is_for_texts());
}
