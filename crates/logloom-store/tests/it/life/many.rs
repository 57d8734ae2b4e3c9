//! Directories with more files than a head is made for: thirty years of days, and ten thousand splits.

use std::os::unix::fs::FileExt;
use std::sync::atomic::Ordering;

use logloom_store::life::LifeSettings;
use logloom_store::read::Order;
use logloom_store::{Codec, Day, Directory, FileKey, NoSegments, Warning};

use super::{DAY, House, NOW, compressing, keep, read_all};
use crate::child;
use crate::redo::FileRedo;

const SLOTS_FIRST: usize = 4096;

/// The line of a file, which tells it from all others.
fn line(number: u32) -> String {
    format!("{{\"timestamp\":\"2020-01-01T00:00:00.000000Z\",\"level\":\"INFO\",\"n\":{number}}}\n")
}

/// A file for each of so many days before the tests' last one, where there is none.
fn days(house: &House, count: u32) {
    let today = Day::from_unix_ns(NOW).number();
    for back in 1..=count {
        let day = Day::from_number(today - back).unwrap();
        let path = house.path(&format!("{day}.jsonl"));
        // Writing over a file waits for the device on some file systems.
        if !path.exists() {
            std::fs::write(path, line(back)).unwrap();
        }
    }
}

fn numbers(directory: &Directory) -> Vec<u32> {
    let number = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let digits = text.rsplit("\"n\":").next().unwrap().trim_end_matches("}\n").to_owned();
        digits.parse().unwrap_or(u32::MAX)
    };
    read_all(directory).into_iter().map(|(_, bytes)| number(bytes)).collect()
}

fn append(house: &House, directory: &Directory, batch: u64) {
    let mut redo = FileRedo::create(child::redo_path(house.root.path(), "w"));
    let writer = child::register(directory, &redo);
    redo.stage(&[child::line("w", batch)]);
    redo.apply(&writer, &NoSegments);
    writer.release().unwrap();
}

#[test]
fn thirty_years_of_days_are_read_appended_to_compressed_and_deleted() {
    const YEARS: u32 = 30 * 365 + 7;
    let house = House::new();
    days(&house, YEARS);
    let directory = house.open();
    let is_found = |warning: &Warning| matches!(warning, Warning::FileRegistered { .. });
    assert!(directory.warnings().iter().all(is_found));
    let files = directory.snapshot(Order::OldestFirst).unwrap().files;
    assert_eq!(files.len(), YEARS as usize);
    assert!(files.iter().all(|file| file.lines == 1));
    append(&house, &directory, 0);
    let expected: Vec<u32> = (1..=YEARS).rev().chain([u32::MAX]).collect();
    let mut found = numbers(&house.reader());
    *found.last_mut().unwrap() = u32::MAX;
    assert_eq!(found, expected, "each file is read once, oldest first");
    // A new opener finds nothing new.
    assert!(house.open().warnings().is_empty());
    let settings = LifeSettings { retention_days: Some(29 * 365), ..LifeSettings::none() };
    let deleted = keep(&directory, &settings).deleted.len();
    assert_eq!(deleted, (YEARS - 29 * 365) as usize, "of 30 years all but 29");
    let left = directory.snapshot(Order::OldestFirst).unwrap().files.len();
    assert_eq!((left, house.names().len()), (YEARS as usize + 1 - deleted, left));
    // The places of deleted files are given to new ones before the head is made longer.
    let length = || std::fs::metadata(house.path(".logloom/head")).unwrap().len();
    let before = length();
    days(&house, YEARS - 1);
    house.open();
    assert_eq!(length(), before);
}

#[test]
fn a_file_in_a_further_place_is_sealed_compressed_and_found_when_the_head_is_lost() {
    let house = House::new();
    for split in 0..SLOTS_FIRST as u32 + 3 {
        let split = if split == 0 { String::new() } else { format!(".{split:03}") };
        std::fs::write(house.path(&format!("2026-11-20{split}.jsonl")), line(1)).unwrap();
    }
    let directory = house.open();
    append(&house, &directory, 0);
    append(&house, &directory, 50);
    directory.seal(FileKey::from_file_name("2026-11-21.jsonl").unwrap(), &NoSegments).unwrap();
    append(&house, &directory, 1);
    let last = directory.snapshot(Order::NewestFirst).unwrap().files;
    assert_eq!(last[0].key.file_name(), "2026-11-21.001.jsonl");
    assert!(last[..2].iter().all(|file| file.slot.unwrap() as usize > SLOTS_FIRST));
    house.platform.now_ns.store(NOW + 3 * DAY, Ordering::Relaxed);
    house.platform.no_device.store(true, Ordering::Relaxed);
    let before = read_all(&directory);
    let report = keep(&directory, &compressing(Codec::Gzip));
    assert_eq!(report.compressed.len(), SLOTS_FIRST + 5);
    assert_eq!(read_all(&house.reader()), before);
    std::fs::remove_file(house.path(".logloom/head")).unwrap();
    assert_eq!(read_all(&house.open()), before);
}

#[test]
fn a_head_that_was_cut_short_loses_no_line() {
    let house = House::new();
    days(&house, SLOTS_FIRST as u32 + 300);
    let directory = house.open();
    drop(directory);
    let before = read_all(&house.reader());
    let file = std::fs::OpenOptions::new().write(true).open(house.path(".logloom/head")).unwrap();
    let length = file.metadata().unwrap().len();
    for damage in 0..2 {
        match damage {
            0 => file.set_len(length - 256 * 1024 - 100).unwrap(),
            _ => file.write_all_at(&[7; 5000], length - 300 * 1024).unwrap(),
        }
        assert_eq!(read_all(&house.open()), before);
    }
}
