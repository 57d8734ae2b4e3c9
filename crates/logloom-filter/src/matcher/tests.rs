//! Tables of lines and the filters that must or must not find them.

#![allow(clippy::unwrap_used)]

use logloom_record::Level;

use crate::Filter;
use crate::syntax::Context;

const LINE: &str = r#"{"timestamp":"2026-11-21T10:00:00.500000Z","level":"WARN","service":"shop",
"message":"card \"4111\" declined\nretry","user":{"id":42,"name":"J\u00f6rg"},"tags":["a","beta"],"ok":true,"none":null}"#;

/// 2026-11-21T10:00:00Z
const TEN: i64 = 1_795_255_200_000_000_000;

fn finds(filter: &Filter, line: &str) -> bool {
    filter.compile().matches(line.as_bytes())
}

fn field(flag: &str) -> Filter {
    Filter::parse_field(flag).unwrap()
}

fn contains(text: &str) -> Filter {
    Filter::Contains(text.to_owned())
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

#[test]
fn conditions_on_fields() {
    let check = |filter: Filter, expect: bool| {
        assert_eq!(finds(&filter, LINE), expect, "{filter}");
        assert_eq!(finds(&not(filter.clone()), LINE), !expect, "!{filter}");
    };
    check(Filter::Always, true);
    check(Filter::LevelAtLeast(Level::Info), true);
    check(Filter::LevelAtLeast(Level::Warn), true);
    check(Filter::LevelAtLeast(Level::Error), false);
    check(Filter::Service("shop".into()), true);
    check(Filter::Service("sho".into()), false);
    check(field("user.id=42"), true);
    check(field("user.id=42.0"), true);
    check(field("user.id=4"), false);
    check(field("user.name=J\u{f6}rg"), true);
    check(field("user.name^=J\u{f6}"), true);
    check(field("user.name^=j"), false);
    check(field("tags~=bet"), true);
    check(field("tags=beta"), false);
    check(field("ok=true"), true);
    check(field("none="), true);
    check(field("absent="), true);
    check(field("absent=x"), false);
    check(field("absent~="), true);
    check(Filter::And(vec![]), true);
    check(Filter::Or(vec![]), false);
    check(Filter::Or(vec![field("ok=false"), field("ok=true")]), true);
    check(Filter::And(vec![field("ok=true"), field("ok=false")]), false);
}

#[test]
fn time_ranges_include_their_start_and_not_their_end() {
    let half = 500_000_000;
    let check = |from: Option<i64>, until: Option<i64>, expect: bool| {
        assert_eq!(finds(&Filter::TimeRange { from, until }, LINE), expect, "{from:?} {until:?}");
    };
    check(None, None, true);
    check(Some(TEN), None, true);
    check(Some(TEN + half), Some(TEN + half + 1), true);
    check(Some(TEN + half + 1), None, false);
    check(None, Some(TEN + half), false);
    let last = r#"{"timestamp":"2262-04-11T23:47:16.854775807Z"}"#;
    assert!(finds(&Filter::TimeRange { from: Some(TEN), until: None }, last));
}

#[test]
fn text_is_found_in_values_only() {
    let check =
        |text: &str, expect: bool| assert_eq!(finds(&contains(text), LINE), expect, "{text}");
    check("declined", true);
    check("\"4111\"", true);
    check("declined\nretry", true);
    check("declined\\nretry", false);
    check("J\u{f6}rg", true);
    check("u00f6", false);
    check("42", true);
    check("true", true);
    check("beta", true);
    check("message", false);
    check("shop\",", false);
    check("", true);
}

#[test]
fn damaged_lines_are_found_by_their_raw_text_alone() {
    let check = |line: &str, filter: Filter, expect: bool| {
        assert_eq!(finds(&filter, line), expect, "{line} {filter}");
    };
    let torn = r#"{"level":"ERROR","message":"disk \"sda\" failed","k":"#;
    for line in [torn, "disk \"sda\" failed", "{\"level\":\"ERROR\" disk \"sda\"}"] {
        check(line, Filter::Always, true);
        check(line, contains("disk \"sda\""), true);
        check(line, contains("sdb"), false);
        check(line, not(contains("sdb")), true);
        check(line, Filter::LevelAtLeast(Level::Info), false);
        check(line, not(Filter::LevelAtLeast(Level::Fatal)), false);
        check(line, field("level=ERROR"), false);
        check(line, not(field("level=ERROR")), false);
        check(line, Filter::Or(vec![field("level=ERROR"), contains("disk")]), true);
        check(line, Filter::And(vec![field("level=ERROR"), contains("disk")]), false);
    }
}

#[test]
fn damaged_lines_are_searched_for_words_and_expressions() {
    let find = |query: &str| {
        let filter = Filter::parse(query, &Context::default()).unwrap();
        [r#"{"a" x \"sda\" failed"#, "payment failed", r#"{"message":"payment failed","#]
            .map(|line| finds(&filter, line))
    };
    assert_eq!(find("*:~'\"sda\"'"), [true, false, false]);
    assert_eq!(find("*:sda"), [true, false, false]);
    assert_eq!(find("*:failed"), [true, true, true]);
    assert_eq!(find("*:fail"), [false, false, false]);
    assert_eq!(find("*:~`pay[m]ent`"), [false, true, true]);
    assert_eq!(find("failed"), [false, false, false]);
    assert_eq!(find("!failed"), [false, false, false]);
    assert_eq!(find("!*:sda"), [false, true, true]);
    assert_eq!(find("*:i(FAILED) or x:y"), [true, true, true]);
}

#[test]
fn unknown_levels_and_times_match_nothing() {
    for line in [r#"{"level":"loud","timestamp":"soon"}"#, r#"{"level":3,"timestamp":null}"#, "{}"]
    {
        assert!(!finds(&Filter::LevelAtLeast(Level::Trace), line), "{line}");
        assert!(!finds(&Filter::TimeRange { from: None, until: None }, line), "{line}");
    }
}

#[test]
fn one_of_several_values() {
    let one_of = |path: &str, values: &[&str]| Filter::FieldIn {
        path: path.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let check = |filter: Filter, expect: bool| {
        assert_eq!(finds(&filter, LINE), expect, "{filter}");
    };
    check(one_of("service", &["bank", "shop"]), true);
    check(one_of("service", &["bank", "sho"]), false);
    check(one_of("service", &[]), false);
    check(one_of("user.id", &["41", "42.0"]), true);
    check(one_of("missing", &["x", ""]), true);
    let mut many: Vec<String> = (0..1_000).map(|number| format!("service {number}")).collect();
    check(Filter::FieldIn { path: "service".into(), values: many.clone() }, false);
    many.push("shop".into());
    check(Filter::FieldIn { path: "service".into(), values: many }, true);
    let exists = |path: &str| Filter::FieldExists { path: path.into() };
    check(exists("user"), true);
    check(exists("none"), false);
    check(exists("missing"), false);
}

#[test]
fn what_was_not_looked_up_matches_nothing() {
    let of = Box::new(Filter::Always);
    let filter = Filter::FieldOf { path: "service".into(), of, field: "service".into() };
    assert!(!finds(&filter, LINE));
    assert!(!filter.compile().may_match(LINE.as_bytes()));
    let looked_up = filter.resolve(&mut |_, _| vec!["shop".to_owned()]);
    assert!(finds(&looked_up, LINE));
}

#[test]
fn blocks_without_the_text_are_excluded() {
    let may = |filter: Filter| filter.compile().may_match(LINE.as_bytes());
    assert!(may(contains("declined")) && !may(contains("accepted")));
    assert!(may(field("service=shop")) && !may(field("service=bank")));
    assert!(may(field("n=7")), "a number may be written in other ways");
    assert!(may(not(contains("accepted"))));
    assert!(!may(contains("declined").and(contains("accepted"))));
    assert!(may(Filter::Or(vec![contains("declined"), contains("accepted")])));
    assert!(may(Filter::LevelAtLeast(Level::Fatal)));
}
