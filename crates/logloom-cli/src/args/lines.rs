//! How the lines of other programs are taken, the same in every command that takes them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// What becomes of the escape sequences of a terminal in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colours {
    /// They are taken out.
    #[default]
    Strip,
    /// They stay in the text, and are spelt out wherever it is shown.
    Keep,
}

/// Which format foreign lines have.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FormatArguments {
    /// The format of the lines, in place of the one that is found: a name of `logloom intake
    /// formats`, json, plain, or a pattern of --patterns.
    #[arg(long, value_name = "NAME", help_heading = "Format of the lines")]
    pub(crate) input_format: Option<String>,
    /// Formats of one's own, a YAML file of expressions with named groups; they are asked first.
    #[arg(long, value_name = "FILE", help_heading = "Format of the lines")]
    pub(crate) patterns: Option<PathBuf>,
    /// Zone of times that name none: Europe/Berlin, +01:00, UTC; default: that of the system.
    #[arg(long, value_name = "ZONE", help_heading = "Format of the lines")]
    pub(crate) zone: Option<String>,
}
