//! How pipes that make fields treat what stands there already.

use super::{Row, Value};

/// What becomes of a field that is there already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overwrite {
    /// A value that is not empty stays; default it is replaced.
    pub keeps_original: bool,
    /// An empty result changes nothing; default it empties the field.
    pub skips_empty: bool,
}

impl std::fmt::Display for Overwrite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.keeps_original, self.skips_empty) {
            (true, _) => f.write_str(" keep_original_fields"),
            (_, true) => f.write_str(" skip_empty_results"),
            _ => Ok(()),
        }
    }
}

impl Overwrite {
    /// Sets a field, or leaves it.
    pub(super) fn set(self, row: &mut Row<'_>, name: &str, value: Value<'static>) {
        let is_kept = self.keeps_original && !row.text(name).is_empty();
        let is_skipped = self.skips_empty && value.text().is_empty();
        if !is_kept && !is_skipped {
            row.set(name, value);
        }
    }
}
