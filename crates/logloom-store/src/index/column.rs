//! Columns: the value of a field in every line, as a number of a short dictionary. In come the values of lines; out go
//! groups of packed codes, and back. A field with more than 255 different values has no column.

use libdeflater::{CompressionLvl, Compressor, Decompressor};

/// Blocks whose codes are packed together.
pub(super) const GROUP_BLOCKS: u32 = 32;
/// The code of a line without the field.
pub(super) const ABSENT: u8 = 0;
const VALUES_MAX: usize = 255;
/// Longer values are in no dictionary.
const VALUE_BYTES_MAX: usize = 4096;
// Codes of a column are mostly a few different bytes: higher levels gain little.
const LEVEL: i32 = 2;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ColumnValue {
    /// The value as JSON.
    pub json: Box<[u8]>,
    /// Lines of regular blocks that have it.
    pub lines: u64,
}

/// Packs codes.
pub(super) struct CodePacker(Compressor);

impl CodePacker {
    pub(super) fn new() -> CodePacker {
        CodePacker(Compressor::new(CompressionLvl::new(LEVEL).unwrap_or_default()))
    }

    fn pack(&mut self, codes: &[u8]) -> Vec<u8> {
        let mut packed = vec![0; self.0.deflate_compress_bound(codes.len())];
        // The bound is never too small.
        let length = self.0.deflate_compress(codes, &mut packed).unwrap_or_default();
        packed.truncate(length);
        packed
    }
}

/// A column that is being made.
#[derive(Default)]
pub(super) struct ColumnBuilder {
    values: Vec<(u64, ColumnValue)>,
    /// Codes of the present group.
    codes: Vec<u8>,
    /// Packed codes of the groups before it; empty: no line has the field.
    pub(super) groups: Vec<Vec<u8>>,
}

impl ColumnBuilder {
    /// The code of a value with this hash; `None` when there is no room for it.
    pub(super) fn code(&mut self, hash: u64, json: &[u8]) -> Option<u8> {
        let known =
            self.values.iter().position(|(known, value)| *known == hash && *value.json == *json);
        if let Some(index) = known {
            return Some(index as u8 + 1);
        }
        if self.values.len() >= VALUES_MAX || json.len() > VALUE_BYTES_MAX {
            return None;
        }
        self.values.push((hash, ColumnValue { json: json.into(), lines: 0 }));
        Some(self.values.len() as u8)
    }

    /// Notes the code of a line, counted from the start of the group. Only the first of a line counts.
    #[inline]
    pub(super) fn set(&mut self, line: usize, code: u8) {
        if self.codes.len() <= line {
            self.codes.resize(line, ABSENT);
            self.codes.push(code);
        }
    }

    /// Forgets the lines from this one on.
    pub(super) fn cut(&mut self, line: usize) {
        self.codes.truncate(line);
    }

    /// Ends group `index`, which has so many lines.
    pub(super) fn end_group(&mut self, index: usize, lines: usize, packer: &mut CodePacker) {
        self.groups.resize(index, Vec::new());
        if self.codes.iter().all(|code| *code == ABSENT) {
            self.codes.clear();
            self.groups.push(Vec::new());
            return;
        }
        self.codes.resize(lines, ABSENT);
        let mut counts = [0u64; VALUES_MAX + 1];
        self.codes.iter().for_each(|code| counts[*code as usize] += 1);
        for ((_, value), count) in self.values.iter_mut().zip(&counts[1..]) {
            value.lines += count;
        }
        self.groups.push(packer.pack(&self.codes));
        self.codes.clear();
    }

    /// Bytes of its packed codes.
    pub(super) fn bytes(&self) -> u64 {
        self.groups.iter().map(|group| group.len() as u64).sum()
    }

    /// Its dictionary and table of groups.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend((self.values.len() as u16).to_le_bytes());
        for (_, value) in &self.values {
            out.extend(value.lines.to_le_bytes());
            out.extend((value.json.len() as u32).to_le_bytes());
            out.extend(&value.json);
        }
        out.extend((self.groups.len() as u32).to_le_bytes());
        for group in &self.groups {
            out.extend((group.len() as u32).to_le_bytes());
            out.extend(crc32fast::hash(group).to_le_bytes());
        }
    }
}

/// Dictionary and groups of a column in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnTable {
    pub(super) values: Vec<ColumnValue>,
    /// Where the packed codes of each group stand in the section, their length and checksum.
    pub(super) groups: Vec<(u64, u32, u32)>,
}

impl ColumnTable {
    /// What [`ColumnBuilder::write`] wrote; `offset` is where the column begins in its section, and is moved to
    /// where the next one does.
    pub(super) fn read(bytes: &mut &[u8], offset: &mut u64) -> Option<ColumnTable> {
        let count = u16::from_le_bytes(chunk(bytes)?);
        let mut values = Vec::new();
        for _ in 0..count {
            let lines = u64::from_le_bytes(chunk(bytes)?);
            let length = u32::from_le_bytes(chunk(bytes)?) as usize;
            let (json, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            values.push(ColumnValue { json: json.into(), lines });
        }
        let mut groups = Vec::new();
        for _ in 0..u32::from_le_bytes(chunk(bytes)?) {
            let length = u32::from_le_bytes(chunk(bytes)?);
            groups.push((*offset, length, u32::from_le_bytes(chunk(bytes)?)));
            *offset = offset.checked_add(length.into())?;
        }
        (values.len() <= VALUES_MAX).then_some(ColumnTable { values, groups })
    }
}

/// The next bytes.
pub(super) fn chunk<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

/// Unpacks the codes of so many lines; `None` when they are not that many, or one is not among `values`.
pub(super) fn unpack(packed: &[u8], lines: usize, values: usize) -> Option<Vec<u8>> {
    let mut codes = vec![ABSENT; lines];
    if !packed.is_empty() {
        let length = Decompressor::new().deflate_decompress(packed, &mut codes).ok()?;
        if length != lines {
            return None;
        }
    }
    codes.iter().all(|code| usize::from(*code) <= values).then_some(codes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn codes_round_trip() {
        let mut column = ColumnBuilder::default();
        let mut packer = CodePacker::new();
        for line in [3usize, 4, 4, 9] {
            let json = format!("\"{}\"", line % 3);
            let code = column.code(line as u64 % 3, json.as_bytes()).unwrap();
            column.set(line, code);
        }
        column.cut(9);
        column.end_group(2, 12, &mut packer);
        let mut bytes = Vec::new();
        column.write(&mut bytes);
        let mut offset = 10;
        let table = ColumnTable::read(&mut &bytes[..], &mut offset).unwrap();
        assert_eq!(table.values[0], ColumnValue { json: (*b"\"0\"").into(), lines: 1 });
        assert_eq!(
            table.groups.iter().map(|group| group.1 > 0).collect::<Vec<_>>(),
            [false, false, true]
        );
        assert_eq!(offset, 10 + column.bytes());
        let codes = unpack(&column.groups[2], 12, 2).unwrap();
        assert_eq!(codes, [0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(unpack(&column.groups[2], 11, 2), None);
        assert_eq!(unpack(&column.groups[2], 12, 1), None);
        assert_eq!(unpack(&[], 2, 0), Some(vec![0, 0]));
        for cut in 0..bytes.len() {
            assert_eq!(ColumnTable::read(&mut &bytes[..cut], &mut 0), None);
        }
    }

    #[test]
    fn a_column_has_255_values() {
        let mut column = ColumnBuilder::default();
        for value in 0..300u64 {
            let code = column.code(value, value.to_string().as_bytes());
            assert_eq!(code.is_some(), value < 255);
        }
        assert_eq!(column.code(4, b"4"), Some(5));
        // Another value with the same hash is another value.
        assert_eq!(column.code(4, b"x"), None);
    }
}
