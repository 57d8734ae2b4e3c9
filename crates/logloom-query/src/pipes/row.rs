//! One row on its way through the pipes.
//!
//! A row that no pipe has changed is the line as it stands in the file; one that was changed is a
//! list of fields in their order. Values are text in the query language; a value that came from a
//! line keeps its JSON type, so that it is given as it stood. Nothing here fails on damaged lines:
//! they have no fields.

use std::borrow::Cow;

use logloom_filter::{Kind, LineView, Matcher, RawValue};
use logloom_record::json::escape_into;

use crate::Key;

/// Deeper objects are one value.
const DEPTH_MAX: usize = 32;

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// JSON as it stood in a line, or a number that a pipe has worked out.
    Json(Cow<'a, [u8]>),
    /// Text that a pipe has made.
    Text(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// A text.
    pub fn text_of(text: impl Into<Cow<'a, str>>) -> Self {
        Value::Text(text.into())
    }

    /// A count.
    #[must_use]
    pub fn count(number: u64) -> Self {
        Value::Json(Cow::Owned(number.to_string().into_bytes()))
    }

    /// What a function has worked out: a JSON number where the text is one, else text.
    #[must_use]
    pub fn worked_out(text: String) -> Self {
        match is_json_number(text.as_bytes()) {
            true => Value::Json(Cow::Owned(text.into_bytes())),
            false => Value::Text(Cow::Owned(text)),
        }
    }

    /// The value as the language sees it: null is empty, objects and arrays are their JSON text.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Json(json) => json_text(RawValue::new(json)),
        }
    }

    /// As [`Value::text`], for as long as what the value was borrowed from.
    #[must_use]
    pub fn into_text(self) -> Cow<'a, str> {
        match self {
            Value::Text(text) => text,
            Value::Json(Cow::Borrowed(json)) => json_text(RawValue::new(json)),
            Value::Json(Cow::Owned(json)) => {
                Cow::Owned(json_text(RawValue::new(&json)).into_owned())
            }
        }
    }

    /// Appends the value as JSON.
    pub fn push_json(&self, out: &mut Vec<u8>) {
        match self {
            Value::Json(json) => out.extend_from_slice(json),
            Value::Text(text) => {
                out.push(b'"');
                escape_into(text, out);
                out.push(b'"');
            }
        }
    }

    fn object(&self) -> Option<&[u8]> {
        match self {
            Value::Json(json) if json.first() == Some(&b'{') => Some(json),
            _ => None,
        }
    }

    pub(super) fn into_owned(self) -> Value<'static> {
        match self {
            Value::Json(json) => Value::Json(Cow::Owned(json.into_owned())),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Value::Json(json) => json.len(),
            Value::Text(text) => text.len(),
        }
    }
}

/// The text of a raw value; null is empty.
fn json_text(value: RawValue<'_>) -> Cow<'_, str> {
    if value.kind() == Kind::Null { Cow::Borrowed("") } else { value.text() }
}

fn is_json_number(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let is_number = digits.first().is_some_and(u8::is_ascii_digit)
        && digits.last().is_some_and(u8::is_ascii_digit)
        && digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && digits.iter().filter(|byte| **byte == b'.').count() <= 1;
    let has_leading_zero = digits.len() > 1 && digits[0] == b'0' && digits[1] != b'.';
    is_number && !has_leading_zero
}

/// A field of a row that a pipe has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name; dots in it lead nowhere.
    pub name: Cow<'a, str>,
    /// Its value.
    pub value: Value<'a>,
}

impl<'a> Field<'a> {
    /// A field.
    pub fn new(name: impl Into<Cow<'a, str>>, value: Value<'a>) -> Self {
        Self { name: name.into(), value }
    }
}

#[derive(Clone, Debug)]
enum Body<'a> {
    Line(Cow<'a, [u8]>),
    Fields(Vec<Field<'a>>),
}

/// A row.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    body: Body<'a>,
    key: Option<Key>,
    times: u64,
    /// The time of a row that stands for others, which then need not be read from its line.
    time_ns: Option<i64>,
}

impl<'a> Row<'a> {
    /// A line of the log, and where it stands among all lines.
    #[must_use]
    pub fn of_line(line: &'a [u8], key: Key) -> Self {
        Self { body: Body::Line(Cow::Borrowed(line)), key: Some(key), times: 1, time_ns: None }
    }

    /// A line that stands for so many that are alike in all that matters, wherever they are, with the time that it
    /// tells. Only what counts rows, or looks for different values, may be given one.
    #[must_use]
    pub(crate) fn stand_in(line: &'a [u8], times: u64, time_ns: Option<i64>) -> Self {
        Self { body: Body::Line(Cow::Borrowed(line)), key: None, times, time_ns }
    }

    /// The time of a row that stands for others.
    pub(super) fn stood_for_time(&self) -> Option<i64> {
        self.time_ns
    }

    /// How many rows this one is.
    pub(crate) fn times(&self) -> u64 {
        self.times
    }

    /// A row that a pipe has made of others.
    #[must_use]
    pub fn made(fields: Vec<Field<'a>>) -> Self {
        Self { body: Body::Fields(fields), key: None, times: 1, time_ns: None }
    }

    /// Where the line stands that the row was made of; `None` for a row made of many.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        self.key
    }

    /// The same fields as a row with this place.
    #[must_use]
    pub fn with_key(mut self, key: Option<Key>) -> Self {
        self.key = key;
        self
    }

    /// The time of a row of the log that no pipe has changed.
    pub(super) fn log_time(&self) -> Option<i64> {
        let is_line = matches!(self.body, Body::Line(_));
        self.key.filter(|_| is_line).map(|key| key.time)
    }

    /// The value that a path leads to: a field of that name, or one within objects by dots.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<Value<'_>> {
        match &self.body {
            Body::Line(line) => of_line(line, path),
            Body::Fields(fields) => fields.iter().find_map(|field| below(field, path)),
        }
    }

    /// The text of the value that a path leads to, empty where there is none.
    #[must_use]
    pub fn text(&self, path: &str) -> Cow<'_, str> {
        self.value(path).map_or(Cow::Borrowed(""), Value::into_text)
    }

    /// The fields in their order, those of objects not taken apart.
    #[must_use]
    pub fn fields(&self) -> Vec<Field<'_>> {
        match &self.body {
            Body::Line(line) => members(line),
            Body::Fields(fields) => {
                let borrowed = |field: &'_ Field<'a>| Field {
                    name: Cow::Owned(field.name.to_string()),
                    value: field.value.clone(),
                };
                fields.iter().map(borrowed).collect()
            }
        }
    }

    /// The fields in their order; those of objects by their paths, as the language knows them.
    #[must_use]
    pub fn leaves(&self) -> Vec<Field<'_>> {
        let mut leaves = Vec::new();
        self.fields().into_iter().for_each(|field| push_leaves(field, 0, &mut leaves));
        leaves
    }

    /// Sets a field: in its place where there is one of that name, else behind all others.
    pub fn set(&mut self, name: &str, value: Value<'a>) {
        let fields = self.make_fields();
        if let Some(field) = fields.iter_mut().find(|field| field.name == name) {
            field.value = value;
            return;
        }
        self.remove(name);
        self.make_fields().push(Field { name: Cow::Owned(name.to_owned()), value });
    }

    /// Takes a field away, from within its object where the name is a path.
    pub fn remove(&mut self, name: &str) {
        let fields = self.make_fields();
        fields.retain(|field| field.name != name);
        let holder = fields.iter().position(|field| below(field, name).is_some());
        if let Some(holder) = holder {
            let mut leaves = Vec::new();
            push_leaves(fields[holder].clone().into_owned(), 0, &mut leaves);
            leaves.retain(|leaf| leaf.name != name && !is_within(&leaf.name, name));
            fields.splice(holder..=holder, leaves);
        }
    }

    /// Keeps the fields of which this is true; each is given by its path.
    pub fn retain_leaves(&mut self, keep: &dyn Fn(&str) -> bool) {
        let fields = std::mem::take(self.make_fields());
        for field in fields {
            let mut leaves = Vec::new();
            push_leaves(field.clone(), 0, &mut leaves);
            match leaves.iter().all(|leaf| keep(&leaf.name)) && keep(&field.name) {
                true => self.make_fields().push(field),
                false => {
                    let kept = leaves.into_iter().filter(|leaf| keep(&leaf.name));
                    self.make_fields().extend(kept);
                }
            }
        }
    }

    /// The row as a JSON line; the line itself where no pipe has changed it.
    #[must_use]
    pub fn line(&self) -> Cow<'_, [u8]> {
        match &self.body {
            Body::Line(line) => Cow::Borrowed(line),
            Body::Fields(fields) => Cow::Owned(object(fields)),
        }
    }

    /// Whether a filter holds for the row.
    #[must_use]
    pub fn matches(&self, matcher: &Matcher) -> bool {
        matcher.matches(&self.line())
    }

    /// The row on its own.
    #[must_use]
    pub fn into_owned(self) -> Row<'static> {
        let body = match self.body {
            Body::Line(line) => Body::Line(Cow::Owned(line.into_owned())),
            Body::Fields(fields) => {
                Body::Fields(fields.into_iter().map(Field::into_owned).collect())
            }
        };
        Row { body, key: self.key, times: self.times, time_ns: self.time_ns }
    }

    /// Bytes of memory that the row takes once it is on its own, about.
    #[must_use]
    pub fn memory(&self) -> usize {
        let body = match &self.body {
            Body::Line(line) => line.len(),
            Body::Fields(fields) => fields
                .iter()
                .map(|field| {
                    std::mem::size_of::<Field<'_>>() + field.name.len() + field.value.bytes()
                })
                .sum(),
        };
        std::mem::size_of::<Row<'_>>() + body
    }

    /// Takes the line apart where that was not done yet.
    fn make_fields(&mut self) -> &mut Vec<Field<'a>> {
        if let Body::Line(line) = &mut self.body {
            let fields = match std::mem::take(line) {
                Cow::Borrowed(line) => members(line),
                Cow::Owned(line) => members(&line).into_iter().map(Field::into_owned).collect(),
            };
            self.body = Body::Fields(fields);
        }
        match &mut self.body {
            Body::Fields(fields) => fields,
            Body::Line(_) => unreachable!("it was taken apart above"),
        }
    }
}

impl Field<'_> {
    pub(super) fn into_owned(self) -> Field<'static> {
        Field { name: Cow::Owned(self.name.into_owned()), value: self.value.into_owned() }
    }
}

/// Fields as one JSON object.
pub(crate) fn object(fields: &[Field<'_>]) -> Vec<u8> {
    let mut out = vec![b'{'];
    for (position, field) in fields.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        out.push(b'"');
        escape_into(&field.name, &mut out);
        out.extend_from_slice(b"\":");
        field.value.push_json(&mut out);
    }
    out.push(b'}');
    out
}

fn of_line<'l>(line: &'l [u8], path: &str) -> Option<Value<'l>> {
    LineView::new(line).get(path).map(|value| Value::Json(Cow::Borrowed(value.raw())))
}

/// The members of an object; of several with one name the first.
fn members(line: &[u8]) -> Vec<Field<'_>> {
    let mut fields: Vec<Field<'_>> = Vec::new();
    let view = LineView::new(line);
    // What is no whole object has no fields: the first ones of a torn line would be half an answer.
    if !view.is_well_formed() {
        return fields;
    }
    for (name, value) in view.members() {
        let name = name.text();
        if fields.len() > 64 || !fields.iter().any(|field| field.name == name) {
            fields.push(Field { name, value: Value::Json(Cow::Borrowed(value.raw())) });
        }
    }
    fields
}

/// The value of a field or of one within it, by a path.
fn below<'f>(field: &'f Field<'_>, path: &str) -> Option<Value<'f>> {
    let rest = path.strip_prefix(field.name.as_ref())?;
    let borrowed = match &field.value {
        Value::Json(json) => Value::Json(Cow::Borrowed(json.as_ref())),
        Value::Text(text) => Value::Text(Cow::Borrowed(text.as_ref())),
    };
    match rest.strip_prefix('.') {
        None => rest.is_empty().then_some(borrowed),
        Some(rest) => of_line(field.value.object()?, rest),
    }
}

/// Whether a path leads to something within another.
fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'))
}

fn push_leaves<'f>(field: Field<'f>, depth: usize, leaves: &mut Vec<Field<'f>>) {
    let Some(inner) = field.value.object().filter(|_| depth < DEPTH_MAX) else {
        leaves.push(field);
        return;
    };
    let below: Vec<Field<'static>> =
        members(inner).into_iter().map(|inner| inner.within(&field.name)).collect();
    if below.is_empty() {
        leaves.push(field);
    } else {
        below.into_iter().for_each(|inner| push_leaves(inner, depth + 1, leaves));
    }
}

impl Field<'_> {
    fn within(self, outer: &str) -> Field<'static> {
        Field { name: Cow::Owned(format!("{outer}.{}", self.name)), value: self.value.into_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &[u8] = br#"{"a":1,"o":{"x":"y","z":[1,2],"d":{"e":null}},"t":"a\"b"}"#;

    fn row() -> Row<'static> {
        Row::of_line(LINE, Key::default())
    }

    fn shown(row: &Row<'_>) -> String {
        String::from_utf8_lossy(&row.line()).into_owned()
    }

    #[test]
    fn a_row_is_given_as_it_stands_until_it_is_changed() {
        assert_eq!(row().line(), LINE);
        let texts =
            ["a", "o.x", "o.z", "o.d.e", "t", "no"].map(|path| row().text(path).into_owned());
        assert_eq!(texts, ["1", "y", "[1,2]", "", "a\"b", ""]);
        let mut changed = row();
        changed.set("n", Value::worked_out("2.5".into()));
        changed.set("a", Value::text_of("x"));
        let same = ["o.x", "o.z", "t"].map(|path| changed.text(path) == row().text(path));
        assert_eq!(same, [true; 3]);
        assert_eq!(
            shown(&changed),
            r#"{"a":"x","o":{"x":"y","z":[1,2],"d":{"e":null}},"t":"a\"b","n":2.5}"#
        );
    }

    #[test]
    fn a_field_within_an_object_can_be_taken_away_and_set() {
        let mut changed = row();
        changed.remove("o.x");
        assert_eq!(shown(&changed), r#"{"a":1,"o.z":[1,2],"o.d.e":null,"t":"a\"b"}"#);
        let mut changed = row();
        changed.set("o.d", Value::count(3));
        assert_eq!(shown(&changed), r#"{"a":1,"o.x":"y","o.z":[1,2],"t":"a\"b","o.d":3}"#);
        assert_eq!(changed.text("o.d"), "3");
    }

    #[test]
    fn leaves_have_paths() {
        let row = row();
        let names: Vec<String> = row.leaves().iter().map(|leaf| leaf.name.to_string()).collect();
        assert_eq!(names, ["a", "o.x", "o.z", "o.d.e", "t"]);
        let mut kept = row.clone();
        kept.retain_leaves(&|name| name.starts_with('o'));
        assert_eq!(shown(&kept), r#"{"o":{"x":"y","z":[1,2],"d":{"e":null}}}"#);
        kept.retain_leaves(&|name| name.starts_with("o.d"));
        assert_eq!(shown(&kept), r#"{"o.d.e":null}"#);
    }

    #[test]
    fn damaged_lines_have_no_fields() {
        let mut row = Row::of_line(b"{\"a\":1,", Key::default());
        assert!(row.leaves().is_empty());
        row.set("b", Value::count(1));
        assert_eq!(shown(&row), r#"{"b":1}"#);
    }

    #[test]
    fn only_numbers_become_numbers() {
        let shown = |text: &str| {
            let mut out = Vec::new();
            Value::worked_out(text.into()).push_json(&mut out);
            String::from_utf8_lossy(&out).into_owned()
        };
        for number in ["0", "-1", "1.5", "123456789012345678901", "0.1"] {
            assert_eq!(shown(number), number);
        }
        for text in ["", "NaN", "1.", ".5", "01", "1.2.3", "1e5", "-"] {
            assert_eq!(shown(text), format!("\"{text}\""));
        }
    }
}
