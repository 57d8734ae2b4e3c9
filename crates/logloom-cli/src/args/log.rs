//! The arguments of `logloom log`.

use clap::{Args, ValueEnum};

use super::{PlaceArguments, ViewArguments};

/// The form of an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// Columns, and the total.
    #[default]
    Table,
    /// One array.
    Json,
    /// Counts by type and status.
    Summary,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Without --limit and --tail the last 50 are shown. The total counts all actions of the chosen days.

Exit status: 0 something was found, 1 nothing was, 2 wrong usage, such as a day that there is not, \
3 the log cannot be read. Damaged lines and types that nobody knows are told on the standard error.

Examples:
  logloom log
  logloom log --date 2025-11-21 --action-type tool_error --tool-name bash
  logloom log --date-range 2025-11-15:2025-11-21 --keyword authentication
  logloom log --format summary --lang zh")]
pub(crate) struct LogArguments {
    /// The day: 2025-11-21, today, yesterday; default: today.
    #[arg(long, value_name = "DAY", help_heading = "Which actions")]
    pub(crate) date: Option<String>,
    /// From the first day to the last, both included; either may be left out.
    #[arg(long, value_name = "FIRST:LAST", help_heading = "Which actions")]
    pub(crate) date_range: Option<String>,
    /// One of these types.
    #[arg(long, value_name = "TYPE,...", help_heading = "Which actions")]
    pub(crate) action_type: Vec<String>,
    /// Of this session.
    #[arg(long, value_name = "ID", help_heading = "Which actions")]
    pub(crate) session_id: Option<String>,
    /// One of these statuses.
    #[arg(long, value_name = "STATUS,...", help_heading = "Which actions")]
    pub(crate) status: Vec<String>,
    /// Calls of this tool, and the results, errors and permissions of these calls.
    #[arg(long, value_name = "NAME", help_heading = "Which actions")]
    pub(crate) tool_name: Option<String>,
    /// Some value of the action contains this text; upper and lower case differ.
    #[arg(long, value_name = "TEXT", help_heading = "Which actions")]
    pub(crate) keyword: Option<String>,
    /// Message, content, output or error message contains this text.
    #[arg(long, value_name = "TEXT", help_heading = "Which actions")]
    pub(crate) content_match: Option<String>,
    /// The first so many.
    #[arg(long, value_name = "COUNT", conflicts_with = "tail", help_heading = "Which actions")]
    pub(crate) limit: Option<usize>,
    /// The last so many.
    #[arg(long, value_name = "COUNT", help_heading = "Which actions")]
    pub(crate) tail: Option<usize>,
    /// The form of the answer.
    #[arg(long, value_enum, default_value_t = LogForm::Table, help_heading = "How to print")]
    pub(crate) format: LogForm,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format", help_heading = "How to print")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
    /// Print the query in the query language, and run nothing.
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
