//! The forms a record takes outside a ring, one module each. Records come in, text goes out.

pub mod loom;
