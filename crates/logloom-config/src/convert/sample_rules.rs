//! The list of `sample.rules`. In comes a list of sections; out go rules. Refuses a member that no rule has,
//! with the nearest one, and a value of another kind, with its place.

use logloom_core::settings::{SampleRule, nearest};

use super::{Converted, Refusal, count, level, mismatch, names, refuse_at, share, time};
use crate::keys::Kind;
use crate::value::{Entry, Node, Value, quoted};
use crate::yaml;

const MEMBERS: [&str; 8] =
    ["name", "levels", "loggers", "messages", "rate", "first", "every", "interval"];

// What a member takes, in words of the kinds that take the same.
const COUNT: Kind = Kind::Count(|settings| &mut settings.batch.batch_size);
const NAMES: Kind = Kind::Names(|settings| &mut settings.sample.except);
const LEVEL: Kind = Kind::Level(|settings| &mut settings.levels.default);
const SHARE: Kind = Kind::LevelShare(logloom_record::Level::Info);
const TIME: Kind = Kind::Time(|settings| &mut settings.sample.report_every);

pub(super) fn rules(kind: Kind, node: &Node) -> Converted<Vec<SampleRule>> {
    match &node.value {
        Value::List(items) => items.iter().map(rule).collect(),
        // From the environment, a flag or code: the list as a file would have it, on one line.
        _ => match node.text().filter(|text| text.trim_start().starts_with('[')) {
            Some(text) => rules_of_text(kind, node, text),
            None => mismatch(kind, node),
        },
    }
}

fn rules_of_text(kind: Kind, node: &Node, text: &str) -> Converted<Vec<SampleRule>> {
    let read = match yaml::parse("", text) {
        Ok(read) => read,
        Err(problem) => return refuse_at(node, problem.message),
    };
    match &read.value {
        // Places within the text are no places of the file.
        Value::List(items) => items
            .iter()
            .map(|item| rule(item).map_err(|refusal| Refusal { place: None, ..refusal }))
            .collect(),
        _ => mismatch(kind, node),
    }
}

fn rule(item: &Node) -> Converted<SampleRule> {
    let Value::Section(entries) = &item.value else {
        let found = item.found();
        return refuse_at(item, format!("expected a section with a `name`, found {found}"));
    };
    let mut rule = SampleRule::default();
    for entry in entries {
        // What is wrong is wrong at the member, not at the list.
        member(entry, &mut rule).map_err(|refusal| Refusal {
            place: refusal.place.or_else(|| Some(entry.node.place.clone())),
            ..refusal
        })?;
    }
    Ok(rule)
}

fn member(entry: &Entry, rule: &mut SampleRule) -> Converted<()> {
    let Entry { key, place, node } = entry;
    match key.as_str() {
        "name" => match node.text() {
            Some(name) => rule.name = name.to_owned(),
            None => return refuse_at(node, format!("expected text, found {}", node.found())),
        },
        "levels" => rule.levels = levels(node)?,
        "loggers" => rule.loggers = names(NAMES, node)?,
        "messages" => rule.messages = names(NAMES, node)?,
        "rate" => rule.rate = Some(share(SHARE, node)?),
        "first" => rule.first = count(COUNT, node)?,
        "every" => rule.every = count(COUNT, node)?,
        "interval" => rule.interval = time(TIME, node)?,
        other => {
            let hint = match nearest(other, MEMBERS) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("expected {}", MEMBERS.join(", ")),
            };
            let at = Node { value: Value::Null, place: place.clone() };
            return refuse_at(&at, format!("unknown member {}, {hint}", quoted(other)));
        }
    }
    Ok(())
}

fn levels(node: &Node) -> Converted<Vec<logloom_record::Level>> {
    match &node.value {
        Value::List(items) => items.iter().map(|item| level(LEVEL, item)).collect(),
        _ => level(LEVEL, node).map(|one| vec![one]),
    }
}
