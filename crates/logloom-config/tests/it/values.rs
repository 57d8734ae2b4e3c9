//! Takes each form a value can be written in, expects the setting it gives.

use std::path::PathBuf;
use std::time::Duration;

use logloom_config::load_str;
use logloom_core::settings::{ConsoleFormat, Durability, Policy, RingDir, Settings};
use logloom_record::Level;

fn settings(text: &str) -> Settings {
    match load_str("logloom.yaml", text) {
        Ok(resolved) => resolved.settings,
        Err(report) => panic!("{text}\n{report}"),
    }
}

#[test]
fn an_empty_file_is_the_defaults() {
    for text in ["", "# nothing\n", "{}", "store:\nlevels:\n"] {
        assert_eq!(settings(text), Settings::default(), "{text}");
    }
}

#[test]
fn every_key_reaches_its_setting() {
    let text = "
service: shop-api
store:
  dir: [/var/log/shop, ~/log]
  ring_dir: /dev/shm/shop
  durability: interval 250ms
  max_file_size: 512 MiB
  retention: { days: 30, max_total_size: 1GiB }
  compress_after_days: never
levels: { default: WARN, shop.payments: DEBUG, \"shop::orders\": trace }
overflow: { default: DiscardLowLevel, warning: Block, ERROR: block, timeout: 1.5s }
batch: { batch_size: 50, batch_timeout: 20ms, max_batch_bytes: 65536 }
mask:
  enabled: true
  fields: [internal_token, pin]
  shapes: [jwt, github_token]
  personal: [email]
  home_paths: true
  rules: [{ name: acme, prefix: acme_, alphabet: hex, length: 8-16 }]
  fingerprint: a phrase of some length
truncate: { max_chars: 1000, fields: [output], keep_full: true, full_max_size: 64MiB }
ring: { bytes_per_thread: 1MiB, error_bytes_per_thread: 32KiB, total: 32MiB, max_record: 64KiB }
include: { file: true, line: true, thread: true, pid: true, host: true, template: false }
time_digits: 9
flush_timeout: 5s
console: { format: json, level: ERROR }
";
    let found = settings(text);
    let home = std::env::var("HOME").expect("tests run with a home directory");
    assert_eq!(found.service, "shop-api");
    assert_eq!(found.store.dir, [PathBuf::from("/var/log/shop"), PathBuf::from(home).join("log")]);
    assert_eq!(found.store.ring_dir, RingDir::Path(PathBuf::from("/dev/shm/shop")));
    assert_eq!(found.store.durability, Durability::Interval { ms: 250 });
    assert_eq!(found.store.max_file_size, 512 << 20);
    assert_eq!(found.store.retention.days, Some(30));
    assert_eq!(found.store.retention.max_total_size, Some(1 << 30));
    assert_eq!(found.store.compress_after_days, None);
    assert_eq!(found.levels.level_for("shop"), Level::Warn);
    assert_eq!(found.levels.level_for("shop.payments.card"), Level::Debug);
    assert_eq!(found.levels.level_for("shop.orders"), Level::Trace);
    assert_eq!(found.overflow.default, Policy::DiscardLowLevel);
    assert_eq!(found.overflow.policy_for(Level::Warn), Policy::Block);
    assert_eq!(found.overflow.policy_for(Level::Error), Policy::Block);
    assert_eq!(found.overflow.timeout, Duration::from_millis(1_500));
    assert_eq!((found.batch.batch_size, found.batch.max_batch_bytes), (50, 65_536));
    assert_eq!(found.batch.batch_timeout, Duration::from_millis(20));
    assert!(found.mask.enabled);
    assert_eq!(found.mask.fields, ["internal_token", "pin"]);
    assert_eq!(found.mask.shapes, ["jwt", "github_token"]);
    assert_eq!((found.mask.personal.len(), found.mask.home_paths), (1, true));
    let rule = &found.mask.rules[0];
    assert_eq!((rule.name.as_str(), rule.keep, rule.least, rule.most), ("acme", 5, 8, 16));
    assert_eq!(found.mask.fingerprint, "a phrase of some length");
    assert_eq!((found.truncate.max_chars, found.truncate.fields.len()), (Some(1_000), 1));
    assert_eq!((found.truncate.keep_full, found.truncate.full_max_size), (true, 64 << 20));
    assert_eq!((found.ring.bytes_per_thread, found.ring.total), (1 << 20, 32 << 20));
    assert_eq!((found.ring.error_bytes_per_thread, found.ring.max_record), (32 << 10, 64 << 10));
    let include = &found.include;
    assert!(include.file && include.line && include.thread && include.pid && include.host);
    assert!(!include.template);
    assert_eq!((found.time_digits, found.flush_timeout), (9, Duration::from_secs(5)));
    let console = found.console.expect("the console was asked for");
    assert_eq!((console.enabled, console.format), (true, ConsoleFormat::Json));
    assert_eq!(console.level, Level::Error);
}

#[test]
fn durability_has_four_words() {
    let cases = [
        ("process", Durability::Process),
        ("every", Durability::Every),
        ("interval", Durability::Interval { ms: 1_000 }),
        ("interval 2s", Durability::Interval { ms: 2_000 }),
        ("\"interval: 2s\"", Durability::Interval { ms: 2_000 }),
        ("level", Durability::Level { at_least: Level::Error }),
        ("level WARN", Durability::Level { at_least: Level::Warn }),
    ];
    for (text, expected) in cases {
        let found = settings(&format!("store: {{ durability: {text} }}")).store.durability;
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn anchors_and_json_are_yaml() {
    let found = settings("ring: { bytes_per_thread: &size 128KiB, error_bytes_per_thread: *size }");
    assert_eq!(found.ring.error_bytes_per_thread, 128 << 10);
    let found = settings("{\"service\": \"json\", \"levels\": {\"default\": \"ERROR\"}}");
    assert_eq!((found.service.as_str(), found.levels.default), ("json", Level::Error));
}

#[test]
fn the_example_of_the_manual_is_valid() {
    let manual = include_str!("../../../../docs/configuration.md");
    let mut examples = 0;
    for block in manual.split("```yaml\n").skip(1) {
        let text = block.split("```").next().unwrap_or_default();
        settings(text);
        examples += 1;
    }
    assert!(examples > 0, "docs/configuration.md has an example");
}
