//! Lines and texts that hurt, shared by all properties.

use logloom_filter::{Bound, Comparison, FieldComparison, Filter, Pattern, Target, Test};
use logloom_record::Level;
use proptest::prelude::*;
use serde_json::{Map, Value};

pub(crate) fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        text().prop_map(Value::from),
    ]
}

/// Short texts over an alphabet that hurts: quotes, escapes, dots, controls, several bytes.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            Just('a'),
            Just('b'),
            Just('.'),
            Just('"'),
            Just('\\'),
            Just('\n'),
            Just('\u{7}'),
            Just('/'),
            Just('1'),
            Just('\u{e9}'),
            Just('\u{1f600}'),
            Just('{'),
            Just(','),
            any::<char>(),
        ],
        0..6,
    )
    .prop_map(|characters| characters.into_iter().collect())
}

pub(crate) fn object() -> impl Strategy<Value = Map<String, Value>> {
    let value = leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::vec((text(), value), 0..6).prop_map(|members| members.into_iter().collect())
}

/// The same JSON with every character outside ASCII, and every slash, written as an escape.
pub(crate) fn written_differently(line: &str) -> String {
    let mut out = String::new();
    for character in line.chars() {
        match character {
            '/' => out.push_str("\\/"),
            ascii if ascii.is_ascii() => out.push(ascii),
            other => {
                for unit in other.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out
}

/// The same JSON with every letter of its strings that belongs to no escape written as an escape.
pub(crate) fn all_escaped(object: &Map<String, Value>) -> String {
    let line = serde_json::to_string(object).unwrap();
    let (mut out, mut is_inside) = (String::new(), false);
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                out.push(character);
                let kind = characters.next().unwrap();
                out.push(kind);
                out.extend(characters.by_ref().take(if kind == 'u' { 4 } else { 0 }));
            }
            letter if is_inside && letter.is_ascii_alphabetic() => {
                out.push_str(&format!("\\u{:04X}", u32::from(letter)));
            }
            other => {
                is_inside ^= other == '"';
                out.push(other);
            }
        }
    }
    out
}

/// Texts in which words, their edges and their cases matter.
pub(crate) fn wordy() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "error", "Error", "ERRORS", "a", "b", "_x", "404", "5", "1.5", "-", " ", " ", "/", ".",
        ":", "\"", "\\", "\n", "\u{e9}", "\u{c9}", "\u{212a}", "k", "\u{130}", "i", "\u{1e9e}",
        "\u{df}", "10ms", "10KiB", "1.2.3.4", "{", "T", "Z", "and",
    ]);
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// The fields of [`record`], some of them nested.
pub(crate) const FIELDS: &[&str] = &["message", "x", "y", "o.p", "o.q", "list", "level", "none"];

/// A record with some of [`FIELDS`], whose texts are [`wordy`].
pub(crate) fn record() -> impl Strategy<Value = Map<String, Value>> {
    let value = || {
        prop_oneof![
            4 => wordy().prop_map(Value::from),
            1 => Just(Value::Null),
            1 => any::<bool>().prop_map(Value::from),
            1 => (-20i64..600).prop_map(Value::from),
            1 => (-20i32..600).prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        ]
    };
    let inner = prop::collection::vec((prop::sample::select(vec!["p", "q"]), value()), 0..3)
        .prop_map(|all| {
            Value::Object(all.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        });
    let list = prop::collection::vec(value(), 0..3).prop_map(Value::from);
    let level = prop::sample::select(vec!["INFO", "ERROR", "warning", "audit", ""]);
    let members = vec![
        ("message", wordy().prop_map(Value::from).boxed()),
        ("x", value().boxed()),
        ("y", value().boxed()),
        ("o", inner.boxed()),
        ("list", list.boxed()),
        ("level", level.prop_map(Value::from).boxed()),
    ];
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| {
            (any::<bool>(), value)
                .prop_map(move |(is_there, value)| is_there.then(|| (name.to_owned(), value)))
        })
        .collect();
    members.prop_map(|members| members.into_iter().flatten().collect())
}

/// Conditions on [`record`]s, in the form in which they are read.
pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    condition().prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4)
                .prop_map(|all| all.into_iter().fold(Filter::Always, Filter::and)),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| {
                let flat = |one| match one {
                    Filter::Or(inner) if !inner.is_empty() => inner,
                    other => vec![other],
                };
                Filter::any_of(all.into_iter().flat_map(flat).collect())
            }),
            inner.prop_map(Filter::negated),
        ]
    })
}

fn path() -> impl Strategy<Value = String> {
    let plain: Vec<&str> = FIELDS.iter().copied().filter(|field| *field != "level").collect();
    prop_oneof![
        9 => prop::sample::select(plain).prop_map(str::to_owned),
        1 => text().prop_filter("levels compare otherwise", |path| path != "level"),
    ]
}

fn condition() -> impl Strategy<Value = Filter> {
    let target = prop_oneof![3 => path().prop_map(Target::Path), 1 => Just(Target::Any)];
    let full = || wordy().prop_filter("an empty text is read otherwise", |text| !text.is_empty());
    let tested = (target, test()).prop_map(|(target, test)| Filter::Test { target, test });
    let order = prop::sample::select(vec![
        FieldComparison::Equal,
        FieldComparison::Less,
        FieldComparison::LessOrEqual,
    ]);
    prop_oneof![
        12 => tested,
        1 => Just(Filter::Always),
        2 => (path(), wordy()).prop_map(|(path, value)| Filter::FieldEquals { path, value }),
        2 => (path(), wordy()).prop_map(|(path, prefix)| Filter::FieldPrefix { path, prefix }),
        1 => (path(), prop::collection::vec(wordy(), 0..20))
            .prop_map(|(path, values)| Filter::FieldIn { path, values }),
        1 => path().prop_map(|path| Filter::FieldExists { path }),
        2 => (path(), full()).prop_map(|(path, text)| Filter::FieldContains { path, text }),
        2 => full().prop_map(Filter::Contains),
        1 => (path(), order, path())
            .prop_map(|(path, order, other)| Filter::CompareFields { path, order, other }),
        1 => prop::sample::select(Level::ALL.to_vec()).prop_map(Filter::LevelAtLeast),
        1 => prop::sample::subsequence(Level::ALL.to_vec(), 1..6).prop_map(Filter::LevelIn),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let full = || wordy().prop_filter("an empty text is read otherwise", |text| !text.is_empty());
    let list = || {
        prop::collection::vec(wordy(), 0..4)
            .prop_filter("a star stands for all", |all| all.as_slice() != ["*"])
    };
    let bound = || {
        let amount = prop::sample::select(vec!["5", "-1.5", "10ms", "1.2.3.4", "10KiB", "inf"]);
        (amount, any::<bool>())
            .prop_map(|(text, is_included)| Bound { text: text.to_owned(), is_included })
    };
    let order = prop::sample::select(vec!["<", "<=", ">", ">="])
        .prop_map(|sign| Comparison::parse(sign).unwrap());
    let expression = prop::sample::select(vec![
        "err|404",
        "(?i)error",
        "^a",
        "[0-9]+",
        r"\berror\b",
        " a ",
        "(error|b) .",
        "x.*\u{e9}",
        "(?i)k",
        "( error )|( b )",
        "-error-5?",
        r"(?-u:\xff)",
    ])
    .prop_filter("a plain text is read otherwise", |text| {
        Pattern::new(text).unwrap().plain_text().is_none()
    });
    prop_oneof![
        3 => full().prop_map(Test::Phrase),
        3 => full().prop_map(Test::Prefix),
        3 => full().prop_map(Test::PhraseAnyCase),
        2 => full().prop_map(Test::PrefixAnyCase),
        2 => list().prop_map(Test::ContainsAll),
        2 => list().prop_map(Test::ContainsAny),
        2 => list().prop_map(Test::Sequence),
        3 => expression.prop_map(|text| Test::Matches(Pattern::new(text).unwrap())),
        3 => (order, wordy()).prop_filter("a bound has a text", |(_, bound)| !bound.is_empty())
            .prop_map(|(order, bound)| Test::Compare { order, bound }),
        2 => (bound(), bound()).prop_map(|(from, until)| Test::Range { from, until }),
        1 => (wordy(), wordy()).prop_map(|(from, until)| Test::StringRange { from, until }),
        1 => (0u64..10, 0u64..20).prop_map(|(min, max)| Test::Length { min, max }),
        1 => (any::<u32>(), any::<u32>()).prop_map(|(first, last)| Test::Ipv4Range { first, last }),
    ]
}
