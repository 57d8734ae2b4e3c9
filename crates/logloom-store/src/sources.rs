//! Durable positions in the files of other programs. In come positions reached; out goes
//! `.logloom/sources.json`, replaced atomically under the catalogue lock, so that several processes keep
//! theirs side by side. A document that cannot be read is set aside and begun anew.

use std::collections::HashMap;
use std::io;

use crate::directory::Directory;
use crate::error::StoreError;
use crate::head::lock::{Region, acquire};
use crate::head::open_aside;
use crate::json;
use crate::options::{Access, Warning};
use crate::sys::is_not_regular;

const NAME: &str = "sources.json";
const BYTES_MAX: u64 = 64 << 20;
// About 100,000 source files. Those of which nothing was read for longest make room: most were rotated away.
const KEPT_BYTES_MAX: usize = 16 << 20;

/// How far one source file was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourcePosition {
    /// Device number of the source file.
    pub device: u64,
    /// Inode number of the source file.
    pub inode: u64,
    /// Checksum of the beginning of the source file, as its reader computes it: tells a file from a later one
    /// with the same inode.
    pub fingerprint: u64,
    /// Where it was last seen; empty leaves what is noted of it as it is.
    pub path: String,
    /// Bytes of it that stand in the log.
    pub position: u64,
}

impl SourcePosition {
    /// What tells one source file from another.
    fn identity(&self) -> (u64, u64, u64) {
        (self.device, self.inode, self.fingerprint)
    }

    fn to_json(&self) -> String {
        format!(
            "{{\"device\":{},\"inode\":{},\"fingerprint\":{},\"path\":{},\"position\":{}}}",
            self.device,
            self.inode,
            self.fingerprint,
            json::quote(&self.path),
            self.position
        )
    }
}

/// All noted positions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    /// One entry for each source file.
    pub positions: Vec<SourcePosition>,
}

impl Sources {
    /// Sets the positions of some source files, replacing earlier ones of the same files. They are the
    /// newest then, and stand last.
    pub fn merge(&mut self, changed: &[SourcePosition]) {
        let mut latest: HashMap<_, _> =
            changed.iter().map(|position| (position.identity(), position)).collect();
        let mut paths = HashMap::new();
        self.positions.retain_mut(|known| {
            let is_kept = !latest.contains_key(&known.identity());
            if !is_kept {
                paths.insert(known.identity(), std::mem::take(&mut known.path));
            }
            is_kept
        });
        let newest = changed.iter().filter_map(|position| latest.remove(&position.identity()));
        self.positions.extend(newest.cloned().map(|mut position| {
            // Memory shared with others has no room for paths.
            if position.path.is_empty() {
                position.path = paths.remove(&position.identity()).unwrap_or_default();
            }
            position
        }));
    }

    /// The document, without the oldest positions beyond `bytes_max`.
    fn to_json(&self, bytes_max: usize) -> String {
        let mut room = bytes_max;
        let fits = |entry: &String| {
            let rest = room.checked_sub(entry.len() + 2);
            room = rest.unwrap_or(room);
            rest.is_some()
        };
        let mut kept: Vec<String> =
            self.positions.iter().rev().map(SourcePosition::to_json).take_while(fits).collect();
        kept.reverse();
        format!("{{\"version\":1,\"sources\":[\n{}\n]}}\n", kept.join(",\n"))
    }

    fn from_json(text: &[u8]) -> Option<Sources> {
        let members = json::members(text)?;
        if json::unsigned(&members, "version")? != 1 {
            return None;
        }
        let sources = json::objects(&members, "sources")?;
        Some(Sources { positions: sources.iter().map(source_position).collect::<Option<_>>()? })
    }
}

/// What stands in `sources.json`.
enum Document {
    Good(Sources),
    /// Too large, no such document, or no regular file.
    Bad,
}

fn source_position(members: &json::Members<'_>) -> Option<SourcePosition> {
    Some(SourcePosition {
        device: json::unsigned(members, "device")?,
        inode: json::unsigned(members, "inode")?,
        fingerprint: json::unsigned(members, "fingerprint")?,
        path: json::text(members, "path")?,
        position: json::unsigned(members, "position")?,
    })
}

impl Directory {
    /// The noted positions; none when there is no readable document. One that cannot be read is set
    /// aside (when the directory is open for appending) and told as [`Warning::SourcesSetAside`].
    ///
    /// # Errors
    /// The file is there and the system refuses to read it, or the catalogue is busy when a document is
    /// to be set aside.
    pub fn load_sources(&self) -> Result<Sources, StoreError> {
        match self.read_sources()? {
            Document::Good(sources) => Ok(sources),
            Document::Bad if self.shared.options.access == Access::Read => Ok(Sources::default()),
            Document::Bad => {
                let head = self.shared.head()?;
                let _catalogue = acquire(&head, Region::Catalogue, self.shared.deadline())?;
                self.good_sources()
            }
        }
    }

    /// Merges `changed` into the noted positions: others' entries stay, except that beyond 16 MiB the oldest
    /// are given up.
    ///
    /// # Errors
    /// The catalogue is busy, or the file cannot be written.
    pub fn save_sources(&self, changed: &[SourcePosition]) -> Result<(), StoreError> {
        let head = self.shared.head()?;
        let _catalogue = acquire(&head, Region::Catalogue, self.shared.deadline())?;
        let mut sources = self.good_sources()?;
        sources.merge(changed);
        self.shared
            .control
            .replace(NAME, sources.to_json(KEPT_BYTES_MAX).as_bytes())
            .map_err(StoreError::io(format!("write .logloom/{NAME}")))
    }

    /// The noted positions, begun anew when they cannot be read. The catalogue lock is held.
    fn good_sources(&self) -> Result<Sources, StoreError> {
        match self.read_sources()? {
            Document::Good(sources) => Ok(sources),
            Document::Bad => self.set_sources_aside(),
        }
    }

    fn read_sources(&self) -> Result<Document, StoreError> {
        match self.shared.control.read_whole(NAME, BYTES_MAX) {
            Ok(text) => Ok(Sources::from_json(&text).map_or(Document::Bad, Document::Good)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(Document::Good(Sources::default()))
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData || is_not_regular(&error) => {
                Ok(Document::Bad)
            }
            Err(error) => Err(StoreError::io(format!("read .logloom/{NAME}"))(error)),
        }
    }

    fn set_sources_aside(&self) -> Result<Sources, StoreError> {
        let control = &self.shared.control;
        let aside = open_aside(control)?;
        let name = format!("{NAME}.{}", self.shared.platform.realtime_ns());
        self.shared
            .platform
            .rename_new((control.handle(), NAME), (aside.handle(), &name))
            .map_err(StoreError::io(format!("set the damaged .logloom/{NAME} aside")))?;
        self.shared.warn(Warning::SourcesSetAside { name });
        Ok(Sources::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_round_trip_and_merge() {
        let first = SourcePosition {
            device: 1,
            inode: 2,
            fingerprint: u64::MAX,
            path: "/var/log/a \"b\"\\\n\u{1}\u{e9}".to_owned(),
            position: 10,
        };
        let mut sources = Sources::default();
        sources.merge(std::slice::from_ref(&first));
        let further = SourcePosition { position: 20, ..first.clone() };
        let other = SourcePosition { inode: 3, ..first };
        sources.merge(std::slice::from_ref(&other));
        sources.merge(&[SourcePosition { position: 15, ..further.clone() }, further.clone()]);
        assert_eq!(sources.positions, [other, further.clone()]);
        let read = |bytes_max| Sources::from_json(sources.to_json(bytes_max).as_bytes());
        assert_eq!(read(KEPT_BYTES_MAX).as_ref(), Some(&sources));
        let newest = Sources { positions: vec![further] };
        assert_eq!(read(200), Some(newest));
        assert_eq!(read(100), Some(Sources::default()));
    }
}
