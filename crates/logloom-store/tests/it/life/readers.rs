//! Readers beside a writer and a housekeeper: each line once, whatever becomes of its file.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use logloom_store::life::LifeSettings;
use logloom_store::read::{Follow, Start};
use logloom_store::{Codec, NoSegments};

use super::{DAY, House, NOW, compressing, keep};
use crate::child;
use crate::redo::FileRedo;

const BATCHES: u64 = 300;
const LINES: u64 = 4;
const WAIT: Duration = Duration::from_secs(30);

/// Writes numbered lines; the day is over, so that a housekeeper closes the files all the time.
fn write(house: &House) {
    let directory = house.open();
    let mut redo = FileRedo::create(child::redo_path(house.root.path(), "w"));
    let writer = child::register(&directory, &redo);
    for batch in 0..BATCHES {
        let numbers = batch * LINES..(batch + 1) * LINES;
        let lines: Vec<String> = numbers.map(|number| child::line("w", number)).collect();
        redo.stage(&lines);
        redo.apply(&writer, &NoSegments);
    }
    writer.release().unwrap();
}

/// Follows from the start on, beginning anew at its cursor now and then; gives how often each line came.
fn read(house: &House, until: &dyn Fn(&HashMap<u64, u32>) -> bool) -> HashMap<u64, u32> {
    let directory = house.reader();
    let mut follow = Follow::new(&directory, Start::Beginning).unwrap();
    let mut seen: HashMap<u64, u32> = HashMap::new();
    let mut batches = 0;
    while !until(&seen) {
        let Some(batch) = follow.next_batch(Duration::from_millis(50)).unwrap() else { continue };
        for (_, line) in batch.lines() {
            let value: serde_json::Value = serde_json::from_slice(line).unwrap();
            *seen.entry(value["n"].as_u64().unwrap()).or_default() += 1;
        }
        batches += 1;
        if batches % 7 == 0 {
            follow = Follow::new(&directory, Start::Cursor(follow.cursor())).unwrap();
            assert_eq!(follow.resyncs(), 0);
        }
    }
    seen
}

fn run(settings: &LifeSettings, until: impl Fn(&HashMap<u64, u32>, bool) -> bool + Sync) -> u64 {
    let house = House::new();
    house.platform.now_ns.store(NOW + 3 * DAY, Ordering::Relaxed);
    house.open();
    let (is_written, is_read) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            write(&house);
            is_written.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            let directory = house.open();
            while !is_read.load(Ordering::Acquire) {
                directory.keep_house(settings, &NoSegments, &|| false).unwrap();
            }
            keep(&directory, settings);
        });
        let start = std::time::Instant::now();
        let seen = read(&house, &|seen| {
            assert!(start.elapsed() < WAIT, "{} lines after {WAIT:?}", seen.len());
            until(seen, is_written.load(Ordering::Acquire))
        });
        is_read.store(true, Ordering::Release);
        assert!(seen.values().all(|times| *times == 1), "a line came twice");
        seen.len() as u64
    })
}

#[test]
fn each_line_is_seen_once_while_its_file_is_sealed_and_compressed() {
    for codec in Codec::ALL {
        let all = |seen: &HashMap<u64, u32>, _: bool| seen.len() as u64 == BATCHES * LINES;
        assert_eq!(run(&compressing(codec), all), BATCHES * LINES);
    }
}

#[test]
fn no_line_is_seen_twice_while_files_are_deleted() {
    let settings = LifeSettings { max_total_size: Some(6000), ..compressing(Codec::Gzip) };
    // The last line stays: its file is open, or among the newest.
    let last = |seen: &HashMap<u64, u32>, is_written: bool| {
        is_written && seen.contains_key(&(BATCHES * LINES - 1))
    };
    assert!(run(&settings, last) > 0);
}
