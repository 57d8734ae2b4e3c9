//! The arguments of `logloom intake`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{FormatArguments, ReportArguments, ShowArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 something was recognised, 1 nothing was, 2 wrong arguments or patterns, 3 the file \
cannot be read.

Examples:
  logloom intake test /var/log/syslog
  logloom intake test app.log --patterns my.yaml --lines 50
  logloom intake formats")]
pub(crate) struct IntakeArguments {
    #[command(subcommand)]
    pub(crate) command: IntakeCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IntakeCommand {
    /// Show the records that the lines of a file would become; nothing is kept.
    #[command(after_help = "\
Examples:
  logloom intake test /var/log/syslog
  zcat old.log.gz | logloom intake test --lines 50 -")]
    Test(IntakeTestArguments),
    /// List all formats, each with a line of it.
    #[command(after_help = "\
Examples:
  logloom intake formats
  logloom intake formats --json")]
    Formats(ReportArguments),
}

#[derive(Debug, Args)]
pub(crate) struct IntakeTestArguments {
    /// The file, packed or not; `-` for the standard input.
    pub(crate) file: PathBuf,
    /// How many records to show; the summary is of the whole file.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 20)]
    pub(crate) lines: u64,
    #[command(flatten)]
    pub(crate) format: FormatArguments,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
}
