//! The `traceparent` header of W3C trace context. A header comes in, a header goes out; one that is
//! not valid is refused with the reason.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use logloom_record::Value;
use logloom_record::trace_context::{SAMPLED, SpanId, TraceId, TraceParent, TraceParentError};

use super::Context;

impl Context {
    /// A new trace with a first span, both with random ids.
    pub fn new_trace() -> Context {
        Context::new().trace_id(random_trace_id().to_string()).span_id(random_span_id().to_string())
    }

    /// The trace and span that a `traceparent` header names, as the caller sent them.
    ///
    /// # Errors
    /// The first part of the header that is not valid. The specification asks to begin a new
    /// trace then: [`Context::new_trace`].
    pub fn from_traceparent(header: &str) -> Result<Context, TraceParentError> {
        let parent = TraceParent::parse(header)?;
        let context = Context::new()
            .trace_id(parent.trace_id.to_string())
            .span_id(parent.span_id.to_string());
        Ok(Context { flags: Some(parent.flags), ..context })
    }

    /// The same context with a new random span id; the span before is kept as `parent_span_id`.
    #[must_use]
    pub fn child_span(self) -> Context {
        let flags = self.flags;
        let parent = self.get("span_id").cloned();
        let child = self.span_id(random_span_id().to_string());
        let child = match parent {
            Some(parent) => child.field("parent_span_id", parent),
            None => child,
        };
        Context { flags, ..child }
    }

    /// The `traceparent` header to send on; `None` unless trace id and span id have W3C's form.
    /// A trace begun here counts as sampled.
    pub fn to_traceparent(&self) -> Option<String> {
        let text = |name: &str| match self.get(name) {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let parent = TraceParent {
            trace_id: TraceId::parse(text("trace_id")?)?,
            span_id: SpanId::parse(text("span_id")?)?,
            flags: self.flags.unwrap_or(SAMPLED),
        };
        Some(parent.to_string())
    }
}

/// 64 bits that differ between any two calls, threads and processes; the standard library seeds
/// them from the system's random numbers. Not for secrets.
fn random() -> u64 {
    let mut hasher = RandomState::new().build_hasher();
    // A fork child has its parent's seed.
    hasher.write_u32(std::process::id());
    hasher.finish()
}

fn random_trace_id() -> TraceId {
    loop {
        let (high, low) = (random().to_be_bytes(), random().to_be_bytes());
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&high);
        bytes[8..].copy_from_slice(&low);
        if let Some(id) = TraceId::from_bytes(bytes) {
            return id;
        }
    }
}

fn random_span_id() -> SpanId {
    loop {
        if let Some(id) = SpanId::from_bytes(random().to_be_bytes()) {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    #[test]
    fn a_header_comes_back() {
        let context = Context::from_traceparent(HEADER);
        assert_eq!(context.map(|context| context.to_traceparent()), Ok(Some(HEADER.to_owned())));
        assert!(Context::from_traceparent("00-zz").is_err());
    }

    #[test]
    fn a_child_keeps_the_trace_and_names_its_parent() {
        let context = Context::from_traceparent(HEADER).unwrap_or_default().child_span();
        assert_eq!(context.get("parent_span_id"), Some(&Value::from("00f067aa0ba902b7")));
        let header = context.to_traceparent().unwrap_or_default();
        assert!(header.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{header}");
        assert!(header.ends_with("-00") && header != HEADER, "{header}");
    }

    #[test]
    fn ids_of_any_other_form_make_no_header() {
        assert_eq!(Context::new().trace_id("order-1").span_id("1").to_traceparent(), None);
        let (one, two) = (Context::new_trace(), Context::new_trace());
        assert!(one.to_traceparent().is_some());
        assert_ne!(one.to_traceparent(), two.to_traceparent());
    }
}
