//! The console: a copy of the committed lines for a person at a terminal, on the standard error.
//!
//! The writer offers each batch to a bounded queue and goes on; a thread of its own prints. A
//! terminal that does not read makes the queue full: batches are skipped then and counted, and the
//! count is shown when it reads again. Nothing else waits for it.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use logloom_record::Level;
use logloom_record::line::LineView;
use logloom_ring::process;

use crate::settings::{ConsoleFormat, ConsoleSettings};
use crate::terminal::{json_lines, push_text};

/// Batches that may wait for the terminal.
const QUEUE: usize = 16;
/// Members that are not shown among the fields of a pretty line.
const SHOWN: [&str; 6] = ["timestamp", "level", "service", "module", "message", "template"];

/// The writer's end of the queue.
pub(crate) struct Console {
    batches: Option<SyncSender<Vec<u8>>>,
    skipped: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Console {
    /// Lets the terminal take what waits, for a quarter of a second at most.
    fn drop(&mut self) {
        self.batches = None;
        let begin = Instant::now();
        while self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            if begin.elapsed() > Duration::from_millis(250) {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(1));
        }
    }
}

impl Console {
    /// Starts the thread that prints. `None` when it cannot be started.
    pub(crate) fn start(settings: ConsoleSettings) -> Option<Self> {
        let (batches, waiting) = sync_channel(QUEUE);
        let skipped = Arc::new(AtomicU64::new(0));
        let printer = Printer {
            settings,
            colours: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            skipped: skipped.clone(),
        };
        let thread = std::thread::Builder::new().name("logloom-console".to_owned());
        let thread = thread.spawn(move || printer.run(&waiting)).ok();
        Some(Self { batches: Some(batches), skipped, thread: Some(thread?) })
    }

    /// Shows a batch of whole lines, unless the terminal is behind. Never waits.
    pub(crate) fn offer(&self, lines: &[u8], count: u64) {
        let Some(batches) = &self.batches else { return };
        if let Err(TrySendError::Full(_)) = batches.try_send(lines.to_vec()) {
            self.skipped.fetch_add(count, Ordering::Relaxed);
        }
    }
}

struct Printer {
    settings: ConsoleSettings,
    colours: bool,
    skipped: Arc<AtomicU64>,
}

impl Printer {
    fn run(&self, waiting: &Receiver<Vec<u8>>) {
        process::block_signals();
        while let Ok(batch) = waiting.recv() {
            let mut text = String::new();
            let skipped = self.skipped.swap(0, Ordering::Relaxed);
            if skipped > 0 {
                let are = if skipped == 1 { "line is" } else { "lines are" };
                let _ =
                    writeln!(text, "logloom: {skipped} {are} not shown, the terminal was behind");
            }
            for line in batch.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                self.add(line, &mut text);
            }
            // A terminal that is gone shows nothing; the records are in the log.
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }

    fn add(&self, line: &[u8], text: &mut String) {
        let view = LineView::new(line);
        let level = view.get("level").and_then(|level| Level::parse(&level.text()).ok());
        let level = level.unwrap_or(Level::Info);
        if level < self.settings.level {
            return;
        }
        match self.settings.format {
            ConsoleFormat::Json => text.push_str(&String::from_utf8_lossy(&json_lines(line))),
            ConsoleFormat::Pretty => self.pretty(&view, level, text),
        }
        text.push('\n');
    }

    fn pretty(&self, view: &LineView<'_>, level: Level, text: &mut String) {
        let member = |name: &str| view.get(name).map(|value| value.text().into_owned());
        let time = member("timestamp").unwrap_or_default();
        // The time of day to the millisecond, in UTC as in the file.
        let clock = time.get(11..23).unwrap_or(&time);
        self.paint("2", clock, text);
        text.push(' ');
        self.paint(colour(level), &format!("{:<5}", level.as_str()), text);
        if let Some(module) = member("module") {
            text.push(' ');
            self.paint("2", &module, text);
        }
        if let Some(message) = member("message") {
            text.push(' ');
            push_text(&message, text);
        }
        for (name, value) in view.members() {
            let name = name.text();
            if SHOWN.contains(&&*name) {
                continue;
            }
            text.push(' ');
            self.paint("2", &format!("{name}="), text);
            push_text(&value.text(), text);
        }
    }

    fn paint(&self, colour: &str, part: &str, text: &mut String) {
        if self.colours {
            let _ = write!(text, "\u{1b}[{colour}m");
        }
        push_text(part, text);
        if self.colours {
            text.push_str("\u{1b}[0m");
        }
    }
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::Trace | Level::Debug => "2",
        Level::Info => "32",
        Level::Warn => "33",
        Level::Error | Level::Fatal => "1;31",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, settings: ConsoleSettings, colours: bool) -> String {
        let printer = Printer { settings, colours, skipped: Arc::default() };
        let mut text = String::new();
        printer.add(line.as_bytes(), &mut text);
        text
    }

    const LINE: &str = r#"{"timestamp":"2026-11-21T10:11:12.345678Z","level":"WARN","service":"s","module":"shop","message":"slow\u001b[31m","ms":12,"who":"a b"}"#;

    #[test]
    fn a_pretty_line_shows_what_matters_and_obeys_no_escape() {
        let text = shown(LINE, ConsoleSettings::default(), false);
        assert_eq!(text, "10:11:12.345 WARN  shop slow\\u{1b}[31m ms=12 who=a b\n");
        assert!(shown(LINE, ConsoleSettings::default(), true).contains("\u{1b}[33mWARN "));
    }

    #[test]
    fn levels_below_are_left_out_and_json_is_the_line() {
        let settings = ConsoleSettings { level: Level::Error, ..ConsoleSettings::default() };
        assert_eq!(shown(LINE, settings, false), "");
        let settings =
            ConsoleSettings { format: ConsoleFormat::Json, ..ConsoleSettings::default() };
        assert_eq!(shown(LINE, settings.clone(), false), format!("{LINE}\n"));
        let turned = shown("{\"message\":\"\u{202e}fdp.exe\"}", settings, false);
        assert_eq!(turned, "{\"message\":\"\\u202efdp.exe\"}\n");
    }

    #[test]
    fn a_frozen_terminal_skips_and_counts() {
        // A receiver that nobody reads: the queue fills and the writer goes on.
        let (batches, _waiting) = sync_channel(2);
        let console = Console { batches: Some(batches), skipped: Arc::default(), thread: None };
        for _ in 0..10 {
            console.offer(b"{}\n", 3);
        }
        assert_eq!(console.skipped.load(Ordering::Relaxed), 24);
    }
}
