//! Filters as text of the query language.
//!
//! What is printed is read back as the same tree by [`Filter::parse`](crate::Filter::parse).

use std::fmt;

use logloom_record::Level;
use logloom_record::time::format_rfc3339;

use crate::syntax::{Name, Quoted};
use crate::{Filter, Test};

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::Always => f.write_str("*"),
            Filter::And(all) if all.is_empty() => f.write_str("*"),
            Filter::Or(all) if all.is_empty() => f.write_str("!*"),
            Filter::And(all) => write_list(f, all, " "),
            Filter::Or(all) => write_list(f, all, " or "),
            Filter::Not(inner) => write!(f, "!{}", Grouped(inner)),
            Filter::LevelIn(levels) => write_levels(f, levels),
            Filter::LevelAtLeast(level) => write!(f, "level:>={}", level.as_str()),
            Filter::TimeRange { from, until } => write_range(f, *from, *until),
            Filter::DayRange(range) => write!(f, "{range}"),
            Filter::WeekRange(range) => write!(f, "{range}"),
            Filter::Service(name) => write!(f, "service:={}", Quoted(name)),
            Filter::FieldEquals { path, value } if is_special(path) => {
                write!(f, "{}:exact({})", Name(path), Quoted(value))
            }
            Filter::FieldEquals { path, value } => write!(f, "{}:={}", Name(path), Quoted(value)),
            Filter::FieldIn { path, values } => write_values(f, path, values),
            Filter::FieldOf { path, of, field } => {
                write!(f, "{}:in({of} | fields {})", Name(path), Name(field))
            }
            Filter::FieldExists { path } => write!(f, "{}:*", Name(path)),
            Filter::FieldPrefix { path, prefix } => {
                write!(f, "{}:={}*", Name(path), Quoted(prefix))
            }
            Filter::FieldContains { path, text } => {
                write!(f, "{}:{}", Name(path), Test::Contains(text.clone()))
            }
            Filter::CompareFields { path, order, other } => {
                write!(f, "{}:{}({})", Name(path), order.as_str(), Name(other))
            }
            Filter::Test { target, test } => write!(f, "{target}{test}"),
            Filter::Contains(text) => write!(f, "*:{}", Test::Contains(text.clone())),
        }
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, all: &[Filter], between: &str) -> fmt::Result {
    for (position, filter) in all.iter().enumerate() {
        if position > 0 {
            f.write_str(between)?;
        }
        write!(f, "{}", Grouped(filter))?;
    }
    Ok(())
}

/// Whether `=` compares this field by something else than its text.
fn is_special(path: &str) -> bool {
    matches!(path, "level" | "timestamp")
}

fn write_levels(f: &mut fmt::Formatter<'_>, levels: &[Level]) -> fmt::Result {
    match levels {
        [] => f.write_str("!*"),
        [only] => write!(f, "level:={only}"),
        [first, rest @ ..] => {
            write!(f, "level:in({first}")?;
            rest.iter().try_for_each(|level| write!(f, ",{level}"))?;
            f.write_str(")")
        }
    }
}

fn write_values(f: &mut fmt::Formatter<'_>, path: &str, values: &[String]) -> fmt::Result {
    let are_levels = values.iter().all(|value| Level::from_name(value).is_some());
    if path == "level" && !values.is_empty() && are_levels {
        return write_level_texts(f, values);
    }
    write!(f, "{}:in(", Name(path))?;
    for (position, value) in values.iter().enumerate() {
        let between = if position > 0 { "," } else { "" };
        write!(f, "{between}{}", Quoted(value))?;
    }
    f.write_str(")")
}

/// Texts that `in` would compare by their severity.
fn write_level_texts(f: &mut fmt::Formatter<'_>, values: &[String]) -> fmt::Result {
    f.write_str("level:(")?;
    for (position, value) in values.iter().enumerate() {
        let between = if position > 0 { " or " } else { "" };
        write!(f, "{between}exact({})", Quoted(value))?;
    }
    f.write_str(")")
}

fn write_range(f: &mut fmt::Formatter<'_>, from: Option<i64>, until: Option<i64>) -> fmt::Result {
    let show = |moment: i64| format_rfc3339(moment, 9);
    match (from, until) {
        (Some(from), Some(until)) => write!(f, "_time:[{}, {})", show(from), show(until)),
        (Some(from), None) => write!(f, "_time:>={}", show(from)),
        (None, Some(until)) => write!(f, "_time:<{}", show(until)),
        (None, None) => f.write_str("*"),
    }
}

/// A filter in parentheses where it would be read differently without them.
struct Grouped<'a>(&'a Filter);

impl fmt::Display for Grouped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Filter::And(all) | Filter::Or(all) if !all.is_empty() => write!(f, "({})", self.0),
            _ => write!(f, "{}", self.0),
        }
    }
}
