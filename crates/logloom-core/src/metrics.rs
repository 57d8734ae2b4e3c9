//! Counters of the library about itself: a snapshot, and the text that Prometheus reads.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use logloom_record::Level;
use logloom_ring::segment::LossEntry;

use crate::sampling::Sampled;

/// What the writer counts while it runs.
#[derive(Debug, Default)]
pub struct Counters {
    /// Lines appended, by level from TRACE.
    pub lines: [AtomicU64; 6],
    /// Bytes appended.
    pub bytes: AtomicU64,
    /// Batches appended.
    pub batches: AtomicU64,
    /// Lines that were cut to the largest length.
    pub truncated: AtomicU64,
    /// Actions that have no number because those of their session could not be had.
    pub unnumbered: AtomicU64,
    /// Texts that were cut and could not be kept in full.
    pub texts_lost: AtomicU64,
    /// Attempts to append that failed; the batch was tried again.
    pub write_errors: AtomicU64,
    /// Times that the writer was started again after a panic.
    pub restarts: AtomicU64,
    /// Lines that went to the standard error because no directory took them.
    pub stderr_lines: AtomicU64,
    /// Lines that no directory and not even the standard error took, by level.
    pub no_sink: [AtomicU64; 6],
    /// Changes from one log directory to the next of the list.
    pub failover_switches: AtomicU64,
    /// Lines recovered from dead processes.
    pub recovered: AtomicU64,
    /// Lines of dead processes that were in the log already.
    pub recovery_skipped: AtomicU64,
    /// Warnings about the settings.
    pub setting_warnings: AtomicU64,
}

/// Losses of one cause and level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Name of the cause.
    pub reason: &'static str,
    /// Level of the records.
    pub level: Level,
    /// How many.
    pub count: u64,
}

/// A snapshot of everything that is counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metrics {
    /// Bytes waiting in the rings.
    pub queue_bytes: u64,
    /// Rings in use or pooled.
    pub rings: u64,
    /// Bytes of shared memory.
    pub segment_bytes: u64,
    /// Lines appended, by level from TRACE.
    pub lines: [u64; 6],
    /// Bytes appended.
    pub bytes: u64,
    /// Batches appended.
    pub batches: u64,
    /// Lines cut.
    pub truncated: u64,
    /// Actions without a number, because those of their session could not be had.
    pub unnumbered: u64,
    /// Cut texts that could not be kept in full.
    pub texts_lost: u64,
    /// Failed attempts to append.
    pub write_errors: u64,
    /// Restarts of the writer.
    pub restarts: u64,
    /// Lines on the standard error.
    pub stderr_lines: u64,
    /// Switches of the log directory.
    pub failover_switches: u64,
    /// Lines recovered from dead processes.
    pub recovered: u64,
    /// Lines of dead processes that were in the log already, by an earlier start of the machine.
    pub recovery_skipped: u64,
    /// Warnings about the settings.
    pub setting_warnings: u64,
    /// Calls before the library was started; their records were not kept.
    pub before_init: u64,
    /// What was not kept.
    pub dropped: Vec<Dropped>,
    /// What rules of sampling have left out and kept, by rule.
    pub sampled: Vec<Sampled>,
    /// Milliseconds since the writer last ran.
    pub heartbeat_age_ms: u64,
}

impl Counters {
    /// Copies the counters into a snapshot.
    pub(crate) fn fill(&self, metrics: &mut Metrics) {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        for (target, counter) in metrics.lines.iter_mut().zip(&self.lines) {
            *target = get(counter);
        }
        metrics.bytes = get(&self.bytes);
        metrics.batches = get(&self.batches);
        metrics.truncated = get(&self.truncated);
        metrics.unnumbered = get(&self.unnumbered);
        metrics.texts_lost = get(&self.texts_lost);
        metrics.write_errors = get(&self.write_errors);
        metrics.restarts = get(&self.restarts);
        metrics.stderr_lines = get(&self.stderr_lines);
        metrics.failover_switches = get(&self.failover_switches);
        metrics.recovered = get(&self.recovered);
        metrics.recovery_skipped = get(&self.recovery_skipped);
        metrics.setting_warnings = get(&self.setting_warnings);
        for (level, counter) in Level::ALL.into_iter().zip(&self.no_sink) {
            let count = get(counter);
            if count > 0 {
                metrics.dropped.push(Dropped { reason: "no_sink", level, count });
            }
        }
    }
}

/// Adds the loss table up by cause and level.
pub(crate) fn dropped(losses: &[LossEntry]) -> Vec<Dropped> {
    let mut sums = std::collections::BTreeMap::new();
    for entry in losses {
        *sums.entry((entry.key.cause, entry.key.level)).or_insert(0) += entry.count;
    }
    sums.into_iter()
        .map(|((cause, level), count)| Dropped {
            reason: cause.name(),
            level: Level::from_number(level).unwrap_or(Level::Info),
            count,
        })
        .collect()
}

impl Metrics {
    /// Records not kept, in all.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().map(|dropped| dropped.count).sum()
    }

    /// The text that Prometheus reads (exposition format 0.0.4).
    #[must_use]
    pub fn prometheus(&self) -> String {
        let mut text = String::new();
        gauge(&mut text, "logloom_queue_size", "Bytes waiting in the rings.", self.queue_bytes);
        gauge(&mut text, "logloom_segment_bytes", "Bytes of shared memory.", self.segment_bytes);
        gauge(&mut text, "logloom_rings", "Rings in use or pooled.", self.rings);
        gauge(
            &mut text,
            "logloom_writer_heartbeat_age_milliseconds",
            "Time since the writer last ran.",
            self.heartbeat_age_ms,
        );
        head(&mut text, "logloom_events_total", "counter", "Records appended to the log.");
        for (level, count) in Level::ALL.iter().zip(self.lines) {
            let _ = writeln!(text, "logloom_events_total{{level=\"{}\"}} {count}", level.as_str());
        }
        head(&mut text, "logloom_events_dropped_total", "counter", "Records that were not kept.");
        for dropped in &self.dropped {
            let (reason, level) = (dropped.reason, dropped.level.as_str());
            let _ = writeln!(
                text,
                "logloom_events_dropped_total{{reason=\"{reason}\",level=\"{level}\"}} {}",
                dropped.count
            );
        }
        self.add_sampled(&mut text);
        let counters = [
            (
                "logloom_failover_switch_total",
                "Changes of the log directory.",
                self.failover_switches,
            ),
            ("logloom_written_bytes_total", "Bytes appended.", self.bytes),
            ("logloom_batches_total", "Batches appended.", self.batches),
            ("logloom_truncated_total", "Lines cut to the largest length.", self.truncated),
            ("logloom_unnumbered_total", "Actions without a number.", self.unnumbered),
            ("logloom_full_texts_lost_total", "Cut texts not kept in full.", self.texts_lost),
            ("logloom_write_errors_total", "Failed attempts to append.", self.write_errors),
            ("logloom_writer_restarts_total", "Restarts of the writer.", self.restarts),
            ("logloom_stderr_lines_total", "Lines on the standard error.", self.stderr_lines),
            ("logloom_recovered_total", "Lines of dead processes.", self.recovered),
            (
                "logloom_recovery_skipped_total",
                "Lines of dead processes that were in the log already.",
                self.recovery_skipped,
            ),
            ("logloom_before_init_total", "Calls before the start.", self.before_init),
            ("logloom_setting_warnings_total", "Warnings on settings.", self.setting_warnings),
        ];
        for (name, help, value) in counters {
            head(&mut text, name, "counter", help);
            let _ = writeln!(text, "{name} {value}");
        }
        text
    }
}

impl Metrics {
    /// What was sampled; nothing where no rule has decided anything.
    fn add_sampled(&self, text: &mut String) {
        type Count = fn(&Sampled) -> u64;
        let both: [(&str, &str, Count); 2] = [
            ("logloom_sampling_left_out_total", "Records left out by sampling.", |s| s.left_out),
            ("logloom_sampling_kept_total", "Records that sampling has kept.", |s| s.kept),
        ];
        for (name, help, count) in both.into_iter().filter(|_| !self.sampled.is_empty()) {
            head(text, name, "counter", help);
            for sampled in &self.sampled {
                let _ = writeln!(text, "{name}{{rule=\"{}\"}} {}", sampled.rule, count(sampled));
            }
        }
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn gauge(text: &mut String, name: &str, help: &str, value: u64) {
    head(text, name, "gauge", help);
    let _ = writeln!(text, "{name} {value}");
}
