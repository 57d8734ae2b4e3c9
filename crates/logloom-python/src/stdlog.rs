//! The methods of `logging.Logger` at native speed. A logger of the standard library comes in; where
//! nothing but this library would see its records they go straight into the ring, else the method of the
//! standard library is called, as if this one were not there.
//!
//! What is decided for a logger holds for an epoch. All that could change the decision (levels,
//! handlers, filters, parents) ends the epoch: the package's `_stdlib.py` sees to that.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};

use logloom_record::Level;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyInt, PyString, PyTuple, PyType};

use crate::call::{self, Origin};
use crate::extras;
use crate::logger::Bindings;
use crate::methods::{self, Door, Verb};
use crate::raw::{self, Arguments, foreign};
use crate::sites::{self, Module};

/// Loggers whose decision is remembered by their address; a power of two.
const REMEMBERED: usize = 512;

static EPOCH: AtomicU64 = AtomicU64::new(1);
/// Fields of the loggers of the standard library: none.
pub(crate) static BINDINGS: LazyLock<Bindings> = LazyLock::new(Bindings::default);
/// `logging.Logger`, and the functions of the package that decide.
static SHARED: PyOnceLock<Shared> = PyOnceLock::new();

struct Shared {
    class: Py<PyType>,
    decide: Py<PyAny>,
    /// The file of `logging`, whose frames are no callers.
    source: String,
    /// Classes that records go through.
    watched: Vec<Watched>,
    /// The methods of `logging.Logger` by whose names records are logged.
    verbs: Vec<(String, Named)>,
    /// The dictionary of `logging.Logger`.
    own: Py<PyDict>,
}

/// A name and what stands under it.
type Named = (Py<PyAny>, Py<PyAny>);

/// The dictionary of a class that records go through, and what it must be for them to go natively.
struct Watched {
    dictionary: Py<PyDict>,
    /// These methods are still there.
    present: Vec<Named>,
    /// None of these has been added, so that it need not be looked for while the class has as many entries.
    absent: Vec<Py<PyAny>>,
    length: usize,
}

impl Watched {
    #[inline]
    fn is_original(&self, py: Python<'_>) -> bool {
        let dictionary = self.dictionary.bind(py);
        let is_absent = |name| raw::holds(dictionary, name, None);
        self.present.iter().all(|(name, method)| raw::holds(dictionary, name, Some(method)))
            && (dictionary.len() == self.length || self.absent.iter().all(is_absent))
    }
}

/// What holds for a logger until the epoch ends.
#[derive(Clone, Copy)]
struct Decision {
    epoch: u64,
    /// Lowest level that is kept, as a number of `logging`.
    threshold: i64,
    /// Whether records go straight into the ring.
    is_native: bool,
    module: &'static Module,
}

/// A logger, kept alive so that its address stays its own, and what holds for it.
type Decided = (Py<PyAny>, Decision);

static DECISIONS: Mutex<Vec<Option<Decided>>> = Mutex::new(Vec::new());

/// Ends the epoch: every logger is looked at anew.
#[pyfunction]
pub(crate) fn changed() {
    EPOCH.fetch_add(1, Ordering::Relaxed);
}

fn slot(logger: &Bound<'_, PyAny>) -> usize {
    (logger.as_ptr() as usize >> 4) % REMEMBERED
}

fn decision(logger: &Bound<'_, PyAny>) -> PyResult<Decision> {
    let epoch = EPOCH.load(Ordering::Relaxed);
    if let Ok(known) = DECISIONS.try_lock()
        && let Some(Some((of, decision))) = known.get(slot(logger))
        && of.as_ptr() == logger.as_ptr()
        && decision.epoch == epoch
    {
        return Ok(*decision);
    }
    raw::attached(|| decide(logger, epoch))
}

#[cold]
fn decide(logger: &Bound<'_, PyAny>, epoch: u64) -> PyResult<Decision> {
    let py = logger.py();
    let shared = SHARED.get(py).ok_or_else(not_installed)?;
    let decided = foreign::call(shared.decide.bind(py), &PyTuple::new(py, [logger])?, None)?;
    let (threshold, is_native): (i64, bool) = decided.extract()?;
    let name = logger.getattr(intern!(py, "name"))?;
    let module = sites::module(&crate::values::name_of(&name), true);
    let decision = Decision { epoch, threshold, is_native, module };
    let entry = Some((logger.clone().unbind(), decision));
    let before = DECISIONS.try_lock().ok().and_then(|mut known| {
        if known.is_empty() {
            known.resize_with(REMEMBERED, || None);
        }
        std::mem::replace(&mut known[slot(logger)], entry)
    });
    // Dropped with no lock held.
    drop(before);
    Ok(decision)
}

fn not_installed() -> PyErr {
    pyo3::exceptions::PyRuntimeError::new_err("logloom.install() was not called")
}

/// Whether the methods that a record goes through are still those of `logging` and of this package.
fn is_original(py: Python<'_>, verb: &str) -> bool {
    let Some(shared) = SHARED.get(py) else { return false };
    let verb = shared.verbs.iter().find(|(name, _)| name == verb);
    let own = shared.own.bind(py);
    verb.is_none_or(|(_, (name, method))| raw::holds(own, name, Some(method)))
        && shared.watched.iter().all(|watched| watched.is_original(py))
}

/// Logs at a number of `logging`; `fallback` is the name of the method of the standard library, which
/// takes `all` the arguments.
fn log<'py>(
    py: Python<'py>,
    logger: &Bound<'py, PyAny>,
    (number, with_exception): (i64, bool),
    fallback: &str,
    all: Arguments<'_, 'py>,
    arguments: Arguments<'_, 'py>,
) -> PyResult<()> {
    let decision = decision(logger)?;
    if number < decision.threshold {
        return Ok(());
    }
    if !decision.is_native || arguments.positional() == 0 || !is_original(py, fallback) {
        return raw::attached(|| ordinary(py, logger, fallback, all));
    }
    let level = extras::level_of_number(number);
    let origin = Origin { module: decision.module, bindings: &BINDINGS, level, is_standard: true };
    match with_exception {
        true => call::log_exception(py, origin, arguments),
        false => call::log(py, origin, arguments),
    }
}

/// The way of the standard library.
#[cold]
fn ordinary<'py>(
    py: Python<'py>,
    logger: &Bound<'py, PyAny>,
    name: &str,
    arguments: Arguments<'_, 'py>,
) -> PyResult<()> {
    let shared = SHARED.get(py).ok_or_else(not_installed)?;
    let method = shared.class.bind(py).getattr(name)?;
    let mut values = vec![logger.clone()];
    values.extend((0..arguments.positional()).filter_map(|index| arguments.get(index)).cloned());
    let named = PyDict::new(py);
    for (name, index) in arguments.names.into_iter().flatten().zip(arguments.positional()..) {
        if let Some(value) = arguments.get(index) {
            named.set_item(name, value)?;
        }
    }
    foreign::call(&method, &PyTuple::new(py, values)?, Some(&named)).map(|_| ())
}

/// A file whose frames are not the callers of a logger.
pub(crate) fn is_own_file(py: Python<'_>, file: &str) -> bool {
    SHARED.get(py).is_some_and(|shared| shared.source == file)
}

/// The loggers of the standard library.
struct Standard;

impl Door for Standard {
    #[inline]
    fn log<'py>(
        py: Python<'py>,
        this: &Bound<'py, PyAny>,
        verb: Verb,
        arguments: Arguments<'_, 'py>,
    ) -> PyResult<()> {
        match verb {
            Verb::At(level) => {
                let (number, name) = named(level);
                log(py, this, (number, false), name, arguments, arguments)
            }
            Verb::Exception => log(py, this, (40, true), "exception", arguments, arguments),
            Verb::Log => {
                let level = arguments.get(0).filter(|_| arguments.positional() > 0);
                let level = level.filter(|level| level.is_instance_of::<PyInt>());
                match level.map(|level| level.extract()) {
                    Some(Ok(number)) => {
                        log(py, this, (number, false), "log", arguments, arguments.skip(1))
                    }
                    _ => raw::attached(|| ordinary(py, this, "log", arguments)),
                }
            }
        }
    }
}

/// The number of a level in `logging`, and the method that logs at it.
const fn named(level: Level) -> (i64, &'static str) {
    match level {
        Level::Trace | Level::Debug => (10, "debug"),
        Level::Info => (20, "info"),
        Level::Warn => (30, "warning"),
        Level::Error => (40, "error"),
        Level::Fatal => (50, "critical"),
    }
}

/// A class that records go through: its dictionary, methods that it has, names of methods that it has not.
type ToWatch<'py> = (Bound<'py, PyDict>, Vec<(String, Bound<'py, PyAny>)>, Vec<String>);

/// Gives `classes` the native methods. `decide` says of a logger from which level on it logs and whether
/// it may do so natively; `watched` are the classes that must be as they are for that, `verbs` the methods of
/// `base` in its dictionary that log; `source` is the file of `logging`.
#[pyfunction]
pub(crate) fn install_methods<'py>(
    classes: Vec<Bound<'py, PyType>>,
    base: Bound<'py, PyType>,
    decide: Bound<'py, PyAny>,
    watched: Vec<ToWatch<'py>>,
    verbs: ToWatch<'py>,
    source: String,
) -> PyResult<()> {
    let py = base.py();
    let object = py.get_type::<PyAny>();
    for class in &classes {
        methods::add::<Standard>(class, &object)?;
    }
    let interned = |name: &str| PyString::intern(py, name).into_any().unbind();
    // With the native methods, so that they count.
    let watch = |(dictionary, present, absent): ToWatch<'py>| Watched {
        length: dictionary.len(),
        dictionary: dictionary.unbind(),
        present: present.into_iter().map(|(name, it)| (interned(&name), it.unbind())).collect(),
        absent: absent.iter().map(|name| interned(name)).collect(),
    };
    let (own, verbs, _) = verbs;
    let verb = |(name, method): (String, Bound<'py, PyAny>)| {
        let interned = interned(&name);
        (name, (interned, method.unbind()))
    };
    let shared = Shared {
        class: base.unbind(),
        decide: decide.unbind(),
        source,
        watched: watched.into_iter().map(watch).collect(),
        verbs: verbs.into_iter().map(verb).collect(),
        own: own.unbind(),
    };
    let _ = SHARED.set(py, shared);
    Ok(())
}
