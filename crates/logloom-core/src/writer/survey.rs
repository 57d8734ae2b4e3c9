//! What waits in a dead process's rings, as the lines it would become: nothing is staged, moved or
//! counted. In comes a segment that nobody logs to; out goes each line with the place of its record.
//! A record that cannot be read becomes no line.

use logloom_ring::ring::{Next, Ring};
use logloom_store::Day;

use super::Writer;
use super::merge::ticks_of;
use super::stage::Gathered;

/// The line of one record that waits.
pub(crate) struct Waiting<'a> {
    /// Number of its ring and position behind it.
    pub(crate) record: (u32, u64),
    /// The day it will be filed under.
    pub(crate) day: Day,
    /// Its line, with the newline.
    pub(crate) line: &'a [u8],
}

impl Writer<'_> {
    /// Shows the lines of all records that wait, ring by ring, each ring's in their order.
    ///
    /// # Panics
    /// When a record makes the rendering panic, as [`Writer::step`] does: see [`Writer::note_panic`].
    pub(crate) fn survey(&mut self, show: &mut dyn FnMut(Waiting<'_>)) {
        self.plans.update(self.segment, &self.options);
        let segment = self.segment;
        for ring in (0..segment.ring_count()).filter_map(|index| segment.ring(index)) {
            self.survey_ring(ring, show);
        }
        self.rendering = None;
    }

    fn survey_ring(&mut self, ring: Ring<'_>, show: &mut dyn FnMut(Waiting<'_>)) {
        self.timeline.update(self.segment);
        let mut gathered = Gathered::default();
        let mut position = ring.read_position();
        let written = ring.write_position().min(position.saturating_add(ring.capacity()));
        while let Next::Record { bytes, end } = ring.peek(position, written) {
            position = end;
            self.buffer.clear();
            self.conceal.begin();
            gathered.day = None;
            let arrival = self.timeline.nanoseconds(ticks_of(bytes));
            self.take_record(ring, bytes, arrival, end, &mut gathered);
            // As it stands in the files.
            self.conceal_batch();
            self.forget_full_texts();
            if let (Some(day), false) = (gathered.day, self.buffer.is_empty()) {
                show(Waiting { record: (ring.index(), end), day, line: &self.buffer });
            }
        }
    }
}
