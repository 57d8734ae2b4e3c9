//! Looking an index through. In comes an open index; out go its size by section, and every place that is damaged. Reads
//! all of it.

use super::footer::{Section, kind};
use super::open::{GROUP_BLOCKS, Index};
use super::walk::{DIGITS, KINDS, PAIRS, WORDS};

/// What an index holds, and whether all of it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IndexCheck {
    /// Bytes of the whole index.
    pub bytes: u64,
    /// Bytes of the plain lines that it is of.
    pub raw: u64,
    /// Bytes of the file that it is of.
    pub stored: u64,
    /// Bytes by section.
    pub sections: Vec<(&'static str, u64)>,
    /// Different entries of postings: words, words of few digits, values of fields.
    pub keys: [u64; KINDS],
    /// Paths of the fields that have a column.
    pub columns: Vec<String>,
    /// What was left out.
    pub left_out: Vec<String>,
    /// What is damaged.
    pub damage: Vec<String>,
}

impl Index {
    /// Reads all of the index and tells what is in it.
    pub fn check(&self) -> IndexCheck {
        let mut check = IndexCheck {
            bytes: self.size,
            raw: self.footer.identity.raw,
            stored: self.footer.identity.stored,
            sections: self.sizes(),
            keys: [WORDS, DIGITS, PAIRS].map(|kind| self.keys(kind)),
            columns: Vec::new(),
            left_out: self.left_out(),
            damage: Vec::new(),
        };
        for section in &self.sections {
            let has_own_check = section.kind == kind::COLUMNS
                || (kind::POSTINGS..kind::DIRECTORIES).contains(&section.kind);
            if !has_own_check && self.checked(section).is_none() {
                check.damage.push(format!("the section of {}", name_of(section)));
            }
        }
        for part in self.parts.iter().flatten() {
            if !self.part_is_good(part) {
                check.damage.push(format!("the section of {}", name_of(&part.buckets)));
            }
        }
        let is_known = self.blocks().is_some() && self.rollup().is_some();
        if !is_known {
            check.damage.push("its table of blocks or of minutes".to_owned());
        }
        self.check_columns(&mut check);
        check
    }

    fn check_columns(&self, check: &mut IndexCheck) {
        let Some(fields) = self.all_fields() else { return };
        let groups = self.block_count().div_ceil(GROUP_BLOCKS);
        for field in fields.iter().filter(|field| field.column.is_some()) {
            let column = self.column(&field.path);
            let is_good =
                column.is_some_and(|column| (0..groups).all(|group| column.codes(group).is_some()));
            if !is_good {
                check.damage.push(format!("the column of {}", field.path));
            }
            check.columns.push(field.path.clone());
        }
    }

    fn part_is_good(&self, part: &super::open::Part) -> bool {
        let Some(buckets) = self.buckets(part) else { return false };
        buckets.places().all(|(hash, place)| {
            let bytes = self.bytes(part.buckets.offset + place.start, place.end - place.start);
            bytes.is_some_and(|bytes| buckets.probe(&bytes, hash).is_some())
        })
    }

    fn keys(&self, kind: usize) -> u64 {
        let parts = self.parts[kind].iter().filter_map(|part| self.buckets(part));
        parts.map(|buckets| u64::from(buckets.keys())).sum()
    }

    fn sizes(&self) -> Vec<(&'static str, u64)> {
        let mut sizes: Vec<(&'static str, u64)> = Vec::new();
        for section in &self.sections {
            let name = name_of(section);
            match sizes.iter_mut().find(|(known, _)| *known == name) {
                Some((_, bytes)) => *bytes += section.length,
                None => sizes.push((name, section.length)),
            }
        }
        sizes
    }
}

fn name_of(section: &Section) -> &'static str {
    match section.kind {
        kind::BLOCKS => "blocks",
        kind::FIELDS => "fields",
        kind::COLUMNS => "columns",
        kind::ROLLUP => "minutes",
        kind::SPANS => "spans of numbers",
        kind::FREQUENT => "frequent words of messages",
        kind::LEFT_OUT => "what was left out",
        16 | 32 => "words",
        17 | 33 => "words of few digits",
        18 | 34 => "values of fields",
        _ => "an unknown kind",
    }
}
