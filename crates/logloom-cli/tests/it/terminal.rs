//! `logloom run` at a terminal: a real pseudo-terminal stands for it.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{OptionalActions, OutputModes, Winsize, tcgetattr, tcsetattr, tcsetwinsize};

use crate::support::{Place, Running, await_that};

/// A terminal as its user has it.
struct Terminal {
    user: File,
    line: OwnedFd,
    seen: String,
}

impl Terminal {
    fn new() -> Terminal {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let user = openpt(flags).unwrap();
        unlockpt(&user).unwrap();
        let line = ioctl_tiocgptpeer(&user, flags).unwrap();
        let terminal = Terminal { user: File::from(user), line, seen: String::new() };
        terminal.resize(24, 80);
        terminal
    }

    fn resize(&self, rows: u16, columns: u16) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.user, size).unwrap();
    }

    fn stdio(&self) -> Stdio {
        self.line.try_clone().unwrap().into()
    }

    /// Starts a command with all its streams here.
    fn start(&self, command: &mut Command) -> Running {
        command.stdin(self.stdio()).stdout(self.stdio()).stderr(self.stdio());
        Running::start(command)
    }

    /// Everything that appears up to this text.
    fn read_until(&mut self, text: &str) -> String {
        let mut chunk = [0; 4096];
        while !self.seen.contains(text) {
            let count = self.user.read(&mut chunk).unwrap();
            self.seen.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
        }
        let end = self.seen.find(text).unwrap() + text.len();
        let rest = self.seen.split_off(end);
        std::mem::replace(&mut self.seen, rest)
    }
}

#[test]
fn the_program_has_a_terminal_for_each_stream_that_goes_to_one() {
    let place = Place::new();
    let mut terminal = Terminal::new();
    let script = "is() { test -t $1 && echo $1 yes || echo $1 no; }; is 0; is 1; is 2 >&2; \
                  stty size <&1; printf '\\033[31mred\\033[0m\\n'; echo end";
    let mut running = terminal.start(&mut place.ready("run", &["--", "sh", "-c", script]));
    let mut text = terminal.read_until("end\r\n");
    if !text.contains("2 yes") {
        text += &terminal.read_until("2 yes\r\n");
    }
    assert!(running.end().success());
    for line in ["0 yes\r\n", "1 yes\r\n", "2 yes\r\n", "24 80\r\n", "\u{1b}[31mred\u{1b}[0m\r\n"] {
        assert!(text.contains(line), "{line:?} in {text:?}");
    }
    assert!(!text.contains("\r\r"), "{text:?}");
    let records = place.records();
    assert_eq!(records.len(), 6);
    assert!(records.iter().all(|record| !record["message"].as_str().unwrap().contains('\r')));
    let is_error = |record: &&serde_json::Value| record["stream"] == "stderr";
    let of_errors: Vec<_> = records.iter().filter(is_error).map(|r| &r["message"]).collect();
    assert_eq!(of_errors, ["2 yes"], "the streams stay apart");
}

#[test]
fn streams_that_go_elsewhere_and_no_pty_get_pipes() {
    let place = Place::new();
    let mut terminal = Terminal::new();
    let script = "is() { test -t $1 && echo $1 yes || echo $1 no; }; is 1; is 2; echo end";
    let mut command = place.ready("run", &["--", "sh", "-c", script]);
    command.stdin(Stdio::null()).stdout(terminal.stdio()).stderr(Stdio::null());
    let mut running = Running::start(&mut command);
    assert_eq!(terminal.read_until("end\r\n"), "1 yes\r\n2 no\r\nend\r\n");
    assert!(running.end().success());
    let mut running =
        terminal.start(&mut place.ready("run", &["--no-pty", "--", "sh", "-c", script]));
    assert_eq!(terminal.read_until("end\r\n"), "1 no\r\n2 no\r\nend\r\n");
    assert!(running.end().success());
}

#[test]
fn nothing_is_changed_on_the_way() {
    let place = Place::new();
    let mut terminal = Terminal::new();
    let mut modes = tcgetattr(&terminal.line).unwrap();
    modes.output_modes.remove(OutputModes::OPOST);
    tcsetattr(&terminal.line, OptionalActions::Now, &modes).unwrap();
    let script = "printf 'a\\r\\n\\tb\\n50%%\\r100%%\\nend'";
    let mut running = terminal.start(&mut place.ready("run", &["--", "sh", "-c", script]));
    assert_eq!(terminal.read_until("end"), "a\r\n\tb\n50%\r100%\nend");
    assert!(running.end().success());
}

#[test]
fn a_new_size_reaches_the_program() {
    let place = Place::new();
    let mut terminal = Terminal::new();
    let script = "trap 'stty size <&1' WINCH; echo ready; while :; do sleep 0.02; done";
    // The signal of a new size goes to the terminal's own session only.
    let run = place.ready("run", &["--", "sh", "-c", script]);
    let mut running = terminal.start(&mut controlled(&place, &run));
    terminal.read_until("ready\r\n");
    terminal.resize(50, 132);
    terminal.read_until("50 132\r\n");
    running.signal("TERM");
    assert_eq!(running.end().code(), Some(128 + 15));
}

#[test]
fn the_interrupt_key_reaches_the_program_once() {
    let place = Place::new();
    let mut terminal = Terminal::new();
    // Waiting is interrupted by each signal, so that a second one is not taken for the first.
    let script = "trap 'echo caught' INT; trap 'echo mark' USR1; trap 'exit 0' TERM; echo ready; \
                  while :; do sleep 0.02 & wait; done";
    let run = place.ready("run", &["--", "sh", "-c", script]);
    let mut running = terminal.start(&mut controlled(&place, &run));
    terminal.read_until("ready\r\n");
    for _ in 0..3 {
        std::io::Write::write_all(&mut terminal.user, b"\x03").unwrap();
        terminal.read_until("caught\r\n");
        // A second one would have come by the time that this is handed on.
        running.signal("USR1");
        let text = terminal.read_until("mark\r\n");
        assert!(!text.contains("caught"), "{text:?}");
    }
    running.signal("TERM");
    assert!(running.end().success());
    let caught = || place.messages().iter().filter(|message| *message == "caught").count();
    assert_eq!(caught(), 3);
    let signals = place.events("signal");
    let of_terminal =
        |event: &&serde_json::Value| event["message"] == "SIGINT came from the terminal";
    assert_eq!(signals.iter().filter(of_terminal).count(), 3, "{signals:#?}");
}

#[test]
fn a_hung_up_terminal_does_not_end_the_keeping() {
    let place = Place::new();
    let mut terminal = Terminal::new();
    let script = "echo ready; read line; echo after; echo after >&2";
    let mut running = terminal.start(&mut place.ready("run", &["--", "sh", "-c", script]));
    terminal.read_until("ready\r\n");
    drop(terminal);
    assert!(running.end().success());
    await_that("all is kept", || (place.messages().len() == 3).then_some(()));
}

#[test]
fn the_end_of_the_terminal_reaches_the_program_of_a_session_leader() {
    let place = Place::new();
    let mut terminal = Terminal::new();
    // Writes nothing, so that the signal alone can end it.
    let script = "echo ready; while :; do sleep 0.02; done";
    let run = place.ready("run", &["--", "sh", "-c", script]);
    let mut running = terminal.start(&mut controlled(&place, &run));
    terminal.read_until("ready\r\n");
    drop(terminal);
    assert_eq!(running.end().code(), Some(128 + 1));
    let signals = place.events("signal");
    assert_eq!(signals.len(), 1, "{signals:#?}");
    let message = signals[0]["message"].as_str().unwrap();
    assert!(message.starts_with("SIGHUP: the terminal hung up; handed on to"), "{message}");
}

/// The command in a session of its own, whose terminal its standard input is.
fn controlled(place: &Place, command: &Command) -> Command {
    let mut controlled = place.command_of("setsid");
    controlled.arg("--ctty").arg(command.get_program()).args(command.get_args());
    controlled
}

#[test]
fn a_table_of_actions_takes_the_width_of_the_terminal() {
    let place = Place::new();
    std::fs::create_dir(place.log()).unwrap();
    let line = format!(
        r#"{{"timestamp":"2025-11-21T14:32:15Z","action_type":"user_input","content":"{}"}}"#,
        "many words ".repeat(50)
    );
    std::fs::write(place.log().join("2025-11-21.jsonl"), line + "\n").unwrap();
    let mut terminal = Terminal::new();
    for width in [60, 100] {
        terminal.resize(24, width);
        let mut command = place.ready("log", &["--date", "2025-11-21"]);
        let mut running = terminal.start(command.env("NO_COLOR", "1"));
        let text = terminal.read_until("Showing 1 of 1 total actions\r\n");
        let rows: Vec<&str> = text.trim_start().lines().take(5).collect();
        assert!(rows.iter().all(|row| row.chars().count() == usize::from(width)), "{text}");
        assert!(rows[3].contains("many words") && rows[3].contains('\u{2026}'), "{text}");
        running.end();
    }
}
