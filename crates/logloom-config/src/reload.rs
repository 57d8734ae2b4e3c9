//! Takes a look at the configuration file whenever the caller asks, hands on new settings when the
//! file has changed and is whole and valid; refuses, all or nothing, a file with a problem, and
//! has no thread of its own.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use logloom_core::settings::{ConsoleSettings, Settings, Warning};

use crate::apply::Strictness;
use crate::file::{self, Stamp};
use crate::keys::{Change as TakesEffect, KEYS, Key};
use crate::load::{Resolved, resolve_text, unreadable};
use crate::report::Report;
use crate::show::values;
use crate::sources::Sources;

/// Watches the configuration file of a running program.
///
/// A look costs one `stat`; the file is read only when that shows a change. The environment, code
/// and command line stay as they were at the start and still go over the file.
#[derive(Debug)]
pub struct Watcher {
    sources: Sources,
    settings: Settings,
    seen: Option<Seen>,
}

/// What the last look saw.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    path: PathBuf,
    stamp: Option<Stamp>,
    content: Option<u64>,
    /// Whether a second look found the same content: a file may be written again so soon after
    /// the first look that its times do not differ.
    settled: bool,
}

/// What a look at the file gave.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// The same settings as before.
    None,
    /// New settings that are whole and valid.
    New(Box<Reloaded>),
    /// A file that cannot be used. The settings stay as they are. Said once for each state of the
    /// file.
    Refused(Report),
}

/// New settings for a running program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// What to run with from now on. Keys that need a restart keep the value they had.
    pub settings: Settings,
    /// Paths of the keys that change now.
    pub changed: Vec<String>,
    /// One for each key whose new value needs a restart, and those of the file itself.
    pub warnings: Vec<Warning>,
}

impl Watcher {
    /// Watches what `sources` lead to, for a program that runs with `settings`.
    ///
    /// The first look reads the file in any case, so that a change since the start is not missed.
    pub fn new(sources: Sources, settings: Settings) -> Watcher {
        Watcher { sources, settings, seen: None }
    }

    /// Settings as of the last look.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Looks whether the file has changed. Call it as often as a change shall be noticed; once a
    /// second is usual. Blocks as long as a `stat` or the reading of a small file does.
    pub fn poll(&mut self) -> Change {
        let path = self.sources.locate().path;
        let Some(path) = path else {
            return self.vanished();
        };
        let stamp = file::stamp(&path);
        let same = self
            .seen
            .as_ref()
            .is_some_and(|seen| seen.settled && seen.path == path && seen.stamp == stamp);
        if same { Change::None } else { self.read(path, stamp) }
    }

    /// Reads the file again even when nothing shows a change, as on SIGHUP. A file that cannot be
    /// used is refused again.
    pub fn reload(&mut self) -> Change {
        self.seen = None;
        self.poll()
    }

    /// No file, where there may have been one. The settings stay: a file that is replaced may be
    /// gone for a moment.
    fn vanished(&mut self) -> Change {
        match self.seen.take() {
            Some(seen) if seen.stamp.is_some() => {
                let message = "is gone; the settings stay as they are".to_owned();
                let report = unreadable(&seen.path.to_string_lossy(), message);
                Change::Refused(report)
            }
            _ => Change::None,
        }
    }

    fn read(&mut self, path: PathBuf, stamp: Option<Stamp>) -> Change {
        let text = file::read(&path);
        let content = Some(hash(&text));
        let before = self.seen.as_ref().filter(|seen| seen.path == path);
        let same_content = before.is_some_and(|seen| seen.content == content);
        let settled = before.is_some_and(|seen| seen.stamp == stamp) && same_content;
        self.seen = Some(Seen { path: path.clone(), stamp, content, settled });
        if same_content {
            return Change::None;
        }
        let resolved = match &text {
            Ok(text) => resolve_text(&self.sources, Strictness::Strict, Some((&path, text))),
            Err(message) => Err(unreadable(&path.to_string_lossy(), message.clone())),
        };
        match resolved {
            Ok(resolved) => self.compare(&resolved),
            Err(report) => Change::Refused(report),
        }
    }

    fn compare(&mut self, resolved: &Resolved) -> Change {
        let (before, after) = (values(&self.settings), values(&resolved.settings));
        let differs = |pair: &&(String, String)| !before.contains(pair);
        let mut changed: Vec<String> =
            after.iter().filter(differs).map(|(key, _)| key.clone()).collect();
        let gone = |key: &&String| !after.iter().any(|(known, _)| known == *key);
        changed.extend(before.iter().map(|(key, _)| key).filter(gone).cloned());
        if changed.is_empty() {
            return Change::None;
        }
        let (restart, changed): (Vec<String>, Vec<String>) =
            changed.into_iter().partition(|key| needs_restart(key));
        let mut warnings: Vec<Warning> = resolved.warnings.iter().map(Warning::from).collect();
        warnings.extend(restart.into_iter().map(|key| {
            let message = "the new value takes effect with the next start of the program";
            Warning { key, message: message.to_owned() }
        }));
        self.settings = merged(&self.settings, &resolved.settings);
        let settings = self.settings.clone();
        Change::New(Box::new(Reloaded { settings, changed, warnings }))
    }
}

/// `running` with those parts of `new` that may change while the program runs.
fn merged(running: &Settings, new: &Settings) -> Settings {
    let mut merged = running.clone();
    merged.levels = new.levels.clone();
    merged.overflow = new.overflow.clone();
    merged.batch = new.batch.clone();
    merged.mask = new.mask.clone();
    merged.truncate = new.truncate.clone();
    merged.console.clone_from(&new.console);
    // Console settings that are absent and those that are switched off are the same.
    if merged.console.is_none() && running.console.is_some() {
        merged.console = Some(ConsoleSettings { enabled: false, ..Default::default() });
    }
    merged
}

fn needs_restart(path: &str) -> bool {
    let restart = |key: &&Key| key.path == path && key.change == TakesEffect::Restart;
    KEYS.iter().any(|key| restart(&key))
}

fn hash(text: &Result<String, String>) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The clock of a file system may be so coarse that two states of a file look the same.
    #[test]
    fn a_second_write_within_one_tick_is_noticed() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("logloom.yaml");
        std::fs::write(&file, "levels: { default: WARN }").expect("written");
        let sources = Sources { file: Some(file.clone()), ..Sources::default() };
        let mut watcher = Watcher::new(sources, Settings::default());
        assert!(matches!(watcher.poll(), Change::New(_)));
        std::fs::write(&file, "levels: { default: INFO }").expect("written");
        watcher.seen.as_mut().expect("one look was taken").stamp = file::stamp(&file);
        assert!(matches!(watcher.poll(), Change::New(_)));
    }
}
