//! Kills of the follower and rotations of its sources, in any order: no line is skipped or repeated.
//!
//! A few files are written without a pause, and followed by their directory, then by a pattern that
//! leaves older generations out. At random moments the follower is killed and started
//! again, or a file is rotated as logrotate does: by a new file (`create`), by a copy and a cut
//! (`copytruncate`), or by a new file and the packing of the old one (`compress`, by directory alone: what
//! was packed before anybody saw it is history). Files come and are replaced while nobody follows. At the end each
//! line that was written has to be in the log exactly once. The log is read as plain text, by nothing
//! of ours. Between copy and cut nothing is written: what a program writes there is lost to everybody,
//! whoever follows.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::follower::Following;
use crate::dice::Dice;

/// Files that are written at the same time.
const FILES: usize = 4;

/// How long the last lines are waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// Lines that were written.
    pub lines: u64,
    /// Times the follower was killed.
    pub kills: u64,
    /// Rotations by a new file, by a copy and a cut, and by packing.
    pub created: u64,
    /// As above.
    pub cut: u64,
    /// As above.
    pub packed: u64,
    /// Lines that are not in the log.
    pub skipped: u64,
    /// Lines beyond the first of each, and what was never written.
    pub repeated: u64,
    /// The first few lines that were skipped or repeated.
    pub examples: Vec<String>,
}

/// By what the files are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Directory,
    Pattern,
}

impl Way {
    /// The ways in which files are rotated.
    fn rotations(self) -> u64 {
        if self == Self::Directory { 3 } else { 2 }
    }
}

struct Source {
    path: PathBuf,
    file: File,
    lines: u64,
    generations: u64,
}

/// Runs so many events, whose order and moments the seed chooses.
///
/// # Errors
/// The command could not be run, or ended by itself.
pub fn prove(logloom: &Path, folder: &Path, events: u64, seed: u64) -> Result<Proof, String> {
    let mut proof = Proof::default();
    let mut dice = Dice::new(seed);
    for (way, name) in [(Way::Directory, "by-directory"), (Way::Pattern, "by-pattern")] {
        let folder = folder.join(name);
        prove_by(way, (logloom, &folder), events / 2, &mut dice, &mut proof)?;
    }
    proof.examples.truncate(10);
    Ok(proof)
}

fn prove_by(
    way: Way,
    (logloom, folder): (&Path, &Path),
    events: u64,
    dice: &mut Dice,
    proof: &mut Proof,
) -> Result<(), String> {
    let (log, sources) = (folder.join("log"), folder.join("sources"));
    std::fs::create_dir_all(&sources).map_err(|error| format!("make a folder: {error}"))?;
    let followed = if way == Way::Directory { sources.clone() } else { sources.join("*.log") };
    let mut open: Vec<Source> =
        (0..FILES).map(|number| Source::begin(&sources, number)).collect::<Result<_, _>>()?;
    let mut following = Following::start(logloom, &log, &[&followed])?;
    for _ in 0..events {
        write_for(&mut open, 20 + dice.below(60))?;
        let source = &mut open[dice.below(FILES as u64) as usize];
        if dice.below(5) < 3 {
            source.rotate(dice.below(way.rotations()), proof)?;
            continue;
        }
        following.kill()?;
        proof.kills += 1;
        // Sometimes much happens while nobody looks.
        if dice.chance(1, 3) {
            for _ in 0..=dice.below(3) {
                let source = &mut open[dice.below(FILES as u64) as usize];
                source.rotate(dice.below(way.rotations()), proof)?;
                write_for(&mut open, 15)?;
            }
        }
        following = Following::start(logloom, &log, &[&followed])?;
    }
    proof.lines += open.iter().map(|source| source.lines).sum::<u64>();
    await_all(&log, &open)?;
    following.stop()?;
    count(&log, &open, proof)
}

/// Writes lines for some milliseconds.
fn write_for(sources: &mut [Source], milliseconds: u64) -> Result<(), String> {
    let end = Instant::now() + Duration::from_millis(milliseconds);
    while Instant::now() < end {
        sources.iter_mut().try_for_each(Source::write)?;
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

impl Source {
    fn begin(folder: &Path, number: usize) -> Result<Self, String> {
        let path = folder.join(format!("app{number}.log"));
        let file = append_to(&path)?;
        Ok(Self { path, file, lines: 0, generations: 0 })
    }

    /// A few lines, one of them in two pieces.
    fn write(&mut self) -> Result<(), String> {
        let name = self.path.file_stem().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        for piece in 0..3 {
            let filler = "x".repeat((self.lines % 90) as usize);
            let text = format!("{name} {} {filler}\n", self.lines);
            let (head, tail) = text.split_at(if piece == 1 { text.len() / 2 } else { 0 });
            let written = self.file.write_all(head.as_bytes());
            written
                .and_then(|()| self.file.write_all(tail.as_bytes()))
                .map_err(|error| format!("write a line: {error}"))?;
            self.lines += 1;
        }
        Ok(())
    }

    fn older(&mut self) -> PathBuf {
        self.generations += 1;
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{}", self.generations));
        PathBuf::from(name)
    }

    fn rotate(&mut self, way: u64, proof: &mut Proof) -> Result<(), String> {
        match way {
            0 => {
                proof.created += 1;
                self.create().map(drop)
            }
            1 => {
                proof.cut += 1;
                self.cut()
            }
            _ => {
                proof.packed += 1;
                self.pack()
            }
        }
    }

    fn create(&mut self) -> Result<PathBuf, String> {
        let older = self.older();
        std::fs::rename(&self.path, &older).map_err(|error| format!("rename: {error}"))?;
        // Its writer still holds the old file for a moment.
        self.write()?;
        self.file = append_to(&self.path)?;
        Ok(older)
    }

    fn cut(&mut self) -> Result<(), String> {
        let older = self.older();
        std::fs::copy(&self.path, older).map_err(|error| format!("copy: {error}"))?;
        self.file.set_len(0).map_err(|error| format!("cut: {error}"))
    }

    fn pack(&mut self) -> Result<(), String> {
        let older = self.create()?;
        match Command::new("gzip").arg("-q").arg(older).status() {
            Ok(status) if status.success() => Ok(()),
            outcome => Err(format!("gzip: {outcome:?}")),
        }
    }
}

fn append_to(path: &Path) -> Result<File, String> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.map_err(|error| format!("open {}: {error}", path.display()))
}

/// Waits until as many lines are there as were written, and for a while after.
fn await_all(log: &Path, sources: &[Source]) -> Result<(), String> {
    let wanted: u64 = sources.iter().map(|source| source.lines).sum();
    let (start, mut before) = (Instant::now(), 0);
    while start.elapsed() < PATIENCE {
        let there = messages(log)?.len() as u64;
        if there >= wanted && there == before {
            break;
        }
        before = there;
        std::thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}

fn count(log: &Path, sources: &[Source], proof: &mut Proof) -> Result<(), String> {
    let mut times: HashMap<String, u64> = HashMap::new();
    for message in messages(log)? {
        let mut words = message.splitn(3, ' ');
        let key = format!("{} {}", words.next().unwrap_or(""), words.next().unwrap_or(""));
        *times.entry(key).or_default() += 1;
    }
    for (index, source) in sources.iter().enumerate() {
        for line in 0..source.lines {
            let key = format!("app{index} {line}");
            let found = times.remove(&key).unwrap_or(0);
            proof.skipped += u64::from(found == 0);
            proof.repeated += found.saturating_sub(1);
            if found != 1 {
                proof.examples.push(format!("{key}: {found} times"));
            }
        }
    }
    // What was never written, such as pieces of lines.
    proof.repeated += times.values().sum::<u64>();
    proof.examples.extend(times.into_keys());
    Ok(())
}

/// The messages of all day files.
fn messages(log: &Path) -> Result<Vec<String>, String> {
    let mut messages = Vec::new();
    let Ok(entries) = std::fs::read_dir(log) else { return Ok(messages) };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.extension().is_none_or(|ending| ending != "jsonl") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|error| format!("read: {error}"))?;
        // The last line may be under way.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        for line in whole.lines() {
            let record: serde_json::Value = serde_json::from_str(line)
                .map_err(|error| format!("a line of the log: {error}"))?;
            messages.push(record["message"].as_str().unwrap_or_default().to_owned());
        }
    }
    Ok(messages)
}
