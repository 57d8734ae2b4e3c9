//! `unpack_json` and `unpack_logfmt`: the fields that a text holds.

use std::borrow::Cow;
use std::fmt;

use super::each::{Change, Outcome};
use super::pattern::quoted;
use super::store::Overwrite;
use super::text::{List, Name};
use super::{Field, Names, Row, Value};
use crate::Key;
use logloom_filter::syntax::Quoted;

/// What the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// A JSON object.
    Json,
    /// `key=value` pairs.
    Logfmt,
}

/// The pipes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpack {
    /// What the text is.
    pub packing: Packing,
    /// The field that is read.
    pub from: String,
    /// The fields that are wanted; all where there are none.
    pub fields: Vec<Names>,
    /// What their names begin with then.
    pub prefix: String,
    /// What becomes of fields that are there.
    pub overwrite: Overwrite,
}

impl fmt::Display for Unpack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {}", Name(&self.from))?;
        if !self.fields.is_empty() {
            write!(f, " fields ({})", List(&self.fields))?;
        }
        if !self.prefix.is_empty() {
            write!(f, " result_prefix {}", Quoted(&self.prefix))?;
        }
        write!(f, "{}", self.overwrite)
    }
}

impl Unpack {
    /// All fields of a text.
    fn found(&self, text: &str) -> Vec<Field<'static>> {
        match self.packing {
            Packing::Json => {
                let inner = Row::of_line(text.as_bytes(), Key::default());
                inner.leaves().into_iter().map(Field::into_owned).collect()
            }
            Packing::Logfmt => logfmt(text),
        }
    }
}

impl Change for Unpack {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        let mut found = self.found(&row.text(&self.from));
        if !self.fields.is_empty() {
            found.retain(|field| self.fields.iter().any(|names| names.holds(&field.name)));
        }
        for names in &self.fields {
            if let Names::One(name) = names
                && !found.iter().any(|field| field.name == name.as_str())
            {
                found.push(Field::new(name.clone(), Value::text_of("")));
            }
        }
        for field in found {
            let name: Cow<'_, str> = match self.prefix.is_empty() {
                true => Cow::Borrowed(logloom_filter::syntax::canonical_field(&field.name)),
                false => Cow::Owned(format!("{}{}", self.prefix, field.name)),
            };
            self.overwrite.set(&mut row, &name, field.value);
        }
        Outcome::Row(row)
    }
}

/// The pairs of a text; words without `=` are passed over.
fn logfmt(text: &str) -> Vec<Field<'static>> {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('=') {
        let name = before.rsplit([' ', '\t']).next().unwrap_or(before);
        let (value, after) = match quoted(behind) {
            Some((value, after)) => (value, after),
            None => {
                let end = behind.find([' ', '\t']).unwrap_or(behind.len());
                (Cow::Borrowed(&behind[..end]), &behind[end..])
            }
        };
        if !name.is_empty() {
            fields.push(Field::new(name.to_owned(), Value::text_of(value.into_owned())));
        }
        rest = after;
    }
    fields
}
