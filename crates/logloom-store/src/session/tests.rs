//! Numbers as several writers take them, and files that cannot be read.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use super::*;
use crate::sys::LinuxPlatform;
use crate::{Append, Directory, Options, WriterHandle, WriterIdentity};

fn open(root: &std::path::Path) -> Directory {
    Directory::open(root, Options::default(), Arc::new(LinuxPlatform)).unwrap()
}

fn register(directory: &Directory) -> WriterHandle {
    let path = "/none/segment.llr".to_owned();
    directory.register(WriterIdentity::of_this_process(&LinuxPlatform, path, 7)).unwrap()
}

fn wanted(count: u32, batch: u64) -> NumbersWanted<'static> {
    NumbersWanted { session: b"session-1", count, batch, at_least: 0 }
}

fn file(root: &std::path::Path) -> std::path::PathBuf {
    root.join(".logloom/sessions").join(SessionKey::of(b"session-1").file_name())
}

#[test]
fn two_writers_count_together() {
    let root = tempfile::tempdir().unwrap();
    let directory = open(root.path());
    let (first, second) = (register(&directory), register(&directory));
    assert_eq!(first.reserve_numbers(&wanted(3, 1)).unwrap(), [NumberRange { from: 1, count: 3 }]);
    assert_eq!(second.reserve_numbers(&wanted(2, 1)).unwrap(), [NumberRange { from: 4, count: 2 }]);
    // The first one's batch 1 was never staged: it asks for batch 1 again.
    let again = first.reserve_numbers(&wanted(4, 1)).unwrap();
    assert_eq!(again, [NumberRange { from: 1, count: 3 }, NumberRange { from: 6, count: 1 }]);
    first.return_numbers(SessionKey::of(b"session-1"), 0).unwrap();
    let taken = second.reserve_numbers(&wanted(5, 2)).unwrap();
    assert_eq!(taken, [NumberRange { from: 1, count: 3 }, NumberRange { from: 6, count: 2 }]);
}

#[test]
fn writers_that_are_gone_make_room() {
    let root = tempfile::tempdir().unwrap();
    let directory = open(root.path());
    for next in 1..=3 * slot::SHARES_MAX as u64 {
        let writer = register(&directory);
        let taken = writer.reserve_numbers(&wanted(1, 1)).unwrap();
        assert_eq!(taken, [NumberRange { from: next, count: 1 }]);
        writer.release().unwrap();
    }
    let crowd: Vec<WriterHandle> = (0..slot::SHARES_MAX).map(|_| register(&directory)).collect();
    crowd.iter().for_each(|writer| drop(writer.reserve_numbers(&wanted(1, 1)).unwrap()));
    let refused = register(&directory).reserve_numbers(&wanted(1, 1));
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
}

#[test]
fn a_torn_copy_leaves_the_other_and_two_are_set_aside() {
    let root = tempfile::tempdir().unwrap();
    let directory = open(root.path());
    let writer = register(&directory);
    writer.reserve_numbers(&wanted(1, 1)).unwrap();
    writer.reserve_numbers(&wanted(1, 2)).unwrap();
    let mut bytes = std::fs::read(file(root.path())).unwrap();
    assert_eq!(bytes.len(), PAIR);
    bytes[COPY_BYTES + 100] ^= 1;
    std::fs::write(file(root.path()), &bytes).unwrap();
    // The newer copy is lost: the number of batch 2 is given out once more, which no kill can cause.
    assert_eq!(writer.reserve_numbers(&wanted(1, 3)).unwrap()[0].from, 2);
    std::fs::write(file(root.path()), [1; PAIR]).unwrap();
    let mut last = wanted(1, 4);
    last.at_least = 3;
    assert_eq!(writer.reserve_numbers(&last).unwrap()[0].from, 3);
    let warnings = directory.warnings();
    assert!(matches!(&warnings[..], [Warning::SessionSetAside { .. }]), "{warnings:?}");
}

#[test]
fn sessions_are_told_apart() {
    assert_ne!(SessionKey::of(b"a"), SessionKey::of(b"b"));
    // The value of FNV-1a for these bytes, so that files of other versions are found.
    assert_eq!(SessionKey::of(b"a").file_name(), "d228cb696f1a8caf78912b704e4a8964");
}
