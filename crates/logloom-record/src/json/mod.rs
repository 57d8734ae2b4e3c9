//! JSON as text, without a document in memory: strings escaped, values written, foreign JSON
//! checked and made compact. Depth is limited everywhere.

mod base64;
mod compact;
mod escape;
pub(crate) mod names;
mod write;

pub use compact::{JsonError, compact, is_valid, validate};
pub(crate) use escape::{append, push_text};
pub use escape::{escape_bytes_into, escape_into};
pub use write::{DEPTH_LIMIT, to_json, value_into};
pub(crate) use write::{Limits, push_string, push_view};
