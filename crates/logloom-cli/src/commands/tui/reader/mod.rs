//! The threads that read the log, so that the screen never waits.
//!
//! One pages through rows, one counts for histogram and facets, one finds values for completion, and
//! one a log directory keeps up with what is committed. They share the engine. Answers go into the
//! channel of the screen, which is bounded: a screen that does not keep up delays its readers alone.

mod live;
mod pager;
mod protocol;
mod side;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Sender, SyncSender};

use jiff::tz::TimeZone;
use logloom_query::actions::Lang;
use logloom_query::engine::Engine;
use logloom_query::{Key, LogFile};
use logloom_store::Directory;
use logloom_store::sys::LinuxPlatform;

use super::Event;
use super::entry::Place;
use crate::exit::Failure;
pub(super) use protocol::{Answer, Ask, Cancel, Histogram, Plan, Progress, RowsAsk, Way};

/// What all threads use.
struct Shared {
    engine: Engine,
    directories: Vec<Directory>,
    /// Whether rows that are committed are shown at once; else they are only counted.
    is_followed: Arc<AtomicBool>,
    /// There are rows without a time: times do not tell where such rows stand.
    has_untimed: AtomicBool,
    zone: TimeZone,
    lang: Lang,
    events: SyncSender<Event>,
}

/// The files of all directories at one moment.
struct Files {
    files: Vec<LogFile>,
    directories: Vec<usize>,
}

impl Shared {
    fn files(&self) -> Result<Files, String> {
        let mut all = Files { files: Vec::new(), directories: Vec::new() };
        for (number, directory) in self.directories.iter().enumerate() {
            let found = LogFile::of_directory(directory).map_err(|error| error.to_string())?;
            all.directories.extend(found.iter().map(|_| number));
            all.files.extend(found);
        }
        Ok(all)
    }

    /// Hands an answer over; `false` when the screen is gone.
    fn tell(&self, answer: Answer) -> bool {
        self.events.send(Event::Answer(answer)).is_ok()
    }
}

impl Files {
    /// The place of a row, the same in each snapshot.
    fn place(&self, key: Key) -> Place {
        let file = self.files.get(key.file).and_then(LogFile::key);
        Place {
            time: key.time,
            birth: key.birth,
            directory: self.directories.get(key.file).copied().unwrap_or_default(),
            file: file.map_or(0, |file| file.to_word()),
            offset: key.offset,
        }
    }

    /// The births of the files of a directory.
    fn births(&self, directory: usize) -> HashMap<u64, u64> {
        let own = self.files.iter().zip(&self.directories).filter(|(_, of)| **of == directory);
        own.filter_map(|(file, _)| Some((file.key()?.to_word(), file.birth()))).collect()
    }
}

/// Takes questions to the threads.
pub(super) struct Reader {
    pager: Sender<Ask>,
    counts: Sender<Ask>,
    values: Sender<Ask>,
}

impl Reader {
    /// Starts the threads; their answers go to `events`.
    pub(super) fn start(
        directories: Vec<Directory>,
        (zone, lang): (TimeZone, Lang),
        is_followed: Arc<AtomicBool>,
        events: SyncSender<Event>,
    ) -> Result<Reader, Failure> {
        let engine = Engine::new(Arc::new(LinuxPlatform));
        let has_untimed = AtomicBool::new(false);
        let shared = Shared { engine, directories, is_followed, has_untimed, zone, lang, events };
        let shared = Arc::new(shared);
        Ok(Reader {
            pager: thread("rows", &shared, |shared, asks| pager::Pager::new(shared, asks).run())?,
            counts: thread("counts", &shared, |shared, asks| side::run(&shared, &asks))?,
            values: thread("values", &shared, |shared, asks| side::run(&shared, &asks))?,
        })
    }

    /// Hands a question to the thread that answers such.
    pub(super) fn ask(&self, ask: Ask) {
        let thread = match &ask {
            Ask::Histogram { .. } | Ask::Facet { .. } => &self.counts,
            Ask::Values { .. } => &self.values,
            _ => &self.pager,
        };
        // A thread that has ended has told why.
        let _ = thread.send(ask);
    }
}

fn thread(
    name: &str,
    shared: &Arc<Shared>,
    run: impl FnOnce(Arc<Shared>, mpsc::Receiver<Ask>) + Send + 'static,
) -> Result<Sender<Ask>, Failure> {
    let (send, asks) = mpsc::channel();
    let shared = shared.clone();
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(|| run(shared, asks));
    started.map(|_| send).map_err(|error| Failure::system("start a thread", error))
}
