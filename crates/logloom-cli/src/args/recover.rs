//! The arguments of `logloom recover`.

use clap::Args;

use super::{PlaceArguments, ReportArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
run, follow, import, query, tail and stats do this at their start, and every living program does \
it each second; this one says what was found. Exit status: 0 done or nothing to do, 3 something could not be recovered.

Examples:
  logloom recover
  logloom recover --dir ./logs --json")]
pub(crate) struct RecoverArguments {
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
