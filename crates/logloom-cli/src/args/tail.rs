//! The arguments of `logloom tail`.

use clap::Args;

use super::{PlaceArguments, SelectArguments, ShowArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Ends with Ctrl+C, or when whoever reads the output is gone. A slow terminal delays nobody else.

Examples:
  logloom tail
  logloom tail --level warn --service shop -n 50
  logloom tail --rate
  logloom tail --format jsonl | jq .message")]
pub(crate) struct TailArguments {
    #[command(flatten)]
    pub(crate) select: SelectArguments,
    /// Begin with this many of the newest records.
    #[arg(long, short = 'n', value_name = "COUNT", default_value_t = 10)]
    pub(crate) lines: usize,
    /// Show how many records come, in a line at the bottom; without a terminal on the standard
    /// error, every five seconds while anything changes.
    #[arg(long)]
    pub(crate) rate: bool,
    /// Show rows whole; on a terminal they are cut at its width otherwise.
    #[arg(long)]
    pub(crate) wrap: bool,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
