//! Logs of other programs as files of records, for the time of one query.
//!
//! Takes paths, patterns of names and the standard input, packed or not; finds the format of each as
//! `follow` and `import` do. Plain day files of our own are searched as they are; of all else the records are
//! written to a temporary file in the form of the log, and searched there. Packed or not, a file gives the
//! same records. One that cannot be read to its end is told.

mod own;
mod reading;

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use logloom_core::settings::Glob;
use logloom_query::{LogFile, QueryProblem};
use tempfile::NamedTempFile;

use crate::args::QueryArguments;
use crate::commands::indexed;
use crate::exit::{Failure, say};

pub(in crate::commands) use reading::{Reading, write_records};

/// A temporary file, which goes with its owner.
pub(super) struct Made {
    file: NamedTempFile,
    /// Why it holds less than what it was made of, and what that is.
    pub(super) broken: Option<QueryProblem>,
}

/// The files to search, and those that were made for it.
pub(super) fn open(arguments: &QueryArguments) -> Result<(Vec<LogFile>, Vec<Made>), Failure> {
    let reading = Reading::of(&arguments.intake, &arguments.place)?;
    let (mut files, mut made) = (Vec::new(), Vec::new());
    for path in paths(&arguments.files)? {
        let failure =
            |error: io::Error| Failure::system(format!("search {}", path.display()), error);
        match indexed::open(&path, &reading) {
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
        if let Some(own) = reading.plain_own(&path) {
            files.push(own.map_err(failure)?);
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

fn converted(path: &Path, reading: &Reading) -> io::Result<Made> {
    let file = tempfile::Builder::new().prefix("logloom-").suffix(".jsonl").tempfile()?;
    let mut out = BufWriter::new(file.as_file());
    let error = reading.convert(path, &mut out)?;
    out.flush()?;
    drop(out);
    let broken = error.map(|error| QueryProblem { path: path.to_owned(), error });
    Ok(Made { file, broken })
}
