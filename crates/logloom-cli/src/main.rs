//! The `logloom` command.
//!
//! Takes arguments, hands them to one command of `commands/`, and hands its outcome on as the exit
//! status. Holds no logic that a library user would want: what a command does is done by the
//! library crates.

mod args;
mod capture;
mod commands;
mod engine;
mod exit;
mod formats;
mod language;
mod output;
mod place;
mod selection;
mod signals;
mod terminal;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::args::{Arguments, Command};
use crate::exit::{Failure, Outcome};

fn main() -> ExitCode {
    let typed: Vec<_> = std::env::args_os().collect();
    let hint = |is_of_arguments| args::hint(&typed, &Arguments::command(), is_of_arguments);
    let arguments = match args::told_apart(typed.clone(), &Arguments::command()) {
        Ok(arguments) => arguments,
        Err(text) => return exit::report(Err(Failure::Usage(text))),
    };
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let status = exit::usage(&error);
            hint(true).filter(|_| error.use_stderr()).iter().for_each(exit::say);
            return status;
        }
    };
    let outcome = run(arguments.command);
    let is_refused = matches!(outcome, Err(Failure::Usage(_) | Failure::System(_)));
    let hint = is_refused.then(|| hint(false)).flatten();
    let status = exit::report(outcome);
    hint.iter().for_each(exit::say);
    status
}

fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Run(arguments) => commands::run::run(arguments),
        Command::Follow(arguments) => commands::follow::run(arguments),
        Command::Import(arguments) => commands::import::run(&arguments),
        Command::Query(arguments) => commands::query::run(&arguments),
        Command::Tail(arguments) => commands::tail::run(&arguments),
        Command::Tui(arguments) => commands::tui::run(&arguments),
        Command::Stats(arguments) => commands::stats::run(&arguments),
        Command::Log(arguments) => commands::log::run(&arguments),
        Command::Sessions(arguments) => commands::story::sessions::run(&arguments),
        Command::Show(arguments) => commands::story::show::run(&arguments),
        Command::Replay(arguments) => commands::story::replay::run(&arguments),
        Command::Report(arguments) => commands::story::report::run(&arguments),
        Command::Export(arguments) => commands::story::export::run(&arguments),
        Command::Full(arguments) => commands::full::run(&arguments),
        Command::Compare(arguments) => commands::compare::run(&arguments),
        Command::Recover(arguments) => commands::recover::run(&arguments),
        Command::Clean(arguments) => commands::clean::run(&arguments),
        Command::Index(arguments) => commands::index::run(&arguments),
        Command::Intake(arguments) => commands::intake::run(&arguments),
        Command::Mask(arguments) => commands::mask::run(&arguments),
        Command::Config(arguments) => commands::config::run(&arguments),
        Command::Doctor(arguments) => commands::doctor::run(&arguments),
        Command::Completions(arguments) => commands::completions::run(&arguments),
    }
}
