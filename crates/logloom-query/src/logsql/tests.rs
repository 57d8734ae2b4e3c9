//! Pipes as they are written, and what is told of those that cannot be read.
#![allow(clippy::unwrap_used)]

use logloom_filter::syntax::{Context, SyntaxError};
use proptest::prelude::*;

use super::*;

fn context() -> Context {
    Context { now_ns: 1_795_255_200_000_000_000, ..Context::default() }
}

fn parse(text: &str) -> Result<Statement, SyntaxError> {
    Statement::parse(text, &context())
}

/// The query in its long form, which is read as the same.
fn check(query: &str, expect: &str) {
    let statement = parse(query).unwrap_or_else(|error| panic!("{}", error.render(query)));
    let shown = statement.to_string();
    assert_eq!(shown, expect, "{query}");
    assert_eq!(parse(&shown).unwrap().to_string(), shown);
}

#[test]
fn pipes_over_rows_are_read() {
    check("", "*");
    check("| limit", "* | limit 10");
    check("a | head 5 | skip 1_000", "a | limit 5 | offset 1000");
    check("* | keep host, _msg, foo*", "* | fields host, message, foo*");
    check("* | rm a-b, 'c d'", "* | delete \"a-b\", \"c d\"");
    check("* | mv host server, foo* as bar*", "* | rename host as server, foo* as bar*");
    check("* | cp _time t, * as x*", "* | copy timestamp as t, * as x*");
    check("* | where a:b | c:d | !e", "* | filter a:b | filter c:d | filter !e");
    check("* | sort", "* | sort by (timestamp)");
    check("* | order (a, b desc) desc", "* | sort by (a desc, b)");
    check(
        "* | sort by (a) partition by (h) limit 3 offset 2 rank as p",
        "* | sort by (a) partition by (h) offset 2 limit 3 rank as p",
    );
    check("* | first 3 by (x)", "* | sort by (x) limit 3");
    check("* | last by (x, y desc)", "* | sort by (x desc, y) limit 1");
    check("* | last 5", "* | sort by (timestamp desc) limit 5");
    check(
        "e | stream_context before 2 after 5 | fields a",
        "e | context before 2 after 5 | fields a",
    );
    check("e | context 3", "e | context before 3 after 3");
    check("* | drop_empty_fields # comment", "* | drop_empty_fields");
}

#[test]
fn pipes_over_groups_are_read() {
    check("* | count()", "* | stats count() as \"count()\"");
    check(
        "* | stats by (_time:5m offset -2h, host) count() hits, avg(d) if (level:error) as x",
        "* | stats by (timestamp:5m offset -2h, host) count() as \"hits\", avg(d) if (level:=ERROR) as x",
    );
    check("* | stats (s:10KB, ip:/24) count(*) n", "* | stats by (s:10KB, ip:/24) count() as n");
    check(
        "* | stats quantile(0.99, a, b*) p, count_uniq(ip) limit 5 u, row_max(d, _time, p*) r",
        "* | stats quantile(0.99, a, b*) as p, count_uniq(ip) limit 5 as u, row_max(d, timestamp, p*) as r",
    );
    check("* | stats sum(a), max(a)", "* | stats sum(a) as \"sum(a)\", max(a) as \"max(a)\"");
    check("* | top 7 by (a, b) hits as n rank", "* | top 7 by (a, b) hits as n rank as \"rank\"");
    check("* | sum(b), count() n by (a)", "* | stats by (a) sum(b) as \"sum(b)\", count() as n");
    check("* | top (ip)", "* | top 10 by (ip)");
    check("* | uniq (a) with hits limit 10", "* | uniq by (a) with hits limit 10");
    check("* | field_values level limit 2", "* | uniq by (level) with hits limit 2");
    check(
        "* | facets 3 max_value_len 5 keep_const_fields",
        "* | facets 3 max_value_len 5 keep_const_fields",
    );
    check("* | histogram 5m by (level)", "* | stats by (timestamp:5m, level) count() as \"hits\"");
    check("* | patterns 3 by (service)", "* | pattern | top 3 by (service, pattern)");
    check("* | field_names", "* | field_names");
}

#[test]
fn pipes_over_texts_are_read() {
    check(
        "* | extract if (ip:'') 'ip=<ip> ' keep_original_fields",
        "* | extract if (ip:=\"\") \"ip=<ip> \" from message keep_original_fields",
    );
    check(
        "* | extract_regexp '(?P<x>\\\\d+)' from a",
        "* | extract_regexp \"(?P<x>\\\\d+)\" from a",
    );
    check(
        "* | unpack_json from a fields (b, c*) result_prefix 'p_' skip_empty_results",
        "* | unpack_json from a fields (b, c*) result_prefix \"p_\" skip_empty_results",
    );
    check("* | unpack_logfmt", "* | unpack_logfmt from message");
    check("* | format '<a>:<q:b>' as c", "* | format \"<a>:<q:b>\" as c");
    check("* | replace ('a', \"b\") at c limit 1", "* | replace (\"a\", \"b\") at c limit 1");
    check("* | replace_regexp (`a(.)`, '$1')", "* | replace_regexp (\"a(.)\", \"$1\") at message");
    check("* | len(_msg) n", "* | len(message) as n");
    check("* | collapse_nums at foo prettify", "* | collapse_nums at foo prettify");
    check("* | eval (a + 2) * -b ^ 2 as c", "* | math (a + 2) * -(b ^ 2) as c");
    check(
        "* | math a - b - c x, a ^ b ^ c",
        "* | math (a - b) - c as x, a ^ (b ^ c) as \"a ^ (b ^ c)\"",
    );
    check("* | math round(d / 1KiB, 0.1) r", "* | math round(d / 1KiB, 0.1) as r");
    check("* | math a default 0 or b", "* | math a default (0 or b) as \"a default (0 or b)\"");
}

/// What is told of a query, and the text that it is told of.
fn refused(query: &str, place: &str, part: &str) {
    let error = parse(query).err().unwrap_or_else(|| panic!("accepted: {query}"));
    assert_eq!(&query[error.at.clone()], place, "{query}: {error}");
    assert!(error.to_string().contains(part), "{query}: {error}");
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    refused("* | srot by (a)", "srot", "did you mean `sort`?");
    refused("* | error", "error", "filter error");
    refused("* | join by (a) (b)", "join", "field:in(");
    refused("* | stats rate() r", "rate", "math");
    refused("* | stats by (a) cuont() r", "cuont", "did you mean `count`?");
    refused("* | stats count() a, sum(b) a", "sum(b) a", "two columns");
    refused("* | stats by (a) count() a", "count() a", "two columns");
    refused("* | stats max(b), count() a by (a)", "count() a by (a)", "two columns");
    refused("* | top service", "service", "fields stand in brackets");
    refused("* | tail 2", "tail", "use `last`");
    refused("* | stats by (a:x) count()", "x", "5m");
    refused("* | stats sum()", "(", "needs a field");
    refused("* | stats quantile(2, a)", "2", "0.99");
    refused("* | limit x", "x", "limit");
    refused("* | limit -1", "-1", "whole number");
    refused("* | fields", "", "a field name");
    refused("* | fields a | ", "", "a pipe");
    refused("* | limit 1 2", "2", "end of the query");
    refused("* | top 5 a", "a", "`(`");
    refused("* | fields a | context 2", "context", "front");
    refused("* | context", "", "context 3");
    refused("* | rename a* as b", "a* as b", "with `*`");
    refused("* | sort by (a*)", "a*", "one field");
    refused("* | extract '<a><b>'", "'<a><b>'", "text between");
    refused("* | extract_regexp '('", "'('", "unclosed");
    refused("* | extract_regexp 'a'", "'a'", "(?P<name>");
    refused("* | format '<x:a>'", "'<x:a>'", "urlencode");
    refused("* | math sqrt(a)", "sqrt", "no function");
    refused("* | math a +", "", "a field, a number");
    refused("* | uniq by (a) limt 5", "limt", "did you mean `limit`?");
    refused("* | unpack_json frm x", "frm", "did you mean `from`?");
    refused("* )", ")", "expected");
}

#[test]
fn nesting_has_a_limit() {
    let deep = |count: usize| format!("* | math {}a{}", "(".repeat(count), ")".repeat(count));
    assert!(parse(&deep(60)).is_ok());
    assert!(parse(&deep(50_000)).is_err());
    assert!(parse(&format!("* | math {}a", "-".repeat(30_000))).is_err());
    assert!(parse("* | extract_regexp '(?P<a>(x{999}){999})'").is_err());
}

fn fragment() -> impl Strategy<Value = String> {
    let words: Vec<&str> = super::PIPES
        .iter()
        .map(|(name, _)| *name)
        .chain(groups::FUNCTIONS.iter().copied())
        .chain([
            "|",
            "(",
            ")",
            ",",
            ":",
            "*",
            "by",
            "as",
            "if",
            "limit",
            "5",
            "-1",
            "5m",
            "a",
            "b.c",
            "'x <y> z'",
            "\"q\"",
            "/24",
            "desc",
            "from",
            "at",
            "offset",
            "+",
            "^",
            "-",
            "!",
            "{",
        ])
        .collect();
    prop_oneof![4 => prop::sample::select(words).prop_map(str::to_owned), 1 => "\\PC{0,3}"]
}

proptest! {
    #[test]
    fn any_text_gives_a_statement_or_an_error_in_its_place(
        parts in prop::collection::vec(fragment(), 0..14), spaced: bool)
    {
        let query = parts.join(if spaced { " " } else { "" });
        let query = if spaced { format!("* | {query}") } else { query };
        match parse(&query) {
            Ok(statement) => {
                let shown = statement.to_string();
                let again = parse(&shown).map(|again| again.to_string());
                prop_assert_eq!(again.as_deref().map_err(ToString::to_string), Ok(shown.as_str()));
            }
            Err(error) => {
                prop_assert!(error.at.end <= query.len(), "{query}");
                prop_assert!(query.is_char_boundary(error.at.start));
                let _ = error.render(&query);
            }
        }
    }
}
