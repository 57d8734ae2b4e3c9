//! Takes settings, hands on everything in them that cannot work; refuses to repair.
//!
//! Limits live here and nowhere else: a configuration file is checked by these same lines.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use logloom_record::Level;

use crate::mask::{GROUPS, PERSONAL, kinds};

use super::{
    BATCH_BYTES_MAX, Durability, LevelRules, Policy, RECORD_BYTES_MAX, RULES_MAX, RingDir,
    SampleSettings, Settings, nearest,
};

/// A value that cannot work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Path of the key as in `logloom.yaml`, for example `store.max_file_size`.
    pub key: String,
    /// What is wrong and what is expected.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.key, self.message)
    }
}

/// Something that did not stop the start but that somebody should know: shown once, and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Path of the key as in `logloom.yaml`; empty when it concerns no single key.
    pub key: String,
    /// What is done instead.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            return formatter.write_str(&self.message);
        }
        write!(formatter, "{}: {}", self.key, self.message)
    }
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

pub(super) fn validate(settings: &Settings) -> Vec<Problem> {
    let mut checks = Checks(Vec::new());
    checks.text("service", &settings.service, 256);
    store(settings, &mut checks);
    levels(settings, &mut checks);
    overflow(settings, &mut checks);
    sample(&settings.sample, &mut checks);
    batch(settings, &mut checks);
    mask(settings, &mut checks);
    truncate(settings, &mut checks);
    ring(settings, &mut checks);
    if !matches!(settings.time_digits, 6 | 9) {
        let given = settings.time_digits;
        checks.problem("time_digits", format!("{given} is impossible, expected 6 or 9"));
    }
    checks.time("flush_timeout", settings.flush_timeout, 0..=3_600_000);
    checks.0
}

fn store(settings: &Settings, checks: &mut Checks) {
    let store = &settings.store;
    checks.count("store.dir", store.dir.len() as u64, 1..=16, "directories");
    if store.dir.iter().any(|path| path.as_os_str().is_empty()) {
        checks.problem("store.dir", "an empty path is no directory".to_owned());
    }
    if matches!(&store.ring_dir, RingDir::Path(path) if path.as_os_str().is_empty()) {
        checks.problem("store.ring_dir", "an empty path is no directory".to_owned());
    }
    if let Durability::Interval { ms } = store.durability {
        checks.time("store.durability", Duration::from_millis(ms), 1..=3_600_000);
    }
    checks.size("store.max_file_size", store.max_file_size, MIB..=1024 * GIB);
    if let Some(days) = store.retention.days {
        checks.count("store.retention.days", days.into(), 1..=36_500, "days");
    }
    if let Some(size) = store.retention.max_total_size {
        checks.size("store.retention.max_total_size", size, MIB..=u64::MAX);
    }
    let index_max = store.index.max_per_mille.into();
    checks.count("store.index.max_per_mille", index_max, 0..=1_000, "thousandths");
    if let Some(days) = store.compress_after_days {
        checks.count("store.compress_after_days", days.into(), 0..=36_500, "days");
    }
    checks.count("store.delete", store.delete.len() as u64, 0..=64, "rules");
    for (index, rule) in store.delete.iter().enumerate() {
        if rule.reason().is_empty() {
            let message = format!(
                "rule {} has no condition; expected name, older_than_days, at_least, keep_files or \
                 keep_size",
                index + 1
            );
            checks.problem("store.delete", message);
        }
    }
}

fn levels(settings: &Settings, checks: &mut Checks) {
    let rules = &settings.levels.by_module;
    checks.count("levels", rules.len() as u64, 0..=4_096, "rules");
    for rule in rules {
        if let Some(problem) = LevelRules::module_problem(&rule.module) {
            checks.problem("levels", problem);
        }
    }
}

fn sample(sample: &SampleSettings, checks: &mut Checks) {
    const DAY_MS: u64 = 86_400_000;
    checks.time("sample.report_every", sample.report_every, 1_000..=DAY_MS);
    checks.count("sample.rules", sample.rules.len() as u64, 0..=RULES_MAX as u64, "rules");
    for (index, rule) in sample.rules.iter().enumerate() {
        let name = &rule.name;
        let problem = |what: &str| format!("rule {name:?} {what}");
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_plain) {
            let what = "needs a name of 1 to 64 letters, digits, `_`, `-` and `.`";
            checks.problem("sample.rules", problem(what));
        }
        if Level::ALL.iter().any(|level| level.as_str() == name) {
            checks.problem("sample.rules", problem("has the name of a level; give it another"));
        }
        if sample.rules[..index].iter().any(|earlier| earlier.name == *name) {
            checks.problem("sample.rules", problem("is there twice; give each its own name"));
        }
        checks.time("sample.rules", rule.interval, 1..=DAY_MS);
        for module in &rule.loggers {
            if let Some(message) = LevelRules::module_problem(module) {
                checks.problem("sample.rules", message);
            }
        }
    }
}

fn overflow(settings: &Settings, checks: &mut Checks) {
    for level in [Level::Error, Level::Fatal] {
        let chosen = settings.overflow.by_level[usize::from(level as u8 - Level::Trace as u8)];
        let waits = matches!(chosen, None | Some(Policy::Block | Policy::BlockWithTimeout));
        if let (false, Some(policy)) = (waits, chosen) {
            let key = format!("overflow.{}", level.as_str());
            let message = format!(
                "`{policy}` is impossible, since {} is never dropped; expected block or \
                 block_with_timeout",
                level.as_str()
            );
            checks.problem(&key, message);
        }
    }
    checks.time("overflow.timeout", settings.overflow.timeout, 0..=3_600_000);
}

fn batch(settings: &Settings, checks: &mut Checks) {
    let batch = &settings.batch;
    checks.count("batch.batch_size", batch.batch_size.into(), 1..=1_000_000, "records");
    checks.time("batch.batch_timeout", batch.batch_timeout, 1..=60_000);
    checks.size(
        "batch.max_batch_bytes",
        batch.max_batch_bytes.into(),
        4 * KIB..=BATCH_BYTES_MAX.into(),
    );
}

fn mask(settings: &Settings, checks: &mut Checks) {
    let fields = &settings.mask.fields;
    checks.count("mask.fields", fields.len() as u64, 0..=1_024, "names");
    for field in fields {
        checks.text("mask.fields", field, 256);
    }
    let groups = GROUPS.iter().map(|(name, _)| *name);
    let shapes: Vec<&str> = groups.chain(kinds().map(|kind| kind.name)).collect();
    checks.known("mask.shapes", &settings.mask.shapes, &shapes);
    let personal: Vec<&str> = PERSONAL.iter().map(|kind| kind.name).collect();
    checks.known("mask.personal", &settings.mask.personal, &personal);
    let rules = &settings.mask.rules;
    checks.count("mask.rules", rules.len() as u64, 0..=256, "rules");
    for (rule, (field, message)) in rules.iter().filter_map(|rule| Some((rule, rule.problem()?))) {
        checks.problem("mask.rules", format!("rule `{}`: {field}: {message}", rule.name));
    }
    if !settings.mask.fingerprint.is_empty() {
        let length = settings.mask.fingerprint.len() as u64;
        checks.count("mask.fingerprint", length, 16..=256, "bytes");
    }
}

fn truncate(settings: &Settings, checks: &mut Checks) {
    if let Some(characters) = settings.truncate.max_chars {
        checks.count("truncate.max_chars", characters.into(), 16..=1 << 20, "characters");
    }
    let fields = &settings.truncate.fields;
    checks.count("truncate.fields", fields.len() as u64, 0..=256, "names");
    for field in fields {
        checks.text("truncate.fields", field, 256);
    }
    checks.size("truncate.full_max_size", settings.truncate.full_max_size, 16 * MIB..=1024 * GIB);
}

fn ring(settings: &Settings, checks: &mut Checks) {
    let ring = &settings.ring;
    checks.size("ring.bytes_per_thread", ring.bytes_per_thread, 16 * KIB..=GIB);
    checks.size("ring.error_bytes_per_thread", ring.error_bytes_per_thread, 16 * KIB..=GIB);
    checks.size("ring.total", ring.total, MIB..=64 * GIB);
    checks.size("ring.max_record", ring.max_record, KIB..=RECORD_BYTES_MAX);
    let thread = ring.bytes_per_thread.saturating_add(ring.error_bytes_per_thread);
    if thread > ring.total {
        let message = format!(
            "{} has no room for the {} of a single thread; raise it or lower bytes_per_thread",
            size(ring.total),
            size(thread)
        );
        checks.problem("ring.total", message);
    }
}

/// The problems found so far, and the few shapes a limit can have.
struct Checks(Vec<Problem>);

impl Checks {
    fn problem(&mut self, key: &str, message: String) {
        self.0.push(Problem { key: key.to_owned(), message });
    }

    fn text(&mut self, key: &str, text: &str, bytes_max: usize) {
        if text.is_empty() {
            self.problem(key, "an empty name is impossible".to_owned());
        } else if text.len() > bytes_max {
            let message = format!("{} bytes are too many, at most {bytes_max}", text.len());
            self.problem(key, message);
        }
    }

    /// Names of a list that stand for something, or `all`.
    fn known(&mut self, key: &str, given: &[String], names: &[&str]) {
        for name in given.iter().filter(|name| *name != "all" && !names.contains(&name.as_str())) {
            let hint = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "the manual lists what there is".to_owned(),
            };
            self.problem(key, format!("unknown name `{name}`, {hint}"));
        }
    }

    fn count(&mut self, key: &str, given: u64, limits: RangeInclusive<u64>, unit: &str) {
        if !limits.contains(&given) {
            let (least, most) = limits.into_inner();
            let message = format!("{given} is impossible, expected {least} to {most} {unit}");
            self.problem(key, message);
        }
    }

    fn size(&mut self, key: &str, given: u64, limits: RangeInclusive<u64>) {
        if limits.contains(&given) {
            return;
        }
        let (least, most) = limits.into_inner();
        let expected = match most {
            u64::MAX => format!("at least {}", size(least)),
            _ => format!("{} to {}", size(least), size(most)),
        };
        self.problem(key, format!("{} is impossible, expected {expected}", size(given)));
    }

    fn time(&mut self, key: &str, given: Duration, limits_ms: RangeInclusive<u64>) {
        let (least, most) = limits_ms.into_inner();
        let (least, most) = (Duration::from_millis(least), Duration::from_millis(most));
        if given < least || given > most {
            let message = format!("{given:?} is impossible, expected {least:?} to {most:?}");
            self.problem(key, message);
        }
    }
}

/// A size in the largest binary unit that divides it: `1GiB`, `1536KiB`, `1000B`.
fn size(bytes: u64) -> String {
    for (unit, name) in [(GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")] {
        if bytes >= unit && bytes.is_multiple_of(unit) {
            return format!("{}{name}", bytes / unit);
        }
    }
    format!("{bytes}B")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::super::{ModuleLevel, OverflowSettings, Retention};
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(Settings::default().validate(), []);
    }

    /// Makes one field impossible.
    type Break = fn(&mut Settings);

    /// Each entry breaks one field; the message is what `validate` must say, alone.
    const BROKEN: &[(Break, &str)] = &[
        (|s| s.service.clear(), "service: an empty name is impossible"),
        (|s| s.service = "x".repeat(257), "service: 257 bytes are too many, at most 256"),
        (|s| s.store.dir.clear(), "store.dir: 0 is impossible, expected 1 to 16 directories"),
        (|s| s.store.dir = vec![PathBuf::new()], "store.dir: an empty path is no directory"),
        (
            |s| s.store.ring_dir = RingDir::Path(PathBuf::new()),
            "store.ring_dir: an empty path is no directory",
        ),
        (
            |s| s.store.durability = Durability::Interval { ms: 0 },
            "store.durability: 0ns is impossible, expected 1ms to 3600s",
        ),
        (
            |s| s.store.max_file_size = 1_000,
            "store.max_file_size: 1000B is impossible, expected 1MiB to 1024GiB",
        ),
        (
            |s| s.store.retention = Retention { days: Some(0), max_total_size: None },
            "store.retention.days: 0 is impossible, expected 1 to 36500 days",
        ),
        (
            |s| s.store.retention = Retention { days: None, max_total_size: Some(1024) },
            "store.retention.max_total_size: 1KiB is impossible, expected at least 1MiB",
        ),
        (
            |s| s.store.index.max_per_mille = 1_001,
            "store.index.max_per_mille: 1001 is impossible, expected 0 to 1000 thousandths",
        ),
        (
            |s| s.store.compress_after_days = Some(40_000),
            "store.compress_after_days: 40000 is impossible, expected 0 to 36500 days",
        ),
        (
            |s| {
                let (module, level) = (String::new(), Level::Info);
                s.levels.by_module.push(ModuleLevel { module, level });
            },
            "levels: an empty name is impossible",
        ),
        (
            |s| s.overflow.set(Level::Error, Policy::Discard),
            "overflow.ERROR: `discard` is impossible, since ERROR is never dropped; expected \
             block or block_with_timeout",
        ),
        (
            |s| {
                let timeout = Duration::from_secs(3_601);
                s.overflow = OverflowSettings { timeout, ..Default::default() };
            },
            "overflow.timeout: 3601s is impossible, expected 0ns to 3600s",
        ),
        (
            |s| s.batch.batch_size = 0,
            "batch.batch_size: 0 is impossible, expected 1 to 1000000 records",
        ),
        (
            |s| s.batch.batch_timeout = Duration::from_secs(61),
            "batch.batch_timeout: 61s is impossible, expected 1ms to 60s",
        ),
        (
            |s| s.batch.max_batch_bytes = 1,
            "batch.max_batch_bytes: 1B is impossible, expected 4KiB to 256KiB",
        ),
        (|s| s.mask.fields.push(String::new()), "mask.fields: an empty name is impossible"),
        (
            |s| s.mask.shapes.push("github_tokn".to_owned()),
            "mask.shapes: unknown name `github_tokn`, did you mean `github_token`?",
        ),
        (
            |s| s.mask.personal.push("shoe size".to_owned()),
            "mask.personal: unknown name `shoe size`, the manual lists what there is",
        ),
        (
            |s| s.mask.fingerprint = "short".to_owned(),
            "mask.fingerprint: 5 is impossible, expected 16 to 256 bytes",
        ),
        (
            |s| s.truncate.max_chars = Some(3),
            "truncate.max_chars: 3 is impossible, expected 16 to 1048576 characters",
        ),
        (
            |s| s.ring.bytes_per_thread = 64 << 20,
            "ring.total: 64MiB has no room for the 65600KiB of a single thread; raise it or \
             lower bytes_per_thread",
        ),
        (
            |s| s.ring.max_record = 2 << 20,
            "ring.max_record: 2MiB is impossible, expected 1KiB to 1MiB",
        ),
        (|s| s.time_digits = 7, "time_digits: 7 is impossible, expected 6 or 9"),
    ];

    #[test]
    fn each_limit_has_its_message() {
        for (breaks, message) in BROKEN {
            let mut settings = Settings::default();
            breaks(&mut settings);
            let problems: Vec<String> = settings.validate().iter().map(|p| p.to_string()).collect();
            assert_eq!(problems, [*message]);
        }
    }

    #[test]
    fn every_problem_is_listed() {
        let mut settings = Settings::default();
        settings.service.clear();
        settings.time_digits = 0;
        settings.batch.batch_size = 0;
        assert_eq!(settings.validate().len(), 3);
    }
}
