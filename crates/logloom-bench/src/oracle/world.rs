//! A log directory with random lines, and what is done to it. In comes randomness; out goes a directory whose lines
//! are known, in states that a reader may find: plain, compressed, indexed, with an index that is gone, damaged,
//! another file's or of an earlier content.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use logloom_query::{Key, LogFile};
use logloom_store::index::IndexSettings;
use logloom_store::life::LifeSettings;
use logloom_store::read::Order;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, NoSegments, Options};

use super::lines;
use crate::proof::dice::Dice;
use crate::proof::failed;

/// The states in the order in which a directory goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Plain,
    PlainIndexed,
    Indexed,
    Mixed,
    Damaged,
    Foreign,
    Stale,
    Bare,
}

impl State {
    pub(super) const ALL: [State; 8] = [
        State::Plain,
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
    /// By name of the plain file.
    days: Vec<(String, Vec<Vec<u8>>)>,
}

impl World {
    pub(super) fn new(folder: &Path, dice: &mut Dice) -> Result<World, String> {
        fs::create_dir_all(folder).map_err(failed("make a folder"))?;
        let mut days = Vec::new();
        for number in 0..2 + dice.below(2) {
            let count = 30 + dice.below(70);
            let lines = lines::day(number as i64, count, dice);
            let name = format!("2026-03-{:02}.jsonl", 1 + number);
            fs::write(folder.join(&name), text(&lines)).map_err(failed("write a day"))?;
            days.push((name, lines));
        }
        let world = World { folder: folder.to_owned(), days };
        drop(world.open(Options::default())?);
        world.damaged(dice)
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
            State::PlainIndexed => self.make_indexes()?,
            State::Indexed => self.pack(true)?,
            State::Mixed => self.remove_indexes(&mut |_| dice.chance(1, 2))?,
            State::Damaged => {
                self.make_indexes()?;
                self.change_indexes(&mut |bytes| damage(bytes, dice))?;
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
        let index = IndexSettings { is_wanted: is_indexed, ..IndexSettings::default() };
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
                .make_index(file, &IndexSettings::default(), &|| false)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn indexes(&self) -> Result<Vec<PathBuf>, String> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed("list the directory"))? {
            let path = entry.map_err(failed("list the directory"))?.path();
            if path.extension().is_some_and(|end| end == "idx") {
                paths.push(path);
            }
        }
        paths.sort();
        Ok(paths)
    }

    fn remove_indexes(&self, which: &mut dyn FnMut(&Path) -> bool) -> Result<(), String> {
        for path in self.indexes()?.iter().filter(|path| which(path)) {
            fs::remove_file(path).map_err(failed("remove an index"))?;
        }
        Ok(())
    }

    fn change_indexes(&self, change: &mut dyn FnMut(&mut Vec<u8>)) -> Result<(), String> {
        for path in self.indexes()? {
            let mut bytes = fs::read(&path).map_err(failed("read an index"))?;
            change(&mut bytes);
            fs::write(&path, bytes).map_err(failed("write an index"))?;
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
