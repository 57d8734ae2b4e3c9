//! Calls that carry more than fields: exceptions, stacks, another place, a message that Python formats.
//! They are rare or dear by themselves, so that what they need is collected by name.

use logloom_core::runtime;
use logloom_record::wire::{self, Tag};
use logloom_record::{Exception, Level};
use logloom_ring::site::OFF;
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyTuple};

use crate::call::Origin;
use crate::context;
use crate::emit::{Scratch, bit};
use crate::exceptions;
use crate::own_code;
use crate::raw::{self, exactly, foreign};
use crate::sites::{self, Description, Style};
use crate::stdlog;
use crate::values;

/// Most fields of an `extra` that is no dict.
const EXTRA_MAX: usize = 10_000;
/// Most values that a text which cannot be formatted is shown with.
const SHOWN_MAX: usize = 8;

/// What a call carries beside its message and fields.
#[derive(Default)]
pub(crate) struct Extras<'py> {
    /// The exception that it tells of.
    pub(crate) exception: Option<Bound<'py, PyAny>>,
    /// Whether the stack around the call is told.
    pub(crate) has_stack: bool,
    /// How many frames above the call its place is.
    pub(crate) above: usize,
    /// Fields of `extra`.
    pub(crate) fields: Vec<(String, Bound<'py, PyAny>)>,
    /// File and line, where they are known.
    pub(crate) place: Option<(String, u32)>,
}

/// Whether an argument of this name is no field.
pub(crate) fn is_special(name: &str) -> bool {
    matches!(name, "exc_info" | "stack_info" | "stacklevel" | "extra")
}

impl<'py> Extras<'py> {
    /// Takes an argument that is no field; `false` for all others.
    pub(crate) fn take(&mut self, py: Python<'py>, name: &str, value: &Bound<'py, PyAny>) -> bool {
        match name {
            "exc_info" => self.exception = exception_of(py, value),
            "stack_info" => self.has_stack = foreign::truth(value).unwrap_or(false),
            "stacklevel" => {
                let level: usize = value.extract().unwrap_or(1);
                self.above = level.saturating_sub(1);
            }
            _ => return false,
        }
        true
    }

    /// Takes the fields of `extra`, whatever their names and sort of mapping; `false` for all else.
    pub(crate) fn take_extra(&mut self, name: &str, value: &Bound<'py, PyAny>) -> bool {
        if name != "extra" || value.is_none() {
            return name == "extra";
        }
        let entries = match value.cast::<PyDict>() {
            Ok(fields) => fields.items().extract().map_err(Some),
            Err(_) => own_code::run(value.py(), || entries(value)),
        };
        let is_mapping = entries.is_ok();
        let named = entries.into_iter().flatten();
        self.fields
            .extend(named.map(|(name, value): Entry<'_>| (values::field_name(&name), value)));
        is_mapping
    }
}

/// A key and its value.
type Entry<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// What a mapping that is no dict holds; an error for all else.
fn entries<'py>(value: &Bound<'py, PyAny>) -> PyResult<Vec<Entry<'py>>> {
    let keys = foreign::iterator(&foreign::method0(value, "keys")?)?;
    let mut entries = Vec::new();
    while let Some(key) = foreign::next(&keys)? {
        let of_key = PyTuple::new(value.py(), [&key])?;
        let found = foreign::method(value, "__getitem__", &of_key)?;
        entries.push((key, found));
        if entries.len() >= EXTRA_MAX {
            break;
        }
    }
    Ok(entries)
}

/// The exception that is being handled.
pub(crate) fn current_exception(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    let current = py.import("sys").and_then(|sys| sys.call_method0("exc_info"));
    let value = current.and_then(|triple| triple.get_item(1)).ok()?;
    (!value.is_none()).then_some(value)
}

/// What `exc_info` means: an exception, a triple with one, or anything true for the current one.
fn exception_of<'py>(py: Python<'py>, value: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    if value.is_instance_of::<PyBaseException>() {
        return Some(value.clone());
    }
    if let Ok(triple) = value.cast::<PyTuple>() {
        return triple.get_item(1).ok().filter(|value| value.is_instance_of::<PyBaseException>());
    }
    if foreign::truth(value).unwrap_or(false) { current_exception(py) } else { None }
}

/// The message that Python makes of a text and values; where it cannot, the text with a mark.
pub(crate) fn formatted<'py>(
    message: &Bound<'py, PyAny>,
    values: &[&Bound<'py, PyAny>],
    named: &Bound<'py, PyDict>,
) -> String {
    let py = message.py();
    let Ok(text) = foreign::text(message) else { return values::shown(message) };
    let attempt = own_code::run(py, || {
        let tuple = PyTuple::new(py, values)?;
        let by_percent = || -> PyResult<Bound<'py, PyAny>> {
            match values {
                [one] if one.is_instance_of::<PyDict>() && foreign::truth(one)? => {
                    foreign::method(&text, "__mod__", &PyTuple::new(py, [one])?)
                }
                _ => foreign::method(&text, "__mod__", &PyTuple::new(py, [&tuple])?),
            }
        };
        let format = |values: &Bound<'py, PyTuple>| {
            foreign::call(&foreign::get(&text, "format")?, values, Some(named))
        };
        let made = if values.is_empty() {
            format(&PyTuple::empty(py))
        } else {
            let braces = |_| format(&tuple);
            match values::text_of(&text).contains('%') {
                true => by_percent(),
                false => {
                    Err(pyo3::exceptions::PyTypeError::new_err("no conversion")).or_else(braces)
                }
            }
        };
        foreign::text(&made?).map(|made| values::text_of(&made))
    });
    let is_complete = |made: &String| values.is_empty() || *made != values::text_of(&text);
    match attempt {
        Ok(made) if is_complete(&made) => made,
        Ok(made) => unformatted(&made, values, "arguments without a place"),
        Err(error) => {
            let reason =
                error.map_or_else(|| "nested too deep".to_owned(), |error| reason(py, &error));
            unformatted(&values::text_of(&text), values, &reason)
        }
    }
}

/// The values that a text may name, those with secret names hidden.
pub(crate) fn named<'py>(
    py: Python<'py>,
    origin: Origin<'_>,
    fields: &[(String, Bound<'py, PyAny>)],
) -> Bound<'py, PyDict> {
    let named = PyDict::new(py);
    let put = |name: &str, value: Option<Bound<'py, PyAny>>| {
        let is_secret = secret(&[name.to_owned()]) != 0;
        // A name that cannot be set is one that the text does not find.
        let _ = match value {
            Some(value) if !is_secret => named.set_item(name, value),
            _ => named.set_item(name, "[MASKED]"),
        };
    };
    for (name, bytes) in origin.bindings.each() {
        let value = wire::read_value(bytes).and_then(wire::value_from_view);
        put(name, value.ok().and_then(|value| values::to_python(py, &value).ok()));
    }
    fields.iter().for_each(|(name, value)| put(name, Some(value.clone())));
    named
}

fn reason(py: Python<'_>, error: &PyErr) -> String {
    let exception = exceptions::chain(error.value(py).as_any(), false);
    format!("{}: {}", exception.type_name, exception.message)
}

fn unformatted(text: &str, values: &[&Bound<'_, PyAny>], reason: &str) -> String {
    let shown: Vec<String> =
        values.iter().take(SHOWN_MAX).map(|value| values::shown(value)).collect();
    format!("{text} [UNFORMATTED ({}): {reason}]", shown.join(", "))
}

/// File and line of a call, this many frames above the innermost that is not of `logging`.
fn place(py: Python<'_>, above: usize) -> Option<(String, u32)> {
    let mut frame = raw::frame(py)?;
    let file = |frame: &Bound<'_, PyAny>| -> PyResult<String> {
        frame.getattr("f_code")?.getattr("co_filename")?.extract()
    };
    let mut left = above;
    loop {
        let is_own = file(&frame).is_ok_and(|file| stdlog::is_own_file(py, &file));
        if left == 0 && !is_own {
            break;
        }
        left -= usize::from(!is_own);
        match frame.getattr("f_back") {
            Ok(outer) if !outer.is_none() => frame = outer,
            _ => break,
        }
    }
    let line = frame.getattr("f_lineno").and_then(|line| line.extract()).unwrap_or(0);
    Some((file(&frame).unwrap_or_default(), line))
}

/// Logs a call whose values are collected by name.
pub(crate) fn log<'py>(
    py: Python<'py>,
    origin: Origin<'_>,
    message: Option<&Bound<'py, PyAny>>,
    values: &[&Bound<'py, PyAny>],
    mut fields: Vec<(String, Bound<'py, PyAny>)>,
    mut extras: Extras<'py>,
) {
    let place = extras.place.take().or_else(|| place(py, extras.above));
    fields.append(&mut extras.fields);
    let bound = origin.bindings.names().iter();
    let names = bound.chain(fields.iter().map(|(name, _)| name)).cloned().collect::<Vec<_>>();
    let text = match message {
        None => String::new(),
        Some(message) => {
            let text = values::shown(message);
            let has_no_holes = origin.is_standard && values.is_empty();
            match sites::style(&text, values.len(), &names) {
                _ if has_no_holes => text,
                Style::Carried => text,
                _ => formatted(message, values, &named(py, origin, &fields)),
            }
        }
    };
    let record = Collected::new(origin, fields, &extras, py);
    record.emit(py, origin, place.unwrap_or_default(), &text);
}

/// A value with a name: Python's, or one of our own.
enum Given<'py> {
    Object(Bound<'py, PyAny>),
    Exception(Exception),
    Bytes(Vec<u8>),
}

/// Everything with a name that a record has.
struct Collected<'py>(Vec<(String, Given<'py>)>);

impl<'py> Collected<'py> {
    fn new(
        origin: Origin<'_>,
        fields: Vec<(String, Bound<'py, PyAny>)>,
        extras: &Extras<'py>,
        py: Python<'py>,
    ) -> Collected<'py> {
        let mut all = Vec::new();
        for (name, bytes) in origin.bindings.each() {
            // What the call says wins.
            if !fields.iter().any(|(own, _)| own == name) {
                all.push((name.to_owned(), Given::Bytes(bytes.to_vec())));
            }
        }
        all.extend(fields.into_iter().map(|(name, value)| (name, Given::Object(value))));
        if let Some(error) = &extras.exception {
            all.push(("exception".to_owned(), Given::Exception(exceptions::chain(error, true))));
            let members = exceptions::members(error);
            if !members.is_empty() {
                all.push(("exception_group".to_owned(), Given::Bytes(group(&members))));
            }
        }
        if extras.has_stack {
            let frames = exceptions::stack(raw::frame(py));
            let stack = Exception { frames, ..Exception::default() };
            all.push(("stack".to_owned(), Given::Exception(stack)));
        }
        Collected(all)
    }

    fn emit(&self, py: Python<'py>, origin: Origin<'_>, place: (String, u32), text: &str) {
        let names: Vec<String> = self.0.iter().map(|(name, _)| name.clone()).collect();
        let (file, line) = place;
        let plan = sites::plan(Description {
            level: origin.level,
            module: origin.module.name,
            is_standard: origin.is_standard,
            file,
            line,
            template: String::new(),
            style: Style::Carried,
            unnamed: 0,
            names: names.clone(),
        });
        context::enter(py);
        let mut scratch = Scratch::take();
        match plan {
            Some(plan) => {
                let word = sites::word(&plan.site);
                if word != OFF {
                    self.push(plan.site.mask(), &mut scratch);
                    scratch.emit(py, &plan.site, word, Some(text));
                }
            }
            None => {
                self.push(secret(&names), &mut scratch);
                emit_folded(py, origin, text, &names, &scratch);
            }
        }
        scratch.give_back();
    }

    fn push(&self, mask: u64, scratch: &mut Scratch) {
        for (index, (_, value)) in self.0.iter().enumerate() {
            let is_secret = mask & bit(index) != 0;
            match value {
                Given::Object(value) if is_secret && !value.is_none() => {
                    scratch.mask_value(values::hidden_chars(value));
                    continue;
                }
                Given::Bytes(_) if is_secret => {
                    scratch.mask_value(0);
                    continue;
                }
                Given::Object(value) => values::push(value, &mut scratch.bytes),
                Given::Exception(error) => values::push_exception(error, &mut scratch.bytes),
                Given::Bytes(bytes) => scratch.bytes.extend_from_slice(bytes),
            }
            scratch.end_value();
        }
    }
}

/// The members of a group as a list.
fn group(members: &[Bound<'_, PyAny>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sequence = values::Sequence::begin(Tag::Array, &mut bytes);
    for member in members {
        values::push_exception(&exceptions::chain(member, true), &mut bytes);
    }
    sequence.end_with(members.len(), &mut bytes);
    bytes
}

/// Which of these names are secret, as bits.
pub(crate) fn secret(names: &[String]) -> u64 {
    let handle = runtime::current();
    handle.map_or(0, |handle| handle.secret_names().mask(names.iter().map(String::as_str)))
}

/// A record of the logger's own site: its fields stand as one object.
pub(crate) fn emit_folded(
    py: Python<'_>,
    origin: Origin<'_>,
    message: &str,
    names: &[String],
    values: &Scratch,
) {
    let site = origin.module.probe(origin.level);
    let word = sites::word(site);
    if word == OFF {
        return;
    }
    let mut folded = Scratch::default();
    let sequence = values::Sequence::begin(Tag::Object, &mut folded.bytes);
    let count = values.count().min(names.len());
    for (index, name) in names.iter().enumerate().take(count) {
        values::push_name(name, &mut folded.bytes);
        folded.bytes.extend_from_slice(values.value(index));
    }
    sequence.end_with(count, &mut folded.bytes);
    folded.end_value();
    folded.emit(py, site, word, Some(message));
}

/// The level of a number as `logging` has it, or of a name; an unknown name is that of an error, so
/// that it is seen.
pub(crate) fn level_of(value: &Bound<'_, PyAny>) -> PyResult<Level> {
    if exactly::<PyBool>(value).is_none() && value.is_instance_of::<PyInt>() {
        let number: i64 = value.extract().unwrap_or(i64::MAX);
        return Ok(level_of_number(number));
    }
    let name: String = value.extract().map_err(|_| no_level(value))?;
    name.parse().map_err(|error: logloom::UnknownLevel| {
        pyo3::exceptions::PyValueError::new_err(error.to_string())
    })
}

fn no_level(value: &Bound<'_, PyAny>) -> PyErr {
    let class =
        value.get_type().name().map_or_else(|_| "?".to_owned(), |name| values::text_of(&name));
    pyo3::exceptions::PyTypeError::new_err(format!(
        "a level is a whole number as logging has it, such as 20, or a name, such as \"INFO\"; \
         this is of type {class}"
    ))
}

/// The greatest level that is no greater.
pub(crate) fn level_of_number(number: i64) -> Level {
    match number {
        50.. => Level::Fatal,
        40.. => Level::Error,
        30.. => Level::Warn,
        20.. => Level::Info,
        10.. => Level::Debug,
        _ => Level::Trace,
    }
}
