//! The index of a day that is still written to: it grows with it, is never believed when it could lose a line, and goes
//! when the day is closed.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use logloom_store::index::{Index, IndexSettings, Made};
use logloom_store::life::LifeSettings;
use logloom_store::read::{FileSnapshot, Order};
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, NoSegments, Options, WriterHandle};

use super::{DAY, House, NOW, keep, line, names};
use crate::child;
use crate::redo::FileRedo;

/// Few lines are many blocks and pieces.
fn settings() -> IndexSettings {
    IndexSettings { open_bytes: 20_000, block_bytes: 4096, ..IndexSettings::default() }
}

/// A directory with a day that is written to.
struct Growing {
    house: House,
    directory: Directory,
    writer: WriterHandle,
    redo: FileRedo,
    text: String,
    count: u64,
}

impl Growing {
    fn new() -> Growing {
        let house = House::new();
        let path = house.root.path().join("log");
        let directory = Directory::open(&path, Options::default(), house.platform.clone()).unwrap();
        let redo = FileRedo::create(child::redo_path(house.root.path(), "open"));
        let writer = child::register(&directory, &redo);
        Growing { house, directory, writer, redo, text: String::new(), count: 0 }
    }

    /// One with so many pieces.
    fn with_pieces(count: usize) -> Growing {
        let mut growing = Growing::new();
        for _ in 0..count {
            growing.append(200);
            assert!(matches!(growing.extend(), Made::Done { .. }));
        }
        growing
    }

    fn append(&mut self, count: u64) {
        let lines: Vec<String> = (self.count..self.count + count).map(line).collect();
        self.redo.stage(&lines);
        self.redo.apply(&self.writer, &NoSegments);
        self.text += &lines.concat();
        self.count += count;
    }

    fn file(&self) -> FileSnapshot {
        self.directory.snapshot(Order::OldestFirst).unwrap().files.remove(0)
    }

    fn extend(&self) -> Made {
        self.directory.extend_hot_index(&self.file(), &settings(), &|| false).unwrap()
    }

    fn pieces(&self) -> Vec<Index> {
        self.house.reader().open_hot_index(&self.file())
    }

    fn path(&self) -> PathBuf {
        self.house.path(".logloom").join("2026-11-21.jsonl.hot")
    }

    /// Asks what there is for every line: no block that holds one may be missing.
    fn check(&self) -> u64 {
        let mut end = 0;
        for piece in self.pieces() {
            assert_eq!(piece.range().start, end);
            end = piece.range().end;
            let Some(blocks) = piece.blocks() else { continue };
            for (number, block) in blocks.iter().enumerate() {
                let lines = &self.text[block.offset as usize..block.end() as usize];
                for line in lines.lines() {
                    let id = &line[line.len() - 18..line.len() - 2];
                    let number = number as u32;
                    assert!(
                        piece.word(id).contains(number) && piece.pair("id", id).contains(number)
                    );
                }
            }
            let minutes = piece.rollup().map(|minutes| minutes.iter().flat_map(|one| one.lines));
            let lines = self.text[piece.range().start as usize..end as usize].lines().count();
            assert!(minutes.is_none_or(|minutes| minutes.sum::<u32>() == lines as u32));
        }
        end
    }
}

#[test]
fn it_grows_with_its_file() {
    let mut growing = Growing::new();
    growing.append(100);
    assert!(matches!(growing.extend(), Made::Not(_)) && growing.pieces().is_empty());
    for number in 1..6 {
        growing.append(200);
        assert!(matches!(growing.extend(), Made::Done { .. }));
        assert_eq!(growing.extend(), Made::Present);
        assert_eq!(growing.check(), growing.text.len() as u64);
        assert_eq!(growing.pieces().len(), number);
    }
    let pieces = growing.pieces();
    assert!(pieces.iter().all(|piece| piece.word("nowhere").is_empty()));
    // A reader whose snapshot is older sees nothing of what came later.
    let mut early = growing.file();
    early.committed = pieces[2].range().end - 1;
    assert_eq!(growing.house.reader().open_hot_index(&early).len(), 2);
}

#[test]
fn what_is_damaged_loses_no_line_and_is_made_anew() {
    let growing = Growing::with_pieces(3);
    let whole = std::fs::read(growing.path()).unwrap();
    let length = growing.text.len() as u64;
    for number in 0..400usize {
        let at = number.wrapping_mul(7_919) % whole.len();
        let mut bytes = whole.clone();
        if number % 4 == 0 {
            bytes.truncate(at)
        } else {
            bytes[at] ^= 1 << (number % 8)
        }
        std::fs::write(growing.path(), &bytes).unwrap();
        growing.check();
        growing.extend();
        if number % 4 == 0 {
            assert_eq!(growing.check(), length, "cut at {at}");
        }
    }
    std::fs::write(growing.path(), b"something else").unwrap();
    assert_eq!(growing.check(), 0);
    assert!(matches!(growing.extend(), Made::Done { .. }));
    assert_eq!(growing.check(), length);
}

#[test]
fn another_boot_or_file_makes_it_of_no_use() {
    let growing = Growing::with_pieces(2);
    growing.house.platform.other_boot.store(true, Ordering::Relaxed);
    assert!(growing.pieces().is_empty());
    growing.house.platform.other_boot.store(false, Ordering::Relaxed);
    assert_eq!(growing.pieces().len(), 2);
    // The same lines in another file.
    let day = growing.house.path("2026-11-21.jsonl");
    std::fs::rename(&day, growing.house.path("moved")).unwrap();
    std::fs::copy(growing.house.path("moved"), &day).unwrap();
    assert!(growing.pieces().is_empty());
}

#[test]
fn lines_that_were_changed_make_their_piece_of_no_use() {
    let growing = Growing::with_pieces(3);
    let middle = growing.pieces()[1].range();
    let day = growing.house.path("2026-11-21.jsonl");
    let mut bytes = std::fs::read(&day).unwrap();
    bytes[middle.end as usize - 10] ^= 1;
    std::fs::write(&day, bytes).unwrap();
    assert_eq!(growing.pieces().len(), 1);
}

#[test]
fn it_goes_when_its_day_is_closed() {
    let growing = Growing::with_pieces(2);
    let indexing = LifeSettings { index: settings(), ..LifeSettings::none() };
    keep(&growing.directory, &indexing);
    assert_eq!(growing.pieces().len(), 2);
    growing.house.platform.now_ns.store(NOW + 2 * DAY, Ordering::Relaxed);
    keep(&growing.directory, &indexing);
    let left = names(&growing.house.path(".logloom"));
    assert!(!left.iter().any(|name| name.ends_with(".hot")), "{left:?}");
    let index = growing.directory.open_index(&growing.file()).unwrap();
    assert_eq!(index.lines(), growing.count);
}

#[test]
fn a_pass_lets_it_grow() {
    let mut growing = Growing::new();
    growing.append(500);
    let indexing = LifeSettings { index: settings(), ..LifeSettings::none() };
    keep(&growing.directory, &indexing);
    assert_eq!(growing.check(), growing.text.len() as u64);
    keep(&growing.directory, &LifeSettings::none());
    assert_eq!(growing.pieces().len(), 1);
}

/// Not a test of its own: the process that is killed.
#[test]
fn entry() {
    let Some(path) = std::env::var_os("OPEN_TEST_DIRECTORY") else { return };
    let directory =
        Directory::open(Path::new(&path), Options::default(), Arc::new(LinuxPlatform)).unwrap();
    let file = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
    let settings = IndexSettings { open_bytes: 100, ..settings() };
    directory.extend_hot_index(&file, &settings, &|| false).unwrap();
}

#[test]
fn a_kill_while_it_grows_leaves_what_was_there() {
    // Of a piece there are at most 32 blocks.
    for nth in 1..=2 {
        let mut growing = Growing::new();
        growing.append(2_000);
        let path = growing.house.root.path().join("log");
        let status = Command::new(std::env::current_exe().unwrap())
            .args(["life::open::entry", "--exact", "--nocapture", "--quiet"])
            .env("OPEN_TEST_DIRECTORY", path)
            .env("LOGLOOM_KILL_AT", format!("life_hot_written:{nth}"))
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.signal(), Some(9));
        assert_eq!(growing.pieces().len(), nth - 1);
        growing.check();
        growing.append(300);
        assert!(matches!(growing.extend(), Made::Done { .. }));
        assert!(growing.text.len() as u64 - growing.check() < 20_000);
    }
}
