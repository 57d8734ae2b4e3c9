//! Logs of other programs as files of records, for the time of one query.
//!
//! Takes paths, patterns of names and the standard input, packed or not; finds the format of each as
//! `follow` and `import` do. What is not in the form of the log already is written to a temporary
//! file in that form, and searched there. A file that cannot be read to its end is told.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use logloom_core::settings::Glob;
use logloom_filter::LineView;
use logloom_intake::{Captured, Defaults, LineAssembler, Recogniser, Stream, StreamOptions};
use logloom_query::LogFile;
use logloom_ring::clock;
use tempfile::NamedTempFile;

use crate::args::{FormatArguments, PlaceArguments, QueryArguments};
use crate::commands::indexed;
use crate::commands::intake::{rendered, unpacked};
use crate::exit::{Failure, say};
use crate::{formats, place};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 256 << 10;

/// A temporary file, which goes with its owner.
pub(super) struct Made {
    file: NamedTempFile,
}

/// The files to search, and those that were made for it.
pub(super) fn open(arguments: &QueryArguments) -> Result<(Vec<LogFile>, Vec<Made>), Failure> {
    let reading = Reading::of(&arguments.intake)?;
    let (mut files, mut made) = (Vec::new(), Vec::new());
    for path in paths(&arguments.files)? {
        let failure =
            |error: io::Error| Failure::system(format!("search {}", path.display()), error);
        match indexed::open(&path, &reading.format) {
            Ok(None) => {}
            Ok(Some(prepared)) => {
                files.extend(prepared);
                continue;
            }
            Err(reason) => say(format_args!(
                "what was prepared of {} is not used: {reason}; `logloom index --files` makes it anew",
                path.display()
            )),
        }
        if is_own(&path, &reading) {
            files.push(LogFile::of_path(&path).map_err(failure)?);
            continue;
        }
        let one = converted(&path, &reading).map_err(failure)?;
        files.push(LogFile::of_path(one.file.path()).map_err(failure)?);
        made.push(one);
    }
    Ok((files, made))
}

/// All files that are meant, each once.
pub(in crate::commands) fn paths(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = BTreeSet::new();
    for path in given {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path == Path::new("-") || path.exists() || !name.contains(['*', '?', '[', '{']) {
            all.insert(path.clone());
            continue;
        }
        let glob = Glob::new(name).map_err(|why| Failure::Usage(format!("--files: {why}")))?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = parent.unwrap_or(Path::new("."));
        let entries = std::fs::read_dir(folder);
        let entries = entries
            .map_err(|error| Failure::system(format!("list {}", folder.display()), error))?;
        let before = all.len();
        let fits = |entry: &std::fs::DirEntry| {
            let is_file = entry.path().is_file();
            is_file && entry.file_name().to_str().is_some_and(|name| glob.fits(name))
        };
        let named = |entry: std::fs::DirEntry| match parent {
            Some(_) => entry.path(),
            None => PathBuf::from(entry.file_name()),
        };
        all.extend(entries.flatten().filter(fits).map(named));
        if all.len() == before {
            return Err(Failure::System(format!("no file fits {}", path.display())));
        }
    }
    Ok(all.into_iter().collect())
}

/// Whether a file is plain JSON lines with our names, so that it can be searched as it is.
fn is_own(path: &Path, reading: &Reading) -> bool {
    if reading.is_named || !path.is_file() {
        return false;
    }
    let mut first = Vec::new();
    let read = File::open(path).and_then(|file| {
        BufReader::new(file.take(CHUNK_BYTES as u64)).read_until(b'\n', &mut first)
    });
    let view = LineView::new(first.trim_ascii());
    let has = |name: &str| view.get(name).is_some();
    read.is_ok() && view.is_well_formed() && has("timestamp") && has("level") && has("message")
}

/// How lines are understood.
pub(in crate::commands) struct Reading {
    recogniser: Recogniser,
    defaults: Defaults,
    /// Whether the format was named, and not to be found.
    is_named: bool,
    /// What was asked for, completed by the settings and the zone of the system.
    pub(in crate::commands) format: FormatArguments,
}

impl Reading {
    /// As the flags and the settings say.
    pub(in crate::commands) fn of(asked: &FormatArguments) -> Result<Reading, Failure> {
        let settings = place::settings(&PlaceArguments::default())?;
        let mut format = formats::over(asked, &settings.intake);
        let zone = formats::zone(&format)?;
        let recogniser = formats::recogniser(&format)?;
        let name = zone.iana_name().map_or_else(|| format!("{zone:?}"), str::to_owned);
        format.zone = Some(name);
        let defaults = Defaults { zone: Some(zone), ..Defaults::default() };
        Ok(Reading { recogniser, defaults, is_named: asked.input_format.is_some(), format })
    }
}

/// Writes the records of a file in the form of the log, all of them.
pub(in crate::commands) fn write_records(
    path: &Path,
    reading: &Reading,
    out: &mut impl Write,
) -> io::Result<()> {
    if is_own(path, reading) {
        return io::copy(&mut File::open(path)?, out).map(drop);
    }
    convert(path, reading, out).and_then(|broken| broken.map_or(Ok(()), Err))
}

fn converted(path: &Path, reading: &Reading) -> io::Result<Made> {
    let made =
        Made { file: tempfile::Builder::new().prefix("logloom-").suffix(".jsonl").tempfile()? };
    let mut out = BufWriter::new(made.file.as_file());
    if let Some(error) = convert(path, reading, &mut out)? {
        say(format_args!("{} is read up to here only: {error}", path.display()));
    }
    out.flush()?;
    drop(out);
    Ok(made)
}

/// Writes the records of a file; gives the error by which its reading ended early.
fn convert(path: &Path, reading: &Reading, out: &mut impl Write) -> io::Result<Option<io::Error>> {
    let (mut input, written_ns) = unpacked(path)?;
    let defaults = Defaults { written_ns, ..reading.defaults.clone() };
    let recogniser = reading.recogniser.clone();
    let mut stream =
        Stream::new(StreamOptions { recogniser, defaults, ..StreamOptions::default() });
    let mut outcome = Ok(());
    let mut give = |captured: Captured| {
        if outcome.is_ok() {
            outcome = out.write_all(&rendered(&captured.record));
        }
    };
    let mut lines = LineAssembler::new(0);
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut broken = None;
    loop {
        let read = match input.read(&mut chunk) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                broken = Some(error);
                0
            }
        };
        if read == 0 {
            break;
        }
        lines.push(&chunk[..read], &mut |line| stream.push(line, clock::real_time(), &mut give));
    }
    lines.finish_each(&mut |line| stream.push(line, clock::real_time(), &mut give));
    stream.end(&mut give);
    outcome.map(|()| broken)
}
