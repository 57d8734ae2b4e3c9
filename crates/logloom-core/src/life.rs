//! Finished files, seen to by whoever asks: takes a directory and settings, hands on what was done. The
//! runtime does the same by itself, see `runtime/life.rs`.

use logloom_store::life::{LifeReport, LifeSettings};
use logloom_store::{Directory, StoreError};

use crate::writer::OtherSegments;

/// Seals, compresses and deletes what is due in a directory opened for appending. Takes as long as packing
/// does, about 8 s a GiB.
///
/// # Errors
/// The catalogue cannot be read or locked. What concerns single files is in the report.
pub fn keep_house(
    directory: &Directory,
    settings: &LifeSettings,
) -> Result<LifeReport, StoreError> {
    directory.keep_house(settings, &OtherSegments, &|| false)
}
