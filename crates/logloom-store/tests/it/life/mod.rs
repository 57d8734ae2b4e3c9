//! The life of closed files: what is sealed, compressed and deleted, and that no reader notices.

mod damage;
mod edited;
mod forms;
mod index;
mod kills;
mod many;
mod open;
mod readers;
mod retention;
mod sessions;
mod tools;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use logloom_store::life::{LifeReport, LifeSettings};
use logloom_store::read::{Follow, Start};
use logloom_store::{Codec, Directory, NoSegments, Options, StoreSettings};

use crate::platform::Faulty;

/// Noon of the tests' last day.
const NOW: i64 = 1_795_262_400_000_000_000; // 2026-11-21T12:00:00Z
const DAY: i64 = 86_400_000_000_000;

/// A log directory with a clock of its own.
struct House {
    root: tempfile::TempDir,
    platform: Arc<Faulty>,
}

impl House {
    fn new() -> House {
        let platform = Arc::new(Faulty::default());
        platform.now_ns.store(NOW, Ordering::Relaxed);
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("log")).unwrap();
        House { root, platform }
    }

    /// A house with one closed file of so many lines.
    fn with_lines(name: &str, count: u64) -> (House, Vec<u8>) {
        let house = House::new();
        let text = lines(count);
        std::fs::write(house.path(name), &text).unwrap();
        (house, text)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join("log").join(name)
    }

    fn open(&self) -> Directory {
        let settings = StoreSettings { max_file_size: 4000, ..StoreSettings::default() };
        let options = Options { settings, ..Options::default() };
        Directory::open(&self.root.path().join("log"), options, self.platform.clone()).unwrap()
    }

    fn reader(&self) -> Directory {
        let path = self.root.path().join("log");
        Directory::open(&path, Options::reader(), self.platform.clone()).unwrap()
    }

    fn names(&self) -> Vec<String> {
        names(&self.root.path().join("log"))
    }
}

/// Names of files in a directory, in order.
fn names(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries
        .filter(|entry| !entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "metadata.json")
        .collect();
    names.sort();
    names
}

fn keep(directory: &Directory, settings: &LifeSettings) -> LifeReport {
    let report = directory.keep_house(settings, &NoSegments, &|| false).unwrap();
    assert!(report.is_complete && !report.is_busy);
    report
}

fn compressing(codec: Codec) -> LifeSettings {
    LifeSettings { compress_after_days: Some(0), codec, ..LifeSettings::none() }
}

/// Lines as a library writes them, about 150 bytes each.
fn lines(count: u64) -> Vec<u8> {
    (0..count).map(line).collect::<String>().into_bytes()
}

fn line(number: u64) -> String {
    let (second, micros) = (number / 1000 % 60, number % 1000);
    let level = ["INFO", "DEBUG", "WARN", "ERROR"][number as usize % 4];
    let id = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "{{\"timestamp\":\"2026-11-10T00:00:{second:02}.{micros:06}Z\",\"level\":\"{level}\",\
         \"service\":\"shop\",\"n\":{number},\"id\":\"{id:016x}\"}}\n"
    )
}

/// Everything a follower gives from the start on, by file.
fn read_all(directory: &Directory) -> Vec<(String, Vec<u8>)> {
    let mut follow = Follow::new(directory, Start::Beginning).unwrap();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    while let Some(batch) = follow.next_batch(Duration::ZERO).unwrap() {
        let name = batch.key.file_name();
        match files.iter_mut().find(|(known, _)| *known == name) {
            Some((_, bytes)) => {
                assert_eq!(bytes.len() as u64, batch.offset);
                bytes.extend_from_slice(&batch.bytes);
            }
            None => files.push((name, batch.bytes)),
        }
    }
    files.sort();
    files
}
