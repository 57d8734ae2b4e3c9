//! The line of a day file: one flat JSON object, in a fixed order, in one line.
//!
//! `timestamp level service module message trace_id span_id session_id`, then the call's own
//! fields in their order, its keyed fields, the fields of its scope, then `template exception file
//! line thread pid host` as the options have it. What is empty is left out. A field whose name is
//! reserved or used already keeps its value under the name with a trailing underscore.
//!
//! An action (see `action`) has another order. Whatever the bytes of a record hold, the line is valid JSON without a raw line break.

mod action;
mod options;
mod parts;
mod plan;
mod planned;
mod render;

pub use crate::time::TimestampCache;
pub use action::{NUMBER_MEMBER, NUMBER_ROOM, session_of};
pub use options::{KeyPlan, KeyTable, LoomOptions, Rendered, Span};
pub use plan::SitePlan;
pub use render::{render, render_inline};
