//! The tree of a YAML text with the place of each value.
//!
//! Takes text, gives nodes; refuses broken YAML and text that grows beyond its bounds when its
//! aliases are unfolded.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Location, Options, Spanned};

use super::problem::PatternProblem;

/// Values of one file, aliases unfolded: ten thousand is far beyond any real one.
const NODES_MAX: usize = 10_000;
/// Values within values; a file of patterns needs four.
const DEPTH_MAX: usize = 16;

/// A value.
pub(super) enum Node {
    Text(String),
    List(Vec<Spanned<Node>>),
    Section(Vec<(Spanned<String>, Spanned<Node>)>),
    Null,
}

impl Node {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Node::Text(_) => "a text",
            Node::List(_) => "a list",
            Node::Section(_) => "a section",
            Node::Null => "nothing",
        }
    }
}

/// The tree of the text.
pub(super) fn parse(text: &str) -> Result<Spanned<Node>, PatternProblem> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let message = error.without_snippet().to_string();
        let end = message.find(" at line ").unwrap_or(message.len());
        let message = format!("not valid YAML: {}", message[..end].lines().next().unwrap_or(""));
        problem(error.location().as_ref(), "", message)
    })
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_depth: DEPTH_MAX,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        with_snippet: false,
    }
}

/// A problem at a place.
pub(super) fn problem(place: Option<&Location>, key: &str, message: String) -> PatternProblem {
    let (line, column) = place.map_or((0, 0), |place| (place.line(), place.column()));
    PatternProblem { line, column, key: key.to_owned(), message }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, switch: bool) -> Result<Node, E> {
        Ok(Node::Text(switch.to_string()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Text(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Text(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Text(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Section(entries))
    }
}
