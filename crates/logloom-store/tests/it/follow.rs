//! Readers see every line once, whatever the writers do meanwhile.

use std::collections::HashMap;
use std::time::Duration;

use logloom_store::read::{Cursor, Follow, Start};

use crate::child::{self, Begun, Role};
use crate::redo::FileRedo;
use logloom_store::NoSegments;

const WAIT: Duration = Duration::from_secs(10);

fn count(follow: &mut Follow, seen: &mut HashMap<String, u32>, until: usize) {
    while seen.len() < until {
        let batch = follow.next_batch(WAIT).unwrap().expect("lines are missing");
        for (_, line) in batch.lines() {
            let value: serde_json::Value = serde_json::from_slice(line).unwrap();
            *seen.entry(format!("{}-{}", value["w"], value["n"])).or_default() += 1;
        }
    }
}

#[test]
fn three_writers_and_a_reader_that_restarts() {
    let root = tempfile::tempdir().unwrap();
    let directory = child::open(root.path());
    let mut follow = Follow::new(&directory, Start::Beginning).unwrap();
    let writers = ["a", "b", "c"].map(|tag| Role { batches: 200, ..Role::new(root.path(), tag) });
    let mut children = writers.each_ref().map(Role::spawn);
    let mut seen = HashMap::new();
    for part in 1..=9 {
        count(&mut follow, &mut seen, part * 200);
        directory.save_cursor("reader", &follow.cursor()).unwrap();
        let cursor = directory.load_cursor("reader").unwrap().unwrap();
        follow = Follow::new(&directory, Start::Cursor(cursor)).unwrap();
        assert_eq!(follow.resyncs(), 0);
    }
    children.iter_mut().for_each(|child| assert!(child.wait().unwrap().success()));
    assert_eq!(follow.next_batch(Duration::from_millis(60)).unwrap(), None);
    assert_eq!(seen.len(), 1800);
    assert!(seen.values().all(|times| *times == 1));
}

#[test]
fn a_reader_from_the_end_sees_only_later_lines() {
    let Begun { root: _root, directory, writer, mut redo } = Begun::with_line();
    let mut follow = Follow::new(&directory, Start::End).unwrap();
    assert_eq!(follow.next_batch(Duration::ZERO).unwrap(), None);
    redo.stage(&[child::line("w", 1)]);
    redo.apply(&writer, &NoSegments);
    let batch = follow.next_batch(WAIT).unwrap().unwrap();
    assert_eq!(batch.bytes, child::line("w", 1).as_bytes());
    assert_eq!(batch.offset, child::line("w", 0).len() as u64);
}

#[test]
fn a_cursor_saved_before_there_was_a_writer_is_found_again() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("log")).unwrap();
    let early = child::open_reader(root.path());
    let mut follow = Follow::new(&early, Start::Beginning).unwrap();
    let directory = child::open(root.path());
    let mut redo = FileRedo::create(child::redo_path(root.path(), "w"));
    let writer = child::register(&directory, &redo);
    redo.stage(&[child::line("w", 0)]);
    redo.apply(&writer, &NoSegments);
    follow.next_batch(WAIT).unwrap().unwrap();
    early.save_cursor("reader", &follow.cursor()).unwrap();
    let cursor = child::open_reader(root.path()).load_cursor("reader").unwrap();
    assert_eq!(cursor, Some(follow.cursor()));
    assert_eq!(early.load_cursor("reader").unwrap(), cursor);
    assert!(!root.path().join("log/cursors").exists());
}

#[test]
fn a_file_changed_behind_the_cursor_is_a_counted_resync() {
    let begun = Begun::with_line();
    let directory = &begun.directory;
    let mut follow = Follow::new(directory, Start::Beginning).unwrap();
    follow.next_batch(WAIT).unwrap().unwrap();
    let mut cursor: Cursor = follow.cursor();
    cursor.last.as_mut().unwrap().crc32 ^= 1;
    let mut again = Follow::new(directory, Start::Cursor(cursor)).unwrap();
    assert_eq!(again.resyncs(), 1);
    assert_eq!(again.next_batch(WAIT).unwrap().unwrap().offset, 0);
}

#[test]
fn a_copied_directory_is_read_up_to_its_last_newlines() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("2026-11-21.jsonl"), "{\"n\":1}\n{\"n\":2}\n{\"n\":").unwrap();
    std::fs::write(root.path().join("2026-11-21.001.jsonl"), "{\"n\":3}\n").unwrap();
    let directory = logloom_store::Directory::open(
        root.path(),
        logloom_store::Options::reader(),
        std::sync::Arc::new(logloom_store::sys::LinuxPlatform),
    )
    .unwrap();
    let mut follow = Follow::new(&directory, Start::Beginning).unwrap();
    let first = follow.next_batch(WAIT).unwrap().unwrap();
    let second = follow.next_batch(WAIT).unwrap().unwrap();
    assert_eq!(first.bytes, b"{\"n\":1}\n{\"n\":2}\n");
    assert_eq!(second.bytes, b"{\"n\":3}\n");
    assert_eq!(follow.next_batch(Duration::ZERO).unwrap(), None);
}
