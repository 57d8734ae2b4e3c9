//! Lines by minute and level. In come the lines of regular blocks, out go counts, and back.

use std::collections::BTreeMap;

const MINUTE_NS: i64 = 60_000_000_000;
/// TRACE to FATAL, other texts, without.
pub(super) const LEVELS: usize = 8;
const ENTRY: usize = 8 + 4 * LEVELS;

/// Lines of one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Minute {
    /// Its first nanosecond since 1970.
    pub start_ns: i64,
    /// Lines by level: TRACE to FATAL, a level in another text, without a level.
    pub lines: [u32; LEVELS],
}

/// Counts of a file, and of a block that may yet turn out not to count.
#[derive(Default)]
pub(super) struct RollupBuilder {
    minutes: BTreeMap<i64, [u32; LEVELS]>,
    block: Vec<(i64, [u32; LEVELS])>,
}

impl RollupBuilder {
    /// Counts a line of the present block.
    #[inline]
    pub(super) fn note(&mut self, time_ns: i64, level: usize) {
        let minute = time_ns.div_euclid(MINUTE_NS);
        match self.block.last_mut() {
            Some((last, lines)) if *last == minute => lines[level] += 1,
            _ => {
                let mut lines = [0; LEVELS];
                lines[level] = 1;
                self.block.push((minute, lines));
            }
        }
    }

    /// Ends the block; its lines are counted if it `is_regular`.
    pub(super) fn end_block(&mut self, is_regular: bool) {
        for (minute, lines) in self.block.drain(..).filter(|_| is_regular) {
            let sums = self.minutes.entry(minute).or_default();
            sums.iter_mut().zip(lines).for_each(|(sum, count)| *sum += count);
        }
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = (self.minutes.len() as u32).to_le_bytes().to_vec();
        let mut before = 0;
        for (minute, lines) in &self.minutes {
            out.extend((minute - before).to_le_bytes());
            lines.iter().for_each(|count| out.extend(count.to_le_bytes()));
            before = *minute;
        }
        out
    }
}

/// What [`RollupBuilder::write`] wrote; `None` when it cannot be.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<Minute>> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let (entries, rest) = rest.as_chunks::<ENTRY>();
    if entries.len() != u32::from_le_bytes(*count) as usize || !rest.is_empty() {
        return None;
    }
    let mut minute = 0i64;
    let mut minutes = Vec::with_capacity(entries.len());
    for entry in entries {
        let (step, counts) = entry.split_first_chunk::<8>()?;
        minute = minute.checked_add(i64::from_le_bytes(*step))?;
        let mut lines = [0; LEVELS];
        for (line, count) in lines.iter_mut().zip(counts.as_chunks::<4>().0) {
            *line = u32::from_le_bytes(*count);
        }
        minutes.push(Minute { start_ns: minute.checked_mul(MINUTE_NS)?, lines });
    }
    Some(minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_minute() {
        let mut rollup = RollupBuilder::default();
        let minute = 5 * MINUTE_NS;
        for (time, level) in [(minute, 2), (minute + 1, 2), (minute - 1, 4), (minute, 7)] {
            rollup.note(time, level);
        }
        rollup.end_block(true);
        rollup.note(minute, 0);
        rollup.end_block(false);
        let bytes = rollup.write();
        let expect = [
            Minute { start_ns: 4 * MINUTE_NS, lines: [0, 0, 0, 0, 1, 0, 0, 0] },
            Minute { start_ns: minute, lines: [0, 0, 2, 0, 0, 0, 0, 1] },
        ];
        assert_eq!(read(&bytes).as_deref(), Some(&expect[..]));
        for cut in 0..bytes.len() {
            assert_eq!(read(&bytes[..cut]), None);
        }
    }
}
