//! Tables of query texts and what is made of them.

#![allow(clippy::unwrap_used)]

use logloom_record::time::parse_timestamp;

use super::{Context, Zone};
use crate::Filter;

/// 2026-11-21T12:00:00Z, a Saturday, at two hours ahead of UTC.
fn context() -> Context {
    let now_ns = parse_timestamp("2026-11-21T12:00:00Z").unwrap();
    Context { now_ns, zone: Zone::Offset(7200) }
}

fn parse(text: &str) -> Filter {
    Filter::parse(text, &context()).unwrap_or_else(|error| panic!("{}", error.render(text)))
}

/// What is read from `text` prints as `expect`, and that reads as the same tree.
fn check(text: &str, expect: &str) {
    let filter = parse(text);
    assert_eq!(filter.to_string(), expect, "{text}");
    assert_eq!(parse(expect), filter, "{expect}");
}

/// `text` is refused at the bytes `at`, with a message that has `part` in it.
fn refuse(text: &str, at: &str, part: &str) {
    let error = Filter::parse(text, &context()).unwrap_err();
    let shown = error.render(text);
    assert_eq!(&text[error.at.clone()], at, "{shown}");
    assert!(shown.contains(part), "{shown}");
}

#[test]
fn words_texts_and_fields() {
    check("", "*");
    check("*", "*");
    check("error", "error");
    check("\"ssh: login fail\"", "\"ssh: login fail\"");
    check("err*", "err*");
    check("'a \"b\"'*", "\"a \\\"b\\\"\"*");
    check("_msg:error", "error");
    check("message:error", "error");
    check("log.level:error", "log.level:error");
    check("\"ip:remote\":\"1.2.3.45\"", "\"ip:remote\":1.2.3.45");
    check("host: x", "host:x");
    check("path:/api/v1:8080", "path:\"/api/v1:8080\"");
    check("a:b:c", "a:\"b:c\"");
    check("host:*", "host:*");
    check("host:\"\"*", "host:*");
    check("host:\"\"", "host:=\"\"");
    check("\"\"", "message:=\"\"");
    check("*:word", "*:word");
    check("*:err*", "*:err*");
    check("*:=\"x y\"", "*:=\"x y\"");
    check("\"or\"", "\"or\"");
    check(":foo", "foo");
    check("x:(a or :b)", "x:a or x:b");
    check("::foo", "foo");
    check(":(x:a:b c)", "x:\"a:b\" c");
    check("foo:and", "foo:\"and\"");
    check("foo:or bar", "foo:\"or\" bar");
    check("i", "i");
    check("in:5", "in:5");
}

#[test]
fn exact_values() {
    check("=\"fatal error\"", "message:=\"fatal error\"");
    check("=fatal", "message:=\"fatal\"");
    check("app:=nginx-1", "app:=\"nginx-1\"");
    check("app:=\"nginx\"*", "app:=\"nginx\"*");
    check("app:!=nginx", "!app:=\"nginx\"");
    check("app:in(a, \"b c\",d)", "app:in(\"a\",\"b c\",\"d\")");
    check("app:in()", "app:in()");
    check("app:in(*)", "*");
    check("app:exact(x)", "app:=\"x\"");
    check("app:exact(x*)", "app:=\"x\"*");
    check("*:in(a, b)", "*:=\"a\" or *:=\"b\"");
    check("id:in(a _msg:b | fields id)", "id:in(a b | fields id)");
    check("id:in(a | uniq by (_msg))", "id:in(a | fields message)");
    check("id:in(x:in(y | fields x) | fields id)", "id:in(x:in(y | fields x) | fields id)");
}

#[test]
fn any_case() {
    check("i(Error)", "i(Error)");
    check("i(\"ssh: x\"*)", "i(\"ssh: x\"*)");
    check("log.level:i(err*)", "log.level:i(err*)");
    check("a:i(\"\")", "a:=\"\"");
    check("a:i(*)", "a:*");
}

#[test]
fn logic() {
    check("a b", "a b");
    check("a AND b and c", "a b c");
    check("a or b and c", "a or (b c)");
    check("(a or b) c", "(a or b) c");
    check("a or (b or c)", "a or b or c");
    check("a (b c)", "a b c");
    check("!a", "!a");
    check("-a", "!a");
    check("NOT a", "!a");
    check("not not a", "a");
    check("!(a b)", "!(a b)");
    check("not a or b", "!a or b");
    check("x:(a or -b)", "x:a or !x:b");
    check("x:(a y)", "x:a x:y");
    check("x:!a", "!x:a");
    check("x:(=a or =b)", "x:=\"a\" or x:=\"b\"");
    check("* a", "a");
    check("!*", "!*");
    check("a # comment\n b", "a b");
}

#[test]
fn levels_compare_by_severity() {
    check("level:>=warn", "level:>=WARN");
    check("level:>warn", "level:>=ERROR");
    check("level:>error", "level:>=FATAL");
    check("level:>fatal", "!*");
    check("level:<info", "level:in(TRACE,DEBUG)");
    check("level:<=Trace", "level:=TRACE");
    check("level:error", "level:=ERROR");
    check("level:=warning", "level:=WARN");
    check("level:!=info", "!level:=INFO");
    check("level:in(fatal, err)", "level:in(ERROR,FATAL)");
    check("level:in(fatal, audit)", "level:in(\"fatal\",\"audit\")");
    check("level:audit", "level:audit");
    check("level:err*", "level:err*");
    check("level:exact(error)", "level:exact(\"error\")");
    refuse("level:>=wran", "wran", "did you mean WARN?");
}

#[test]
fn expressions() {
    check("~\"err|warn\"", "~\"err|warn\"");
    check("x:~ampl", "x:~\"ampl\"");
    check("~ampl", "message:~\"ampl\"");
    check("x:~`a\\.b`", "x:~\"a\\\\.b\"");
    check("x:!~\"a+\"", "!x:~\"a+\"");
    check("!~\"a+\"", "!~\"a+\"");
    check("x:re(\"a.b\")", "x:~\"a.b\"");
    check("*:~\"a.b\"", "*:~\"a.b\"");
    check("*:~\"a(b)\"", "*:~\"a(b)\"");
    check("x:~\".*\"", "*");
    check("x:~\".+\"", "x:*");
    refuse("x:~\"a(b\"", "\"a(b\"", "unclosed group");
    refuse("x:~\"(?=a)\"", "\"(?=a)\"", "look-around");
    refuse("x:re(a, b)", "(", "found 2 values");
}

#[test]
fn comparisons_and_ranges() {
    check("size:>10KiB", "size:>10KiB");
    check("size:>= -5", "size:>=\"-5\"");
    check("username:<\"John D\"", "username:<\"John D\"");
    check("t:<=2026-11-21T10:00:00Z", "t:<=\"2026-11-21T10:00:00Z\"");
    check("x:(>1 <=5)", "x:>1 x:<=5");
    check("d:range(4.2, Inf)", "d:range(4.2, Inf)");
    check("d:range[1ms, 1h30m)", "d:range[1ms, 1h30m)");
    check("d:range[-1, 2]", "d:range[\"-1\", 2]");
    check("ip:range[1.2.3.4, 1.2.3.9]", "ip:range[1.2.3.4, 1.2.3.9]");
    check("n:string_range(A, C)", "n:string_range(A, C)");
    check("len_range(5, 0b1010)", "len_range(5, 10)");
    check("x:len_range(0x10, inf)", "x:len_range(16, inf)");
    check("x:len_range(1.5KB, 0o7532)", "x:len_range(1500, 3930)");
    check("ip:ipv4_range(127.0.0.0, 127.255.255.255)", "ip:ipv4_range(127.0.0.0, 127.255.255.255)");
    check("ip:ipv4_range(\"127.0.0.1/8\")", "ip:ipv4_range(127.0.0.0, 127.255.255.255)");
    check("ip:ipv4_range(1.2.3.4)", "ip:ipv4_range(1.2.3.4, 1.2.3.4)");
    check("ip:ipv4_range(1.2.3.4/0)", "ip:ipv4_range(0.0.0.0, 255.255.255.255)");
    refuse("x:range(a, 5)", "a", "string_range");
    refuse("x:range(1, 5", "", "`]` or `)`");
    refuse("x:range(1)", ")", "expected `,`");
    refuse("x:len_range(a, 5)", "a", "whole number");
    refuse("ip:ipv4_range(1.2.3)", "1.2.3", "no IPv4 address");
    refuse("ip:ipv4_range(1.2.3.4/33)", "1.2.3.4/33", "no IPv4 address");
    refuse("x:value_type(uint64)", "value_type", "no stored types");
    refuse("x:>", "", "a value to compare with");
}

#[test]
fn lists_of_texts_and_other_fields() {
    check("contains_all(foo, \"bar baz\")", "contains_all(\"foo\",\"bar baz\")");
    check("x:contains_any(a,b)", "x:contains_any(\"a\",\"b\")");
    check("seq(\"error\", \"open file\")", "seq(\"error\",\"open file\")");
    check("*:seq(a, b)", "*:seq(\"a\",\"b\")");
    check("a:eq_field(b)", "a:eq_field(b)");
    check("a:lt_field(_msg)", "a:lt_field(message)");
    check("a:le_field(\"b c\")", "a:le_field(\"b c\")");
    refuse("*:eq_field(b)", "(", "needs a field");
    refuse("x:contains_all(a | fields b)", "(", "`in` only");
    refuse("x:eq_field(a, b)", "(", "found 2 values");
}

#[test]
fn times() {
    check(
        "_time:9999Z (a)",
        "_time:[2262-04-11T23:47:16.854775807Z, 2262-04-11T23:47:16.854775807Z) a",
    );
    check(
        "_time:=9999Z * (a)",
        "_time:[2262-04-11T23:47:16.854775807Z, 2262-04-11T23:47:16.854775807Z) a",
    );
    check("_time:5m", "_time:[2026-11-21T11:55:00.000000001Z, 2026-11-21T12:00:00.000000001Z)");
    check(
        "timestamp:5m offset 1h",
        "_time:[2026-11-21T10:55:00.000000001Z, 2026-11-21T11:00:00.000000001Z)",
    );
    check("_time:>5m", "_time:<2026-11-21T11:55:00.000000000Z");
    check("_time:>=5m", "_time:<2026-11-21T11:55:00.000000001Z");
    check("_time:<=5m", "_time:[2026-11-21T11:55:00.000000000Z, 2026-11-21T12:00:00.000000001Z)");
    check("_time:offset 1h", "_time:<2026-11-21T11:00:00.000000001Z");
    check(
        "_time:2026-11-20Z",
        "_time:[2026-11-20T00:00:00.000000000Z, 2026-11-21T00:00:00.000000000Z)",
    );
    check(
        "_time:\"2026-11-20\"",
        "_time:[2026-11-19T22:00:00.000000000Z, 2026-11-20T22:00:00.000000000Z)",
    );
    check(
        "_time:=2026-11-20T10Z",
        "_time:[2026-11-20T10:00:00.000000000Z, 2026-11-20T11:00:00.000000000Z)",
    );
    check("_time:>2026-11-20Z", "_time:>=2026-11-20T00:00:00.000000001Z");
    check("_time:<2026Z", "_time:<2026-01-01T00:00:00.000000000Z");
    check("_time:<=2026Z", "_time:<2027-01-01T00:00:00.000000000Z");
    check("_time:>=now-1h a", "_time:>=2026-11-21T11:00:00.000000000Z a");
    let february = "_time:[2023-02-01T00:00:00.000000000Z, 2023-03-01T00:00:00.000000000Z)";
    check("_time:[2023-02-01Z, 2023-03-01Z)", february);
    check("_time:[2023-02-01Z, 2023-02-28Z]", february);
    check("_time:(2023-02-01Z,2023-02Z]", &february.replace("00.000000000Z,", "00.000000001Z,"));
    check("_time:[2023-02-08Z, 2023-03-08Z) offset 1w", february);
    check(
        "_time:[1700000000, -5m) x",
        "_time:[2023-11-14T22:13:20.000000000Z, 2026-11-21T11:55:00.000000000Z) x",
    );
    check(
        "!_time:2023Z",
        "!_time:[2023-01-01T00:00:00.000000000Z, 2024-01-01T00:00:00.000000000Z)",
    );
    check(
        "_time:!2023Z",
        "!_time:[2023-01-01T00:00:00.000000000Z, 2024-01-01T00:00:00.000000000Z)",
    );
    check("_time:9999Z", "_time:[2262-04-11T23:47:16.854775807Z, 2262-04-11T23:47:16.854775807Z)");
}

#[test]
fn texts_and_parts_of_times() {
    check("_time:exact(2026)", "timestamp:exact(\"2026\")");
    check("_time:=\"2026\"*", "timestamp:=\"2026\"*");
    check("_time:in(a)", "timestamp:in(\"a\")");
    check("_time:*", "timestamp:*");
    check("_time:day_range[08:00, 18:00)", "_time:day_range[08:00, 18:00)");
    check("_time:day_range(08:00, 18:00]", "_time:day_range(08:00, 18:00]");
    check("_time:day_range[08:00, 24:00] offset -2h", "_time:day_range[08:00, 24:00] offset -2h");
    check("_time:week_range[mon, Friday]", "_time:week_range[Mon, Fri]");
    check("_time:week_range(Sun, Sat) offset 2h30m", "_time:week_range[Mon, Fri] offset 150m");
    check("_time:week_range(Sun, Mon)", "!*");
    refuse("_time:soon", "soon", "neither a time nor a duration");
    refuse("_time:2026-13", "2026-13", "is no time");
    refuse("_time:[2026, ", "", "expected a time");
    refuse("_time:[2026, 2027", "", "`]` or `)`");
    refuse("_time:5", "5", "neither");
    refuse("_time:day_range[22:00, 06:00)", "day_range[22:00, 06:00", "for a night");
    refuse("_time:day_range[8, 9]", "8", "hh:mm");
    refuse("_time:week_range[Mun, Fri]", "Mun", "did you mean");
    refuse("_time:week_range[Fri, Mon]", "week_range[Fri, Mon", "two ranges");
    refuse("_time:5m offset x", "x", "duration");
}

#[test]
fn what_is_no_filter_is_refused_with_its_place() {
    refuse("a or", "", "expected a filter, found the end of the query");
    refuse("a and or b", "or", "expected a filter");
    refuse("(a", "", "close the parenthesis");
    refuse("a)", ")", "the end of the filter");
    refuse("a | b", "|", "without pipes");
    refuse("| b", "|", "expected a filter");
    refuse("foo(bar)", "foo", "no function `foo`");
    refuse("x:im(a)", "im", "did you mean `in`?");
    refuse("\"abc", "\"", "closing");
    refuse("foo*bar", "bar", "end of a word");
    refuse("*foo", "foo", "before a word");
    refuse("fo*:x", ":", "end of a word");
    refuse("{app=\"x\"}", "{", "no streams");
    refuse("_stream:{a=\"b\"}", "_stream", "no streams");
    refuse("x:in(foo*)", "*", "whole values");
    refuse("seq(a, \"b\"*)", "*", "whole values");
    refuse("options (a=b) c", "options", "no options");
    refuse("x:in(a | sort by (b))", "sort", "fields");
    refuse("x:in(a | fields b, c)", ",", "one name");
    refuse("*:in(a | fields b)", "(", "needs a field");
    refuse("x:", "", "expected a filter");
    refuse("x:=", "", "expected a value");
    refuse("x:=~y", "=~", "field:~");
    refuse("i(a b)", "b", "`)`");
    refuse(&"(".repeat(500), "(", "nested deeper");
    refuse(&"!".repeat(500), "!", "nested deeper");
}
