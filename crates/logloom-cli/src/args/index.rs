//! The arguments of `logloom index`.

use std::path::PathBuf;

use clap::Args;

use super::{FormatArguments, PlaceArguments, ReportArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
An index stands beside a finished file (NAME.idx) and says where in it something can be. Every program \
that logs makes them by the hour; searches give the same answers without. Exit status: 0 all is well, \
1 an index is damaged or of another file, 3 something could not be done.

Examples:
  logloom index
  logloom index --build
  logloom index --check --json
  logloom index --delete && logloom index --build
  logloom index --files 'app*.json.gz'")]
pub(crate) struct IndexArguments {
    /// Make the indexes that are missing or of no use.
    #[arg(long, group = "what")]
    pub(crate) build: bool,
    /// Read all indexes and tell what is damaged.
    #[arg(long, group = "what")]
    pub(crate) check: bool,
    /// Tell how large they are, by section, and what was left out [default].
    #[arg(long, group = "what")]
    pub(crate) stats: bool,
    /// Delete all indexes.
    #[arg(long, group = "what")]
    pub(crate) delete: bool,
    /// Prepare these files of any program for `logloom query --files`: a path or a pattern of names. Beside each
    /// stands NAME.logloom then, a folder with its records, compressed and indexed.
    #[arg(long, value_name = "PATH", conflicts_with = "dir", help_heading = "Other logs")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) intake: FormatArguments,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
