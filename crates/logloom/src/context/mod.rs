//! Scoped context: fields that every record of a scope carries, such as the trace a request belongs
//! to. Names and values come in, an encoded block goes to the ring, once for each scope; nothing is
//! refused, but what exceeds [`BLOCK_BYTES_MAX`] is left out and counted.
//!
//! A context belongs to a thread from [`Context::enter`] until its guard is dropped. Scopes nest:
//! the inner one adds to the outer one and wins where both name a field. Other threads get it by
//! [`Context::spawn`] or [`Context::wrap`], tasks by [`Context::attach`].
//!
//! ```
//! use logloom::context::Context;
//!
//! let request = Context::new().session_id("s-17").field("user_id", 42);
//! let _scope = request.enter();
//! logloom::info!("in the scope");              // carries session_id and user_id
//! let worker = Context::current().spawn(|| logloom::info!("carries them as well"));
//! worker.join().unwrap();
//! ```

mod future;
mod scope;
mod trace;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use logloom_record::{Record, Value};

pub use future::{FutureExt, InContext};
pub use logloom_record::trace_context::{TraceParent, TraceParentError};
pub use scope::{BLOCK_BYTES_MAX, ContextGuard, cut_fields};

pub(crate) use scope::{Fields, Scope};
#[cfg(feature = "tracing")]
pub(crate) use scope::{current as current_scope, insert, set};

/// Fields for the records of a scope. Cheap to clone; entering the same one again costs little.
#[derive(Clone, Debug, Default)]
pub struct Context {
    fields: Fields,
    /// Flags of the `traceparent` this came from.
    flags: Option<u8>,
    /// The encoded form when there is no outer scope.
    alone: OnceLock<Arc<Scope>>,
}

impl Context {
    /// A context without fields.
    pub fn new() -> Context {
        Context::default()
    }

    /// The context of this thread, to be entered elsewhere. Empty outside every scope.
    pub fn current() -> Context {
        let mut context = Context::new();
        if let Some(scope) = scope::current() {
            context.fields = Arc::clone(&scope.fields);
            let _ = context.alone.set(scope);
        }
        context
    }

    /// Names the trace. Any text; what has the form of a W3C trace id can be sent on by
    /// [`Context::to_traceparent`].
    #[must_use]
    pub fn trace_id(self, id: impl Into<String>) -> Context {
        self.field("trace_id", id.into())
    }

    /// Names the span. Any text, as with [`Context::trace_id`].
    #[must_use]
    pub fn span_id(self, id: impl Into<String>) -> Context {
        self.field("span_id", id.into())
    }

    /// Names the session. Any text.
    #[must_use]
    pub fn session_id(self, id: impl Into<String>) -> Context {
        self.field("session_id", id.into())
    }

    /// Adds a field, in place of an earlier one of this name. A value whose name is secret is
    /// masked before it is written anywhere.
    #[must_use]
    pub fn field(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Context {
        scope::insert(Arc::make_mut(&mut self.fields), name.into(), value.into());
        self.alone = OnceLock::new();
        self
    }

    /// The value of a field of this context itself, not of an outer scope.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Makes this the context of the thread, within the one that is there, until the guard is
    /// dropped.
    #[must_use = "the scope ends when the guard is dropped"]
    pub fn enter(&self) -> ContextGuard {
        scope::set(Some(self.scope()))
    }

    /// Runs `work` in this context.
    pub fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        let _guard = self.enter();
        work()
    }

    /// `work`, which will run in this context wherever it is called. The scope around this call
    /// is part of it.
    pub fn wrap<T, W: FnOnce() -> T>(&self, work: W) -> impl FnOnce() -> T + use<T, W> {
        let scope = self.scope();
        move || {
            let _guard = scope::set(Some(scope));
            work()
        }
    }

    /// Starts a thread that runs `work` in this context.
    ///
    /// # Panics
    /// As [`std::thread::spawn`]: when the system cannot start a thread.
    pub fn spawn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        std::thread::spawn(self.wrap(work))
    }

    /// `future`, which will be polled and dropped in this context on whichever thread. The scope
    /// around this call is part of it; that of the polling thread is not. Allocates once.
    pub fn attach<F: Future>(&self, future: F) -> InContext<F> {
        InContext::new(self.scope(), future)
    }

    /// Puts the fields of this context behind a record's own, which win.
    pub fn add_to(&self, record: &mut Record) {
        for (name, value) in self.fields.iter() {
            let id = match (&**name, value) {
                ("trace_id", Value::Text(text)) => Some((&mut record.trace_id, text)),
                ("span_id", Value::Text(text)) => Some((&mut record.span_id, text)),
                ("session_id", Value::Text(text)) => Some((&mut record.session_id, text)),
                _ => None,
            };
            if let Some((id, text)) = id {
                id.get_or_insert_with(|| text.clone());
            } else if !record.fields.iter().any(|(known, _)| known == name) {
                record.fields.push((name.to_string(), value.clone()));
            }
        }
    }

    /// The encoded fields of this context alone, masked as the running library has it: for a binding
    /// whose scopes are not those of a thread, and which hands it to [`logloom_ring::context::enter`].
    #[doc(hidden)]
    pub fn block(&self) -> Arc<[u8]> {
        let new = || Arc::new(Scope::new(Arc::clone(&self.fields)));
        let kept = self.alone.get_or_init(new);
        if kept.is_current() { kept.block() } else { new().block() }
    }

    /// The fields of this context itself.
    #[doc(hidden)]
    pub fn fields(&self) -> &[(Cow<'static, str>, Value)] {
        &self.fields
    }

    /// This context within the thread's, encoded with the masks of now.
    fn scope(&self) -> Arc<Scope> {
        if let Some(outer) = scope::current() {
            // What `current` gave, handed on from the scope it was taken in.
            let is_outer = self.alone.get().is_some_and(|kept| Arc::ptr_eq(kept, &outer));
            let is_kept = is_outer && outer.is_current();
            return if is_kept { outer } else { Arc::new(outer.with(&self.fields)) };
        }
        let new = || Arc::new(Scope::new(Arc::clone(&self.fields)));
        let kept = self.alone.get_or_init(new);
        if kept.is_current() { Arc::clone(kept) } else { new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_field_of_the_same_name_wins() {
        let context = Context::new().field("a", 1).field("b", 2).field("a", 3);
        assert_eq!(context.get("a"), Some(&Value::I64(3)));
        assert_eq!(context.fields.len(), 2);
    }

    #[test]
    fn inner_scopes_add_to_outer_ones_and_win() {
        let _outer = Context::new().field("a", 1).field("b", 1).enter();
        {
            let _inner = Context::new().field("b", 2).field("c", 2).enter();
            let current = Context::current();
            for (name, value) in [("a", 1), ("b", 2), ("c", 2)] {
                assert_eq!(current.get(name), Some(&Value::I64(value)), "{name}");
            }
        }
        assert_eq!(Context::current().get("b"), Some(&Value::I64(1)));
        assert_eq!(Context::current().get("c"), None);
    }

    #[test]
    fn a_thread_takes_the_context_it_is_given() {
        let _scope = Context::new().field("a", 1).enter();
        let with = Context::current().spawn(|| Context::current().get("a").cloned());
        let without = std::thread::spawn(|| Context::current().get("a").cloned());
        assert_eq!(with.join().ok().flatten(), Some(Value::I64(1)));
        assert_eq!(without.join().ok().flatten(), None);
    }
}
