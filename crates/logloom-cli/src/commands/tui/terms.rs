//! A further condition put into the text of a query, as if it had been typed there.
//!
//! It goes behind the filter and before the pipes; a filter whose parts are joined by `or` is put in
//! parentheses first, so that the condition holds for all of it.

use logloom_filter::syntax::{Context, Lexer, Name};
use logloom_filter::{Filter, LineView};
use logloom_query::Statement;

use super::complete::written;

/// Whether rows shall meet the condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sense {
    With,
    Without,
}

/// The condition that a field has just this value.
pub(super) fn term(field: &str, value: &str, sense: Sense) -> String {
    let not = if sense == Sense::Without { "-" } else { "" };
    format!("{not}{}:={}", Name(field), written(value))
}

/// The query with another condition; one that it has already is not written twice, and one that
/// says the opposite is taken away.
pub(super) fn with_term(query: &str, term: &str, context: &Context) -> String {
    let (filter, pipes) = split(query);
    let filter = filter.trim();
    let opposite = match term.strip_prefix('-') {
        Some(positive) => positive.to_owned(),
        None => format!("-{term}"),
    };
    let parts: Vec<&str> = filter.split_whitespace().collect();
    if parts.contains(&term) {
        return query.to_owned();
    }
    let is_plain = !term.contains(char::is_whitespace) && !filter.contains(['"', '\'', '`', '(']);
    let is_or =
        Statement::parse(filter, context).is_ok_and(|one| matches!(one.filter, Filter::Or(_)));
    let filter = match (filter, is_or) {
        ("" | "*", _) => term.to_owned(),
        (_, false) if is_plain && parts.contains(&opposite.as_str()) => {
            let left = parts.iter().map(|part| if *part == opposite { term } else { part });
            left.collect::<Vec<_>>().join(" ")
        }
        (_, true) => format!("({filter}) {term}"),
        (_, false) => format!("{filter} {term}"),
    };
    match pipes.trim() {
        "" => filter,
        pipes => format!("{filter} {pipes}"),
    }
}

/// The filter of a query, and its pipes from the first `|` on.
fn split(query: &str) -> (&str, &str) {
    let Ok(mut lexer) = Lexer::new(query) else { return (query, "") };
    let mut depth = 0usize;
    while !lexer.is_end() {
        let token = lexer.take();
        match token.text.as_str() {
            "(" | "[" if token.is_symbol(&token.text) => depth += 1,
            ")" | "]" if token.is_symbol(&token.text) => depth = depth.saturating_sub(1),
            "|" if depth == 0 && token.is_symbol("|") => return query.split_at(token.at.start),
            _ => {}
        }
    }
    (query, "")
}

/// The text of a field of a line, as a condition compares it.
pub(super) fn value_of(line: &[u8], field: &str) -> Option<String> {
    LineView::new(line).get(field).map(|value| value.text().into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn conditions_stand_where_they_hold_for_all() {
        let check = |query: &str, term: &str, expect: &str| {
            let context = Context::default();
            let text = with_term(query, term, &context);
            assert_eq!(text, expect, "{query}");
            Statement::parse(&text, &context).unwrap();
        };
        check("", "a:=b", "a:=b");
        check("*", "a:=b", "a:=b");
        check("x", "a:=b", "x a:=b");
        check("x or y", "a:=b", "(x or y) a:=b");
        check("x a:=b", "a:=b", "x a:=b");
        check("x -a:=b y", "a:=b", "x a:=b y");
        check("a:=b", "-a:=b", "-a:=b");
        check("\"x | y\" | stats count()", "a:=b", "\"x | y\" a:=b | stats count()");
        check("| limit 5", "a:=b", "a:=b | limit 5");
        check("a:in(x | fields y) | limit 5", "-c:=d", "a:in(x | fields y) -c:=d | limit 5");
    }

    #[test]
    fn any_value_is_written_so_that_it_is_found() {
        for value in [
            "shop",
            "a b",
            "12.5",
            "",
            "\"q\"",
            "a\\b",
            "or",
            "-x",
            "\u{1b}",
            "\u{4f60}",
            "check-out",
            "a.b/c",
            "1-2",
            "x:y",
        ] {
            let text = term("odd name", value, Sense::With);
            let statement = Statement::parse(&text, &Context::default()).unwrap();
            let line = format!("{{\"odd name\":{}}}", logloom_query::show::json_text(value));
            assert!(statement.filter.compile().matches(line.as_bytes()), "{text}");
            assert!(!statement.filter.compile().matches(b"{\"odd name\":\"shopping\"}"), "{text}");
            let line = line.as_bytes();
            assert_eq!(value_of(line, "odd name").as_deref(), Some(value));
        }
    }
}
