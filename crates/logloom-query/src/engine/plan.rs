//! What has to be looked at. In come files, what is required of a row, and the indexes; out go the parts in which
//! such a row may be, and how much was left out for which reason. Nothing is left out without certainty: a
//! file without an index, a block whose lines are no JSON, and whatever an index does not know, is looked at.

use std::fmt;
use std::sync::Arc;

use logloom_filter::Requirement;
use logloom_store::index::{Block, Blocks, Index, Numbers};

use super::plant::{Mistake, planted};
use super::source::Source;
use super::task::{Span, Task, parts};
use crate::LogFile;
use crate::show::bytes;

/// Values of which an index is asked one by one; of more, all blocks are looked at.
const VALUES_MAX: usize = 256;

/// What is looked at, and what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan {
    /// Files of the log.
    pub files: u64,
    /// Files left out whole.
    pub files_skipped: u64,
    /// Blocks of files with an index.
    pub blocks: u64,
    /// Those left out by the times of their rows.
    pub skipped_by_time: u64,
    /// Those left out by the levels of their rows.
    pub skipped_by_level: u64,
    /// Those left out by the words and values that they have.
    pub skipped_by_words: u64,
    /// Blocks that were counted from the index alone.
    pub counted: u64,
    /// Bytes of lines that have to be looked at.
    pub bytes: u64,
    /// Bytes of all lines.
    pub bytes_all: u64,
    /// Files that are read without an index, and why.
    pub without_index: Vec<(std::path::PathBuf, String)>,
}

/// Lines of text: what is looked at, and why not the rest.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (read, all) = (bytes(self.bytes), bytes(self.bytes_all));
        writeln!(f, "to be read: {read} of {all} of lines")?;
        writeln!(f, "files: {}, left out whole: {}", self.files, self.files_skipped)?;
        if self.blocks > 0 {
            write!(f, "blocks with an index: {}", self.blocks)?;
            for (count, reason) in [
                (self.skipped_by_time, "their times"),
                (self.skipped_by_level, "their levels"),
                (self.skipped_by_words, "their words and values"),
            ] {
                if count > 0 {
                    write!(f, ", left out by {reason}: {count}")?;
                }
            }
            let counted = self.counted;
            f.write_str(&if counted > 0 {
                format!(", counted: {counted}\n")
            } else {
                "\n".to_owned()
            })?;
        }
        for (path, reason) in &self.without_index {
            writeln!(f, "read without an index: {}: {reason}", path.display())?;
        }
        Ok(())
    }
}

/// Which requirements count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    Times,
    Levels,
    Words,
}

/// The parts in which a row of this kind may be.
pub(super) fn tasks(
    files: &[LogFile],
    sources: &[Arc<Source>],
    required: &Requirement,
    part: u64,
    plan: &mut Plan,
) -> Vec<Task> {
    let mut all = Vec::new();
    for (number, (file, source)) in files.iter().zip(sources).enumerate() {
        let before = all.len();
        plan.files += 1;
        plan.bytes_all += file.length();
        let mut end = 0;
        for (place, index) in source.indexes().iter().enumerate() {
            let range = index.range();
            // Those behind a damaged one are read as if there were none.
            let Some(table) = index.blocks().filter(|_| range.start == end) else { break };
            end = range.end;
            let wanted = count(index, table, required, plan);
            let task = |block: u32| of_block(number, file, (place, block), &table[block as usize]);
            all.extend(wanted.iter().map(task));
        }
        if end < file.length() && !(end > 0 && planted(Mistake::BlindTail)) {
            if end == 0 {
                note_reason(file, source, plan);
            }
            if file.may_hold(hull(required)) {
                let size = if file.is_sequential() { u64::MAX } else { part };
                all.extend(parts(number, end..file.length(), size, Span::ANY));
            }
        }
        plan.files_skipped += u64::from(all.len() == before);
        plan.bytes += all[before..].iter().map(Task::bytes).sum::<u64>();
    }
    all
}

fn note_reason(file: &LogFile, source: &Source, plan: &mut Plan) {
    let damaged = || "the table of its blocks is damaged".to_owned();
    let reason = source.reason().unwrap_or_else(damaged);
    plan.without_index.push((file.path().to_owned(), reason));
}

/// The blocks that are wanted; and notes why the others are not.
fn count(index: &Index, table: &[Block], required: &Requirement, plan: &mut Plan) -> Blocks {
    let left = |depth| blocks(index, table, required, depth);
    let by_time = left(Depth::Times);
    let by_level = left(Depth::Levels);
    let wanted = left(Depth::Words);
    plan.blocks += table.len() as u64;
    plan.skipped_by_time += u64::from(by_time.count() - by_time.len());
    plan.skipped_by_level += u64::from(by_time.len() - by_level.len());
    plan.skipped_by_words += u64::from(by_level.len() - wanted.len());
    wanted
}

/// The blocks in which what is required may be.
fn blocks(index: &Index, table: &[Block], required: &Requirement, depth: Depth) -> Blocks {
    let count = table.len() as u32;
    let those = |may: &dyn Fn(&Block) -> bool| {
        let mut some = Blocks::none(count);
        (0..count).zip(table).filter(|(_, block)| may(block)).for_each(|(at, _)| some.insert(at));
        some
    };
    match required {
        Requirement::Nothing => Blocks::none(count),
        Requirement::All(all) => {
            let mut kept = Blocks::all(count);
            for one in all {
                // What nothing is left of needs no more questions.
                if !kept.is_empty() {
                    kept.intersect(&blocks(index, table, one, depth));
                }
            }
            kept
        }
        Requirement::OneOf(all) if all.len() > VALUES_MAX => Blocks::all(count),
        Requirement::OneOf(all) => {
            let mut some = Blocks::none(count);
            all.iter().for_each(|one| some.unite(&blocks(index, table, one, depth)));
            some
        }
        Requirement::Times { from, until } => {
            let from = from.unwrap_or(i64::MIN);
            // A day too late, where a mistake is planted.
            let early = if planted(Mistake::EarlyTimes) { 86_400_000_000_000 } else { 0 };
            those(&|block| block.may_hold_times(from.saturating_add(early), *until))
        }
        Requirement::Levels(levels) if depth >= Depth::Levels => {
            those(&|block| block.may_hold_levels(*levels))
        }
        Requirement::Word(word) if depth == Depth::Words => index.word(word),
        Requirement::FieldValue { path, value } if depth == Depth::Words => index.pair(path, value),
        Requirement::Amounts { path, least, greatest } if depth == Depth::Words => {
            by_numbers(index, path, *least, *greatest)
        }
        _ => Blocks::all(count),
    }
}

/// The blocks in which a field may have such a number.
fn by_numbers(index: &Index, path: &str, least: f64, greatest: f64) -> Blocks {
    let count = index.block_count();
    let Some(numbers) = index.numbers(path) else { return Blocks::all(count) };
    let mut some = Blocks::none(count);
    for (block, numbers) in (0..count).zip(numbers) {
        let may_hold = match numbers {
            Numbers::None => false,
            Numbers::Between(low, high) => low <= greatest && least <= high,
            Numbers::Unknown => true,
        };
        if may_hold {
            some.insert(block);
        }
    }
    some
}

fn of_block(number: usize, file: &LogFile, at: (usize, u32), block: &Block) -> Task {
    let range = block.offset..block.end();
    Task { file: number, range, block: Some(at), span: span(file, block) }
}

/// When the rows of a block are.
pub(super) fn span(file: &LogFile, block: &Block) -> Span {
    if !block.is_regular || block.has_other_times {
        return Span::ANY;
    }
    let mut span = Span::EMPTY;
    if let Some((first, last)) = block.times {
        (span.first, span.last) = (first, last);
    }
    if block.has_untimed || block.times.is_none() {
        span.add(file.day_start_ns());
    }
    span
}

/// The times that may matter, `from <= t < until`.
fn hull(required: &Requirement) -> (Option<i64>, Option<i64>) {
    match required {
        Requirement::Times { from, until } => (*from, *until),
        Requirement::All(all) => all.iter().map(hull).fold((None, None), |one, other| {
            let until = [one.1, other.1].into_iter().flatten().min();
            (one.0.max(other.0), until)
        }),
        Requirement::OneOf(all) => {
            let all: Vec<_> = all.iter().map(hull).collect();
            let from = all.iter().map(|one| one.0).min().flatten();
            let until = all.iter().map(|one| one.1.unwrap_or(i64::MAX)).max();
            (from, until.filter(|until| *until < i64::MAX))
        }
        _ => (None, None),
    }
}
