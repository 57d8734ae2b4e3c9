//! The arguments of `logloom sessions`, `show`, `replay`, `report` and `export`.

use std::path::PathBuf;

use clap::Args;

use super::PlaceArguments;

/// Which days, for commands that look at all of them by default.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DaysArguments {
    /// The day: 2025-11-21, today, yesterday; default: every day.
    #[arg(long, value_name = "DAY", conflicts_with = "date_range", help_heading = "Which days")]
    pub(crate) date: Option<String>,
    /// From the first day to the last, both included; either may be left out.
    #[arg(long, value_name = "FIRST:LAST", help_heading = "Which days")]
    pub(crate) date_range: Option<String>,
}

/// Whose days and whose language, for every command about actions.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ViewArguments {
    /// Days and times are those of UTC.
    #[arg(long, help_heading = "How to print")]
    pub(crate) utc: bool,
    /// The language: en, zh; default: that of LC_ALL, LC_MESSAGES or LANG, else en.
    #[arg(long, value_name = "LANG", help_heading = "How to print")]
    pub(crate) lang: Option<String>,
}

/// How timelines and lists are printed.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct StoryArguments {
    /// One JSON array.
    #[arg(long, help_heading = "How to print")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 something was found, 1 nothing was, 2 wrong usage, 3 the log cannot be read.

Examples:
  logloom sessions
  logloom sessions --date today --json")]
pub(crate) struct SessionsArguments {
    #[command(flatten)]
    pub(crate) days: DaysArguments,
    /// The latest so many.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 50)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) story: StoryArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A request and its answer, a call with its permission and its result are one line each.

Exit status: 0 done, 1 there is no such session, 2 wrong usage, 3 the log cannot be read.

Examples:
  logloom show session-20251121143210-123456
  logloom show session-20251121143210-123456 --json")]
pub(crate) struct SessionArguments {
    /// The session, or the beginning of its id, or `last`.
    #[arg(value_name = "SESSION", default_value = "last")]
    pub(crate) session: String,
    #[command(flatten)]
    pub(crate) story: StoryArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 done, 1 there is no such session, 2 wrong usage, 3 the log cannot be read.

Examples:
  logloom replay last --speed 10
  logloom replay session-20251121143210-123456 --pause-max 500ms
  logloom replay last --speed 0 --json")]
pub(crate) struct ReplayArguments {
    /// The session, or the beginning of its id, or `last`.
    #[arg(value_name = "SESSION", default_value = "last")]
    pub(crate) session: String,
    /// How much faster than it happened; 0 without waiting.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) speed: f64,
    /// The longest pause between two actions: 500ms, 3s.
    #[arg(long, value_name = "TIME", default_value = "3s")]
    pub(crate) pause_max: String,
    /// Wait for the enter key before each action instead.
    #[arg(long)]
    pub(crate) step: bool,
    #[command(flatten)]
    pub(crate) story: StoryArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Tokens and costs are told where the log has them, and never estimated.

Exit status: 0 something was found, 1 nothing was, 2 wrong usage, 3 the log cannot be read.

Examples:
  logloom report
  logloom report --date-range 2025-11-15:2025-11-21
  logloom report --session-id session-20251121143210-123456 --json
  logloom report --lang zh")]
pub(crate) struct ActionReportArguments {
    #[command(flatten)]
    pub(crate) days: DaysArguments,
    /// Of this session.
    #[arg(long, value_name = "ID", help_heading = "Which actions")]
    pub(crate) session_id: Option<String>,
    #[command(flatten)]
    pub(crate) story: StoryArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The file needs nothing else and holds no script: a browser shows it, and nothing of the log is \
taken for HTML. Secrets that were not masked when they were logged are in it.

Exit status: 0 done, 1 there is no such session, 2 wrong usage, 3 the log cannot be read.

Examples:
  logloom export last --html > session.html
  logloom export session-20251121143210-123456 --html --output session.html
  logloom export last --jsonl")]
pub(crate) struct ExportArguments {
    /// The session, or the beginning of its id, or `last`.
    #[arg(value_name = "SESSION", default_value = "last")]
    pub(crate) session: String,
    /// As one HTML file.
    #[arg(long, required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub(crate) html: bool,
    /// As the lines of the log, in the order of their times.
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// The file to write, which must not exist; default: the standard output.
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
