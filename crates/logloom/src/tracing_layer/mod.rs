//! The layer for programs that log through `tracing`. Events come in and go out as records, with
//! the fields of their spans as context; what the level of a module switches off is refused, for
//! this layer alone.
//!
//! An event becomes a record of a call site that is made once for each callsite, so that it takes
//! the same way into the ring as a macro of this library, masks included. A field without a value
//! is null. Of `log` records that came through `tracing-log`, the original target is the module.

mod callsite;
mod spans;
mod values;

use logloom_core::{emit, sampling};
use logloom_record::{Level, Record};
use logloom_ring::front::{self, Call};
use logloom_ring::site::OFF;
use tracing_core::span::{Attributes, Id, Record as SpanRecord};
use tracing_core::subscriber::Interest;
use tracing_core::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use crate::__private as private;
use crate::context::Context as Scoped;
use callsite::Callsite;
use spans::SpanFields;
use values::Values;

/// Records the events of `tracing`. Made by [`tracing_layer`].
#[derive(Clone, Copy, Debug)]
pub struct TracingLayer(());

/// Lets through what the levels of this library's settings switch on. Made by [`tracing_layer`].
#[derive(Clone, Copy, Debug)]
pub struct TracingFilter(());

/// A layer for a `tracing` subscriber, with a filter of its own that leaves other layers alone.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
/// use tracing_subscriber::util::SubscriberInitExt as _;
///
/// # let dir = tempfile::tempdir().unwrap();
/// let _log = logloom::builder().without_config_file().dir(dir.path()).init().unwrap();
/// tracing_subscriber::registry().with(logloom::tracing_layer()).init();
/// tracing::info!(user_id = 42, "signed in");
/// ```
///
/// Fields of the spans around an event become fields of its record, those of inner spans last and
/// winning, and `span` names the innermost one. Levels may change at any time, as for the macros.
pub fn tracing_layer<S>() -> Filtered<TracingLayer, TracingFilter, S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    TracingLayer(()).with_filter(TracingFilter(()))
}

/// The level of the same name.
fn level_of(level: &tracing_core::Level) -> Level {
    match *level {
        tracing_core::Level::ERROR => Level::Error,
        tracing_core::Level::WARN => Level::Warn,
        tracing_core::Level::INFO => Level::Info,
        tracing_core::Level::DEBUG => Level::Debug,
        _ => Level::Trace,
    }
}

impl<S> Filter<S> for TracingFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        match callsite::find(&metadata.callsite()) {
            // Its module is known only from the record itself.
            Some(callsite) if callsite.is_from_log => true,
            Some(callsite) => private::is_on(&callsite.site),
            None => emit::enabled(level_of(metadata.level()), metadata.target()),
        }
    }

    /// Asked anew for each event, since levels may change without `tracing` being told. Callsites
    /// that other crates make by hand, as `tracing-log` does, never come here: their first event
    /// registers them.
    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        callsite::register(metadata);
        Interest::sometimes()
    }
}

impl<S> Layer<S> for TracingLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let fields = SpanFields::new(attributes);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &SpanRecord<'_>, context: Context<'_, S>) {
        let later = spans::Collected::of(values);
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<SpanFields>()
        {
            fields.add(later);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let callsite = callsite::of(event.metadata());
        let _scope = context.event_span(event).map(|leaf| spans::enter(&leaf));
        match callsite.is_from_log {
            true => record_of_log(event),
            false => record(callsite, event),
        }
    }
}

/// The way of the macros.
fn record(callsite: &'static Callsite, event: &Event<'_>) {
    let word = private::word(&callsite.site);
    if word == OFF {
        return;
    }
    let mut values = Values::new(callsite, callsite.site.mask());
    event.record(&mut values);
    let call = Call { message: values.message(), fields: values.fields() };
    front::emit(&callsite.site, word, callsite.site.level, &call);
}

/// A record of `log` that another crate made an event: one callsite stands for all of its level.
fn record_of_log(event: &Event<'_>) {
    let mut collected = spans::Collected::default();
    event.record(&mut collected);
    let target = collected.text("log.target").unwrap_or_else(|| event.metadata().target().into());
    let level = level_of(event.metadata().level());
    if !emit::enabled(level, &target) {
        return;
    }
    let message = collected.text("message").unwrap_or_default();
    let mut record = Record::new(level, target, message);
    for (name, value) in collected.fields {
        if name != "message" && !name.starts_with("log.") {
            record.fields.push((name.into_owned(), value));
        }
    }
    Scoped::current().add_to(&mut record);
    if sampling::keeps_record(&record) {
        emit::record(&record);
    }
}
