//! Full disks, failing syncs, replaced files, stopped holders, new boots.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use logloom_store::read::Order;
use logloom_store::sys::{LinuxPlatform, Platform};
use logloom_store::{
    AppendError, CommitKind, Directory, FileKey, FileState, NoSegments, Warning, WriterHandle,
};

use crate::child::{self, Begun, Role};
use crate::oracle;
use crate::platform::Faulty;
use crate::redo::{FileRedo, FileSegments};

fn open_faulty(root: &Path, platform: &Arc<Faulty>) -> Directory {
    let platform: Arc<dyn Platform> = platform.clone();
    Directory::open(&root.join("log"), child::options(), platform).unwrap()
}

fn writer(root: &Path, directory: &Directory) -> (WriterHandle, FileRedo) {
    let redo = FileRedo::create(child::redo_path(root, "w"));
    (child::register(directory, &redo), redo)
}

fn files(directory: &Directory) -> Vec<(FileKey, FileState, u64)> {
    let files = directory.snapshot(Order::OldestFirst).unwrap().files;
    files.iter().map(|file| (file.key, file.state, file.lines)).collect()
}

fn key(split: u32) -> FileKey {
    FileKey { day: crate::redo::day(), split }
}

#[test]
fn a_batch_given_again_is_already_committed() {
    let root = tempfile::tempdir().unwrap();
    let directory = child::open(root.path());
    let (writer, mut redo) = writer(root.path(), &directory);
    redo.stage(&[child::line("w", 0)]);
    assert_eq!(redo.apply(&writer, &NoSegments).kind, CommitKind::Written);
    assert_eq!(redo.apply(&writer, &NoSegments).kind, CommitKind::AlreadyCommitted);
    assert_eq!(writer.done().unwrap(), 1);
    assert_eq!(files(&directory), [(key(0), FileState::Open, 1)]);
}

#[test]
fn a_full_disk_leaves_no_trace_and_the_batch_goes_in_later() {
    let platform = Arc::new(Faulty::default());
    let Begun { root, directory, writer, mut redo } = Begun::with_line_on(platform.clone());
    redo.stage(&[child::line("w", 1)]);
    platform.disk_full.store(true, Ordering::Relaxed);
    let error = writer.append(&redo, &NoSegments).unwrap_err();
    assert!(matches!(error, AppendError::NoSpace { .. }), "{error}");
    let path = root.path().join("log").join(key(0).file_name());
    assert_eq!(std::fs::read(&path).unwrap(), child::line("w", 0).as_bytes());
    platform.disk_full.store(false, Ordering::Relaxed);
    redo.apply(&writer, &NoSegments);
    assert_eq!(oracle::faults(root.path(), &directory), Vec::<String>::new());
    assert_eq!(files(&directory), [(key(0), FileState::Open, 2)]);
}

#[test]
fn a_failed_sync_is_never_taken_for_good() {
    let platform = Arc::new(Faulty::default());
    let Begun { root: _root, directory, writer, mut redo } = Begun::with_line_on(platform.clone());
    assert!(writer.sync(key(0)).is_ok());
    platform.sync_fails.store(true, Ordering::Relaxed);
    assert!(writer.sync(key(0)).is_err());
    platform.sync_fails.store(false, Ordering::Relaxed);
    assert!(writer.sync(key(0)).is_err());
    redo.stage(&[child::line("w", 1)]);
    assert_eq!(redo.apply(&writer, &NoSegments).file, Some(key(1)));
    assert_eq!(files(&directory), [(key(0), FileState::Suspect, 1), (key(1), FileState::Open, 1)]);
}

#[test]
fn a_failed_sync_counts_though_its_file_is_locked() {
    let platform = Arc::new(Faulty::default());
    let Begun { root, directory, writer: mine, mut redo } = Begun::with_line_on(platform.clone());
    let (other, mut held) = writer(root.path(), &child::open(root.path()));
    held.stage(&[child::line("o", 0)]);
    let (failing, same) = (platform.clone(), directory.clone());
    // Called while the other one has the file locked.
    held.on_intent = Some(Box::new(move || {
        failing.sync_fails.store(true, Ordering::Relaxed);
        assert!(same.sync(key(0)).is_err());
        failing.sync_fails.store(false, Ordering::Relaxed);
    }));
    held.apply(&other, &NoSegments);
    assert!(mine.sync(key(0)).is_err());
    redo.stage(&[child::line("w", 1)]);
    assert_eq!(redo.apply(&mine, &NoSegments).file, Some(key(1)));
    assert_eq!(files(&directory), [(key(0), FileState::Suspect, 2), (key(1), FileState::Open, 1)]);
}

#[test]
fn a_batch_is_not_finished_behind_a_hole() {
    let root = tempfile::tempdir().unwrap();
    let killed = Role { kill_at: "append_pending:2", ..Role::new(root.path(), "killed") };
    assert!(!killed.spawn().wait().unwrap().success());
    let path = root.path().join("log").join(key(0).file_name());
    std::fs::write(&path, "").unwrap();
    let directory = child::open(root.path());
    child::recover(&directory, &FileSegments);
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    assert_eq!(files(&directory), [(key(0), FileState::Suspect, 3), (key(1), FileState::Open, 3)]);
}

#[test]
fn a_file_with_the_greatest_number_leaves_room_for_others() {
    let root = tempfile::tempdir().unwrap();
    child::open(root.path());
    let last = key(u32::MAX);
    std::fs::write(root.path().join("log").join(last.file_name()), "").unwrap();
    let directory = child::open(root.path());
    let (writer, mut redo) = writer(root.path(), &directory);
    redo.stage(&[child::line("w", 0)]);
    assert_eq!(redo.apply(&writer, &NoSegments).file, Some(key(0)));
}

#[test]
fn replaced_renamed_and_cut_files_are_left_alone() {
    let change: [fn(&Path); 4] = [
        |path| std::fs::rename(path, path.with_extension("1")).unwrap(),
        |path| {
            std::fs::rename(path, path.with_extension("1")).unwrap();
            std::fs::write(path, "").unwrap();
        },
        |path| std::fs::write(path, "").unwrap(),
        |path| std::fs::hard_link(path, path.with_extension("2")).unwrap(),
    ];
    for change in change {
        let Begun { root, directory, writer, mut redo } = Begun::with_line();
        change(&root.path().join("log").join(key(0).file_name()));
        redo.stage(&[child::line("w", 1)]);
        assert_eq!(redo.apply(&writer, &NoSegments).file, Some(key(1)));
        assert_eq!(files(&directory)[0].1, FileState::Suspect);
    }
}

#[test]
fn a_stopped_holder_delays_nobody_for_long() {
    let root = tempfile::tempdir().unwrap();
    let platform = Arc::new(Faulty::default());
    let directory = open_faulty(root.path(), &platform);
    let mut stopped = Role { stops: true, ..Role::new(root.path(), "stopped") }.spawn();
    let stat = format!("/proc/{}/stat", stopped.id());
    while !std::fs::read_to_string(&stat).unwrap().contains(") T ") {
        std::thread::yield_now();
    }
    let (writer, mut redo) = writer(root.path(), &directory);
    redo.stage(&[child::line("w", 0)]);
    let before = platform.slept_ns.load(Ordering::Relaxed);
    assert_eq!(redo.apply(&writer, &NoSegments).file, Some(key(1)));
    let slept = Duration::from_nanos(platform.slept_ns.load(Ordering::Relaxed) - before);
    child::signal("-CONT", stopped.id());
    // The deadline and one pause more; what a busy machine adds to each pause is not ours.
    assert!(slept < Duration::from_millis(300), "{slept:?}");
    assert!(stopped.wait().unwrap().success());
    assert_eq!(oracle::faults(root.path(), &directory), Vec::<String>::new());
}

#[test]
fn after_a_new_boot_whole_lines_stay_and_the_rest_is_set_aside() {
    let platform = Arc::new(Faulty::default());
    let begun = Begun::with_line_on(platform.clone());
    let root = &begun.root;
    let path = root.path().join("log").join(key(0).file_name());
    let kept = child::line("w", 0) + &child::line("w", 1);
    std::fs::write(&path, format!("{kept}{{\"torn\":\0\0\0")).unwrap();
    platform.other_boot.store(true, Ordering::Relaxed);
    let later = open_faulty(root.path(), &platform);
    let warnings = later.warnings();
    let [Warning::TailSetAside { aside, bytes: 11, .. }] = &warnings[..] else {
        panic!("{warnings:?}")
    };
    let aside = root.path().join("log/.logloom/aside").join(aside);
    assert_eq!(std::fs::read(aside).unwrap(), b"{\"torn\":\0\0\0");
    assert_eq!(std::fs::read(&path).unwrap(), kept.as_bytes());
    assert_eq!(files(&later), [(key(0), FileState::Sealed, 2)]);
    let (new, mut redo) = writer(root.path(), &later);
    redo.stage(&[child::line("w", 2)]);
    assert_eq!(redo.apply(&new, &NoSegments).file, Some(key(1)));
    assert!(open_faulty(root.path(), &platform).warnings().is_empty());
}

#[test]
fn after_a_new_boot_committed_lines_behind_a_damaged_one_stay() {
    let platform = Arc::new(Faulty::default());
    let root = tempfile::tempdir().unwrap();
    let directory = open_faulty(root.path(), &platform);
    let (writer, mut redo) = writer(root.path(), &directory);
    let lines = [0, 1, 2].map(|number| child::line("w", number));
    redo.stage(&lines);
    redo.apply(&writer, &NoSegments);
    let path = root.path().join("log").join(key(0).file_name());
    let zeros = "\0".repeat(lines[1].len() - 1);
    let committed = format!("{}{zeros}\n{}", lines[0], lines[2]);
    std::fs::write(&path, format!("{committed}torn\n{}", lines[1])).unwrap();
    platform.other_boot.store(true, Ordering::Relaxed);
    let later = open_faulty(root.path(), &platform);
    let told: Vec<String> = later.warnings().iter().map(ToString::to_string).collect();
    assert!(told[0].contains("damaged bytes of 2026-11-21.jsonl were moved"), "{told:?}");
    assert!(told[1].contains("left out, all others are read: line 2 holds zero bytes"), "{told:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), committed);
    assert_eq!(files(&later), [(key(0), FileState::Sealed, 3)]);
}

#[test]
fn a_file_that_cannot_be_repaired_is_closed_once() {
    let platform = Arc::new(Faulty::default());
    let begun = Begun::with_line_on(platform.clone());
    let root = &begun.root;
    platform.other_boot.store(true, Ordering::Relaxed);
    platform.sync_fails.store(true, Ordering::Relaxed);
    let later = open_faulty(root.path(), &platform);
    let warnings = later.warnings();
    assert!(matches!(warnings[..], [Warning::Postponed { .. }]), "{warnings:?}");
    let (new, mut redo) = writer(root.path(), &later);
    redo.stage(&[child::line("w", 1)]);
    assert_eq!(redo.apply(&new, &NoSegments).file, Some(key(1)));
    // The file of this boot stays open whoever comes next.
    assert_eq!(open_faulty(root.path(), &platform).warnings(), []);
    assert_eq!(files(&later), [(key(0), FileState::Suspect, 1), (key(1), FileState::Open, 1)]);
}

#[test]
fn damaged_bytes_that_cannot_be_moved_stay_and_are_not_read() {
    let platform = Arc::new(Faulty::default());
    let begun = Begun::with_line_on(platform.clone());
    let root = &begun.root;
    let path = root.path().join("log").join(key(0).file_name());
    let content = child::line("w", 0) + "{\"torn\":";
    std::fs::write(&path, &content).unwrap();
    platform.other_boot.store(true, Ordering::Relaxed);
    platform.disk_full.store(true, Ordering::Relaxed);
    let later = open_faulty(root.path(), &platform);
    let warnings = later.warnings();
    assert!(matches!(warnings[..], [Warning::TailLeft { bytes: 8, .. }]), "{warnings:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    assert_eq!(files(&later), [(key(0), FileState::Sealed, 1)]);
    let aside = std::fs::read_dir(root.path().join("log/.logloom/aside")).unwrap();
    assert_eq!(aside.count(), 0);
    assert_eq!(open_faulty(root.path(), &platform).warnings(), []);
}

#[test]
fn a_sealed_file_takes_nothing_more() {
    let Begun { root: _root, directory, writer, mut redo } = Begun::with_line();
    directory.seal(key(0), &NoSegments).unwrap();
    redo.stage(&[child::line("w", 1)]);
    assert_eq!(redo.apply(&writer, &NoSegments).file, Some(key(1)));
    assert_eq!(files(&directory), [(key(0), FileState::Sealed, 1), (key(1), FileState::Open, 1)]);
}

#[test]
fn metadata_says_what_the_files_hold() {
    let root = tempfile::tempdir().unwrap();
    let directory = child::open(root.path());
    let (writer, mut redo) = writer(root.path(), &directory);
    redo.stage(&[child::line("w", 0), child::line("w", 1)]);
    redo.apply(&writer, &NoSegments);
    assert!(directory.write_metadata().unwrap());
    assert!(!directory.write_metadata().unwrap());
    let text = std::fs::read(root.path().join("log/metadata.json")).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["files"][0]["name"], "2026-11-21.jsonl");
    assert_eq!(value["files"][0]["levels"]["INFO"], 2);
    assert_eq!(value["files"][0]["first"], "2026-11-21T00:00:00.000000Z");
    assert_eq!(value["totals"]["records"], 2);
}

#[test]
fn a_live_writer_is_not_adopted() {
    let root = tempfile::tempdir().unwrap();
    let directory = child::open(root.path());
    let (writer, _redo) = writer(root.path(), &directory);
    assert!(directory.adopt(writer.slot()).unwrap().is_none());
    assert!(child::open(root.path()).adopt(writer.slot()).unwrap().is_none());
    drop(writer);
    assert!(directory.adopt(0).unwrap().is_some());
    assert_ne!(LinuxPlatform.boot_id(), [0; 16]);
}

/// A real device without room. Needs the right to mount; without it the test says so and does nothing more.
#[test]
fn a_small_file_system_that_fills_up() {
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("log");
    std::fs::create_dir(&log).unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=6800k,mode=700", "tmpfs"])
        .arg(&log)
        .stderr(Stdio::null())
        .status();
    if !mount.is_ok_and(|status| status.success()) {
        writeln!(std::io::stderr(), "skipped: no right to mount a small file system").unwrap();
        return;
    }
    let outcome = std::panic::catch_unwind(|| fill_up(root.path(), &log));
    assert!(Command::new("umount").arg("-l").arg(&log).status().unwrap().success());
    outcome.unwrap();
}

fn fill_up(root: &Path, log: &Path) {
    let directory = child::open(root);
    let (writer, mut redo) = writer(root, &directory);
    let ballast = log.join("ballast");
    let bytes = vec![b'x'; 1 << 20];
    let mut full = std::fs::File::create(&ballast).unwrap();
    while full.write_all(&bytes).is_ok() {}
    redo.stage(&[child::line("w", 0)]);
    let error = writer.append(&redo, &NoSegments).unwrap_err();
    assert_eq!(error.system_error(), Some(libc::ENOSPC), "{error}");
    std::fs::remove_file(&ballast).unwrap();
    drop(full);
    redo.apply(&writer, &NoSegments);
    assert_eq!(oracle::faults(root, &directory), Vec::<String>::new());
}
