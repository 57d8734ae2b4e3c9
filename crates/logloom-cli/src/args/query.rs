//! The arguments of `logloom query`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::tz::TimeZone;

use super::{FormatArguments, PlaceArguments, SelectArguments};

/// How rows are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// For reading.
    #[default]
    Pretty,
    /// Columns.
    Table,
    /// One array.
    Json,
    /// An object a line.
    Jsonl,
    /// Values with commas between, a head above them.
    Csv,
    /// The messages alone; of rows without any, the values with tabulators between.
    Raw,
}

#[derive(Debug, Default, Args)]
#[command(after_help = "\
The query is LogsQL (docs/query-language.md): words, field:value, and pipes behind it. Flags are \
shorthand for parts of it, and --explain shows which. Records are given oldest first; with a limit \
the newest are kept, or the oldest with --oldest.

Exit status: 0 something was found, 1 nothing was, 2 wrong usage or configuration, 3 the log \
cannot be read, or the answer is not complete.

Examples:
  logloom query --since 1h --level warn
  logloom query 'error _time:1d | stats by (service) count() n | sort by (n desc)'
  logloom query 'trace_id:=4bf92f3577b34da6' -C 5
  logloom query --service shop --field user.id=42 --grep timeout --format csv
  logloom query --histogram 'level:>=error' --since 7d
  logloom query 'status:>=500 | top by (service)' app*.json.gz
  kubectl logs shop | logloom query 'level:>=warn' -
  logloom query --follow 'level:>=warn'
  logloom query --save slow 'duration_ms:>1000' && logloom query @slow")]
pub(crate) struct QueryArguments {
    /// What is asked, in LogsQL; @NAME stands for a saved query. Default: everything.
    #[arg(value_name = "QUERY")]
    pub(crate) query: Option<String>,
    /// The same as --files.
    #[arg(value_name = "FILE")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) select: SelectArguments,
    /// At most this many records.
    #[arg(long, short = 'n', value_name = "COUNT")]
    pub(crate) limit: Option<u64>,
    /// The limit keeps the oldest records instead of the newest.
    #[arg(long, requires = "limit")]
    pub(crate) oldest: bool,
    /// Print the newest record first.
    #[arg(long, visible_alias = "newest")]
    pub(crate) newest_first: bool,
    /// So many records of the same service and host after each one.
    #[arg(long, short = 'A', value_name = "COUNT", help_heading = "Records around")]
    pub(crate) after: Option<u64>,
    /// So many before each one.
    #[arg(long, short = 'B', value_name = "COUNT", help_heading = "Records around")]
    pub(crate) before: Option<u64>,
    /// So many on both sides.
    #[arg(long, short = 'C', value_name = "COUNT", help_heading = "Records around")]
    pub(crate) context: Option<u64>,
    /// Show how many records there are over time, instead of the records.
    #[arg(long, conflicts_with_all = ["after", "before", "context", "follow"])]
    pub(crate) histogram: bool,
    /// Go on with records as they come, until Ctrl+C.
    #[arg(long, conflicts_with_all = ["after", "before", "context", "files", "paths", "newest_first"])]
    pub(crate) follow: bool,
    /// Print the query in the query language and how it is answered, and run nothing.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Give up after this long (10s, 5m): what was found is printed, and told to be incomplete.
    #[arg(long, value_name = "TIME", help_heading = "Limits")]
    pub(crate) timeout: Option<String>,
    /// Give up after looking at about so many lines, the newest, in the same way.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Limits")]
    pub(crate) max_lines: Option<u64>,
    /// Memory for sorts and groups (64MiB, at least 1MiB); what needs more uses temporary files.
    #[arg(long, value_name = "SIZE", help_heading = "Limits")]
    pub(crate) memory: Option<String>,
    /// Keep the query under this name, for @NAME.
    #[arg(long, value_name = "NAME", help_heading = "Saved queries")]
    pub(crate) save: Option<String>,
    /// List the saved queries.
    #[arg(long, conflicts_with_all = ["query", "save", "explain"], help_heading = "Saved queries")]
    pub(crate) saved: bool,
    /// Forget the query of this name.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["query", "save", "saved", "explain"], help_heading = "Saved queries")]
    pub(crate) forget: Option<String>,
    /// Search these files of any program instead of the log: a path, a pattern of names, or `-`
    /// for the standard input. Packed ones too; the format is found by itself.
    #[arg(long, value_name = "PATH", help_heading = "Other logs")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) intake: FormatArguments,
    /// How rows are printed.
    #[arg(long, value_enum, default_value_t = RowFormat::Pretty, help_heading = "How to print")]
    pub(crate) format: RowFormat,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format", help_heading = "How to print")]
    pub(crate) json: bool,
    /// Times in UTC instead of local time, and in the query too.
    #[arg(long, help_heading = "How to print")]
    pub(crate) utc: bool,
    /// Times in this zone, and in the query too: Europe/Berlin, +01:00.
    #[arg(long, value_name = "ZONE", conflicts_with = "utc", allow_hyphen_values = true, value_parser = parse_zone, help_heading = "How to print")]
    pub(crate) tz: Option<TimeZone>,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

impl QueryArguments {
    /// The files that are searched in place of the log; none for the log.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        self.files.iter().chain(&self.paths).cloned().collect()
    }

    /// The format that was asked for in either way.
    pub(crate) fn format(&self) -> RowFormat {
        if self.json { RowFormat::Json } else { self.format }
    }

    /// The zone of times that are shown, and of those in the query that name none.
    pub(crate) fn zone(&self) -> TimeZone {
        match (&self.tz, self.utc) {
            (Some(zone), _) => zone.clone(),
            (None, true) => TimeZone::UTC,
            (None, false) => TimeZone::system(),
        }
    }

    /// Whether rows are printed for reading.
    pub(crate) fn is_readable(&self) -> bool {
        matches!(self.format(), RowFormat::Pretty | RowFormat::Table)
    }
}

fn parse_zone(text: &str) -> Result<TimeZone, String> {
    logloom_intake::zone(text).map_err(|error| error.to_string())
}
