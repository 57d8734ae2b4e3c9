//! The arguments of `logloom follow`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Colours, FormatArguments, PlaceArguments};

/// Where a file is begun that was not followed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum From {
    /// With everything that is in it.
    Start,
    /// With what is written from now on.
    End,
}

/// What becomes of symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Symlinks {
    /// Links to files are followed, wherever they lead.
    Follow,
    /// Links below directories and among the files of a pattern are left out.
    Skip,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Files are followed through renames, truncation, deletion, copies and packing. How far each was read \
travels with its lines, so that after any end, kill -9 included, the next start goes on exactly \
there. Directories are searched for what looks like a log, and patterns again and again; packed and \
binary files are left out. Lines that belong together, as those of a traceback, become one record.

Ends with Ctrl+C or SIGTERM. Follow a file by one process only.

Examples:
  logloom follow '/var/log/**/*.log'
  logloom follow --service nginx --from end /var/log/nginx
  logloom follow --journal --unit nginx.service
  logloom follow /var/log/pods --dir ./logs")]
pub(crate) struct FollowArguments {
    /// Files, directories and patterns (*, **, ?, [a-z], {a,b}); those that are missing are
    /// followed once they appear.
    #[arg(required_unless_present = "journal", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Name of the service in each record; default: the name of the container, or of the file up
    /// to its first dot.
    #[arg(long, short = 's', value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Where to begin in files that were never followed before.
    #[arg(long, value_enum, default_value_t = From::Start)]
    pub(crate) from: From,
    /// Read gzip files as well, each once, from its start.
    #[arg(long)]
    pub(crate) history: bool,
    /// What becomes of symbolic links; those that are named as PATH are followed in any case.
    #[arg(long, value_enum, default_value_t = Symlinks::Follow)]
    pub(crate) symlinks: Symlinks,
    /// Colours and other escape sequences in the records.
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Colours::Strip)]
    pub(crate) ansi: Colours,
    /// Look for changes at intervals, without notifications of the system.
    #[arg(long)]
    pub(crate) poll: bool,
    /// Take over the journal of systemd as well, by journalctl.
    #[arg(long, help_heading = "The journal")]
    pub(crate) journal: bool,
    /// Of the journal only this unit; several: one of them.
    #[arg(long, value_name = "UNIT", requires = "journal", help_heading = "The journal")]
    pub(crate) unit: Vec<String>,
    /// Say only what goes wrong.
    #[arg(long, short = 'q')]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) format: FormatArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
