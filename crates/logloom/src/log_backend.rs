//! The backend of the `log` crate. Its records come in, records of the log go out, with the fields
//! of the thread's context; what the level of its target switches off is refused.
//!
//! ```
//! # let dir = tempfile::tempdir().unwrap();
//! let _log = logloom::builder().without_config_file().dir(dir.path()).init().unwrap();
//! logloom::log_backend::install().unwrap();
//! log::info!(user_id = 42; "signed in");
//! ```

use log::kv::{self, VisitSource, VisitValue};
use logloom_core::{emit, sampling};
use logloom_record::{Level, Record, Value};

use crate::context::Context;
use crate::scratch::Scratch;

/// A logger is installed already.
pub use log::SetLoggerError;

struct Backend;

static BACKEND: Backend = Backend;

/// Makes this library the logger behind `log`. The target is the module of a record, key-values
/// become fields. Before [`init`](crate::init()), records are not kept.
///
/// # Errors
/// Another logger is installed.
pub fn install() -> Result<(), SetLoggerError> {
    log::set_logger(&BACKEND)?;
    // Levels may change at any time, by module; `enabled` knows them.
    log::set_max_level(log::LevelFilter::Trace);
    Ok(())
}

/// The level of the same name.
fn level_of(level: log::Level) -> Level {
    match level {
        log::Level::Error => Level::Error,
        log::Level::Warn => Level::Warn,
        log::Level::Info => Level::Info,
        log::Level::Debug => Level::Debug,
        log::Level::Trace => Level::Trace,
    }
}

impl log::Log for Backend {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        emit::enabled(level_of(metadata.level()), metadata.target())
    }

    fn log(&self, record: &log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let message = Scratch::message(false, "", *record.args());
        let mut own = Record::new(level_of(record.level()), record.target(), message.as_str());
        // An error here means that a source gave up; the fields before it are kept.
        let _ = record.key_values().visit(&mut Collector(&mut own));
        Context::current().add_to(&mut own);
        if sampling::keeps_record(&own) {
            emit::record(&own);
        }
    }

    /// Waits as the guard does, since `log` hands no deadline over.
    fn flush(&self) {
        if let Some(handle) = logloom_core::runtime::current() {
            let _ = handle.flush(handle.settings().flush_timeout);
        }
    }
}

struct Collector<'r>(&'r mut Record);

impl<'kvs> VisitSource<'kvs> for Collector<'_> {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let mut read = Read(Value::Null);
        value.visit(&mut read)?;
        self.0.fields.push((key.as_str().to_owned(), read.0));
        Ok(())
    }
}

/// Reads one value with its type.
struct Read(Value);

impl Read {
    fn put(&mut self, value: impl Into<Value>) -> Result<(), kv::Error> {
        self.0 = value.into();
        Ok(())
    }
}

impl<'v> VisitValue<'v> for Read {
    fn visit_any(&mut self, value: kv::Value<'_>) -> Result<(), kv::Error> {
        self.put(Scratch::display(&value, false).as_str())
    }

    fn visit_null(&mut self) -> Result<(), kv::Error> {
        self.put(Value::Null)
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), kv::Error> {
        self.put(value)
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), kv::Error> {
        self.put(value)
    }

    fn visit_u128(&mut self, value: u128) -> Result<(), kv::Error> {
        self.put(value)
    }

    fn visit_i128(&mut self, value: i128) -> Result<(), kv::Error> {
        self.put(value)
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), kv::Error> {
        self.put(value)
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), kv::Error> {
        self.put(value)
    }

    fn visit_str(&mut self, value: &str) -> Result<(), kv::Error> {
        self.put(value)
    }
}
