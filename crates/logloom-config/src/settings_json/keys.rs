//! Takes the section `logging` key by key, hands on what each means for the library; refuses names and
//! values that the document does not have, and leaves the document's default in their place.

use std::path::{Path, PathBuf};
use std::time::Duration;

use logloom_core::action::{ActionType, Status};
use logloom_core::settings::{Housekeeping, Policy, Retention, Settings, nearest};
use logloom_record::Level;

use super::{AgentSettings, Outcome, SECTION};
use crate::report::Problem;
use crate::value::{Entry, Node, Place, Value, quoted};

/// Bytes of ring for each place of the queue that the document counts in actions: a common action takes
/// less, and the sum is rounded up to a power of two.
const BYTES_PER_ACTION: u64 = 512;
const RING_BYTES_MIN: u64 = 64 << 10;
const RING_BYTES_MAX: u64 = 1 << 30;
const MEBIBYTE: u64 = 1 << 20;

/// What counts where the file says nothing.
pub(super) fn defaults(home: Option<&Path>) -> AgentSettings {
    let mut settings = Settings::default();
    let home = home.map_or_else(|| PathBuf::from("."), Path::to_owned);
    settings.store.dir = vec![home.join(".tiny-claude-code").join("logs")];
    settings.store.retention = Retention { days: Some(30), max_total_size: Some(1024 * MEBIBYTE) };
    settings.store.compress_after_days = Some(7);
    settings.batch.batch_size = 100;
    settings.batch.batch_timeout = Duration::from_secs(1);
    settings.ring.bytes_per_thread = ring_bytes(1000);
    settings.overflow.default = Policy::DropOldest;
    settings.overflow.timeout = Duration::from_secs(3);
    settings.mask.home_paths = true;
    settings.truncate.fields = vec!["output".to_owned()];
    settings.truncate.max_chars = Some(1000);
    AgentSettings { settings, file: None }
}

/// The ring of a thread for a queue of so many actions.
fn ring_bytes(queue_size: u64) -> u64 {
    let bytes = queue_size.saturating_mul(BYTES_PER_ACTION).clamp(RING_BYTES_MIN, RING_BYTES_MAX);
    bytes.next_power_of_two()
}

type Taken = Result<(), String>;

/// A key of the section and what it does. `true` of the last: its value is a section of its own.
struct Key {
    name: &'static str,
    take: fn(&mut Reader<'_>, &Node) -> Taken,
}

const KEYS: &[Key] = &[
    Key { name: "enabled", take: |r, node| set(&mut r.agent().settings.enabled, switch(node)) },
    Key { name: "log_dir", take: log_dir },
    Key {
        name: "async_logging",
        take: |r, node| set(&mut r.agent().settings.actions.waits, switch(node).map(|on| !on)),
    },
    Key {
        name: "queue_size",
        take: |r, node| {
            let size = number(node, 1, 100_000_000).map(ring_bytes);
            set(&mut r.agent().settings.ring.bytes_per_thread, size)
        },
    },
    Key {
        name: "batch_size",
        take: |r, node| {
            set(&mut r.agent().settings.batch.batch_size, number(node, 1, 1_000_000).map(small))
        },
    },
    Key {
        name: "batch_timeout_sec",
        take: |r, node| {
            set(&mut r.agent().settings.batch.batch_timeout, seconds(node, 0.001, 60.0))
        },
    },
    Key {
        name: "mask_sensitive_data",
        take: |r, node| set(&mut r.agent().settings.mask.enabled, switch(node)),
    },
    Key {
        name: "custom_sensitive_fields",
        take: |r, node| set(&mut r.agent().settings.mask.fields, texts(node)),
    },
    Key {
        name: "mask_thinking",
        take: |r, node| set(&mut r.agent().settings.actions.mask_thinking, switch(node)),
    },
    Key { name: "truncate_large_output", take: |r, node| set(&mut r.truncates, switch(node)) },
    Key {
        name: "max_output_chars",
        take: |r, node| set(&mut r.max_output_chars, number(node, 1, 1 << 20).map(small)),
    },
    Key {
        name: "retention_days",
        take: |r, node| {
            let days = number(node, 1, 36_500).map(|days| Some(small(days)));
            set(&mut r.agent().settings.store.retention.days, days)
        },
    },
    Key {
        name: "max_total_size_mb",
        take: |r, node| {
            let size = number(node, 1, 1 << 30).map(|size| Some(size * MEBIBYTE));
            set(&mut r.agent().settings.store.retention.max_total_size, size)
        },
    },
    Key {
        name: "cleanup_on_startup",
        take: |r, node| {
            let when = |cleans| if cleans { Housekeeping::Always } else { Housekeeping::Hourly };
            set(&mut r.agent().settings.store.housekeeping, switch(node).map(when))
        },
    },
    Key {
        name: "compress_after_days",
        take: |r, node| {
            let days = number(node, 0, 36_500).map(|days| Some(small(days)));
            set(&mut r.agent().settings.store.compress_after_days, days)
        },
    },
    Key { name: "action_types", take: action_types },
    Key { name: "queue_full_strategy", take: queue_full_strategy },
];

fn set<T>(target: &mut T, value: Result<T, String>) -> Taken {
    *target = value?;
    Ok(())
}

fn expected<T>(what: &str, node: &Node) -> Result<T, String> {
    Err(format!("expected {what}, found {}", node.found()))
}

fn switch(node: &Node) -> Result<bool, String> {
    match node.value {
        Value::Switch(switch) => Ok(switch),
        _ => expected("true or false", node),
    }
}

fn number(node: &Node, least: u64, most: u64) -> Result<u64, String> {
    let found = node.integer().and_then(|number| u64::try_from(number).ok());
    match found.filter(|number| (least..=most).contains(number)) {
        Some(number) => Ok(number),
        None => expected(&format!("a whole number from {least} to {most}"), node),
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn seconds(node: &Node, least: f64, most: f64) -> Result<Duration, String> {
    let found = match node.value {
        Value::Integer(number) => Some(number as f64),
        Value::Float(number) => Some(number),
        _ => None,
    };
    match found.filter(|seconds| (least..=most).contains(seconds)) {
        Some(seconds) => Ok(Duration::from_secs_f64(seconds)),
        None => expected(&format!("seconds from {least} to {most}"), node),
    }
}

fn text(node: &Node) -> Result<&str, String> {
    match node.text().filter(|text| !text.is_empty()) {
        Some(text) => Ok(text),
        None => expected("text", node),
    }
}

fn texts(node: &Node) -> Result<Vec<String>, String> {
    match &node.value {
        Value::List(items) => items.iter().map(|item| text(item).map(str::to_owned)).collect(),
        _ => expected("a list of names", node),
    }
}

fn policy(node: &Node) -> Result<Policy, String> {
    Policy::parse(text(node)?).map_err(|unknown| unknown.to_string())
}

fn log_dir(reader: &mut Reader<'_>, node: &Node) -> Taken {
    let path = text(node)?;
    let path = match path.strip_prefix("~/") {
        Some(rest) => reader.home.as_ref().ok_or("`~` means nothing without $HOME")?.join(rest),
        None => PathBuf::from(path),
    };
    reader.agent().settings.store.dir = vec![path];
    Ok(())
}

fn action_types(reader: &mut Reader<'_>, node: &Node) -> Taken {
    let entries = section(node)?;
    for entry in entries {
        let kind = ActionType::parse(&entry.key).map_err(|unknown| unknown.to_string());
        let is_on = switch(&entry.node);
        let path = format!("action_types.{}", entry.key);
        match (kind, is_on) {
            (Ok(kind), Ok(is_on)) => reader.agent().settings.actions.switch(kind, is_on),
            (Err(message), _) => reader.problem(&entry.place, &path, message),
            (_, Err(message)) => reader.problem(&entry.node.place, &path, message),
        }
    }
    Ok(())
}

fn section(node: &Node) -> Result<&[Entry], String> {
    match &node.value {
        Value::Section(entries) => Ok(entries),
        _ => expected("a section of keys", node),
    }
}

/// A policy by itself, or the section of the document.
fn queue_full_strategy(reader: &mut Reader<'_>, node: &Node) -> Taken {
    if node.text().is_some() {
        return set(&mut reader.agent().settings.overflow.default, policy(node));
    }
    const NAMES: [&str; 4] =
        ["default", "critical_levels", "critical_strategy", "critical_timeout_sec"];
    for entry in section(node)? {
        let path = format!("queue_full_strategy.{}", entry.key);
        let value = &entry.node;
        let taken = match &*entry.key {
            "default" => set(&mut reader.agent().settings.overflow.default, policy(value)),
            "critical_strategy" => set(&mut reader.critical_strategy, policy(value)),
            "critical_timeout_sec" => {
                set(&mut reader.agent().settings.overflow.timeout, seconds(value, 0.0, 3600.0))
            }
            "critical_levels" => critical_levels(reader, value, &path),
            other => {
                let message = unknown_key(other, &NAMES);
                reader.problem(&entry.place, &path, message);
                continue;
            }
        };
        if let Err(message) = taken {
            reader.problem(&value.place, &path, message);
        }
    }
    Ok(())
}

/// Names of levels, statuses and action types, one list for all of them.
fn critical_levels(reader: &mut Reader<'_>, node: &Node, path: &str) -> Taken {
    let Value::List(items) = &node.value else { return expected("a list of names", node) };
    for item in items {
        let name = match text(item) {
            Ok(name) => name,
            Err(message) => {
                reader.problem(&item.place, path, message);
                continue;
            }
        };
        let kind = ActionType::parse(name).ok();
        let status = Status::parse(name).ok();
        let level = Level::parse(name).ok();
        let actions = &mut reader.agent().settings.actions;
        actions.critical_types.extend(kind);
        actions.critical_statuses.extend(status);
        reader.critical_levels.extend(level);
        if kind.is_none() && status.is_none() && level.is_none() {
            reader.problem(&item.place, path, unknown_critical(name));
        }
    }
    Ok(())
}

fn unknown_critical(name: &str) -> String {
    let kinds = ActionType::ALL.iter().map(|kind| kind.name());
    let statuses = Status::ALL.iter().map(|status| status.name());
    let levels = ["trace", "debug", "info", "warn", "error", "fatal"];
    match nearest(name, kinds.chain(statuses).chain(levels)) {
        Some(nearest) => format!(
            "{} is no level, status or action type, did you mean `{nearest}`?",
            quoted(name)
        ),
        None => format!("{} is no level, status or action type", quoted(name)),
    }
}

fn unknown_key(name: &str, known: &[&'static str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("unknown key, did you mean `{nearest}`?"),
        None => format!("unknown key, expected one of {}", known.join(", ")),
    }
}

/// Reads the section.
pub(super) struct Reader<'a> {
    outcome: Outcome,
    text: &'a str,
    home: Option<PathBuf>,
    truncates: bool,
    max_output_chars: u32,
    critical_strategy: Policy,
    critical_levels: Vec<Level>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(outcome: Outcome, text: &'a str, home: Option<PathBuf>) -> Self {
        Reader {
            outcome,
            text,
            home,
            truncates: true,
            max_output_chars: 1000,
            critical_strategy: Policy::BlockWithTimeout,
            critical_levels: Vec::new(),
        }
    }

    fn agent(&mut self) -> &mut AgentSettings {
        &mut self.outcome.agent
    }

    fn problem(&mut self, place: &Place, path: &str, message: String) {
        let path = if path.is_empty() { SECTION.to_owned() } else { format!("{SECTION}.{path}") };
        self.outcome.report.problems.push(Problem::at(place, &path, message, self.text));
    }

    pub(super) fn section(&mut self, root: &Node) {
        let entries = match section(root) {
            Ok(entries) => entries,
            Err(message) => return self.problem(&root.place, "", message),
        };
        for (index, entry) in entries.iter().enumerate() {
            if entries[..index].iter().any(|earlier| earlier.key == entry.key) {
                self.problem(&entry.place, &entry.key, "given twice".to_owned());
                continue;
            }
            match KEYS.iter().find(|key| key.name == entry.key) {
                Some(key) => {
                    if let Err(message) = (key.take)(self, &entry.node) {
                        self.problem(&entry.node.place, &entry.key, message);
                    }
                }
                None => {
                    let names: Vec<&'static str> = KEYS.iter().map(|key| key.name).collect();
                    self.problem(&entry.place, &entry.key, unknown_key(&entry.key, &names));
                }
            }
        }
    }

    /// What is made of several keys together.
    pub(super) fn finish(mut self) -> Outcome {
        // Less would not hold the mark itself.
        let kept = self.max_output_chars.max(16);
        self.outcome.agent.settings.truncate.max_chars = self.truncates.then_some(kept);
        let strategy = self.critical_strategy;
        let waits = matches!(strategy, Policy::Block | Policy::BlockWithTimeout);
        let overflow = &mut self.outcome.agent.settings.overflow;
        for level in &self.critical_levels {
            // What must not be dropped is not dropped, whatever the strategy.
            if *level < Level::Error || waits {
                overflow.set(*level, strategy);
            }
        }
        if strategy == Policy::Block {
            // Critical types and statuses go the way of ERROR.
            overflow.set(Level::Error, strategy);
        }
        self.outcome.report = std::mem::take(&mut self.outcome.report).sorted();
        self.outcome
    }
}
