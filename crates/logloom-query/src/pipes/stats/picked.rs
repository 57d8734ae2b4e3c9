//! One row out of a group: the newest, or that with the least or greatest value of a field.

use std::cmp::Ordering;
use std::io;

use crate::Key;
use crate::pipes::codec::{Reader, put_bytes, put_key};
use crate::pipes::order::compare;
use crate::pipes::row::object;
use crate::pipes::{Names, Row};

/// Which of two rows is kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pick {
    Newest,
    Least,
    Greatest,
}

/// The row so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Picked {
    best: Option<Candidate>,
}

#[derive(Clone, Debug)]
struct Candidate {
    value: Box<str>,
    key: Option<Key>,
    row: Box<[u8]>,
}

impl Picked {
    pub(super) fn add(&mut self, pick: Pick, row: &Row<'_>, by: &str, fields: &[Names]) {
        let value = if matches!(pick, Pick::Newest) { "".into() } else { row.text(by) };
        if value.is_empty() && !matches!(pick, Pick::Newest) {
            return;
        }
        if self.best.as_ref().is_none_or(|best| best.yields(pick, &value, row.key())) {
            let row_json = json(row, fields).into_boxed_slice();
            let value = value.into_owned().into_boxed_str();
            self.best = Some(Candidate { value, key: row.key(), row: row_json });
        }
    }

    pub(super) fn merge(&mut self, pick: Pick, other: Picked) {
        let Some(theirs) = other.best else { return };
        if self.best.as_ref().is_none_or(|best| best.yields(pick, &theirs.value, theirs.key)) {
            self.best = Some(theirs);
        }
    }

    /// The row as JSON; none where there was none.
    pub(super) fn json(self) -> Option<Vec<u8>> {
        self.best.map(|best| best.row.into_vec())
    }

    pub(super) fn memory(&self) -> usize {
        let best = self.best.as_ref().map_or(0, |best| best.value.len() + best.row.len());
        std::mem::size_of::<Picked>() + best
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.best.is_some()));
        if let Some(best) = &self.best {
            put_bytes(out, best.value.as_bytes());
            put_key(out, best.key);
            put_bytes(out, &best.row);
        }
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> io::Result<Self> {
        if bytes.byte()? == 0 {
            return Ok(Self::default());
        }
        let value = bytes.text()?.into();
        let (key, row) = (bytes.key()?, bytes.bytes()?.into());
        Ok(Self { best: Some(Candidate { value, key, row }) })
    }
}

impl Candidate {
    /// Whether a row with this value and place is the better one; of equal ones the newest is.
    fn yields(&self, pick: Pick, value: &str, key: Option<Key>) -> bool {
        let order = match pick {
            Pick::Newest => Ordering::Equal,
            Pick::Least => compare(value, &self.value).reverse(),
            Pick::Greatest => compare(value, &self.value),
        };
        order.then_with(|| key.cmp(&self.key)).is_gt()
    }
}

/// The fields that are asked for as an object; all where none are.
fn json(row: &Row<'_>, fields: &[Names]) -> Vec<u8> {
    if fields.is_empty() {
        return object(&row.fields());
    }
    let mut kept = row.leaves();
    kept.retain(|leaf| fields.iter().any(|names| names.holds(&leaf.name)));
    object(&kept)
}
