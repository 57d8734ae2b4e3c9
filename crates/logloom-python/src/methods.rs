//! The methods that log: one for each level, `exception` and `log`, the same for both doors.

use std::marker::PhantomData;

use logloom_record::Level;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::raw::{self, Arguments, Method};

/// What a method was asked for.
#[derive(Clone, Copy)]
pub(crate) enum Verb {
    /// A record of this level.
    At(Level),
    /// An error with the exception that is being handled.
    Exception,
    /// A record of the level that comes first among the arguments.
    Log,
}

/// How an object logs.
pub(crate) trait Door {
    /// Logs; the arguments are those of the method.
    fn log<'py>(
        py: Python<'py>,
        this: &Bound<'py, PyAny>,
        verb: Verb,
        arguments: Arguments<'_, 'py>,
    ) -> PyResult<()>;
}

/// The verbs by number, so that each method is compiled for its own.
const VERBS: [Verb; 8] = [
    Verb::At(Level::Trace),
    Verb::At(Level::Debug),
    Verb::At(Level::Info),
    Verb::At(Level::Warn),
    Verb::At(Level::Error),
    Verb::At(Level::Fatal),
    Verb::Exception,
    Verb::Log,
];

struct Verbal<D, const VERB: usize>(PhantomData<D>);

impl<D: Door, const VERB: usize> Method for Verbal<D, VERB> {
    #[inline]
    fn call<'py>(
        py: Python<'py>,
        this: &Bound<'py, PyAny>,
        arguments: Arguments<'_, 'py>,
    ) -> PyResult<()> {
        D::log(py, this, VERBS[VERB], arguments)
    }
}

/// Gives `class` the method `trace`, which `logging` has not.
pub(crate) fn add_trace<D: Door>(class: &Bound<'_, PyType>) -> PyResult<()> {
    raw::add_method::<Verbal<D, 0>>(class, class, c"trace", c"Logs at TRACE.")
}

/// Gives `class` the methods that `logging` has; they take instances of `owner`.
pub(crate) fn add<D: Door>(class: &Bound<'_, PyType>, owner: &Bound<'_, PyType>) -> PyResult<()> {
    raw::add_method::<Verbal<D, 1>>(class, owner, c"debug", c"Logs at DEBUG.")?;
    raw::add_method::<Verbal<D, 2>>(class, owner, c"info", c"Logs at INFO.")?;
    raw::add_method::<Verbal<D, 3>>(class, owner, c"warning", c"Logs at WARN.")?;
    raw::add_method::<Verbal<D, 4>>(class, owner, c"error", c"Logs at ERROR.")?;
    raw::add_method::<Verbal<D, 5>>(class, owner, c"critical", c"Logs at FATAL.")?;
    let text = c"Logs at ERROR, with the exception that is being handled.";
    raw::add_method::<Verbal<D, 6>>(class, owner, c"exception", text)?;
    raw::add_method::<Verbal<D, 7>>(class, owner, c"log", c"Logs at the level that comes first.")
}
