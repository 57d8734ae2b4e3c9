//! Makes the index of one file. In come its blocks, in order, each with its lines; out go the bytes of the index. What
//! would make it larger than the settings allow is left out, in the order that `docs/format-index.md` states, and told
//! in it. Memory: at most 64 MiB of entries, which are packed when there are as many, and what is packed.

use super::blocks::{Block, ENTRY as BLOCK_BYTES};
use super::column::{CodePacker, GROUP_BLOCKS};
use super::field::Field;
use super::footer::{Footer, Identity, START, Section, kind};
use super::postings::{Encoded, Keys, encode, sort};
use super::settings::IndexSettings;
use super::walk::{DIGITS, KINDS, PAIRS, Summary, WORDS, Walk};

/// Entries of a part.
const PART_ENTRIES: usize = 4 << 20;
/// Bits that keys have more than would number them; fewer where there is no room.
const SPARE_BITS: [u32; 3] = [16, 12, 8];
/// Columns may take so much of all room.
const COLUMNS_PERCENT: u64 = 40;
/// Counts of frequent words may take one of so many parts of all room.
const FREQUENT_SHARE: u64 = 10;
/// Fields whose numbers are told.
const SPANS_MAX: usize = 8;
const KIND_NAMES: [&str; KINDS] = ["words", "words of up to 9 digits", "values of fields"];

/// Where a block lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlockPlace {
    /// Where it begins in the stored file, and its length there.
    pub(crate) at: u64,
    pub(crate) stored: u32,
    /// Where its first line stands in the plain file.
    pub(crate) offset: u64,
    /// CRC-32 of its lines.
    pub(crate) crc32: u32,
}

/// Makes an index.
pub(crate) struct Builder {
    settings: IndexSettings,
    seed: u64,
    walk: Walk,
    blocks: Vec<Block>,
    raw: u64,
    /// First block of the present part, and its number.
    part_start: u32,
    part: u16,
    postings: Vec<(Section, Vec<u8>)>,
    left_out: Vec<String>,
    packer: CodePacker,
    room: Vec<u64>,
}

impl Builder {
    /// Begins; `seed` is random.
    pub(crate) fn new(settings: &IndexSettings, seed: u64) -> Builder {
        Builder {
            settings: settings.clone(),
            seed,
            walk: Walk::new(seed, &settings.skip_fields),
            blocks: Vec::new(),
            raw: 0,
            part_start: 0,
            part: 0,
            postings: Vec::new(),
            left_out: Vec::new(),
            packer: CodePacker::new(),
            room: Vec::new(),
        }
    }

    /// Takes the next block with its lines.
    pub(crate) fn block(&mut self, lines: &[u8], place: BlockPlace) {
        self.walk.block = self.blocks.len();
        self.walk.block_of_part = self.blocks.len() as u32 - self.part_start;
        let summary = self.walk.block(lines);
        let block = block_of(lines, place, summary);
        if summary.is_none() {
            self.walk.line_of_group += block.lines as usize;
        }
        self.raw += u64::from(block.raw);
        self.blocks.push(block);
        if (self.blocks.len() as u32).is_multiple_of(GROUP_BLOCKS) {
            self.end_group();
        }
        if self.walk.entries.iter().map(Vec::len).sum::<usize>() >= PART_ENTRIES {
            self.end_part();
        }
    }

    fn end_group(&mut self) {
        let index = self.blocks.len().div_ceil(GROUP_BLOCKS as usize).saturating_sub(1);
        let lines = self.walk.line_of_group;
        for column in self.walk.fields.all.iter_mut().filter_map(|field| field.column.as_mut()) {
            column.end_group(index, lines, &mut self.packer);
        }
        self.walk.line_of_group = 0;
    }

    /// Packs the entries so far.
    fn end_part(&mut self) {
        let blocks = self.blocks.len() as u32 - self.part_start;
        self.limit_columns();
        for entries in &mut self.walk.entries {
            sort(entries, &mut self.room);
        }
        let (kinds, keys) = self.choose(blocks);
        for kind in 0..KINDS {
            if kinds[kind] {
                let encoded = encode(&self.walk.entries[kind], blocks, keys[kind]);
                self.push_postings(kind, blocks, encoded);
            } else {
                let end = self.part_start + blocks;
                let name = KIND_NAMES[kind];
                self.left_out.push(format!("{name} in blocks {} to {end}", self.part_start));
            }
        }
        self.walk.entries.iter_mut().for_each(Vec::clear);
        self.part_start += blocks;
        self.part = self.part.saturating_add(1);
    }

    fn push_postings(&mut self, kind: usize, blocks: u32, encoded: Encoded) {
        let section = |of: u16, crc32: u32, bytes: Vec<u8>| {
            let (first_block, part) = (self.part_start, self.part);
            let section = Section {
                kind: of + kind as u16,
                part,
                first_block,
                blocks,
                crc32,
                offset: 0,
                length: 0,
            };
            (section, bytes)
        };
        let crc32 = crc32fast::hash(&encoded.directory);
        let both = [
            section(kind::POSTINGS, 0, encoded.buckets),
            section(kind::DIRECTORIES, crc32, encoded.directory),
        ];
        self.postings.extend(both);
    }

    /// Which kinds of entries there is room for, and how their keys are written.
    fn choose(&self, blocks: u32) -> ([bool; KINDS], [Keys; KINDS]) {
        let used = self.postings.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>()
            + self.columns_bytes()
            + (self.blocks.len() * BLOCK_BYTES) as u64;
        let room = self.settings.room(self.raw).saturating_sub(used);
        let entries = &self.walk.entries;
        let keys_of = |spare: u32| [0, 1, 2].map(|kind| Keys::of(&entries[kind], spare));
        let sizes_of =
            |keys: [Keys; KINDS]| [0, 1, 2].map(|kind| keys[kind].measure(&entries[kind], blocks));
        let mut keys = keys_of(SPARE_BITS[0]);
        let mut sizes = sizes_of(keys);
        for spare in &SPARE_BITS[1..] {
            if sizes.iter().sum::<u64>() <= room {
                break;
            }
            keys = keys_of(*spare);
            sizes = sizes_of(keys);
        }
        let mut kinds = [true; KINDS];
        for kind in [PAIRS, DIGITS, WORDS] {
            let total: u64 =
                [0, 1, 2].into_iter().filter(|kind| kinds[*kind]).map(|kind| sizes[kind]).sum();
            kinds[kind] = total <= room;
        }
        (kinds, keys)
    }

    fn columns_bytes(&self) -> u64 {
        self.walk
            .fields
            .all
            .iter()
            .filter_map(|field| field.column.as_ref())
            .map(|one| one.bytes())
            .sum()
    }

    /// Gives up the largest columns while all take more than their share.
    fn limit_columns(&mut self) {
        let room = self.settings.room(self.raw) * COLUMNS_PERCENT / 100;
        while self.columns_bytes() > room {
            let size = |field: &Field| field.column.as_ref().map_or(0, |column| column.bytes());
            let Some(largest) = self.walk.fields.all.iter_mut().max_by_key(|field| size(field))
            else {
                return;
            };
            largest.column = None;
            self.left_out.push(format!("the column of {}", largest.path));
        }
    }

    /// The whole index.
    pub(crate) fn finish(mut self, identity: Identity) -> Vec<u8> {
        if !(self.blocks.len() as u32).is_multiple_of(GROUP_BLOCKS) {
            self.end_group();
        }
        self.end_part();
        self.close_fields();
        let frequent = self.frequent();
        let mut bytes = START.to_vec();
        let mut table = Vec::new();
        let mut add = |mut section: Section, content: &[u8]| {
            section.offset = bytes.len() as u64;
            section.length = content.len() as u64;
            section.write(&mut table);
            bytes.extend(content);
        };
        let blocks = self.blocks.len() as u32;
        let of_all = |kind: u16, content: &[u8]| {
            let crc32 = if kind == kind::COLUMNS { 0 } else { crc32fast::hash(content) };
            Section { kind, part: 0, first_block: 0, blocks, crc32, offset: 0, length: 0 }
        };
        for (section, content) in &self.postings {
            add(*section, content);
        }
        for (kind, content) in [
            (kind::COLUMNS, self.columns()),
            (kind::SPANS, self.spans()),
            (kind::ROLLUP, self.walk.rollup.write()),
            (kind::FREQUENT, frequent),
            (kind::FIELDS, self.fields()),
            (kind::LEFT_OUT, self.left_out.join("\n").into_bytes()),
            (kind::BLOCKS, self.table()),
        ] {
            add(of_all(kind, &content), &content);
        }
        let place = (bytes.len() as u64, table.len() as u32, crc32fast::hash(&table));
        bytes.extend(&table);
        bytes.extend(self.footer(identity, place).write());
        bytes
    }

    /// The counts of frequent words, if they take little of all room.
    fn frequent(&mut self) -> Vec<u8> {
        let bytes = self.walk.frequent.write();
        if bytes.len() as u64 <= self.settings.room(self.raw) / FREQUENT_SHARE {
            return bytes;
        }
        self.left_out.push("how often frequent words are in messages".to_owned());
        0u32.to_le_bytes().to_vec()
    }

    /// Gives up what cannot be told for certain.
    fn close_fields(&mut self) {
        let groups = self.blocks.len().div_ceil(GROUP_BLOCKS as usize);
        let has_more = self.walk.fields.has_more;
        for field in &mut self.walk.fields.all {
            // A field of another one that has no number may have been met under neither's name.
            if has_more && field.path.contains('.') {
                (field.column, field.has_pairs) = (None, false);
            }
            if let Some(column) = &mut field.column {
                column.groups.resize(groups, Vec::new());
            }
        }
    }

    fn columns(&self) -> Vec<u8> {
        let columns = self.walk.fields.all.iter().filter_map(|field| field.column.as_ref());
        columns.flat_map(|column| column.groups.iter().flatten().copied()).collect()
    }

    fn fields(&self) -> Vec<u8> {
        let mut out = (self.walk.fields.all.len() as u32).to_le_bytes().to_vec();
        for field in &self.walk.fields.all {
            super::fields::write(field, &mut out);
        }
        out
    }

    /// Spans of the fields that have numbers in most blocks.
    fn spans(&mut self) -> Vec<u8> {
        let mut fields: Vec<&mut Field> = self.walk.fields.all.iter_mut().collect();
        fields.retain(|field| {
            !field.is_container && field.spans.as_ref().is_some_and(|spans| spans.numbers > 0)
        });
        let numbers = |field: &Field| field.spans.as_ref().map_or(0, |spans| spans.numbers);
        fields.sort_by_key(|field| std::cmp::Reverse(numbers(field)));
        fields.truncate(SPANS_MAX);
        let mut out = (fields.len() as u32).to_le_bytes().to_vec();
        for field in fields {
            out.extend((field.path.len() as u16).to_le_bytes());
            out.extend(field.path.as_bytes());
            if let Some(spans) = &mut field.spans {
                spans.write(self.blocks.len(), &mut out);
            }
        }
        out
    }

    fn table(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.blocks.len() * BLOCK_BYTES);
        self.blocks.iter().for_each(|block| block.write(&mut out));
        out
    }

    fn footer(&self, identity: Identity, table: (u64, u32, u32)) -> Footer {
        let mut times: Option<(i64, i64)> = None;
        for (first, last) in self.blocks.iter().filter_map(|block| block.times) {
            let (low, high) = times.unwrap_or((first, last));
            times = Some((low.min(first), high.max(last)));
        }
        Footer {
            identity,
            has_other_times: self.blocks.iter().any(|block| block.has_other_times),
            has_more_fields: self.walk.fields.has_more,
            has_skipped: self.walk.has_skipped,
            lines: self.blocks.iter().map(|block| u64::from(block.lines)).sum(),
            blocks: self.blocks.len() as u32,
            irregular: self.blocks.iter().filter(|block| !block.is_regular).count() as u32,
            times,
            seed: self.seed,
            table,
        }
    }
}

fn block_of(lines: &[u8], place: BlockPlace, summary: Option<Summary>) -> Block {
    let known = summary.unwrap_or_default();
    let count = || memchr::memchr_iter(b'\n', lines).count() + usize::from(!lines.ends_with(b"\n"));
    Block {
        at: place.at,
        stored: place.stored,
        raw: lines.len() as u32,
        offset: place.offset,
        lines: summary.map_or_else(|| count() as u32, |summary| summary.lines),
        crc32: place.crc32,
        times: known.times,
        levels: known.levels,
        is_regular: summary.is_some(),
        is_in_order: summary.is_some() && !known.is_unordered,
        has_other_times: known.has_other_times,
        has_untimed: known.has_untimed,
    }
}
