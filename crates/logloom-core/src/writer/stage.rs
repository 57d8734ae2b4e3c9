//! One batch: records of one day, rendered into the staging buffer, with the intent that makes
//! them appear exactly once.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use logloom_record::Level;
use logloom_record::dialect::loom;
use logloom_record::wire::{self, Header, RecordView};
use logloom_ring::ring::Ring;
use logloom_ring::segment::{Cause, Intent, LossKey, MAX_SOURCES};
use logloom_store::Day;
use logloom_store::steps::{Step as Mark, reached};

use super::merge::{Merge, Taken};
use super::number::Unnumbered;
use super::plans::{Reference, Site};
use super::{WriteError, Writer};
use crate::plant::{Fault, planted};
use crate::settings::ForeignDay;

/// Foreign times choose the day from 48 hours before to 10 minutes after arrival.
const FOREIGN_BEFORE: i64 = 48 * 3600 * 1_000_000_000;
const FOREIGN_AFTER: i64 = 600 * 1_000_000_000;

/// The time whose day a foreign record is filed under; it keeps its own in any case.
fn filing_time(choice: ForeignDay, time: i64, arrival: i64) -> i64 {
    let possible = match choice {
        ForeignDay::NearArrival => arrival - FOREIGN_BEFORE..=arrival + FOREIGN_AFTER,
        ForeignDay::Own => 0..=i64::MAX,
    };
    if possible.contains(&time) { time } else { arrival }
}

/// What a batch has gathered besides its lines.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) intent: Intent,
    pub(super) day: Option<Day>,
    threads: Vec<(u32, u64, String)>,
    unnumbered: Unnumbered,
    /// Where each source stands in the intent.
    places: HashMap<u32, usize>,
    /// What is not in the batch and has to be counted: when all is rendered, because after a panic it
    /// is gathered again.
    lost: Vec<(u32, Level, Cause, u64)>,
}

impl Gathered {
    /// Whether a line of `time` may join the batch, which holds one day only.
    pub(super) fn admits(&mut self, time: i64) -> bool {
        let day = Day::from_unix_ns(time);
        *self.day.get_or_insert(day) == day
    }

    pub(super) fn count(&mut self, level: Level, time: i64) {
        let intent = &mut self.intent;
        intent.least = if intent.lines == 0 { time } else { intent.least.min(time) };
        intent.greatest = if intent.lines == 0 { time } else { intent.greatest.max(time) };
        intent.lines += 1;
        intent.levels[usize::from(level as u8 - Level::Trace as u8)] += 1;
    }

    /// Whether the batch has reached what its intent can say.
    fn is_full(&self) -> bool {
        self.intent.sources.len() >= MAX_SOURCES || self.unnumbered.is_full()
    }

    /// Notes how far a source has come. A batch of a follower may hold lines of a thousand files.
    fn note_source(&mut self, source: u32, end: u64) {
        const FEW: usize = 16;
        let sources = &mut self.intent.sources;
        let place = match sources.len() <= FEW {
            true => sources.iter().position(|(known, _)| *known == source),
            false => self.places.get(&source).copied(),
        };
        match place {
            Some(place) => sources[place].1 = end.max(sources[place].1),
            None => {
                self.places.insert(source, sources.len());
                sources.push((source, end));
            }
        }
    }
}

/// What came of one record.
pub(super) enum Taking {
    /// It is in the batch, or has been accounted for.
    Done,
    /// It belongs to another day: this batch takes no more from its ring.
    NextBatch,
}

impl Writer<'_> {
    /// Stages the next batch. `None` when nothing waits.
    ///
    /// # Errors
    /// Numbers of actions cannot be had now. Nothing has happened then.
    pub(super) fn stage(&mut self, final_losses: bool) -> Result<Option<Intent>, WriteError> {
        self.timeline.update(self.segment);
        self.buffer.clear();
        self.conceal.begin();
        let mut gathered = Gathered::default();
        let mut merge = Merge::begin(self.segment);
        // After the positions were read: what the records up to them refer to is committed by now.
        self.plans.update(self.segment, &self.options);
        while self.buffer.len() < self.limits.bytes && !gathered.is_full() {
            let Some(taken) = merge.peek() else { break };
            match self.take(&taken, &mut gathered) {
                Taking::Done => merge.take(),
                Taking::NextBatch => merge.leave(),
            }
        }
        self.rendering = None;
        let unnumbered = std::mem::take(&mut gathered.unnumbered);
        self.number(&unnumbered).inspect_err(|_| merge.release())?;
        // Before anything is counted: after a panic the batch is gathered again.
        self.conceal_batch();
        self.keep_full_texts();
        for (site, level, cause, count) in gathered.lost.drain(..) {
            self.lose(site, level, cause, count);
        }
        self.add_losses(&mut gathered, final_losses);
        gathered.intent.rings = merge.positions();
        Ok(self.publish(gathered))
    }

    /// Writes intent and bytes, then `staged`; from there on the batch is a fact and its ring
    /// space is free.
    fn publish(&mut self, gathered: Gathered) -> Option<Intent> {
        let mut intent = gathered.intent;
        if intent.rings.is_empty() && intent.lines == 0 {
            return None;
        }
        // A batch of markers alone needs a day too; it has no bytes, so any will do.
        let day = gathered.day.unwrap_or_else(|| Day::from_unix_ns(0));
        intent.batch = self.segment.staged() + 1;
        intent.length = self.buffer.len() as u64;
        intent.crc = crc32fast::hash(&self.buffer);
        intent.day = day.number();
        if planted(Fault::AdvanceBeforeStaged) {
            super::commit::apply(self.segment, &intent);
        }
        self.segment.intent_slot(intent.batch).fill(&intent, &self.buffer);
        reached(Mark::StageBeforeStaged);
        self.segment.set_staged(intent.batch);
        reached(Mark::StageAfterStaged);
        self.numbers_are_staged();
        super::commit::apply(self.segment, &intent);
        for (ring, id, name) in gathered.threads {
            if let Some(ring) = self.segment.ring(ring) {
                ring.set_thread(id, &name);
            }
        }
        Some(intent)
    }

    fn take(&mut self, taken: &Taken<'_>, batch: &mut Gathered) -> Taking {
        match *taken {
            Taken::Record { ring, bytes, ticks, end } => {
                self.take_record(ring, bytes, self.timeline.nanoseconds(ticks), end, batch)
            }
            Taken::Damaged { from, end } => {
                let count = end.saturating_sub(from).div_ceil(wire::HEADER_LEN as u64);
                batch.lost.push((0, Level::Info, Cause::Damaged, count.max(1)));
                Taking::Done
            }
        }
    }

    pub(super) fn take_record(
        &mut self,
        ring: Ring<'_>,
        bytes: &[u8],
        arrival: i64,
        end: u64,
        batch: &mut Gathered,
    ) -> Taking {
        let Some(header) = Header::from_bytes(bytes) else { return Taking::Done };
        if header.has(wire::CONTROL) {
            if let Some((id, name)) = wire::thread_marker(bytes) {
                let name = String::from_utf8_lossy(name).into_owned();
                batch.threads.push((ring.index(), id, name));
            }
            return Taking::Done;
        }
        if self.is_set_aside(ring, end) {
            let level = self.level_of(&header);
            batch.lost.push((header.site, level, Cause::SetAside, 1));
            return Taking::Done;
        }
        self.rendering = Some((ring.index(), end));
        let Some((site, view)) = self.read(bytes, &header) else {
            batch.lost.push((header.site, Level::Info, Cause::Damaged, 1));
            return Taking::Done;
        };
        if self.in_the_log.contains(&(ring.index(), end)) {
            // How far its source was taken over may not be noted yet; it may also be ahead.
            let source = view.source().filter(|position| {
                self.segment.source(position.source).is_none_or(|noted| noted < position.end)
            });
            if let Some(position) = source {
                batch.note_source(position.source, position.end);
            }
            return Taking::Done;
        }
        let time = view.own_time().unwrap_or(arrival);
        let is_foreign = header.has(wire::FOREIGN);
        let filed = if is_foreign { filing_time(self.foreign_day, time, arrival) } else { time };
        if !batch.admits(filed) {
            return Taking::NextBatch;
        }
        let start = self.buffer.len();
        if let Some((level, numbered)) = self.render(ring, &site, &view, time, batch) {
            self.conceal_record(start, numbered);
            batch.count(level, filed);
        }
        if let Some(position) = view.source() {
            batch.note_source(position.source, position.end);
        }
        Taking::Done
    }

    /// Counts what lies in rings that a damaged segment does not let be read.
    pub fn count_unreadable(&mut self) {
        for bytes in self.segment.unreadable() {
            let count = bytes.div_ceil(wire::HEADER_LEN as u64).max(1);
            self.lose(0, Level::Info, Cause::Damaged, count);
        }
    }

    /// Counts what a dead producer dropped for newer records and did not live to count.
    pub fn count_unfinished_drops(&mut self) {
        for ring in (0..self.segment.ring_count()).filter_map(|index| self.segment.ring(index)) {
            ring.count_uncounted_drop(|bytes| {
                let Some(header) = Header::from_bytes(bytes) else { return };
                if !header.has(wire::CONTROL) {
                    let level = self.level_of(&header);
                    self.lose(header.site, level, Cause::DroppedOldest, 1);
                }
            });
        }
    }

    /// The site and the checked parts of a record; `None` when its bytes make no sense.
    fn read<'b>(
        &mut self,
        bytes: &'b [u8],
        header: &Header,
    ) -> Option<(Reference, RecordView<'b>)> {
        if header.site != wire::SITE_INLINE {
            let site = self.plans.site(self.segment, &self.options, header.site)?;
            let view = RecordView::parse(bytes, site.fields).ok()?;
            return Some((Reference::Known(header.site), view));
        }
        let view = RecordView::parse(bytes, 0).ok()?;
        let description = view.inline_site()?.describe();
        Some((Reference::Inline(Box::new(Site::new(&description, &self.options))), view))
    }

    /// Appends the line of a record; its level, and where the room for the number of an action ends. `None` only
    /// for a site that was not found before.
    fn render(
        &mut self,
        ring: Ring<'_>,
        site: &Reference,
        view: &RecordView<'_>,
        time: i64,
        batch: &mut Gathered,
    ) -> Option<(Level, Option<usize>)> {
        let site = site.site(&self.plans)?;
        let thread = self.options.include_thread.then(|| {
            let noted = batch.threads.iter().rev().find(|(index, ..)| *index == ring.index());
            let (id, name) =
                noted.map_or_else(|| ring.thread(), |(_, id, name)| (*id, name.clone()));
            if name.is_empty() { id.to_string() } else { name }
        });
        assert!(!(planted(Fault::RenderPanic) && site.module == "planted"), "planted panic");
        let start = self.buffer.len();
        let rendered = loom::render(
            &site.plan,
            &self.options,
            &mut self.stamps,
            time,
            thread.as_deref(),
            view,
            self.plans.keys(),
            &mut self.buffer,
        );
        self.conceal.note(site, &self.buffer, start, rendered.texts);
        if rendered.truncated {
            self.counters.truncated.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(at) = rendered.number_at
            && let Some(session) = loom::session_of(&site.plan, view, self.plans.keys())
        {
            batch.unnumbered.add(session, at);
        }
        Some((site.level, rendered.number_at.map(|at| at + loom::NUMBER_ROOM)))
    }

    fn is_set_aside(&self, ring: Ring<'_>, end: u64) -> bool {
        self.suspects.iter().any(|(record, times)| *record == (ring.index(), end) && *times > 1)
    }

    fn level_of(&mut self, header: &Header) -> Level {
        let site = self.plans.site(self.segment, &self.options, header.site);
        site.map_or(Level::Info, |site| site.level)
    }

    pub(super) fn lose(&self, site: u32, level: Level, cause: Cause, count: u64) {
        let key = LossKey { site, level: level as u8, cause };
        self.segment.count_loss(key, count, logloom_ring::clock::real_time());
    }
}

#[cfg(test)]
mod tests {
    use super::Gathered;

    #[test]
    fn each_source_is_noted_once_with_its_furthest_end() {
        let mut gathered = Gathered::default();
        for end in [7, 9, 8] {
            (0..1_000).for_each(|source| gathered.note_source(source, end));
        }
        assert!(gathered.intent.sources.iter().copied().eq((0..1_000).map(|source| (source, 9))));
    }
}
