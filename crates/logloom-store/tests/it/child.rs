//! Processes of the tests: this binary, run again with one test chosen and a role in the environment.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use logloom_store::sys::{LinuxPlatform, Platform};
use logloom_store::{
    Directory, NoSegments, Options, Segments, StoreSettings, WriterHandle, WriterIdentity,
};
use tempfile::TempDir;

use crate::platform::Faulty;
use crate::redo::{FileRedo, FileSegments};

const LINES_A_BATCH: u64 = 3;

/// What a child process does.
pub(crate) struct Role<'a> {
    pub(crate) directory: &'a Path,
    /// Names the child's records.
    pub(crate) tag: &'a str,
    pub(crate) batches: u64,
    pub(crate) kill_at: &'a str,
    pub(crate) plant: &'a str,
    /// Whether dead writers' segments can be had.
    pub(crate) has_segments: bool,
    /// Whether it stops itself while it holds the file's lock in its first batch.
    pub(crate) stops: bool,
    /// Whether it moves the day file away and an empty one into its place before its second batch.
    pub(crate) moves_file: bool,
    /// Whether it runs in another boot than the test.
    pub(crate) is_later_boot: bool,
}

impl<'a> Role<'a> {
    pub(crate) fn new(directory: &'a Path, tag: &'a str) -> Role<'a> {
        Role {
            directory,
            tag,
            batches: 12,
            kill_at: "",
            plant: "",
            has_segments: true,
            stops: false,
            moves_file: false,
            is_later_boot: false,
        }
    }

    pub(crate) fn spawn(&self) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["child::entry", "--exact", "--nocapture", "--quiet"])
            .env("STORE_TEST_DIRECTORY", self.directory)
            .env("STORE_TEST_TAG", self.tag)
            .env("STORE_TEST_BATCHES", self.batches.to_string())
            .env("STORE_TEST_SEGMENTS", u8::from(self.has_segments).to_string())
            .env("STORE_TEST_STOPS", u8::from(self.stops).to_string())
            .env("STORE_TEST_MOVES", u8::from(self.moves_file).to_string())
            .env("STORE_TEST_BOOT", u8::from(self.is_later_boot).to_string())
            .env("LOGLOOM_KILL_AT", self.kill_at)
            .env("LOGLOOM_PLANT", self.plant)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }
}

pub(crate) fn options() -> Options {
    // Small, so that files fill up and new splits begin all the time.
    let settings = StoreSettings { max_file_size: 2000, ..StoreSettings::default() };
    Options { settings, ..Options::default() }
}

pub(crate) fn open(path: &Path) -> Directory {
    Directory::open(&path.join("log"), options(), Arc::new(LinuxPlatform)).unwrap()
}

pub(crate) fn open_reader(path: &Path) -> Directory {
    Directory::open(&path.join("log"), Options::reader(), Arc::new(LinuxPlatform)).unwrap()
}

pub(crate) fn line(tag: &str, number: u64) -> String {
    format!(
        "{{\"level\":\"INFO\",\"w\":\"{tag}\",\"n\":{number},\"pad\":\"{}\"}}\n",
        "x".repeat(number as usize % 50)
    )
}

/// A registered writer with its redo log, as a process has it.
pub(crate) fn register(directory: &Directory, redo: &FileRedo) -> WriterHandle {
    let path = redo.path.to_str().unwrap().to_owned();
    let identity = WriterIdentity::of_this_process(&LinuxPlatform, path, redo.inode());
    directory.register(identity).unwrap()
}

pub(crate) fn redo_path(directory: &Path, tag: &str) -> PathBuf {
    let unique = u128::from_le_bytes(LinuxPlatform.random());
    directory.join(format!("redo-{tag}-{unique:032x}"))
}

/// A log directory with one writer in this process.
pub(crate) struct Begun {
    pub(crate) root: TempDir,
    pub(crate) directory: Directory,
    pub(crate) writer: WriterHandle,
    pub(crate) redo: FileRedo,
}

impl Begun {
    /// The writer has written line 0.
    pub(crate) fn with_line() -> Begun {
        Begun::with_line_on(Arc::new(LinuxPlatform))
    }

    pub(crate) fn with_line_on(platform: Arc<dyn Platform>) -> Begun {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::open(&root.path().join("log"), options(), platform).unwrap();
        let mut redo = FileRedo::create(redo_path(root.path(), "w"));
        let writer = register(&directory, &redo);
        redo.stage(&[line("w", 0)]);
        redo.apply(&writer, &NoSegments);
        Begun { root, directory, writer, redo }
    }
}

/// Runs what dead writers left, as every process does at its start.
pub(crate) fn recover(directory: &Directory, segments: &dyn Segments) {
    for writer in directory.writers().unwrap() {
        if !writer.life.is_dead() {
            continue;
        }
        let Some(adopted) = directory.adopt(writer.slot).unwrap() else { continue };
        let path = PathBuf::from(&adopted.identity().segment_path);
        if let Some(redo) = FileRedo::open(&path)
            && !redo.is_applied()
        {
            redo.apply(&adopted, segments);
        }
        adopted.free().unwrap();
        let _ = std::fs::remove_file(path);
    }
}

/// Not a test of its own: what the child processes run. Without a role it has nothing to do.
#[test]
fn entry() {
    let Some(directory) = std::env::var_os("STORE_TEST_DIRECTORY") else { return };
    let variable = |name: &str| std::env::var(format!("STORE_TEST_{name}")).unwrap();
    let path = PathBuf::from(directory);
    let tag = variable("TAG");
    let segments: &dyn Segments =
        if variable("SEGMENTS") == "1" { &FileSegments } else { &NoSegments };
    let platform = Arc::new(Faulty::default());
    platform.other_boot.store(variable("BOOT") == "1", Ordering::Relaxed);
    let store = Directory::open(&path.join("log"), options(), platform).unwrap();
    let batches: u64 = variable("BATCHES").parse().unwrap();
    // One that cannot reach segments settles files as a stranger; recovery is left to the last process.
    if batches == 0 || variable("SEGMENTS") == "1" {
        recover(&store, segments);
    }
    if batches == 0 {
        return;
    }
    let mut redo = FileRedo::create(redo_path(&path, &tag));
    redo.on_intent = (variable("STOPS") == "1").then(|| Box::new(stop_self) as Box<dyn Fn()>);
    let writer = register(&store, &redo);
    let mut accepted = std::fs::File::create(path.join(format!("accepted-{tag}"))).unwrap();
    for batch in 0..batches {
        let numbers = batch * LINES_A_BATCH..(batch + 1) * LINES_A_BATCH;
        let lines: Vec<String> = numbers.map(|number| line(&tag, number)).collect();
        if batch == 1 && variable("MOVES") == "1" {
            move_file(&path.join("log/2026-11-21.jsonl"));
        }
        redo.stage(&lines);
        write!(accepted, "{} ", (batch + 1) * LINES_A_BATCH).unwrap();
        redo.apply(&writer, segments);
        redo.on_intent = None;
    }
    writer.release().unwrap();
    std::fs::remove_file(&redo.path).unwrap();
}

// The first batch stays where readers find it: only what is appended later can go astray.
fn move_file(path: &Path) {
    std::fs::copy(path, path.with_extension("copy")).unwrap();
    std::fs::rename(path, path.with_extension("moved")).unwrap();
    std::fs::rename(path.with_extension("copy"), path).unwrap();
}

fn stop_self() {
    signal("-STOP", std::process::id());
}

pub(crate) fn signal(name: &str, process: u32) {
    assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
}
