//! The arguments of `logloom tui`.

use std::path::PathBuf;

use clap::Args;

use super::{FormatArguments, PlaceArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Keys are shown at the foot of the screen, all of them with `?`. The log is only read. The language is \
that of LC_ALL, LC_MESSAGES or LANG (English, Chinese), or of --lang; NO_COLOR switches colours off.

Exit status: 0 it was left, 2 there is no terminal or the query cannot be understood, 3 the log cannot \
be read, 128 and the number of a signal that ended it.

Examples:
  logloom tui
  logloom tui ./log
  logloom tui app.log 'nginx/*.gz'
  logloom tui --query 'level:>=warn _time:1h'")]
pub(crate) struct TuiArguments {
    /// Log directory, in place of the configured one; or files of any program, as with --files.
    #[arg(value_name = "DIR|FILE", conflicts_with = "dir")]
    pub(crate) paths: Vec<PathBuf>,
    /// Files of any program in place of a log: paths or patterns of names. Packed ones too; the format is found
    /// by itself. They are read once, and not followed.
    #[arg(long, value_name = "PATH", conflicts_with = "paths", help_heading = "Other logs")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) intake: FormatArguments,
    /// What is shown first, in LogsQL; @NAME stands for a saved query. Default: everything.
    #[arg(long, short = 'q', value_name = "QUERY", allow_hyphen_values = true)]
    pub(crate) query: Option<String>,
    /// Times in UTC instead of local time, and in the query too.
    #[arg(long)]
    pub(crate) utc: bool,
    /// The language: en, zh.
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Option<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
