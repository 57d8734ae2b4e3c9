//! Exceptions as data: type, message, frames, causes. Frames are walked, no source line is read and
//! nothing is formatted here.

use std::cell::RefCell;

use logloom_record::{Exception, Frame};
use pyo3::exceptions::PyBaseException;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::raw::foreign;
use crate::values;

/// Most links of a chain.
const LINKS_MAX: usize = 32;
/// Most frames of one exception: the outermost and innermost halves of them.
const FRAMES_MAX: usize = 128;

thread_local! {
    static LATER: RefCell<Option<PyErr>> = const { RefCell::new(None) };
}

/// Keeps what a value raised that is no ordinary exception, such as that of Ctrl+C, until the record
/// is handed over.
pub(crate) fn keep_for_later(py: Python<'_>, error: &PyErr) {
    LATER.with(|later| later.replace(Some(error.clone_ref(py))));
}

/// What was kept.
pub(crate) fn take_kept() -> Option<PyErr> {
    LATER.with(RefCell::take)
}

/// An exception with its causes.
pub(crate) fn chain(error: &Bound<'_, PyAny>, with_frames: bool) -> Exception {
    let mut links = Vec::new();
    let mut seen = Vec::new();
    let mut next = Some(error.clone());
    while let Some(link) = next {
        let address = link.as_ptr() as usize;
        if links.len() >= LINKS_MAX || seen.contains(&address) {
            break;
        }
        seen.push(address);
        links.push(one(&link, with_frames));
        next = cause(&link);
    }
    let fold = |cause: Option<Box<Exception>>, link: Exception| {
        Some(Box::new(Exception { cause, ..link }))
    };
    links.into_iter().rev().fold(None, fold).map(|first| *first).unwrap_or_default()
}

/// The members of an exception group; empty for any other exception.
pub(crate) fn members<'py>(error: &Bound<'py, PyAny>) -> Vec<Bound<'py, PyAny>> {
    let py = error.py();
    let Ok(members) = foreign::get(error, intern!(py, "exceptions")) else { return Vec::new() };
    let Ok(members) = members.cast::<PyTuple>() else { return Vec::new() };
    let is_error = |member: &Bound<'_, PyAny>| member.is_instance_of::<PyBaseException>();
    members.iter().filter(is_error).take(LINKS_MAX).collect()
}

/// What raised it, or what was being handled when it was raised.
fn cause<'py>(error: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let py = error.py();
    let some = |name| foreign::get(error, name).ok().filter(|value| !value.is_none());
    some(intern!(py, "__cause__")).or_else(|| {
        let is_suppressed = some(intern!(py, "__suppress_context__"));
        let is_suppressed =
            is_suppressed.is_some_and(|value| foreign::truth(&value).unwrap_or(false));
        (!is_suppressed).then(|| some(intern!(py, "__context__"))).flatten()
    })
}

fn one(error: &Bound<'_, PyAny>, with_frames: bool) -> Exception {
    let py = error.py();
    let type_name = error.get_type().fully_qualified_name();
    let type_name = type_name.map_or_else(|_| String::new(), |name| values::text_of(&name));
    let type_name = type_name.strip_prefix("builtins.").unwrap_or(&type_name).to_owned();
    let mut message = values::shown(error);
    for note in notes(error) {
        message.push('\n');
        message.push_str(&note);
    }
    let traceback = foreign::get(error, intern!(py, "__traceback__")).ok();
    let frames = match traceback.filter(|_| with_frames) {
        Some(traceback) => frames(traceback),
        None => Vec::new(),
    };
    Exception { type_name, message, frames, cause: None }
}

/// What `add_note` has added.
fn notes(error: &Bound<'_, PyAny>) -> Vec<String> {
    let notes = foreign::get(error, intern!(error.py(), "__notes__")).ok();
    let notes = notes.as_ref().and_then(|notes| notes.cast::<PyList>().ok());
    notes.map_or_else(Vec::new, |notes| notes.iter().map(|note| values::name_of(&note)).collect())
}

/// The frames of a traceback, innermost first.
fn frames(traceback: Bound<'_, PyAny>) -> Vec<Frame> {
    let py = traceback.py();
    let mut frames = Vec::new();
    let mut next = Some(traceback);
    while let Some(at) = next.filter(|at| !at.is_none()) {
        let code = at
            .getattr(intern!(py, "tb_frame"))
            .and_then(|frame| frame.getattr(intern!(py, "f_code")));
        let line = at.getattr(intern!(py, "tb_lineno")).and_then(|line| line.extract());
        if let Ok(code) = code {
            frames.push(frame(&code, line.unwrap_or(0)));
        }
        if frames.len() > FRAMES_MAX {
            // The middle of an endless recursion says nothing.
            frames.remove(FRAMES_MAX / 2);
        }
        next = at.getattr(intern!(py, "tb_next")).ok();
    }
    frames.reverse();
    frames
}

/// The frames around a call, innermost first.
pub(crate) fn stack(innermost: Option<Bound<'_, PyAny>>) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut next = innermost;
    while let Some(at) = next.filter(|at| !at.is_none()) {
        let py = at.py();
        let line = at.getattr(intern!(py, "f_lineno")).and_then(|line| line.extract());
        if let Ok(code) = at.getattr(intern!(py, "f_code")) {
            frames.push(frame(&code, line.unwrap_or(0)));
        }
        if frames.len() >= FRAMES_MAX {
            break;
        }
        next = at.getattr(intern!(py, "f_back")).ok();
    }
    frames
}

fn frame(code: &Bound<'_, PyAny>, line: u32) -> Frame {
    let py = code.py();
    let text = |name| code.getattr(name).and_then(|text| text.extract::<String>());
    let function = text(intern!(py, "co_qualname")).or_else(|_| text(intern!(py, "co_name")));
    let file = text(intern!(py, "co_filename")).unwrap_or_default();
    Frame { function: function.unwrap_or_default(), module: String::new(), file, line }
}
