//! The arguments of `logloom query`.

use clap::Args;

use super::{PlaceArguments, SelectArguments, ShowArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Without --limit, every record is given, oldest first. With it, the newest are kept, or the oldest \
with --oldest.

Exit status: 0 something was found, 1 nothing was, 2 wrong usage or configuration, 3 the log \
cannot be read.

Examples:
  logloom query --since 1h --level warn
  logloom query --service shop --field user.id=42 --grep timeout
  logloom query --since today --format jsonl | jq .message
  logloom query --limit 20 --newest-first")]
pub(crate) struct QueryArguments {
    #[command(flatten)]
    pub(crate) select: SelectArguments,
    /// At most this many records.
    #[arg(long, short = 'n', value_name = "COUNT")]
    pub(crate) limit: Option<usize>,
    /// The limit keeps the oldest records instead of the newest.
    #[arg(long, requires = "limit")]
    pub(crate) oldest: bool,
    /// Print the newest record first.
    #[arg(long, visible_alias = "newest")]
    pub(crate) newest_first: bool,
    /// Print the query in the query language, and run nothing.
    #[arg(long)]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
