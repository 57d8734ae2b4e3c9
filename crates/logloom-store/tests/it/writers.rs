//! Damaged writer slots: nobody waits for ever, nobody's lines are lost or doubled.

use std::os::unix::fs::FileExt;
use std::path::Path;

use logloom_store::read::Order;
use logloom_store::{CommitKind, Directory, FileKey, NoSegments, Warning, WriterHandle};

use crate::child::{self, Role};
use crate::oracle;
use crate::redo::{FileRedo, FileSegments};

const WRITERS_AT: u64 = 4_202_496;

/// Overwrites both copies of a writer slot's identity (part 0) or done word (part 1).
fn damage(root: &Path, slot: u64, part: u64) {
    let path = root.join("log/.logloom/head");
    let head = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    head.write_all_at(&[0xa5; 1024], WRITERS_AT + slot * 2048 + part * 1024).unwrap();
}

fn writer(root: &Path, directory: &Directory, tag: &str) -> (WriterHandle, FileRedo) {
    let redo = FileRedo::create(child::redo_path(root, tag));
    (child::register(directory, &redo), redo)
}

fn faults(root: &Path) -> Vec<String> {
    oracle::faults(root, &child::open_reader(root))
}

#[test]
fn a_damaged_done_word_of_a_free_slot_is_mended_when_the_directory_is_opened() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    assert!(Role::new(root, "first").spawn().wait().unwrap().success());
    damage(root, 0, 1);
    let directory = child::open(root);
    let warnings = directory.warnings();
    assert_eq!(warnings, [Warning::WriterSlotsDamaged { slots: vec![0], is_mended: true }]);
    let (writer, mut redo) = writer(root, &directory, "again");
    assert_eq!((writer.slot(), writer.done().unwrap()), (0, 0));
    redo.stage(&[child::line("again", 0)]);
    redo.apply(&writer, &NoSegments);
    writer.release().unwrap();
    assert_eq!(child::open(root).warnings(), []);
    assert_eq!(faults(root), Vec::<String>::new());
}

#[test]
fn slots_damaged_since_the_directory_was_opened_are_not_taken() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let directory = child::open(root);
    let (first, _redo) = writer(root, &directory, "first");
    first.release().unwrap();
    damage(root, 0, 1);
    damage(root, 1, 0);
    let (second, mut redo) = writer(root, &directory, "second");
    assert_eq!(second.slot(), 2);
    redo.stage(&[child::line("second", 0)]);
    redo.apply(&second, &NoSegments);
    let warnings = child::open(root).warnings();
    let expected = [(0, true), (1, false)]
        .map(|(slot, is_mended)| Warning::WriterSlotsDamaged { slots: vec![slot], is_mended });
    assert_eq!(warnings, expected);
    assert_eq!(directory.writers().unwrap().len(), 1);
}

#[test]
fn a_living_writer_goes_on_after_its_slot_was_damaged() {
    for (part, batch_before) in [(0, false), (0, true), (1, false), (1, true)] {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let directory = child::open(root);
        let (writer, mut redo) = writer(root, &directory, "w");
        redo.stage(&[child::line("w", 0)]);
        if batch_before {
            redo.apply(&writer, &NoSegments);
        }
        damage(root, 0, part);
        let kind = if batch_before { CommitKind::AlreadyCommitted } else { CommitKind::Written };
        assert_eq!(redo.apply(&writer, &NoSegments).kind, kind, "{part} {batch_before}");
        redo.stage(&[child::line("w", 1)]);
        redo.apply(&writer, &NoSegments);
        assert_eq!(writer.done().unwrap(), 2);
        assert_eq!(faults(root), Vec::<String>::new());
        writer.release().unwrap();
        assert_eq!(directory.writers().unwrap(), []);
        assert_eq!(child::open(root).warnings(), []);
    }
}

#[test]
fn a_batch_whose_done_word_is_lost_is_found_in_its_file() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let directory = child::open(root);
    let (mine, mut redo) = writer(root, &directory, "w");
    redo.stage(&[child::line("w", 0)]);
    redo.apply(&mine, &NoSegments);
    let (other, mut other_redo) = writer(root, &directory, "o");
    // The file's slot now tells of the other writer's batch only.
    other_redo.stage(&[child::line("o", 0)]);
    other_redo.apply(&other, &NoSegments);
    damage(root, mine.slot().into(), 1);
    assert_eq!(redo.apply(&mine, &NoSegments).kind, CommitKind::AlreadyCommitted);
    assert_eq!(mine.done().unwrap(), 1);
    assert_eq!(faults(root), Vec::<String>::new());
}

#[test]
fn kills_with_a_damaged_slot_lose_and_double_nothing() {
    let steps = [
        "append_intent",
        "append_pending",
        "append_half",
        "append_written",
        "append_committed",
        "append_done",
        "append_unlocked",
    ];
    for step in steps {
        for other_appends in [false, true] {
            for has_segments in [false, true] {
                kill_and_damage(step, other_appends, has_segments);
            }
        }
    }
}

fn kill_and_damage(step: &str, other_appends: bool, has_segments: bool) {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let kill_at = format!("{step}:3");
    let killed = Role { kill_at: &kill_at, ..Role::new(root, "killed") };
    assert!(!killed.spawn().wait().unwrap().success());
    damage(root, 0, 1);
    let directory = child::open(root);
    let expected = Warning::WriterSlotsDamaged { slots: vec![0], is_mended: false };
    assert_eq!(directory.warnings(), [expected]);
    if other_appends {
        let segments: &dyn logloom_store::Segments =
            if has_segments { &FileSegments } else { &NoSegments };
        let (other, mut redo) = writer(root, &directory, "other");
        redo.stage(&[child::line("other", 0)]);
        redo.apply(&other, segments);
        other.release().unwrap();
    }
    child::recover(&directory, &FileSegments);
    assert_eq!(faults(root), Vec::<String>::new(), "{step} {other_appends} {has_segments}");
    assert_eq!(directory.writers().unwrap(), []);
    assert_eq!(child::open(root).warnings(), []);
}

#[test]
fn a_file_whose_writer_is_unreadable_is_settled() {
    for step in ["append_half:3", "append_written:3"] {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let killed = Role { kill_at: step, ..Role::new(root, "killed") };
        assert!(!killed.spawn().wait().unwrap().success());
        damage(root, 0, 0);
        let directory = child::open(root);
        let (other, mut redo) = writer(root, &directory, "other");
        redo.stage(&[child::line("other", 0)]);
        redo.apply(&other, &FileSegments);
        let key = FileKey { day: crate::redo::day(), split: 0 };
        directory.seal(key, &NoSegments).unwrap();
        let files = directory.snapshot(Order::OldestFirst).unwrap().files;
        // What the killed writer had in its redo log alone waits there for somebody who knows its path.
        let expected = if step == "append_half:3" { 7 } else { 10 };
        assert_eq!(files.iter().map(|file| file.lines).sum::<u64>(), expected, "{step}");
    }
}

#[test]
fn a_batch_is_found_when_its_file_slot_and_its_done_word_are_lost() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    let directory = child::open(root);
    let (writer, mut redo) = writer(root, &directory, "w");
    redo.stage(&[child::line("w", 0)]);
    redo.apply(&writer, &NoSegments);
    damage(root, 0, 1);
    let head = std::fs::OpenOptions::new().write(true).open(root.join("log/.logloom/head"));
    head.unwrap().write_all_at(&[0xa5; 1024], 8192).unwrap();
    assert_eq!(redo.apply(&writer, &NoSegments).kind, CommitKind::AlreadyCommitted);
    redo.stage(&[child::line("w", 1)]);
    redo.apply(&writer, &NoSegments);
    // The next opener registers the file again.
    child::open(root);
    assert_eq!(faults(root), Vec::<String>::new());
}

#[test]
fn a_batch_of_a_writer_registered_again_in_another_slot_is_not_written_again() {
    for step in ["append_written:1", "append_committed:1", "append_done:3", "append_committed:3"] {
        for other_appends in [false, true] {
            let root = tempfile::tempdir().unwrap();
            let root = root.path();
            let killed = Role { kill_at: step, ..Role::new(root, "killed") };
            assert!(!killed.spawn().wait().unwrap().success());
            let directory = child::open(root);
            let dead = directory.writers().unwrap().remove(0).identity;
            damage(root, 0, 0);
            if other_appends {
                let (other, mut redo) = writer(root, &directory, "other");
                redo.stage(&[child::line("other", 0)]);
                redo.apply(&other, &NoSegments);
            }
            let redo = FileRedo::open(Path::new(&dead.segment_path)).unwrap();
            let again = directory.register(dead).unwrap();
            redo.apply(&again, &FileSegments);
            assert_eq!(faults(root), Vec::<String>::new(), "{step} {other_appends}");
        }
    }
}
