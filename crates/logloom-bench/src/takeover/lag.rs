//! How long a line takes from its write into one of a thousand files until its record can be read.
//!
//! Lines go into the files at a steady rate, each by a write of its own; `logloom follow` takes them
//! over; a reader of the log notes when each record comes. The time counts from before the write to
//! after the read, so that everything between is in it: the follower's wait for more lines of a
//! trace, its writer, the store, the reader. Lines that are missing or come twice void the run; the
//! rate at which this machine could write is told, for the caller to judge.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::stats::percentile;
use logloom_store::read::{Follow, Start};
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, Options as StoreOptions};

use super::follower::Following;
use crate::dice::Dice;

/// How long the last lines are waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is written.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Files that are written in turns, at least 1.
    pub files: usize,
    /// Lines a second over all files, a multiple of 1,000: a thousandth is written at a time.
    pub rate: u64,
    /// How long.
    pub seconds: u64,
}

/// What was measured. The lags are in milliseconds.
#[derive(Clone, Debug)]
pub struct Lag {
    /// Lines that were written, each of which came once.
    pub lines: u64,
    /// Lines a second at which they could be written.
    pub rate: f64,
    /// The lag of the line in the middle.
    pub p50: f64,
    /// That of 99 of 100 lines at most.
    pub p99: f64,
    /// That of the slowest.
    pub worst: f64,
}

/// When each line came first, and how often.
type Seen = HashMap<u64, (Instant, u32)>;

/// Writes, and measures.
///
/// # Errors
/// The command could not be run, or a line never came or came twice.
pub fn measure(logloom: &Path, folder: &Path, load: Load) -> Result<Lag, String> {
    let sources = folder.join("sources");
    std::fs::create_dir_all(&sources).map_err(|error| format!("make a folder: {error}"))?;
    let mut open: Vec<File> = (0..load.files)
        .map(|number| append_to(&sources.join(format!("{number:04}.log"))))
        .collect::<Result<_, _>>()?;
    for file in &mut open {
        file.write_all(b"begin\n").map_err(|error| format!("write a line: {error}"))?;
    }
    let following = Following::start(logloom, &folder.join("log"), &[&sources])?;
    let log = open_when_there(&folder.join("log"))?;
    let mut reader = Follow::new(&log, Start::Beginning).map_err(|error| error.to_string())?;
    await_lines(&mut reader, load.files as u64)?;
    let is_written = AtomicBool::new(false);
    let total = load.rate * load.seconds;
    let (written, seen) = std::thread::scope(|scope| {
        let reading = scope.spawn(|| read(&mut reader, total, &is_written));
        let written = write(&mut open, load);
        is_written.store(true, Ordering::Release);
        (written, reading.join().map_err(|_| "the reader panicked".to_owned()))
    });
    following.stop()?;
    judge(&written?, &seen??)
}

fn append_to(path: &Path) -> Result<File, String> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.map_err(|error| format!("open {}: {error}", path.display()))
}

/// The log directory, once the follower has made it.
fn open_when_there(path: &Path) -> Result<Directory, String> {
    let start = Instant::now();
    loop {
        match Directory::open(path, StoreOptions::reader(), Arc::new(LinuxPlatform)) {
            Ok(directory) if directory.store_id().is_some() => return Ok(directory),
            _ if start.elapsed() > PATIENCE => return Err("the log never appeared".to_owned()),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn await_lines(reader: &mut Follow, lines: u64) -> Result<(), String> {
    let start = Instant::now();
    let mut seen = 0;
    while seen < lines {
        let batch = reader.next_batch(Duration::from_millis(100));
        let batch = batch.map_err(|error| format!("read the log: {error}"))?;
        seen += batch.map_or(0, |batch| batch.lines().count() as u64);
        if start.elapsed() > PATIENCE {
            return Err(format!("only {seen} of {lines} first lines were taken over"));
        }
    }
    Ok(())
}

/// Writes the lines at their times; gives when each was written.
fn write(files: &mut [File], load: Load) -> Result<Vec<Instant>, String> {
    let mut dice = Dice::new(7);
    let mut written = Vec::with_capacity((load.rate * load.seconds) as usize);
    let start = Instant::now();
    for burst in 0..load.seconds * 1_000 {
        let due = start + Duration::from_millis(burst);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        for _ in 0..load.rate / 1_000 {
            let file = dice.below(files.len() as u64) as usize;
            let text = format!("line {} of a service that has something to say\n", written.len());
            written.push(Instant::now());
            files[file].write_all(text.as_bytes()).map_err(|error| format!("write: {error}"))?;
        }
    }
    Ok(written)
}

/// Reads until all lines are there, or none came for a while.
fn read(reader: &mut Follow, total: u64, is_written: &AtomicBool) -> Result<Seen, String> {
    let mut seen = Seen::with_capacity(total as usize);
    let mut last = Instant::now();
    while (seen.len() as u64) < total || !is_written.load(Ordering::Acquire) {
        let batch = reader.next_batch(Duration::from_millis(50));
        let batch = batch.map_err(|error| format!("read the log: {error}"))?;
        let now = Instant::now();
        for (_, line) in batch.iter().flat_map(|batch| batch.lines()) {
            if let Some(number) = number_of(line) {
                seen.entry(number).or_insert((now, 0)).1 += 1;
                last = now;
            }
        }
        if last.elapsed() > PATIENCE {
            break;
        }
    }
    Ok(seen)
}

/// The number in `"message":"line 7 of …`.
fn number_of(line: &[u8]) -> Option<u64> {
    const HEAD: &[u8] = b"\"message\":\"line ";
    let start = memchr::memmem::find(line, HEAD)? + HEAD.len();
    let digits = line[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&line[start..start + digits]).ok()?.parse().ok()
}

fn judge(written: &[Instant], seen: &Seen) -> Result<Lag, String> {
    let took =
        written.last().zip(written.first()).map_or(Duration::ZERO, |(end, start)| *end - *start);
    let rate = written.len() as f64 / took.as_secs_f64();
    let mut lags = Vec::with_capacity(written.len());
    for (number, at) in written.iter().enumerate() {
        match seen.get(&(number as u64)) {
            Some((came, 1)) => lags.push(came.duration_since(*at).as_secs_f64() * 1_000.0),
            Some((_, times)) => return Err(format!("line {number} came {times} times")),
            None => return Err(format!("line {number} never came")),
        }
    }
    lags.sort_by(f64::total_cmp);
    let at = |share: f64| percentile(&lags, share);
    let lines = lags.len() as u64;
    Ok(Lag { lines, rate, p50: at(0.5), p99: at(0.99), worst: at(1.0) })
}
