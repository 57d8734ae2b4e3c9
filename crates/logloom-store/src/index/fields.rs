//! The section of fields. In come what was gathered of fields, out go bytes, and back: what of a field may be asked.

use super::column::{ColumnTable, chunk};
use super::field::Field;

const ODD_NUMBERS: u8 = 1;
const CONTAINER: u8 = 2;
const PAIRS: u8 = 4;
const COLUMN: u8 = 8;
const SKIPPED: u8 = 16;

/// What the index says of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownField {
    pub(super) path: String,
    pub(super) has_odd_numbers: bool,
    pub(super) is_container: bool,
    pub(super) has_pairs: bool,
    pub(super) is_skipped: bool,
    pub(super) column: Option<ColumnTable>,
}

pub(super) fn write(field: &Field, out: &mut Vec<u8>) {
    let bit = |is: bool, bit: u8| if is { bit } else { 0 };
    out.push(
        bit(field.has_odd_numbers, ODD_NUMBERS)
            | bit(field.is_container, CONTAINER)
            | bit(field.has_pairs, PAIRS)
            | bit(field.column.is_some(), COLUMN)
            | bit(field.is_skipped, SKIPPED),
    );
    out.extend((field.path.len() as u16).to_le_bytes());
    out.extend(field.path.as_bytes());
    if let Some(column) = &field.column {
        column.write(out);
    }
}

/// What [`write`] wrote of all fields; `None` when it cannot be.
pub(super) fn read(mut bytes: &[u8]) -> Option<Vec<KnownField>> {
    let mut offset = 0;
    let mut fields = Vec::new();
    for _ in 0..u32::from_le_bytes(chunk(&mut bytes)?) {
        let [bits] = chunk(&mut bytes)?;
        let length = u16::from_le_bytes(chunk(&mut bytes)?);
        let (path, rest) = bytes.split_at_checked(length.into())?;
        bytes = rest;
        let column = match bits & COLUMN != 0 {
            true => Some(ColumnTable::read(&mut bytes, &mut offset)?),
            false => None,
        };
        fields.push(KnownField {
            path: std::str::from_utf8(path).ok()?.to_owned(),
            has_odd_numbers: bits & ODD_NUMBERS != 0,
            is_container: bits & CONTAINER != 0,
            has_pairs: bits & PAIRS != 0,
            is_skipped: bits & SKIPPED != 0,
            column,
        });
    }
    bytes.is_empty().then_some(fields)
}
