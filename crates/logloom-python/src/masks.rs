//! `logloom.Masker`: the masks of the log, for texts and values that go elsewhere.

use logloom_core::mask;
use logloom_core::settings::MaskSettings;
use logloom_record::{Value, json, wire};
use pyo3::prelude::*;

use crate::values;

/// Hides secrets in texts and values.
#[pyclass(frozen, module = "logloom._core")]
pub(crate) struct Masker(mask::Masker);

#[pymethods]
impl Masker {
    /// `fields` are further names of secret fields, `personal` the sorts of personal data that are hidden as
    /// well; unknown sorts are passed over.
    #[new]
    #[pyo3(signature = (fields=Vec::new(), personal=Vec::new(), home_paths=false))]
    fn new(fields: Vec<String>, personal: Vec<String>, home_paths: bool) -> Masker {
        let settings = MaskSettings { fields, personal, home_paths, ..MaskSettings::default() };
        Masker(mask::Masker::new(&settings))
    }

    /// The text with its secrets hidden.
    fn text(&self, py: Python<'_>, text: &str) -> String {
        py.detach(|| self.0.text(text).into_owned())
    }

    /// A value as one line of JSON with its secrets hidden. Takes what a field of a record takes.
    fn json(&self, py: Python<'_>, value: &Bound<'_, PyAny>) -> String {
        let mut line = to_json(value).into_bytes();
        py.detach(|| self.0.mask_lines(&mut line, usize::MAX));
        // What is hidden begins and ends between characters, so that nothing is replaced here.
        String::from_utf8_lossy(&line).into_owned()
    }
}

/// A value as a field would have it, as JSON text.
#[pyfunction]
pub(crate) fn to_json(value: &Bound<'_, PyAny>) -> String {
    let mut bytes = Vec::new();
    values::push(value, &mut bytes);
    let owned = wire::read_value(&bytes).and_then(wire::value_from_view);
    json::to_json(&owned.unwrap_or(Value::Null))
}
