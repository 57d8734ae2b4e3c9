//! Where the program writes to: a pseudo-terminal where our own stream is a terminal, so that it
//! keeps its colours and its line buffering, else a pipe.
//!
//! The pseudo-terminal changes nothing on the way: the line ends that the terminal adds are added
//! by the terminal behind us. It is nobody's controlling terminal. The program stays in the
//! session and the process group that it would have without us, so that Ctrl+C, Ctrl+Z and the
//! terminal's rules for the background reach it as ever. Only its size has to be kept up to date.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, ptsname, unlockpt};
use rustix::termios::{
    LocalModes, OptionalActions, OutputModes, isatty, tcgetattr, tcgetwinsize, tcsetattr,
    tcsetwinsize,
};

use crate::exit::say;

/// One stream of the program.
pub(super) struct Channel {
    /// What the program writes comes out here.
    pub(super) reader: OwnedFd,
    /// For the program.
    pub(super) writer: OwnedFd,
    /// Where the copy goes; `None` when our own stream is closed.
    pub(super) copy: Option<File>,
    /// `None` for a pipe.
    pub(super) window: Option<Window>,
}

impl Channel {
    /// A channel that ends in `own`, one of our standard streams.
    ///
    /// # Errors
    /// No pipe is to be had.
    pub(super) fn open(own: BorrowedFd<'_>, is_pty_allowed: bool) -> io::Result<Channel> {
        let copy = own.try_clone_to_owned().ok();
        if let Some(terminal) = copy.as_ref().filter(|copy| is_pty_allowed && isatty(copy)) {
            match pseudo_terminal(terminal) {
                Ok((reader, writer, window)) => {
                    let copy = copy.map(File::from);
                    return Ok(Channel { reader, writer, copy, window: Some(window) });
                }
                Err(error) => say(format_args!(
                    "no pseudo-terminal is to be had ({error}): the program writes to a pipe"
                )),
            }
        }
        let (reader, writer) = io::pipe()?;
        let copy = copy.map(File::from);
        Ok(Channel { reader: reader.into(), writer: writer.into(), copy, window: None })
    }
}

/// Both ends of a pseudo-terminal like this terminal, and what keeps its size.
fn pseudo_terminal(terminal: &OwnedFd) -> io::Result<(OwnedFd, OwnedFd, Window)> {
    let (reader, writer) = both_ends()?;
    let mut modes = tcgetattr(terminal)?;
    modes.output_modes.remove(OutputModes::OPOST);
    modes.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&writer, OptionalActions::Now, &modes)?;
    let window = Window { terminal: terminal.try_clone()?, pseudo: reader.try_clone()? };
    window.adapt();
    Ok((reader, writer, window))
}

/// The end that we read and the end that the program writes to.
fn both_ends() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let reader = openpt(flags)?;
    grantpt(&reader)?;
    unlockpt(&reader)?;
    let writer = match ioctl_tiocgptpeer(&reader, flags) {
        Ok(writer) => writer,
        // Sandboxes and old systems know it by its name only.
        Err(_) => by_name(&reader)?,
    };
    Ok((reader, writer))
}

fn by_name(reader: &OwnedFd) -> io::Result<OwnedFd> {
    let name = ptsname(reader, Vec::new())?;
    Ok(open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?)
}

/// Gives a pseudo-terminal the size of the terminal that it stands for.
pub(super) struct Window {
    terminal: OwnedFd,
    pseudo: OwnedFd,
}

impl Window {
    /// Hands the size on; says whether it has changed.
    pub(super) fn adapt(&self) -> bool {
        let (Ok(wanted), Ok(size)) = (tcgetwinsize(&self.terminal), tcgetwinsize(&self.pseudo))
        else {
            return false;
        };
        let is_same = (wanted.ws_row, wanted.ws_col, wanted.ws_xpixel, wanted.ws_ypixel)
            == (size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
        !is_same && tcsetwinsize(self.pseudo.as_fd(), wanted).is_ok()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{Read, Write};

    use super::*;

    #[test]
    fn a_pseudo_terminal_is_found_by_its_name_too() {
        let (reader, writer) = both_ends().unwrap();
        let named = by_name(&reader).unwrap();
        assert!(isatty(&named));
        drop(writer);
        File::from(named).write_all(b"x").unwrap();
        let mut byte = [0];
        File::from(reader).read_exact(&mut byte).unwrap();
        assert_eq!(byte, *b"x");
    }

    #[test]
    fn a_pseudo_terminal_is_like_the_terminal_it_stands_for() {
        let (user, terminal) = both_ends().unwrap();
        let (_reader, writer, window) = pseudo_terminal(&terminal).unwrap();
        let wanted = rustix::termios::Winsize { ws_row: 7, ws_col: 9, ws_xpixel: 1, ws_ypixel: 2 };
        tcsetwinsize(&user, wanted).unwrap();
        assert!(window.adapt() && !window.adapt(), "it has changed once");
        let size = tcgetwinsize(&writer).unwrap();
        assert_eq!((size.ws_row, size.ws_col, size.ws_ypixel), (7, 9, 2));
        let modes = tcgetattr(&writer).unwrap();
        assert!(!modes.output_modes.contains(OutputModes::OPOST));
        assert!(tcgetattr(&terminal).unwrap().output_modes.contains(OutputModes::OPOST));
    }

    #[test]
    fn what_is_no_terminal_gets_a_pipe() {
        let file = tempfile::tempfile().unwrap();
        let channel = Channel::open(file.as_fd(), true).unwrap();
        assert!(channel.window.is_none() && channel.copy.is_some() && !isatty(&channel.writer));
        let (_user, terminal) = both_ends().unwrap();
        assert!(Channel::open(terminal.as_fd(), true).unwrap().window.is_some());
        assert!(Channel::open(terminal.as_fd(), false).unwrap().window.is_none());
    }
}
