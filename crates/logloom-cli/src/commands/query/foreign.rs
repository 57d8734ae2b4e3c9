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

use crate::args::{PlaceArguments, QueryArguments};
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
    let settings = place::settings(&PlaceArguments::default())?;
    let format = formats::over(&arguments.intake, &settings.intake);
    let recogniser = formats::recogniser(&format)?;
    let zone = formats::zone(&format)?;
    let defaults = Defaults { zone: Some(zone), ..Defaults::default() };
    let (mut files, mut made) = (Vec::new(), Vec::new());
    for path in paths(&arguments.files)? {
        let failure =
            |error: io::Error| Failure::system(format!("search {}", path.display()), error);
        if is_own(&path, arguments) {
            files.push(LogFile::of_path(&path).map_err(failure)?);
            continue;
        }
        let one = converted(&path, recogniser.clone(), defaults.clone()).map_err(failure)?;
        files.push(LogFile::of_path(one.file.path()).map_err(failure)?);
        made.push(one);
    }
    Ok((files, made))
}

/// All files that are meant, each once.
fn paths(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
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
        all.extend(entries.flatten().filter(fits).map(|entry| entry.path()));
        if all.len() == before {
            return Err(Failure::System(format!("no file fits {}", path.display())));
        }
    }
    Ok(all.into_iter().collect())
}

/// Whether a file is plain JSON lines with our names, so that it can be searched as it is.
fn is_own(path: &Path, arguments: &QueryArguments) -> bool {
    if arguments.intake.input_format.is_some() || !path.is_file() {
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

fn converted(path: &Path, recogniser: Recogniser, defaults: Defaults) -> io::Result<Made> {
    let made =
        Made { file: tempfile::Builder::new().prefix("logloom-").suffix(".jsonl").tempfile()? };
    let (mut input, written_ns) = unpacked(path)?;
    let defaults = Defaults { written_ns, ..defaults };
    let mut stream =
        Stream::new(StreamOptions { recogniser, defaults, ..StreamOptions::default() });
    let mut out = BufWriter::new(made.file.as_file());
    let mut outcome = Ok(());
    let mut give = |captured: Captured| {
        if outcome.is_ok() {
            outcome = out.write_all(&rendered(&captured.record));
        }
    };
    let mut lines = LineAssembler::new(0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = match input.read(&mut chunk) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                say(format_args!("{} is read up to here only: {error}", path.display()));
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
    outcome?;
    out.flush()?;
    drop(out);
    Ok(made)
}
