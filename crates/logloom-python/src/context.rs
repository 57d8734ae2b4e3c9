//! The context of the running task: one `ContextVar` with an immutable scope. A record takes over the
//! scope's block, which was encoded when the scope was made; threads, tasks and generators carry the
//! variable as Python has it.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use logloom::context::Context;
use logloom_record::{Value, wire};
use logloom_ring::context::{self, ContextGuard};
use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};

use crate::spans::{self, Ids};
use crate::values;

static IS_USED: AtomicBool = AtomicBool::new(false);
static NEXT: AtomicU64 = AtomicU64::new(1);
static GET: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// The number of a scope, 0 for none, and the span of OpenTelemetry whose ids its records carry.
type Entered = (u64, Option<Ids>);

/// A block, and what keeps it the one that the thread's ring writes.
type Kept = (Arc<[u8]>, ContextGuard);

thread_local! {
    /// What the block stands for that the thread's ring writes, and what keeps it there.
    static ENTERED: RefCell<(Entered, Option<Kept>)> = const { RefCell::new(((0, None), None)) };
}

/// Fields for the records of a scope. Immutable; made by `logloom.context` and its like.
#[pyclass(frozen, module = "logloom._core")]
pub(crate) struct Scope {
    number: u64,
    context: Context,
    /// Whether its records have a trace without OpenTelemetry.
    has_trace: bool,
}

impl Scope {
    fn new(context: Context) -> Scope {
        IS_USED.store(true, Ordering::Relaxed);
        let has_trace = context.fields().iter().any(|(name, _)| name == "trace_id");
        Scope { number: NEXT.fetch_add(1, Ordering::Relaxed), context, has_trace }
    }

    /// Its fields.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }
}

#[pymethods]
impl Scope {
    /// This scope with more fields; later values of a name win.
    fn with_fields(&self, fields: &Bound<'_, PyDict>) -> PyResult<Scope> {
        Ok(Scope::new(add(self.context.clone(), fields)))
    }

    /// The trace of a W3C `traceparent` header within this scope; `ValueError` for one that is not valid.
    fn with_traceparent(&self, header: &str) -> PyResult<Scope> {
        let parent = Context::from_traceparent(header)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        let own = self.context.fields().iter();
        let own = own.filter(|(name, _)| !matches!(&**name, "trace_id" | "span_id"));
        let whole =
            own.fold(parent, |whole, (name, value)| whole.field(name.clone(), value.clone()));
        Ok(Scope::new(whole))
    }

    /// This scope with a new trace.
    fn with_new_trace(&self) -> Scope {
        let trace = Context::new_trace();
        let fields = trace.fields().iter();
        let whole = self.context.clone();
        let whole =
            fields.fold(whole, |whole, (name, value)| whole.field(name.clone(), value.clone()));
        Scope::new(whole)
    }

    /// This scope with a new span within its trace.
    fn with_child_span(&self) -> Scope {
        Scope::new(self.context.clone().child_span())
    }

    /// The `traceparent` header to send on, where the trace has the form of W3C's.
    fn traceparent(&self) -> Option<String> {
        self.context.to_traceparent()
    }

    /// The fields by name; those that are no text, number or truth value as text.
    fn fields<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let shown = PyDict::new(py);
        for (name, value) in self.context.fields() {
            shown.set_item(&**name, values::to_python(py, value)?)?;
        }
        Ok(shown)
    }
}

/// The scope of a request: these fields within `outer`, and a child span of the caller's trace, or a new trace
/// where there is no valid `traceparent`.
#[pyfunction]
pub(crate) fn request_scope(
    outer: Option<&Bound<'_, Scope>>,
    fields: &Bound<'_, PyDict>,
    traceparent: Option<&str>,
) -> Scope {
    let trace = match traceparent.map(Context::from_traceparent) {
        Some(Ok(parent)) => parent.child_span(),
        _ => Context::new_trace(),
    };
    let outer = outer.map_or_else(Context::new, |outer| outer.get().context.clone());
    let trace = trace.fields().iter().map(|(name, value)| (name.clone(), value.clone()));
    Scope::new(trace.fold(add(outer, fields), |whole, (name, value)| whole.field(name, value)))
}

/// A scope of these fields alone.
#[pyfunction]
pub(crate) fn scope(fields: &Bound<'_, PyDict>) -> Scope {
    Scope::new(add(Context::new(), fields))
}

fn add(context: Context, fields: &Bound<'_, PyDict>) -> Context {
    let entries = fields.items();
    let entries: &Bound<'_, PyList> = &entries;
    entries.iter().fold(context, |context, entry| {
        let entry: PyResult<(Bound<'_, PyAny>, Bound<'_, PyAny>)> = entry.extract();
        let Ok((name, value)) = entry else { return context };
        let mut bytes = Vec::new();
        values::push(&value, &mut bytes);
        let value = wire::read_value(&bytes).and_then(wire::value_from_view);
        context.field(values::name_of(&name), value.unwrap_or(Value::Null))
    })
}

/// Makes the variable, and hands it to the package.
pub(crate) fn make_variable(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let options = PyDict::new(py);
    options.set_item("default", py.None())?;
    let class = py.import("contextvars")?.getattr("ContextVar")?;
    let variable = class.call(("logloom",), Some(&options))?;
    let get = variable.getattr(intern!(py, "get"))?.unbind();
    let _ = GET.set(py, get);
    module.add("_scope", variable)
}

/// Makes the scope of the running task the context of this thread's ring, where it is not already, with the
/// ids of OpenTelemetry's current span where the scope has no trace.
#[inline]
pub(crate) fn enter(py: Python<'_>) {
    if spans::are_there(py) || IS_USED.load(Ordering::Relaxed) {
        enter_current(py);
    }
}

fn enter_current(py: Python<'_>) {
    let Some(get) = GET.get(py) else { return };
    let Ok(current) = get.bind(py).call0() else { return };
    let scope = current.cast::<Scope>().ok().map(Bound::get);
    // Asked for before the cell is borrowed: it runs Python code.
    let span = if scope.is_some_and(|scope| scope.has_trace) { None } else { spans::current(py) };
    let wanted = (scope.map_or(0, |scope| scope.number), span);
    replace(wanted, || block(scope, span));
}

/// Makes another block the context of this thread's ring, unless it is already.
fn replace(wanted: Entered, block: impl FnOnce() -> Option<Arc<[u8]>>) {
    let _ = ENTERED.try_with(|entered| {
        let Ok(mut entered) = entered.try_borrow_mut() else { return };
        if entered.0 != wanted {
            // The one before first, so that what it restores is no scope at all.
            entered.1 = None;
            entered.1 = block().map(|block| (Arc::clone(&block), context::enter(block)));
            entered.0 = wanted;
        }
    });
}

/// What [`entered`] has found.
pub(crate) struct Before(Entered, Option<Arc<[u8]>>);

/// The context of this thread's ring, to be entered again when code has run that may log in another.
pub(crate) fn entered() -> Option<Before> {
    let before = |entered: &RefCell<(Entered, Option<Kept>)>| {
        let entered = entered.try_borrow().ok()?;
        Some(Before(entered.0, entered.1.as_ref().map(|(block, _)| Arc::clone(block))))
    };
    ENTERED.try_with(before).ok().flatten()
}

/// Makes it the context of this thread's ring again; `None` at the end of the thread.
pub(crate) fn enter_again(before: Option<Before>) {
    if let Some(Before(entered, block)) = before {
        replace(entered, || block);
    }
}

/// What records of this scope and span carry.
fn block(scope: Option<&Scope>, span: Option<Ids>) -> Option<Arc<[u8]>> {
    let Some((trace_id, span_id)) = span else { return scope.map(|scope| scope.context.block()) };
    let whole = scope.map_or_else(Context::new, |scope| scope.context.clone());
    let whole = whole.trace_id(format!("{trace_id:032x}")).span_id(format!("{span_id:016x}"));
    Some(whole.block())
}
