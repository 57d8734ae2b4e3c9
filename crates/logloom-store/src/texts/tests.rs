//! Texts are kept once, within their room, and given back as they were or not at all.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::*;
use crate::Options;
use crate::sys::LinuxPlatform;

const ROOM: u64 = 1 << 30;

fn open(root: &Path) -> Directory {
    Directory::open(root, Options::default(), Arc::new(LinuxPlatform)).unwrap()
}

fn keep(directory: &Directory, text: &[u8]) -> TextId {
    let id = TextId::of(text);
    directory.shared.keep_text(&id, text, ROOM).unwrap();
    id
}

fn path(root: &Path, id: &TextId) -> PathBuf {
    root.join(".logloom/full").join(id.part()).join(id.file_name())
}

fn make_old(path: &Path, hours: u64) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
}

#[test]
fn a_text_is_kept_once_and_read_by_any_tool() {
    let root = tempfile::tempdir().unwrap();
    let directory = open(root.path());
    assert_eq!(directory.full_text(&TextId::of(b"none")).unwrap(), None);
    let text = "a line\n".repeat(10_000);
    let id = keep(&directory, text.as_bytes());
    assert_eq!(keep(&directory, text.as_bytes()), id);
    assert_eq!(directory.full_text(&id).unwrap().unwrap(), text.as_bytes());
    let folder = path(root.path(), &id).parent().unwrap().to_owned();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
    assert_eq!(TextId::parse(&id.to_string()), Some(id));
    assert_eq!(directory.full_texts(&id.to_string()[..8]).unwrap(), [id]);
    assert_eq!(directory.full_texts("zz").unwrap(), []);
    assert_eq!(TextId::parse(&"A".repeat(64)), None);
    let output = std::process::Command::new("gzip").arg("-dc").arg(path(root.path(), &id)).output();
    if let Ok(output) = output {
        assert_eq!(output.stdout, text.as_bytes());
    }
}

#[test]
fn damage_is_told_and_an_empty_file_is_written_again() {
    let root = tempfile::tempdir().unwrap();
    let directory = open(root.path());
    let (id, other) = (keep(&directory, b"one text"), keep(&directory, b"another text"));
    std::fs::copy(path(root.path(), &other), path(root.path(), &id)).unwrap();
    let error = directory.full_text(&id).unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    std::fs::write(path(root.path(), &id), "no gzip").unwrap();
    assert!(directory.full_text(&id).is_err());
    std::fs::write(path(root.path(), &id), "").unwrap();
    keep(&directory, b"one text");
    assert_eq!(directory.full_text(&id).unwrap().unwrap(), b"one text");
    std::fs::remove_file(path(root.path(), &other)).unwrap();
    std::fs::create_dir(path(root.path(), &other)).unwrap();
    assert_eq!(directory.full_text(&other).unwrap(), None);
    assert!(directory.shared.keep_text(&other, b"another text", ROOM).is_err());
}

#[test]
fn what_is_needed_again_stays_longest_and_what_is_none_is_not_touched() {
    let root = tempfile::tempdir().unwrap();
    let directory = open(root.path());
    let (old, needed) = (keep(&directory, b"old"), keep(&directory, b"needed"));
    for id in [&old, &needed] {
        make_old(&path(root.path(), id), 48);
    }
    let folder = path(root.path(), &old).parent().unwrap().to_owned();
    for name in ["notes.txt", "x.gz", &format!("{old}.gz.tmp-1"), &format!("{old}.gz.tmp-2")] {
        std::fs::write(folder.join(name), "mine").unwrap();
    }
    make_old(&folder.join(format!("{old}.gz.tmp-1")), 48);
    keep(&directory, b"needed");
    let yesterday = directory.shared.platform.realtime_ns() - 24 * TOUCH_AFTER_NS;
    assert_eq!(directory.shared.delete_texts(yesterday, &|| true).unwrap(), 0, "it is ending");
    assert_eq!(directory.shared.delete_texts(yesterday, &|| false).unwrap(), 1);
    assert_eq!(directory.full_text(&old).unwrap(), None);
    assert!(directory.full_text(&needed).unwrap().is_some());
    let mut left: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    let expected = [format!("{old}.gz.tmp-2"), "notes.txt".to_owned(), "x.gz".to_owned()];
    assert!(expected.iter().all(|name| left.iter().any(|found| found == name.as_str())));
    assert_eq!(left.len() - expected.len(), usize::from(old.part() == needed.part()));
}

#[test]
fn the_room_is_kept_to_and_the_oldest_texts_go() {
    let root = tempfile::tempdir().unwrap();
    let directory = open(root.path());
    // Texts of one folder that nothing shortens, with a share of eight of them.
    let noise = |number: u64| {
        let mut state = number;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        };
        (0..7000).map(|_| byte()).collect::<Vec<u8>>()
    };
    let texts: Vec<Vec<u8>> =
        (0..).map(noise).filter(|text| TextId::of(text).part() == "00").take(60).collect();
    let ids: Vec<TextId> = texts.iter().map(|text| TextId::of(text)).collect();
    for (hours, (text, id)) in texts.iter().zip(&ids).enumerate() {
        directory.shared.keep_text(id, text, 256 * 8 * 8192).unwrap();
        make_old(&path(root.path(), id), 1000 - hours as u64);
    }
    let left: Vec<&TextId> = ids.iter().filter(|id| path(root.path(), id).exists()).collect();
    assert_eq!(left, ids[60 - 8..].iter().collect::<Vec<_>>(), "the newest eight");
    let error = directory.shared.keep_text(&TextId::of(b"a"), b"a", 256 * 100).unwrap_err();
    assert!(error.to_string().contains("full_max_size"), "{error}");
}
