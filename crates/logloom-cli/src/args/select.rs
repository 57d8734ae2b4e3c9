//! Which records, the same in every command that reads the log.

use clap::Args;
use logloom_record::Level;

/// Which records.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SelectArguments {
    /// From this moment on: 10m, 2h, 1d (ago), today, yesterday, 2026-11-21, "2026-11-21 10:00".
    #[arg(long, value_name = "TIME", help_heading = "Which records")]
    pub(crate) since: Option<String>,
    /// Before this moment.
    #[arg(long, value_name = "TIME", help_heading = "Which records")]
    pub(crate) until: Option<String>,
    /// This level and above: trace, debug, info, warn, error, fatal.
    #[arg(long, short = 'l', value_name = "LEVEL", value_parser = parse_level, help_heading = "Which records")]
    pub(crate) level: Option<Level>,
    /// Some value of the record contains this text; upper and lower case differ.
    #[arg(long, short = 'g', value_name = "TEXT", help_heading = "Which records")]
    pub(crate) grep: Vec<String>,
    /// The record is of this service; several: of one of them.
    #[arg(long, short = 's', value_name = "NAME", help_heading = "Which records")]
    pub(crate) service: Vec<String>,
    /// A field: key=value, key^=beginning or key~=part; dots lead into objects.
    #[arg(long, short = 'f', value_name = "KEY=VALUE", help_heading = "Which records")]
    pub(crate) field: Vec<String>,
}

fn parse_level(text: &str) -> Result<Level, String> {
    Level::parse(text).map_err(|unknown| unknown.to_string())
}
