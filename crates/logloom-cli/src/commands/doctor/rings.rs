//! Where records wait in memory: which directory, on which file system, what outlives what. And
//! the clock that gives them their times.

use std::path::{Path, PathBuf};

use logloom_core::settings::{RingDir, Settings};
use logloom_ring::clock::ClockKind;
use logloom_ring::segment::directory::{
    RingDirectory, candidates, in_container, is_memory, is_mount,
};
use rustix::fs::{Access, access, statvfs};

use super::Finding;

/// Free memory that a process with many threads may want, in bytes: 64 MiB.
const SEGMENT_BYTES: u64 = 64 << 20;

pub(super) fn clock() -> Finding {
    match ClockKind::detect() {
        ClockKind::Cycles => Finding::fine("clock", "the processor's own counter"),
        ClockKind::RealTime => Finding::warning(
            "clock",
            "the system's clock: each record costs some 20 ns more",
            "use the tsc clock source where the machine offers it \
             (/sys/devices/system/clocksource/clocksource0)",
        ),
    }
}

pub(super) fn examine(log_dir: &Path, settings: &Settings, findings: &mut Vec<Finding>) {
    let ring_dir = expected(log_dir, settings);
    let shown = ring_dir.display();
    let existing =
        ring_dir.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/"));
    if let Err(error) = access(existing, Access::WRITE_OK | Access::EXEC_OK) {
        findings.push(Finding::fails(
            "ring",
            format!("{shown} cannot be written: {error}"),
            "set store.ring_dir to a directory of your own on a memory file system",
        ));
    } else if is_memory(existing) {
        findings.push(Finding::fine("ring", format!("{shown} is on a memory file system")));
    } else {
        findings.push(Finding::warning(
            "ring",
            format!("{shown} is on a disk, whose write-back can stall calls for milliseconds"),
            "set store.ring_dir to a directory on a memory file system, if there is one",
        ));
    }
    findings.extend(room(existing));
    findings.extend(container(log_dir, &ring_dir));
}

/// What the settings say about the place of the rings.
pub(super) fn wanted(settings: &Settings) -> RingDirectory {
    match &settings.store.ring_dir {
        RingDir::Auto => RingDirectory::Automatic,
        RingDir::Path(path) => RingDirectory::At(path.clone()),
    }
}

/// The directory that a program started now would take: the first that is there or whose parent
/// is, as a memory file system is not made by programs.
fn expected(log_dir: &Path, settings: &Settings) -> PathBuf {
    let list = candidates(&wanted(settings), log_dir);
    let possible = list.iter().find(|path| path.parent().is_some_and(Path::is_dir));
    possible.or(list.last()).cloned().unwrap_or_else(|| log_dir.to_owned())
}

fn room(path: &Path) -> Option<Finding> {
    let system = statvfs(path).ok()?;
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    (free < SEGMENT_BYTES).then(|| {
        Finding::warning(
            "ring",
            format!("only {:.0} MB are free at {}", free as f64 / 1e6, path.display()),
            "enlarge it (docker: --shm-size=256m), or set store.ring_dir",
        )
    })
}

fn container(log_dir: &Path, ring_dir: &Path) -> Option<Finding> {
    if !in_container() {
        return None;
    }
    if !log_dir.ancestors().any(is_mount) {
        return Some(Finding::warning(
            "container",
            format!("nothing outlives this container: {} is not on a volume", log_dir.display()),
            "mount a volume there",
        ));
    }
    if ring_dir.starts_with("/dev/shm") || ring_dir.starts_with("/run") {
        return Some(Finding::warning(
            "container",
            "records in memory do not outlive this container",
            "mount the volume at the log directory itself, or set store.ring_dir to a volume",
        ));
    }
    Some(Finding::fine("container", "log and memory are on volumes"))
}
