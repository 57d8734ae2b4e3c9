//! The arguments of every command, as they are typed: a file a command, and one for each group of
//! flags that several have.
//!
//! One definition gives the parser, the help and the completions. Values are checked where they
//! are used, so that each message can say what was expected.

mod clean;
mod compare;
mod completions;
mod config;
mod doctor;
mod follow;
mod full;
mod import;
mod index;
mod intake;
mod lines;
mod log;
mod mask;
mod negated;
mod query;
mod recover;
mod run;
mod select;
mod sessions;
mod show;
mod stats;
mod tail;
mod tui;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use clean::CleanArguments;
pub(crate) use compare::CompareArguments;
pub(crate) use completions::CompletionsArguments;
pub(crate) use config::{ConfigArguments, ConfigCommand};
pub(crate) use doctor::DoctorArguments;
pub(crate) use follow::{FollowArguments, From, Symlinks};
pub(crate) use full::FullArguments;
pub(crate) use import::ImportArguments;
pub(crate) use index::IndexArguments;
pub(crate) use intake::{IntakeArguments, IntakeCommand, IntakeTestArguments};
pub(crate) use lines::{Colours, FormatArguments};
pub(crate) use log::{LogArguments, LogForm};
pub(crate) use mask::{MaskArguments, MaskCommand, MaskDiffArguments, MaskTestArguments};
pub(crate) use negated::{hint, told_apart};
pub(crate) use query::{QueryArguments, RowFormat};
pub(crate) use recover::RecoverArguments;
pub(crate) use run::{Restart, RunArguments};
pub(crate) use select::SelectArguments;
pub(crate) use sessions::{
    ActionReportArguments, DaysArguments, ExportArguments, ReplayArguments, SessionArguments,
    SessionsArguments, StoryArguments, ViewArguments,
};
pub(crate) use show::{Format, ReportArguments, ReportFormat, ShowArguments};
pub(crate) use stats::StatsArguments;
pub(crate) use tail::TailArguments;
pub(crate) use tui::TuiArguments;

/// Logs that survive: capture, search and watch them.
#[derive(Debug, Parser)]
#[command(name = "logloom", version, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  logloom run -- ./server --port 8080        run a program, keep what it prints
  logloom follow /var/log/*.log              take over files that others write
  logloom query --since 1h --level warn      what went wrong in the last hour
  logloom tail --service shop                watch it live

The log directory is that of --dir, else of the configuration (`logloom config show`).
Exit status: 0 done, 1 nothing found, 2 wrong usage or configuration, 3 the system refused.";

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a program and keep what it prints.
    Run(RunArguments),
    /// Take over files that other programs write, as they grow.
    Follow(FollowArguments),
    /// Take over files as they are, packed ones too, each line once.
    Import(ImportArguments),
    /// Find records.
    Query(Box<QueryArguments>),
    /// Watch records as they come.
    Tail(TailArguments),
    /// Look through the log on a full screen.
    Tui(TuiArguments),
    /// Count records by level and service.
    Stats(StatsArguments),
    /// Find the actions of an agent, as /log does.
    Log(LogArguments),
    /// List the sessions of agents.
    Sessions(SessionsArguments),
    /// Tell one session of an agent: calls, results, durations, permissions.
    Show(SessionArguments),
    /// Show one session as it happened.
    Replay(ReplayArguments),
    /// Say how agents spend time and tokens, and what goes wrong.
    Report(ActionReportArguments),
    /// Write one session as a file of its own.
    Export(ExportArguments),
    /// Print a text of which the log holds only the beginning.
    Full(FullArguments),
    /// Say whether the log of before and this one hold the same records.
    Compare(CompareArguments),
    /// Write what programs that died have left in memory.
    Recover(RecoverArguments),
    /// Seal, compress and delete finished files now.
    Clean(CleanArguments),
    /// Make, check, describe or delete the indexes of finished files.
    Index(IndexArguments),
    /// Show what becomes of foreign lines, and which formats are known.
    Intake(IntakeArguments),
    /// Show what masking would hide, try rules out, list the kinds of secrets.
    Mask(MaskArguments),
    /// Check, show or describe the configuration.
    Config(ConfigArguments),
    /// Say whether logging works here, and what to do where it does not.
    Doctor(DoctorArguments),
    /// Print the completions of a shell.
    Completions(CompletionsArguments),
}

/// Where the log is.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PlaceArguments {
    /// Log directory, in place of the configured one.
    #[arg(long, short = 'd', value_name = "DIR", help_heading = "Log directory")]
    pub(crate) dir: Option<PathBuf>,
    /// Configuration file, in place of those that are looked for.
    #[arg(long, value_name = "FILE", help_heading = "Log directory")]
    pub(crate) config: Option<PathBuf>,
    /// Settings of an agent (its settings.json), in place of a configuration file.
    #[arg(long, value_name = "FILE", conflicts_with = "config", help_heading = "Log directory")]
    pub(crate) settings: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn each_command_explains_itself_with_examples() {
        fn check(command: &clap::Command) {
            let help = command.clone().render_help().to_string();
            assert!(help.contains("Examples:"), "{}", command.get_name());
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}
