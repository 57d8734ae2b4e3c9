//! `logloom tail`: the newest records, then each one as it is committed.
//!
//! Every record is shown once: where the history ends is where the live part begins. A slow
//! terminal is behind, and nobody else is. Rows fit the terminal as wide as it is at the time.

use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use logloom_query::actions::Lang;
use logloom_query::engine::Engine;
use logloom_query::pipes::{self, Chain, Flow};
use logloom_query::{Key, Query, Question, Row, Statement};
use logloom_ring::clock;
use logloom_store::Directory;
use logloom_store::read::Cursor;
use logloom_store::sys::LinuxPlatform;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use super::query::{files, unanswered};
use crate::args::TailArguments;
use crate::exit::{Failure, Outcome, say};
use crate::output::{Printer, Stamp};
use crate::{place, selection, signals, terminal};

mod blank;
mod rate;
pub(super) mod source;

use blank::is_blank;
use rate::Rate;
use source::Source;

/// Batches that wait for the terminal; then reading waits as well.
const BATCHES_MAX: usize = 16;

/// How often the rate is shown, and whether anybody reads is looked at.
const TICK: Duration = Duration::from_millis(250);

/// How long the end waits for the terminal to take what was printed before.
const END_WAIT: Duration = Duration::from_secs(2);

/// What the readers and the signals tell the printer.
enum Event {
    /// Matching lines, each with its line feed.
    Lines(Vec<u8>),
    Failed(String),
    Stop,
}

pub(crate) fn run(arguments: &TailArguments) -> Result<Outcome, Failure> {
    let query = selection::query(&arguments.select, clock::real_time())?;
    let question = Question::new(Statement::of_filter(query.condition()));
    watch(arguments, &question, Printer::new(&arguments.show, Stamp::Time))
}

/// Shows what a question finds that needs no more than one row at a time, now and from now on.
pub(crate) fn watch(
    arguments: &TailArguments,
    question: &Question,
    printer: Printer,
) -> Result<Outcome, Failure> {
    let directories = place::open_for_reading(&arguments.place)?;
    let engine = Engine::new(Arc::new(LinuxPlatform));
    let statement = question.resolved(&engine, &files(&directories)?).map_err(unanswered)?;
    let query = Query { filter: statement.filter.clone(), ..Query::default() };
    let (send, events) = mpsc::sync_channel(BATCHES_MAX);
    watch_signals(send.clone()).map_err(|error| Failure::system("watch signals", error))?;
    let mut viewer = Viewer::new(arguments, printer, statement.chain(&question.limits));
    let sources = directories.iter().map(|directory| Source::new(directory, &query));
    let sources = sources.collect::<Result<Vec<_>, _>>();
    let sources = sources.map_err(|error| Failure::System(error.to_string()))?;
    viewer.history(arguments.lines, &query, &directories, &sources)?;
    for source in sources {
        let send = send.clone();
        std::thread::spawn(move || keep_up(source, &send));
    }
    viewer.watch(&events)?;
    viewer.end()
}

fn watch_signals(send: SyncSender<Event>) -> io::Result<()> {
    signals::watch(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM], move |signal| {
        // When all places are taken the printer is stuck, as below.
        let _ = send.try_send(Event::Stop);
        std::thread::sleep(END_WAIT);
        // It writes to something that takes nothing, and will not look for more.
        std::process::exit(128 + signal.number);
    })
}

/// Reads on as records are committed, until nobody listens.
fn keep_up(mut source: Source, send: &SyncSender<Event>) {
    loop {
        let mut lines = Vec::new();
        let outcome = source.next(TICK, &mut |found| {
            lines.extend_from_slice(found.line);
            lines.push(b'\n');
        });
        let event = match outcome {
            Ok(()) if lines.is_empty() => continue,
            Ok(()) => Event::Lines(lines),
            Err(error) => Event::Failed(error.to_string()),
        };
        let is_failure = matches!(event, Event::Failed(_));
        if send.send(event).is_err() {
            return;
        }
        if is_failure {
            // The next attempt goes on at the same place.
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

/// Prints what comes.
struct Viewer {
    printer: Printer,
    pipes: Chain,
    /// Whether each record gets one row of the terminal.
    is_clipped: bool,
    rate: Option<Rate>,
    problem: Option<String>,
}

impl Viewer {
    fn new(arguments: &TailArguments, printer: Printer, pipes: Chain) -> Self {
        Self {
            printer,
            pipes,
            is_clipped: io::stdout().is_terminal() && !arguments.wrap,
            rate: arguments.rate.then(Rate::new),
            problem: None,
        }
    }

    /// The newest records of all directories from before the live part.
    fn history(
        &mut self,
        count: usize,
        query: &Query,
        directories: &[Directory],
        sources: &[Source],
    ) -> Result<(), Failure> {
        self.clip();
        let cursors: Vec<(&Path, Cursor)> =
            sources.iter().map(|source| (source.path(), source.cursor())).collect();
        let query = Query { limit: Some(count), ..query.clone() };
        let mut outcome = Ok(());
        let files = files(directories)?;
        let stats = query.run(&files, &mut |row| {
            if is_before(&cursors, &row) {
                outcome = self.shown(row.line);
            }
            match outcome {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        outcome?;
        stats.damage.sentences(&files, Lang::English).iter().for_each(say);
        stats.problems.iter().for_each(say);
        if let Some(rate) = &mut self.rate {
            rate.begin();
        }
        self.printer.end_of_page();
        self.printer.flush()
    }

    /// Prints until the end is asked for, or nobody reads any more.
    fn watch(&mut self, events: &Receiver<Event>) -> Result<(), Failure> {
        let mut ticked = Instant::now();
        loop {
            match events.recv_timeout(TICK) {
                Ok(Event::Lines(lines)) => self.lines(&lines)?,
                Ok(Event::Failed(text)) => self.fail(text),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                self.tick()?;
            }
        }
        Ok(())
    }

    /// Takes the rate away, and closes what the format has open.
    fn end(mut self) -> Result<Outcome, Failure> {
        if let Some(rate) = &mut self.rate {
            let text = rate.clear();
            self.printer.text(&text);
        }
        self.printer.finish()?;
        Ok(Outcome::Done)
    }

    /// Makes rows as wide as the terminal is now.
    fn clip(&mut self) {
        if self.is_clipped {
            self.printer.clip(terminal::width());
        }
    }

    fn lines(&mut self, lines: &[u8]) -> Result<(), Failure> {
        self.problem = None;
        self.clip();
        if let Some(rate) = &mut self.rate {
            let text = rate.clear();
            self.printer.text(&text);
        }
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            self.shown(line)?;
        }
        self.printer.end_of_page();
        if let Some(rate) = &mut self.rate {
            let text = rate.draw();
            self.printer.text(&text);
        }
        self.printer.flush()
    }

    /// Prints and counts one record; one of an empty line is worth no row.
    fn shown(&mut self, line: &[u8]) -> Result<(), Failure> {
        if self.printer.is_for_reading() && is_blank(line) {
            return Ok(());
        }
        if let Some(rate) = &mut self.rate {
            rate.count(line);
        }
        let (printer, mut printed) = (&mut self.printer, Ok(()));
        let row = pipes::Row::of_line(line, Key::default());
        let pushed = self.pipes.push(row, &mut |row| {
            printed = printer.row(&row.line());
            Ok(Flow::Continue)
        });
        printed?;
        pushed.map(drop).map_err(unanswered)
    }

    fn tick(&mut self) -> Result<(), Failure> {
        if let Some(rate) = &mut self.rate {
            rate.tick();
            let text = rate.clear() + &rate.draw();
            self.printer.text(&text);
            self.printer.flush()?;
        }
        if is_unread() { Err(Failure::OutputClosed) } else { Ok(()) }
    }

    /// Says each problem once.
    fn fail(&mut self, text: String) {
        if self.problem.as_ref() != Some(&text) {
            say(&text);
            self.problem = Some(text);
        }
    }
}

/// Whether a row stands before the place where the live part of its directory began.
fn is_before(cursors: &[(&Path, Cursor)], row: &Row<'_>) -> bool {
    let Some(key) = row.file.key() else { return true };
    let own = cursors.iter().find(|(path, _)| row.file.path().parent() == Some(path));
    let Some((_, cursor)) = own else { return true };
    match cursor.files.iter().find(|file| file.key == key) {
        Some(file) => row.offset < file.offset,
        None => row.file.birth() <= cursor.finished,
    }
}

/// Whether the other end of the standard output is closed, which silence would hide.
fn is_unread() -> bool {
    let out = io::stdout();
    if out.is_terminal() {
        return false;
    }
    let mut polled = [PollFd::new(&out, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let ready = poll(&mut polled, Some(&now)).unwrap_or(0) > 0;
    ready && polled[0].revents().intersects(PollFlags::ERR | PollFlags::NVAL)
}
