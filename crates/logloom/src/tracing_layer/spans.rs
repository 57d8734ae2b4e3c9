//! The fields of spans as context of the events inside. Values of spans come in, a scope goes out;
//! it is encoded once and used again until a span of the chain gets another value.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use logloom_record::Value;
use tracing_core::Field;
use tracing_core::field::Visit;
use tracing_core::span::{Attributes, Record};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::callsite::field_name;
use crate::context::{self, ContextGuard, Scope};
use crate::scratch::Scratch;
use crate::value;

/// Greater with each change of any span.
static VERSION: AtomicU64 = AtomicU64::new(1);

/// What a span keeps.
pub(super) struct SpanFields {
    own: Collected,
    version: u64,
    kept: Option<Kept>,
}

/// The scope of a span, its parents and the thread, as it was made last.
struct Kept {
    version: u64,
    outer: Option<Arc<Scope>>,
    scope: Arc<Scope>,
}

impl SpanFields {
    pub(super) fn new(attributes: &Attributes<'_>) -> SpanFields {
        let mut own = Collected::default();
        own.put("span", attributes.metadata().name());
        attributes.record(&mut own);
        SpanFields { own, version: next_version(), kept: None }
    }

    /// Takes over values that a span was given later. They are collected before: a `Debug` that
    /// logs within the span must not find the span locked.
    pub(super) fn add(&mut self, later: Collected) {
        for (name, value) in later.fields {
            context::insert(&mut self.own.fields, name, value);
        }
        self.version = next_version();
    }
}

fn next_version() -> u64 {
    VERSION.fetch_add(1, Ordering::Relaxed)
}

/// Enters the scope of a span, within the scope of the thread.
pub(super) fn enter<'a, S: LookupSpan<'a>>(leaf: &SpanRef<'a, S>) -> ContextGuard {
    let outer = context::current_scope();
    let mut version = 0;
    for span in leaf.scope() {
        version = version.max(span.extensions().get::<SpanFields>().map_or(0, |own| own.version));
    }
    let kept = leaf.extensions().get::<SpanFields>().and_then(|own| own.scope_of(version, &outer));
    let scope = kept.unwrap_or_else(|| merge(leaf, version, outer));
    context::set(Some(scope))
}

impl SpanFields {
    /// The scope that is kept, if nothing has changed since.
    fn scope_of(&self, version: u64, outer: &Option<Arc<Scope>>) -> Option<Arc<Scope>> {
        let kept = self.kept.as_ref().filter(|kept| kept.version == version)?;
        let same = match (&kept.outer, outer) {
            (Some(left), Some(right)) => Arc::ptr_eq(left, right),
            (None, None) => true,
            _ => false,
        };
        (same && kept.scope.is_current()).then(|| Arc::clone(&kept.scope))
    }
}

/// Puts the fields of all spans together, outermost first, and keeps the result.
fn merge<'a, S: LookupSpan<'a>>(
    leaf: &SpanRef<'a, S>,
    version: u64,
    outer: Option<Arc<Scope>>,
) -> Arc<Scope> {
    let mut fields = outer.as_ref().map(|scope| (*scope.fields).clone()).unwrap_or_default();
    for span in leaf.scope().from_root() {
        if let Some(own) = span.extensions().get::<SpanFields>() {
            for (name, value) in &own.own.fields {
                context::insert(&mut fields, name.clone(), value.clone());
            }
        }
    }
    let scope = Arc::new(Scope::new(Arc::new(fields)));
    if let Some(own) = leaf.extensions_mut().get_mut::<SpanFields>() {
        own.kept = Some(Kept { version, outer, scope: Arc::clone(&scope) });
    }
    scope
}

/// Values by name.
#[derive(Default)]
pub(super) struct Collected {
    pub(super) fields: Vec<(Cow<'static, str>, Value)>,
}

impl Collected {
    /// The values that a span is given later.
    pub(super) fn of(values: &Record<'_>) -> Collected {
        let mut collected = Collected::default();
        values.record(&mut collected);
        collected
    }

    /// The text of a field.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|(known, _)| known == name).and_then(|(_, value)| match value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    }

    fn put(&mut self, name: &'static str, value: impl Into<Value>) {
        context::insert(&mut self.fields, Cow::Borrowed(field_name(name)), value.into());
    }
}

impl Visit for Collected {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), Scratch::debug(value, false).as_str());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field.name(), value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field.name(), value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field.name(), value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), value);
    }

    fn record_error(&mut self, field: &Field, error: &(dyn Error + 'static)) {
        self.put(field.name(), value::exception(error, ""));
    }
}
