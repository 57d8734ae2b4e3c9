//! `logloom tui` at a real pseudo-terminal: what stands on its screen, and what is left of it.

use std::fs::File;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::support::{Place, Running, await_that, errors};

/// A terminal with its screen.
struct Terminal {
    user: File,
    line: OwnedFd,
    screen: vt100::Parser,
    /// All that was sent to it.
    sent: Vec<u8>,
}

impl Terminal {
    fn new(rows: u16, columns: u16) -> Terminal {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let user = openpt(flags).unwrap();
        unlockpt(&user).unwrap();
        let line = ioctl_tiocgptpeer(&user, flags).unwrap();
        let screen = vt100::Parser::new(size(rows), size(columns), 0);
        let mut terminal = Terminal { user: File::from(user), line, screen, sent: Vec::new() };
        terminal.resize(rows, columns);
        terminal
    }

    fn resize(&mut self, rows: u16, columns: u16) {
        let winsize = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        self.screen.screen_mut().set_size(size(rows), size(columns));
        tcsetwinsize(&self.user, winsize).unwrap();
    }

    /// Starts a command in a session of its own, whose terminal this is.
    fn start(&self, place: &Place, command: &Command) -> Running {
        let mut controlled = place.command_of("setsid");
        controlled.arg("--ctty").arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => controlled.env(name, value),
                None => controlled.env_remove(name),
            };
        }
        let stdio = || Stdio::from(self.line.try_clone().unwrap());
        controlled.env("TERM", "xterm-256color").stdin(stdio()).stdout(stdio()).stderr(stdio());
        Running::start(&mut controlled)
    }

    fn type_in(&mut self, keys: &str) {
        self.user.write_all(keys.as_bytes()).unwrap();
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn row(&self, row: u16) -> String {
        let columns = self.screen.screen().size().1.get();
        self.screen.screen().rows(0, columns).nth(usize::from(row)).unwrap()
    }

    /// Takes what was sent, if anything was.
    fn take(&mut self) {
        let mut chunk = [0; 16 << 10];
        let wait = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        let mut polled = [PollFd::new(&self.user, PollFlags::IN)];
        if poll(&mut polled, Some(&wait)).unwrap_or(0) > 0 {
            let count = self.user.read(&mut chunk).unwrap_or(0);
            self.sent.extend_from_slice(&chunk[..count]);
            self.screen.process(&chunk[..count]);
        }
    }

    /// Waits until the screen is so.
    fn await_screen(&mut self, what: &str, is_so: impl Fn(&Terminal) -> bool) {
        let mut last = String::new();
        let start = std::time::Instant::now();
        while !is_so(self) {
            self.take();
            last = if self.text().is_empty() { last } else { self.text() };
            assert!(start.elapsed().as_secs() < 60, "never: {what}; the screen is\n{last}");
        }
    }

    fn await_text(&mut self, text: &str) {
        self.await_screen(text, |terminal| terminal.text().contains(text));
    }

    /// Waits for the end of the program; the terminal must be as it was before.
    fn await_end(&mut self, running: &mut Running) -> Option<i32> {
        let status = await_that("the viewer ends", || {
            self.take();
            running.0.try_wait().unwrap()
        });
        self.await_screen("the terminal is given back", |terminal| {
            let screen = terminal.screen.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
        let modes = tcgetattr(&self.line).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG));
        status.code()
    }
}

fn size(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}

/// A log with some lines, and the viewer of it.
fn viewer(lines: &str) -> (Place, Command) {
    let place = Place::new();
    let script = format!("printf '{lines}'");
    assert!(place.run_script(&script).status.success());
    let command = place.ready("tui", &["--query", "-module:logloom.run"]);
    (place, command)
}

#[test]
fn records_are_found_followed_and_left() {
    let (place, command) = viewer("apple\\nERROR: pear\\n");
    let mut terminal = Terminal::new(24, 80);
    let mut running = terminal.start(&place, &command);
    terminal.await_text("pear");
    terminal.await_text("2 records");
    assert!(terminal.row(23).contains("/ filter"), "{}", terminal.text());
    terminal.type_in("/");
    terminal.type_in(" apple\r");
    terminal.await_screen("pears are gone", |terminal| !terminal.text().contains("pear"));
    terminal.await_text("apple");
    assert!(place.run_script("echo another apple; echo another pear").status.success());
    terminal.await_text("another apple");
    assert!(!terminal.text().contains("another pear"));
    terminal.type_in("\r");
    terminal.await_text("stream");
    terminal.type_in("/");
    terminal.type_in("\u{15}level:>=wran\r");
    terminal.await_text("^");
    terminal.type_in("\u{1b}");
    terminal.await_screen("the old query", |terminal| terminal.row(1).contains("apple"));
    terminal.type_in("q");
    assert_eq!(terminal.await_end(&mut running), Some(0));
}

#[test]
fn files_of_other_programs_and_saved_queries_are_shown() {
    let (place, _) = viewer("apple\\n");
    let lines = "2026-11-21 10:00:00 WARN pear\n2026-11-21 10:00:01 INFO plum\n";
    std::fs::write(place.path("shop.log"), lines).unwrap();
    std::fs::write(place.path("bank.log"), lines.replace('p', "P")).unwrap();
    assert!(place.logloom("query", &["level:>=warn", "--save", "bad"]).status.success());
    let mut terminal = Terminal::new(15, 60);
    let mut command = place.command();
    command.args(["tui", "shop.log", "b*.log", "--config"]).arg(place.path("none.yaml"));
    std::fs::write(
        place.path("none.yaml"),
        format!("store: {{ dir: {} }}\n", place.log().display()),
    )
    .unwrap();
    let mut running = terminal.start(&place, &command);
    terminal.await_text("4 records");
    assert!(terminal.text().contains("shop.log, b*.log"), "{}", terminal.text());
    terminal.type_in("/@bad\r");
    terminal.await_text("2 records");
    assert!(terminal.row(1).contains("level:>=WARN"), "{}", terminal.text());
    terminal.type_in("/\u{15}@bda\r");
    terminal.await_text("did you mean @bad?");
    terminal.type_in("\u{1b}");
    terminal.await_screen("the old query", |terminal| terminal.row(1).contains("level"));
    terminal.type_in("?");
    terminal.await_text("type a filter");
    terminal.type_in(&"j".repeat(20));
    terminal.await_text("Ctrl+Z: stop");
    terminal.type_in("x");
    terminal.await_screen("the help is closed", |terminal| !terminal.text().contains("Ctrl+Z"));
    assert!(terminal.row(14).contains("q quit"), "{}", terminal.text());
    terminal.type_in("q");
    assert_eq!(terminal.await_end(&mut running), Some(0));
}

#[test]
fn a_signal_and_a_key_that_end_it_give_the_terminal_back() {
    let (place, command) = viewer("apple\\n");
    for (signal, status) in [("TERM", 128 + 15), ("HUP", 128 + 1), ("QUIT", 128 + 3)] {
        let mut terminal = Terminal::new(24, 80);
        let mut running = terminal.start(&place, &command);
        terminal.await_text("apple");
        assert!(terminal.screen.screen().alternate_screen());
        running.signal(signal);
        assert_eq!(terminal.await_end(&mut running), Some(status), "{signal}");
    }
    let mut terminal = Terminal::new(24, 80);
    let mut running = terminal.start(&place, &command);
    terminal.await_text("apple");
    terminal.type_in("/x\u{3}");
    assert_eq!(terminal.await_end(&mut running), Some(0));
}

#[test]
fn it_ends_with_its_terminal() {
    let (place, command) = viewer("apple\\n");
    let mut terminal = Terminal::new(24, 80);
    let mut running = terminal.start(&place, &command);
    terminal.await_text("apple");
    drop(terminal);
    assert_eq!(running.end().code(), Some(128 + 1));
}

#[test]
fn it_stops_and_goes_on_as_a_job_of_a_shell() {
    let (place, command) = viewer("apple\\n");
    let mut shell = place.command_of("sh");
    let script = "set -m; \"$@\"; echo stopped-$?; read x; fg; echo ended";
    shell.args(["-c", script, "sh"]).arg(command.get_program()).args(command.get_args());
    let mut terminal = Terminal::new(24, 80);
    let mut running = terminal.start(&place, &shell);
    terminal.await_text("apple");
    terminal.type_in("\u{1a}");
    terminal.await_screen("the shell has its screen", |terminal| {
        !terminal.screen.screen().alternate_screen() && terminal.text().contains("stopped-")
    });
    terminal.type_in("\n");
    terminal.await_screen("the viewer has it again", |terminal| {
        terminal.screen.screen().alternate_screen() && terminal.text().contains("apple")
    });
    terminal.type_in("q");
    terminal.await_text("ended");
    assert_eq!(terminal.await_end(&mut running), Some(0));
}

#[test]
fn a_new_size_is_used() {
    let (place, command) = viewer("apple\\n");
    let mut terminal = Terminal::new(24, 80);
    let mut running = terminal.start(&place, &command);
    terminal.await_text("apple");
    terminal.resize(50, 160);
    terminal.await_screen("the foot is at the bottom", |terminal| {
        terminal.row(49).contains("/ filter") && !terminal.row(23).contains("/ filter")
    });
    terminal.resize(10, 40);
    terminal.await_screen("it is small", |terminal| {
        terminal.row(9).contains("/ filter") && terminal.text().contains("apple")
    });
    terminal.type_in("q");
    assert_eq!(terminal.await_end(&mut running), Some(0));
}

#[test]
fn what_is_in_records_does_nothing_to_the_terminal() {
    let place = Place::new();
    std::fs::create_dir(place.log()).unwrap();
    let line = "{\"timestamp\":\"2026-11-21T10:00:00Z\",\"level\":\"ERROR\",\"service\":\"\\u001b]0;t\\u0007\",\
                \"message\":\"a\\u001b[31mb\\u202ec 订单 \u{202e}d\u{200b}\",\"k\\u009b\":\"\\u001bc\"}\n";
    std::fs::write(place.log().join("2026-11-21.jsonl"), line).unwrap();
    let mut command = place.ready("tui", &["--utc"]);
    command.env("NO_COLOR", "1").env("LANG", "zh_CN.UTF-8").env_remove("LC_ALL");
    let mut terminal = Terminal::new(24, 80);
    let mut running = terminal.start(&place, &command);
    terminal.await_text("实时");
    terminal.await_text("订单");
    terminal.type_in("\rf");
    terminal.await_text("分面");
    terminal.await_text("\\u{9b}");
    terminal.type_in("q");
    assert_eq!(terminal.await_end(&mut running), Some(0));
    let sent = String::from_utf8_lossy(&terminal.sent).into_owned();
    for harmful in ["\u{1b}]0", "\u{202e}", "\u{200b}", "\u{9b}", "\u{1b}c", "\u{7}", "\u{1b}[31m"]
    {
        assert!(!sent.contains(harmful), "{harmful:?} in {sent:?}");
    }
    assert!(!sent.contains("\u{1b}[38;5"), "without colours: {sent:?}");
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let place = Place::new();
    place.run_script("echo apple");
    let output = place.logloom::<&str>("tui", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("use `logloom query`"), "{output:?}");
    assert!(output.stdout.is_empty());
}
