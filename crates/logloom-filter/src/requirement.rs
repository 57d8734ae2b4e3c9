//! What every line that a filter finds must have, for an index that knows words and values.
//!
//! Takes a [`Filter`], gives a [`Requirement`] that says less than the filter and never more: a
//! line, a block or a file without what is required holds no answer; one with it may hold none
//! either, and is looked at by the [`Matcher`](crate::Matcher).
//!
//! A word counts where the filter settles both of its edges. The words of a phrase are whole; of a
//! part of a text or of a regular expression only those are that touch neither end of it.

use logloom_record::Level;

use crate::pattern::{Inner, inner_words, whole_words_inside};
use crate::quantity::Amount;
use crate::syntax::is_word_character;
use crate::words::words;
use crate::{Comparison, Filter, Target, Test};

/// What a line must have.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Requirement {
    /// Nothing is known: every line may be found.
    Anything,
    /// No line is found.
    Nothing,
    /// All of these; never empty.
    All(Vec<Requirement>),
    /// One of these; never empty.
    OneOf(Vec<Requirement>),
    /// This word stands in some value of the line, whole, as it is written here or in upper and
    /// lower case otherwise. Where a filter looks at every value, that of the time is one of them;
    /// of a filter on the time alone no word is asked.
    Word(String),
    /// The field has this value, compared as in [`Filter::FieldEquals`]: a number may be written
    /// in other ways. The value is not empty, and no list or object.
    FieldValue {
        /// Path of the field, with dots into nested objects.
        path: String,
        /// The value as a person writes it.
        value: String,
    },
    /// The field has a value whose [`Amount`] lies between these two, which count too. They are
    /// rounded away from each other.
    Amounts {
        /// Path of the field, with dots into nested objects.
        path: String,
        /// The least amount.
        least: f64,
        /// The greatest amount.
        greatest: f64,
    },
    /// The level is one of these: bit 0 is TRACE, bit 5 FATAL. Levels may be spelt in other ways
    /// ([`Level::from_name`]).
    Levels(u8),
    /// The time lies in `from <= t < until`, in nanoseconds since 1970; `None` is no bound.
    Times {
        /// The first moment that counts.
        from: Option<i64>,
        /// The first moment that counts no more.
        until: Option<i64>,
    },
}

impl Requirement {
    fn all(all: impl IntoIterator<Item = Requirement>) -> Requirement {
        let mut kept = Vec::new();
        for one in all {
            match one {
                Requirement::Anything => {}
                Requirement::Nothing => return Requirement::Nothing,
                Requirement::All(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Requirement::Anything,
            1 => kept.remove(0),
            _ => Requirement::All(kept),
        }
    }

    fn one_of(all: impl IntoIterator<Item = Requirement>) -> Requirement {
        let mut kept = Vec::new();
        for one in all {
            match one {
                Requirement::Anything => return Requirement::Anything,
                Requirement::Nothing => {}
                Requirement::OneOf(inner) => kept.extend(inner),
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Requirement::Nothing,
            1 => kept.remove(0),
            _ => Requirement::OneOf(kept),
        }
    }
}

impl Filter {
    /// What every line that this filter finds must have. A [`Filter::FieldOf`] that was not
    /// resolved finds none.
    #[must_use]
    pub fn requirements(&self) -> Requirement {
        match self {
            Filter::And(all) => Requirement::all(all.iter().map(Filter::requirements)),
            Filter::Or(all) => Requirement::one_of(all.iter().map(Filter::requirements)),
            Filter::LevelAtLeast(least) => {
                levels(Level::ALL.iter().filter(|level| *level >= least))
            }
            Filter::LevelIn(wanted) => levels(wanted.iter()),
            Filter::TimeRange { from: None, until: None } => Requirement::Anything,
            Filter::TimeRange { from, until } => Requirement::Times { from: *from, until: *until },
            Filter::Service(name) => field_value("service", name),
            Filter::FieldEquals { path, value } => field_value(path, value),
            Filter::FieldIn { path, values } => {
                Requirement::one_of(values.iter().map(|value| field_value(path, value)))
            }
            Filter::FieldOf { .. } => Requirement::Nothing,
            Filter::FieldPrefix { path, prefix } => {
                Place::of_path(path).all_words(beginning(prefix))
            }
            Filter::FieldContains { path, text } => {
                Place::of_path(path).all_words(whole_words_inside(text))
            }
            Filter::Contains(text) => Place::Values.all_words(whole_words_inside(text)),
            Filter::Test { target, test } => match (target, between(test)) {
                (Target::Path(path), Some(bounds)) if path != "timestamp" => amounts(path, bounds),
                _ => Place::of(target).test(test),
            },
            // Of these nothing is known; damaged lines are found by the first, too.
            Filter::Always
            | Filter::Not(_)
            | Filter::DayRange(_)
            | Filter::WeekRange(_)
            | Filter::FieldExists { .. }
            | Filter::CompareFields { .. } => Requirement::Anything,
        }
    }
}

fn levels<'l>(wanted: impl Iterator<Item = &'l Level>) -> Requirement {
    match wanted.fold(0, |mask, level| mask | 1 << (*level as u8 - 1)) {
        0 => Requirement::Nothing,
        mask => Requirement::Levels(mask),
    }
}

fn field_value(path: &str, value: &str) -> Requirement {
    let is_container = value.starts_with(['{', '[']);
    match value.is_empty() || is_container || path == "timestamp" {
        true => Requirement::Anything,
        false => Requirement::FieldValue { path: path.to_owned(), value: value.to_owned() },
    }
}

/// The amounts that a test lets pass, as floats beyond which there is none.
fn between(test: &Test) -> Option<(f64, f64)> {
    let down = |bound: &str| Some(Amount::parse_bound(bound)?.to_float().next_down());
    let up = |bound: &str| Some(Amount::parse_bound(bound)?.to_float().next_up());
    match test {
        Test::Compare { order: Comparison::Less | Comparison::LessOrEqual, bound } => {
            Some((f64::NEG_INFINITY, up(bound)?))
        }
        Test::Compare { bound, .. } => Some((down(bound)?, f64::INFINITY)),
        Test::Range { from, until } => Some((down(&from.text)?, up(&until.text)?)),
        _ => None,
    }
}

fn amounts(path: &str, (least, greatest): (f64, f64)) -> Requirement {
    match least <= greatest {
        true => Requirement::Amounts { path: path.to_owned(), least, greatest },
        false => Requirement::Nothing,
    }
}

/// Where words are asked for.
#[derive(Clone, Copy)]
enum Place {
    /// In a field or in any value.
    Values,
    /// In the time, whose words no index needs to have.
    Time,
}

impl Place {
    fn of(target: &Target) -> Place {
        match target {
            Target::Path(path) => Place::of_path(path),
            Target::Any => Place::Values,
        }
    }

    fn of_path(path: &str) -> Place {
        if path == "timestamp" { Place::Time } else { Place::Values }
    }

    fn word(self, word: &str) -> Requirement {
        match self {
            Place::Time => Requirement::Anything,
            Place::Values => Requirement::Word(word.to_owned()),
        }
    }

    fn all_words<'w>(self, all: impl Iterator<Item = &'w str>) -> Requirement {
        Requirement::all(all.map(|word| self.word(word)))
    }

    fn test(self, test: &Test) -> Requirement {
        match test {
            Test::Phrase(text) => self.all_words(words(text)),
            Test::Prefix(text) | Test::StartsWith(text) => self.all_words(beginning(text)),
            // Only of ASCII is it sure that all ways to fold a word agree.
            Test::PhraseAnyCase(text) => self.all_words(words(text).filter(|word| word.is_ascii())),
            Test::PrefixAnyCase(text) => {
                self.all_words(beginning(text).filter(|word| word.is_ascii()))
            }
            // A number may be written in other ways.
            Test::Equals(text) if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                Requirement::Anything
            }
            Test::Equals(text) => self.all_words(words(text)),
            Test::Contains(text) => self.all_words(whole_words_inside(text)),
            Test::Matches(pattern) => self.inner(&inner_words(pattern.hir())),
            Test::ContainsAll(texts) | Test::Sequence(texts) => {
                Requirement::all(texts.iter().map(|text| self.all_words(words(text))))
            }
            Test::ContainsAny(texts) => {
                Requirement::one_of(texts.iter().map(|text| self.all_words(words(text))))
            }
            Test::Compare { .. }
            | Test::Range { .. }
            | Test::StringRange { .. }
            | Test::Length { .. }
            | Test::Ipv4Range { .. } => Requirement::Anything,
        }
    }

    fn inner(self, inner: &Inner) -> Requirement {
        match inner {
            Inner::Unknown => Requirement::Anything,
            Inner::Words(all) => self.all_words(all.iter().map(String::as_str)),
            Inner::All(all) => Requirement::all(all.iter().map(|one| self.inner(one))),
            Inner::OneOf(all) => Requirement::one_of(all.iter().map(|one| self.inner(one))),
        }
    }
}

/// The words of the beginning of a text; the last one may go on.
fn beginning(text: &str) -> impl Iterator<Item = &str> {
    words(text.trim_end_matches(is_word_character))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Requirement;
    use crate::Filter;
    use crate::syntax::Context;

    fn show(requirement: &Requirement) -> String {
        let list = |all: &[Requirement], between: &str| {
            let all: Vec<String> = all.iter().map(show).collect();
            format!("({})", all.join(between))
        };
        match requirement {
            Requirement::Anything => "?".to_owned(),
            Requirement::Nothing => "0".to_owned(),
            Requirement::All(all) => list(all, " "),
            Requirement::OneOf(all) => list(all, "|"),
            Requirement::Word(word) => word.clone(),
            Requirement::FieldValue { path, value } => format!("{path}={value}"),
            Requirement::Amounts { path, least, greatest } => {
                format!("{path}:{least:.3}..{greatest:.3}")
            }
            Requirement::Levels(mask) => format!("L{mask:06b}"),
            Requirement::Times { from, until } => format!("T{from:?}{until:?}"),
        }
    }

    #[test]
    fn requirements_say_less_than_the_filter() {
        let check = |text: &str, expect: &str| {
            let filter = Filter::parse(text, &Context::default()).unwrap();
            assert_eq!(show(&filter.requirements()), expect, "{text}");
        };
        check("*", "?");
        check("!*", "0");
        check("error", "error");
        check("Error x", "(Error x)");
        check("a or b", "(a|b)");
        check("a or !b", "?");
        check("!a b", "b");
        check("\"ssh: login fail\"", "(ssh login fail)");
        check("\"unexpected fail\"*", "unexpected");
        check("\"unexpected fail \"*", "(unexpected fail)");
        check("err*", "?");
        check("i(Error)", "Error");
        check("i(\"\u{c4}rger b\")", "b");
        check("x:=\"a b\"", "x=a b");
        check("x:=5", "x=5");
        check("x:=\"\"", "?");
        check("x:in(a, b)", "(x=a|x=b)");
        check("x:in(a, \"\")", "?");
        check("x:=\"[1]\"", "?");
        check("x:=\"ab cd\"*", "ab");
        check("x:~timeout", "?");
        check("x:~\"a timeout b\"", "timeout");
        check("x:~\"( a )|( b c )\"", "(a|(b c))");
        check("*:~\"a timeout b\"", "timeout");
        check("*:word", "word");
        check("*:404", "404");
        check("*:\"2026-11-21T10:00\"", "(2026 11 21T10 00)");
        check("x:404", "404");
        check("_time:~\"a b c\"", "?");
        check("level:>=warn", "L111000");
        check("level:error", "L010000");
        check("seq(\"a b\", c)", "(a b c)");
        check("contains_any(\"a b\", c)", "((a b)|c)");
        check("contains_any(\"a b\", \"\")", "?");
        check("x:>5", "x:5.000..inf");
        check("x:<=-1.5s", "x:-inf..-1500000000.000");
        check("x:range[1, 2)", "x:1.000..2.000");
        check("x:range[2, 1]", "0");
        check("x:>b", "?");
        check("*:>5", "?");
        check("_time:i(x) \"_time\":lt_field(x)", "?");
        check("*:=\"a b\"", "(a b)");
        check("*:=-5", "?");
        check("_time:<2026Z a", "(TNoneSome(1767225600000000000) a)");
        check("x:in(a | fields b)", "0");
    }

    #[test]
    fn bounds_are_rounded_away_from_each_other() {
        let filter = Filter::parse("x:range[5, 6]", &Context::default()).unwrap();
        let Requirement::Amounts { least, greatest, .. } = filter.requirements() else {
            panic!("{filter}");
        };
        assert!(least < 5.0 && 6.0 < greatest);
        assert!(4.999 < least && greatest < 6.001);
    }
}
