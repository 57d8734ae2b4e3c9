//! The arguments of `logloom full`.

use clap::Args;

use super::PlaceArguments;

#[derive(Debug, Args)]
#[command(after_help = "\
With `truncate.keep_full` a text that was cut ends in `[TRUNCATED 1000 chars][FULL 3fd2...]`: those \
digits, or the first eight of them, name the whole text, with its secrets masked. Bytes go out as they \
are; a terminal gets them harmless. Exit status: 0 printed, 1 not kept (any longer), 3 it is damaged.

Examples:
  logloom full 3fd2a81c
  logloom full 3fd2a81c | less")]
pub(crate) struct FullArguments {
    /// The digits behind FULL, at least the first eight.
    #[arg(value_name = "DIGITS")]
    pub(crate) digits: String,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
