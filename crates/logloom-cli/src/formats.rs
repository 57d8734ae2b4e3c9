//! Which formats lines are in, as the options of a command say.
//!
//! Takes the name of a format, a file of patterns and a time zone; gives what every source of the
//! command is recognised with. A name, a pattern or a zone that is none is refused before anything
//! is read.

use std::path::PathBuf;

use clap::Args;
use jiff::tz::TimeZone;
use logloom_intake::{Defaults, Patterns, Recogniser, StreamOptions};

use crate::exit::Failure;

/// What the lines are.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FormatArguments {
    /// The format of the lines; default: it is found. `logloom intake formats` lists them.
    #[arg(long, value_name = "NAME", help_heading = "What the lines are")]
    pub(crate) input_format: Option<String>,
    /// Formats of your own, asked before all others: see docs/intake.md.
    #[arg(long, value_name = "FILE", help_heading = "What the lines are")]
    pub(crate) patterns: Option<PathBuf>,
    /// The zone of times that name none, such as Europe/Berlin or +02:00; default: that of the
    /// system.
    #[arg(long, value_name = "ZONE", help_heading = "What the lines are")]
    pub(crate) zone: Option<String>,
}

/// The same, checked.
#[derive(Clone, Debug)]
pub(crate) struct Formats {
    recogniser: Recogniser,
    zone: TimeZone,
}

impl FormatArguments {
    /// Reads the patterns and looks the names up.
    pub(crate) fn resolve(&self) -> Result<Formats, Failure> {
        let patterns = match &self.patterns {
            None => Patterns::default(),
            Some(path) => {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::system(format!("read {name}"), error))?;
                Patterns::parse(&name, &text).map_err(|error| Failure::Usage(error.to_string()))?
            }
        };
        let name = self.input_format.as_deref().unwrap_or("auto");
        let recogniser = Recogniser::with_patterns(name, &patterns)
            .map_err(|error| Failure::Usage(format!("--input-format: {error}")))?;
        let zone = match &self.zone {
            None => TimeZone::system(),
            Some(name) => logloom_intake::zone(name)
                .map_err(|error| Failure::Usage(format!("--zone: {error}")))?,
        };
        Ok(Formats { recogniser, zone })
    }
}

impl Formats {
    /// For one source, whose lines are of this service unless they say otherwise.
    pub(crate) fn stream(&self, service: Option<String>) -> StreamOptions {
        let zone = Some(self.zone.clone());
        let defaults = Defaults { service, zone, ..Defaults::default() };
        StreamOptions { recogniser: self.recogniser.clone(), defaults, ..StreamOptions::default() }
    }
}
