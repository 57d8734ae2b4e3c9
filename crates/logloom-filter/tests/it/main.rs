//! Properties that hold for every line: agreement with a full parser, and no panic on any bytes.

#![allow(clippy::unwrap_used)]

mod common;
mod language;
mod pruning;

use common::{all_escaped, object, text, written_differently};
use logloom_filter::{Filter, LineView};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// The same meaning of a path, over a fully parsed object.
fn resolve<'v>(object: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    object.iter().find_map(|(key, value)| {
        if key == path {
            return Some(value);
        }
        let rest = path.strip_prefix(key.as_str())?.strip_prefix('.')?;
        resolve(value.as_object()?, rest)
    })
}

fn paths(object: &Map<String, Value>, before: &str, found: &mut Vec<String>) {
    for (key, value) in object {
        let path = format!("{before}{key}");
        if let Value::Object(inner) = value {
            paths(inner, &format!("{path}."), found);
        }
        found.push(path);
    }
}

fn any_leaf_contains(value: &Value, text: &str) -> bool {
    match value {
        Value::Object(members) => members.values().any(|value| any_leaf_contains(value, text)),
        Value::Array(elements) => elements.iter().any(|value| any_leaf_contains(value, text)),
        Value::String(string) => string.contains(text),
        Value::Null => text.is_empty(),
        other => other.to_string().contains(text),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_matches_is_never_excluded_by_the_raw_text(object in object(), text in text()) {
        let mut wanted = Vec::new();
        paths(&object, "", &mut wanted);
        let mut filters = vec![Filter::Contains(text.clone())];
        for path in wanted {
            let Some(Value::String(value)) = resolve(&object, &path) else { continue };
            filters.push(Filter::FieldEquals { path: path.clone(), value: value.clone() });
            filters.push(Filter::FieldPrefix { path: path.clone(), prefix: text.clone() });
            filters.push(Filter::FieldIn { path, values: vec![text.clone(), value.clone()] });
        }
        let plain = serde_json::to_string(&object).unwrap();
        let escaped = all_escaped(&object);
        prop_assert!(LineView::new(escaped.as_bytes()).is_well_formed(), "{}", escaped);
        for line in [written_differently(&plain), escaped, plain] {
            for filter in &filters {
                let matcher = filter.compile();
                let may = matcher.may_match(line.as_bytes());
                prop_assert!(may || !matcher.matches(line.as_bytes()), "{} {}", filter, line);
            }
        }
    }

    #[test]
    fn fields_agree_with_a_full_parser(object in object(), stray in text()) {
        let line = serde_json::to_string(&object).unwrap();
        let line = if stray.len() % 2 == 0 { line } else { written_differently(&line) };
        let view = LineView::new(line.as_bytes());
        prop_assert!(view.is_well_formed());
        let mut wanted = vec![stray];
        paths(&object, "", &mut wanted);
        for path in wanted {
            let found = view.get(&path);
            let expect = resolve(&object, &path);
            prop_assert_eq!(found.is_some(), expect.is_some(), "{} in {}", path, line);
            let (Some(found), Some(expect)) = (found, expect) else { continue };
            prop_assert_eq!(&serde_json::from_slice::<Value>(found.raw()).unwrap(), expect);
            if let Value::String(text) = expect {
                prop_assert_eq!(found.text(), text.as_str());
                prop_assert!(found.equals_text(text));
            }
        }
    }

    #[test]
    fn text_search_agrees_with_a_full_parser(object in object(), text in text()) {
        let line = serde_json::to_string(&object).unwrap();
        let expect = any_leaf_contains(&Value::Object(object.clone()), &text) && !object.is_empty();
        let matcher = Filter::Contains(text).compile();
        prop_assert_eq!(matcher.matches(line.as_bytes()), expect, "{}", line);
        prop_assert_eq!(matcher.matches(written_differently(&line).as_bytes()), expect);
    }

    #[test]
    fn well_formed_agrees_with_a_full_parser(object in object(), at in any::<usize>(), byte: u8) {
        let mut line = serde_json::to_vec(&object).unwrap();
        let position = at % line.len();
        line[position] = byte;
        let parsed = serde_json::from_slice::<Value>(&line);
        // The parser refuses what does not fit its types; the text is well formed all the same.
        let too_large = parsed.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
        prop_assume!(!too_large);
        let expect = parsed.is_ok_and(|value| value.is_object());
        prop_assert_eq!(LineView::new(&line).is_well_formed(), expect);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..64) {
        let mut torn = br#"{"timestamp":"2026-11-21T10:00:00Z","level":"ERROR","a":{"b":["\ud83d"]}"#.to_vec();
        torn.truncate(cut);
        torn.extend_from_slice(&bytes);
        for line in [&bytes, &torn] {
            for filter in [
                Filter::Contains("e".into()),
                Filter::FieldContains { path: "a.b".into(), text: "x".into() },
                Filter::FieldEquals { path: "a.b".into(), value: "1".into() },
                Filter::TimeRange { from: Some(0), until: None },
            ] {
                let _ = filter.compile().matches(line);
            }
            for (key, value) in LineView::new(line).members() {
                let _ = (key.text(), value.any_leaf(&mut |_| false));
            }
        }
    }
}
