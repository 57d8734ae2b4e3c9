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

/// A place where lines became shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The first byte behind it, as the lines were before.
    pub(super) end: usize,
    /// Bytes that were taken out up to there, by all cuts together.
    pub(super) total: usize,
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

    /// Whether nothing is to be numbered.
    fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Replaces the room in each line by the next number of its session; where there is none, the member is
    /// left out. Adds a cut for each.
    pub(super) fn fill(
        &self,
        lines: &mut Vec<u8>,
        mut number: impl FnMut(usize) -> Option<u64>,
        cuts: &mut Vec<Cut>,
    ) {
        let mut digits = itoa::Buffer::new();
        // What was moved so far ends at `to`, what follows it began at `from`: never before it.
        let (mut from, mut to) = (0, 0);
        for (at, session) in &self.places {
            let number = number(*session);
            let end = if number.is_some() { *at } else { at - NUMBER_MEMBER.len() };
            lines.copy_within(from..end, to);
            to += end - from;
            if let Some(number) = number {
                let digits = digits.format(number).as_bytes();
                lines[to..to + digits.len()].copy_from_slice(digits);
                to += digits.len();
            }
            from = at + NUMBER_ROOM;
            cuts.push(Cut { end: from, total: from - to });
        }
        lines.copy_within(from.., to);
        lines.truncate(lines.len() - (from - to));
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
    /// What was taken out of the lines of the batch at hand.
    cuts: Vec<Cut>,
    /// Since when sessions have been busy.
    busy_since: Option<i64>,
    /// Whether the batch at hand goes on without a session that is busy.
    goes_without: bool,
}

impl Numbering {
    /// Bears that a session is busy: first by trying again, then by going without.
    ///
    /// # Errors
    /// It is to be tried again, or it is another failure.
    fn bear(&mut self, error: StoreError) -> Result<(), WriteError> {
        if !matches!(error, StoreError::Busy { .. } | StoreError::Invalid { .. }) {
            return Err(WriteError::Number(error));
        }
        let now = clock::real_time();
        let since = *self.busy_since.get_or_insert(now);
        if now.saturating_sub(since) < PATIENCE_NS {
            return Err(WriteError::Number(error));
        }
        // Lines without a number are better than a log that stands still.
        self.goes_without = true;
        Ok(())
    }
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
        if wanted.is_empty() {
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
            let returned = self.log.return_numbers(key, self.segment.staged());
            returned.or_else(|error| self.numbering.bear(error))?;
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
        let taken = self.log.reserve_numbers(&wanted);
        taken.or_else(|error| self.numbering.bear(error).map(|()| Vec::new()))
    }

    /// Puts the numbers into the lines, and tells the stages what has moved.
    fn insert(&mut self, wanted: &Unnumbered, numbers: &mut [impl Iterator<Item = u64>]) {
        let mut unnumbered = 0;
        let next = |session: usize| {
            let number = numbers[session].next();
            unnumbered += u64::from(number.is_none());
            number
        };
        self.numbering.cuts.clear();
        wanted.fill(&mut self.buffer, next, &mut self.numbering.cuts);
        self.counters.unnumbered.fetch_add(unnumbered, Ordering::Relaxed);
        self.conceal.follow(&self.numbering.cuts);
    }

    /// The batch is staged: its numbers are used.
    pub(super) fn numbers_are_staged(&mut self) {
        self.numbering.taken.clear();
        if !std::mem::take(&mut self.numbering.goes_without) {
            self.numbering.busy_since = None;
        }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use logloom_record::dialect::loom::LoomOptions;
    use logloom_store::{
        Append, AppendError, CommitKind, Committed, FileKey, Redo, Segments, StoreError,
    };

    use super::*;
    use crate::mask::MaskRule;
    use crate::metrics::Counters;
    use crate::settings::MaskSettings;
    use crate::writer::BatchLimits;
    use crate::writer::tests::segment;

    /// Sessions that are busy until somebody says otherwise, and what was asked of them.
    #[derive(Default)]
    struct Asked {
        is_free: bool,
        returned: Vec<(SessionKey, u64)>,
    }

    #[derive(Clone, Default)]
    struct BusyLog(Arc<Mutex<Asked>>);

    impl BusyLog {
        fn busy(&self) -> Result<(), StoreError> {
            let busy = StoreError::Busy { what: "a session".to_owned(), waited: Duration::ZERO };
            if self.0.lock().unwrap().is_free { Ok(()) } else { Err(busy) }
        }
    }

    impl Append for BusyLog {
        fn append(&self, _: &dyn Redo, _: &dyn Segments) -> Result<Committed, AppendError> {
            let kind = CommitKind::Written;
            Ok(Committed { kind, file: None, offset: 0, waited: Duration::ZERO })
        }

        fn sync(&self, _file: FileKey) -> Result<(), StoreError> {
            Ok(())
        }

        fn reserve_numbers(
            &self,
            wanted: &NumbersWanted<'_>,
        ) -> Result<Vec<NumberRange>, StoreError> {
            let ranges = vec![NumberRange { from: 41, count: wanted.count }];
            self.busy().map(|()| ranges)
        }

        fn return_numbers(&self, session: SessionKey, staged: u64) -> Result<(), StoreError> {
            self.busy()?;
            self.0.lock().unwrap().returned.push((session, staged));
            Ok(())
        }
    }

    /// Two lines with room for numbers, as they are rendered.
    fn lines(writer: &mut Writer<'_>) -> Unnumbered {
        let mut wanted = Unnumbered::default();
        writer.buffer.clear();
        for _ in 0..2 {
            writer.buffer.extend_from_slice(b"{\"a\":1,\"action_number\":");
            wanted.add(b"s", writer.buffer.len());
            writer.buffer.extend_from_slice(&[b'0'; NUMBER_ROOM]);
            writer.buffer.extend_from_slice(b",\"b\":2}\n");
        }
        wanted
    }

    #[test]
    fn a_line_that_is_searched_before_it_is_numbered_keeps_the_room_for_its_number() {
        let (segment, log, counters) =
            (segment(), BusyLog::default(), Arc::new(Counters::default()));
        log.0.lock().unwrap().is_free = true;
        let limits = BatchLimits { bytes: 4096 };
        let mut writer =
            Writer::new(&segment, Box::new(log), LoomOptions::default(), limits, counters);
        // What stands in the room looks like a secret of this rule, and so do times.
        let rule = |prefix: &str| MaskRule {
            name: prefix.to_owned(),
            prefix: prefix.to_owned(),
            keep: 3,
            alphabet: "digits".to_owned(),
            least: 4,
            most: 64,
        };
        let rules = vec![rule("000"), rule("202")];
        writer.conceal.set(MaskSettings { rules, ..MaskSettings::default() }, None);
        writer.conceal.is_careful = true;
        let mut wanted = Unnumbered::default();
        for _ in 0..2 {
            let start = writer.buffer.len();
            writer.buffer.extend_from_slice(b"{\"timestamp\":\"20261122\",\"action_number\":");
            let at = writer.buffer.len();
            wanted.add(b"s", at);
            writer.buffer.extend_from_slice(&[b'0'; NUMBER_ROOM]);
            writer.buffer.extend_from_slice(b",\"password\":\"hunter2\",\"id\":\"0001234\"}\n");
            writer.conceal_record(start, Some(at + NUMBER_ROOM));
        }
        writer.number(&wanted).unwrap();
        writer.conceal_batch();
        let line = |number: u32| {
            format!(
                "{{\"timestamp\":\"20261122\",\"action_number\":{number},\
                 \"password\":\"[MASKED]\",\"id\":\"000***[MASKED 4 chars]***\"}}\n"
            )
        };
        assert_eq!(String::from_utf8(writer.buffer.clone()).unwrap(), line(41) + &line(42));
    }

    #[test]
    fn a_session_that_stays_busy_holds_nobody_up_for_long() {
        let (segment, log, counters) =
            (segment(), BusyLog::default(), Arc::new(Counters::default()));
        let limits = BatchLimits { bytes: 4096 };
        let boxed = Box::new(log.clone());
        let mut writer =
            Writer::new(&segment, boxed, LoomOptions::default(), limits, counters.clone());
        let wanted = lines(&mut writer);
        assert!(writer.number(&wanted).is_err_and(|error| error.is_passing()));
        assert_eq!(segment.intent_slot(1).sessions(), [SessionKey::of(b"s").0]);
        writer.numbering.busy_since = Some(0);
        writer.number(&wanted).unwrap();
        assert_eq!(writer.buffer, b"{\"a\":1,\"b\":2}\n".repeat(2));
        assert_eq!(counters.unnumbered.load(Ordering::Relaxed), 2);
        log.0.lock().unwrap().is_free = true;
        let wanted = lines(&mut writer);
        writer.number(&wanted).unwrap();
        let text = String::from_utf8(writer.buffer.clone()).unwrap();
        assert_eq!(
            text,
            "{\"a\":1,\"action_number\":41,\"b\":2}\n{\"a\":1,\"action_number\":42,\"b\":2}\n"
        );
        // Neither batch was staged, so what may have been taken for the first is given back.
        assert_eq!(log.0.lock().unwrap().returned, [(SessionKey::of(b"s"), 0)]);
        writer.numbers_are_staged();
        writer.number(&Unnumbered::default()).unwrap();
        assert_eq!(log.0.lock().unwrap().returned.len(), 1);
        assert_eq!(writer.numbering.next[&SessionKey::of(b"s")], 43);
    }
}
