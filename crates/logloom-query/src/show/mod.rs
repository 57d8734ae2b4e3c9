//! What readers of a log are shown: text that is safe for a terminal, JSON, numbers for people.
//!
//! Takes what stands in records, gives text. Nothing that a record holds can do more to a terminal
//! than appear on it, in any of the forms.

mod json;
mod text;
mod words;

pub use json::{Array, push_line, text as json_text};
pub use logloom_record::terminal::is_harmful;
pub(crate) use text::shortened_within;
pub use text::{columns, padded, safe_line, safe_text, shortened};
pub use words::{bytes, counted, grouped};
