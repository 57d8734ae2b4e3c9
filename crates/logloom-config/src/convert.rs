//! Takes one value and the kind of its key, hands the setting its new value; refuses every value
//! of another kind, saying what was expected, what was found and which name is near.

mod rules;
mod sample_rules;

use std::path::{Path, PathBuf};
use std::time::Duration;

use logloom_core::action::ActionType;
use logloom_core::mask::MaskRule;
use logloom_core::settings::{
    Codec, ConsoleFormat, Durability, Housekeeping, Policy, RingDir, Settings, Share, nearest,
};
use logloom_record::Level;

use crate::keys::{Kind, Shape};
use crate::mask_rules::{read_mask_rules, rules_of};
use crate::units::{parse_size, parse_time};
use crate::value::{Node, Place, Value, quoted};

/// Names of levels as the manual writes them; others are read as well, see [`Level::parse`].
pub(crate) const LEVEL_NAMES: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const DURABILITY_NAMES: [&str; 4] = ["process", "interval", "level", "every"];
/// Names of console formats.
pub(crate) const FORMAT_NAMES: [&str; 2] = ["pretty", "json"];
/// Names of overflow policies as the manual writes them.
pub(crate) const POLICY_NAMES: [&str; 5] =
    ["discard", "block", "discard_low_level", "drop_oldest", "block_with_timeout"];

/// Interval of a durability that names none.
const INTERVAL_DEFAULT_MS: u64 = 1_000;

/// Why a value was refused, and where within it.
pub(crate) struct Refusal {
    /// `None`: the value as a whole.
    pub(crate) place: Option<Place>,
    /// The member of a section that is one value; `None`: the value as a whole.
    pub(crate) member: Option<String>,
    pub(crate) message: String,
    pub(crate) cause: Cause,
}

/// Whether a program may start all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The name of a level is unknown, for which there is always a level to use instead.
    UnknownLevel,
    /// Anything else.
    Other,
}

type Converted<T> = Result<T, Refusal>;

fn refuse<T>(message: impl Into<String>) -> Converted<T> {
    Err(Refusal { place: None, member: None, message: message.into(), cause: Cause::Other })
}

fn refuse_at<T>(node: &Node, message: impl Into<String>) -> Converted<T> {
    Err(Refusal {
        place: Some(node.place.clone()),
        member: None,
        message: message.into(),
        cause: Cause::Other,
    })
}

/// Puts the value of `node` where `kind` says. `module` is the last name of the key, which the
/// kinds that stand for many keys need; `home` is what `~` means.
pub(crate) fn convert(
    kind: Kind,
    module: &str,
    node: &Node,
    home: Option<&Path>,
    settings: &mut Settings,
) -> Converted<()> {
    match kind {
        Kind::Text(target) => *target(settings) = text(kind, node)?.to_owned(),
        Kind::Directories(target) => *target(settings) = directories(node, home)?,
        Kind::RingDirectory(target) => *target(settings) = ring_directory(node, home)?,
        Kind::Durability(target) => *target(settings) = durability(kind, node)?,
        Kind::Size(target) => *target(settings) = size(kind, node)?,
        Kind::SmallSize(target) => *target(settings) = fitting(size(kind, node)?)?,
        Kind::OptionalSize(target) => *target(settings) = optional(kind, node, size)?,
        Kind::OptionalDays(target) | Kind::OptionalCount(target) => {
            *target(settings) = optional(kind, node, count)?;
        }
        Kind::Time(target) => *target(settings) = time(kind, node)?,
        Kind::Count(target) => *target(settings) = count(kind, node)?,
        Kind::Digits(target) => *target(settings) = count(kind, node)?,
        Kind::Switch(target) => *target(settings) = switch(kind, node)?,
        Kind::Level(target) => *target(settings) = level(kind, node)?,
        Kind::ModuleLevel => {
            let level = level(kind, node)?;
            settings.levels.set(module, level);
        }
        Kind::Policy(target) => *target(settings) = policy(kind, node)?,
        Kind::LevelPolicy(level) => {
            let policy = policy(kind, node)?;
            settings.overflow.set(level, policy);
        }
        Kind::Names(target) => *target(settings) = names(kind, node)?,
        Kind::Actions(target) => *target(settings) = actions(kind, node)?,
        Kind::MaskRules(target) => *target(settings) = mask_rules(node, home)?,
        Kind::Secret(target) => {
            let text = text(kind, node)?;
            *target(settings) = if text == "none" { String::new() } else { text.to_owned() };
        }
        Kind::Format(target) => *target(settings) = format(kind, node)?,
        Kind::Codec(target) => *target(settings) = codec(kind, node)?,
        Kind::Housekeeping(target) => *target(settings) = housekeeping(kind, node)?,
        Kind::DeleteRules(target) => *target(settings) = rules::rules(kind, node)?,
        Kind::Choice(target) => *target(settings) = choice(kind, node)?,
        Kind::LevelShare(level) => {
            let share = share(kind, node)?;
            settings.sample.set(level, share);
        }
        Kind::SampleRules(target) => *target(settings) = sample_rules::rules(kind, node)?,
        Kind::Shape(shape) => check_shape(shape, kind, node)?,
    }
    Ok(())
}

fn check_shape(shape: Shape, kind: Kind, node: &Node) -> Converted<()> {
    match shape {
        Shape::Names => names(kind, node).map(drop),
        Shape::Outputs => outputs(kind, node),
        Shape::Address => address(kind, node),
    }
}

fn actions(kind: Kind, node: &Node) -> Converted<Vec<ActionType>> {
    let parse =
        |name: &String| ActionType::parse(name).or_else(|unknown| refuse(unknown.to_string()));
    names(kind, node)?.iter().map(parse).collect()
}

fn mismatch<T>(kind: Kind, node: &Node) -> Converted<T> {
    let quotes = match (kind, &node.value) {
        (Kind::Text(_), Value::Integer(_) | Value::Float(_) | Value::Switch(_)) => {
            "; put it in quotes"
        }
        _ => "",
    };
    refuse(format!("expected {}, found {}{quotes}", kind.expected(), node.found()))
}

fn text(kind: Kind, node: &Node) -> Converted<&str> {
    match node.text() {
        Some(text) => Ok(text),
        None => mismatch(kind, node),
    }
}

/// The name, compared without case, or a message with the nearest of `names`.
fn name<T>(node: &Node, found: Option<T>, what: &str, kind: Kind, names: &[&str]) -> Converted<T> {
    let Some(given) = node.text().filter(|text| !text.is_empty()) else {
        return mismatch(kind, node);
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let hint = match nearest(given, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("expected {}", kind.expected()),
    };
    refuse(format!("unknown {what} {}, {hint}", quoted(given)))
}

fn level(kind: Kind, node: &Node) -> Converted<Level> {
    let found = node.text().and_then(|text| Level::parse(text.trim()).ok());
    name(node, found, "level", kind, &LEVEL_NAMES)
        .map_err(|refusal| Refusal { cause: Cause::UnknownLevel, ..refusal })
}

fn policy(kind: Kind, node: &Node) -> Converted<Policy> {
    let found = node.text().and_then(|text| Policy::parse(text.trim()).ok());
    name(node, found, "overflow policy", kind, &POLICY_NAMES)
}

fn format(kind: Kind, node: &Node) -> Converted<ConsoleFormat> {
    let found = match node.text() {
        Some("pretty") => Some(ConsoleFormat::Pretty),
        Some("json") => Some(ConsoleFormat::Json),
        _ => None,
    };
    name(node, found, "console format", kind, &FORMAT_NAMES)
}

fn codec(kind: Kind, node: &Node) -> Converted<Codec> {
    let named = |codec: &Codec| node.text() == Some(codec.name());
    let names = Codec::ALL.map(Codec::name);
    name(node, Codec::ALL.into_iter().find(named), "codec", kind, &names)
}

fn housekeeping(kind: Kind, node: &Node) -> Converted<Housekeeping> {
    let found = node.text().and_then(Housekeeping::parse);
    name(node, found, "housekeeping", kind, &Housekeeping::NAMES)
}

fn durability(kind: Kind, node: &Node) -> Converted<Durability> {
    let given = node.text().unwrap_or_default().trim();
    let (word, detail) = match given.split_once([' ', ':', '=']) {
        Some((word, detail)) => (word, Some(detail.trim())),
        None => (given, None),
    };
    let found = match (word, detail) {
        ("process", None) => Some(Durability::Process),
        ("every", None) => Some(Durability::Every),
        ("interval", None) => Some(Durability::Interval { ms: INTERVAL_DEFAULT_MS }),
        ("interval", Some(detail)) => Some(interval(detail)?),
        ("level", None) => Some(Durability::Level { at_least: Level::Error }),
        ("level", Some(detail)) => {
            let value = Value::Text(detail.to_owned());
            let at_least = level(Kind::ModuleLevel, &Node { value, place: node.place.clone() })?;
            Some(Durability::Level { at_least })
        }
        _ => None,
    };
    name(node, found, "durability", kind, &DURABILITY_NAMES)
}

fn interval(detail: &str) -> Converted<Durability> {
    let time = parse_time(detail).filter(|time| time.subsec_nanos().is_multiple_of(1_000_000));
    match time.and_then(|time| u64::try_from(time.as_millis()).ok()) {
        Some(ms) => Ok(Durability::Interval { ms }),
        None => refuse(format!(
            "expected whole milliseconds such as `interval 250ms`, found {}",
            quoted(detail)
        )),
    }
}

fn size(kind: Kind, node: &Node) -> Converted<u64> {
    let found = match &node.value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        _ => node.text().and_then(parse_size),
    };
    found.map_or_else(|| mismatch(kind, node), Ok)
}

fn time(kind: Kind, node: &Node) -> Converted<Duration> {
    node.text().and_then(parse_time).map_or_else(|| mismatch(kind, node), Ok)
}

fn count<T: TryFrom<i128>>(kind: Kind, node: &Node) -> Converted<T> {
    let Some(number) = node.integer() else {
        return mismatch(kind, node);
    };
    match T::try_from(number) {
        Ok(number) => Ok(number),
        Err(_) if number < 0 => refuse(format!("{number} is impossible, expected 0 or more")),
        Err(_) => refuse(format!("{number} is too large")),
    }
}

fn fitting(bytes: u64) -> Converted<u32> {
    match u32::try_from(bytes) {
        Ok(bytes) => Ok(bytes),
        Err(_) => refuse(format!("{bytes} bytes are too many")),
    }
}

fn optional<T>(
    kind: Kind,
    node: &Node,
    read: fn(Kind, &Node) -> Converted<T>,
) -> Converted<Option<T>> {
    match node.text() {
        Some("never") => Ok(None),
        _ => read(kind, node).map(Some),
    }
}

fn switch(kind: Kind, node: &Node) -> Converted<bool> {
    match &node.value {
        Value::Switch(switch) => Ok(*switch),
        Value::Untyped(text) if text == "true" || text == "1" => Ok(true),
        Value::Untyped(text) if text == "false" || text == "0" => Ok(false),
        _ => mismatch(kind, node),
    }
}

/// The items of a list; of text without a type, what stands between its commas.
fn items(node: &Node) -> Option<Vec<Node>> {
    match &node.value {
        Value::List(items) => Some(items.clone()),
        Value::Untyped(text) => {
            let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
            let item = |part: &str| Node {
                value: Value::Untyped(part.to_owned()),
                place: node.place.clone(),
            };
            Some(parts.map(item).collect())
        }
        _ => None,
    }
}

fn names(kind: Kind, node: &Node) -> Converted<Vec<String>> {
    let Some(items) = items(node) else {
        return mismatch(kind, node);
    };
    let name = |item: &Node| match item.text() {
        Some(text) => Ok(text.to_owned()),
        None => refuse_at(item, format!("expected a name, found {}", item.found())),
    };
    items.iter().map(name).collect()
}

fn directories(node: &Node, home: Option<&Path>) -> Converted<Vec<PathBuf>> {
    let items = match &node.value {
        Value::Text(_) => Some(vec![node.clone()]),
        _ => items(node),
    };
    let Some(items) = items else {
        return refuse(format!("expected a path or a list of paths, found {}", node.found()));
    };
    items.iter().map(|item| path(item, home)).collect()
}

/// The rules themselves, or those of the file at a path.
fn mask_rules(node: &Node, home: Option<&Path>) -> Converted<Vec<MaskRule>> {
    let entries = match &node.value {
        Value::List(_) => rules_of(node).map_err(|problems| {
            let first = problems.into_iter().next();
            let (place, message) =
                first.map_or((None, String::new()), |p| (Some(p.place), p.message));
            Refusal { place, member: None, message, cause: Cause::Other }
        })?,
        _ => {
            let path = path(node, home)?;
            read_mask_rules(&path).map_err(|report| Refusal {
                place: None,
                member: None,
                message: report.problems.first().map(ToString::to_string).unwrap_or_default(),
                cause: Cause::Other,
            })?
        }
    };
    Ok(entries.into_iter().map(|entry| entry.rule).collect())
}

fn ring_directory(node: &Node, home: Option<&Path>) -> Converted<RingDir> {
    match node.text() {
        Some("auto") => Ok(RingDir::Auto),
        _ => path(node, home).map(RingDir::Path),
    }
}

/// A path with `~/` replaced. `~` alone is nothing in YAML, so the message says how to write it.
fn path(node: &Node, home: Option<&Path>) -> Converted<PathBuf> {
    let Some(text) = node.text() else {
        let hint =
            if matches!(node.value, Value::Null) { " (a lone ~ must be quoted)" } else { "" };
        return refuse_at(node, format!("expected a path, found {}{hint}", node.found()));
    };
    if text.contains('\0') {
        return refuse_at(node, "a path cannot contain a NUL character");
    }
    let Some(rest) = text.strip_prefix('~') else {
        return Ok(PathBuf::from(text));
    };
    if !rest.is_empty() && !rest.starts_with('/') {
        return refuse_at(
            node,
            "the home directory of another user is not looked up; write it out",
        );
    }
    match home {
        Some(home) => Ok(home.join(rest.trim_start_matches('/'))),
        None => {
            refuse_at(node, "`~` has no meaning here, since HOME is not set; write a full path")
        }
    }
}

/// A share of records; a number is written as one, not as text.
fn share(kind: Kind, node: &Node) -> Converted<Share> {
    let number = match node.value {
        Value::Integer(number) => f64::from(u8::try_from(number).unwrap_or(u8::MAX)),
        Value::Float(number) => number,
        _ => node.text().and_then(|text| text.trim().parse().ok()).unwrap_or(f64::NAN),
    };
    Share::new(number).map_or_else(|| mismatch(kind, node), Ok)
}

fn choice(kind: Kind, node: &Node) -> Converted<Option<bool>> {
    match node.text() {
        Some("auto") => Ok(None),
        _ => switch(kind, node).map(Some),
    }
}

fn outputs(kind: Kind, node: &Node) -> Converted<()> {
    let Value::List(items) = &node.value else {
        return mismatch(kind, node);
    };
    for item in items {
        let Value::Section(entries) = &item.value else {
            let found = item.found();
            return refuse_at(
                item,
                format!("expected a section with `name` and `type`, found {found}"),
            );
        };
        for required in ["name", "type"] {
            match entries.iter().find(|entry| entry.key == required) {
                Some(entry) if entry.node.text().is_some() => {}
                Some(entry) => {
                    let found = entry.node.found();
                    return refuse_at(&entry.node, format!("expected text, found {found}"));
                }
                None => return refuse_at(item, format!("`{required}` is missing")),
            }
        }
    }
    Ok(())
}

fn address(kind: Kind, node: &Node) -> Converted<()> {
    let port = node.text().and_then(|text| text.rsplit_once(':'));
    match port {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => Ok(()),
        _ => mismatch(kind, node),
    }
}
