//! The arguments of `logloom doctor`.

use clap::Args;

use super::{PlaceArguments, ReportArguments};

#[derive(Debug, Args)]
#[command(after_help = "\
Exit status: 0 all is well or only worth a warning, 1 something fails.

Examples:
  logloom doctor
  logloom doctor --verbose
  logloom doctor --dir /var/log/shop --json")]
pub(crate) struct DoctorArguments {
    /// Name each file of memory that programs left whose log directory is gone.
    #[arg(long, short = 'v')]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) report: ReportArguments,
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
}
