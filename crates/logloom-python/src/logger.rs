//! `logloom.Logger`: a name, bound fields, and a method for each level that takes its arguments as they
//! lie on the interpreter's stack.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use logloom_record::Level;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::call::{self, Origin};
use crate::emit::{Scratch, bit};
use crate::extras;
use crate::methods::{self, Door, Verb};
use crate::raw::{Arguments, foreign};
use crate::sites::{self, Module};
use crate::values;

/// Most different lists of bound names that are told apart by a number.
const SHAPES_MAX: usize = 4_096;

/// Fields that all records of a logger carry, encoded once.
#[derive(Default)]
pub(crate) struct Bindings {
    names: Vec<String>,
    values: Scratch,
    shape: u64,
}

impl Bindings {
    /// These with more fields; later values of a name win.
    fn with(&self, fields: &Bound<'_, PyDict>) -> Bindings {
        let mut all: Vec<(String, Vec<u8>)> =
            self.each().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
        for (name, value) in fields
            .items()
            .iter()
            .filter_map(|entry| entry.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>().ok())
        {
            let mut bytes = Vec::new();
            values::push(&value, &mut bytes);
            let name = values::field_name(&name);
            match all.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = bytes,
                None => all.push((name, bytes)),
            }
        }
        let mut bindings = Bindings::default();
        for (name, bytes) in all {
            bindings.names.push(name);
            bindings.values.bytes.extend_from_slice(&bytes);
            bindings.values.end_value();
        }
        bindings.shape = shape(&bindings.names);
        bindings
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The same number for the same names.
    pub(crate) fn shape(&self) -> u64 {
        self.shape
    }

    /// Names and encoded values.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.names.iter().enumerate().map(|(index, name)| (name.as_str(), self.values.value(index)))
    }

    /// Appends the values, masked by the bits from where the record's values have come to.
    #[inline]
    pub(crate) fn add_to(&self, mask: u64, scratch: &mut Scratch) {
        if mask == 0 {
            return scratch.extend(&self.values.bytes, self.values.ends());
        }
        for (_, bytes) in self.each() {
            if mask & bit(scratch.count()) != 0 {
                scratch.mask_value(0);
            } else {
                scratch.bytes.extend_from_slice(bytes);
                scratch.end_value();
            }
        }
    }
}

fn shape(names: &[String]) -> u64 {
    static SHAPES: Mutex<Option<HashMap<Vec<String>, u64>>> = Mutex::new(None);
    static NEXT: AtomicU64 = AtomicU64::new(1);
    if names.is_empty() {
        return 0;
    }
    let mut shapes = SHAPES.lock().unwrap_or_else(PoisonError::into_inner);
    let shapes = shapes.get_or_insert_default();
    if let Some(shape) = shapes.get(names) {
        return *shape;
    }
    let shape = NEXT.fetch_add(1, Ordering::Relaxed);
    if shapes.len() < SHAPES_MAX {
        shapes.insert(names.to_vec(), shape);
    }
    shape
}

/// Logs under a name, with fields that all its records carry. Made by `logloom.get_logger`.
#[pyclass(frozen, module = "logloom._core")]
pub(crate) struct Logger {
    module: &'static Module,
    bindings: Arc<Bindings>,
}

impl Logger {
    fn origin(&self, level: Level) -> Origin<'_> {
        Origin { module: self.module, bindings: &self.bindings, level, is_standard: false }
    }
}

#[pymethods]
impl Logger {
    /// The logger's name.
    #[getter]
    fn name(&self) -> &'static str {
        self.module.name
    }

    /// A logger of the same name whose records carry these fields as well.
    #[pyo3(signature = (**fields))]
    fn bind(&self, fields: Option<&Bound<'_, PyDict>>) -> Logger {
        let bindings = match fields {
            Some(fields) => Arc::new(self.bindings.with(fields)),
            None => Arc::clone(&self.bindings),
        };
        Logger { module: self.module, bindings }
    }

    /// Whether records of this level are kept.
    fn is_enabled_for(&self, level: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(self.module.is_on(extras::level_of(level)?))
    }

    /// Turns exceptions of a block or a function into records: `with log.catch():`, `@log.catch`,
    /// `@log.catch(ValueError, message="…", level="WARNING", reraise=True, default=0)`.
    #[pyo3(signature = (*arguments, **named))]
    fn catch<'py>(
        this: &Bound<'py, Logger>,
        arguments: &Bound<'py, PyTuple>,
        named: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let make = this.py().import("logloom._catch")?.getattr("catch")?;
        let all = [this.as_any().clone()].into_iter().chain(arguments.iter());
        foreign::call(&make, &PyTuple::new(this.py(), all.collect::<Vec<_>>())?, named)
    }

    fn __repr__(&self) -> String {
        format!("<logloom.Logger {:?}>", self.module.name)
    }

    /// It never changes, so a copy is the same one.
    fn __copy__(this: Py<Logger>) -> Py<Logger> {
        this
    }

    fn __deepcopy__(this: Py<Logger>, _memo: &Bound<'_, PyAny>) -> Py<Logger> {
        this
    }

    /// Another process has the logger of the same name. Bound values stand here as they are written, no longer as
    /// the objects they were.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (&'static str,))> {
        if !self.bindings.names.is_empty() {
            return Err(PyTypeError::new_err(
                "a logger with bound fields cannot be pickled: pickle what was bound, and bind it there",
            ));
        }
        Ok((py.import("logloom")?.getattr("get_logger")?, (self.module.name,)))
    }
}

/// The logger of a name.
#[pyfunction]
pub(crate) fn get_logger(name: &str) -> Logger {
    Logger { module: sites::module(name, false), bindings: Arc::default() }
}

impl Door for Logger {
    #[inline]
    fn log<'py>(
        py: Python<'py>,
        this: &Bound<'py, PyAny>,
        verb: Verb,
        arguments: Arguments<'_, 'py>,
    ) -> PyResult<()> {
        let logger = this.cast::<Logger>()?.get();
        match verb {
            Verb::At(level) => call::log(py, logger.origin(level), arguments),
            Verb::Exception => call::log_exception(py, logger.origin(Level::Error), arguments),
            Verb::Log => {
                let level = arguments.get(0).filter(|_| arguments.positional() > 0);
                let level = level.ok_or_else(|| PyTypeError::new_err("log() needs a level"))?;
                call::log(py, logger.origin(extras::level_of(level)?), arguments.skip(1))
            }
        }
    }
}

/// Adds the class and its methods.
pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Logger>()?;
    let class = module.py().get_type::<Logger>();
    methods::add_trace::<Logger>(&class)?;
    methods::add::<Logger>(&class, &class)
}
