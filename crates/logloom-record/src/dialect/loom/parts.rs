//! The keyed values of a record sorted out: those that have a place of their own in the line, and
//! the rest, each under a name that is free.

use std::borrow::Cow;

use super::options::KeyTable;
use crate::wire::{FOREIGN, Key, KeyedIter, RecordView, ValueView};

/// Where a keyed value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Keyed,
    Context,
}

/// A value that has a place of its own.
#[derive(Clone, Copy)]
pub(super) struct Lifted<'a> {
    pub(super) value: ValueView<'a>,
    at: (Origin, usize),
}

/// The values that have a place of their own, the first of each name.
#[derive(Clone, Copy, Default)]
pub(super) struct LiftedValues<'a> {
    pub(super) service: Option<Lifted<'a>>,
    pub(super) ids: [Option<Lifted<'a>>; 3],
    pub(super) exception: Option<Lifted<'a>>,
}

/// Names of the ids in the order of the line.
pub(super) const ID_NAMES: [&str; 3] = ["trace_id", "span_id", "session_id"];

/// A place that a value may have by the name of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lifts {
    Service,
    /// By its place in [`ID_NAMES`].
    Id(u8),
    Exception,
}

impl Lifts {
    /// The place that a key of this name gives.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "service" => Some(Self::Service),
            "trace_id" => Some(Self::Id(0)),
            "span_id" => Some(Self::Id(1)),
            "session_id" => Some(Self::Id(2)),
            "exception" => Some(Self::Exception),
            _ => None,
        }
    }
}

impl<'a> LiftedValues<'a> {
    /// Collects them from a record and its context.
    pub(super) fn collect(
        view: &RecordView<'a>,
        keyed: KeyedIter<'a>,
        keys: &dyn KeyTable,
    ) -> LiftedValues<'a> {
        let mut lifted = LiftedValues::default();
        let is_foreign = view.header().has(FOREIGN);
        lifted.add(Origin::Keyed, keyed, is_foreign, keys);
        lifted.add(Origin::Context, view.context(), true, keys);
        lifted
    }

    fn add(&mut self, origin: Origin, entries: KeyedIter<'a>, has_ids: bool, keys: &dyn KeyTable) {
        for (index, entry) in entries.enumerate() {
            let Ok(entry) = entry else { return };
            let name = key_name(entry.key, keys);
            let slot = match Lifts::of(&name) {
                Some(Lifts::Service) if has_ids && origin == Origin::Keyed => &mut self.service,
                Some(Lifts::Id(place)) if has_ids => &mut self.ids[usize::from(place)],
                Some(Lifts::Exception) if matches!(entry.value, ValueView::Exception(_)) => {
                    &mut self.exception
                }
                _ => continue,
            };
            slot.get_or_insert(Lifted { value: entry.value, at: (origin, index) });
        }
    }

    /// Whether the value at this place is one of them.
    pub(super) fn holds(&self, origin: Origin, index: usize) -> bool {
        let all = [self.service, self.exception].into_iter().chain(self.ids);
        all.flatten().any(|lifted| lifted.at == (origin, index))
    }
}

/// The name of a key, `key_<n>` for a number that is not known.
pub(super) fn key_name<'a>(key: Key<'a>, keys: &'a dyn KeyTable) -> Cow<'a, str> {
    match key {
        Key::Name(name) => crate::wire::text(name),
        Key::Number(number) => match keys.key(number) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(format!("key_{number}")),
        },
    }
}
