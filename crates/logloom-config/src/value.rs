//! Takes nothing, is the tree between a text and the settings: values with the place each was
//! written at; refuses nothing, since meaning is given to it in `convert`.

use crate::origin::{Origin, visible};

/// Characters of a value that a message repeats.
const QUOTED_CHARACTERS_MAX: usize = 40;

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) place: Place,
}

/// The place of a value or of a key. The line itself stays in the file: a hostile file of one long
/// line must not be copied for each of its values.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) origin: Origin,
    /// Characters it takes in its line.
    pub(crate) width: usize,
}

/// What can be written. Text that did not come from a file has no type of its own, so numbers and
/// lists are read from it as well.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Switch(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    /// Text of a variable, an option or the program.
    Untyped(String),
    List(Vec<Node>),
    Section(Vec<Entry>),
}

/// One key of a section, with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Node {
    /// What was found, in words for a message.
    pub(crate) fn found(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Switch(switch) => format!("`{switch}`"),
            Value::Integer(number) => format!("the number {number}"),
            Value::Float(number) => format!("the number {number}"),
            Value::Text(text) | Value::Untyped(text) if text.is_empty() => "empty text".to_owned(),
            Value::Text(text) | Value::Untyped(text) => format!("the text {}", quoted(text)),
            Value::List(_) => "a list".to_owned(),
            Value::Section(_) => "a section".to_owned(),
        }
    }

    /// The text, when it is text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) | Value::Untyped(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, when it is one.
    pub(crate) fn integer(&self) -> Option<i128> {
        match &self.value {
            Value::Integer(number) => Some(*number),
            Value::Untyped(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

/// `text` in backquotes, shortened and made visible.
pub(crate) fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(QUOTED_CHARACTERS_MAX).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    format!("`{}`", visible(&short))
}
