//! How much memory the command takes: with ten thousand files, with a line of a gigabyte, with a packed
//! file that is many times as large when it is unpacked.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::follower::{Following, peak_bytes};
use crate::dice::Dice;

/// How long a file is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// How much of the end of a day file is searched.
const TAIL_BYTES: u64 = 64 << 20;

/// The most memory, in bytes, with this many files of a few lines each.
///
/// # Errors
/// The command could not be run, or did not take the lines over.
pub fn of_many_files(logloom: &Path, folder: &Path, files: usize) -> Result<u64, String> {
    let sources = folder.join("sources");
    std::fs::create_dir_all(&sources).map_err(|error| format!("make a folder: {error}"))?;
    for number in 0..files {
        let text = format!("first line of {number}\nsecond line of {number}\n");
        std::fs::write(sources.join(format!("{number:05}.log")), text)
            .map_err(|error| format!("write a file: {error}"))?;
    }
    run(logloom, folder, &sources, "second line of ", files)
}

/// The most memory, in bytes, with one line of so many megabytes.
///
/// # Errors
/// As for [`of_many_files`].
pub fn of_a_long_line(logloom: &Path, folder: &Path, megabytes: u64) -> Result<u64, String> {
    let sources = folder.join("sources");
    std::fs::create_dir_all(&sources).map_err(|error| format!("make a folder: {error}"))?;
    let written = || -> std::io::Result<()> {
        let mut file = File::create(sources.join("long.log"))?;
        let piece = vec![b'a'; 1 << 20];
        (0..megabytes).try_for_each(|_| file.write_all(&piece))?;
        file.write_all(b"\nthe end\n")
    };
    written().map_err(|error| format!("write a line: {error}"))?;
    run(logloom, folder, &sources, "\"the end\"", 1)
}

/// The most memory, in bytes, of an import of so many megabytes packed by gzip, and its lines.
///
/// # Errors
/// The command or `gzip` could not be run, or a line is missing.
pub fn of_a_packed_import(
    logloom: &Path,
    folder: &Path,
    megabytes: u64,
) -> Result<(u64, u64), String> {
    let (plain, log) = (folder.join("large.log"), folder.join("log"));
    let lines = write_lines(&plain, megabytes << 20).map_err(|error| format!("write: {error}"))?;
    let packed = Command::new("gzip").arg("-1").arg(&plain).status();
    if !packed.as_ref().is_ok_and(|status| status.success()) {
        return Err(format!("gzip: {packed:?}"));
    }
    let mut import = Command::new(logloom);
    import.args(["import", "--quiet", "--dir"]).arg(&log).arg(folder.join("large.log.gz"));
    let started = import.stdin(Stdio::null()).spawn();
    let mut import = started.map_err(|error| format!("start {}: {error}", logloom.display()))?;
    let mut bytes = 0;
    let status = loop {
        // The most so far; there is none any more once it has ended.
        bytes = peak_bytes(import.id()).unwrap_or(bytes);
        if let Some(status) = import.try_wait().map_err(|error| format!("wait: {error}"))? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let found = lines_in(&log).map_err(|error| format!("read {}: {error}", log.display()))?;
    match status.success() && found == lines {
        true => Ok((bytes, lines)),
        false => Err(format!("the import ended with {status}, {found} of {lines} lines are there")),
    }
}

/// Writes lines that pack about as well as logs do; gives their number.
fn write_lines(path: &Path, bytes: u64) -> std::io::Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut dice = Dice::new(3);
    let (mut written, mut lines) = (0, 0);
    while written < bytes {
        let (user, took) = (dice.below(100_000), dice.below(1_000));
        let line = format!("2026-03-01 10:00:00 INFO request {lines} of {user} took {took} ms\n");
        file.write_all(line.as_bytes())?;
        written += line.len() as u64;
        lines += 1;
    }
    file.flush()?;
    Ok(lines)
}

fn lines_in(log: &Path) -> std::io::Result<u64> {
    let mut lines = 0;
    for entry in std::fs::read_dir(log)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            let bytes = std::fs::read(path)?;
            lines += memchr::memchr_iter(b'\n', &bytes).count() as u64;
        }
    }
    Ok(lines)
}

/// Follows until the text is in the log so many times.
fn run(
    logloom: &Path,
    folder: &Path,
    sources: &Path,
    text: &str,
    times: usize,
) -> Result<u64, String> {
    let log = folder.join("log");
    let following = Following::start(logloom, &log, &[sources])?;
    let start = Instant::now();
    loop {
        let found = count(&log, text);
        if found >= times {
            break;
        }
        if start.elapsed() > PATIENCE {
            return Err(format!("{text:?} is {found} times in the log, not {times}"));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    let bytes = following.memory_bytes()?;
    following.stop()?;
    Ok(bytes)
}

/// How often the text stands at the end of the day files.
fn count(log: &Path, text: &str) -> usize {
    let Ok(entries) = std::fs::read_dir(log) else { return 0 };
    let paths = entries.flatten().map(|entry| entry.path());
    let days = paths.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    // A file that is gone by now holds nothing.
    let tails = days.filter_map(|path| tail_of(&path).ok());
    tails.map(|tail| memchr::memmem::find_iter(&tail, text).count()).sum()
}

fn tail_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
