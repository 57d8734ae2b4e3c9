//! An index that is open. In come the name of a day file, then questions; out go the index, if it is that of the file
//! as it is now, and answers. Opening reads the footer and the table of sections and compares the ends of the file; all
//! else is read when it is asked for. Memory: what was asked for, never more than the index is long.

use std::io;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::blocks::{Block, Blocks, read_table};
use super::column::{ColumnTable, ColumnValue, unpack};
use super::fields::KnownField;
use super::footer::{FOOTER, Footer, Identity, START, Section, kind, read_sections};
use super::frequent;
use super::postings::Buckets;
use super::reader::BlockReader;
use super::rollup::{self, Minute};
use super::span::{self, Numbers};
use super::walk::KINDS;
use super::{SUFFIX, index_name};
use crate::directory::{Directory, Shared, is_replaced};
use crate::packed::Codec;
use crate::read::FileSnapshot;
use crate::sys::{File, OpenMode};

/// Blocks whose codes of a column are read together.
pub const GROUP_BLOCKS: u32 = super::column::GROUP_BLOCKS;
/// Bytes at each end of a file that are compared.
const ENDS: usize = 4096;

/// Why a file is read without an index.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoIndex {
    /// There is none.
    Missing,
    /// There is one, and it is of no use, for this reason.
    Unused(String),
}

impl std::fmt::Display for NoIndex {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NoIndex::Missing => formatter.write_str("there is no index"),
            NoIndex::Unused(reason) => write!(formatter, "the index is not used: {reason}"),
        }
    }
}

/// The index of one file, and the file itself. Usable from any thread.
pub struct Index {
    file: Arc<File>,
    /// Where it lies in its file, and its length.
    base: u64,
    pub(super) size: u64,
    pub(super) name: String,
    data: Arc<File>,
    /// Where the first of its lines stands in the plain file.
    first: u64,
    pub(super) footer: Footer,
    pub(super) sections: Vec<Section>,
    blocks: OnceLock<Option<Vec<Block>>>,
    fields: OnceLock<Option<Vec<KnownField>>>,
    minutes: OnceLock<Option<Vec<Minute>>>,
    pub(super) parts: [Vec<Part>; KINDS],
}

/// Postings of a range of blocks.
pub(super) struct Part {
    pub(super) buckets: Section,
    directory: Section,
    read: OnceLock<Option<Buckets>>,
}

impl Directory {
    /// The index of a file of a snapshot, in whichever form the file is there now. It is compared with the file: one
    /// of other lines is not used.
    ///
    /// # Errors
    /// There is none that can be used, with the reason. The file is then read without.
    pub fn open_index(&self, file: &FileSnapshot) -> Result<Index, NoIndex> {
        let forms = match file.codec {
            None => [None, Some(Codec::Gzip), Some(Codec::Zstd)],
            Some(Codec::Gzip) => [Some(Codec::Gzip), None, Some(Codec::Zstd)],
            Some(Codec::Zstd) => [Some(Codec::Zstd), None, Some(Codec::Gzip)],
        };
        for codec in forms {
            let opened = self.shared.open_form(file.key, codec);
            if let Some(data) = opened.map_err(|error| NoIndex::Unused(error.to_string()))? {
                let name = index_name(file.key, codec);
                return open(&self.shared, name, data, codec, file.committed);
            }
        }
        Err(NoIndex::Missing)
    }
}

/// Opens the index `name` of `data`, whose lines take `raw` bytes.
fn open(
    shared: &Shared,
    name: String,
    data: File,
    codec: Option<Codec>,
    raw: u64,
) -> Result<Index, NoIndex> {
    let file = match shared.root.open(&name, OpenMode::Read) {
        Ok(file) => file,
        Err(error) if is_replaced(&error) => return Err(NoIndex::Missing),
        Err(error) => return Err(NoIndex::Unused(error.to_string())),
    };
    let size = file.stat().map_err(|error| NoIndex::Unused(error.to_string()))?.size;
    let place = Place { base: 0, size, first: 0 };
    let index = Index::read(name, Arc::new(file), Arc::new(data), place);
    let index = index.map_err(NoIndex::Unused)?;
    index.compare(codec, raw).map_err(NoIndex::Unused)?;
    Ok(index)
}

/// Where an index lies, and where the lines that it is of begin.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) base: u64,
    pub(super) size: u64,
    pub(super) first: u64,
}

fn read_ends(file: &File, place: Place) -> Result<(Footer, Vec<Section>), String> {
    let failed = |error: io::Error| error.to_string();
    let Place { base, size, .. } = place;
    let mut start = [0; START.len()];
    let mut end = [0; FOOTER];
    let is_long = size >= (START.len() + FOOTER) as u64;
    if !is_long || file.read_at(&mut start, base).map_err(failed)? != start.len() || start != *START
    {
        return Err("it does not begin as an index does".to_owned());
    }
    file.read_at(&mut end, base + size - FOOTER as u64).map_err(failed)?;
    let footer = Footer::read(&end, size)?;
    let mut table = vec![0; footer.table.1 as usize];
    file.read_at(&mut table, base + footer.table.0).map_err(failed)?;
    let sections = read_sections(&table, &footer)?;
    Ok((footer, sections))
}

/// The parts of one kind of postings, in the order of their blocks.
fn parts(sections: &[Section], index: usize) -> Vec<Part> {
    let of = |kind: u16| sections.iter().filter(move |section| section.kind == kind + index as u16);
    let mut parts: Vec<Part> = of(kind::POSTINGS)
        .filter_map(|buckets| {
            let directory =
                of(kind::DIRECTORIES).find(|directory| directory.part == buckets.part)?;
            Some(Part { buckets: *buckets, directory: *directory, read: OnceLock::new() })
        })
        .collect();
    parts.sort_by_key(|part| part.buckets.first_block);
    parts
}

/// What identifies a stored file, but for its lines.
pub(crate) fn identity(data: &File, codec: Option<Codec>, raw: u64) -> io::Result<Identity> {
    let stat = data.stat()?;
    let mut end = vec![0; ENDS];
    let mut crc = |at: u64| -> io::Result<u32> {
        let length = data.read_at(&mut end, at)?;
        Ok(crc32fast::hash(&end[..length]))
    };
    let ends = [crc(0)?, crc(stat.size.saturating_sub(ENDS as u64))?];
    let (stored, modified_ns) = (stat.size, stat.modified_ns);
    Ok(Identity { codec, store: [0; 16], birth: 0, raw, stored, modified_ns, ends })
}

impl Index {
    /// Reads the ends of the index that lies at this place. What file it is of is not looked at.
    pub(super) fn read(
        name: String,
        file: Arc<File>,
        data: Arc<File>,
        place: Place,
    ) -> Result<Index, String> {
        let (footer, sections) = read_ends(&file, place)?;
        Ok(Index {
            file,
            base: place.base,
            size: place.size,
            name,
            data,
            first: place.first,
            footer,
            parts: [0, 1, 2].map(|kind| parts(&sections, kind)),
            sections,
            blocks: OnceLock::new(),
            fields: OnceLock::new(),
            minutes: OnceLock::new(),
        })
    }

    /// Where the lines that it is of stand in the plain file.
    pub fn range(&self) -> Range<u64> {
        self.first..self.first.saturating_add(self.footer.identity.raw)
    }

    /// Compares the file with what the index is of.
    fn compare(&self, codec: Option<Codec>, raw: u64) -> Result<(), String> {
        let now = identity(&self.data, codec, raw).map_err(|error| error.to_string())?;
        let then = self.footer.identity;
        let is_same = |left: &Identity, right: &Identity| {
            let of = |one: &Identity| (one.codec, one.raw, one.stored, one.ends);
            of(left) == of(right)
        };
        if !is_same(&now, &then) {
            return Err("it is of another file".to_owned());
        }
        match (now.modified_ns == then.modified_ns, codec) {
            (true, _) => Ok(()),
            (false, Some(Codec::Gzip)) if self.members_fit() => Ok(()),
            _ => Err("the file was changed or copied since it was made".to_owned()),
        }
    }

    /// Whether each gzip member has the length and checksum that the index says.
    fn members_fit(&self) -> bool {
        let fits = |block: &Block| {
            let mut end = [0; 8];
            let at = block.at + u64::from(block.stored.max(8)) - 8;
            let length = self.data.read_at(&mut end, at).unwrap_or(0);
            let expect = [block.crc32.to_le_bytes(), block.raw.to_le_bytes()].concat();
            length == 8 && end == expect[..]
        };
        self.blocks().is_some_and(|blocks| blocks.iter().all(fits))
    }

    /// Number of blocks.
    pub fn block_count(&self) -> u32 {
        self.footer.blocks
    }

    /// Lines of all blocks.
    pub fn lines(&self) -> u64 {
        self.footer.lines
    }

    /// Blocks with lines that are no JSON objects: they are in every answer.
    pub fn irregular(&self) -> u32 {
        self.footer.irregular
    }

    /// Least and greatest time in the usual form; `None` when no line has one.
    pub fn times(&self) -> Option<(i64, i64)> {
        self.footer.times
    }

    /// What is known of each block, in the order of the lines; `None` when the table is damaged.
    pub fn blocks(&self) -> Option<&[Block]> {
        let read = || {
            let bytes = self.section(kind::BLOCKS)?;
            let table = read_table(&bytes, self.range())?;
            (table.len() == self.footer.blocks as usize).then_some(table)
        };
        self.blocks.get_or_init(read).as_deref()
    }

    /// A reader of blocks, for one thread.
    ///
    /// # Errors
    /// This program was built without the codec of the file.
    pub fn reader(&self) -> io::Result<BlockReader> {
        BlockReader::new(self.data.clone(), self.footer.identity.codec)
    }

    /// The column of a field; `None` when it has none, or not all is known of it.
    pub fn column(&self, path: &str) -> Option<Column<'_>> {
        static NOTHING: ColumnTable = ColumnTable { values: Vec::new(), groups: Vec::new() };
        let table = match self.field(path)? {
            Some(field) => field.column.as_ref()?,
            None if self.footer.has_more_fields => return None,
            None => &NOTHING,
        };
        Some(Column { index: self, table, blocks: self.blocks()? })
    }

    /// The least and the greatest number of a field in each block; `None` when it is not among the fields of which
    /// that is known. Lines without the field say nothing.
    pub fn numbers(&self, path: &str) -> Option<Vec<Numbers>> {
        if self.field(path)?.is_some_and(|field| field.is_container) {
            return None;
        }
        let blocks = self.blocks()?;
        let mut all = span::read(&self.section(kind::SPANS)?, path, blocks.len())?;
        for (numbers, block) in all.iter_mut().zip(blocks) {
            if !block.is_regular {
                *numbers = Numbers::Unknown;
            }
        }
        Some(all)
    }

    /// Lines with a usual time by minute and level, of all regular blocks; `None` when it is damaged.
    pub fn rollup(&self) -> Option<&[Minute]> {
        let read = || rollup::read(&self.section(kind::ROLLUP)?);
        self.minutes.get_or_init(read).as_deref()
    }

    /// Blocks, in order, and in how many of their lines `message` has this word, as it is written. Of the blocks that
    /// are not named nothing is known. `None` when that is damaged, or the index is of an earlier version.
    pub fn lines_with(&self, word: &str) -> Option<Vec<(u32, u32)>> {
        let blocks = self.blocks()?;
        let found = frequent::read(&self.section(kind::FREQUENT)?, word)?;
        let is_possible = |(block, lines): &(u32, u32)| {
            blocks.get(*block as usize).is_some_and(|block| *lines <= block.lines)
        };
        found.iter().all(is_possible).then_some(found)
    }

    /// What was left out to keep the index small.
    pub fn left_out(&self) -> Vec<String> {
        let bytes = self.section(kind::LEFT_OUT).unwrap_or_default();
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }

    /// The field of this path, if there is one; `None` when that is not known.
    pub(super) fn field(&self, path: &str) -> Option<Option<&KnownField>> {
        Some(self.all_fields()?.iter().find(|field| field.path == path))
    }

    pub(super) fn all_fields(&self) -> Option<&[KnownField]> {
        let read = || super::fields::read(&self.section(kind::FIELDS)?);
        self.fields.get_or_init(read).as_deref()
    }

    /// The bytes of a section; `None` when they are missing or damaged.
    pub(super) fn section(&self, kind: u16) -> Option<Vec<u8>> {
        let section = self.sections.iter().find(|section| section.kind == kind)?;
        self.checked(section)
    }

    pub(super) fn checked(&self, section: &Section) -> Option<Vec<u8>> {
        let bytes = self.bytes(section.offset, section.length)?;
        (crc32fast::hash(&bytes) == section.crc32).then_some(bytes)
    }

    /// Bytes of the index, all of which lie in front of its table of sections.
    pub(super) fn bytes(&self, offset: u64, length: u64) -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(length).ok()?];
        let read = self.file.read_at(&mut bytes, self.base.checked_add(offset)?).ok()?;
        (read == bytes.len()).then_some(bytes)
    }

    /// The directory of a part; `None` when it is damaged.
    pub(super) fn buckets<'a>(&self, part: &'a Part) -> Option<&'a Buckets> {
        let read = || {
            let directory = self.checked(&part.directory)?;
            Buckets::read(&directory, part.buckets.length, part.buckets.blocks)
        };
        part.read.get_or_init(read).as_ref()
    }

    /// The blocks that are in every answer.
    pub(super) fn always(&self) -> Blocks {
        let count = self.footer.blocks;
        match self.footer.irregular {
            0 => Blocks::none(count),
            _ => match self.blocks() {
                None => Blocks::all(count),
                Some(blocks) => {
                    let mut always = Blocks::none(count);
                    let irregular = |(number, block): (usize, &Block)| {
                        (!block.is_regular).then_some(number as u32)
                    };
                    blocks
                        .iter()
                        .enumerate()
                        .filter_map(irregular)
                        .for_each(|number| always.insert(number));
                    always
                }
            },
        }
    }

    /// Name of the file that the index is of.
    pub fn file_name(&self) -> &str {
        self.name.strip_suffix(SUFFIX).unwrap_or(&self.name)
    }
}

/// The values of one field, line by line.
pub struct Column<'a> {
    index: &'a Index,
    table: &'a ColumnTable,
    blocks: &'a [Block],
}

impl Column<'_> {
    /// Its different values; code 1 is the first. A value has 0 lines when it stands in irregular blocks only.
    pub fn values(&self) -> &[ColumnValue] {
        &self.table.values
    }

    /// The codes of the lines of blocks `32 * group` and following, [`GROUP_BLOCKS`] of them: 0 where a line does not
    /// have the field. Those of irregular blocks say nothing. `None` when they are damaged.
    pub fn codes(&self, group: u32) -> Option<Vec<u8>> {
        let first = group.checked_mul(GROUP_BLOCKS)? as usize;
        let blocks = self.blocks.get(first..)?.iter().take(GROUP_BLOCKS as usize);
        let lines: usize = blocks.map(|block| block.lines as usize).sum();
        let Some((offset, length, crc32)) = self.table.groups.get(group as usize) else {
            // Of a field that no line has there are no groups.
            return self.table.groups.is_empty().then(|| vec![0; lines]);
        };
        let section = self.index.sections.iter().find(|section| section.kind == kind::COLUMNS)?;
        if offset.checked_add((*length).into())? > section.length {
            return None;
        }
        let packed = self.index.bytes(section.offset + offset, (*length).into())?;
        if crc32fast::hash(&packed) != *crc32 {
            return None;
        }
        // Deflate makes at most 1,032 bytes of one.
        let is_possible = packed.is_empty() || lines / 1032 <= packed.len();
        is_possible.then(|| unpack(&packed, lines, self.table.values.len()))?
    }
}
