//! The action log: actions with their fields as Python has them go into the ring, and lines of actions that
//! were asked for come out. Types and fields are checked by the package's `agent.py`.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use logloom::action;
use logloom_core::action::{ActionType, MODULE, Status, level, record};
use logloom_core::runtime;
use logloom_query::actions::{ActionFilter, Days, FoundActions, Lang, LogQueryEngine};
use logloom_record::{Level, Record, Value, wire};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::context::Scope;
use crate::values;

/// Records an action: its type, session and execution, its status, and the fields in their order; those that
/// are `None` are left out. Returns whether its level is ERROR.
#[pyfunction]
pub(crate) fn log_action(
    py: Python<'_>,
    kind: &str,
    ids: (Option<String>, Option<String>),
    status: &str,
    fields: &Bound<'_, PyDict>,
    scope: Option<&Bound<'_, Scope>>,
) -> PyResult<bool> {
    let kind = ActionType::parse(kind).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let status = Status::parse(status).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let mut built = Record::new(level(kind, Some(status)), MODULE, "");
    built.session_id = ids.0;
    if let Some(execution) = ids.1 {
        built = built.with("execution_id", execution);
    }
    built = built.with("status", status.name());
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_none()) {
        built.fields.push((values::name_of(&name), owned(&value)));
    }
    if let Some(scope) = scope {
        scope.get().context().add_to(&mut built);
    }
    let is_error = built.level >= Level::Error;
    // It may wait for room, or until it is on the device; meanwhile others run.
    py.detach(|| record(kind, &built));
    crate::exceptions::take_kept().map_or(Ok(is_error), Err)
}

/// An object as a field has it.
fn owned(value: &Bound<'_, PyAny>) -> Value {
    let mut bytes = Vec::new();
    values::push(value, &mut bytes);
    wire::read_value(&bytes).and_then(wire::value_from_view).unwrap_or(Value::Null)
}

/// A new id: of a `session`, an `execution`, a `request` to a model, or the use of a `tool`.
#[pyfunction]
pub(crate) fn new_id(of: &str) -> PyResult<String> {
    match of {
        "session" => Ok(action::session_id()),
        "execution" => Ok(action::execution_id()),
        "request" => Ok(action::request_id()),
        "tool" => Ok(action::tool_use_id()),
        _ => Err(PyValueError::new_err(format!("{of:?} has no ids"))),
    }
}

/// Writes what dead processes have left, so that the next actions have higher numbers.
#[pyfunction]
pub(crate) fn recover_dead(py: Python<'_>) {
    if let Some(handle) = runtime::current() {
        py.detach(|| handle.recover_dead());
    }
}

/// Actions that were found, one after the other.
#[pyclass(frozen, module = "logloom._core")]
pub(crate) struct Actions(Mutex<FoundActions>);

#[pymethods]
impl Actions {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    /// The next line.
    fn __next__<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let found = py.detach(|| self.0.lock().unwrap_or_else(PoisonError::into_inner).next());
        found.map(|action| PyBytes::new(py, &action.line))
    }

    /// Files that could not be read so far.
    fn problems(&self) -> Vec<String> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.problems().iter().map(ToString::to_string).collect()
    }

    /// Actions of the chosen days, before filters.
    fn total(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).total()
    }
}

/// What is asked for, by keyword.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Question {
    action_types: Vec<String>,
    session_id: Option<String>,
    statuses: Vec<String>,
    tool_name: Option<String>,
    keyword: Option<String>,
    content_match: Option<String>,
    /// Days as the command line takes them: one, or a range with a colon.
    days: Option<String>,
    is_utc: bool,
    first: Option<usize>,
    last: Option<usize>,
}

/// Finds actions in a directory, oldest first.
#[pyfunction]
pub(crate) fn find_actions(py: Python<'_>, dir: PathBuf, question: Question) -> PyResult<Actions> {
    let zone = if question.is_utc { TimeZone::UTC } else { TimeZone::system() };
    let days = days(question.days.as_deref(), &zone)?;
    let filter = ActionFilter {
        action_types: question.action_types,
        session_id: question.session_id,
        statuses: question.statuses,
        tool_name: question.tool_name,
        keyword: question.keyword,
        content_match: question.content_match,
    };
    let found = py.detach(|| {
        let mut engine = LogQueryEngine::open(&dir)?.filter(filter).days(days, zone);
        if let Some(count) = question.first {
            engine = engine.limit(count);
        }
        if let Some(count) = question.last {
            engine = engine.tail(count);
        }
        engine.iter()
    });
    let found = found.map_err(|error| PyOSError::new_err(format!("{}: {error}", dir.display())))?;
    Ok(Actions(Mutex::new(found)))
}

fn days(text: Option<&str>, zone: &TimeZone) -> PyResult<Days> {
    let Some(text) = text else { return Ok(Days::ALL) };
    let now = Timestamp::now();
    let parsed = match text.contains(':') {
        true => Days::parse_range(text, now, zone),
        false => Days::parse_date(text, now, zone),
    };
    parsed.map_err(|error| PyValueError::new_err(error.text(Lang::English)))
}
