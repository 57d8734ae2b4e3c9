//! Takes values that somebody decided on (code, or `logloom-config` from a file), hands on the
//! typed settings every other part reads; refuses nothing itself, but says with
//! [`Settings::validate`] what cannot work.
//!
//! Plain structs: each field states unit, default, limit and what happens at the limit. They know
//! no file format, so that a program which configures in code links no parser.

mod action;
mod console;
mod directory;
mod intake;
mod levels;
mod mask;
mod names;
mod overflow;
mod sample;
mod store;
mod truncate;
mod validate;
mod writer;

use std::time::Duration;

pub use action::ActionSettings;
pub use console::{ConsoleFormat, ConsoleSettings};
pub use directory::{default_log_directory, executable_name};
pub use intake::IntakeSettings;
pub use levels::{LevelRules, ModuleLevel};
pub use logloom_store::Codec;
pub use logloom_store::life::{DeleteRule, Glob};
pub use mask::MaskSettings;
pub use names::nearest;
pub use overflow::{
    OverflowSettings, POLICY_NAMES, Policy, PolicyName, PolicyOrigin, UnknownPolicy,
};
pub use sample::{RULES_MAX, SampleRule, SampleSettings, Share};
pub use store::{Durability, Housekeeping, Retention, RingDir, StoreSettings};
pub use truncate::TruncateSettings;
pub use validate::{Problem, Warning};
pub(crate) use writer::{BATCH_BYTES_MAX, RECORD_BYTES_MAX};
pub use writer::{BatchSettings, ForeignDay, IncludeSettings, RingSettings};

/// Everything the library can be told. `Settings::default()` works as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether anything is logged at all. Without it the library makes no file, no shared memory and no
    /// thread. Default true. Fixed at the start.
    pub enabled: bool,
    /// Name of the program, written as `service` in every record. Default: the name of the
    /// executable's file. 1 to 256 bytes.
    pub service: String,
    /// Where records are kept and how firmly.
    pub store: StoreSettings,
    /// Which levels are recorded, by module. May change while the program runs.
    pub levels: LevelRules,
    /// What happens to a record that finds no room. May change while the program runs.
    pub overflow: OverflowSettings,
    /// Which records are left out on purpose. May change while the program runs.
    pub sample: SampleSettings,
    /// When the writer thread writes. May change while the program runs.
    pub batch: BatchSettings,
    /// What is masked, by name and by shape. May change while the program runs.
    pub mask: MaskSettings,
    /// How long texts may be in the log. May change while the program runs.
    pub truncate: TruncateSettings,
    /// Sizes of the shared memory that takes the records first.
    pub ring: RingSettings,
    /// Which optional fields each line carries.
    pub include: IncludeSettings,
    /// Digits of a second's fraction in `timestamp`: 6 (microseconds, the default) or 9.
    pub time_digits: u8,
    /// How long the guard's drop and the end of the process wait for the writer to finish.
    /// Default 2 s, limit 1 hour. When it is over, what remains stays in the ring and is recovered
    /// by the next start, so nothing is lost.
    pub flush_timeout: Duration,
    /// Which day file takes a foreign record. Default: the day of its time where that is near its
    /// arrival. Fixed at the start.
    pub foreign_day: ForeignDay,
    /// The action log of an agent. May change while the program runs.
    pub actions: ActionSettings,
    /// Copy of the records for a person at a terminal. Default: none. May change while the
    /// program runs.
    pub console: Option<ConsoleSettings>,
    /// How the commands read lines of other programs. A program that only logs has no use for it.
    pub intake: IntakeSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            enabled: true,
            service: executable_name(),
            store: StoreSettings::default(),
            levels: LevelRules::default(),
            overflow: OverflowSettings::default(),
            sample: SampleSettings::default(),
            batch: BatchSettings::default(),
            mask: MaskSettings::default(),
            truncate: TruncateSettings::default(),
            ring: RingSettings::default(),
            include: IncludeSettings::default(),
            time_digits: 6,
            flush_timeout: Duration::from_secs(2),
            foreign_day: ForeignDay::default(),
            actions: ActionSettings::default(),
            console: None,
            intake: IntakeSettings::default(),
        }
    }
}

impl Settings {
    /// Everything in these settings that cannot work, in the order of the fields; empty when all
    /// is well. Touches no file: a directory that cannot be made shows only at the start.
    pub fn validate(&self) -> Vec<Problem> {
        validate::validate(self)
    }
}
