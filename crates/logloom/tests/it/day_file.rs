//! What the library wrote: a log of this test binary's own, and its lines as JSON.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use logloom::Guard;
use serde_json::Value;

/// The log of this process: started once, shared by all tests of the binary.
pub(crate) struct Log {
    guard: Guard,
    dir: PathBuf,
}

/// Starts logging into a folder of its own, once.
pub(crate) fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        // Nobody drops a static: what stays behind lies in the build folder.
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
        let guard = logloom::builder()
            .without_config_file()
            .service("it")
            .dir(&dir)
            .level(logloom::Level::Trace)
            .module_level("quiet", logloom::Level::Warn)
            .mask(["internal_note"])
            .init()
            .unwrap();
        Log { guard, dir }
    })
}

impl Log {
    /// The record written from the line that contains `mark`, as JSON.
    pub(crate) fn find(&self, mark: &str) -> Value {
        let found = self.all(mark);
        assert_eq!(found.len(), 1, "records with {mark}: {found:?}");
        found.into_iter().next().unwrap()
    }

    /// All records whose line contains `mark`.
    pub(crate) fn all(&self, mark: &str) -> Vec<Value> {
        assert!(self.guard.flush().is_empty());
        lines(&self.dir)
            .iter()
            .filter(|line| line.contains(mark))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

/// The lines of all day files of a folder.
pub(crate) fn lines(dir: &Path) -> Vec<String> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    paths.sort();
    let text: String = paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    text.lines().map(str::to_owned).collect()
}
