//! OpenTelemetry's current span, where the program has imported OpenTelemetry; this package never does. The
//! interpreter comes in, the ids of the span go out; what is no valid span is none.
//!
//! Whether it has been imported is looked up when the number of modules has changed since the last look, so
//! that a program without it pays for one comparison.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};

use crate::raw::foreign;

/// Trace id and span id.
pub(crate) type Ids = (u128, u64);

static ARE_THERE: AtomicBool = AtomicBool::new(false);
/// How many modules there were at the last look.
static LOOKED_AT: AtomicUsize = AtomicUsize::new(0);
/// `sys.modules`.
static MODULES: PyOnceLock<Py<PyDict>> = PyOnceLock::new();
/// `opentelemetry.trace.get_current_span`.
static GET: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

thread_local! {
    /// A span is being asked for: what that logs has none.
    static IS_ASKING: Cell<bool> = const { Cell::new(false) };
}

/// Whether there may be a current span.
#[inline]
pub(crate) fn are_there(py: Python<'_>) -> bool {
    if ARE_THERE.load(Ordering::Relaxed) {
        return true;
    }
    let Some(modules) = MODULES.get(py) else { return false };
    let count = modules.bind(py).len();
    count != LOOKED_AT.load(Ordering::Relaxed) && look(py, modules.bind(py), count)
}

/// Remembers `sys.modules`.
pub(crate) fn prepare(py: Python<'_>) -> PyResult<()> {
    let modules = py.import("sys")?.getattr("modules")?.cast_into::<PyDict>()?;
    let _ = MODULES.set(py, modules.unbind());
    Ok(())
}

#[cold]
fn look(py: Python<'_>, modules: &Bound<'_, PyDict>, count: usize) -> bool {
    LOOKED_AT.store(count, Ordering::Relaxed);
    let Ok(Some(module)) = modules.get_item(intern!(py, "opentelemetry.trace")) else {
        return false;
    };
    // A module that is being imported may not have it yet; more modules come then.
    let Ok(get) = module.getattr(intern!(py, "get_current_span")) else { return false };
    let _ = GET.set(py, get.unbind());
    ARE_THERE.store(true, Ordering::Relaxed);
    true
}

/// The ids of the current span.
pub(crate) fn current(py: Python<'_>) -> Option<Ids> {
    let get = GET.get(py)?;
    if IS_ASKING.replace(true) {
        return None;
    }
    let found = ids(get.bind(py));
    IS_ASKING.set(false);
    found.ok().filter(|(trace_id, span_id)| *trace_id != 0 && *span_id != 0)
}

fn ids(get: &Bound<'_, PyAny>) -> PyResult<Ids> {
    let py = get.py();
    let context =
        foreign::method0(&foreign::call(get, &PyTuple::empty(py), None)?, "get_span_context")?;
    let trace_id = foreign::get(&context, intern!(py, "trace_id"))?.extract()?;
    Ok((trace_id, foreign::get(&context, intern!(py, "span_id"))?.extract()?))
}
