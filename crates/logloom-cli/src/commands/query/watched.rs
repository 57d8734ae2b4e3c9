//! A query that takes its time: how far it is, and Ctrl+C.
//!
//! On a terminal the standard error shows from the first second on how far the search is, until rows are
//! printed. The first Ctrl+C (or SIGTERM) ends the search: what was found is printed, and told to be
//! incomplete. The second one ends the program.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use logloom_query::engine::{Budget, Progress};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::exit::Failure;
use crate::output::{bytes, counted};
use crate::signals;

/// What is shorter needs no words.
const QUIET_FOR: Duration = Duration::from_secs(1);
/// Between two changes of the line.
const PAUSE: Duration = Duration::from_millis(200);

/// The line that says how far a search is; none where nobody sees it.
#[derive(Clone, Default)]
pub(super) struct Watched(Option<Arc<Line>>);

struct Line {
    begun: Instant,
    /// When the line was changed last; `None` while none is shown.
    shown: Mutex<Option<Instant>>,
    is_over: AtomicBool,
}

impl Watched {
    /// Has signals end the run of this budget, and shows how far it is.
    pub(super) fn begin(budget: &mut Budget) -> Result<Watched, Failure> {
        let cancel = Arc::new(AtomicBool::new(false));
        let asked = cancel.clone();
        signals::watch(&[SIGINT, SIGTERM], move |signal| {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(128 + signal.number);
            }
        })
        .map_err(|error| Failure::system("watch for signals", error))?;
        budget.cancel = Some(cancel);
        if !io::stderr().is_terminal() {
            return Ok(Watched::default());
        }
        let line = Arc::new(Line {
            begun: Instant::now(),
            shown: Mutex::new(None),
            is_over: AtomicBool::new(false),
        });
        let told = line.clone();
        budget.progress = Some(Arc::new(move |progress: &Progress| told.tell(progress)));
        Ok(Watched(Some(line)))
    }

    /// A search begins.
    pub(super) fn start(&self) {
        if let Some(line) = &self.0 {
            line.is_over.store(false, Ordering::Relaxed);
        }
    }

    /// Takes the line away until another search begins.
    pub(super) fn end(&self) {
        if let Some(line) = &self.0
            && !line.is_over.swap(true, Ordering::Relaxed)
        {
            line.clear();
        }
    }
}

impl Line {
    fn tell(&self, progress: &Progress) {
        if self.is_over.load(Ordering::Relaxed) || self.begun.elapsed() < QUIET_FOR {
            return;
        }
        // Another thread is writing it.
        let Ok(mut shown) = self.shown.try_lock() else { return };
        let is_due = shown.is_none_or(|last| last.elapsed() >= PAUSE);
        if is_due && !self.is_over.load(Ordering::Relaxed) {
            *shown = Some(Instant::now());
            write(&format!("\r\x1b[K{}", said(progress)));
        }
    }

    fn clear(&self) {
        let mut shown = self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if shown.take().is_some() {
            write("\r\x1b[K");
        }
    }
}

fn write(text: &str) {
    // Who cannot see it misses nothing of the answer.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// How far it is, in words.
fn said(progress: &Progress) -> String {
    let Progress { done, total, lines } = *progress;
    let share = match total {
        0 => String::new(),
        _ => format!("{} % of {}, ", done.min(total).saturating_mul(100) / total, bytes(total)),
    };
    format!("searching: {share}{}; Ctrl+C ends it", counted(lines, "line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_far_a_search_is() {
        let progress = Progress { done: 300_000_000, total: 1_200_000_000, lines: 1_000_000 };
        let text = said(&progress);
        assert!(text.starts_with("searching: 25 % of "), "{text}");
        let text = said(&Progress { total: 0, ..progress });
        assert!(!text.contains('%'), "{text}");
    }
}
