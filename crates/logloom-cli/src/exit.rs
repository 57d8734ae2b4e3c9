//! Exit statuses, and how a failure is told.
//!
//! | status | means |
//! |---|---|
//! | 0 | done; for `query`: something was found |
//! | 1 | nothing was found; for `doctor`: something fails |
//! | 2 | wrong usage or wrong configuration |
//! | 3 | a file, a directory or the system refused |
//!
//! `run` hands on the status of its command instead, 128 and the number of the signal that ended
//! it, 126 when it cannot be executed and 127 when there is none.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use logloom_config::{Colours, Report};

use crate::terminal;

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is well.
    Done,
    /// There was nothing to show, or something is not as it should be.
    Nothing,
    /// The status of a command that was run.
    Status(u8),
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Arguments that make no sense together.
    Usage(String),
    /// A configuration that cannot be used.
    Configuration(Report),
    /// Everything that is wrong with a file that was given, a problem a line.
    Problems(String),
    /// The system, a file or a directory refused.
    System(String),
    /// The command to run cannot be started.
    Start {
        /// 126 or 127.
        status: u8,
        /// Why.
        text: String,
    },
    /// Whoever read the output is gone: no reason to complain.
    OutputClosed,
}

impl Failure {
    /// A failure of the system with its error and what was being done.
    pub(crate) fn system(doing: impl fmt::Display, error: impl fmt::Display) -> Failure {
        Failure::System(format!("cannot {doing}: {error}"))
    }

    /// A failure of writing to the standard output.
    pub(crate) fn output(error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::OutputClosed,
            _ => Failure::system("write to the standard output", error),
        }
    }
}

/// Tells the failure, if there is one, and gives the status.
pub(crate) fn report(result: Result<Outcome, Failure>) -> ExitCode {
    match result {
        Ok(Outcome::Done) | Err(Failure::OutputClosed) => ExitCode::SUCCESS,
        Ok(Outcome::Nothing) => ExitCode::from(1),
        Ok(Outcome::Status(status)) => ExitCode::from(status),
        Err(Failure::Usage(text)) => told(&text, 2),
        Err(Failure::Problems(text)) => {
            text.lines().for_each(say);
            ExitCode::from(2)
        }
        Err(Failure::System(text)) => told(&text, 3),
        Err(Failure::Start { status, text }) => told(&text, status),
        Err(Failure::Configuration(report)) => {
            let colours = match terminal::stderr_is_coloured() {
                true => Colours::Ansi,
                false => Colours::Plain,
            };
            // Without a standard error there is nobody to tell.
            let _ = io::stderr().write_all(report.text(colours).as_bytes());
            ExitCode::from(2)
        }
    }
}

/// Tells what is wrong with the arguments, or prints the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let is_help = !error.use_stderr();
    match error.print() {
        Ok(()) if is_help => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

/// Says something to the person at the terminal, apart from the output.
pub(crate) fn say(text: impl fmt::Display) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "logloom: {}", terminal::safe_line(&text.to_string()));
}

fn told(text: &str, status: u8) -> ExitCode {
    say(text);
    ExitCode::from(status)
}
