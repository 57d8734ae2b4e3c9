//! The fields of a file, by their paths. In come names as they are met; out go numbers, found without a look at a table
//! where fields follow each other as they did before. More than [`FIELDS_MAX`] are not told apart.

use std::collections::HashMap;

use super::column::ColumnBuilder;
use super::hash::Hasher;
use super::span::Spans;

/// Fields that are told apart.
const FIELDS_MAX: usize = 1024;
/// Longer paths are no fields.
const PATH_MAX: usize = 512;
/// Fields with more different values in a block, and without a column, have no pairs.
const PAIRS_PER_BLOCK: u32 = 64;
/// Fields whose numbers are watched.
const SPANS_MAX: usize = 32;

/// Number of a field.
pub(super) type FieldNumber = u32;
/// Stands for the line itself as parent, and for no field.
pub(super) const NO_FIELD: FieldNumber = u32::MAX;
/// The parent of fields that are never taken for the likely one.
const NEVER: FieldNumber = u32::MAX - 1;
/// The two that every line begins with.
pub(super) const TIMESTAMP: FieldNumber = 0;
pub(super) const LEVEL: FieldNumber = 1;

/// What is known of a field.
pub(super) struct Field {
    pub(super) path: Box<str>,
    /// Its name within its parent.
    key: Box<[u8]>,
    parent: FieldNumber,
    /// The field that followed it last, and the first one of its own.
    next: FieldNumber,
    first: FieldNumber,
    /// Hash of its path.
    pub(super) hash: u64,
    pub(super) is_container: bool,
    pub(super) has_odd_numbers: bool,
    /// Whether all its pairs are among the entries.
    pub(super) has_pairs: bool,
    /// Left out by the settings.
    pub(super) is_skipped: bool,
    /// Different values in the present block.
    pub(super) fresh: u32,
    pub(super) column: Option<ColumnBuilder>,
    pub(super) spans: Option<Spans>,
    /// Had something that is no number before it had any.
    has_others: bool,
}

impl Field {
    /// Whether the values of a block are worth being told apart.
    #[inline]
    pub(super) fn is_narrow(&self) -> bool {
        self.has_pairs || self.column.is_some()
    }
}

/// All fields of a file.
pub(super) struct Fields {
    pub(super) all: Vec<Field>,
    by_path: HashMap<Box<str>, FieldNumber>,
    hasher: Hasher,
    skip: Vec<String>,
    /// The first field of a line.
    first: FieldNumber,
    path: String,
    spans: usize,
    /// There were fields that are not in `all`.
    pub(super) has_more: bool,
}

impl Fields {
    pub(super) fn new(hasher: Hasher, skip: &[String]) -> Fields {
        let mut fields = Fields {
            all: Vec::new(),
            by_path: HashMap::new(),
            hasher,
            skip: skip.to_vec(),
            first: TIMESTAMP,
            path: String::new(),
            spans: 0,
            has_more: false,
        };
        for name in ["timestamp", "level"] {
            fields.find(NO_FIELD, name);
        }
        fields.all[TIMESTAMP as usize].has_pairs = false;
        fields.all[TIMESTAMP as usize].column = None;
        fields
    }

    /// The field that is likely to follow, if `text` at `at` begins with its name in quotes, and where that
    /// ends. `previous` is the field before it, or `NO_FIELD` where it is the first of `parent`.
    #[inline]
    pub(super) fn likely(
        &self,
        parent: FieldNumber,
        previous: FieldNumber,
        text: &[u8],
        at: usize,
    ) -> Option<(FieldNumber, usize)> {
        let number = match (previous, parent) {
            (NO_FIELD, NO_FIELD) => self.first,
            (NO_FIELD, parent) => self.all[parent as usize].first,
            (previous, _) => self.all[previous as usize].next,
        };
        let field = self.all.get(number as usize)?;
        let end = at + 1 + field.key.len();
        let fits = field.parent == parent
            && text.get(at) == Some(&b'"')
            && text.get(end) == Some(&b'"')
            && text.get(at + 1..end) == Some(&field.key);
        fits.then_some((number, end + 1))
    }

    /// The field of this name; remembers that it follows `previous`.
    pub(super) fn follow(
        &mut self,
        parent: FieldNumber,
        previous: FieldNumber,
        name: &str,
    ) -> FieldNumber {
        let number = self.find(parent, name);
        match (previous, parent) {
            (NO_FIELD, NO_FIELD) => self.first = number,
            (NO_FIELD, parent) => self.all[parent as usize].first = number,
            (previous, _) => self.all[previous as usize].next = number,
        }
        number
    }

    fn find(&mut self, parent: FieldNumber, name: &str) -> FieldNumber {
        self.path.clear();
        if let Some(parent) = self.all.get(parent as usize) {
            self.path.push_str(&parent.path);
            self.path.push('.');
        }
        self.path.push_str(name);
        if let Some(number) = self.by_path.get(self.path.as_str()) {
            return *number;
        }
        if self.all.len() >= FIELDS_MAX || self.path.len() > PATH_MAX {
            self.has_more = true;
            return NO_FIELD;
        }
        self.add(parent, name)
    }

    fn add(&mut self, parent: FieldNumber, name: &str) -> FieldNumber {
        let number = self.all.len() as FieldNumber;
        let of_parent = self.all.get(parent as usize).is_some_and(|parent| parent.is_skipped);
        let is_skipped = of_parent || self.skip.iter().any(|skip| fits(skip, &self.path));
        // A name that JSON writes with escapes is not told by its bytes.
        let is_plain = !name.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        self.all.push(Field {
            path: self.path.as_str().into(),
            key: name.as_bytes().into(),
            parent: if is_plain { parent } else { NEVER },
            next: NO_FIELD,
            first: NO_FIELD,
            hash: self.hasher.name(&self.path),
            is_container: false,
            has_odd_numbers: false,
            has_pairs: !is_skipped,
            is_skipped,
            fresh: 0,
            column: (!is_skipped).then(ColumnBuilder::default),
            spans: None,
            has_others: false,
        });
        self.by_path.insert(self.path.as_str().into(), number);
        number
    }

    /// The spans of a field that has a number in this block; `None` when enough others are watched.
    pub(super) fn spans(&mut self, number: FieldNumber, block: usize) -> Option<&mut Spans> {
        let field = &mut self.all[number as usize];
        if field.spans.is_none() && !field.is_skipped && self.spans < SPANS_MAX {
            self.spans += 1;
            let mut spans = Spans::default();
            // Where the others were is not known any more.
            if field.has_others {
                (0..=block).for_each(|block| spans.note_other(block));
            }
            field.spans = Some(spans);
        }
        field.spans.as_mut()
    }

    /// Notes that a field has something in this block that is no number.
    #[inline]
    pub(super) fn note_other(&mut self, number: FieldNumber, block: usize) {
        let Some(field) = self.all.get_mut(number as usize) else { return };
        match &mut field.spans {
            Some(spans) => spans.note_other(block),
            None => field.has_others = true,
        }
    }

    /// Ends a block.
    pub(super) fn end_block(&mut self) {
        for field in &mut self.all {
            if field.fresh > PAIRS_PER_BLOCK && field.column.is_none() {
                field.has_pairs = false;
            }
            field.fresh = 0;
        }
    }
}

/// Whether a path is one that a setting names: exactly, or what begins as it does up to a `*` at its end.
fn fits(skip: &str, path: &str) -> bool {
    match skip.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == skip,
    }
}
