//! The native part of the Python package `logloom`: takes calls and objects of an interpreter, hands
//! encoded records to the ring; never attaches to the interpreter by itself, and never holds a lock
//! while Python code runs.
//!
//! Read first: [`call`] (one call), [`values`] (objects as bytes), [`sites`] (call sites), [`context`]
//! (scopes). The package around it, its stubs and its tests are in `python/`.

mod actions;
mod call;
mod context;
mod control;
mod emit;
mod exceptions;
mod extras;
mod kinds;
mod logger;
mod masks;
mod methods;
mod own_code;
mod raw;
mod records;
mod sites;
mod spans;
mod stdlog;
mod values;

use pyo3::prelude::*;

#[pymodule(gil_used = true)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    logloom_core::runtime::set_around_waits(raw::around_wait);
    logger::add(module)?;
    context::make_variable(module)?;
    spans::prepare(module.py())?;
    module.add_class::<context::Scope>()?;
    module.add_function(wrap_pyfunction!(context::scope, module)?)?;
    module.add_function(wrap_pyfunction!(context::request_scope, module)?)?;
    module.add_function(wrap_pyfunction!(logger::get_logger, module)?)?;
    module.add_function(wrap_pyfunction!(control::start, module)?)?;
    module.add_function(wrap_pyfunction!(control::flush, module)?)?;
    module.add_function(wrap_pyfunction!(control::stop, module)?)?;
    module.add_function(wrap_pyfunction!(control::set_level, module)?)?;
    module.add_function(wrap_pyfunction!(control::log_dir, module)?)?;
    module.add_function(wrap_pyfunction!(control::metrics, module)?)?;
    module.add_function(wrap_pyfunction!(control::set_overflow, module)?)?;
    module.add_function(wrap_pyfunction!(control::prometheus, module)?)?;
    module.add_function(wrap_pyfunction!(control::yaml_to_json, module)?)?;
    module.add_class::<masks::Masker>()?;
    module.add_function(wrap_pyfunction!(masks::to_json, module)?)?;
    module.add_function(wrap_pyfunction!(control::before_fork, module)?)?;
    module.add_function(wrap_pyfunction!(control::after_fork_in_parent, module)?)?;
    module.add_function(wrap_pyfunction!(stdlog::changed, module)?)?;
    module.add_function(wrap_pyfunction!(stdlog::install_methods, module)?)?;
    module.add_function(wrap_pyfunction!(records::install_handler, module)?)?;
    module.add_function(wrap_pyfunction!(records::handle, module)?)?;
    module.add_class::<actions::Actions>()?;
    module.add_function(wrap_pyfunction!(actions::log_action, module)?)?;
    module.add_function(wrap_pyfunction!(actions::new_id, module)?)?;
    module.add_function(wrap_pyfunction!(actions::recover_dead, module)?)?;
    module.add_function(wrap_pyfunction!(actions::find_actions, module)?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))
}
