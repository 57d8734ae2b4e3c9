//! How far each source is in the log, and what is saved of it.
//!
//! Takes the positions that earlier runs left, gives them as known sources; takes the positions that
//! the log has reached, and saves those that changed. Numbers of sources in the segment are given
//! here too; their table and their descriptions are bounded, so that paths are kept here alone.

use std::collections::HashMap;
use std::path::PathBuf;

use logloom_core::sources;
use logloom_intake::{KnownSource, SourceIdentity};
use logloom_record::wire::dictionary::Source;
use logloom_ring::front;
use logloom_store::{Directory, SourcePosition};

use super::paths::Paths;
use super::tell_warnings;
use crate::exit::{Failure, say};

/// Device, inode and fingerprint.
pub(super) type Key = (u64, u64, u64);

fn key_of(position: &SourcePosition) -> Key {
    (position.device, position.inode, position.fingerprint)
}

/// All positions.
pub(super) struct Positions {
    known: Vec<SourcePosition>,
    paths: HashMap<Key, String>,
    notes: Paths,
    saved: HashMap<Key, u64>,
    problem: Option<String>,
}

impl Positions {
    /// Those that earlier runs have saved, for the process whose list of followed files has this name.
    pub(super) fn load(directory: &Directory, list: &str) -> Result<Self, Failure> {
        let saved = directory.load_sources().map_err(|error| Failure::System(error.to_string()));
        tell_warnings(directory);
        let mut known = saved?.positions;
        let noted = Paths::read(directory.path());
        let mut named = Vec::new();
        for position in known.iter_mut().filter(|position| position.path.is_empty()) {
            if let Some(path) = noted.get(&key_of(position)) {
                position.path.clone_from(path);
                named.push(position.clone());
            }
        }
        if !named.is_empty() {
            let saved = directory.save_sources(&named);
            saved.map_err(|error| Failure::System(error.to_string()))?;
        }
        let notes = Paths::begin(directory.path(), list)
            .map_err(|error| Failure::system("note where files are", error))?;
        let (paths, saved) = (HashMap::new(), HashMap::new());
        Ok(Self { known, paths, notes, saved, problem: None })
    }

    /// The known files.
    pub(super) fn known(&self) -> Vec<KnownSource> {
        let known = self.known.iter().map(|saved| KnownSource {
            identity: SourceIdentity {
                device: saved.device,
                inode: saved.inode,
                fingerprint: saved.fingerprint,
            },
            path: PathBuf::from(&saved.path),
            position: saved.position,
        });
        known.collect()
    }

    /// How far a source that is no file is known to be in the log.
    pub(super) fn position(&self, identity: SourceIdentity) -> Option<u64> {
        let SourceIdentity { device, inode, fingerprint } = identity;
        let found = self.known.iter().find(|saved| key_of(saved) == (device, inode, fingerprint));
        found.map(|saved| saved.position)
    }

    /// The number of a source in the segment; `None` when there are too many.
    pub(super) fn number(&mut self, identity: SourceIdentity, path: &str) -> Option<u32> {
        let SourceIdentity { device, inode, fingerprint } = identity;
        let key = (device, inode, fingerprint);
        self.paths.insert(key, path.to_owned());
        if let Err(error) = self.notes.note(key, path) {
            // Only a copy of the file could be read twice, and only after a kill before the next save.
            self.tell(&error.to_string());
        }
        number(identity)
    }

    /// Saves the positions that the log has reached, where they have changed.
    pub(super) fn save(&mut self, directory: &Directory) {
        let Some(front) = front::current() else { return };
        let mut reached = sources::of(&front.segment);
        reached.retain(|reached| self.saved.get(&key_of(reached)) != Some(&reached.position));
        if reached.is_empty() {
            return;
        }
        for position in &mut reached {
            if let Some(path) = self.paths.get(&key_of(position)) {
                position.path.clone_from(path);
            }
        }
        match directory.save_sources(&reached) {
            Ok(()) => {
                self.saved.extend(reached.iter().map(|saved| (key_of(saved), saved.position)));
                self.problem = None;
            }
            // Tried again with the next lines; a kill in the meantime costs nothing.
            Err(error) => self.tell(&error.to_string()),
        }
        tell_warnings(directory);
    }

    /// Saves where reading begins in files whose history is left out. Without it a file that no line
    /// came of would begin at its end again in another life, whatever was written in between.
    pub(super) fn save_beginnings(&mut self, begun: &[KnownSource], directory: &Directory) {
        if begun.is_empty() {
            return;
        }
        let position = |source: &KnownSource| SourcePosition {
            device: source.identity.device,
            inode: source.identity.inode,
            fingerprint: source.identity.fingerprint,
            path: source.path.display().to_string(),
            position: source.position,
        };
        let begun: Vec<SourcePosition> = begun.iter().map(position).collect();
        if let Err(error) = directory.save_sources(&begun) {
            self.tell(&error.to_string());
        }
    }

    fn tell(&mut self, text: &str) {
        if self.problem.as_deref() != Some(text) {
            say(format_args!("positions are not saved yet: {text}"));
            self.problem = Some(text.to_owned());
        }
    }
}

/// The number of a source in the segment. Its path is left out: the room for descriptions is small,
/// and the path is saved from here.
pub(super) fn number(identity: SourceIdentity) -> Option<u32> {
    let SourceIdentity { device, inode, fingerprint } = identity;
    sources::add(&Source { device, inode, fingerprint, path: String::new() })
}
