//! Takes a filter text and one record, says whether it matches; never does I/O.
//!
//! A [`Filter`] is a tree that [`Filter::parse`] makes of a query text and that prints as such a
//! text again ([`syntax`]); [`Filter::compile`] makes a [`Matcher`] of
//! it, which looks at one JSON line at a time and parses no more of it than the answer needs.
//! [`LineView`] is that lazy access, and is public because rows are shown from it as well.
//!
//! Nothing here fails on bad lines: a line that is no complete JSON object has no fields, and is
//! found by a search of its raw text ([`Filter::Contains`]) and by [`Filter::Always`] only.

mod calendar;
mod condition;
mod display;
mod filter;
mod flag;
mod matcher;
mod pattern;
pub mod quantity;
mod requirement;
pub mod syntax;
pub mod words;

pub use calendar::{DayBound, DayRange, WeekRange};
pub use condition::{Bound, Comparison, FieldComparison, Target, Test};
pub use filter::Filter;
pub use flag::FieldFlagError;
pub use logloom_record::line::{Kind, LineView, Members, RawValue};
pub use matcher::Matcher;
pub use pattern::{Pattern, PatternError};
pub use requirement::Requirement;
