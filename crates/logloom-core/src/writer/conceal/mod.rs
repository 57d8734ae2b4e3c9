//! The stages that hide secrets and cut long texts, in the lines of a batch.
//!
//! All lines of a batch are searched at once, which is much faster than one by one; of a line, only what
//! its record brought as text, unless the constant parts of its call site hold something that secrets are
//! known by. Should that panic,
//! each line is searched by itself from then on, so that the record which causes it can be found and
//! set aside as any other. A batch never becomes longer than its staging buffer: where there is no
//! room for a mark, what it would stand for is overwritten.

mod ids;
#[cfg(test)]
mod tests;

use std::sync::atomic::Ordering;

use logloom_record::dialect::loom::Span;

use self::ids::Ids;
use super::Writer;
use super::number::Cut;
use super::plans::Site;
use crate::mask::{Masker, Part};
use crate::settings::MaskSettings;
use crate::truncate::{FullText, Truncator};

/// Bytes that a staging buffer keeps for the lines that tell of losses.
const LOSSES_BYTES: usize = 64 << 10;

/// The stages, and how they are run.
#[derive(Debug, Default)]
pub(super) struct Conceal {
    /// What is hidden; all that can be, until it is known.
    masks: Option<MaskSettings>,
    /// Made with the first batch: until then a program, and above all a fork child, has better to do.
    masker: Option<Masker>,
    truncator: Option<Truncator>,
    /// Ids that are the same in many lines.
    ids: Ids,
    /// What is to be searched of the batch at hand.
    parts: Vec<Part>,
    /// Texts of the batch at hand that are to be kept in full.
    full: Vec<FullText>,
    /// A batch is being searched.
    is_running: bool,
    /// Each line is searched by itself.
    pub(super) is_careful: bool,
}

impl Conceal {
    pub(super) fn set(&mut self, masks: MaskSettings, truncator: Option<Truncator>) {
        self.masks = Some(masks);
        self.masker = None;
        self.ids.clear();
        self.truncator = truncator;
    }

    /// After a panic that was not in a record: whether the search of a batch caused it.
    pub(super) fn note_panic(&mut self) -> bool {
        let was_running = std::mem::take(&mut self.is_running);
        let is_news = was_running && !self.is_careful;
        self.is_careful |= was_running;
        is_news
    }

    /// A batch begins.
    pub(super) fn begin(&mut self) {
        self.parts.clear();
        self.full.clear();
    }

    /// A line of this site was rendered at the end of `lines`, from `start` on, with the record's texts there.
    pub(super) fn note(&mut self, site: &Site, lines: &[u8], start: usize, texts: Span) {
        let masker = masker(&mut self.masker, self.masks.as_ref());
        let is_plain = *site
            .is_plain
            .get_or_init(|| site.plan.constants().all(|piece| masker.finds_nothing(piece)));
        let part = match is_plain {
            true => {
                let known = self.ids.searched(&lines[texts.start..texts.end], masker);
                texts.start + known..texts.end
            }
            false => start..lines.len(),
        };
        if !part.is_empty() {
            self.parts.push(part);
        }
    }

    /// Lines became shorter since they were noted: what was noted moves with them. No part begins or ends
    /// within a cut.
    pub(super) fn follow(&mut self, cuts: &[Cut]) {
        let mut cuts = cuts.iter().peekable();
        let mut taken = 0;
        for part in &mut self.parts {
            for edge in [&mut part.start, &mut part.end] {
                while let Some(cut) = cuts.next_if(|cut| cut.end <= *edge) {
                    taken = cut.total;
                }
                *edge -= taken;
            }
        }
    }

    fn run(&mut self, lines: &mut Vec<u8>, parts: Option<&[Part]>, room: usize) {
        let most = lines.len().saturating_add(room);
        let masker = masker(&mut self.masker, self.masks.as_ref());
        match parts {
            Some(parts) => masker.mask_parts(lines, parts, room),
            None => masker.mask_lines(lines, room),
        };
        if let Some(truncator) = &self.truncator {
            truncator.lines(lines, most.saturating_sub(lines.len()), &mut self.full);
        }
    }
}

/// The masker, made when it is first needed.
fn masker<'m>(made: &'m mut Option<Masker>, masks: Option<&MaskSettings>) -> &'m Masker {
    made.get_or_insert_with(|| masks.map_or_else(Masker::strictest, Masker::new))
}

impl Writer<'_> {
    /// Runs the stages on the whole batch.
    pub(super) fn conceal_batch(&mut self) {
        if self.conceal.is_careful {
            return;
        }
        self.conceal.is_running = true;
        let room = self.room();
        let parts = std::mem::take(&mut self.conceal.parts);
        self.conceal.run(&mut self.buffer, Some(&parts), room);
        self.conceal.parts = parts;
        self.conceal.is_running = false;
    }

    /// Runs the stages on the record from `start` on, after the search of a batch has panicked. The number of
    /// an action is not taken yet: nothing up to the end of its room, at `numbered`, is searched, so that the
    /// room stays where it was noted and as it is. Before it are but time and level.
    pub(super) fn conceal_record(&mut self, start: usize, numbered: Option<usize>) {
        if !self.conceal.is_careful {
            return;
        }
        // These are of lines as they were before.
        self.conceal.parts.clear();
        let room = self.room();
        let mut line = self.buffer.split_off(numbered.unwrap_or(start));
        self.conceal.run(&mut line, None, room);
        self.buffer.append(&mut line);
    }

    /// Keeps the full texts of the batch at hand. Before it is staged, so that a kill leaves no line without its
    /// text; one that cannot be kept is counted, and holds nothing up.
    pub(super) fn keep_full_texts(&mut self) {
        let room = self.conceal.truncator.as_ref().and_then(Truncator::full_room).unwrap_or(0);
        for FullText { id, text } in self.conceal.full.drain(..) {
            if self.log.keep_text(&id, &text, room).is_err() {
                self.counters.texts_lost.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// Forgets the full texts of lines that are only looked at.
    pub(super) fn forget_full_texts(&mut self) {
        self.conceal.full.clear();
    }

    /// Bytes by which the lines may still grow: losses are told behind them.
    fn room(&self) -> usize {
        self.segment.staging_capacity().saturating_sub(self.buffer.len() + LOSSES_BYTES)
    }
}
