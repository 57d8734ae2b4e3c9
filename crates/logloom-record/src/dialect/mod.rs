//! The forms a record takes outside a ring, one file each.
