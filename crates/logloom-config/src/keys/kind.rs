//! Takes settings, hands on what a kind of key expects and how its value is shown; refuses
//! nothing (see `convert`).

use std::path::{Path, PathBuf};
use std::time::Duration;

use logloom_core::action::ActionType;
use logloom_core::mask::MaskRule;
use logloom_core::settings::{
    Codec, ConsoleFormat, ConsoleSettings, DeleteRule, Durability, Housekeeping, Policy, RingDir,
    SampleRule, Settings, Share,
};
use logloom_record::Level;

use crate::units::{format_size, format_time};

/// The setting that a key fills.
pub(crate) type Target<T> = fn(&mut Settings) -> &mut T;

/// What a key takes.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Text(Target<String>),
    Directories(Target<Vec<PathBuf>>),
    RingDirectory(Target<RingDir>),
    Durability(Target<Durability>),
    Size(Target<u64>),
    SmallSize(Target<u32>),
    OptionalSize(Target<Option<u64>>),
    OptionalDays(Target<Option<u32>>),
    Time(Target<Duration>),
    Count(Target<u32>),
    Digits(Target<u8>),
    Switch(Target<bool>),
    Level(Target<Level>),
    ModuleLevel,
    Policy(Target<Policy>),
    LevelPolicy(Level),
    Names(Target<Vec<String>>),
    Actions(Target<Vec<ActionType>>),
    /// A file of mask rules, or the rules themselves.
    MaskRules(Target<Vec<MaskRule>>),
    /// A text that is never shown.
    Secret(Target<String>),
    OptionalCount(Target<Option<u32>>),
    Format(Target<ConsoleFormat>),
    Codec(Target<Codec>),
    Housekeeping(Target<Housekeeping>),
    DeleteRules(Target<Vec<DeleteRule>>),
    /// `auto`, true or false.
    Choice(Target<Option<bool>>),
    /// The share of a level's records that is kept.
    LevelShare(Level),
    SampleRules(Target<Vec<SampleRule>>),
    /// Checked, but no setting yet.
    Shape(Shape),
}

/// What a key takes that fills no setting in this version.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    Names,
    Outputs,
    Address,
}

impl Kind {
    /// What is expected, in words that end a sentence.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Kind::Text(_) | Kind::Secret(_) => "text",
            Kind::MaskRules(_) => "a path, or a list of rules",
            Kind::OptionalCount(_) => "a whole number, or never",
            Kind::Directories(_) => "a path or a list of paths",
            Kind::RingDirectory(_) => "`auto` or a path",
            Kind::Durability(_) => "process, interval TIME, level LEVEL or every",
            Kind::Size(_) | Kind::SmallSize(_) => "a size such as 256KiB or 10MB",
            Kind::OptionalSize(_) => "a size such as 1GiB, or never",
            Kind::OptionalDays(_) => "a whole number of days, or never",
            Kind::Time(_) => "a time with its unit such as 250ms or 3s",
            Kind::Count(_) | Kind::Digits(_) => "a whole number",
            Kind::Switch(_) => "true or false",
            Kind::Level(_) | Kind::ModuleLevel => "TRACE, DEBUG, INFO, WARN, ERROR or FATAL",
            Kind::Policy(_) | Kind::LevelPolicy(_) => {
                "discard, block, discard_low_level, drop_oldest or block_with_timeout"
            }
            Kind::Names(_) | Kind::Shape(Shape::Names) => "a list of names",
            Kind::Actions(_) => "a list of action types",
            Kind::Format(_) => "pretty or json",
            Kind::Codec(_) => "gzip or zstd",
            Kind::Housekeeping(_) => "always, hourly or never",
            Kind::DeleteRules(_) => {
                "a list of sections with `name`, `older_than_days`, `at_least`, `keep_files`, \
                 `keep_size`, `test`"
            }
            Kind::Choice(_) => "auto, true or false",
            Kind::LevelShare(_) => "a number from 0 to 1",
            Kind::SampleRules(_) => {
                "a list of sections with `name`, `levels`, `loggers`, `messages`, `rate`, `first`, \
                 `every`, `interval`"
            }
            Kind::Shape(Shape::Outputs) => "a list of sections with `name` and `type`",
            Kind::Shape(Shape::Address) => "an address with its port such as 127.0.0.1:7890",
        }
    }

    /// The value that `settings` hold, as it would be written; `None` for what they do not hold.
    pub(crate) fn shown(self, settings: &Settings) -> Option<String> {
        let mut settings = settings.clone();
        if settings.console.is_none() {
            settings.console = Some(ConsoleSettings { enabled: false, ..Default::default() });
        }
        let settings = &mut settings;
        Some(match self {
            Kind::Text(target) => target(settings).clone(),
            Kind::Directories(target) => shown_directories(target(settings)),
            Kind::RingDirectory(target) => match target(settings) {
                RingDir::Auto => "auto".to_owned(),
                RingDir::Path(path) => path.display().to_string(),
            },
            Kind::Durability(target) => shown_durability(*target(settings)),
            Kind::Size(target) => format_size(*target(settings)),
            Kind::SmallSize(target) => format_size((*target(settings)).into()),
            Kind::OptionalSize(target) => target(settings).map_or_else(never, format_size),
            Kind::OptionalDays(target) => target(settings).map_or_else(never, |n| n.to_string()),
            Kind::Time(target) => format_time(*target(settings)),
            Kind::Count(target) => target(settings).to_string(),
            Kind::Digits(target) => target(settings).to_string(),
            Kind::Switch(target) => target(settings).to_string(),
            Kind::Level(target) => target(settings).as_str().to_owned(),
            Kind::Policy(target) => target(settings).to_string(),
            Kind::LevelPolicy(level) => shown_policy(settings, level),
            Kind::Names(target) => format!("[{}]", target(settings).join(", ")),
            Kind::Actions(target) => {
                let names: Vec<&str> = target(settings).iter().map(|kind| kind.name()).collect();
                format!("[{}]", names.join(", "))
            }
            Kind::MaskRules(target) => shown_mask_rules(target(settings)),
            Kind::Secret(target) => shown_secret(target(settings)),
            Kind::OptionalCount(target) => target(settings).map_or_else(never, |n| n.to_string()),
            Kind::Format(target) => target(settings).as_str().to_owned(),
            Kind::Codec(target) => target(settings).name().to_owned(),
            Kind::Housekeeping(target) => target(settings).as_str().to_owned(),
            Kind::DeleteRules(target) => shown_rules(target(settings)),
            Kind::Choice(target) => {
                target(settings).map_or_else(|| "auto".to_owned(), |choice| choice.to_string())
            }
            Kind::LevelShare(level) => {
                let share = settings.sample.is_on().then(|| settings.sample.share_of(level));
                share.flatten().unwrap_or(Share::ALL).to_string()
            }
            Kind::SampleRules(target) => shown_sample_rules(target(settings)),
            Kind::ModuleLevel | Kind::Shape(_) => return None,
        })
    }
}

fn shown_mask_rules(rules: &[MaskRule]) -> String {
    let shown = |rule: &MaskRule| {
        let MaskRule { name, prefix, keep, alphabet, least, most } = rule;
        format!("{name}: {prefix} + {least}-{most} {alphabet}, {keep} kept")
    };
    format!("[{}]", rules.iter().map(shown).collect::<Vec<_>>().join("; "))
}

fn shown_secret(secret: &str) -> String {
    match secret.chars().count() {
        0 => "none".to_owned(),
        count => format!("***[MASKED {count} chars]***"),
    }
}

fn never() -> String {
    "never".to_owned()
}

fn shown_directories(paths: &[PathBuf]) -> String {
    let shown = |path: &Path| path.display().to_string();
    match paths {
        [only] => shown(only),
        _ => format!("[{}]", paths.iter().map(|p| shown(p)).collect::<Vec<_>>().join(", ")),
    }
}

fn shown_rules(rules: &[DeleteRule]) -> String {
    let shown = |rule: &DeleteRule| {
        let test = if rule.is_test { " (test)" } else { "" };
        format!("{}{test}", rule.reason())
    };
    format!("[{}]", rules.iter().map(shown).collect::<Vec<_>>().join("; "))
}

fn shown_sample_rules(rules: &[SampleRule]) -> String {
    let shown = |rule: &SampleRule| match (rule.first, rule.every) {
        (0, 0) => format!("{}: {}", rule.name, rule.share()),
        (first, every) => {
            let interval = format_time(rule.interval);
            format!("{}: first {first}, every {every} in {interval}, {}", rule.name, rule.share())
        }
    };
    format!("[{}]", rules.iter().map(shown).collect::<Vec<_>>().join("; "))
}

fn shown_durability(durability: Durability) -> String {
    match durability {
        Durability::Process => "process".to_owned(),
        Durability::Interval { ms } => {
            format!("interval {}", format_time(Duration::from_millis(ms)))
        }
        Durability::Level { at_least } => format!("level {}", at_least.as_str()),
        Durability::Every => "every".to_owned(),
    }
}

/// The policy in force, except that one which names several levels is shown under its own name.
fn shown_policy(settings: &Settings, level: Level) -> String {
    let slot = usize::from(level as u8 - Level::Trace as u8);
    let chosen = settings.overflow.by_level[slot];
    match chosen {
        Some(policy) => policy.to_string(),
        None if level >= Level::Error => Policy::BlockWithTimeout.to_string(),
        None => settings.overflow.default.to_string(),
    }
}
