//! How far the import is, while it lasts.
//!
//! Takes the counters of the jobs, shows a bar with rate and time left on a terminal, drawn again
//! five times a second, and a plain line every five seconds where there is none. How much there is
//! in all is counted by a thread of its own; until it is through, no share is shown.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::exit::say;
use crate::output::{bytes, counted, grouped};
use crate::terminal::{self, shortened};

const DRAWN: Duration = Duration::from_millis(200);
const TOLD: Duration = Duration::from_secs(5);

/// How much there is to read.
#[derive(Default)]
pub(super) struct Census {
    bytes: AtomicU64,
    is_through: AtomicBool,
}

impl Census {
    /// Counts the bytes of these files and of all below these directories, in the background. The
    /// standard input has no length, so that with it nothing is counted.
    pub(super) fn begin(paths: &[PathBuf]) -> Arc<Self> {
        let census = Arc::new(Self::default());
        if paths.iter().any(|path| path.as_os_str() == "-") {
            return census;
        }
        let (counting, paths) = (census.clone(), paths.to_vec());
        // Without the thread no share is shown.
        let _ = std::thread::Builder::new().name("census".to_owned()).spawn(move || {
            paths.iter().for_each(|path| counting.count(path, 0));
            counting.is_through.store(true, Ordering::Release);
        });
        census
    }

    fn count(&self, path: &std::path::Path, depth: usize) {
        const DEPTH_MAX: usize = 64;
        let found = match depth {
            0 => std::fs::metadata(path),
            _ => std::fs::symlink_metadata(path),
        };
        let Ok(found) = found else { return };
        if found.is_file() {
            self.bytes.fetch_add(found.len(), Ordering::Relaxed);
        } else if found.is_dir() && depth < DEPTH_MAX {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            let is_shown =
                |entry: &std::fs::DirEntry| !entry.file_name().as_encoded_bytes().starts_with(b".");
            entries.filter(is_shown).for_each(|entry| self.count(&entry.path(), depth + 1));
        }
    }

    fn total(&self) -> Option<u64> {
        self.is_through.load(Ordering::Acquire).then(|| self.bytes.load(Ordering::Relaxed))
    }
}

/// Shows it.
pub(super) struct Progress {
    is_on: bool,
    is_terminal: bool,
    is_drawn: bool,
    begun: Instant,
    shown: Instant,
    census: Arc<Census>,
}

impl Progress {
    pub(super) fn begin(paths: &[PathBuf], is_on: bool) -> Self {
        let now = Instant::now();
        let census = if is_on { Census::begin(paths) } else { Arc::default() };
        let is_terminal = io::stderr().is_terminal();
        Self { is_on, is_terminal, is_drawn: false, begun: now, shown: now, census }
    }

    /// Looks whether it is time to show something.
    pub(super) fn tick(&mut self, read: u64, records: u64) {
        let due = if self.is_terminal { DRAWN } else { TOLD };
        if !self.is_on || self.shown.elapsed() < due {
            return;
        }
        self.shown = Instant::now();
        let text = line(read, records, self.census.total(), self.begun.elapsed());
        if !self.is_terminal {
            return say(text);
        }
        let text = shortened(&text, terminal::width().saturating_sub(1)).into_owned();
        self.is_drawn = true;
        // A terminal that is gone shows nothing; the import goes on.
        let _ = write!(io::stderr(), "\r\u{1b}[2K{text}");
    }

    /// Takes the bar away, so that something else can be said.
    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            let _ = write!(io::stderr(), "\r\u{1b}[2K");
        }
    }

    /// How long it has lasted.
    pub(super) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// What is shown.
fn line(read: u64, records: u64, total: Option<u64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(0.001);
    let rate = read as f64 / seconds;
    let rates = format!(
        "{}/s \u{b7} {}, {}/s",
        bytes(rate as u64),
        counted(records, "record"),
        grouped((records as f64 / seconds) as u64)
    );
    let Some(total) = total.filter(|total| *total > 0) else {
        return format!("{} \u{b7} {rates}", bytes(read));
    };
    let share = (read as f64 / total as f64).min(1.0);
    let left = total.saturating_sub(read) as f64 / rate.max(1.0);
    format!(
        "{} {:3.0} % of {} \u{b7} {rates} \u{b7} {} left",
        bar(share),
        share * 100.0,
        bytes(total),
        clock(left)
    )
}

fn bar(share: f64) -> String {
    const COLUMNS: usize = 24;
    let full = (share * COLUMNS as f64).round() as usize;
    format!("[{}{}]", "=".repeat(full), " ".repeat(COLUMNS - full))
}

fn clock(seconds: f64) -> String {
    let seconds = seconds.min(360_000.0).ceil() as u64;
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_rate_and_time_left() {
        let shown = line(50_000_000, 500_000, Some(200_000_000), Duration::from_secs(2));
        assert_eq!(
            shown,
            "[======                  ]  25 % of 200.0 MB \u{b7} 25.0 MB/s \u{b7} 500,000 records, \
             250,000/s \u{b7} 0:06 left"
        );
        let shown = line(1_000, 10, None, Duration::from_secs(1));
        assert_eq!(shown, "1.0 kB \u{b7} 1.0 kB/s \u{b7} 10 records, 10/s");
        assert_eq!((clock(59.1), clock(3_661.0)), ("1:00".to_owned(), "1:01:01".to_owned()));
        assert_eq!(bar(1.0).len(), bar(0.0).len());
    }
}
