//! The line of a record whose keys are all planned, as the records of other programs mostly are.
//!
//! Takes a record with keyed values only and a [`KeyPlan`] for each of its keys, and writes in one pass
//! over its values what `write_keyed` writes in two, with every name compared to every other. Gives
//! up, with nothing written, where that could make a difference: a key without a plan or of a reserved
//! name, a key that stands twice, a value in another place than its own, damage, a line that is too long.

use super::options::{KeyPlan, KeyTable, LoomOptions};
use super::parts::{ID_NAMES, Lifts};
use super::plan::push_key;
use super::render::Line;
use crate::wire::{CONTEXT, FOREIGN, KEYED, Key, KeyedIter, KeyedView, ValueView};

/// As many fields are compared one by one.
const FIELDS_MAX: usize = 32;

impl KeyPlan {
    /// How a key of this name stands in lines with these options.
    pub fn new(name: &str, options: &LoomOptions) -> Self {
        if let Some(place) = Lifts::of(name) {
            return Self(Planned::Lifted(place));
        }
        if options.is_reserved(name) {
            return Self(Planned::Reserved);
        }
        let mut key = Vec::new();
        push_key(name, &mut key);
        Self(Planned::Field(key.into()))
    }
}

/// What a plan says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Planned {
    /// The value may have a place of its own.
    Lifted(Lifts),
    /// A name that a line uses itself.
    Reserved,
    /// A field, as `,"name":`.
    Field(Box<[u8]>),
}

/// The numbers of the fields so far.
struct Distinct {
    numbers: [u32; FIELDS_MAX],
    count: usize,
    greatest: u32,
}

impl Distinct {
    /// `None` where the number was there already, or there are too many.
    fn add(&mut self, number: u32) -> Option<()> {
        let known = self.numbers.get(..self.count)?;
        // Numbers are given in the order in which names come first, so they mostly rise.
        if number <= self.greatest && known.contains(&number) {
            return None;
        }
        self.greatest = self.greatest.max(number);
        *self.numbers.get_mut(self.count)? = number;
        self.count += 1;
        Some(())
    }
}

impl<'l, 'a> Line<'l, 'a> {
    /// Writes all up to the record's place; `false` when that is not so simple, and nothing is written.
    #[inline]
    pub(super) fn write_planned(&mut self, out: &mut Vec<u8>) -> bool {
        let flags = self.view.header().flags;
        if flags & (CONTEXT | KEYED | FOREIGN) != KEYED | FOREIGN || !self.plan.fields.is_empty() {
            return false;
        }
        let (start, state) = (out.len(), self.state);
        let is_written = self.planned(out).is_some();
        if !is_written {
            out.truncate(start);
            self.state = state;
        }
        is_written
    }

    fn planned(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let mut entries = self.view.keyed().ok()?;
        out.extend_from_slice(&self.plan.level);
        let mut next = self.next_planned(&mut entries)?;
        let mut start = out.len();
        if let Some((Planned::Lifted(Lifts::Service), entry)) = next {
            self.short_member("service", entry.value, out);
            out.extend_from_slice(&self.plan.module);
            next = self.next_planned(&mut entries)?;
        } else {
            out.extend_from_slice(&self.plan.service);
            out.extend_from_slice(&self.plan.module);
            start = out.len();
        }
        self.message(out);
        for (place, name) in ID_NAMES.into_iter().enumerate() {
            if let Some((Planned::Lifted(Lifts::Id(found)), entry)) = next
                && usize::from(*found) == place
            {
                push_key(name, out);
                self.value(entry.value, out);
                next = self.next_planned(&mut entries)?;
            }
        }
        let mut exception = None;
        if let Some((Planned::Lifted(Lifts::Exception), entry)) = next
            && matches!(entry.value, ValueView::Exception(_))
        {
            exception = Some(entry.value);
            next = self.next_planned(&mut entries)?;
        }
        self.planned_fields(next, entries, out)?;
        // From the first to the last of what the record brought, as `write_keyed` has it.
        self.state.texts.extend(start, out.len());
        self.state.texts.start = start;
        self.template_and_exception(exception, out);
        Some(())
    }

    fn planned_fields(
        &mut self,
        mut next: Option<(&'l Planned, KeyedView<'a>)>,
        mut entries: KeyedIter<'a>,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let mut distinct = Distinct { numbers: [0; FIELDS_MAX], count: 0, greatest: 0 };
        while let Some((Planned::Field(name), KeyedView { key: Key::Number(number), value })) = next
        {
            distinct.add(number)?;
            if !self.has_room(out) {
                return None;
            }
            out.extend_from_slice(name);
            self.value(value, out);
            next = self.next_planned(&mut entries)?;
        }
        next.is_none().then_some(())
    }

    /// The next value with the plan of its key; the outer `None` for damage and for keys without.
    #[inline(always)]
    #[allow(clippy::option_option)]
    fn next_planned(
        &self,
        entries: &mut KeyedIter<'a>,
    ) -> Option<Option<(&'l Planned, KeyedView<'a>)>> {
        let Some(entry) = entries.next() else { return Some(None) };
        let entry = entry.ok()?;
        let Key::Number(number) = entry.key else { return None };
        let keys: &'l dyn KeyTable = self.keys;
        Some(Some((&keys.plan(number)?.0, entry)))
    }
}
