//! Readers: they take no lock and never stop a writer. In comes a directory; out go its files as they
//! stand at one moment, and bytes up to what is committed, never beyond.

pub mod cursor;
pub mod file;
pub mod follow;
pub mod snapshot;

pub use cursor::Cursor;
pub use file::FileReader;
pub use follow::{Batch, Follow, Start};
pub use snapshot::{FileSnapshot, Order, Snapshot};

pub use crate::packed::table::Damage;
