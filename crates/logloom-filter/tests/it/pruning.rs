//! Answers: a second, simple reading of every condition, and what is left out because of raw text
//! or requirements.

use logloom_filter::quantity::{Amount, ipv4};
use logloom_filter::words::{fold, words};
use logloom_filter::{FieldComparison, Filter, Requirement, Target, Test};
use logloom_record::Level;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::common::{all_escaped, filter, record, written_differently};
use crate::resolve;

/// The same condition over a fully parsed record.
fn finds(filter: &Filter, record: &Map<String, Value>) -> bool {
    let equals = |path: &str, wanted: &str| equals(resolve(record, path), wanted);
    let tested = |path: &str, test: Test| passes(resolve(record, path), &test);
    match filter {
        Filter::Always => true,
        Filter::And(all) => all.iter().all(|filter| finds(filter, record)),
        Filter::Or(all) => all.iter().any(|filter| finds(filter, record)),
        Filter::Not(inner) => !finds(inner, record),
        Filter::LevelAtLeast(least) => level(record).is_some_and(|level| level >= *least),
        Filter::LevelIn(levels) => level(record).is_some_and(|level| levels.contains(&level)),
        Filter::FieldEquals { path, value } => equals(path, value),
        Filter::FieldIn { path, values } => values.iter().any(|value| equals(path, value)),
        Filter::FieldExists { path } => !equals(path, ""),
        // What is not there has an empty text, with which every text begins.
        Filter::FieldPrefix { prefix, .. } if prefix.is_empty() => true,
        Filter::FieldPrefix { path, prefix } => resolve(record, path)
            .is_some_and(|value| text_of(value, "null").starts_with(prefix.as_str())),
        Filter::FieldContains { path, text } => tested(path, Test::Contains(text.clone())),
        Filter::Contains(text) => any(record, &Test::Contains(text.clone())),
        Filter::Test { target: Target::Path(path), test } => tested(path, test.clone()),
        Filter::Test { target: Target::Any, test } => any(record, test),
        Filter::CompareFields { path, order, other } => {
            compare(resolve(record, path), *order, resolve(record, other))
        }
        other => panic!("{other} is not asked of records here"),
    }
}

fn level(record: &Map<String, Value>) -> Option<Level> {
    Level::from_name(record.get("level")?.as_str()?.trim())
}

fn text_of(value: &Value, null: &str) -> String {
    match value {
        Value::Null => null.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn equals(value: Option<&Value>, wanted: &str) -> bool {
    match value {
        None => wanted.is_empty(),
        Some(Value::Null) => wanted.is_empty() || wanted == "null",
        Some(Value::Number(number)) => is_number(&number.to_string(), wanted),
        Some(value) => text_of(value, "") == wanted,
    }
}

/// Whether a JSON number is written as, or is as much as, `wanted`; only of small numbers.
fn is_number(number: &str, wanted: &str) -> bool {
    let is_json = serde_json::from_str::<serde_json::Number>(wanted).is_ok();
    let parsed = (number.parse::<f64>(), wanted.parse::<f64>());
    number == wanted || is_json && matches!(parsed, (Ok(left), Ok(right)) if left == right)
}

fn any(record: &Map<String, Value>, test: &Test) -> bool {
    record.values().any(|value| passes(Some(value), test))
}

fn passes(value: Option<&Value>, test: &Test) -> bool {
    match value {
        Some(Value::Array(all)) => all.iter().any(|value| passes(Some(value), test)),
        Some(Value::Object(all)) => all.values().any(|value| passes(Some(value), test)),
        Some(value) => holds(test, &text_of(value, "")),
        None => holds(test, ""),
    }
}

fn is_word(character: Option<&char>) -> bool {
    character.is_some_and(|character| *character == '_' || character.is_alphanumeric())
}

/// Where a text stands between edges of words, character by character.
fn place(text: &[char], wanted: &str, is_whole: bool) -> Option<usize> {
    let wanted: Vec<char> = wanted.chars().collect();
    (0..=text.len().checked_sub(wanted.len())?).find(|start| {
        let end = start + wanted.len();
        let before = start.checked_sub(1).and_then(|at| text.get(at));
        text[*start..end] == wanted[..]
            && !(is_word(wanted.first()) && is_word(before))
            && !(is_whole && is_word(wanted.last()) && is_word(text.get(end)))
    })
}

fn is_phrase(text: &str, wanted: &str, is_whole: bool) -> bool {
    let characters: Vec<char> = text.chars().collect();
    match wanted.is_empty() {
        true => text.is_empty() == is_whole,
        false => place(&characters, wanted, is_whole).is_some(),
    }
}

fn holds(test: &Test, text: &str) -> bool {
    match test {
        Test::Phrase(wanted) => is_phrase(text, wanted, true),
        Test::Prefix(wanted) => is_phrase(text, wanted, false),
        Test::PhraseAnyCase(wanted) => is_phrase(&fold(text), &fold(wanted), true),
        Test::PrefixAnyCase(wanted) => is_phrase(&fold(text), &fold(wanted), false),
        Test::Contains(wanted) => text.contains(wanted.as_str()),
        Test::Matches(pattern) => pattern.is_match(text.as_bytes()),
        Test::Compare { order, bound } => match Amount::parse_bound(bound) {
            Some(bound) => {
                Amount::parse(text).is_some_and(|amount| order.accepts(amount.compare(&bound)))
            }
            None => order.accepts(text.as_bytes().cmp(bound.as_bytes())),
        },
        Test::Range { from, until } => Amount::parse(text).is_some_and(|amount| {
            let order = |bound: &str| amount.compare(&Amount::parse_bound(bound).unwrap());
            let (above, below) = (order(&from.text), order(&until.text));
            (above.is_gt() || from.is_included && above.is_eq())
                && (below.is_lt() || until.is_included && below.is_eq())
        }),
        Test::StringRange { from, until } => from.as_str() <= text && text < until.as_str(),
        Test::Length { min, max } => (*min..=*max).contains(&(text.chars().count() as u64)),
        Test::Ipv4Range { first, last } => {
            ipv4(text).is_some_and(|address| (*first..=*last).contains(&address))
        }
        Test::ContainsAll(all) => all.iter().all(|wanted| is_phrase(text, wanted, true)),
        Test::ContainsAny(all) => all.iter().any(|wanted| is_phrase(text, wanted, true)),
        Test::Sequence(all) => {
            let mut rest: Vec<char> = text.chars().collect();
            all.iter().filter(|wanted| !wanted.is_empty()).all(|wanted| {
                let Some(at) = place(&rest, wanted, true) else { return false };
                rest.drain(..at + wanted.chars().count());
                true
            })
        }
        other => panic!("{other} is not asked here"),
    }
}

fn compare(left: Option<&Value>, order: FieldComparison, right: Option<&Value>) -> bool {
    let text = |value: Option<&Value>| value.map_or(String::new(), |value| text_of(value, ""));
    let (left_text, right_text) = (text(left), text(right));
    if order == FieldComparison::Equal {
        let numbers = matches!((left, right), (Some(Value::Number(_)), Some(Value::Number(_))));
        return left_text == right_text || numbers && is_number(&left_text, &right_text);
    }
    let sorted = match (Amount::parse(&left_text), Amount::parse(&right_text)) {
        (Some(left), Some(right)) => left.compare(&right),
        _ => left_text.cmp(&right_text),
    };
    sorted.is_lt() || order == FieldComparison::LessOrEqual && sorted.is_eq()
}

/// Whether a record has what is required, looked up in the simplest way there is.
fn has(requirement: &Requirement, record: &Map<String, Value>) -> bool {
    match requirement {
        Requirement::Anything => true,
        Requirement::Nothing => false,
        Requirement::All(all) => all.iter().all(|one| has(one, record)),
        Requirement::OneOf(all) => all.iter().any(|one| has(one, record)),
        Requirement::Word(word) => {
            let word = indexed(word);
            record.values().any(|value| has_word(value, &word))
        }
        Requirement::FieldValue { path, value } => equals(resolve(record, path), value),
        Requirement::Amounts { path, least, greatest } => {
            resolve(record, path).is_some_and(|value| has_amount(value, *least..=*greatest))
        }
        Requirement::Levels(mask) => {
            level(record).is_some_and(|level| mask & 1 << (level as u8 - 1) != 0)
        }
        other => panic!("{other:?} is not asked of records here"),
    }
}

fn has_amount(value: &Value, range: std::ops::RangeInclusive<f64>) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|value| has_amount(value, range.clone())),
        Value::Object(all) => all.values().any(|value| has_amount(value, range.clone())),
        other => Amount::parse(&text_of(other, ""))
            .is_some_and(|amount| range.contains(&amount.to_float())),
    }
}

/// A word as an index may keep it, folded in another way than ours.
fn indexed(word: &str) -> String {
    word.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

fn has_word(value: &Value, word: &str) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|value| has_word(value, word)),
        Value::Object(all) => all.iter().any(|(key, value)| {
            words(key).any(|one| indexed(one) == word) || has_word(value, word)
        }),
        other => words(&text_of(other, "null")).any(|one| indexed(one) == word),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn answers_are_those_of_a_simple_reading(filter in filter(), record in record()) {
        let expect = finds(&filter, &record);
        let plain = serde_json::to_string(&record).unwrap();
        let matcher = filter.compile();
        // Objects and lists are compared by their JSON text, which may be written differently.
        let has_container = record.values().any(|value| value.is_object() || value.is_array());
        let mut lines = vec![plain.clone()];
        if !has_container {
            lines.push(written_differently(&plain));
            lines.push(all_escaped(&record));
        }
        for line in lines {
            prop_assert_eq!(matcher.matches(line.as_bytes()), expect, "{} {}", filter, line);
            prop_assert_eq!(matcher.matches_well_formed(line.as_bytes()), expect);
            prop_assert!(!expect || matcher.may_match(line.as_bytes()), "{} {}", filter, line);
        }
    }

    #[test]
    fn what_is_found_has_what_is_required(filter in filter(), record in record()) {
        if finds(&filter, &record) {
            let requirement = filter.requirements();
            prop_assert!(has(&requirement, &record), "{} {:?} {:?}", filter, requirement, record);
        }
    }
}
