//! Records made and rendered for the tests.

use logloom_record::dialect::loom::{LoomOptions, Rendered, SitePlan, TimestampCache, render};
use logloom_record::wire::{self, Encoder, Header, RecordView, padded};
use logloom_record::{Fields, Level, MessageKind, SiteDescription, Value};
use std::collections::HashMap;

/// 2026-11-21T14:32:15.123456789Z
pub(crate) const TIME: i64 = 1_795_271_535_123_456_789;

pub(crate) fn site(kind: MessageKind, template: &str, fields: &[&str]) -> SiteDescription {
    SiteDescription {
        level: Level::Info,
        module: "shop".into(),
        file: "src/main.rs".into(),
        line: 7,
        template: template.to_owned().into(),
        message_kind: kind,
        fields: fields.iter().map(|name| (*name).to_owned().into()).collect(),
    }
}

/// A record of site 9 with these parts.
pub(crate) fn record<F: Fields>(
    fields: &F,
    mask: u64,
    context: &[(&str, Value)],
    keyed: &[(&str, Value)],
) -> Vec<u8> {
    let block = keyed_block(context);
    let keyed_bytes = keyed_block(keyed);
    let mut flags = 0;
    let mut bytes = vec![0; 1 << 20];
    let mut out = Encoder::new(&mut bytes[16..]);
    if !context.is_empty() {
        flags |= wire::CONTEXT;
        out.context(&block);
    }
    let before = out.written();
    fields.encode(mask, &mut out);
    assert_eq!(out.written() - before, fields.encoded_len(mask));
    if !keyed.is_empty() {
        flags |= wire::KEYED;
        out.put((keyed.len() as u16).to_le_bytes());
        out.raw(&keyed_bytes);
    }
    assert!(!out.overflowed());
    let length = padded(16 + out.written());
    bytes.truncate(length);
    let header = Header { length: length as u32, flags, site: 9, ticks: 1 };
    bytes[..16].copy_from_slice(&header.to_bytes());
    bytes
}

fn keyed_block(entries: &[(&str, Value)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in entries {
        let start = block.len();
        block.resize(start + value.keyed_len(name, 0), 0);
        let mut out = Encoder::new(&mut block[start..]);
        out.key(name, 0);
        logloom_record::Encode::encode(value, &mut out);
        assert!(!out.overflowed());
    }
    block
}

/// The line of a record and what became of it.
pub(crate) fn line(
    site: &SiteDescription,
    options: &LoomOptions,
    bytes: &[u8],
) -> (String, Rendered) {
    let view = RecordView::parse(bytes, site.fields.len()).unwrap();
    let plan = SitePlan::new(site, options);
    let keys = HashMap::from([(5, "fifth".to_owned())]);
    let mut out = Vec::new();
    let mut cache = TimestampCache::default();
    let rendered =
        render(&plan, options, &mut cache, TIME, Some("worker-1"), &view, &keys, &mut out);
    let line = checked(out);
    check_texts(&plan, &line, &rendered);
    (line, rendered)
}

/// Whatever stands in quotes beside the caller's texts is the time, or constant.
fn check_texts(plan: &SitePlan, line: &str, rendered: &Rendered) {
    let texts = rendered.texts;
    let time = line.split('"').nth(3).unwrap();
    for outside in [&line[..texts.start], &line[texts.end..]] {
        for quoted in outside.split('"').skip(1).step_by(2).filter(|quoted| *quoted != time) {
            let quoted = format!("\"{quoted}\"");
            let is_of = |piece: &[u8]| String::from_utf8_lossy(piece).contains(&quoted);
            assert!(plan.constants().any(is_of), "{quoted} in {line}");
        }
    }
}

/// The line as text, after it was found to be one line of valid JSON without a name used twice.
pub(crate) fn checked(out: Vec<u8>) -> String {
    let line = String::from_utf8(out).unwrap();
    let inside = line.strip_suffix('\n').unwrap();
    assert!(!inside.contains(|character: char| {
        character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
    }));
    let parsed: serde_json::Value = serde_json::from_str(inside).unwrap();
    assert!(parsed.is_object());
    line
}
