//! The line that says how many records come: at the bottom of a terminal, or on the standard
//! error every five seconds where there is none and something has changed.

use std::collections::VecDeque;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use logloom_filter::LineView;

use crate::exit::say;
use crate::output::{counted, grouped, level};
use crate::terminal::{self, Paint, shortened};

/// The time that a rate is the mean of.
const WINDOW: Duration = Duration::from_secs(2);

/// Between two reports without a terminal.
const REPORT_INTERVAL: Duration = Duration::from_secs(5);

/// Columns in front of the text.
const LEAD: usize = 3;

/// Columns for what a terminal shows of keys such as Ctrl+C, `^C`: with less room the rest of the line would
/// come to stand in the next row, and this one could not be taken away any more.
const KEYS: usize = 4;

/// Counts records and shows how many come.
pub(super) struct Rate {
    is_terminal: bool,
    is_drawn: bool,
    paint: Paint,
    records: u64,
    warnings: u64,
    errors: u64,
    lost: u64,
    /// Moments with the count at each, over the window.
    recent: VecDeque<(Instant, u64)>,
    reported: Instant,
    /// What was reported last.
    told: String,
}

impl Rate {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            is_terminal: io::stdout().is_terminal(),
            is_drawn: false,
            paint: Paint::of_stdout(),
            records: 0,
            warnings: 0,
            errors: 0,
            lost: 0,
            recent: VecDeque::from([(now, 0)]),
            reported: now,
            told: String::new(),
        }
    }

    /// Counts one line.
    pub(super) fn count(&mut self, line: &[u8]) {
        self.records += 1;
        let view = LineView::new(line);
        let level = view.get("level").map(|found| level(found.text()));
        match level.as_deref() {
            Some("WARN") => self.warnings += 1,
            Some("ERROR" | "FATAL") => self.errors += 1,
            _ => {}
        }
        if memchr::memmem::find(line, b"\"logloom.loss\"").is_some() {
            let is_loss = view.get("event").is_some_and(|event| event.text() == "logloom.loss");
            let count = view.get("count").and_then(|count| count.text().parse::<u64>().ok());
            self.lost += if is_loss { count.unwrap_or(1) } else { 0 };
        }
    }

    /// What was counted so far was there before: it is shown, and no part of the rate.
    pub(super) fn begin(&mut self) {
        self.recent = VecDeque::from([(Instant::now(), self.records)]);
    }

    /// Moves the window on; without a terminal reports now and then.
    pub(super) fn tick(&mut self) {
        let now = Instant::now();
        self.recent.push_back((now, self.records));
        while self.recent.len() > 2 && now.duration_since(self.recent[1].0) >= WINDOW {
            self.recent.pop_front();
        }
        if !self.is_terminal && self.reported.elapsed() >= REPORT_INTERVAL {
            self.reported = now;
            self.news().into_iter().for_each(say);
        }
    }

    /// The line, unless it says what it said before.
    fn news(&mut self) -> Option<String> {
        let text = self.text();
        let is_new = text != self.told;
        is_new.then(|| self.told.clone_from(&text))?;
        Some(text)
    }

    /// What takes the line away again.
    pub(super) fn clear(&mut self) -> String {
        if std::mem::take(&mut self.is_drawn) { "\r\u{1b}[2K".to_owned() } else { String::new() }
    }

    /// The line, without an end, so that it can be taken away.
    pub(super) fn draw(&mut self) -> String {
        if !self.is_terminal {
            return String::new();
        }
        self.is_drawn = true;
        let text = self.cut(terminal::width());
        let (bold, dim, off) = (self.paint.bold(), self.paint.dim(), self.paint.off());
        format!("{dim}\u{2500}\u{2500}{off} {bold}{text}{off}")
    }

    /// The text on a terminal of so many columns.
    fn cut(&self, width: usize) -> String {
        shortened(&self.text(), width.saturating_sub(LEAD + KEYS + 1)).into_owned()
    }

    fn text(&self) -> String {
        format!(
            "{}/s \u{b7} {} shown \u{b7} {} \u{b7} {} \u{b7} lost {}",
            counted(self.per_second(), "record"),
            grouped(self.records),
            counted(self.errors, "error"),
            counted(self.warnings, "warning"),
            grouped(self.lost)
        )
    }

    fn per_second(&self) -> u64 {
        let Some((start, before)) = self.recent.front() else { return 0 };
        let seconds = start.elapsed().as_secs_f64().max(0.25);
        ((self.records - before) as f64 / seconds).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_of_the_start_are_shown_and_no_part_of_the_rate() {
        let mut rate = Rate::new();
        (0..10).for_each(|_| rate.count(br#"{"level":"error"}"#));
        rate.begin();
        assert!(rate.text().starts_with("0 records/s \u{b7} 10 shown \u{b7} 10 errors"));
    }

    #[test]
    fn the_row_has_room_for_a_key() {
        let rate = Rate::new();
        for width in 9..100 {
            let shown = terminal::columns(&rate.cut(width));
            assert!(LEAD + shown + "^C".len() < width, "{shown} of {width}");
        }
    }

    #[test]
    fn silence_is_told_once() {
        let mut rate = Rate::new();
        assert!(rate.news().is_some());
        assert_eq!(rate.news(), None);
        rate.count(b"{}");
        assert!(rate.news().is_some());
    }

    #[test]
    fn levels_and_losses_are_counted() {
        let mut rate = Rate::new();
        rate.count(br#"{"level":"ERROR"}"#);
        rate.count(br#"{"level":"WARN","event":"logloom.loss","count":7}"#);
        rate.count(br#"{"level":"INFO","message":"\"logloom.loss\""}"#);
        assert!(rate.text().ends_with("3 shown \u{b7} 1 error \u{b7} 1 warning \u{b7} lost 7"));
    }
}
