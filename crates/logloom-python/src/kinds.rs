//! What a value is, decided once for each type. A type comes in, the way its values are copied goes
//! out; no module is imported for it, types are known by the names of their bases.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyFrozenSet, PyList, PySet, PyTuple, PyType};

use crate::raw::foreign;

/// Most types that are remembered; the others are looked at each time.
const REMEMBERED: usize = 4_096;

/// How values of a type are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Dict,
    Sequence,
    Bytes,
    Exception,
    Decimal,
    /// `timedelta`: seconds.
    Seconds,
    /// Dates and times: as ISO 8601 has them.
    Time,
    /// A scalar of numpy: as Python's own.
    Item,
    /// A duration of numpy.
    Span,
    /// A model of pydantic.
    Model,
    Enumeration,
    Dataclass,
    /// A value that is made when it is needed.
    Lazy,
    Other,
}

/// A type that has been looked at, kept alive so that its address stays its own.
type Known = (Kind, Py<PyType>);

static KNOWN: Mutex<Option<HashMap<usize, Known>>> = Mutex::new(None);

/// The kind of a value.
pub(crate) fn of(value: &Bound<'_, PyAny>) -> Kind {
    let class = value.get_type();
    let address = class.as_ptr() as usize;
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((kind, _)) = known.as_ref().and_then(|known| known.get(&address)) {
        return *kind;
    }
    // Looking at a type may run code of its metaclass.
    drop(known);
    let kind = decide(&class);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    if known.len() < REMEMBERED {
        known.insert(address, (kind, class.unbind()));
    }
    kind
}

fn decide(class: &Bound<'_, PyType>) -> Kind {
    let bases = class.mro();
    let names: Vec<(String, String)> =
        bases.iter().map(|base| (text(&base, "__module__"), text(&base, "__name__"))).collect();
    if let Some(kind) = names.iter().find_map(|(module, name)| by_name(module, name)) {
        return kind;
    }
    let is = |base: Bound<'_, PyType>| class.is_subclass(&base).unwrap_or(false);
    let py = class.py();
    if is(py.get_type::<PyDict>()) {
        Kind::Dict
    } else if is(py.get_type::<PyList>())
        || is(py.get_type::<PyTuple>())
        || is(py.get_type::<PySet>())
        || is(py.get_type::<PyFrozenSet>())
    {
        Kind::Sequence
    } else if is(py.get_type::<PyBytes>()) || is(py.get_type::<PyByteArray>()) {
        Kind::Bytes
    } else if is(py.get_type::<PyBaseException>()) {
        Kind::Exception
    } else if class.hasattr("__dataclass_fields__").unwrap_or(false) {
        Kind::Dataclass
    } else {
        Kind::Other
    }
}

/// Types that are known by the names of a base. Enumerations come before the type of their values.
fn by_name(module: &str, name: &str) -> Option<Kind> {
    Some(match (module, name) {
        ("enum", "Enum") => Kind::Enumeration,
        ("datetime", "datetime" | "date" | "time") => Kind::Time,
        ("datetime", "timedelta") => Kind::Seconds,
        ("decimal", "Decimal") => Kind::Decimal,
        ("builtins", "memoryview") => Kind::Bytes,
        // In nanoseconds `item` would make a number of it.
        ("numpy", "datetime64") => Kind::Other,
        ("numpy", "timedelta64") => Kind::Span,
        ("numpy", "generic") => Kind::Item,
        ("pydantic.main", "BaseModel") => Kind::Model,
        ("logloom", "lazy") => Kind::Lazy,
        _ => return None,
    })
}

fn text(base: &Bound<'_, PyAny>, attribute: &str) -> String {
    foreign::get(base, attribute).and_then(|text| text.extract()).unwrap_or_default()
}
