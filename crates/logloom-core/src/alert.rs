//! Trouble that a person should hear of: call-backs, and a line of each kind on the standard
//! error at most every ten seconds. Numbers of records that were not kept are added up meanwhile;
//! the end of the runtime prints what no line has told yet.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::mem::{Discriminant, discriminant};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::terminal::push_text;

/// What has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Alert {
    /// The log cannot be appended to; it is tried again, nothing is lost yet.
    WriteFailed {
        /// The error with its remedy.
        text: String,
    },
    /// The log can be appended to again.
    WriteRecovered,
    /// Another directory of the list, or the standard error, takes the lines from here on.
    Switched {
        /// Where they go.
        to: String,
    },
    /// The writer has panicked and was started again.
    Restarted,
    /// The writer's thread could not be started: callers write themselves when rings are full.
    NoThread {
        /// The system's error.
        text: String,
    },
    /// Records were not kept: the policy of a full ring, or a fault. The log says which.
    Dropped {
        /// How many since the last such alert.
        count: u64,
    },
    /// A setting was wrong; the default is used.
    Setting {
        /// Which, and what is used.
        text: String,
    },
    /// Something in the log directory was found damaged and dealt with.
    Store {
        /// What was found.
        text: String,
    },
}

impl fmt::Display for Alert {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WriteFailed { text } => write!(formatter, "{text}; records wait in memory"),
            Self::WriteRecovered => formatter.write_str("the log is written again"),
            Self::Switched { to } => write!(formatter, "records go to {to} from here on"),
            Self::Restarted => formatter.write_str("the writer was started again after a panic"),
            Self::NoThread { text } => {
                write!(formatter, "the writer's thread could not be started: {text}")
            }
            Self::Dropped { count } => {
                let were = if *count == 1 { "record was" } else { "records were" };
                write!(
                    formatter,
                    "{count} {were} not kept, see event logloom.loss; `overflow: block` keeps all"
                )
            }
            Self::Setting { text } | Self::Store { text } => formatter.write_str(text),
        }
    }
}

type Notify = Arc<dyn Fn(&Alert) + Send + Sync>;

/// Between two lines on the standard error.
const INTERVAL: Duration = Duration::from_secs(10);

/// When a line of a kind was last printed, and how many have been left out since.
type Printed = (Option<Instant>, u64);

/// Who is told.
#[derive(Default)]
pub(crate) struct Alerts {
    notify: RwLock<Vec<Notify>>,
    printed: Mutex<HashMap<Discriminant<Alert>, Printed>>,
    /// Records not kept that call-backs were told of.
    told_drops: AtomicU64,
    /// Those of them that no line has told.
    unprinted_drops: AtomicU64,
}

impl Alerts {
    pub(crate) fn add(&self, notify: Notify) {
        self.notify.write().unwrap_or_else(PoisonError::into_inner).push(notify);
    }

    /// Tells everybody. A call-back that panics is ignored. To be called without any lock held: a
    /// call-back may ask for whatever the library offers.
    pub(crate) fn raise(&self, alert: Alert) {
        self.call_back(&alert);
        self.print(&alert);
    }

    /// Tells how many records were not kept since it was last told. `total` counts them from the
    /// start of the runtime.
    pub(crate) fn tell_drops(&self, total: u64) {
        let count = self.note_drops(total);
        if count > 0 {
            self.raise(Alert::Dropped { count });
        }
    }

    /// The same at the end of the runtime: when not all of `total` was printed, one last line tells
    /// it, however short the time since the line before.
    pub(crate) fn tell_last_drops(&self, total: u64) {
        let count = self.note_drops(total);
        if count > 0 {
            self.call_back(&Alert::Dropped { count });
        }
        let unprinted = self.unprinted_drops.swap(0, Ordering::Relaxed);
        if unprinted > 0 {
            let in_all = if unprinted < total { "in all, " } else { "" };
            print_line(&format!("{in_all}{}", Alert::Dropped { count: total }));
        }
    }

    /// How many of `total` are new.
    fn note_drops(&self, total: u64) -> u64 {
        let told = self.told_drops.fetch_max(total, Ordering::Relaxed);
        let count = total.saturating_sub(told);
        self.unprinted_drops.fetch_add(count, Ordering::Relaxed);
        count
    }

    fn call_back(&self, alert: &Alert) {
        let notify = self.notify.read().unwrap_or_else(PoisonError::into_inner).clone();
        for notify in notify {
            let _ = catch_unwind(AssertUnwindSafe(|| notify(alert)));
        }
    }

    /// One line, unless one of the same kind was printed just before.
    fn print(&self, alert: &Alert) {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, left_out) = printed.entry(discriminant(alert)).or_insert((None, 0));
        if last.is_some_and(|last| last.elapsed() < INTERVAL) {
            *left_out += 1;
            return;
        }
        *last = Some(Instant::now());
        let more = std::mem::take(left_out);
        match alert {
            Alert::Dropped { .. } => {
                let count = self.unprinted_drops.swap(0, Ordering::Relaxed);
                print_line(&Alert::Dropped { count }.to_string());
            }
            other if more > 0 => print_line(&format!("{other} ({more} more not shown)")),
            other => print_line(&other.to_string()),
        }
    }
}

fn print_line(text: &str) {
    let mut line = String::from("logloom: ");
    // A path in it was chosen by somebody else.
    push_text(text, &mut line);
    // The standard error may be closed; there is nowhere else to say so.
    let _ = writeln!(std::io::stderr(), "{line}");
}
