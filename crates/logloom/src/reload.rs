//! A configuration file that changes while the program runs. A look each second comes in, new
//! settings go to the core, with what code says over them; a file with a problem is refused as a
//! whole, and one record says so.

use logloom_config::{Change as FileChange, Reloaded, Watcher};
use logloom_core::emit;
use logloom_core::runtime::{self, Handle};
use logloom_core::settings::Warning;
use logloom_record::{Level, Record, Value};
use logloom_ring::process;

use crate::builder::Change;
use crate::init;

/// Looks each second, on the library's own thread: one `stat` while nothing changes.
/// With `is_told`, the first look finds the file that the start has already complained about.
pub(crate) fn watch(
    handle: &Handle,
    mut watcher: Watcher,
    changes: Vec<Change>,
    mut is_told: bool,
) {
    handle.each_second(Box::new(move || {
        let hung_up = process::take_hang_up();
        match if hung_up { watcher.reload() } else { watcher.poll() } {
            FileChange::New(reloaded) => take_over(*reloaded, &changes),
            FileChange::Refused(_) if std::mem::take(&mut is_told) => {}
            FileChange::Refused(report) => {
                let problems: Vec<Warning> = report.problems.iter().map(Warning::from).collect();
                init::tell("the changed configuration is not taken over", &problems);
            }
            _ if hung_up => note_reading(Vec::new()),
            _ => is_told = false,
        }
    }));
}

/// From here on SIGHUP is for us; see [`crate::Builder::reload_on_hang_up`].
pub(crate) fn note_hang_ups() {
    if let Err(error) = process::note_hang_ups() {
        let warning =
            Warning { key: "SIGHUP".to_owned(), message: format!("is not noticed: {error}") };
        init::tell("the configuration is not read again on SIGHUP", &[warning]);
    }
}

fn take_over(reloaded: Reloaded, changes: &[Change]) {
    let Some(handle) = runtime::current() else { return };
    let mut warnings = reloaded.warnings;
    let settings = init::with_changes(reloaded.settings, changes, &mut warnings);
    for warning in handle.reconfigure(settings) {
        if !warnings.iter().any(|known| known.key == warning.key) {
            warnings.push(warning);
        }
    }
    note_reading(reloaded.changed);
    if !warnings.is_empty() {
        init::tell("not all of the changed configuration is in force", &warnings);
    }
}

/// Says that the file was read again, and which keys have changed.
fn note_reading(changed: Vec<String>) {
    let keys = changed.into_iter().map(Value::Text).collect();
    let record = Record::new(Level::Info, "logloom", "the configuration was read again")
        .with("event", "logloom.configuration")
        .with("changed", Value::Array(keys));
    emit::record(&record);
}
