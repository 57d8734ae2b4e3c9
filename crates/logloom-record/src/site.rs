//! What a call site knows before it is called: level, place, literal and names of fields. The
//! literal comes in, its kind and its pieces go out; a literal with broken braces is taken as text.

use std::borrow::Cow;

use crate::Level;

/// How a record of a call site gets its message.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// The literal is the message.
    Literal = 0,
    /// The writer fills the holes `{name}` from the fields of the record, and the holes `{}` and `{0}`
    /// from those without a name.
    Template = 1,
    /// The record carries its message.
    Formatted = 2,
    /// No message: the record is an action, the literal is its type, and its line has the order of
    /// the action log.
    Action = 3,
    /// The writer fills the conversions of the literal, such as `%d`, from the fields without a name, in
    /// their order; see [`crate::printf`].
    Printf = 4,
}

impl MessageKind {
    /// The kind with this number.
    pub const fn from_number(number: u8) -> Option<MessageKind> {
        match number {
            0 => Some(MessageKind::Literal),
            1 => Some(MessageKind::Template),
            2 => Some(MessageKind::Formatted),
            3 => Some(MessageKind::Action),
            4 => Some(MessageKind::Printf),
            _ => None,
        }
    }
}

/// All that is the same for every record of a call site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteDescription {
    /// Severity.
    pub level: Level,
    /// The logger's name, by default the module path.
    pub module: Cow<'static, str>,
    /// Source file; may be empty.
    pub file: Cow<'static, str>,
    /// Source line, 0 where unknown.
    pub line: u32,
    /// The literal as written, braces included.
    pub template: Cow<'static, str>,
    /// How the message comes about.
    pub message_kind: MessageKind,
    /// Names of the positional values, in order. At most 65,535 are encoded. A value without a name
    /// belongs to the message alone and is no member of the line.
    pub fields: Vec<Cow<'static, str>>,
}

/// Says how a literal with these fields becomes a message, in a constant where wanted.
///
/// No brace: `Literal`. Every hole a plain `{name}` that names a field, or none but `{{` and `}}`:
/// `Template`. All else, such as `{}`, `{0}`, `{name:?}` or a name that is no field: `Formatted`.
pub const fn message_kind(literal: &str, fields: &[&str]) -> MessageKind {
    let bytes = literal.as_bytes();
    let mut kind = MessageKind::Literal;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte != b'{' && byte != b'}' {
            at += 1;
            continue;
        }
        kind = MessageKind::Template;
        if at + 1 < bytes.len() && bytes[at + 1] == byte {
            at += 2;
            continue;
        }
        let end = hole_end(bytes, at);
        if byte == b'}' || end == 0 || !names_a_field(bytes, at + 1, end, fields) {
            return MessageKind::Formatted;
        }
        at = end + 1;
    }
    kind
}

/// Index of the `}` that closes the hole at `open`, 0 where none does.
const fn hole_end(bytes: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while at < bytes.len() {
        if bytes[at] == b'}' {
            return at;
        }
        if bytes[at] == b'{' {
            return 0;
        }
        at += 1;
    }
    0
}

const fn names_a_field(bytes: &[u8], from: usize, to: usize, fields: &[&str]) -> bool {
    let mut index = 0;
    while index < fields.len() {
        if equal(bytes, from, to, fields[index].as_bytes()) {
            return from < to;
        }
        index += 1;
    }
    false
}

const fn equal(bytes: &[u8], from: usize, to: usize, name: &[u8]) -> bool {
    if to - from != name.len() {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if bytes[from + at] != name[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// One piece of a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text, without the doubling of braces.
    Text(Cow<'a, str>),
    /// What stands between `{` and `}`.
    Hole(&'a str),
}

/// Splits a literal into its pieces. A brace that opens or closes nothing is text.
pub fn pieces(literal: &str) -> Vec<Piece<'_>> {
    let bytes = literal.as_bytes();
    let mut pieces = Vec::new();
    let (mut text, mut from, mut at) = (String::new(), 0, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        let is_brace = byte == b'{' || byte == b'}';
        if is_brace && bytes.get(at + 1) == Some(&byte) {
            text.push_str(&literal[from..=at]);
            at += 2;
            from = at;
        } else if byte == b'{' && hole_end(bytes, at) != 0 {
            let end = hole_end(bytes, at);
            text.push_str(&literal[from..at]);
            push_text(&mut pieces, &mut text);
            pieces.push(Piece::Hole(&literal[at + 1..end]));
            at = end + 1;
            from = at;
        } else {
            at += 1;
        }
    }
    text.push_str(&literal[from..]);
    push_text(&mut pieces, &mut text);
    pieces
}

fn push_text(pieces: &mut Vec<Piece<'_>>, text: &mut String) {
    if !text.is_empty() {
        pieces.push(Piece::Text(Cow::Owned(std::mem::take(text))));
    }
}

/// Whether a literal has a hole with a name, so that it is worth keeping beside its message.
pub(crate) fn has_named_hole(literal: &str) -> bool {
    pieces(literal).iter().any(|piece| match piece {
        Piece::Hole(hole) => hole.starts_with(|first: char| first.is_alphabetic() || first == '_'),
        Piece::Text(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: MessageKind = message_kind("user {name}", &["name"]);

    #[test]
    fn kinds() {
        assert_eq!(KIND, MessageKind::Template);
        for (literal, expected) in [
            ("", MessageKind::Literal),
            ("plain", MessageKind::Literal),
            ("a {b}", MessageKind::Template),
            ("{b}{a}", MessageKind::Template),
            ("{{a}}", MessageKind::Template),
            ("{{{a}}}", MessageKind::Template),
            ("{}", MessageKind::Formatted),
            ("{c}", MessageKind::Formatted),
            ("{a:?}", MessageKind::Formatted),
            ("{a", MessageKind::Formatted),
            ("a}", MessageKind::Formatted),
            ("{a{b}", MessageKind::Formatted),
        ] {
            assert_eq!(message_kind(literal, &["a", "b"]), expected, "{literal}");
        }
        assert_eq!(message_kind("{}", &[""]), MessageKind::Formatted);
    }

    #[test]
    fn literals_split_into_pieces() {
        let text = |text: &'static str| Piece::Text(Cow::Borrowed(text));
        assert_eq!(pieces("a {b}!"), [text("a "), Piece::Hole("b"), text("!")]);
        assert_eq!(pieces("{{{a}}}"), [text("{"), Piece::Hole("a"), text("}")]);
        assert_eq!(pieces("a} {"), [text("a} {")]);
        assert_eq!(pieces("\u{e9}{x:?}\u{e9}"), [text("é"), Piece::Hole("x:?"), text("é")]);
        assert!(has_named_hole("{x:?}") && !has_named_hole("{} {0}"));
    }
}
