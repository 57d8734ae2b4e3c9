//! The arguments of `logloom compare`.

use std::path::PathBuf;

use clap::Args;

use super::{FormatArguments, ReportArguments, SelectArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
While a program writes to its old log and to this one, as the DualHandler of the Python package does, this says \
whether both hold the same records. Two records are the same when they say the same, secrets masked, within \
--tolerance of each other; of those the levels are compared. Exit status: 0 both hold the same, 1 they differ, \
3 a side cannot be read.

Examples:
  logloom compare --old app.log --new logs
  logloom compare --old 'app.log*' --new logs --since 1h --level info
  logloom compare --old app.log --new logs --zone UTC --limit 100 --json")]
pub(crate) struct CompareArguments {
    /// The log of before, of any program: a path or a pattern of names; packed ones too.
    #[arg(long, value_name = "PATH", required = true)]
    pub(crate) old: Vec<PathBuf>,
    /// The log directory that holds the same records, or files of any program.
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) new: Vec<PathBuf>,
    /// How far the times of one record may lie apart on the two sides.
    #[arg(long, value_name = "TIME", default_value = "1s")]
    pub(crate) tolerance: String,
    /// At most so many differences of each kind are listed; all are counted.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 10)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) select: SelectArguments,
    #[command(flatten)]
    pub(crate) intake: FormatArguments,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    /// Times in UTC instead of local time.
    #[arg(long, help_heading = "How to print")]
    pub(crate) utc: bool,
    /// Configuration file, in place of those that are looked for.
    #[arg(long, value_name = "FILE", help_heading = "Log directory")]
    pub(crate) config: Option<PathBuf>,
}
