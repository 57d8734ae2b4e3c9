//! The end of an index: what file it is of, and where its sections are. In come bytes of any content; what does not
//! fit its checksums, or lies beyond the file, is refused. And back.

use crate::packed::Codec;

/// How every index begins.
pub(super) const START: &[u8; 8] = b"LLINDEX1";
/// Bytes of the footer.
pub(super) const FOOTER: usize = 160;
const END: &[u8; 8] = b"LLIDXEND";
const VERSION: u32 = 2;
const ENTRY: usize = 32;
const SECTIONS_MAX: u32 = 4096;

const HAS_OTHER_TIMES: u8 = 1;
const HAS_MORE_FIELDS: u8 = 2;
const HAS_SKIPPED: u8 = 4;

/// Kinds of sections.
pub(super) mod kind {
    pub(in super::super) const BLOCKS: u16 = 1;
    pub(in super::super) const FIELDS: u16 = 2;
    pub(in super::super) const COLUMNS: u16 = 3;
    pub(in super::super) const ROLLUP: u16 = 4;
    pub(in super::super) const SPANS: u16 = 5;
    pub(in super::super) const LEFT_OUT: u16 = 6;
    pub(in super::super) const FREQUENT: u16 = 7;
    /// Of words; of digits and pairs the next two.
    pub(in super::super) const POSTINGS: u16 = 16;
    pub(in super::super) const DIRECTORIES: u16 = 32;
}

/// The stored file that an index is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) codec: Option<Codec>,
    /// Identity of the catalogue; zeros without one.
    pub(crate) store: [u8; 16],
    /// 0: unknown.
    pub(crate) birth: u64,
    /// Length of its plain lines.
    pub(crate) raw: u64,
    pub(crate) stored: u64,
    pub(crate) modified_ns: i64,
    /// CRC-32 of its first and last bytes.
    pub(crate) ends: [u32; 2],
}

/// What the footer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Footer {
    pub(super) identity: Identity,
    pub(super) has_other_times: bool,
    pub(super) has_more_fields: bool,
    pub(super) has_skipped: bool,
    pub(super) lines: u64,
    pub(super) blocks: u32,
    pub(super) irregular: u32,
    pub(super) times: Option<(i64, i64)>,
    pub(super) seed: u64,
    /// Offset, length and checksum of the table of sections.
    pub(super) table: (u64, u32, u32),
}

/// A part of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) kind: u16,
    pub(super) part: u16,
    pub(super) first_block: u32,
    pub(super) blocks: u32,
    pub(super) crc32: u32,
    pub(super) offset: u64,
    pub(super) length: u64,
}

impl Footer {
    pub(super) fn write(&self) -> [u8; FOOTER] {
        let mut bytes = [0; FOOTER];
        let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
        let Identity { codec, store, birth, raw, stored, modified_ns, ends } = self.identity;
        let bit = |is: bool, bit: u8| if is { bit } else { 0 };
        put(0, END);
        put(8, &VERSION.to_le_bytes());
        put(12, &[codec.map_or(0, |codec| codec as u8 + 1)]);
        put(
            13,
            &[bit(self.has_other_times, HAS_OTHER_TIMES)
                | bit(self.has_more_fields, HAS_MORE_FIELDS)
                | bit(self.has_skipped, HAS_SKIPPED)],
        );
        put(16, &store);
        put(32, &birth.to_le_bytes());
        put(40, &raw.to_le_bytes());
        put(48, &stored.to_le_bytes());
        put(56, &modified_ns.to_le_bytes());
        put(64, &ends[0].to_le_bytes());
        put(68, &ends[1].to_le_bytes());
        put(72, &self.lines.to_le_bytes());
        put(80, &self.blocks.to_le_bytes());
        put(84, &self.irregular.to_le_bytes());
        let (first, last) = self.times.unwrap_or((1, 0));
        put(88, &first.to_le_bytes());
        put(96, &last.to_le_bytes());
        put(104, &self.seed.to_le_bytes());
        put(112, &self.table.0.to_le_bytes());
        put(120, &self.table.1.to_le_bytes());
        put(124, &self.table.2.to_le_bytes());
        let check = crc32fast::hash(&bytes[..FOOTER - 4]);
        bytes[FOOTER - 4..].copy_from_slice(&check.to_le_bytes());
        bytes
    }

    /// The footer at the end of an index of `size` bytes; the error says what is wrong with it.
    pub(super) fn read(bytes: &[u8; FOOTER], size: u64) -> Result<Footer, String> {
        let u32_at = |at: usize| u32::from_le_bytes(array(bytes, at));
        let u64_at = |at: usize| u64::from_le_bytes(array(bytes, at));
        if bytes[..8] != *END {
            return Err("it does not end as an index does".to_owned());
        }
        if u32_at(8) != VERSION {
            return Err(format!("it has version {}, this program reads {VERSION}", u32_at(8)));
        }
        if crc32fast::hash(&bytes[..FOOTER - 4]) != u32_at(FOOTER - 4) {
            return Err("the checksum of its footer does not fit".to_owned());
        }
        let codec = match bytes[12] {
            0 => None,
            form => Some(*Codec::ALL.get(form as usize - 1).ok_or("it is of an unknown form")?),
        };
        let times = (u64_at(88) as i64, u64_at(96) as i64);
        let table = (u64_at(112), u32_at(120), u32_at(124));
        let end = table.0.checked_add(table.1.into());
        if end != Some(size - FOOTER as u64) || table.1 > SECTIONS_MAX * ENTRY as u32 {
            return Err("its table of sections is not where it must be".to_owned());
        }
        Ok(Footer {
            identity: Identity {
                codec,
                store: array(bytes, 16),
                birth: u64_at(32),
                raw: u64_at(40),
                stored: u64_at(48),
                modified_ns: u64_at(56) as i64,
                ends: [u32_at(64), u32_at(68)],
            },
            has_other_times: bytes[13] & HAS_OTHER_TIMES != 0,
            has_more_fields: bytes[13] & HAS_MORE_FIELDS != 0,
            has_skipped: bytes[13] & HAS_SKIPPED != 0,
            lines: u64_at(72),
            blocks: u32_at(80),
            irregular: u32_at(84),
            times: Some(times).filter(|(first, last)| first <= last),
            seed: u64_at(104),
            table,
        })
    }
}

impl Section {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.kind.to_le_bytes());
        out.extend(self.part.to_le_bytes());
        out.extend(self.first_block.to_le_bytes());
        out.extend(self.blocks.to_le_bytes());
        out.extend(self.crc32.to_le_bytes());
        out.extend(self.offset.to_le_bytes());
        out.extend(self.length.to_le_bytes());
    }

    fn read(bytes: &[u8; ENTRY]) -> Section {
        Section {
            kind: u16::from_le_bytes(array(bytes, 0)),
            part: u16::from_le_bytes(array(bytes, 2)),
            first_block: u32::from_le_bytes(array(bytes, 4)),
            blocks: u32::from_le_bytes(array(bytes, 8)),
            crc32: u32::from_le_bytes(array(bytes, 12)),
            offset: u64::from_le_bytes(array(bytes, 16)),
            length: u64::from_le_bytes(array(bytes, 24)),
        }
    }
}

/// The table of sections of an index; the error says what is wrong with it.
pub(super) fn read_sections(bytes: &[u8], footer: &Footer) -> Result<Vec<Section>, String> {
    let (entries, rest) = bytes.as_chunks::<ENTRY>();
    if !rest.is_empty() || crc32fast::hash(bytes) != footer.table.2 {
        return Err("the checksum of its table of sections does not fit".to_owned());
    }
    let sections: Vec<Section> = entries.iter().map(Section::read).collect();
    let is_inside = |section: &Section| {
        let end = section.offset.checked_add(section.length);
        let last = section.first_block.checked_add(section.blocks);
        end.is_some_and(|end| end <= footer.table.0)
            && last.is_some_and(|last| last <= footer.blocks)
    };
    match sections.iter().all(is_inside) {
        true => Ok(sections),
        false => Err("a section lies outside of it".to_owned()),
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}
