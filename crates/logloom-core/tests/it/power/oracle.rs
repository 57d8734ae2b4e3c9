//! What has to be in the log after a power loss, by the bytes on the device alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::disk::day_files;
use super::life::{Life, Put, RING_BYTES, RING_TABLE};

const CONTROL_PAGE: usize = 4096;
const INTENTS: usize = 499_712;
const STAGING: usize = 1_089_536;
const STAGING_LENGTH: usize = (1024 + 320) * 1024;

/// What the device holds of the rings.
#[derive(Default)]
pub(super) struct Held {
    /// Records that wait, whole, and can be reached, or whose lines are staged.
    pub(super) numbers: BTreeSet<u64>,
    /// Whether pages of different age met in what waits.
    pub(super) is_mixed: bool,
}

fn word(image: &[u8], offset: usize) -> u64 {
    u64::from_le_bytes(image[offset..offset + 8].try_into().unwrap())
}

/// Reads the segment as the device has it.
pub(super) fn held(image: &[u8], life: &Life) -> Held {
    let mut held = Held::default();
    let rings: BTreeSet<u32> = life.puts.iter().map(|put| put.ring).collect();
    for ring in rings {
        let at = RING_TABLE as usize + ring as usize * 256;
        let (written, read) = (word(image, at), word(image, at + 64) & !(1 << 63));
        let data = word(image, at + 128);
        let waiting = |put: &&Put| {
            put.ring == ring && put.start >= read && put.start + put.bytes.len() as u64 <= written
        };
        for put in life.puts.iter().filter(waiting) {
            let start = (data + put.start % RING_BYTES) as usize;
            if image.get(start..start + put.bytes.len()) != Some(&put.bytes[..]) {
                held.is_mixed = true;
                break;
            }
            held.numbers.extend(put.number);
        }
    }
    held.numbers.extend(staged(image));
    held
}

/// Numbers in staged batches that are not applied.
fn staged(image: &[u8]) -> Vec<u64> {
    let applied = word(image, CONTROL_PAGE + 64);
    let mut numbers = Vec::new();
    for which in 0..2 {
        let intent = INTENTS + which * (32 << 10);
        let (batch, length) = (word(image, intent), word(image, intent + 16) as usize);
        let crc = word(image, intent + 24) as u32;
        let start = STAGING + which * STAGING_LENGTH;
        let is_fitting = batch & 1 == which as u64 && batch > applied && length <= STAGING_LENGTH;
        let bytes = if is_fitting { &image[start..start + length] } else { &[] };
        if !bytes.is_empty() && crc32fast::hash(bytes) == crc {
            numbers.extend(bytes.split(|byte| *byte == b'\n').filter_map(number));
        }
    }
    numbers
}

/// The number of a line, if its message fits it: a record of mixed pages has another one.
fn number(line: &[u8]) -> Option<u64> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    let number = line["number"].as_u64()?;
    (line["message"] == message(number).as_str()).then_some(number)
}

/// What record `number` says.
pub(super) fn message(number: u64) -> String {
    format!("record {number} {}", "x".repeat((number * 37 % 600) as usize))
}

/// What stands in the log: how often each number, each other message, and lines that are neither.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Log {
    pub(super) numbers: BTreeMap<u64, u32>,
    pub(super) others: BTreeMap<String, u32>,
    pub(super) strange: u32,
}

pub(super) fn log(log: &Path) -> Log {
    let mut found = Log::default();
    for path in day_files(log) {
        let bytes = std::fs::read(&path).unwrap();
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            // What the device lost of a committed line costs that line; those behind it stay.
            let Ok(value) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
            if let Some(number) = number(line) {
                *found.numbers.entry(number).or_default() += 1;
            } else if value["event"] != "logloom.loss" && value["number"].is_null() {
                let message = value["message"].as_str().unwrap_or_default().to_owned();
                *found.others.entry(message).or_default() += 1;
            } else if value["event"] != "logloom.loss" {
                found.strange += 1;
            }
        }
    }
    found
}
