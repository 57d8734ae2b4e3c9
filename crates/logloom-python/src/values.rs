//! Python values as bytes of a ring. Any object comes in, one tagged value goes out: nothing is
//! refused, nothing is formatted but what only the object itself can show, and what it raises then
//! becomes a marked value.
//!
//! No lock and no borrow is held while code of an object runs, so that it may log itself.

use logloom_record::wire::{DEPTH_LIMIT, Encoder, Tag, cut_mark};
use logloom_record::{Encode, Exception, Value, json};
use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple,
};

use crate::exceptions;
use crate::kinds::{self, Kind};
use crate::own_code;
use crate::raw::{exactly, foreign};

/// Longest text that is copied, in bytes; the rest is told by a mark.
const TEXT_BYTES_MAX: usize = 4 << 20;
/// Longest bytes that are copied whole; of longer ones a beginning stands as base64 text before the mark.
const BYTES_MAX: usize = 900 << 10;
const BYTES_KEPT: usize = 384 << 10;
/// Deepest nesting of lists and dicts, below what a reader of the ring follows.
const DEPTH_MAX: usize = DEPTH_LIMIT / 2;
/// Most elements of lists and dicts in one value, all levels together.
const ELEMENTS_MAX: usize = 10_000;
/// Appends one value.
#[inline]
pub(crate) fn push(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) {
    if !push_plain(value, out) {
        Nested { path: Vec::new(), left: ELEMENTS_MAX }.push(value, out);
    }
}

/// Appends a value of a plain type; `false`, with nothing appended, for all others.
#[inline]
pub(crate) fn push_plain(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> bool {
    if let Some(text) = exactly::<PyString>(value) {
        match text.to_str() {
            Ok(text) => push_text(text, out),
            Err(_) => push_text(&with_escapes(text), out),
        }
    } else if let Some(number) = exactly::<PyInt>(value) {
        push_integer(number, out);
    } else if let Some(number) = exactly::<PyFloat>(value) {
        out.push(Tag::F64 as u8);
        out.extend_from_slice(&number.value().to_le_bytes());
    } else if value.is_none() {
        out.push(Tag::Null as u8);
    } else if let Some(truth) = exactly::<PyBool>(value) {
        out.push(if truth.is_true() { Tag::True } else { Tag::False } as u8);
    } else {
        return false;
    }
    true
}

/// Appends a value as `str` shows it, plain types as themselves.
pub(crate) fn push_shown(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) {
    if !push_plain(value, out) {
        push_text(&shown(value), out);
    }
}

/// Number of characters that a mask in place of the value hides, where that is known.
pub(crate) fn hidden_chars(value: &Bound<'_, PyAny>) -> u32 {
    let text = exactly::<PyString>(value).and_then(|text| text.len().ok());
    text.map_or(0, |count| u32::try_from(count).unwrap_or(u32::MAX))
}

/// Appends text, cut with a mark where it is longer than any record.
pub(crate) fn push_text(text: &str, out: &mut Vec<u8>) {
    if text.len() > TEXT_BYTES_MAX {
        let (kept, cut) = text.split_at(text.floor_char_boundary(TEXT_BYTES_MAX));
        return push_long(Tag::Text, [kept, &cut_mark(cut.chars().count(), "chars")].concat(), out);
    }
    push_long(Tag::Text, text, out);
}

#[inline]
fn push_long(tag: Tag, bytes: impl AsRef<[u8]>, out: &mut Vec<u8>) {
    let bytes = bytes.as_ref();
    let [a, b, c, d] = (bytes.len() as u32).to_le_bytes();
    out.extend_from_slice(&[tag as u8, a, b, c, d]);
    out.extend_from_slice(bytes);
}

fn push_integer(number: &Bound<'_, PyInt>, out: &mut Vec<u8>) {
    if let Ok(number) = number.extract::<i64>() {
        out.push(Tag::I64 as u8);
        out.extend_from_slice(&number.to_le_bytes());
        return;
    }
    let digits = number.str().and_then(|digits| digits.to_str().map(str::to_owned));
    match digits {
        Ok(digits) if digits.len() <= usize::from(u16::MAX) => {
            push_digits(Tag::BigInteger, &digits, out)
        }
        // Python refuses to write thousands of digits unless asked for another base.
        _ => push_text(&in_hexadecimal(number), out),
    }
}

fn in_hexadecimal(number: &Bound<'_, PyInt>) -> String {
    let digits = number.call_method1("__format__", ("#x",));
    digits
        .and_then(|digits| digits.extract())
        .unwrap_or_else(|_| unprintable(number.as_any(), None))
}

fn push_digits(tag: Tag, digits: &str, out: &mut Vec<u8>) {
    let [low, high] = (digits.len() as u16).to_le_bytes();
    out.extend_from_slice(&[tag as u8, low, high]);
    out.extend_from_slice(digits.as_bytes());
}

/// Text with surrogates that stand alone: they are escaped.
fn with_escapes(text: &Bound<'_, PyString>) -> String {
    let bytes = text.call_method1("encode", ("utf-8", "backslashreplace"));
    let bytes = bytes.and_then(|bytes| bytes.extract::<Vec<u8>>());
    bytes.map_or_else(|_| String::new(), |bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The text of a Python string, whatever it holds.
pub(crate) fn text_of(text: &Bound<'_, PyString>) -> String {
    text.to_str().map_or_else(|_| with_escapes(text), str::to_owned)
}

/// What `str` says of a value, or a mark that it cannot be shown.
pub(crate) fn shown(value: &Bound<'_, PyAny>) -> String {
    if let Some(text) = exactly::<PyString>(value) {
        return text_of(text);
    }
    let result = own_code::run(value.py(), || foreign::text(value).map(|text| text_of(&text)));
    result.unwrap_or_else(|error| unprintable(value, error.as_ref()))
}

/// The mark in place of a value that cannot be shown. What is no ordinary exception, such as that of
/// Ctrl+C, is raised again where the interpreter looks for it next.
fn unprintable(value: &Bound<'_, PyAny>, error: Option<&PyErr>) -> String {
    let py = value.py();
    let class = value.get_type();
    let name = class.fully_qualified_name().map_or_else(|_| "?".to_owned(), |name| text_of(&name));
    let Some(error) = error else { return format!("[UNPRINTABLE {name}]") };
    if !error.is_instance_of::<PyException>(py) {
        exceptions::keep_for_later(py, error);
    }
    let reason = error.get_type(py).name().map_or_else(|_| "?".to_owned(), |name| text_of(&name));
    format!("[UNPRINTABLE {name}: {reason}]")
}

/// A value as Python has it; one that is no text, number or truth value as JSON text.
pub(crate) fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    match value {
        Value::Null => Ok(py.None().into_bound(py)),
        Value::Bool(value) => value.into_bound_py_any(py),
        Value::I64(value) => value.into_bound_py_any(py),
        Value::F64(value) => value.into_bound_py_any(py),
        Value::Text(text) => text.into_bound_py_any(py),
        other => json::to_json(other).into_bound_py_any(py),
    }
}

/// Appends an exception.
pub(crate) fn push_exception(exception: &Exception, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + exception.encoded_len(), 0);
    exception.encode(&mut Encoder::new(&mut out[start..]));
}

/// A value that may hold others.
struct Nested {
    /// Addresses of the values that this one is within.
    path: Vec<usize>,
    left: usize,
}

impl Nested {
    fn push(&mut self, value: &Bound<'_, PyAny>, out: &mut Vec<u8>) {
        if push_plain(value, out) {
            return;
        }
        let address = value.as_ptr() as usize;
        if self.path.contains(&address) {
            return push_text("[CYCLE]", out);
        }
        if self.path.len() >= DEPTH_MAX {
            return push_text("[TOO DEEP]", out);
        }
        self.path.push(address);
        let start = out.len();
        if let Err(error) = self.push_kind(kinds::of(value), value, out) {
            out.truncate(start);
            push_text(&unprintable(value, error.as_ref()), out);
        }
        self.path.pop();
    }

    fn push_kind(
        &mut self,
        kind: Kind,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Result<(), Option<PyErr>> {
        match kind {
            Kind::Dict => self.push_dict(value, out)?,
            Kind::Sequence => self.push_sequence(value, out)?,
            Kind::Bytes => push_bytes_of(value, out)?,
            Kind::Exception => push_exception(&exceptions::chain(value, true), out),
            Kind::Decimal => {
                let digits = run(value, || foreign::text(value).map(|text| text_of(&text)))?;
                // A number that was cut would be another one.
                match digits.len() <= usize::from(u16::MAX) {
                    true => push_digits(Tag::Decimal, &digits, out),
                    false => push_text(&digits, out),
                }
            }
            Kind::Seconds => {
                let seconds: f64 =
                    run(value, || foreign::method0(value, "total_seconds")?.extract())?;
                out.push(Tag::F64 as u8);
                out.extend_from_slice(&seconds.to_le_bytes());
            }
            Kind::Time => self.push_result(value, "isoformat", out)?,
            Kind::Item => self.push_item(value, out)?,
            Kind::Span => self.push_span(value, out)?,
            Kind::Model => self.push_result(value, "model_dump", out)?,
            Kind::Lazy => {
                let made = run(value, || foreign::method0(value, "__call__"))?;
                self.push(&made, out);
            }
            Kind::Enumeration => {
                let inner = run(value, || foreign::get(value, "value"))?;
                self.push(&inner, out);
            }
            Kind::Dataclass => self.push_dataclass(value, out)?,
            Kind::Other => push_text(&shown(value), out),
        }
        Ok(())
    }

    /// Appends what a method without arguments returns.
    fn push_result(
        &mut self,
        value: &Bound<'_, PyAny>,
        method: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), Option<PyErr>> {
        let made = run(value, || foreign::method0(value, method))?;
        self.push(&made, out);
        Ok(())
    }

    /// Appends a scalar of numpy as Python's own; one that has none as the nearest float, or as it shows itself.
    fn push_item(
        &mut self,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Result<(), Option<PyErr>> {
        let py = value.py();
        let made = run(value, || foreign::method0(value, "item"))?;
        if !made.get_type().is(value.get_type()) {
            self.push(&made, out);
            return Ok(());
        }
        let float = run(value, || {
            let values = PyTuple::new(py, [value])?;
            foreign::call(py.get_type::<PyFloat>().as_any(), &values, None)
        });
        match float {
            Ok(float) => self.push(&float, out),
            Err(_) => push_text(&shown(value), out),
        }
        Ok(())
    }

    /// Appends a duration of numpy as seconds; one too fine or too coarse for Python as it shows itself.
    fn push_span(
        &mut self,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Result<(), Option<PyErr>> {
        let made = run(value, || foreign::method0(value, "item"))?;
        match exactly::<PyInt>(&made) {
            Some(_) => push_text(&shown(value), out),
            None => self.push(&made, out),
        }
        Ok(())
    }

    fn push_sequence(
        &mut self,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Result<(), Option<PyErr>> {
        let length = run(value, || foreign::length(value))?;
        let mut sequence = Sequence::begin(Tag::Array, out);
        let elements = run(value, || foreign::iterator(value))?;
        while let Some(element) = run(value, || foreign::next(&elements))? {
            if !self.take_one() {
                sequence.count += 1;
                let kept = sequence.count as usize - 1;
                push_text(&cut_mark(length.saturating_sub(kept), "items"), out);
                break;
            }
            sequence.count += 1;
            self.push(&element, out);
        }
        sequence.end(out);
        Ok(())
    }

    fn push_dict(
        &mut self,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Result<(), Option<PyErr>> {
        let length = run(value, || foreign::length(value))?;
        let mut sequence = Sequence::begin(Tag::Object, out);
        let entries = run(value, || foreign::iterator(&foreign::method0(value, "items")?))?;
        while let Some(entry) = run(value, || foreign::next(&entries))? {
            if !self.take_one() {
                let kept = sequence.count as usize;
                sequence.count += 1;
                push_name("truncated", out);
                push_text(&cut_mark(length.saturating_sub(kept), "items"), out);
                break;
            }
            let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) =
                entry.extract().map_err(Some)?;
            sequence.count += 1;
            push_name(&name_of(&key), out);
            self.push(&value, out);
        }
        sequence.end(out);
        Ok(())
    }

    fn push_dataclass(
        &mut self,
        value: &Bound<'_, PyAny>,
        out: &mut Vec<u8>,
    ) -> Result<(), Option<PyErr>> {
        let fields =
            run(value, || foreign::iterator(&foreign::get(value, "__dataclass_fields__")?))?;
        let mut sequence = Sequence::begin(Tag::Object, out);
        while let Some(field) = run(value, || foreign::next(&fields))? {
            let name = name_of(&field);
            let Ok(inner) = run(value, || foreign::get(value, name.as_str())) else { continue };
            if !self.take_one() {
                break;
            }
            sequence.count += 1;
            push_name(&name, out);
            self.push(&inner, out);
        }
        sequence.end(out);
        Ok(())
    }

    fn take_one(&mut self) -> bool {
        let any = self.left > 0;
        self.left = self.left.saturating_sub(1);
        any
    }
}

/// Runs code that may be the value's own: that of containers of Python itself is not.
fn run<T>(
    value: &Bound<'_, PyAny>,
    work: impl FnOnce() -> PyResult<T>,
) -> Result<T, Option<PyErr>> {
    let is_pythons = exactly::<PyDict>(value).is_some()
        || exactly::<PyList>(value).is_some()
        || exactly::<PyTuple>(value).is_some();
    if is_pythons { work().map_err(Some) } else { own_code::run(value.py(), work) }
}

/// The name under which a key of a dict stands.
pub(crate) fn name_of(key: &Bound<'_, PyAny>) -> String {
    match exactly::<PyString>(key) {
        Some(text) => text_of(text),
        None => shown(key),
    }
}

/// The name of a field. An empty one is that of a value without a name, so that it becomes `_`.
pub(crate) fn field_name(key: &Bound<'_, PyAny>) -> String {
    Some(name_of(key)).filter(|name| !name.is_empty()).unwrap_or_else(|| "_".to_owned())
}

pub(crate) fn push_name(name: &str, out: &mut Vec<u8>) {
    let name = &name[..name.floor_char_boundary(usize::from(u16::MAX))];
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&(name.len() as u16).to_le_bytes());
    out.extend_from_slice(name.as_bytes());
}

fn push_bytes_of(value: &Bound<'_, PyAny>, out: &mut Vec<u8>) -> Result<(), Option<PyErr>> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        push_bytes(bytes.as_bytes(), out);
    } else if let Ok(bytes) = value.cast::<PyByteArray>() {
        push_bytes(&bytes.to_vec(), out);
    } else {
        let copy = run(value, || foreign::method0(value, "tobytes")?.extract::<Vec<u8>>())?;
        push_bytes(&copy, out);
    }
    Ok(())
}

fn push_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.len() <= BYTES_MAX {
        return push_long(Tag::Bytes, bytes, out);
    }
    let (kept, cut) = bytes.split_at(BYTES_KEPT);
    let text = json::to_json(&Value::Bytes(kept.to_vec()));
    let mark = cut_mark(cut.len(), "bytes");
    push_long(Tag::Text, [text.trim_matches('"'), &mark].concat(), out);
}

/// An array or object whose length and count are written at its end.
pub(crate) struct Sequence {
    at: usize,
    count: u32,
}

impl Sequence {
    pub(crate) fn begin(tag: Tag, out: &mut Vec<u8>) -> Sequence {
        out.push(tag as u8);
        let at = out.len();
        out.extend_from_slice(&[0; 8]);
        Sequence { at, count: 0 }
    }

    /// Ends it with so many elements, which the caller has counted.
    pub(crate) fn end_with(self, count: usize, out: &mut [u8]) {
        Sequence { count: count as u32, ..self }.end(out);
    }

    fn end(self, out: &mut [u8]) {
        let length = (out.len() - self.at - 4) as u32;
        out[self.at..self.at + 4].copy_from_slice(&length.to_le_bytes());
        out[self.at + 4..self.at + 8].copy_from_slice(&self.count.to_le_bytes());
    }
}
