//! The filter tree: what a record must be like to be wanted.
//!
//! Built by flags and, later, by the query language; printed in that language's text form by
//! `Display`; compiled to a [`Matcher`] before use. Holds no state and refuses nothing: a filter
//! on a field that no record has simply matches no record.

use std::fmt;

use logloom_record::Level;
use logloom_record::time::format_rfc3339;

use crate::Matcher;

/// A condition on one record.
///
/// Field paths lead into nested objects with dots, as in [`LineView::get`](crate::LineView::get).
/// Text comparisons are exact: upper and lower case differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Filter {
    /// Every record, and every damaged line.
    Always,
    /// All of these; an empty list matches every record.
    And(Vec<Filter>),
    /// At least one of these; an empty list matches none.
    Or(Vec<Filter>),
    /// Not this. A damaged line has no fields, so it is found neither by a condition on a field
    /// nor by the opposite of one.
    Not(Box<Filter>),
    /// The level is this one or a more severe one. A level of unknown name matches nothing.
    LevelAtLeast(Level),
    /// The timestamp lies in `from <= t < until`, nanoseconds since 1970; `None` is no bound.
    TimeRange {
        /// The first moment that counts.
        from: Option<i64>,
        /// The first moment that counts no more.
        until: Option<i64>,
    },
    /// The record was written by this service.
    Service(String),
    /// The field has this value: numbers compare as numbers (`1` finds `1`, `1.0` and `"1"`),
    /// all else as text. An empty value also finds records without the field.
    FieldEquals {
        /// Path of the field.
        path: String,
        /// The value as a person writes it.
        value: String,
    },
    /// The field has one of these values, each compared as in [`Filter::FieldEquals`]; an empty
    /// list matches none.
    FieldIn {
        /// Path of the field.
        path: String,
        /// The values as a person writes them.
        values: Vec<String>,
    },
    /// The field has a value that some record matching `of` has in `field`. Stands for the
    /// [`Filter::FieldIn`] that [`Filter::resolve`] makes of it; as it is it matches nothing.
    FieldOf {
        /// Path of the field.
        path: String,
        /// Which records have the values.
        of: Box<Filter>,
        /// Path of the field of those records.
        field: String,
    },
    /// The record has this field, with a value that is neither null nor an empty text.
    FieldExists {
        /// Path of the field.
        path: String,
    },
    /// The text of the field begins with this.
    FieldPrefix {
        /// Path of the field.
        path: String,
        /// The beginning.
        prefix: String,
    },
    /// The text of the field, or of some value nested in it, contains this.
    FieldContains {
        /// Path of the field.
        path: String,
        /// The part that is looked for.
        text: String,
    },
    /// Some value of the record, however deep, contains this text; keys do not count. In a damaged
    /// line the raw text is searched.
    Contains(String),
}

impl Filter {
    /// Prepares the filter for use on many lines.
    #[must_use]
    pub fn compile(&self) -> Matcher {
        Matcher::new(self)
    }

    /// Both conditions; joins lists and drops [`Filter::Always`], so that the printed form stays
    /// as short as what was asked.
    #[must_use]
    pub fn and(self, other: Filter) -> Filter {
        let mut all = match self {
            Filter::Always => Vec::new(),
            Filter::And(all) => all,
            single => vec![single],
        };
        match other {
            Filter::Always => {}
            Filter::And(others) => all.extend(others),
            single => all.push(single),
        }
        match all.len() {
            0 => Filter::Always,
            1 => all.remove(0),
            _ => Filter::And(all),
        }
    }

    /// At least one of these; a single one stands alone.
    #[must_use]
    pub fn any_of(mut all: Vec<Filter>) -> Filter {
        match all.len() {
            1 => all.remove(0),
            _ => Filter::Or(all),
        }
    }

    /// The filter with each [`Filter::FieldOf`] replaced by the values that `lookup` finds for its
    /// records and field. What `lookup` is given holds none any more.
    #[must_use]
    pub fn resolve(self, lookup: &mut dyn FnMut(&Filter, &str) -> Vec<String>) -> Filter {
        match self {
            Filter::And(all) => Filter::And(resolve_all(all, lookup)),
            Filter::Or(all) => Filter::Or(resolve_all(all, lookup)),
            Filter::Not(inner) => Filter::Not(Box::new(inner.resolve(lookup))),
            Filter::FieldOf { path, of, field } => {
                let of = of.resolve(lookup);
                let values = lookup(&of, &field);
                Filter::FieldIn { path, values }
            }
            other => other,
        }
    }
}

fn resolve_all(
    all: Vec<Filter>,
    lookup: &mut dyn FnMut(&Filter, &str) -> Vec<String>,
) -> Vec<Filter> {
    all.into_iter().map(|filter| filter.resolve(lookup)).collect()
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::Always => f.write_str("*"),
            Filter::And(all) if all.is_empty() => f.write_str("*"),
            Filter::Or(all) if all.is_empty() => f.write_str("!*"),
            Filter::And(all) => write_list(f, all, " "),
            Filter::Or(all) => write_list(f, all, " or "),
            Filter::Not(inner) => write!(f, "!{}", Grouped(inner)),
            Filter::LevelAtLeast(level) => write!(f, "level:>={}", level.as_str()),
            Filter::TimeRange { from, until } => write_range(f, *from, *until),
            Filter::Service(name) => write!(f, "service:={}", Quoted(name)),
            Filter::FieldEquals { path, value } => write!(f, "{}:={}", Name(path), Quoted(value)),
            Filter::FieldIn { path, values } => write_values(f, path, values),
            Filter::FieldOf { path, of, field } => {
                write!(f, "{}:in({of} | fields {})", Name(path), Name(field))
            }
            Filter::FieldExists { path } => write!(f, "{}:*", Name(path)),
            Filter::FieldPrefix { path, prefix } => {
                write!(f, "{}:={}*", Name(path), Quoted(prefix))
            }
            Filter::FieldContains { path, text } => write!(f, "{}:~{}", Name(path), Pattern(text)),
            Filter::Contains(text) => write!(f, "*:~{}", Pattern(text)),
        }
    }
}

fn write_list(f: &mut fmt::Formatter<'_>, all: &[Filter], between: &str) -> fmt::Result {
    for (position, filter) in all.iter().enumerate() {
        if position > 0 {
            f.write_str(between)?;
        }
        write!(f, "{}", Grouped(filter))?;
    }
    Ok(())
}

fn write_values(f: &mut fmt::Formatter<'_>, path: &str, values: &[String]) -> fmt::Result {
    write!(f, "{}:in(", Name(path))?;
    for (position, value) in values.iter().enumerate() {
        let between = if position > 0 { "," } else { "" };
        write!(f, "{between}{}", Quoted(value))?;
    }
    f.write_str(")")
}

fn write_range(f: &mut fmt::Formatter<'_>, from: Option<i64>, until: Option<i64>) -> fmt::Result {
    let show = |moment: i64| format_rfc3339(moment, 9);
    match (from, until) {
        (Some(from), Some(until)) => write!(f, "_time:[{}, {})", show(from), show(until)),
        (Some(from), None) => write!(f, "_time:>={}", show(from)),
        (None, Some(until)) => write!(f, "_time:<{}", show(until)),
        (None, None) => f.write_str("*"),
    }
}

/// A filter in parentheses where it would be read differently without them.
struct Grouped<'a>(&'a Filter);

impl fmt::Display for Grouped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Filter::And(all) | Filter::Or(all) if !all.is_empty() => write!(f, "({})", self.0),
            _ => write!(f, "{}", self.0),
        }
    }
}

/// A field name, quoted unless it is a plain word with dots.
struct Name<'a>(&'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@');
        if !self.0.is_empty() && self.0.chars().all(plain) {
            return f.write_str(self.0);
        }
        write!(f, "{}", Quoted(self.0))
    }
}

/// A text in double quotes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                control if control.is_control() => write!(f, "\\u{:04x}", u32::from(control))?,
                plain => write!(f, "{plain}")?,
            }
        }
        f.write_str("\"")
    }
}

/// A text as a quoted regular expression that matches exactly this text.
struct Pattern<'a>(&'a str);

impl fmt::Display for Pattern<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pattern = String::with_capacity(self.0.len());
        for character in self.0.chars() {
            if r"\.+*?()|[]{}^$".contains(character) {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        write!(f, "{}", Quoted(&pattern))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use logloom_record::Level;

    use super::Filter;

    #[test]
    fn filters_print_as_query_text() {
        let check = |filter: Filter, expect: &str| assert_eq!(filter.to_string(), expect);
        let service = || Filter::Service("shop".into());
        check(Filter::Always, "*");
        check(Filter::LevelAtLeast(Level::Warn), "level:>=WARN");
        check(Filter::Contains("a.b \"c\"".into()), r#"*:~"a\\.b \"c\"""#);
        check(Filter::FieldEquals { path: "user.id".into(), value: "1".into() }, r#"user.id:="1""#);
        check(Filter::FieldPrefix { path: "a b".into(), prefix: "x\n".into() }, r#""a b":="x\n"*"#);
        check(Filter::FieldContains { path: "m".into(), text: "t".into() }, r#"m:~"t""#);
        check(
            Filter::Not(Box::new(Filter::Or(vec![service(), Filter::Always]))),
            r#"!(service:="shop" or *)"#,
        );
        check(
            Filter::TimeRange { from: Some(0), until: Some(1_000_000_000) },
            "_time:[1970-01-01T00:00:00.000000000Z, 1970-01-01T00:00:01.000000000Z)",
        );
        check(Filter::And(vec![service(), Filter::Or(vec![])]), r#"service:="shop" !*"#);
    }

    #[test]
    fn sets_print_as_query_text() {
        let equals = |path: &str, value: &str| Filter::FieldEquals {
            path: path.into(),
            value: value.into(),
        };
        let values = vec!["a".to_owned(), "b\"".to_owned()];
        let filter = Filter::FieldIn { path: "kind".into(), values };
        assert_eq!(filter.to_string(), r#"kind:in("a","b\"")"#);
        assert_eq!(Filter::FieldExists { path: "kind".into() }.to_string(), "kind:*");
        let of = Box::new(equals("tool", "bash").and(equals("kind", "call")));
        let filter = Filter::FieldOf { path: "id".into(), of, field: "id".into() };
        assert_eq!(filter.to_string(), r#"id:in(tool:="bash" kind:="call" | fields id)"#);
    }

    #[test]
    fn values_of_other_records_are_looked_up_from_the_inside_out() {
        let of = |of: Filter, field: &str| Filter::FieldOf {
            path: "id".into(),
            of: Box::new(of),
            field: field.into(),
        };
        let mut asked = Vec::new();
        let nested = of(of(Filter::Always, "inner"), "outer").and(Filter::Contains("x".into()));
        let resolved = nested.resolve(&mut |filter, field| {
            asked.push(format!("{filter} {field}"));
            vec![field.to_uppercase()]
        });
        assert_eq!(asked, ["* inner", "id:in(\"INNER\") outer"]);
        assert_eq!(resolved.to_string(), r#"id:in("OUTER") *:~"x""#);
    }

    #[test]
    fn joining_keeps_the_tree_flat() {
        let word = |text: &str| Filter::Contains(text.into());
        assert_eq!(Filter::Always.and(word("a")), word("a"));
        assert_eq!(Filter::Always.and(Filter::Always), Filter::Always);
        assert_eq!(
            word("a").and(word("b")).and(word("c")),
            Filter::And(vec![word("a"), word("b"), word("c")])
        );
    }
}
