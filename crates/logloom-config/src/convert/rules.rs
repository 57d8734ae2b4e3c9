//! The list of `store.delete`. In comes a list of sections; out go rules. Refuses a member that no rule has,
//! with the nearest one, and a value of another kind, with its place.

use logloom_core::settings::{DeleteRule, Glob, nearest};

use super::{Converted, Refusal, count, mismatch, refuse_at, size, switch};
use crate::keys::Kind;
use crate::value::{Entry, Node, Value, quoted};

const MEMBERS: [&str; 6] =
    ["name", "older_than_days", "at_least", "keep_files", "keep_size", "test"];

// What a condition takes, in words of the kinds that take the same.
const COUNT: Kind = Kind::Count(|settings| &mut settings.batch.batch_size);
const SIZE: Kind = Kind::Size(|settings| &mut settings.store.max_file_size);
const SWITCH: Kind = Kind::Switch(|settings| &mut settings.mask.enabled);

pub(super) fn rules(kind: Kind, node: &Node) -> Converted<Vec<DeleteRule>> {
    let Value::List(items) = &node.value else {
        return mismatch(kind, node);
    };
    items.iter().map(rule).collect()
}

fn rule(item: &Node) -> Converted<DeleteRule> {
    let Value::Section(entries) = &item.value else {
        let found = item.found();
        return refuse_at(item, format!("expected a section with conditions, found {found}"));
    };
    let mut rule = DeleteRule::default();
    for entry in entries {
        // What is wrong is wrong at the member, not at the list.
        condition(entry, &mut rule).map_err(|refusal| Refusal {
            place: refusal.place.or_else(|| Some(entry.node.place.clone())),
            ..refusal
        })?;
    }
    Ok(rule)
}

fn condition(entry: &Entry, rule: &mut DeleteRule) -> Converted<()> {
    let Entry { key, place, node } = entry;
    match key.as_str() {
        "name" => {
            let given = node.text().unwrap_or_default();
            match Glob::new(given) {
                Ok(glob) => rule.name = Some(glob),
                Err(message) => return refuse_at(node, message),
            }
        }
        "older_than_days" => rule.older_than_days = Some(count(COUNT, node)?),
        "at_least" => rule.at_least_bytes = Some(size(SIZE, node)?),
        "keep_files" => rule.keep_files = Some(count(COUNT, node)?),
        "keep_size" => rule.keep_bytes = Some(size(SIZE, node)?),
        "test" => rule.is_test = switch(SWITCH, node)?,
        other => {
            let hint = match nearest(other, MEMBERS) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("expected {}", MEMBERS.join(", ")),
            };
            let at = Node { value: Value::Null, place: place.clone() };
            return refuse_at(&at, format!("unknown condition {}, {hint}", quoted(other)));
        }
    }
    Ok(())
}
