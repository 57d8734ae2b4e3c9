//! `logloom tui`: the log on a full screen.
//!
//! One loop takes keys, answers and signals, and draws. It never waits for the log: threads read it
//! (`reader/`), and what they find comes as events. The state and what becomes of an event is in
//! `app.rs`; each feature has its own file with its keys and how it is drawn.

mod app;
mod complete;
mod detail;
mod draw;
mod entry;
mod facets;
mod foot;
mod head;
mod help;
mod histogram;
mod jump;
mod keys;
mod line;
mod list;
mod paging;
mod prompt;
mod reader;
mod screen;
mod shown;
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod theme;
mod window;
mod wrap;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use logloom_query::Statement;
use ratatui::crossterm::event::{self, KeyEvent};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

use crate::args::TuiArguments;
use crate::commands::query::saved::Queries;
use crate::exit::{Failure, Outcome};
use crate::{language, signals, terminal};
use app::{App, Effect, Look};
use reader::{Answer, Reader};
use screen::Screen;
use shown::Shown;
use theme::Theme;

/// Events that wait for the screen; then their senders wait as well.
const EVENTS_MAX: usize = 64;

/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_millis(250);

/// An empty list is not shown while its rows may come at once.
const PATIENCE: Duration = Duration::from_millis(60);

/// How long the end waits for the terminal to take what was drawn.
const END_WAIT: Duration = Duration::from_secs(2);

/// What the loop is told.
enum Event {
    Key(KeyEvent),
    Paste(String),
    Resized,
    Answer(Answer),
    /// A signal that ends the program.
    Signal(i32),
    Continued,
    /// The terminal gives no more input.
    InputEnded,
}

pub(crate) fn run(arguments: &TuiArguments) -> Result<Outcome, Failure> {
    if let Some(why) = screen::refusal() {
        return Err(Failure::Usage(format!(
            "{why}: use `logloom query` or `logloom tail` instead"
        )));
    }
    let shown = shown::open(arguments)?;
    let look = look(arguments, &shown)?;
    let is_followed = Arc::new(AtomicBool::new(true));
    let mut app = App::new(look, is_followed.clone());
    let text = arguments.query.clone().unwrap_or_default();
    let text = app.look.saved.expanded(&text).map_err(Failure::Usage)?;
    let statement = Statement::parse(&text, &app.context())
        .map_err(|error| Failure::Problems(error.render(&text)))?;
    let (send, events) = mpsc::sync_channel(EVENTS_MAX);
    watch_signals(&send).map_err(|error| Failure::system("watch signals", error))?;
    let look = (app.look.zone.clone(), app.look.lang);
    let reader = Reader::start(shown.directories.clone(), look, is_followed, send.clone())?;
    let mut screen = Screen::take()?;
    std::thread::spawn(move || read_keys(&send));
    app.open(&text, statement);
    if let Some(problem) = shown.problem() {
        app.complain(problem);
    }
    let ended = Loop { app, reader, screen: &mut screen, events }.run();
    drop(screen);
    match ended {
        // It may be gone before the signal that tells so is heard.
        Err(_) if screen::is_gone() => Ok(Outcome::Status(128 + SIGHUP as u8)),
        ended => ended.map_err(|error| Failure::system("use the terminal", error)),
    }
}

fn look(arguments: &TuiArguments, shown: &Shown) -> Result<Look, Failure> {
    let lang = language::meant(arguments.lang.as_deref())?;
    Ok(Look {
        lang,
        zone: if arguments.utc { TimeZone::UTC } else { TimeZone::system() },
        is_utc: arguments.utc,
        theme: Theme::new(terminal::stdout_is_coloured()),
        title: shown.title.clone(),
        saved: Queries::of(&shown.place)?,
    })
}

fn watch_signals(send: &SyncSender<Event>) -> io::Result<()> {
    let send = send.clone();
    signals::watch(&[SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGCONT], move |signal| {
        if signal.number == SIGCONT {
            let _ = send.try_send(Event::Continued);
            return;
        }
        // When all places are taken the loop is stuck, as below.
        let _ = send.try_send(Event::Signal(signal.number));
        std::thread::sleep(END_WAIT);
        // It writes to a terminal that takes nothing, and will not look for more.
        screen::give_back();
        std::process::exit(128 + signal.number);
    })
}

/// Hands on what is typed.
fn read_keys(send: &SyncSender<Event>) {
    loop {
        let event = match event::read() {
            Ok(event::Event::Key(key)) => Event::Key(key),
            Ok(event::Event::Paste(text)) => Event::Paste(text),
            Ok(event::Event::Resize(..)) => Event::Resized,
            Ok(_) => continue,
            Err(_) => Event::InputEnded,
        };
        let is_end = matches!(event, Event::InputEnded);
        if send.send(event).is_err() || is_end {
            return;
        }
    }
}

struct Loop<'s> {
    app: App,
    reader: Reader,
    screen: &'s mut Screen,
    events: Receiver<Event>,
}

impl Loop<'_> {
    fn run(mut self) -> io::Result<Outcome> {
        let mut changed = Some(Instant::now());
        loop {
            if let Some(outcome) = self.act()? {
                return Ok(outcome);
            }
            let is_early = changed.is_some_and(|since| self.is_early(since));
            if changed.is_some() && !is_early {
                self.screen.draw(&mut self.app)?;
                changed = None;
                // What is drawn tells how many rows there is room for.
                self.app.settle(Instant::now());
                continue;
            }
            match self.events.recv_timeout(if is_early { PATIENCE } else { TICK }) {
                Ok(event) => {
                    if let Some(outcome) = self.take(event)? {
                        return Ok(outcome);
                    }
                    changed = changed.or(Some(Instant::now()));
                }
                Err(RecvTimeoutError::Timeout) if screen::is_gone() => {
                    return Ok(Outcome::Status(128 + SIGHUP as u8));
                }
                Err(_) => self.app.settle(Instant::now()),
            }
        }
    }

    /// Whether it is too soon to show that there is nothing.
    fn is_early(&self, since: Instant) -> bool {
        let is_empty = self.app.window.len() == 0 && self.app.paging.is_waiting();
        is_empty && self.app.prompt.is_none() && since.elapsed() < PATIENCE
    }

    /// Takes an event, and all that wait behind it.
    fn take(&mut self, event: Event) -> io::Result<Option<Outcome>> {
        let mut next = Some(event);
        let mut count = 0;
        while let Some(event) = next.take() {
            if let Some(outcome) = self.take_one(event)? {
                return Ok(Some(outcome));
            }
            count += 1;
            if count < EVENTS_MAX {
                next = self.events.try_recv().ok();
            }
        }
        self.app.settle(Instant::now());
        Ok(None)
    }

    fn take_one(&mut self, event: Event) -> io::Result<Option<Outcome>> {
        match event {
            Event::Key(key) => self.app.key(key, Instant::now()),
            Event::Paste(text) => self.app.paste(&text),
            Event::Answer(answer) => self.app.answer(answer, Instant::now()),
            Event::Resized => {}
            Event::Continued => self.screen.take_again()?,
            Event::InputEnded => return Ok(Some(Outcome::Status(128 + SIGHUP as u8))),
            Event::Signal(number) => {
                return Ok(Some(Outcome::Status(128 + u8::try_from(number).unwrap_or(0))));
            }
        }
        self.act()
    }

    /// Does what events have led to.
    fn act(&mut self) -> io::Result<Option<Outcome>> {
        for effect in std::mem::take(&mut self.app.effects) {
            match effect {
                Effect::Ask(ask) => self.reader.ask(ask),
                Effect::Suspend => self.screen.suspend()?,
                Effect::Redraw => self.screen.clear()?,
                Effect::Quit => return Ok(Some(Outcome::Done)),
            }
        }
        Ok(None)
    }
}
