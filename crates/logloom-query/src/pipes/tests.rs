//! Queries over a few rows, each run in several ways that must agree.
#![allow(clippy::unwrap_used)]

use logloom_filter::syntax::Context;
use proptest::prelude::*;

use super::*;
use crate::{Key, Statement};

const LINES: &[&str] = &[
    r#"{"timestamp":"2026-11-21T10:00:00Z","level":"INFO","service":"shop","message":"GET /a 200","d":5,"ip":"10.0.0.1"}"#,
    r#"{"timestamp":"2026-11-21T10:01:30Z","level":"ERROR","service":"shop","message":"GET /b 500","d":20.5,"ip":"10.0.1.9"}"#,
    r#"{"timestamp":"2026-11-21T10:04:00Z","level":"INFO","service":"auth","message":"user=ann took=3s","d":7,"o":{"x":"1","y":true}}"#,
    r#"{"timestamp":"2026-11-21T10:06:00Z","level":"WARN","service":"auth","message":"user=bob took=250ms","d":"none"}"#,
    r#"{"timestamp":"2026-11-21T10:07:00Z","level":"INFO","service":"shop","message":"GET /a 200","d":5,"ip":"10.0.0.1"}"#,
    "damaged {",
];

fn rows<'l>(lines: &'l [String]) -> Vec<Row<'l>> {
    let key = |index: usize| Key { time: index as i64, birth: 1, file: 0, offset: index as u64 };
    lines
        .iter()
        .enumerate()
        .map(|(index, line)| Row::of_line(line.as_bytes(), key(index)))
        .collect()
}

fn statement(query: &str) -> Statement {
    let statement = Statement::parse(query, &Context::default());
    statement.unwrap_or_else(|error| panic!("{}", error.render(query)))
}

fn shown(row: &Row<'_>) -> String {
    String::from_utf8(row.line().into_owned()).unwrap()
}

/// The answer in one pass, the newest row first.
fn plainly(query: &str, lines: &[String], limits: &Limits) -> Vec<String> {
    let statement = statement(query);
    let (mut chain, matcher) = (statement.chain(limits), statement.filter.compile());
    let mut answer = Vec::new();
    let mut out = |row: Row<'_>| {
        answer.push(shown(&row));
        Ok(Flow::Continue)
    };
    for row in rows(lines).into_iter().rev().filter(|row| row.matches(&matcher)) {
        if chain.push(row, &mut out).unwrap() == Flow::Enough {
            break;
        }
    }
    chain.finish(&mut out).unwrap();
    answer
}

/// The answer of several workers, absorbed in another order than that of their rows.
fn by_workers(query: &str, lines: &[String], limits: &Limits) -> Vec<String> {
    let statement = statement(query);
    let (mut chain, matcher) = (statement.chain(limits), statement.filter.compile());
    let mut answer = Vec::new();
    let mut out = |row: Row<'_>| {
        answer.push(shown(&row));
        Ok(Flow::Continue)
    };
    let mut workers: Vec<Worker> = (0..3).map(|_| chain.worker(3)).collect();
    let wanted = rows(lines).into_iter().enumerate().rev();
    for (index, row) in wanted.filter(|(_, row)| row.matches(&matcher)) {
        let mut given = Vec::new();
        let worker = &mut workers[index % 3];
        let mut give = |row: Row<'_>| {
            given.push(row.into_owned());
            Ok(Flow::Continue)
        };
        worker.push(row, &mut give).unwrap();
        assert!(given.is_empty() || !chain.gathers());
        let flow = given.into_iter().map(|row| chain.push_worked(row, &mut out).unwrap()).last();
        if flow == Some(Flow::Enough) {
            break;
        }
    }
    workers.into_iter().for_each(|worker| chain.absorb(worker).unwrap());
    chain.finish(&mut out).unwrap();
    answer
}

/// The answer, the same in all ways.
fn answer(query: &str, lines: &[String]) -> Vec<String> {
    let roomy = Limits::default();
    let tight = Limits { memory: 20_000, ..Limits::default() };
    let expect = plainly(query, lines, &roomy);
    assert_eq!(by_workers(query, lines, &roomy), expect, "by workers: {query}");
    assert_eq!(plainly(query, lines, &tight), expect, "with little memory: {query}");
    expect
}

fn check(query: &str, expect: &[&str]) {
    let lines: Vec<String> = LINES.iter().map(|line| (*line).to_owned()).collect();
    assert_eq!(answer(query, &lines), expect, "{query}");
}

#[test]
fn rows_are_chosen_and_changed() {
    check("* | limit 2 | fields level", &["{}", r#"{"level":"INFO"}"#]);
    check(
        "* | offset 4 | fields d, level",
        &[r#"{"d":20.5,"level":"ERROR"}"#, r#"{"d":5,"level":"INFO"}"#],
    );
    check("* | filter d:20.5 | fields o, no, serv*", &[r#"{"service":"shop"}"#]);
    check(
        "* | filter level:=WARN | delete timestamp, m* | rename d as e",
        &[r#"{"level":"WARN","service":"auth","e":"none"}"#],
    );
    check("* | filter o.x:=1 | fields o.y, o*", &[r#"{"o.y":true,"o.x":"1"}"#]);
    check("* | filter o.x:=1 | fields o | rename o.x as z", &[r#"{"o.y":true,"z":"1"}"#]);
    check(
        "* | filter o.x:=1 | fields o | copy o.* as p_*",
        &[r#"{"o":{"x":"1","y":true},"p_x":"1","p_y":true}"#],
    );
    check("* | fields o | drop_empty_fields", &[r#"{"o.x":"1","o.y":true}"#]);
    check("* | len(level) n | fields n | limit 3", &[r#"{"n":0}"#, r#"{"n":4}"#, r#"{"n":4}"#]);
}

#[test]
fn rows_are_sorted() {
    check(
        "* | sort by (d desc) | fields d",
        &[r#"{"d":"none"}"#, r#"{"d":20.5}"#, r#"{"d":7}"#, r#"{"d":5}"#, r#"{"d":5}"#, "{}"],
    );
    check(
        "* | first 2 by (service, timestamp) | fields timestamp",
        &["{}", r#"{"timestamp":"2026-11-21T10:04:00Z"}"#],
    );
    check(
        "service:* | sort by (timestamp) partition by (service) limit 1 rank | fields service, rank",
        &[r#"{"service":"shop","rank":1}"#, r#"{"service":"auth","rank":1}"#].map(|row| row),
    );
    check(
        "* | sort by (timestamp) offset 1 limit 1 rank as n | fields timestamp, n",
        &[r#"{"timestamp":"2026-11-21T10:01:30Z","n":2}"#],
    );
    check(
        "* | filter d:>1 | last 2 by (timestamp) | fields timestamp",
        &[r#"{"timestamp":"2026-11-21T10:07:00Z"}"#, r#"{"timestamp":"2026-11-21T10:04:00Z"}"#],
    );
    check(
        "* | stats by (level) count() n | sort by (n desc) | fields level",
        &[r#"{"level":"INFO"}"#, r#"{"level":""}"#, r#"{"level":"ERROR"}"#, r#"{"level":"WARN"}"#],
    );
}

#[test]
fn groups_are_worked_out() {
    check("* | count() n", &[r#"{"n":6}"#]);
    check(
        "no | stats count() n, sum(d) s, min(d) m, count() if (x) k",
        &[r#"{"n":0,"s":"NaN","m":"","k":0}"#],
    );
    check("no | stats by (a) count() n", &[]);
    check(
        "* | stats by (service) count() n, sum(d) s, avg(d) a, max(d) x, count(ip) i, count_empty(ip) e",
        &[
            r#"{"service":"","n":1,"s":"NaN","a":"NaN","x":"","i":0,"e":1}"#,
            r#"{"service":"auth","n":2,"s":7,"a":7,"x":"none","i":0,"e":2}"#,
            r#"{"service":"shop","n":3,"s":30.5,"a":10.166666666666666,"x":20.5,"i":3,"e":0}"#,
        ],
    );
    check(
        "* | stats count_uniq(ip) u, count_uniq(service, level) t, uniq_values(ip) v, values(ip) if (service:shop) w",
        &[r#"{"u":2,"t":4,"v":["10.0.0.1","10.0.1.9"],"w":["10.0.0.1","10.0.1.9","10.0.0.1"]}"#],
    );
    check(
        "* | stats median(d) m, quantile(0, d) l, quantile(1, d) g, sum_len(level) b",
        &[r#"{"m":7,"l":5,"g":"none","b":21}"#],
    );
    check(
        "* | stats row_any(level) a, row_min(d, service, d) m, row_max(timestamp, timestamp) x",
        &[r#"{"a":{},"m":{"service":"shop","d":5},"x":{"timestamp":"2026-11-21T10:07:00Z"}}"#],
    );
    check(
        "timestamp:* | stats by (_time:5m) count() n",
        &[
            r#"{"timestamp":"2026-11-21T10:00:00Z","n":3}"#,
            r#"{"timestamp":"2026-11-21T10:05:00Z","n":2}"#,
        ],
    );
    check(
        "ip:* | stats by (ip:/24) count() n",
        &[r#"{"ip":"10.0.0.0","n":2}"#, r#"{"ip":"10.0.1.0","n":1}"#],
    );
    check(
        "d:* | stats by (d:10) count() n",
        &[r#"{"d":0,"n":3}"#, r#"{"d":20,"n":1}"#, r#"{"d":"none","n":1}"#],
    );
    check(
        "* | stats count() if (level:ERROR) e, histogram(d) h",
        &[
            r#"{"e":1,"h":[{"vmrange":"4.642e+00...5.275e+00","hits":2},{"vmrange":"6.813e+00...7.743e+00","hits":1},{"vmrange":"1.896e+01...2.154e+01","hits":1}]}"#,
        ],
    );
}

#[test]
fn values_are_counted() {
    check("* | top 2 by (level)", &[r#"{"level":"INFO","hits":3}"#, r#"{"level":"","hits":1}"#]);
    check(
        "* | top 2 (service, level) hits as n rank",
        &[
            r#"{"service":"shop","level":"INFO","n":2,"rank":1}"#,
            r#"{"service":"","level":"","n":1,"rank":2}"#,
        ],
    );
    check(
        "* | uniq by (service) with hits",
        &[r#"{"service":"auth","hits":2}"#, r#"{"service":"shop","hits":3}"#],
    );
    check("* | uniq by (d) limit 2", &[r#"{"d":5}"#, r#"{"d":7}"#]);
    check("* | field_values service limit 1", &[r#"{"service":"auth","hits":2}"#]);
    check(
        "* | fields ip, o | field_names",
        &[r#"{"name":"ip","hits":3}"#, r#"{"name":"o.x","hits":1}"#, r#"{"name":"o.y","hits":1}"#],
    );
    check(
        "service:* | fields service, level | facets 1",
        &[
            r#"{"field_name":"level","field_value":"INFO","hits":3}"#,
            r#"{"field_name":"service","field_value":"shop","hits":3}"#,
        ],
    );
    check("service:shop | fields service, level, ip | facets max_values_per_field 1", &[]);
    check(
        "service:shop | fields service | facets keep_const_fields",
        &[r#"{"field_name":"service","field_value":"shop","hits":3}"#],
    );
    check(
        "message:* | patterns",
        &[
            r#"{"pattern":"GET /a <N>","hits":2}"#,
            r#"{"pattern":"GET /b <N>","hits":1}"#,
            r#"{"pattern":"user=ann took=<N>s","hits":1}"#,
            r#"{"pattern":"user=bob took=<N>ms","hits":1}"#,
        ],
    );
    check(
        "timestamp:* | histogram 1h by (service)",
        &[
            r#"{"timestamp":"2026-11-21T10:00:00Z","service":"auth","hits":2}"#,
            r#"{"timestamp":"2026-11-21T10:00:00Z","service":"shop","hits":3}"#,
        ],
    );
}

#[test]
fn texts_are_taken_apart_and_made() {
    let shop = "service:shop ERROR:* or level:=ERROR";
    check(
        &format!("{shop} | extract 'GET <path> <code>' | fields path, code"),
        &[r#"{"path":"/b","code":"500"}"#],
    );
    check(
        "service:auth | extract 'user=<user> ' | fields user, level | sort by (user)",
        &[r#"{"user":"ann","level":"INFO"}"#, r#"{"user":"bob","level":"WARN"}"#],
    );
    check(
        "service:auth | extract if (user:ann or 'user=ann') 'user=<level> ' keep_original_fields | fields level",
        &[r#"{"level":"WARN"}"#, r#"{"level":"INFO"}"#],
    );
    check(
        "level:=ERROR | extract_regexp '(?P<code>[0-9]{3})' | fields code",
        &[r#"{"code":"500"}"#],
    );
    check(
        "service:auth | unpack_logfmt fields (took, no) result_prefix p_ | fields p_* | limit 1",
        &[r#"{"p_took":"250ms","p_no":""}"#],
    );
    check(
        "level:=ERROR | format '{\"a\":{\"b\":<d>},\"c\":<q:message>}' as j | unpack_json from j | fields a.b, c",
        &[r#"{"a.b":20.5,"c":"GET /b 500"}"#],
    );
    check(
        "level:=ERROR | replace ('GET', 'PUT') | replace_regexp ('[0-9](.)', '<$1>') limit 1 | fields message",
        &[r#"{"message":"PUT /b <0>0"}"#],
    );
    check(
        "level:=ERROR | math round(d / 2) as h, h * 2 + 1 as i, no + 1 as n, 1KiB k | fields h, i, n, k",
        &[r#"{"h":10,"i":21,"n":"NaN","k":1024}"#],
    );
    check("level:=ERROR | collapse_nums | fields message", &[r#"{"message":"GET /b <N>"}"#]);
}

#[test]
fn one_group_that_does_not_fit_is_told() {
    let lines: Vec<String> = (0..5_000).map(|n| format!(r#"{{"id":"identifier-{n}"}}"#)).collect();
    let tight = Limits { memory: 50_000, ..Limits::default() };
    let mut chain = statement("* | stats uniq_values(id) v").chain(&tight);
    let mut nothing = |_: Row<'_>| Ok(Flow::Continue);
    let pushed: Result<Vec<Flow>, PipeError> =
        rows(&lines).into_iter().map(|row| chain.push(row, &mut nothing)).collect();
    let error = pushed.and_then(|_| chain.finish(&mut nothing)).err().unwrap();
    assert!(error.to_string().contains("uniq_values(id)"), "{error}");
    let counted = plainly("* | uniq by (id) | stats count() n", &lines, &tight);
    assert_eq!(counted, [r#"{"n":5000}"#]);
}

const QUERIES: &[&str] = &[
    "* | sort by (a) | fields a, b",
    "* | sort by (b desc, a) offset 3 limit 4",
    "* | first 3 by (a) partition by (b)",
    "* | sort by (timestamp desc) limit 5 offset 1",
    "a:>2 | last 4 | fields a",
    "* | stats by (b) count() n, sum(a) s, avg(a) m, min(a) l, max(a) g, median(a) d",
    "* | stats by (a:10) uniq_values(b) u, count_uniq(b, c) q, row_any() r, row_min(a) i",
    "* | stats values(c) v, values(c) limit 3 w, quantile(0.3, a) q",
    "* | top 4 by (b)",
    "* | uniq by (b, c) with hits",
    "* | uniq by (c) limit 3",
    "* | facets 3",
    "* | field_names",
    "a:>3 | limit 4",
    "* | offset 2 | limit 3",
    "* | math a * 2 x | filter x:>7 | stats count() n",
];

fn line() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        (-20i64..20).prop_map(|n| n.to_string()),
        (-20.0f64..20.0).prop_map(|n| format!("{n:.2}")),
        "[a-c]{0,2}".prop_map(|text| format!("\"{text}\"")),
        Just("null".to_owned()),
    ];
    let more =
        prop_oneof![Just(String::new()), "[a-c]{1,2}".prop_map(|t| format!(",\"c\":\"{t}\""))];
    (value, "[x-z]{0,1}", more).prop_map(|(a, b, c)| format!(r#"{{"a":{a},"b":"{b}"{c}}}"#))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn answers_do_not_depend_on_how_they_are_worked_out(
        lines in prop::collection::vec(line(), 0..120))
    {
        let tiny = Limits { memory: 3_000, ..Limits::default() };
        for query in QUERIES {
            let expect = plainly(query, &lines, &Limits::default());
            prop_assert_eq!(&by_workers(query, &lines, &Limits::default()), &expect, "{}", query);
            if !query.contains("stats") && !query.contains("facets") {
                prop_assert_eq!(&plainly(query, &lines, &tiny), &expect, "{}", query);
                prop_assert_eq!(&by_workers(query, &lines, &tiny), &expect, "{}", query);
            }
        }
    }
}
