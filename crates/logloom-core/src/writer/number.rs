//! Numbers of the actions in a batch, taken after its lines are rendered and before it is staged.
//!
//! A record that a full ring dropped, and one whose type is switched off, never comes here and so takes
//! no number. What is taken for a batch that is then not staged (a kill, a panic, a failed write) is given
//! back before anything else is staged, by this writer or by the one who recovers it: the segment says
//! for which sessions, before anything is taken.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::Ordering;

use logloom_record::dialect::loom::{NUMBER_MEMBER, NUMBER_ROOM};
use logloom_ring::clock;
use logloom_ring::segment::MAX_SESSIONS;
use logloom_store::steps::{Step as Mark, reached};
use logloom_store::{NumberRange, NumbersWanted, SessionKey, StoreError};

use super::{WriteError, Writer};

/// A session whose lock cannot be had for this long holds nobody up any longer: its actions go without.
const PATIENCE_NS: i64 = 2_000_000_000;
/// Sessions of which the last number is remembered. Beyond it all are forgotten.
const REMEMBERED: usize = 4_096;

/// The actions of a batch that are to be numbered.
#[derive(Default)]
pub(super) struct Unnumbered {
    sessions: Vec<Session>,
    /// Where the room for each number begins, and whose it is; ascending.
    places: Vec<(usize, usize)>,
}

struct Session {
    id: Vec<u8>,
    count: u32,
}

impl Unnumbered {
    /// Adds an action of this session, the room for whose number begins at `at`.
    pub(super) fn add(&mut self, session: &[u8], at: usize) {
        // Nearly always the session of the action before.
        let known = self.sessions.iter().rposition(|known| known.id == session);
        let index = known.unwrap_or_else(|| {
            self.sessions.push(Session { id: session.to_vec(), count: 0 });
            self.sessions.len() - 1
        });
        self.sessions[index].count += 1;
        self.places.push((at, index));
    }

    /// Whether the batch takes no further session.
    pub(super) fn is_full(&self) -> bool {
        self.sessions.len() >= MAX_SESSIONS
    }
}

/// What the writer knows of numbers from one batch to the next.
#[derive(Default)]
pub(super) struct Numbering {
    /// Sessions of which numbers may be taken that are in no staged batch.
    taken: Vec<SessionKey>,
    /// One more than the last number staged.
    next: HashMap<SessionKey, u64>,
    /// The same for the batch at hand.
    coming: Vec<(SessionKey, u64)>,
    /// Since when sessions have been busy.
    busy_since: Option<i64>,
}

impl Writer<'_> {
    /// Finds the sessions of which a dead process took numbers, or was about to. To be called before the
    /// first step on its segment.
    pub fn find_taken_numbers(&mut self) {
        let noted = [0, 1].map(|batch| self.segment.intent_slot(batch).sessions());
        self.numbering.taken = noted.into_iter().flatten().map(SessionKey).collect();
        self.numbering.taken.sort_unstable();
        self.numbering.taken.dedup();
    }

    /// Puts the numbers into the lines.
    ///
    /// # Errors
    /// Numbers cannot be had; nothing may be staged then.
    pub(super) fn number(&mut self, wanted: &Unnumbered) -> Result<(), WriteError> {
        self.return_numbers()?;
        if wanted.places.is_empty() {
            return Ok(());
        }
        let batch = self.segment.staged() + 1;
        let keys: Vec<SessionKey> =
            wanted.sessions.iter().map(|session| SessionKey::of(&session.id)).collect();
        let noted: Vec<[u8; 16]> = keys.iter().map(|key| key.0).collect();
        self.segment.intent_slot(batch).note_sessions(&noted);
        reached(Mark::NumbersNoted);
        self.numbering.taken.clone_from(&keys);
        self.numbering.coming.clear();
        let mut numbers = Vec::with_capacity(keys.len());
        for (session, key) in wanted.sessions.iter().zip(keys) {
            let ranges = self.take_numbers(session, key, batch)?;
            if let Some(end) = ranges.iter().map(|range| range.from + u64::from(range.count)).max()
            {
                self.numbering.coming.push((key, end));
            }
            numbers.push(ranges.into_iter().flat_map(each as fn(NumberRange) -> Range<u64>));
        }
        self.insert(wanted, &mut numbers);
        Ok(())
    }

    /// Gives back what was taken for a batch that was not staged.
    fn return_numbers(&mut self) -> Result<(), WriteError> {
        while let Some(key) = self.numbering.taken.last().copied() {
            self.log.return_numbers(key, self.segment.staged()).map_err(WriteError::Number)?;
            self.numbering.taken.pop();
        }
        Ok(())
    }

    fn take_numbers(
        &mut self,
        session: &Session,
        key: SessionKey,
        batch: u64,
    ) -> Result<Vec<NumberRange>, WriteError> {
        let at_least = self.numbering.next.get(&key).copied().unwrap_or(1);
        let wanted = NumbersWanted { session: &session.id, count: session.count, batch, at_least };
        match self.log.reserve_numbers(&wanted) {
            Ok(ranges) => {
                self.numbering.busy_since = None;
                Ok(ranges)
            }
            Err(error @ (StoreError::Busy { .. } | StoreError::Invalid { .. })) => {
                let now = clock::real_time();
                let since = *self.numbering.busy_since.get_or_insert(now);
                // Lines without a number are better than a log that stands still.
                match now.saturating_sub(since) < PATIENCE_NS {
                    true => Err(WriteError::Number(error)),
                    false => Ok(Vec::new()),
                }
            }
            Err(error) => Err(WriteError::Number(error)),
        }
    }

    /// Replaces the room in each line by its number; where there is none, the member is left out.
    fn insert(&mut self, wanted: &Unnumbered, numbers: &mut [impl Iterator<Item = u64>]) {
        let mut digits = itoa::Buffer::new();
        let mut lines = Vec::with_capacity(self.buffer.capacity());
        let mut from = 0;
        for (at, session) in &wanted.places {
            match numbers[*session].next() {
                Some(number) => {
                    lines.extend_from_slice(&self.buffer[from..*at]);
                    lines.extend_from_slice(digits.format(number).as_bytes());
                }
                None => {
                    lines.extend_from_slice(&self.buffer[from..*at - NUMBER_MEMBER.len()]);
                    self.counters.unnumbered.fetch_add(1, Ordering::Relaxed);
                }
            }
            from = at + NUMBER_ROOM;
        }
        lines.extend_from_slice(&self.buffer[from..]);
        self.buffer = lines;
    }

    /// The batch is staged: its numbers are used.
    pub(super) fn numbers_are_staged(&mut self) {
        self.numbering.taken.clear();
        if self.numbering.next.len() >= REMEMBERED {
            self.numbering.next.clear();
        }
        for (key, end) in self.numbering.coming.drain(..) {
            let next = self.numbering.next.entry(key).or_default();
            *next = end.max(*next);
        }
    }
}

fn each(range: NumberRange) -> Range<u64> {
    range.from..range.from + u64::from(range.count)
}
