//! Door (c): a `logging.LogRecord` comes in, made and filtered by others, and goes into the ring.
//!
//! A record as `logging` makes it, its attributes the very names in their order, is logged as the call that
//! it tells of would be, with what is remembered of that call. One with attributes of its own, an exception or
//! a stack is collected by name.

use std::sync::Mutex;

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList, PyString, PyTuple, PyType};

use crate::call::{self, Origin};
use crate::exceptions;
use crate::extras::{self, Extras};
use crate::raw::{self, Arguments, Method, OF_TUPLE_MAX, Place, exactly, foreign};
use crate::sites::{self, Module};
use crate::stdlog::BINDINGS;
use crate::values;

/// Loggers' names that are remembered by their address; a power of two.
const REMEMBERED: usize = 256;

/// Attributes that formatters add.
const ADDED: [&str; 2] = ["message", "asctime"];

/// Those that a plain record is logged by.
const WANTED: [&str; 8] =
    ["name", "msg", "args", "levelno", "pathname", "lineno", "exc_info", "stack_info"];

static SHARED: PyOnceLock<Shared> = PyOnceLock::new();

/// The handlers' classes and what a record looks like.
struct Shared {
    classes: Vec<Py<PyType>>,
    /// Names of the attributes of a record, in their order.
    order: Vec<Py<PyAny>>,
    /// Numbers of those in [`WANTED`].
    wanted: [usize; WANTED.len()],
    added: Vec<Py<PyAny>>,
    /// The dictionary of the handler's class, the method in it that must be its own, and the one that it must
    /// not have.
    own: Py<PyDict>,
    emit: (Py<PyAny>, Py<PyAny>),
    filter: Py<PyAny>,
}

impl Shared {
    fn is_own(&self, py: Python<'_>, name: &str) -> bool {
        let is = |known: &Py<PyAny>| known.bind(py).eq(name).unwrap_or(false);
        self.order.iter().chain(&self.added).any(is)
    }
}

/// Gives `class` the method `handle`. Instances of `classes`, not of those derived from them, take their
/// records natively; `own` is the dictionary of `class`, `sample` is a record as `logging` makes it.
#[pyfunction]
pub(crate) fn install_handler(
    class: &Bound<'_, PyType>,
    own: Py<PyDict>,
    classes: Vec<Py<PyType>>,
    sample: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let py = class.py();
    let attributes = sample.getattr("__dict__")?.cast_into::<PyDict>()?;
    let names: Vec<Bound<'_, PyAny>> = attributes.keys().iter().collect();
    let number = |wanted: &str| names.iter().position(|name| name.eq(wanted).unwrap_or(false));
    let wanted = WANTED.map(|wanted| number(wanted).unwrap_or(usize::MAX));
    let added = ADDED.map(|name| PyString::intern(py, name).into_any().unbind()).into();
    let order = names.into_iter().map(Bound::unbind).collect();
    let text = c"Hands a record to the log, if the filters let it through.";
    raw::add_method::<Handle>(class, class, c"handle", text)?;
    let name = PyString::intern(py, "emit").into_any();
    let emit = (name.clone().unbind(), class.getattr("emit")?.unbind());
    let filter = PyString::intern(py, "filter").into_any().unbind();
    let _ = SHARED.set(py, Shared { classes, order, wanted, added, own, emit, filter });
    Ok(())
}

/// `Handler.handle`.
struct Handle;

impl Method for Handle {
    fn call<'py>(
        py: Python<'py>,
        this: &Bound<'py, PyAny>,
        arguments: Arguments<'_, 'py>,
    ) -> PyResult<()> {
        let Some(record) = arguments.get(0).filter(|_| arguments.len() == 1) else {
            return Err(pyo3::exceptions::PyTypeError::new_err("handle() takes one record"));
        };
        if is_plain(py, this)? {
            return take(py, record);
        }
        raw::attached(|| {
            foreign::method(this, "_handle_filtered", &PyTuple::new(py, [record])?).map(|_| ())
        })
    }
}

/// Whether the handler neither filters nor was changed.
fn is_plain(py: Python<'_>, this: &Bound<'_, PyAny>) -> PyResult<bool> {
    let Some(shared) = SHARED.get(py) else { return Ok(false) };
    let class = this.get_type();
    let (name, emit) = &shared.emit;
    let own = shared.own.bind(py);
    let is_own = raw::holds(own, name, Some(emit)) && raw::holds(own, &shared.filter, None);
    if !is_own || !shared.classes.iter().any(|known| class.is(known)) {
        return Ok(false);
    }
    let own = this.getattr(intern!(py, "__dict__"))?;
    let Ok(own) = own.cast::<PyDict>() else { return Ok(false) };
    let filters = own.get_item(intern!(py, "filters"))?;
    let has_none =
        filters.is_some_and(|filters| filters.cast::<PyList>().is_ok_and(|all| all.is_empty()));
    Ok(has_none && !own.contains(intern!(py, "emit"))? && !own.contains(intern!(py, "filter"))?)
}

/// Logs a `logging.LogRecord`.
#[pyfunction]
pub(crate) fn handle<'py>(py: Python<'py>, record: &Bound<'py, PyAny>) -> PyResult<()> {
    take(py, record)
}

fn take<'py>(py: Python<'py>, record: &Bound<'py, PyAny>) -> PyResult<()> {
    let attributes = record.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
    match plain(py, &attributes) {
        Some(done) => done,
        None => raw::attached(|| collect(py, record, &attributes)),
    }
}

/// Logs a record that has nothing of its own; `None` for all others.
#[inline]
fn plain<'py>(py: Python<'py>, attributes: &Bound<'py, PyDict>) -> Option<PyResult<()>> {
    let shared = SHARED.get(py)?;
    let [name, message, values, number, file, line, exception, stack] =
        raw::in_order(attributes, &shared.order, &shared.added, shared.wanted)?;
    if !exception.is_none() || !stack.is_none() || exactly::<PyString>(&file).is_none() {
        return None;
    }
    let values = exactly::<PyTuple>(&values)?;
    let mut room = [std::ptr::null_mut(); OF_TUPLE_MAX];
    let arguments = Arguments::of_tuple(values, &mut room)?;
    let level = extras::level_of_number(number.extract().ok()?);
    let module = module(&name)?;
    if !module.is_on(level) {
        return Some(Ok(()));
    }
    let origin = Origin { module, bindings: &BINDINGS, level, is_standard: true };
    let place = Place { code: file, line: line.extract().ok()? };
    Some(call::log_at(py, origin, place, &message, arguments))
}

/// A logger's name, kept so that its address stays its own, and its module.
type Named = (Py<PyAny>, &'static Module);

/// The module of a logger's name.
#[inline]
fn module(name: &Bound<'_, PyAny>) -> Option<&'static Module> {
    static MODULES: Mutex<Vec<Option<Named>>> = Mutex::new(Vec::new());
    let text = exactly::<PyString>(name)?;
    let slot = (name.as_ptr() as usize >> 4) % REMEMBERED;
    if let Ok(known) = MODULES.try_lock()
        && let Some(Some((of, module))) = known.get(slot)
        && of.as_ptr() == name.as_ptr()
    {
        return Some(module);
    }
    raw::attached(|| {
        let module = sites::module(&values::text_of(text), true);
        let entry = (name.clone().unbind(), module);
        let before = MODULES.try_lock().ok().and_then(|mut known| {
            if known.is_empty() {
                known.resize_with(REMEMBERED, || None);
            }
            known[slot].replace(entry)
        });
        // Dropped with no lock held.
        drop(before);
        Some(module)
    })
}

/// Logs a record by the names of its attributes.
#[cold]
fn collect<'py>(
    py: Python<'py>,
    record: &Bound<'py, PyAny>,
    attributes: &Bound<'py, PyDict>,
) -> PyResult<()> {
    let get = |name: &str| foreign::get(record, name);
    let level = extras::level_of_number(get("levelno")?.extract().unwrap_or(i64::MAX));
    let module = sites::module(&values::name_of(&get("name")?), true);
    let origin = Origin { module, bindings: &BINDINGS, level, is_standard: true };
    if !module.is_on(level) {
        return Ok(());
    }
    let mut extras = Extras::default();
    extras.take(py, "exc_info", &get("exc_info")?);
    let file = get("pathname")?.extract().unwrap_or_default();
    extras.place = Some((file, get("lineno")?.extract().unwrap_or(0)));
    let mut fields = own_fields(py, attributes);
    let stack = get("stack_info")?;
    if !stack.is_none() {
        fields.push(("stack".to_owned(), stack));
    }
    let given = get("args")?;
    let values: Vec<Bound<'py, PyAny>> = match given.cast::<PyTuple>() {
        Ok(values) => values.iter().collect(),
        Err(_) if foreign::truth(&given).unwrap_or(false) => vec![given.clone()],
        Err(_) => Vec::new(),
    };
    let values: Vec<&Bound<'py, PyAny>> = values.iter().collect();
    extras::log(py, origin, Some(&get("msg")?), &values, fields, extras);
    exceptions::take_kept().map_or(Ok(()), Err)
}

/// The attributes that `logging` does not give to each record.
fn own_fields<'py>(
    py: Python<'py>,
    attributes: &Bound<'py, PyDict>,
) -> Vec<(String, Bound<'py, PyAny>)> {
    let is_known = |name: &str| SHARED.get(py).is_some_and(|shared| shared.is_own(py, name));
    let named = attributes.items().iter().filter_map(|entry| {
        let (name, value): (Bound<'py, PyAny>, Bound<'py, PyAny>) = entry.extract().ok()?;
        Some((values::field_name(&name), value))
    });
    named.filter(|(name, _)| !is_known(name)).collect()
}
