//! Start, flush and stop, levels and figures: what the package asks of the running library. The
//! interpreter is let go of wherever something may be waited for.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use logloom::settings::Policy;
use logloom::{Guard, InitError, Level};
use logloom_core::runtime;
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::extras;
use crate::values;

/// The running library, and who has started it.
struct Held {
    guard: Guard,
    /// A handler has, and nobody by `init`.
    is_automatic: bool,
    /// In which process.
    process: u32,
}

static HELD: Mutex<Option<Held>> = Mutex::new(None);

fn held() -> std::sync::MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stops what nobody has asked for by name in this process, so that it can be started as one wants it: what a
/// handler has started, and what was begun before a fork.
fn make_way(is_automatic: bool) {
    let is_in_the_way = |held: &mut Held| {
        !is_automatic && (held.is_automatic || held.process != std::process::id())
    };
    // The lock is given back before anything is waited for.
    let before = held().take_if(is_in_the_way);
    if let Some(before) = before {
        before.guard.stop();
    }
}

/// Starts the library, over what file and environment say. `place` is service, directory of the log and
/// configuration file; `keys` are those of the configuration. A wrong key takes none of the others away
/// that have an argument of their own. What was started by itself, `is_automatic`, gives way to what is
/// started by name. `wrong` are keys and what is wrong with values that are not used, to be told with the rest.
#[expect(clippy::too_many_arguments, reason = "called by the package alone, with all of them")]
#[pyfunction]
#[pyo3(signature = (place, keys, levels, mask, settings_json, is_automatic, wrong=Vec::new()))]
pub(crate) fn start(
    py: Python<'_>,
    place: (Option<String>, Option<PathBuf>, Option<PathBuf>),
    keys: Vec<(String, String)>,
    levels: Vec<(String, Bound<'_, PyAny>)>,
    mask: Vec<String>,
    settings_json: Option<PathBuf>,
    is_automatic: bool,
    wrong: Vec<(String, String)>,
) -> PyResult<()> {
    let (service, dir, config) = place;
    let mut builder = logloom::builder().mask(mask);
    if let Some(service) = service {
        builder = builder.service(service);
    }
    if let Some(dir) = dir {
        builder = builder.dir(dir);
    }
    for (key, value) in keys {
        builder = builder.key(key, value);
    }
    for (module, level) in levels {
        builder = match (extras::level_of(&level), module.as_str()) {
            (Ok(level), "") => builder.level(level),
            (Ok(level), module) => builder.module_level(module, level),
            // As a key it is told where it came from, and what would be right.
            (Err(_), "") => builder.key("levels.default", values::shown(&level)),
            (Err(_), module) => builder.key(format!("levels.{module}"), values::shown(&level)),
        };
    }
    for (key, message) in wrong {
        builder = builder.warning(key, message);
    }
    if let Some(path) = settings_json {
        // Without a name it is looked for where an agent has it.
        builder = builder.settings_json(Some(path).filter(|path| !path.as_os_str().is_empty()));
    }
    if let Some(path) = config {
        builder = builder.config_file(path);
    }
    let started = py.detach(|| {
        make_way(is_automatic);
        builder.init()
    });
    let guard = started.map_err(|error| PyRuntimeError::new_err(not_started(&error)))?;
    *held() = Some(Held { guard, is_automatic, process: std::process::id() });
    Ok(())
}

/// Why the library was not started, in words of Python.
fn not_started(error: &InitError) -> String {
    match error {
        InitError::AlreadyRunning => {
            "logging is already running in this process: call logloom.shutdown() before another \
             logloom.init()"
                .to_owned()
        }
        other => other.to_string(),
    }
}

/// Waits until everything logged so far is in the log, at most so many seconds. Returns whether it is.
#[pyfunction]
pub(crate) fn flush(py: Python<'_>, timeout: f64) -> bool {
    let deadline = Duration::try_from_secs_f64(timeout).unwrap_or(Duration::MAX);
    py.detach(|| logloom::flush(deadline)).is_empty()
}

/// Flushes and stops. Returns whether everything is in the log.
#[pyfunction]
pub(crate) fn stop(py: Python<'_>) -> bool {
    py.detach(|| {
        let held = held().take();
        held.is_none_or(|held| held.guard.stop().is_empty())
    })
}

/// Ends the writer's thread before a fork, so that a program with one thread has one.
#[pyfunction]
pub(crate) fn before_fork(py: Python<'_>) {
    if let Some(handle) = runtime::current() {
        py.detach(|| handle.pause());
    }
}

/// Starts the writer's thread again, in the process that has forked.
#[pyfunction]
pub(crate) fn after_fork_in_parent() {
    if let Some(handle) = runtime::current() {
        handle.resume();
    }
}

/// Sets the lowest level that is kept, of a module and all beneath it, or of all without a level of
/// their own.
#[pyfunction]
pub(crate) fn set_level(level: &Bound<'_, PyAny>, module: Option<&str>) -> PyResult<()> {
    let level: Level = extras::level_of(level)?;
    match module {
        Some(module) => logloom::set_level(module, level)
            .map_err(|error| PyValueError::new_err(error.to_string())),
        None => logloom::set_default_level(level)
            .map_err(|error| PyRuntimeError::new_err(error.to_string())),
    }
}

/// Where the log is.
#[pyfunction]
pub(crate) fn log_dir() -> Option<PathBuf> {
    logloom::log_dir()
}

/// What the library counts about itself.
#[pyfunction]
pub(crate) fn metrics(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let counted = logloom::metrics();
    let shown = PyDict::new(py);
    shown.set_item("lines", counted.lines.iter().sum::<u64>())?;
    shown.set_item("bytes", counted.bytes)?;
    shown.set_item("write_errors", counted.write_errors)?;
    shown.set_item("before_init", counted.before_init)?;
    shown.set_item("queue_bytes", counted.queue_bytes)?;
    shown.set_item("setting_warnings", counted.setting_warnings)?;
    shown.set_item("failover_switches", counted.failover_switches)?;
    shown.set_item("dropped", counted.dropped_total())?;
    Ok(shown)
}

/// What is done when more is logged than can be written, by any of its names; `timeout` is the longest wait
/// in seconds of the policy that has one.
#[pyfunction]
pub(crate) fn set_overflow(policy: &str, timeout: Option<f64>) -> PyResult<()> {
    let policy = Policy::parse(policy).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let timeout = timeout.map(Duration::try_from_secs_f64).transpose();
    let timeout = timeout.map_err(|error| PyValueError::new_err(format!("timeout: {error}")))?;
    let Some(handle) = runtime::current() else {
        return Err(PyRuntimeError::new_err("logging does not run: call logloom.init() first"));
    };
    handle.update(|settings| {
        settings.overflow.default = policy;
        settings.overflow.timeout = timeout.unwrap_or(settings.overflow.timeout);
    });
    Ok(())
}

/// All figures as Prometheus reads them.
#[pyfunction]
pub(crate) fn prometheus() -> String {
    logloom::metrics().prometheus()
}

/// A YAML document as JSON.
#[pyfunction]
pub(crate) fn yaml_to_json(text: &str) -> PyResult<String> {
    let value: serde_json::Value =
        serde_saphyr::from_str(text).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(value.to_string())
}
