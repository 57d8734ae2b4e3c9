//! Who writes to the directory: the living, the dead that wait for recovery, those who hold a lock
//! and do not let go, those whose writer does not run.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use logloom_core::recovery::Memory;
use logloom_ring::memory::SharedMemory;
use logloom_ring::{Segment, clock};
use logloom_store::{Directory, WriterView, short_lock};

use super::{Finding, waiting};
use crate::output;

/// Time between two looks at the locks: who holds the same one both times holds it long.
const LOOKS_APART: Duration = Duration::from_millis(300);

/// Age of a heartbeat beyond which a writer does not run, in milliseconds.
const HEARTBEAT_MS: u64 = 10_000;

pub(super) fn examine(directory: &Directory, findings: &mut Vec<Finding>) {
    let writers = match directory.writers() {
        Ok(writers) => writers,
        Err(error) => {
            let remedy = "any program that logs there mends it at its next start";
            findings.push(Finding::fails("writers", error.to_string(), remedy));
            return;
        }
    };
    let (dead, living): (Vec<_>, Vec<_>) = writers.iter().partition(|writer| writer.life.is_dead());
    findings.push(Finding::fine("writers", format!("{} living", living.len())));
    findings.extend(dead_ones(&dead, directory));
    findings.extend(living.iter().filter_map(|writer| asleep(writer)));
    findings.extend(stuck(&directory.path().join(".logloom/head")));
}

/// The dead whose records wait, and those for whose memory nobody can do anything any more.
fn dead_ones(dead: &[&WriterView], directory: &Directory) -> Vec<Finding> {
    let look = |writer: &&WriterView| Memory::of(&writer.identity);
    let (waiting, lost): (Vec<_>, Vec<_>) =
        dead.iter().map(|writer| (*writer, look(writer))).partition(|(_, m)| m.is_recoverable());
    let mut findings = Vec::new();
    if !waiting.is_empty() {
        let pids: Vec<String> =
            waiting.iter().take(8).map(|(writer, _)| writer.identity.pid.to_string()).collect();
        let verb = if waiting.len() == 1 { "waits" } else { "wait" };
        let programs = output::counted(waiting.len() as u64, "dead program");
        findings.push(Finding::warning(
            "writers",
            format!("{programs} {verb} for recovery (process {})", pids.join(", ")),
            format!("logloom recover --dir {}", directory.path().display()),
        ));
    }
    findings.extend(lost.iter().map(|(writer, memory)| beyond_help(writer, memory)));
    findings
}

fn beyond_help(writer: &WriterView, memory: &Memory) -> Finding {
    let identity = &writer.identity;
    let remedy = match memory {
        Memory::Deleted => {
            "nothing to do: a loss record follows after the next start of the machine".into()
        }
        _ => format!("to give up what it held: rm {}", identity.segment_path),
    };
    Finding::warning("writers", memory.problem(identity), remedy)
}

/// A living process whose writer does not run though records wait.
fn asleep(writer: &WriterView) -> Option<Finding> {
    let path = Path::new(&writer.identity.segment_path);
    let segment = Segment::open(&SharedMemory, path).ok()?;
    let last = segment.heartbeat().load(Ordering::Relaxed).cast_signed();
    let age_ms = clock::real_time().saturating_sub(last).max(0).unsigned_abs() / 1_000_000;
    let waiting = waiting(&segment);
    (age_ms > HEARTBEAT_MS && waiting > 0).then(|| {
        let pid = writer.identity.pid;
        Finding::warning(
            "writers",
            format!(
                "process {pid} ({}) has not written for {} s though {waiting} bytes wait",
                state(pid),
                age_ms / 1_000
            ),
            format!("continue it (kill -CONT {pid}), or look for a full or slow disk"),
        )
    })
}

/// Those who hold the catalogue or a file for longer than any work takes.
fn stuck(head: &Path) -> Vec<Finding> {
    let before = holders(head);
    if before.is_empty() {
        return Vec::new();
    }
    std::thread::sleep(LOOKS_APART);
    let after = holders(head);
    let held = before.into_iter().filter(|(lock, pid)| after.get(lock) == Some(pid));
    held.map(|(lock, pid)| {
        let what = short_lock(lock).unwrap_or("a lock");
        Finding::warning(
            "locks",
            format!("process {pid} ({}) holds {what} and does not let go", state(pid)),
            format!("others go on without it; continue it (kill -CONT {pid}) or end it"),
        )
    })
    .collect()
}

/// Which process holds which of the short locks now. Processes of others may hide theirs.
fn holders(head: &Path) -> BTreeMap<u64, u32> {
    let mut found = BTreeMap::new();
    let Ok(head) = fs::metadata(head) else { return found };
    let inode = head.ino().to_string();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        for info in fs::read_dir(entry.path().join("fdinfo")).into_iter().flatten().flatten() {
            let text = fs::read_to_string(info.path()).unwrap_or_default();
            let locks = text.lines().filter_map(|line| lock_start(line, &inode));
            found.extend(
                locks.filter(|start| short_lock(*start).is_some()).map(|start| (start, pid)),
            );
        }
    }
    found
}

/// Where a lock of this inode begins: `lock:  1: OFDLCK  ADVISORY  WRITE -1 08:01:99 10 10`.
fn lock_start(line: &str, inode: &str) -> Option<u64> {
    let words: Vec<&str> = line.strip_prefix("lock:")?.split_whitespace().collect();
    let place = words.get(5)?;
    (place.rsplit(':').next() == Some(inode)).then(|| words.get(6)?.parse().ok()).flatten()
}

/// What a process is doing, as the system tells it.
fn state(pid: u32) -> String {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let state = text.lines().find_map(|line| line.strip_prefix("State:"));
    state.map_or_else(|| "gone".to_owned(), |state| state.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_read_as_the_system_shows_them() {
        let line = "lock:\t1: OFDLCK  ADVISORY  WRITE -1 00:1d:99 1099511627777 1099511627777";
        assert_eq!(lock_start(line, "99").and_then(short_lock), Some("a day file"));
        assert_eq!(lock_start(line, "9"), None);
        assert_eq!(lock_start("pos:\t0", "99"), None);
    }
}
