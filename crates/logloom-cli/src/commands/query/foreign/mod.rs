//! Logs of other programs as files of records, for the time of one query.
//!
//! Takes paths, patterns of names and the standard input, packed or not; finds the format of each as
//! `follow` and `import` do. Plain day files of our own are searched as they are; of all else the records are
//! written to a temporary file in the form of the log, with the names of the file as service and path, and searched there.
//! Packed or not, a file gives the same records. One that cannot be read to its end is told.

mod own;
mod reading;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use logloom_core::settings::Glob;
use logloom_query::{LogFile, QueryProblem};
use logloom_store::{Day, Directory, FileKey};
use tempfile::TempDir;

use crate::commands::indexed;
use crate::exit::Failure;
use crate::place;

pub(in crate::commands) use reading::{Reading, write_records};

/// A temporary file, which goes with its owner.
pub(super) struct Made {
    /// Without a name, so that nothing is left of it whatever ends the program.
    file: File,
    /// What it was made of.
    pub(super) source: PathBuf,
    /// Why it holds less than what it was made of, and what that is.
    pub(super) broken: Option<QueryProblem>,
}

impl Made {
    pub(super) fn path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
    }
}

/// What there is to search, and what cannot be.
#[derive(Default)]
pub(super) struct Opened {
    pub(super) files: Vec<LogFile>,
    /// Files that were made for it.
    pub(super) made: Vec<Made>,
    /// Files of which nothing could be read.
    pub(super) problems: Vec<QueryProblem>,
}

/// Opens all files; several are read at once. One that cannot be read costs its own records only.
pub(super) fn open(named: &[PathBuf], reading: &Reading) -> Result<Opened, Failure> {
    let mut opened = Opened::default();
    let paths = paths(named)?;
    let one = |path: &PathBuf| -> io::Result<(Vec<LogFile>, Option<Made>)> {
        if let Some(prepared) = indexed::open(path, reading) {
            return Ok((LogFile::of_directory(&prepared).map_err(io::Error::other)?, None));
        }
        if let Some(own) = reading.plain_own(path) {
            return Ok((vec![own?], None));
        }
        let made = converted(path, reading)?;
        Ok((vec![LogFile::of_path(&made.path())?], Some(made)))
    };
    for (path, outcome) in paths.iter().zip(each(&paths, &one)) {
        match outcome {
            Ok((files, made)) => {
                opened.files.extend(files);
                opened.made.extend(made);
            }
            Err(error) => opened.problems.push(QueryProblem { path: path.clone(), error }),
        }
    }
    Ok(opened)
}

/// Does the same for all files, several at once, and gives what came of each.
fn each<T: Send>(paths: &[PathBuf], take: &(dyn Fn(&PathBuf) -> T + Sync)) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(paths.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((at, path)) = {
            let at = next.fetch_add(1, Ordering::Relaxed);
            paths.get(at).map(|path| (at, path))
        } {
            done.push((at, take(path)));
        }
        done
    };
    let mut all: Vec<(usize, T)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let own = work();
        let others = threads.into_iter().flat_map(|thread| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        others.chain(own).collect()
    });
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, done)| done).collect()
}

/// Files as log directories, for who reads those alone.
pub(in crate::commands) struct Folders {
    pub(in crate::commands) directories: Vec<Directory>,
    /// What could not be read, or not to its end.
    pub(in crate::commands) problems: Vec<QueryProblem>,
    /// Where those are that were made, which go with it.
    _made: TempDir,
}

/// The records of files in log directories: those that were prepared, and one for all others.
pub(in crate::commands) fn folders(
    named: &[PathBuf],
    reading: &Reading,
) -> Result<Folders, Failure> {
    let unmade = |error| Failure::system("make a temporary folder", error);
    let made = tempfile::Builder::new().prefix("logloom-").tempdir().map_err(unmade)?;
    let place = made.path().to_owned();
    let (mut directories, mut problems) = (Vec::new(), Vec::new());
    let split = AtomicU32::new(0);
    let one = |path: &PathBuf| -> io::Result<(Option<Directory>, Option<QueryProblem>)> {
        if let Some(prepared) = indexed::open(path, reading) {
            return Ok((Some(prepared), None));
        }
        let split = split.fetch_add(1, Ordering::Relaxed);
        let name = FileKey { day: Day::from_unix_ns(0), split }.file_name();
        let broken = File::create(place.join(name)).and_then(|file| {
            let mut out = BufWriter::new(file);
            let broken = reading.convert(path, &mut out)?;
            out.flush().map(|()| broken)
        });
        let problem = |error| QueryProblem { path: path.clone(), error };
        Ok((None, broken.map_err(named_room)?.map(problem)))
    };
    let paths = paths(named)?;
    for (path, outcome) in paths.iter().zip(each(&paths, &one)) {
        match outcome {
            Ok((prepared, problem)) => {
                directories.extend(prepared);
                problems.extend(problem);
            }
            Err(error) => problems.push(QueryProblem { path: path.clone(), error }),
        }
    }
    if split.into_inner() > 0 {
        let opened = place::open_reader(&place).map_err(io::Error::other);
        directories.push(opened.map_err(unmade)?);
    }
    Ok(Folders { directories, problems, _made: made })
}

/// All files that are meant, each once.
pub(in crate::commands) fn paths(given: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = BTreeSet::new();
    for path in given {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path == Path::new("-") || path.exists() || !name.contains(['*', '?', '[', '{']) {
            all.insert(checked(path)?.clone());
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

/// A path that is no pattern, if it can be a file of lines.
fn checked(path: &PathBuf) -> Result<&PathBuf, Failure> {
    if path.is_dir() {
        return Err(Failure::Usage(format!(
            "{0} is a folder: name the files in it, as '{0}/*.log', or a log directory of Logloom with --dir",
            path.display()
        )));
    }
    if path != Path::new("-") && !path.exists() {
        return Err(Failure::System(format!(
            "there is no file {}; a query of several words stands in quotes, as 'level:error timeout'",
            path.display()
        )));
    }
    Ok(path)
}

fn converted(path: &Path, reading: &Reading) -> io::Result<Made> {
    let made = || {
        let file = tempfile::tempfile()?;
        let mut out = BufWriter::new(&file);
        let error = reading.convert(path, &mut out)?;
        out.flush()?;
        drop(out);
        let broken = error.map(|error| QueryProblem { path: path.to_owned(), error });
        Ok(Made { file, source: path.to_owned(), broken })
    };
    made().map_err(named_room)
}

/// The error; one of writing says where, since that is not where the file is.
fn named_room(error: io::Error) -> io::Error {
    let kind = error.kind();
    let is_of_writing = matches!(
        kind,
        io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::ReadOnlyFilesystem
    );
    if !is_of_writing {
        return error;
    }
    let text = format!(
        "its records cannot be written to {}: {error}; TMPDIR names another folder, `logloom index --files` keeps \
         them beside the file",
        tempfile::env::temp_dir().display()
    );
    io::Error::new(kind, text)
}
