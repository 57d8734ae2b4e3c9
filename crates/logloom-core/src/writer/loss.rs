//! Loss records: lines of event `logloom.loss` that say what was not kept, from the loss table.
//!
//! A loss is reported once: the count that a line reports travels in the same intent as the line.

use std::collections::BTreeMap;
use std::time::Duration;

use logloom_record::dialect::loom::LoomOptions;
use logloom_record::{Level, json, time};
use logloom_ring::Segment;
use logloom_ring::segment::{Cause, LossEntry, MAX_LOSSES};

use super::Writer;
use super::stage::Gathered;

/// Between two reports.
const INTERVAL: Duration = Duration::from_secs(1);

/// Longest list of call sites in one line: there are nine causes, and a staging buffer has room for 64
/// KiB behind its longest batch. Sites that do not fit are counted without a name.
const SITES_BYTES_MAX: usize = 6 << 10;

/// When losses were last looked at.
pub(super) struct LossReporter {
    last: i64,
}

/// The unreported losses of one cause, added up.
struct Report {
    count: u64,
    first: i64,
    last: i64,
    levels: BTreeMap<&'static str, u64>,
    sites: Vec<(u32, u64)>,
}

impl LossReporter {
    pub(super) fn new() -> Self {
        Self { last: 0 }
    }

    /// Losses were looked for: the next time is in a second.
    pub(super) fn looked(&mut self, now: i64) {
        self.last = now;
    }

    /// Whether losses are to be looked for now.
    pub(super) fn is_due(&self, now: i64) -> bool {
        u128::from(now.saturating_sub(self.last).unsigned_abs()) >= INTERVAL.as_nanos()
    }
}

impl Writer<'_> {
    /// Adds a line for each cause with unreported losses, when a report is due and the batch is of
    /// today.
    pub(super) fn add_losses(&mut self, batch: &mut Gathered, at_once: bool) {
        let now = logloom_ring::clock::real_time();
        if !at_once && !self.losses.is_due(now) {
            return;
        }
        self.losses.looked(now);
        let mut open = unreported(self.segment);
        if open.is_empty() || !batch.admits(now) {
            return;
        }
        open.truncate(MAX_LOSSES);
        let mut by_cause: BTreeMap<Cause, Vec<LossEntry>> = BTreeMap::new();
        for entry in &open {
            by_cause.entry(entry.key.cause).or_default().push(*entry);
        }
        for (cause, entries) in by_cause {
            self.add_line(now, cause, &Report::of(&entries));
            batch.count(Level::Warn, now);
        }
        batch.intent.losses.extend(open.iter().map(|entry| (entry.slot, entry.count)));
    }

    fn add_line(&mut self, now: i64, cause: Cause, report: &Report) {
        let digits = self.options.time_digits;
        let mut line = format!("{{\"timestamp\":\"{}\",\"level\":\"WARN\"", stamp(now, digits));
        push_text(&mut line, "service", &self.options.service);
        push_text(&mut line, "module", "logloom");
        let noun = if report.count == 1 { "record was" } else { "records were" };
        push_text(&mut line, "message", &format!("{} {noun} not kept", report.count));
        push_text(&mut line, "event", "logloom.loss");
        push_text(&mut line, "cause", cause.name());
        // A damaged ring does not tell how many records it held: this is the most it can be.
        if cause == Cause::Damaged {
            line.push_str(",\"count_is_upper_bound\":true");
        }
        line.push_str(&format!(",\"count\":{},\"levels\":{{", report.count));
        let levels: Vec<String> =
            report.levels.iter().map(|(level, count)| format!("\"{level}\":{count}")).collect();
        line.push_str(&levels.join(","));
        line.push_str("},\"sites\":[");
        let start = line.len();
        for (site, count) in &report.sites {
            let text = self.site_text(*site, *count);
            // The names of a damaged dictionary can be longer than the staging buffer.
            if line.len() - start + text.len() < SITES_BYTES_MAX {
                let comma = if line.len() > start { "," } else { "" };
                line.push_str(&format!("{comma}{text}"));
            }
        }
        line.push(']');
        push_text(&mut line, "first", &stamp(report.first, digits));
        push_text(&mut line, "last", &stamp(report.last, digits));
        push_text(&mut line, "writer", &writer_name(self.segment));
        line.push_str("}\n");
        self.buffer.extend_from_slice(line.as_bytes());
    }

    fn site_text(&mut self, site: u32, count: u64) -> String {
        let known = self.plans.site(self.segment, &self.options, site);
        let mut text = String::from("{");
        if let Some(known) = known {
            push_text(&mut text, "module", &known.module);
            push_text(&mut text, "place", &known.place);
        } else {
            push_text(&mut text, "module", "");
        }
        text.push_str(&format!(",\"count\":{count}}}"));
        text.replacen("{,", "{", 1)
    }
}

impl Report {
    fn of(entries: &[LossEntry]) -> Self {
        let mut report = Self {
            count: 0,
            first: i64::MAX,
            last: i64::MIN,
            levels: BTreeMap::new(),
            sites: Vec::new(),
        };
        for entry in entries {
            let count = entry.count - entry.reported;
            let level = Level::from_number(entry.key.level).unwrap_or(Level::Info);
            report.count += count;
            report.first = report.first.min(entry.first);
            report.last = report.last.max(entry.last);
            *report.levels.entry(level.as_str()).or_default() += count;
            report.sites.push((entry.key.site, count));
        }
        report
    }
}

fn unreported(segment: &Segment) -> Vec<LossEntry> {
    segment.losses().into_iter().filter(|entry| entry.count > entry.reported).collect()
}

fn stamp(nanoseconds: i64, digits: u8) -> String {
    time::format_rfc3339(nanoseconds, digits)
}

fn push_text(line: &mut String, key: &str, text: &str) {
    let mut escaped = Vec::with_capacity(text.len() + 2);
    json::escape_into(text, &mut escaped);
    line.push_str(&format!(",\"{key}\":\"{}\"", String::from_utf8_lossy(&escaped)));
}

/// How a writer is called in loss records: process and the start of its uuid.
fn writer_name(segment: &Segment) -> String {
    let identity = segment.identity();
    let uuid: String = identity.uuid[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{uuid}", identity.pid)
}

/// A loss that no table could count: the memory that held a dead writer's records is gone.
pub(crate) fn unknown_loss_line(
    options: &LoomOptions,
    now: i64,
    writer: &str,
    most_bytes: u64,
) -> String {
    let mut line = format!("{{\"timestamp\":\"{}\",\"level\":\"WARN\"", stamp(now, 6));
    push_text(&mut line, "service", &options.service);
    push_text(&mut line, "module", "logloom");
    push_text(&mut line, "message", "records of a dead process are gone with the machine's memory");
    push_text(&mut line, "event", "logloom.loss");
    push_text(&mut line, "cause", "memory_gone");
    line.push_str(&format!(",\"count_is_unknown\":true,\"most_bytes\":{most_bytes}"));
    push_text(&mut line, "writer", writer);
    line.push_str("}\n");
    line
}
