//! Root in another user's directory: what it makes there belongs to that user, who logs on.

use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use logloom_store::NoSegments;

use crate::child;
use crate::redo::FileRedo;

const USER: u32 = 65_534;

/// The owners of everything in the directory and beneath it.
fn owners(directory: &Path, found: &mut Vec<(String, u32)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let metadata = entry.metadata().unwrap();
        found.push((entry.file_name().into_string().unwrap(), metadata.uid()));
        if metadata.is_dir() {
            owners(&entry.path(), found);
        }
    }
}

#[test]
fn what_root_makes_belongs_to_the_owner_of_the_directory() {
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("log");
    std::fs::create_dir(&log).unwrap();
    if chown(&log, Some(USER), Some(USER)).is_err() {
        eprintln!("skipped: only root can give a directory to another user");
        return;
    }
    let directory = child::open(root.path());
    let mut redo = FileRedo::create(child::redo_path(root.path(), "root"));
    let writer = child::register(&directory, &redo);
    redo.stage(&[child::line("root", 0)]);
    redo.apply(&writer, &NoSegments);
    writer.release().unwrap();
    directory.write_metadata().unwrap();
    let mut found = Vec::new();
    owners(&log, &mut found);
    assert!(found.iter().any(|(name, _)| name.ends_with(".jsonl")), "{found:?}");
    assert!(found.iter().all(|(_, owner)| *owner == USER), "{found:?}");
}
