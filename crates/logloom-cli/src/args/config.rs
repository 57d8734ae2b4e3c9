//! The arguments of `logloom config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{PlaceArguments, ReportArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 the configuration can be used, 2 it cannot.

Examples:
  logloom config check logloom.yaml
  logloom config show
  logloom config schema > logloom.schema.json")]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// List everything that is wrong with a configuration, with line and column.
    #[command(after_help = "\
Exit status: 0 the configuration can be used, 2 it cannot.

Examples:
  logloom config check
  logloom config check ./logloom.yaml")]
    Check {
        /// The file; default: the one that a program started here would read, with the environment.
        file: Option<PathBuf>,
    },
    /// Print every setting with its value and where it comes from.
    #[command(after_help = "\
Settings that this version reads and does nothing with are marked.

Examples:
  logloom config show
  logloom config show --config ./logloom.yaml --json
  LOGLOOM__LEVELS=DEBUG logloom config show")]
    Show {
        #[command(flatten)]
        report: ReportArguments,
        #[command(flatten)]
        place: PlaceArguments,
    },
    /// Print the JSON Schema of the configuration file.
    #[command(after_help = "\
Examples:
  logloom config schema
  logloom config schema > logloom.schema.json")]
    Schema,
}
