//! The arguments of `logloom import`.

use std::path::PathBuf;

use clap::Args;

use super::{FormatArguments, PlaceArguments, ReportArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
gzip, zstd, bzip2, xz and zip are told by their first bytes and unpacked within limits. Each record \
is filed under its own day, however old. How far each file was read travels with its lines, so that \
after any end, kill -9 included, the same command goes on exactly there. A file that was imported \
before, under whatever name and however packed, is noticed by its content.

Exit status: 0 done, 1 there was no file, 2 wrong usage or configuration, 3 a file could not be \
read to its end (each is named once), or the import was stopped.

Examples:
  logloom import --dry-run /var/log/*.log*
  logloom import --dir ./logs --service shop archive/
  zcat old.log.gz | logloom import --zone Europe/Berlin -")]
pub(crate) struct ImportArguments {
    /// Files, directories and archives; - is the standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Name of the service in each record; default: the name of the file up to its first dot.
    #[arg(long, short = 's', value_name = "NAME")]
    pub(crate) service: Option<String>,
    #[command(flatten)]
    pub(crate) format: FormatArguments,
    /// Read everything and say what would be imported; write nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Import what was imported before a second time.
    #[arg(long)]
    pub(crate) again: bool,
    /// Files that are read at the same time; default: half the processors.
    #[arg(long, short = 'j', value_name = "COUNT", value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: Option<u8>,
    /// Most unpacked bytes for each packed one, beyond which a file is taken for a bomb.
    #[arg(long, value_name = "COUNT", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    /// Say only what goes wrong.
    #[arg(long, short = 'q')]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
