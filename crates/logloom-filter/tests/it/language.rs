//! Query texts: what is printed is read back, and no text makes the parser fail in another way
//! than by an error with a place.

use logloom_filter::Filter;
use logloom_filter::syntax::{Context, Lexer, QUERY_BYTES_MAX, parse_filter};
use proptest::prelude::*;

use crate::common::filter;

fn context() -> Context {
    Context { now_ns: 1_795_255_200_000_000_000, ..Context::default() }
}

/// Pieces of queries, so that more than the first token of a text is looked at.
const PIECES: &[&str] = &[
    "a",
    "message",
    "level",
    "_time",
    "timestamp",
    ":",
    ":",
    "=",
    "!=",
    "~",
    "!~",
    ">=",
    "<",
    "*",
    "(",
    ")",
    "[",
    "]",
    ",",
    "|",
    " ",
    " ",
    "and",
    "or",
    "not ",
    "!",
    "-",
    "\"",
    "'",
    "`",
    "\\",
    "#",
    "\n",
    "i(",
    "in(",
    "seq(",
    "range[",
    "len_range(",
    "ipv4_range(",
    "string_range(",
    "contains_any(",
    "eq_field(",
    "re(",
    "day_range[",
    "week_range(",
    "offset ",
    "fields ",
    "uniq by (",
    "5m",
    "2026-11-21",
    "10:00",
    "now",
    "1.2.3.4/8",
    "error",
    "Mon",
    "0x1F",
    "-5",
    "\u{e9}",
    "\u{1f600}",
    "{",
    "}",
    "\"a b\"",
    "`[a-z]+`",
    "(?",
    "1e999",
    "99999999999999999999",
];

fn query() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(PIECES);
    prop_oneof![
        4 => prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_printed_is_read_back(filter in filter()) {
        let text = filter.to_string();
        let read = Filter::parse(&text, &context());
        prop_assert_eq!(read.as_ref().ok(), Some(&filter), "{} {:?}", text, read);
    }

    #[test]
    fn any_text_gives_a_filter_or_a_place(text in query()) {
        match Filter::parse(&text, &context()) {
            Ok(filter) => {
                let printed = filter.to_string();
                let read = Filter::parse(&printed, &context());
                prop_assert_eq!(read.as_ref().ok(), Some(&filter), "{} {} {:?}", text, printed, read);
                let _ = (filter.compile(), filter.requirements());
            }
            Err(error) => {
                prop_assert!(error.at.start <= error.at.end && error.at.end <= text.len());
                prop_assert!(text.is_char_boundary(error.at.start), "{:?}", error);
                prop_assert!(text.is_char_boundary(error.at.end), "{:?}", error);
                prop_assert!(error.render(&text).contains('^'));
            }
        }
    }

    #[test]
    fn what_stops_a_filter_is_left(text in query()) {
        let Ok(mut lexer) = Lexer::new(&text) else { return Ok(()) };
        if parse_filter(&mut lexer, &context()).is_ok() {
            let next = lexer.peek();
            prop_assert!(lexer.is_end() || next.is_symbol("|") || next.is_symbol(")"), "{:?}", next);
        }
    }
}

#[test]
fn long_texts_are_read_or_refused() {
    for piece in
        ["a ", "a or ", "!", "(", "x:", "i(", "\"a\" ", "x:in(y | fields ", "~a ", "#", "\n"]
    {
        let text = piece.repeat(QUERY_BYTES_MAX / piece.len());
        if let Ok(filter) = Filter::parse(&text, &context()) {
            assert!(!filter.to_string().is_empty());
        }
        assert!(Filter::parse(&text.repeat(2), &context()).is_err());
    }
}
