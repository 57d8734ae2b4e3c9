//! What may stand at the cursor of the filter line: fields, their values, pipes.
//!
//! Takes the text before the cursor, which need not be a whole query, gives what is wanted there and
//! the candidates for it. Never refuses a text: where nothing is known nothing is offered.

use logloom_filter::syntax::Name;
use logloom_query::Statement;

/// Candidates that are offered at once.
pub(super) const CANDIDATES_MAX: usize = 8;

/// Fields that have a meaning of their own, in the order in which they are offered.
pub(super) const KNOWN_FIELDS: &[&str] = &["level", "service", "module", "message", "_time"];

const LEVELS: &[&str] = &["trace", "debug", "info", "warn", "error", "fatal"];

const TIMES: &[&str] = &["5m", "15m", "1h", "6h", "1d", "7d", "30d"];

/// What is wanted at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The name of a field, with a colon behind it in a filter.
    Field {
        is_filter: bool,
    },
    /// A value of this field.
    Value(String),
    Pipe,
}

/// A place that can be completed: what is wanted, what is there, and where that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) wanted: Wanted,
    pub(super) prefix: String,
    pub(super) start: usize,
}

/// Where quotes and pipes are in the text before the cursor.
#[derive(Default)]
struct Scan {
    quote: Option<usize>,
    pipe: Option<usize>,
}

fn scan(text: &str) -> Scan {
    let mut scan = Scan::default();
    let mut characters = text.char_indices();
    let mut open = ' ';
    while let Some((at, character)) = characters.next() {
        match (scan.quote, character) {
            (None, '"' | '\'' | '`') => (scan.quote, open) = (Some(at), character),
            (None, '|') => scan.pipe = Some(at),
            (Some(_), '\\') if open != '`' => drop(characters.next()),
            (Some(_), closing) if closing == open => scan.quote = None,
            _ => {}
        }
    }
    scan
}

/// What is wanted behind this text.
pub(super) fn spot(text: &str) -> Spot {
    let scan = scan(text);
    let head = &text[..scan.quote.unwrap_or(text.len())];
    let is_end = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '|');
    let start =
        head.rfind(is_end).map_or(0, |at| at + head[at..].chars().next().map_or(1, char::len_utf8));
    let chunk = &head[start..];
    if let Some((field, value)) = chunk.split_once(':') {
        let value = value.trim_start_matches(['=', '<', '>', '!', '~', '^']);
        return valued(text, field, scan.quote.unwrap_or(text.len() - value.len()));
    }
    if let Some(field) = listed(head, scan.pipe) {
        return valued(text, &field, scan.quote.unwrap_or(start));
    }
    let name =
        scan.quote.unwrap_or(start + chunk.len() - chunk.trim_start_matches(['-', '!']).len());
    let wanted = match scan.pipe {
        Some(pipe) if text[pipe + 1..name].trim().is_empty() => Wanted::Pipe,
        Some(pipe) => Wanted::Field { is_filter: is_filter(&text[pipe + 1..]) },
        None => Wanted::Field { is_filter: true },
    };
    Spot { wanted, prefix: unquoted(&text[name..]), start: name }
}

fn valued(text: &str, field: &str, start: usize) -> Spot {
    let field = field.trim_start_matches(['-', '!']).trim_matches(['"', '\'', '`']);
    Spot { wanted: Wanted::Value(field.to_owned()), prefix: unquoted(&text[start..]), start }
}

fn unquoted(text: &str) -> String {
    text.trim_start_matches(['"', '\'', '`']).to_owned()
}

/// The field of a list of values that is not closed: `field:in(a, `.
fn listed(head: &str, pipe: Option<usize>) -> Option<String> {
    let open = head
        .rfind('(')
        .filter(|open| pipe.is_none_or(|pipe| pipe < *open) && !head[*open..].contains(')'))?;
    let before = head[..open].strip_suffix("in")?.trim_end_matches('=').strip_suffix(':')?;
    let start = before.rfind(|c: char| c.is_whitespace() || matches!(c, '(' | '|'));
    Some(before[start.map_or(0, |at| at + 1)..].to_owned())
}

fn is_filter(pipe: &str) -> bool {
    matches!(pipe.split_whitespace().next(), Some("filter" | "where"))
}

/// What is known of the log.
pub(super) struct Known<'a> {
    pub(super) fields: &'a [String],
    /// Values of the field that is asked for.
    pub(super) values: &'a [String],
}

/// What may stand at a place, the best first, as it is written in a query.
pub(super) fn candidates(spot: &Spot, known: &Known<'_>) -> Vec<String> {
    match &spot.wanted {
        Wanted::Pipe => fitting(Statement::pipe_names().map(str::to_owned), &spot.prefix),
        Wanted::Field { is_filter } => {
            let end = if *is_filter { ":" } else { "" };
            let names = KNOWN_FIELDS.iter().map(|name| (*name).to_owned());
            let others = known.fields.iter().filter(|name| !KNOWN_FIELDS.contains(&name.as_str()));
            let all = fitting(names.chain(others.cloned()), &spot.prefix);
            all.into_iter().map(|name| format!("{}{end}", Name(&name))).collect()
        }
        Wanted::Value(field) => {
            let fixed: &[&str] = match field.as_str() {
                "level" => LEVELS,
                "_time" | "timestamp" => TIMES,
                _ => &[],
            };
            if !fixed.is_empty() {
                return fitting(fixed.iter().map(|value| (*value).to_owned()), &spot.prefix);
            }
            let all = fitting(known.values.iter().cloned(), &spot.prefix);
            all.into_iter().map(|value| written(&value)).collect()
        }
    }
}

/// A value as a query has it.
pub(super) fn written(value: &str) -> String {
    Name(value).to_string()
}

/// Those that begin with a text, then those that have it in them; whatever is there already is none.
fn fitting(all: impl Iterator<Item = String>, prefix: &str) -> Vec<String> {
    let prefix = prefix.to_lowercase();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for one in all {
        let lower = one.to_lowercase();
        if lower.starts_with(&prefix) {
            first.push(one);
        } else if lower.contains(&prefix) {
            second.push(one);
        }
    }
    first.extend(second);
    first.truncate(CANDIDATES_MAX);
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_what_is_wanted_where() {
        let check = |text: &str, wanted: Wanted, prefix: &str| {
            let spot = spot(text);
            assert_eq!((spot.wanted, spot.prefix.as_str()), (wanted, prefix), "{text}");
            assert!(spot.start <= text.len());
        };
        let field = || Wanted::Field { is_filter: true };
        let value = |name: &str| Wanted::Value(name.to_owned());
        check("", field(), "");
        check("lev", field(), "lev");
        check("a:b -ser", field(), "ser");
        check("(a or (se", field(), "se");
        check("service:", value("service"), "");
        check("-service:=sh", value("service"), "sh");
        check("level:>=wa", value("level"), "wa");
        check("service:\"sh op", value("service"), "sh op");
        check("service:in(a, sh", value("service"), "sh");
        check("service:in(\"a|b\", \"s", value("service"), "s");
        check("a | ", Wanted::Pipe, "");
        check("a | st", Wanted::Pipe, "st");
        check("\"a | st", field(), "a | st");
        check("a | stats by (ser", Wanted::Field { is_filter: false }, "ser");
        check("a | filter ser", field(), "ser");
        check("a | filter service:x", value("service"), "x");
        check("\u{4f60}\u{3000}\u{597d}", field(), "\u{597d}");
    }

    #[test]
    fn candidates_are_written_as_a_query_has_them() {
        let fields: Vec<String> = ["user.id", "odd name", "service"].map(str::to_owned).into();
        let values: Vec<String> = ["shop", "a b", "\u{1b}[2J"].map(str::to_owned).into();
        let known = Known { fields: &fields, values: &values };
        let all = |text: &str| candidates(&spot(text), &known);
        assert_eq!(all("ser"), ["service:", "user.id:"]);
        assert_eq!(all("odd"), ["\"odd name\":"]);
        assert_eq!(all("x | sort by (us"), ["user.id"]);
        assert_eq!(all("level:w"), ["warn"]);
        assert_eq!(all("service:"), ["shop", "\"a b\"", "\"\\u001b[2J\""]);
        assert_eq!(all("x | sta"), ["stats"]);
        assert!(all("x | ").len() == CANDIDATES_MAX);
    }
}
