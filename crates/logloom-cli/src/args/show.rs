//! How records and reports are printed, the same in every command that prints them.

use clap::{Args, ValueEnum};

/// How records are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For reading.
    #[default]
    Pretty,
    /// Columns.
    Table,
    /// One array.
    Json,
    /// An object a line.
    Jsonl,
}

/// How to print.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ShowArguments {
    /// How what is found is printed.
    #[arg(long, value_enum, default_value_t = Format::Pretty, help_heading = "How to print")]
    pub(crate) format: Format,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format", help_heading = "How to print")]
    pub(crate) json: bool,
    /// Times in UTC instead of local time.
    #[arg(long, help_heading = "How to print")]
    pub(crate) utc: bool,
}

impl ShowArguments {
    /// The format that was asked for in either way.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

/// How a report is printed, which is no record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For reading.
    #[default]
    Pretty,
    /// One array.
    Json,
    /// An object a line.
    Jsonl,
}

/// How to print a report.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReportArguments {
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t = ReportFormat::Pretty, help_heading = "How to print")]
    format: ReportFormat,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format", help_heading = "How to print")]
    json: bool,
}

impl ReportArguments {
    /// The format that was asked for in either way.
    pub(crate) fn format(&self) -> ReportFormat {
        if self.json { ReportFormat::Json } else { self.format }
    }
}
