//! The terminal, taken over and given back.
//!
//! Whatever ends the viewer, the terminal is given back first: by the end of its owner, by a panic of
//! any thread (its message stands on the screen of before), by a signal. Giving it back twice does
//! no harm.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{execute, queue};
use ratatui::layout::{Position, Rect};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, kill_current_process_group};

use super::app::App;
use super::draw;
use crate::exit::Failure;

/// Whether the terminal is ours, for whoever has to give it back.
static IS_OURS: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours.
pub(super) struct Screen {
    /// Never dropped: its end would write to a terminal that may be gone, and panic at that.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
}

impl Screen {
    /// Takes the terminal over.
    pub(super) fn take() -> Result<Screen, Failure> {
        give_back_at_panics();
        let failed = |error: io::Error| Failure::system("take the terminal over", error);
        let backend = CrosstermBackend::new(BufWriter::with_capacity(64 << 10, io::stdout()));
        enter().map_err(failed)?;
        match Terminal::new(backend) {
            Ok(terminal) => Ok(Screen { terminal: ManuallyDrop::new(terminal) }),
            Err(error) => {
                give_back();
                Err(failed(error))
            }
        }
    }

    pub(super) fn draw(&mut self, app: &mut App) -> io::Result<()> {
        self.terminal.draw(|frame| draw::draw(app, frame)).map(drop)
    }

    /// Draws everything anew next time.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        // Its own clearing asks the terminal where the cursor is, and not all of them answer.
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Stops the program as Ctrl+Z does elsewhere; goes on when it is continued.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        // Nobody could continue us where there is no shell: then this does nothing.
        kill_current_process_group(Signal::TSTP)?;
        self.take_again()
    }

    /// Takes the terminal over once more, whoever has had it meanwhile.
    pub(super) fn take_again(&mut self) -> io::Result<()> {
        enter()?;
        self.clear()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    IS_OURS.store(true, Ordering::SeqCst);
    let entered = enable_raw_mode()
        .and_then(|()| execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste));
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Gives the terminal back, if it is ours.
pub(super) fn give_back() {
    if !IS_OURS.swap(false, Ordering::SeqCst) {
        return;
    }
    // Where nothing can be written any more there is nothing to be given back.
    let _ = leave(&mut io::stdout());
    let _ = disable_raw_mode();
}

fn leave(out: &mut impl Write) -> io::Result<()> {
    queue!(out, DisableBracketedPaste, LeaveAlternateScreen, Show)?;
    out.flush()
}

fn give_back_at_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let is_ours = IS_OURS.load(Ordering::SeqCst);
        give_back();
        before(panic);
        // The others would go on without the thread, on a terminal that is not theirs any more.
        if is_ours {
            std::process::exit(101);
        }
    }));
}

/// Why this is no place for the viewer.
pub(super) fn refusal() -> Option<&'static str> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Some("the viewer needs a terminal for its input and output");
    }
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    is_dumb.then_some("the viewer needs a terminal that can move its cursor, and TERM is `dumb`")
}

/// Whether nobody is at the terminal any more.
pub(super) fn is_gone() -> bool {
    let input = io::stdin();
    let mut polled = [PollFd::new(&input, PollFlags::empty())];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let ready = poll(&mut polled, Some(&now)).unwrap_or(0) > 0;
    ready && polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_switched_on_is_switched_off() {
        let mut out = Vec::new();
        assert!(leave(&mut out).is_ok());
        let text = String::from_utf8_lossy(&out).into_owned();
        for part in ["\u{1b}[?2004l", "\u{1b}[?1049l", "\u{1b}[?25h"] {
            assert!(text.contains(part), "{text:?}");
        }
    }
}
