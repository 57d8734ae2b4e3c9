//! Where writers have kept their segments, remembered apart from the catalogue: what lies there is found
//! though the catalogue is lost. In come paths of segments; out go their directories. One that cannot be
//! noted is no error: a writer starts without it.

use std::path::{Path, PathBuf};

use crate::directory::{Directory, Shared};
use crate::json;

const NAME: &str = "segments.json";
const BYTES_MAX: u64 = 1 << 20;
// The oldest ones make room.
const DIRECTORIES_MAX: usize = 64;

impl Directory {
    /// Directories in which registered writers have kept their segments, the newest last, at most 64. None
    /// where nothing readable is noted.
    pub fn segment_directories(&self) -> Vec<PathBuf> {
        self.shared.segment_directories().into_iter().map(PathBuf::from).collect()
    }
}

impl Shared {
    fn segment_directories(&self) -> Vec<String> {
        let text = self.control.read_whole(NAME, BYTES_MAX).unwrap_or_default();
        from_json(&text).unwrap_or_default()
    }

    /// Remembers where a segment lies. The catalogue lock is held.
    pub(crate) fn note_segment(&self, segment_path: &str) {
        let directory = Path::new(segment_path).parent().and_then(Path::to_str);
        let Some(directory) = directory.filter(|directory| !directory.is_empty()) else { return };
        let mut known = self.segment_directories();
        if known.iter().any(|known| known == directory) {
            return;
        }
        known.push(directory.to_owned());
        let newest = &known[known.len().saturating_sub(DIRECTORIES_MAX)..];
        let _ = self.control.replace(NAME, to_json(newest).as_bytes());
    }
}

fn to_json(directories: &[String]) -> String {
    let quoted: Vec<String> = directories.iter().map(|directory| json::quote(directory)).collect();
    format!("{{\"version\":1,\"directories\":[{}]}}\n", quoted.join(","))
}

fn from_json(text: &[u8]) -> Option<Vec<String>> {
    let members = json::members(text)?;
    let is_known = json::unsigned(&members, "version")? == 1;
    json::texts(&members, "directories").filter(|_| is_known)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::Options;
    use crate::sys::LinuxPlatform;

    #[test]
    fn directories_are_noted_once_and_the_newest_stay() {
        let root = tempfile::tempdir().unwrap();
        let open =
            || Directory::open(root.path(), Options::default(), Arc::new(LinuxPlatform)).unwrap();
        let directory = open();
        assert_eq!(directory.segment_directories(), [] as [PathBuf; 0]);
        for path in ["/a \"b\"/1.llr", "/a \"b\"/2.llr", "", "1.llr", "/c/1.llr"] {
            directory.shared.note_segment(path);
        }
        assert_eq!(open().segment_directories(), [Path::new("/a \"b\""), Path::new("/c")]);
        for number in 0..DIRECTORIES_MAX {
            directory.shared.note_segment(&format!("/{number}/1.llr"));
        }
        assert_eq!(directory.segment_directories().len(), DIRECTORIES_MAX);
        assert_eq!(directory.segment_directories()[0], Path::new("/0"));
    }

    #[test]
    fn a_document_that_is_none_is_written_anew() {
        let root = tempfile::tempdir().unwrap();
        let directory =
            Directory::open(root.path(), Options::default(), Arc::new(LinuxPlatform)).unwrap();
        for text in
            ["", "{\"version\":2,\"directories\":[]}", "{\"version\":1,\"directories\":[1]}"]
        {
            directory.shared.control.replace(NAME, text.as_bytes()).unwrap();
            assert_eq!(directory.segment_directories(), [] as [PathBuf; 0], "{text}");
            directory.shared.note_segment("/c/1.llr");
            assert_eq!(directory.segment_directories(), [Path::new("/c")], "{text}");
        }
    }
}
