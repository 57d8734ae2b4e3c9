//! The arguments of `logloom clean`.

use clap::Args;

use super::{PlaceArguments, ReportArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Without conditions it does at once what every logging program does by the hour, with the settings \
that hold for the directory. With conditions it only deletes: finished files that fit all of them. \
A file that is open, or that is none of the log's, is never touched. Exit status: 0 done or nothing \
to do, 3 something could not be done.

Examples:
  logloom clean --dry-run
  logloom clean --older-than 90 --name '*.gz'
  logloom clean --keep-size 5GiB --dry-run --json
  logloom clean --apply-settings")]
pub(crate) struct CleanArguments {
    /// Tell what would be done, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Make the configured settings those of the directory, whoever else writes to it.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) apply_settings: bool,
    /// Delete files whose day ended so many days ago.
    #[arg(long, value_name = "DAYS", help_heading = "Conditions")]
    pub(crate) older_than: Option<u32>,
    /// Delete files whose name fits, with * ? and [a-z].
    #[arg(long, value_name = "PATTERN", help_heading = "Conditions")]
    pub(crate) name: Option<String>,
    /// Delete files of at least this size on the disk.
    #[arg(long, value_name = "SIZE", help_heading = "Conditions")]
    pub(crate) at_least: Option<String>,
    /// Keep so many of the newest files that fit.
    #[arg(long, value_name = "COUNT", help_heading = "Conditions")]
    pub(crate) keep_files: Option<u32>,
    /// Keep the newest files that fit, up to this size together.
    #[arg(long, value_name = "SIZE", help_heading = "Conditions")]
    pub(crate) keep_size: Option<String>,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
