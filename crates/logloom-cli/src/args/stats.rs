//! The arguments of `logloom stats`.

use clap::Args;

use super::{PlaceArguments, SelectArguments, ShowArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 something was counted, 1 nothing was, 2 wrong usage or configuration, 3 the log \
cannot be read.

Examples:
  logloom stats
  logloom stats --since today --level warn
  logloom stats --format table --utc
  logloom stats --json")]
pub(crate) struct StatsArguments {
    /// Count what `logloom follow` has read right now, source by source, instead of records.
    #[arg(long, help_heading = "Sources")]
    pub(crate) sources: bool,
    /// The same as text for Prometheus.
    #[arg(long, requires = "sources", help_heading = "Sources")]
    pub(crate) prometheus: bool,
    #[command(flatten)]
    pub(crate) select: SelectArguments,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
