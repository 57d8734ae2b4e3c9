//! Takes the text of a configuration file, hands on the tree of its values with line and column;
//! refuses broken YAML, a second document, and whatever grows beyond its bounds when unfolded.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Options, Spanned, UserMessageFormatter};

use crate::origin::Origin;
use crate::report::Problem;
use crate::value::{Entry, Node, Place, Value};

/// Values one file may hold, aliases unfolded, so that none can multiply. The largest real
/// configuration stays far below.
const NODES_MAX: usize = 20_000;
/// Sections within sections. The settings need four.
const DEPTH_MAX: usize = 32;

/// The tree of `text`. `name` is what messages call the file.
///
/// # Errors
/// The first place where the text stops being YAML: nothing behind it can be trusted.
pub(crate) fn parse(name: &str, text: &str) -> Result<Node, Box<Problem>> {
    let source = Source { file: name.into() };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options()) {
        Ok(raw) => Ok(source.node(raw)),
        Err(error) => Err(Box::new(source.syntax_problem(&error, text))),
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_depth: DEPTH_MAX,
        },
        // Every duplicate is to be reported, so the tree keeps them all.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        leading_zero_numbers_as_strings: true,
        strict_booleans: true,
        with_snippet: false,
    }
}

/// A file while its tree is made.
struct Source {
    file: Arc<str>,
}

impl Source {
    fn node(&self, raw: Spanned<Raw>) -> Node {
        let place = self.place(&raw.referenced);
        let value = match raw.value {
            Raw::Null => Value::Null,
            Raw::Switch(switch) => Value::Switch(switch),
            Raw::Integer(number) => Value::Integer(number),
            Raw::Float(number) => Value::Float(number),
            Raw::Text(text) => Value::Text(text),
            Raw::List(items) => {
                Value::List(items.into_iter().map(|item| self.node(item)).collect())
            }
            Raw::Section(entries) => {
                let entry = |(key, value): (Spanned<String>, Spanned<Raw>)| Entry {
                    place: self.place(&key.referenced),
                    key: key.value,
                    node: self.node(value),
                };
                Value::Section(entries.into_iter().map(entry).collect())
            }
        };
        Node { value, place }
    }

    fn place(&self, location: &Location) -> Place {
        let line = u32::try_from(location.line()).unwrap_or(u32::MAX);
        let column = u32::try_from(location.column()).unwrap_or(u32::MAX);
        let width = usize::try_from(location.span().len()).unwrap_or(1);
        Place { origin: Origin::File { file: self.file.clone(), line, column }, width }
    }

    fn syntax_problem(&self, error: &serde_saphyr::Error, text: &str) -> Problem {
        let message = syntax_message(error);
        let whole_file = Place { origin: Origin::whole_file(&self.file), width: 0 };
        let place = error.location().map_or(whole_file, |location| self.place(&location));
        Problem::at(&place, "", message, text)
    }
}

/// What the parser says, without the place, which the origin tells.
fn syntax_message(error: &serde_saphyr::Error) -> String {
    let mut cause = error.without_snippet();
    while let serde_saphyr::Error::AliasError { error, .. } = cause {
        cause = error;
    }
    if let serde_saphyr::Error::Budget { .. } = cause {
        return format!(
            "too large: a configuration has at most {NODES_MAX} values, aliases unfolded, and \
             {DEPTH_MAX} levels of sections"
        );
    }
    let message = error.render_with_formatter(&UserMessageFormatter);
    let end = message.find(" at line ").or_else(|| message.find('\n')).unwrap_or(message.len());
    format!("not valid YAML: {}", &message[..end])
}

/// The tree as the parser hands it over.
enum Raw {
    Null,
    Switch(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Section(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E>(self, switch: bool) -> Result<Raw, E> {
        Ok(Raw::Switch(switch))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Raw, E> {
        Ok(Raw::Integer(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Raw, E> {
        Ok(Raw::Integer(number.into()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Raw, E> {
        Ok(Raw::Integer(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Raw, E> {
        Ok(Raw::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Section(entries))
    }
}
