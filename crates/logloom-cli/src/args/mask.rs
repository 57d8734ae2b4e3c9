//! The arguments of `logloom mask`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{PlaceArguments, ReportArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: see each command.

Examples:
  logloom mask diff output.txt
  logloom mask test rules.yaml
  logloom mask kinds")]
pub(crate) struct MaskArguments {
    #[command(subcommand)]
    pub(crate) command: MaskCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MaskCommand {
    /// Show what would be masked in a file, as a difference; nothing is changed.
    #[command(after_help = "\
What would be hidden is shown: do not pass this output on.

Exit status: 0 something would be masked, 1 nothing would, 2 wrong arguments, configuration or rules,
3 the file cannot be read.

Examples:
  logloom mask diff output.txt
  kubectl logs shop | logloom mask diff -
  logloom mask diff --strict --rules rules.yaml agent.jsonl")]
    Diff(MaskDiffArguments),
    /// Try a file of rules out on its own examples.
    #[command(after_help = "\
Exit status: 0 every rule does what its examples say, 1 one does not, 2 the file has problems.

Examples:
  logloom mask test rules.yaml
  logloom mask test rules.yaml --json")]
    Test(MaskTestArguments),
    /// List all kinds of secrets that are known by their shape.
    #[command(after_help = "\
Examples:
  logloom mask kinds
  logloom mask kinds --json")]
    Kinds(ReportArguments),
}

#[derive(Debug, Args)]
pub(crate) struct MaskDiffArguments {
    /// The file; `-` for the standard input.
    pub(crate) file: PathBuf,
    /// A file of rules, in place of the configured ones.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Everything that can be masked: all shapes, personal data, home directories.
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}

#[derive(Debug, Args)]
pub(crate) struct MaskTestArguments {
    /// The file of rules.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
}
