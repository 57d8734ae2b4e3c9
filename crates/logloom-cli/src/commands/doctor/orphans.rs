//! Memory of dead programs whose log directory is gone: no recovery looks there any more, so that
//! nobody else tells of it. Segments that cannot be read, whose owner lives or cannot be seen from
//! here, or whose log directory was given relative to an unknown place are left out. Several are told
//! together unless details are asked for.

use std::path::{Path, PathBuf};

use logloom_core::settings::Settings;
use logloom_ring::Segment;
use logloom_ring::memory::SharedMemory;
use logloom_ring::segment::directory::candidates;
use logloom_store::sys::{LinuxPlatform, Platform};

use super::rings::wanted;
use super::{Finding, waiting};
use crate::output;

/// Looks into every ring directory that a program with these settings might take.
pub(super) fn examine(settings: &Settings, is_detailed: bool, findings: &mut Vec<Finding>) {
    let wanted = wanted(settings);
    let log_dirs = settings.store.dir.iter();
    let mut ring_dirs: Vec<PathBuf> = log_dirs.flat_map(|dir| candidates(&wanted, dir)).collect();
    ring_dirs.sort();
    ring_dirs.dedup();
    findings.extend(left_behind(&ring_dirs, is_detailed));
}

fn left_behind(ring_dirs: &[PathBuf], is_detailed: bool) -> Vec<Finding> {
    let orphans: Vec<Segment> = ring_dirs.iter().flat_map(|dir| orphans_in(dir)).collect();
    match orphans.len() {
        2.. if !is_detailed => vec![summary(&orphans)],
        _ => orphans.iter().map(told).collect(),
    }
}

fn orphans_in(ring_dir: &Path) -> Vec<Segment> {
    let entries = std::fs::read_dir(ring_dir).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.path());
    let mut names: Vec<PathBuf> =
        names.filter(|path| path.extension().is_some_and(|end| end == "llr")).collect();
    names.sort();
    let segments = names.iter().filter_map(|path| Segment::open(&SharedMemory, path).ok());
    segments.filter(|segment| is_gone(&segment.log_dir()) && is_dead(segment)).collect()
}

/// Only where the system says so: what it does not let us see may be there.
fn is_gone(log_dir: &Path) -> bool {
    log_dir.is_absolute() && log_dir.try_exists().is_ok_and(|exists| !exists)
}

fn is_dead(segment: &Segment) -> bool {
    let (identity, platform) = (segment.identity(), LinuxPlatform);
    if identity.boot_id != platform.boot_id() {
        return true;
    }
    let is_visible = identity.pid_namespace == platform.pid_namespace();
    is_visible && !platform.process_alive(identity.pid, identity.start_time)
}

fn holds_records(segment: &Segment) -> bool {
    waiting(segment) > 0 || segment.staged() > segment.applied()
}

/// All of them in one line.
fn summary(segments: &[Segment]) -> Finding {
    let bytes = segments.iter().map(Segment::length).sum();
    let full = segments.iter().filter(|segment| holds_records(segment)).count() as u64;
    let files = output::counted(segments.len() as u64, "file");
    let holding = match full {
        0 => "none holds a record".to_owned(),
        1 => "1 holds records".to_owned(),
        _ => format!("{} hold records", output::grouped(full)),
    };
    Finding::warning(
        "memory",
        format!(
            "{files} of memory ({}) of dead programs whose log directories are gone; {holding}",
            output::bytes(bytes)
        ),
        "logloom doctor --verbose names each with its remedy",
    )
}

fn told(segment: &Segment) -> Finding {
    let (path, log_dir) = (segment.path().display(), segment.log_dir());
    let size = output::bytes(segment.length());
    let log_dir = log_dir.display();
    if !holds_records(segment) {
        return Finding::warning(
            "memory",
            format!("{path} ({size}) is of a dead program, holds no record, and {log_dir} is gone"),
            format!("start any program that logs, or: rm {path}"),
        );
    }
    Finding::warning(
        "memory",
        format!("{path} ({size}) holds records of a dead program for {log_dir}, which is gone"),
        format!(
            "logloom recover --dir WHERE-IT-IS-NOW if it was moved; start any program that logs to \
             {log_dir} if it was deleted; only then: rm {path}"
        ),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use logloom_ring::clock::ClockKind;
    use logloom_ring::ring::RingKind;
    use logloom_ring::segment::{Identity, SegmentOptions};

    use super::*;

    /// A segment of this process, or of one that had its number before.
    fn segment(folder: &Path, name: &str, log_dir: &Path, is_alive: bool) -> Segment {
        let platform = LinuxPlatform;
        let pid = std::process::id();
        let own = platform.process_start_time(pid).unwrap();
        let options = SegmentOptions {
            path: folder.join(name),
            log_dir: log_dir.to_owned(),
            identity: Identity {
                boot_id: platform.boot_id(),
                pid,
                pid_namespace: platform.pid_namespace(),
                start_time: if is_alive { own } else { own - 1 },
                ..Identity::default()
            },
            config: String::new(),
            total_bytes: 64 << 20,
            clock: ClockKind::RealTime,
            dictionary: Vec::new(),
        };
        Segment::create(&SharedMemory, &options).unwrap()
    }

    #[test]
    fn memory_of_the_dead_is_told_when_its_log_directory_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, gone) = (folder.path(), folder.path().join("gone"));
        segment(path, "empty.llr", &gone, false);
        let full = segment(path, "full.llr", &gone, false);
        full.add_ring(RingKind::Normal, 1 << 16).unwrap();
        full.set_staged(1);
        segment(path, "living.llr", &gone, true);
        segment(path, "relative.llr", Path::new("gone"), false);
        segment(path, "there.llr", path, false);
        std::fs::write(folder.path().join("damaged.llr"), [7; 100]).unwrap();

        let findings = left_behind(&[path.to_owned(), path.join("none")], true);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert!(findings[0].text.contains("empty.llr") && findings[0].text.contains("no record"));
        assert!(findings[1].text.contains("full.llr") && findings[1].text.contains("MB)"));
        assert!(findings[1].text.contains(gone.to_str().unwrap()));
        assert!(findings.iter().all(|finding| finding.remedy.contains("rm ")));
    }

    #[test]
    fn several_are_told_in_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let (path, gone) = (folder.path(), folder.path().join("gone"));
        segment(path, "0.llr", &gone, false);
        assert!(left_behind(&[path.to_owned()], false)[0].text.contains("0.llr"));
        segment(path, "1.llr", &gone, false).set_staged(1);
        let findings = left_behind(&[path.to_owned()], false);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].text.starts_with("2 files of memory ("), "{findings:?}");
        assert!(findings[0].text.ends_with("1 holds records"), "{findings:?}");
        assert_eq!(left_behind(&[path.to_owned()], true).len(), 2);
    }
}
