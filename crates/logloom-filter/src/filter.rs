//! The filter tree: what a record must be like to be wanted.
//!
//! Built by flags and, later, by the query language; printed in that language's text form by
//! `Display`; compiled to a [`Matcher`] before use. Holds no state and refuses nothing: a filter
//! on a field that no record has simply matches no record.

use logloom_record::Level;

use crate::{DayRange, FieldComparison, Matcher, Target, Test, WeekRange};

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
    /// The level is one of these, however its name is written; an empty list matches none.
    LevelIn(Vec<Level>),
    /// The timestamp lies in `from <= t < until`, nanoseconds since 1970; `None` is no bound.
    TimeRange {
        /// The first moment that counts.
        from: Option<i64>,
        /// The first moment that counts no more.
        until: Option<i64>,
    },
    /// The timestamp lies in this part of a day.
    DayRange(DayRange),
    /// The timestamp lies in one of these days of a week.
    WeekRange(WeekRange),
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
    /// The text of the field, or of some value nested in it, contains this. An empty text is in
    /// every value, also in that of a field which is not there.
    FieldContains {
        /// Path of the field.
        path: String,
        /// The part that is looked for.
        text: String,
    },
    /// The text of the field, of one of the values in it where it is an object or a list, or of
    /// any value of the record, passes this test. A field that is not there has an empty text. In
    /// a damaged line a test of any value looks at the raw text.
    Test {
        /// Whose text.
        target: Target,
        /// What is asked of it.
        test: Test,
    },
    /// Two fields of the record compare so; one that is not there has an empty text.
    CompareFields {
        /// Path of the first field.
        path: String,
        /// What is asked of the two.
        order: FieldComparison,
        /// Path of the second field.
        other: String,
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

    /// The opposite; twice the opposite is the filter itself.
    #[must_use]
    pub fn negated(self) -> Filter {
        match self {
            Filter::Not(inner) => *inner,
            Filter::Always => Filter::Or(Vec::new()),
            Filter::Or(none) if none.is_empty() => Filter::Always,
            other => Filter::Not(Box::new(other)),
        }
    }

    /// A test of a text.
    #[must_use]
    pub fn test(target: &Target, test: Test) -> Filter {
        Filter::Test { target: target.clone(), test }
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
        let values = vec!["ERROR".to_owned(), "fatal".to_owned()];
        let filter = Filter::FieldIn { path: "level".into(), values };
        assert_eq!(filter.to_string(), r#"level:(exact("ERROR") or exact("fatal"))"#);
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
