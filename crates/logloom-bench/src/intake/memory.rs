//! How much memory the follower takes: ten thousand files, and a line of a gigabyte.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::follower::Following;

/// How long a file is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// How much of the end of a day file is searched.
const TAIL_BYTES: u64 = 64 << 20;

/// The most memory with this many files of a few lines each.
pub(super) fn of_many_files(logloom: &Path, folder: &Path, files: usize) -> Result<u64, String> {
    let sources = folder.join("sources");
    std::fs::create_dir_all(&sources).map_err(|error| format!("make a folder: {error}"))?;
    for number in 0..files {
        let text = format!("first line of {number}\nsecond line of {number}\n");
        std::fs::write(sources.join(format!("{number:05}.log")), text)
            .map_err(|error| format!("write a file: {error}"))?;
    }
    run(logloom, folder, &sources, "second line of ", files)
}

/// The most memory with one line of so many megabytes.
pub(super) fn of_a_long_line(logloom: &Path, folder: &Path, megabytes: u64) -> Result<u64, String> {
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
