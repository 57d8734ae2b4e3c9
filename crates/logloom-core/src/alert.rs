//! Trouble that a person should hear of: call-backs, and a line of each kind on the standard
//! error at most every ten seconds.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::mem::{Discriminant, discriminant};
use std::panic::{AssertUnwindSafe, catch_unwind};
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
            Self::Dropped { count } => write!(
                formatter,
                "{count} records were not kept, see event logloom.loss; `overflow: block` keeps all"
            ),
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
}

impl Alerts {
    pub(crate) fn add(&self, notify: Notify) {
        self.notify.write().unwrap_or_else(PoisonError::into_inner).push(notify);
    }

    /// Tells everybody. A call-back that panics is ignored. To be called without any lock held: a
    /// call-back may ask for whatever the library offers.
    pub(crate) fn raise(&self, alert: Alert) {
        let notify = self.notify.read().unwrap_or_else(PoisonError::into_inner).clone();
        for notify in notify {
            let _ = catch_unwind(AssertUnwindSafe(|| notify(&alert)));
        }
        self.print(&alert);
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
        let count = std::mem::take(left_out);
        let more = if count > 0 { format!(" ({count} more not shown)") } else { String::new() };
        let mut line = String::from("logloom: ");
        // A path in it was chosen by somebody else.
        push_text(&alert.to_string(), &mut line);
        // The standard error may be closed; there is nowhere else to say so.
        let _ = writeln!(std::io::stderr(), "{line}{more}");
    }
}
