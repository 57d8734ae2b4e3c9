//! What happens to the program, as records of the module `logloom.run`.
//!
//! Takes the moments of its life, hands a record over for each: start (of a life of more than a
//! second), signals, end with the resources it took, restarts. Blocks while the log cannot be written, as its lines do.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use logloom_core::emit;
use logloom_record::{Level, Record};
use logloom_ring::clock;
use signal_hook::low_level::signal_name;
use wait4::ResUse;

use super::pump::Ended;
use crate::signals::Received;

const MODULE: &str = "logloom.run";

/// A life that is not worth two records.
const SHORT_LIFE: Duration = Duration::from_secs(1);

/// Makes the records of one program.
pub(super) struct Events {
    name: String,
    command: String,
}

impl Events {
    /// For a program of this name, started by this command line.
    pub(super) fn new(name: String, command: String) -> Events {
        Events { name, command }
    }

    /// That it has started, as of now; handed over by [`announce`].
    pub(super) fn start(&self, process: u32) -> Record {
        let mut record = self.record(Level::Info, "start", format!("{} started", self.name));
        record.time_ns = Some(clock::real_time());
        record.with("pid", u64::from(process))
    }

    /// It could not be started.
    pub(super) fn refused(&self, status: u8, why: &str) {
        let record = self.record(Level::Error, "exit", why.to_owned());
        emit::record(&record.with("exit_status", u64::from(status)));
    }

    /// A signal came while it ran.
    pub(super) fn signalled(&self, process: u32, signal: Received) {
        let name = name_of(signal.number);
        let message = match (signal.is_from_process, signal.is_for_us_alone()) {
            (true, _) => format!("{name} handed on to {}", self.name),
            (false, true) => format!("{name}: the terminal hung up; handed on to {}", self.name),
            (false, false) => format!("{name} came from the terminal"),
        };
        let record = self.record(Level::Info, "signal", message);
        emit::record(&record.with("pid", u64::from(process)).with("signal", name));
    }

    pub(super) fn ended(&self, process: u32, end: &ResUse, lasted: Duration) {
        let after = format!("after {} ms", lasted.as_millis());
        let (level, message) = match (end.status.code(), end.status.signal()) {
            (Some(0), _) => (Level::Info, format!("{} ended {after}", self.name)),
            (Some(code), _) => {
                (Level::Error, format!("{} ended with status {code} {after}", self.name))
            }
            (None, signal) => {
                let signal = name_of(signal.unwrap_or(0));
                (Level::Error, format!("{} was ended by {signal} {after}", self.name))
            }
        };
        let record = self.record(level, "exit", message).with("pid", u64::from(process));
        let record = match (end.status.code(), end.status.signal()) {
            (Some(code), _) => record.with("exit_status", i64::from(code)),
            (None, signal) => record.with("signal", name_of(signal.unwrap_or(0))),
        };
        let record = record
            .with("duration_ms", milliseconds(lasted))
            .with("user_ms", milliseconds(end.rusage.utime))
            .with("system_ms", milliseconds(end.rusage.stime))
            .with("max_rss_bytes", end.rusage.maxrss);
        emit::record(&record);
    }

    /// It is started again after this pause, for the so-manieth time in a row.
    pub(super) fn restarting(&self, count: u32, pause: Duration) {
        let message = format!("{} is started again in {} ms", self.name, pause.as_millis());
        let record = self.record(Level::Warn, "restart", message);
        let record = record.with("restart", u64::from(count));
        emit::record(&record.with("pause_ms", milliseconds(pause)));
    }

    /// Whoever read what it prints is gone, so that it is not started again.
    pub(super) fn unread(&self) {
        let message = format!("{}: nobody reads the output any more", self.not_again());
        emit::record(&self.record(Level::Warn, "unread", message));
    }

    /// The words of a row of lives that ends.
    pub(super) fn not_again(&self) -> String {
        format!("{} is not started again", self.name)
    }

    /// A signal came while the next start was waited for.
    pub(super) fn stopped(&self, signal: i32) {
        let name = name_of(signal);
        let message = format!("{} after {name}", self.not_again());
        emit::record(&self.record(Level::Info, "signal", message).with("signal", name));
    }

    fn record(&self, level: Level, event: &str, message: String) -> Record {
        Record::new(level, MODULE, message)
            .with("event", format!("{MODULE}.{event}"))
            .with("command", self.command.clone())
    }
}

/// Hands the start of a program over once it has lived for a second. What ends before has one record
/// for its whole life, that of its end.
pub(super) fn announce(start: &Record, ended: &Ended) {
    if !ended.is_within(SHORT_LIFE) {
        emit::record(start);
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn name_of(signal: i32) -> String {
    signal_name(signal).map_or_else(|| format!("signal {signal}"), str::to_owned)
}
