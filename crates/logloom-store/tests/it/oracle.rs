//! Counts lines from outside: what was accepted must stand in the files exactly once.

use std::collections::BTreeMap;
use std::path::Path;

use logloom_store::{Directory, read::Order};

/// Faults found in a directory; empty when all is well.
pub(crate) fn faults(root: &Path, directory: &Directory) -> Vec<String> {
    let mut faults = Vec::new();
    let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for file in directory.snapshot(Order::OldestFirst).unwrap().files {
        let is_file = file.path.symlink_metadata().is_ok_and(|metadata| metadata.is_file());
        let bytes =
            if is_file { std::fs::read(&file.path).unwrap_or_default() } else { Vec::new() };
        let Some(bytes) = bytes.get(..file.committed as usize) else {
            faults.push(format!("{} is shorter than committed", file.key));
            continue;
        };
        let mut lines = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            lines += 1;
            match serde_json::from_slice::<serde_json::Value>(line) {
                Ok(value) => found
                    .entry(value["w"].as_str().unwrap_or("?").to_owned())
                    .or_default()
                    .push(value["n"].as_u64().unwrap_or(u64::MAX)),
                Err(_) => faults.push(format!("torn line in {}", file.key)),
            }
        }
        if file.lines != lines || file.levels[2] != lines {
            faults.push(format!("{} counts {} of {lines} lines", file.key, file.lines));
        }
    }
    for (tag, numbers) in &mut found {
        numbers.sort_unstable();
        if numbers.iter().copied().ne(0..numbers.len() as u64) {
            faults.push(format!("{tag}: lost or doubled: {numbers:?}"));
        }
    }
    for entry in std::fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if let Some(tag) = name.strip_prefix("accepted-") {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let accepted = text.split_ascii_whitespace().last().map_or(0, |n| n.parse().unwrap());
            let have = found.get(tag).map_or(0, Vec::len) as u64;
            if have < accepted {
                faults.push(format!("{tag}: {have} of {accepted} accepted lines"));
            }
        }
    }
    faults
}
