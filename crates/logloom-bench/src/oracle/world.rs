//! A log directory with random lines, and what is done to it. In comes randomness; out goes a directory whose lines
//! are known, in states that a reader may find: plain, compressed, indexed, with an index that is gone, damaged,
//! another file's or of an earlier content; and with a day that is still written to, whose index grows with it, is
//! damaged, or was being written to when somebody was killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use logloom_query::{Key, LogFile};
use logloom_store::index::IndexSettings;
use logloom_store::life::LifeSettings;
use logloom_store::read::Order;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Day, Directory, FileState, NoSegments, Options};

use super::lines;
use crate::open_day::OpenDay;
use crate::proof::dice::Dice;
use crate::proof::failed;

/// The states in the order in which a directory goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Plain,
    /// The open day has grown, and its index with it.
    Grown,
    /// The index of the open day has changed bytes, or ends where a kill has left it.
    GrownDamaged,
    /// The open day goes on behind what was damaged.
    GrownAgain,
    PlainIndexed,
    Indexed,
    Mixed,
    Damaged,
    Foreign,
    Stale,
    Bare,
}

impl State {
    pub(super) const ALL: [State; 11] = [
        State::Plain,
        State::Grown,
        State::GrownDamaged,
        State::GrownAgain,
        State::PlainIndexed,
        State::Indexed,
        State::Mixed,
        State::Damaged,
        State::Foreign,
        State::Stale,
        State::Bare,
    ];
}

/// A directory and all its lines.
pub(super) struct World {
    folder: PathBuf,
    /// By name of the plain file; the last is written to line by line.
    days: Vec<(String, Vec<Vec<u8>>)>,
    open: Mutex<Option<Open>>,
}

/// The day that is written to.
struct Open {
    day: OpenDay,
    /// The next of its lines.
    next: usize,
}

impl World {
    pub(super) fn new(folder: &Path, dice: &mut Dice) -> Result<World, String> {
        fs::create_dir_all(folder).map_err(failed("make a folder"))?;
        let mut days = Vec::new();
        let closed = 2 + dice.below(2);
        for number in 0..closed {
            let count = 30 + dice.below(70);
            let lines = lines::day(number as i64, count, dice);
            let name = format!("2026-03-{:02}.jsonl", 1 + number);
            fs::write(folder.join(&name), text(&lines)).map_err(failed("write a day"))?;
            days.push((name, lines));
        }
        let world = World { folder: folder.to_owned(), days, open: Mutex::new(None) };
        drop(world.open(Options::default())?);
        let mut world = world.damaged(dice)?;
        world.begin_open(closed, dice)?;
        Ok(world)
    }

    fn begin_open(&mut self, number: u64, dice: &mut Dice) -> Result<(), String> {
        let lines = lines::day(number as i64, 60 + dice.below(120), dice);
        self.days.push((format!("2026-03-{:02}.jsonl", 1 + number), lines));
        let directory = self.open(Options::default())?;
        let day = Day::new(2026, 3, 1 + number as u8).ok_or("no such day")?;
        let day = OpenDay::new(&directory, day)?;
        *self.open.get_mut().unwrap_or_else(PoisonError::into_inner) = Some(Open { day, next: 0 });
        self.grow(dice)
    }

    /// Appends more lines of the open day and has them indexed.
    pub(super) fn grow(&self, dice: &mut Dice) -> Result<(), String> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some(open), Some((_, lines))) = (open.as_mut(), self.days.last()) else {
            return Ok(());
        };
        for _ in 0..1 + dice.below(3) {
            let end = (open.next + 1 + dice.below(20) as usize).min(lines.len());
            let more = text(&lines[open.next..end]);
            if !more.is_empty() {
                open.day.append(&more)?;
            }
            open.next = end;
            if dice.chance(2, 3) {
                self.index_open()?;
            }
        }
        Ok(())
    }

    fn index_open(&self) -> Result<(), String> {
        let directory = self.open(Options::default())?;
        let snapshot = directory.snapshot(Order::OldestFirst).map_err(|error| error.to_string())?;
        for file in snapshot.files.iter().filter(|file| file.state == FileState::Open) {
            directory
                .extend_hot_index(file, &settings(), &|| false)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Gives the writer of the open day back: no more lines come.
    fn end_open(&self) -> Result<(), String> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        open.map_or(Ok(()), |open| open.day.close())
    }

    /// Damages lines that the store knows already: those that come to it damaged it sets aside.
    fn damaged(mut self, dice: &mut Dice) -> Result<World, String> {
        for (name, lines) in &mut self.days {
            lines.iter_mut().for_each(|line| lines::damage(line, dice));
            let text = text(lines);
            let path = self.folder.join(name);
            fs::write(path, &text).map_err(failed("damage a day"))?;
            let whole = text.strip_suffix(b"\n").unwrap_or(&text);
            *lines = whole.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        }
        Ok(self)
    }

    /// Brings the directory into the next state.
    pub(super) fn enter(&self, state: State, dice: &mut Dice) -> Result<(), String> {
        match state {
            State::Plain => drop(self.open(Options::default())?),
            State::Grown | State::GrownAgain => self.grow(dice)?,
            State::GrownDamaged => {
                let paths = files_of(&self.folder.join(".logloom"), "hot")?;
                change(&paths, &mut |bytes| damage(bytes, dice))?;
            }
            State::PlainIndexed => self.make_indexes()?,
            State::Indexed => self.pack(true)?,
            State::Mixed => self.remove_indexes(&mut |_| dice.chance(1, 2))?,
            State::Damaged => {
                self.make_indexes()?;
                change(&self.indexes()?, &mut |bytes| damage(bytes, dice))?;
            }
            State::Foreign => {
                self.remove_indexes(&mut |_| true)?;
                self.make_indexes()?;
                let paths = self.indexes()?;
                if let [first, .., last] = &paths[..] {
                    fs::copy(first, last).map_err(failed("copy an index"))?;
                }
            }
            State::Stale => {
                self.remove_indexes(&mut |_| true)?;
                self.make_indexes()?;
                self.repack()?;
            }
            State::Bare => self.remove_indexes(&mut |_| true)?,
        }
        Ok(())
    }

    pub(super) fn open(&self, options: Options) -> Result<Directory, String> {
        Directory::open(&self.folder, options, Arc::new(LinuxPlatform))
            .map_err(|error| error.to_string())
    }

    /// The files as they are now.
    pub(super) fn files(&self) -> Result<Vec<LogFile>, String> {
        let directory = self.open(Options::reader())?;
        LogFile::of_directory(&directory).map_err(|error| error.to_string())
    }

    /// Every line with its place, newest first.
    pub(super) fn rows(&self, files: &[LogFile]) -> Vec<(Key, &[u8])> {
        let mut rows = Vec::new();
        for (number, file) in files.iter().enumerate() {
            let Some(key) = file.key() else { continue };
            let Some((_, lines)) = self.days.iter().find(|(name, _)| *name == key.file_name())
            else {
                continue;
            };
            let mut offset = 0;
            for line in lines {
                // What is not there yet.
                if offset + line.len() as u64 >= file.length() {
                    break;
                }
                let time = time_of(line).unwrap_or(key.day.start_ns());
                let birth = file.birth();
                rows.push((Key { time, birth, file: number, offset }, line.as_slice()));
                offset += line.len() as u64 + 1;
            }
        }
        rows.sort_unstable_by_key(|row| std::cmp::Reverse(row.0));
        rows
    }

    /// Compresses every day.
    pub(super) fn pack(&self, is_indexed: bool) -> Result<(), String> {
        self.end_open()?;
        let index = IndexSettings { is_wanted: is_indexed, ..settings() };
        let settings = LifeSettings { compress_after_days: Some(0), index, ..LifeSettings::none() };
        self.open(Options::default())?
            .keep_house(&settings, &NoSegments, &|| false)
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    /// Deletes every day.
    pub(super) fn delete(&self) -> Result<(), String> {
        let settings = LifeSettings { retention_days: Some(1), ..LifeSettings::none() };
        self.open(Options::default())?
            .keep_house(&settings, &NoSegments, &|| false)
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    fn make_indexes(&self) -> Result<(), String> {
        let directory = self.open(Options::default())?;
        let snapshot = directory.snapshot(Order::OldestFirst).map_err(|error| error.to_string())?;
        for file in &snapshot.files {
            directory
                .make_index(file, &settings(), &|| false)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn indexes(&self) -> Result<Vec<PathBuf>, String> {
        files_of(&self.folder, "idx")
    }

    fn remove_indexes(&self, which: &mut dyn FnMut(&Path) -> bool) -> Result<(), String> {
        for path in self.indexes()?.iter().filter(|path| which(path)) {
            fs::remove_file(path).map_err(failed("remove an index"))?;
        }
        Ok(())
    }

    /// Has `gzip` pack the same lines, so that each index is that of another file.
    fn repack(&self) -> Result<(), String> {
        for (name, lines) in &self.days {
            let path = self.folder.join(name);
            let packed = self.folder.join(format!("{name}.gz"));
            if !packed.is_file() {
                continue;
            }
            fs::remove_file(&packed).map_err(failed("remove a file"))?;
            fs::write(&path, text(lines)).map_err(failed("write a file"))?;
            let done = std::process::Command::new("gzip").arg("-1").arg(&path).status();
            if !done.is_ok_and(|status| status.success()) {
                return Err("gzip is needed".to_owned());
            }
        }
        Ok(())
    }
}

/// Blocks of few lines, so that few lines are many blocks.
fn settings() -> IndexSettings {
    IndexSettings { open_bytes: 4_000, block_bytes: 4_096, ..IndexSettings::default() }
}

/// The files of a folder whose names end like this, in order.
fn files_of(folder: &Path, end: &str) -> Result<Vec<PathBuf>, String> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("list the directory"))? {
        let path = entry.map_err(failed("list the directory"))?.path();
        if path.extension().is_some_and(|own| own == end) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Changes the bytes of files.
fn change(paths: &[PathBuf], change: &mut dyn FnMut(&mut Vec<u8>)) -> Result<(), String> {
    for path in paths {
        let mut bytes = fs::read(path).map_err(failed("read an index"))?;
        change(&mut bytes);
        fs::write(path, bytes).map_err(failed("write an index"))?;
    }
    Ok(())
}

fn text(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.iter().chain(b"\n")).copied().collect()
}

fn time_of(line: &[u8]) -> Option<i64> {
    let view = logloom_filter::LineView::new(line);
    logloom_record::time::parse_timestamp(&view.get("timestamp")?.text())
}

/// Changes, adds or takes away a few bytes.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..1 + dice.below(4) {
        let at = dice.below(bytes.len().max(1) as u64) as usize;
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at.min(bytes.len()), dice.next() as u8),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
}
