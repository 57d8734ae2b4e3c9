//! Names with a meaning: those that a line uses itself, and those that hide secrets.

mod reserved;
mod secret;

pub use reserved::{RESERVED, RESERVED_WHERE_WRITTEN, is_reserved};
pub use secret::SecretNames;
