//! Counts from the index alone. In come the blocks that would have to be looked at and what the statement uses of
//! their lines; out go lines that stand for many equal ones, and the blocks that have to be read all the same.
//!
//! A block is counted when all its lines are JSON, their times are known and told apart by nothing in the statement,
//! and each field has a column: every line is then known by its codes. Where times and levels are all that matters,
//! the minutes of the file are enough. The filter and the pipes see the lines that stand for others as they see all
//! others, so that nothing is said twice here.

mod fold;
mod uses;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use logloom_record::json::escape_into;
use logloom_store::index::{Block, Column, GROUP_BLOCKS, Index};

use super::plan::Plan;
use super::plant::{Mistake, planted};
use super::source::Source;
use super::spans::Minutes;
use super::task::Task;
use super::threads;
use crate::pipes::show_time;
use fold::Fold;
pub(super) use uses::Uses;

const MINUTE_NS: i64 = 60_000_000_000;
const LEVELS_JSON: [&str; 6] =
    ["\"TRACE\"", "\"DEBUG\"", "\"INFO\"", "\"WARN\"", "\"ERROR\"", "\"FATAL\""];

/// A line that stands for many.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StandIn {
    pub(super) line: Vec<u8>,
    /// The time that the line tells.
    pub(super) time_ns: Option<i64>,
    pub(super) times: u64,
}

/// Gives the minutes of parts of a file that has no index.
pub(super) type Learn<'a> = &'a mut dyn FnMut(&[Task]) -> Vec<Minutes>;

/// Takes away the parts that can be counted; gives what stands for their lines. Several threads count, each its
/// files.
pub(super) fn count(
    sources: &[Arc<Source>],
    tasks: Vec<Task>,
    uses: &Uses,
    plan: &mut Plan,
    learn: Learn<'_>,
) -> (Vec<Task>, Vec<StandIn>) {
    let files = by_index(tasks);
    let next = AtomicUsize::new(0);
    let work = || {
        let (mut rests, mut stand_ins) = (Vec::new(), StandIns::default());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(tasks) = files.get(number) else { return (rests, stand_ins) };
            let known = tasks[0].block.and_then(|(place, _)| {
                let index = sources[tasks[0].file].indexes().get(place)?;
                Some((index, index.blocks()?))
            });
            if let Some((index, table)) = known {
                let rest = Counting { index, table, uses }.file(tasks, &mut stand_ins);
                rests.push((number, rest));
            }
        }
    };
    let (mut rests, mut stand_ins) = (HashMap::new(), StandIns::default());
    for (some, more) in spread(threads(files.len()), &work) {
        rests.extend(some);
        stand_ins.add_all(more);
    }
    let mut left = Vec::new();
    for (number, tasks) in files.into_iter().enumerate() {
        let Some(rest) = rests.remove(&number) else {
            left.extend(without_index(tasks, uses, learn, &mut stand_ins));
            continue;
        };
        plan.counted += (tasks.len() - rest.len()) as u64;
        let is_left = |task: &Task| task.block.is_some_and(|(_, block)| rest.contains(&block));
        left.extend(tasks.into_iter().filter(is_left));
    }
    plan.bytes = left.iter().map(Task::bytes).sum();
    (left, stand_ins.into_lines(uses))
}

/// Parts in their order, those of each index together, and those of each file that are in none.
fn by_index(tasks: Vec<Task>) -> Vec<Vec<Task>> {
    let index = |task: &Task| (task.file, task.block.map(|(place, _)| place));
    let mut files: Vec<Vec<Task>> = Vec::new();
    for task in tasks {
        match files.last_mut().filter(|file| index(&file[0]) == index(&task)) {
            Some(file) => file.push(task),
            None => files.push(vec![task]),
        }
    }
    files
}

/// Has so many threads do the same work.
fn spread<T: Send>(threads: usize, work: &(dyn Fn() -> T + Sync)) -> Vec<T> {
    if threads == 1 {
        return vec![work()];
    }
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let outcomes = running.into_iter().map(|thread| thread.join());
        outcomes
            .map(|outcome| outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Counts what was learned of parts by reading them before; gives those that are left.
fn without_index(
    tasks: Vec<Task>,
    uses: &Uses,
    learn: Learn<'_>,
    stand_ins: &mut StandIns,
) -> Vec<Task> {
    if !uses.are_of_minutes() {
        return tasks;
    }
    let minutes = learn(&tasks);
    let mut left = Vec::new();
    for (task, minutes) in tasks.into_iter().zip(minutes) {
        let is_counted = minutes.is_some_and(|minutes| {
            add_minutes(minutes.iter().map(|one| (one.start_ns, one.lines)), uses, stand_ins)
        });
        if !is_counted {
            left.push(task);
        }
    }
    left
}

/// Counts minutes, which stand in order; false when they do not tell enough, and nothing was counted.
fn add_minutes(
    minutes: impl Iterator<Item = (i64, [u32; 8])>,
    uses: &Uses,
    stand_ins: &mut StandIns,
) -> bool {
    let by_level = !uses.fields.is_empty();
    let mut until = i64::MIN;
    let mut sums: Vec<(i64, [u64; 8])> = Vec::new();
    for (start, lines) in minutes {
        let last = start.saturating_add(MINUTE_NS - 1);
        if last >= until {
            until = uses.alike_until(start);
            sums.push((uses.representative(start), [0; 8]));
        }
        let is_told = last < until && (!by_level || lines[6] == 0);
        let Some((_, sums)) = sums.last_mut().filter(|_| is_told) else { return false };
        sums.iter_mut().zip(lines).for_each(|(sum, lines)| *sum += u64::from(lines));
    }
    for (time, lines) in sums {
        if !by_level {
            stand_ins.add(Some(time), &[], lines.iter().sum());
            continue;
        }
        for (level, lines) in lines.into_iter().enumerate() {
            let json = LEVELS_JSON.get(level).map(|json| json.as_bytes());
            stand_ins.add(Some(time), &[json], lines);
        }
    }
    true
}

/// Counting in one file.
struct Counting<'a> {
    index: &'a Index,
    table: &'a [Block],
    uses: &'a Uses,
}

impl Counting<'_> {
    /// Counts what it can of a file; gives the blocks that are left.
    fn file(&self, tasks: &[Task], stand_ins: &mut StandIns) -> HashSet<u32> {
        if self.minutes(stand_ins) || self.totals(stand_ins) {
            return HashSet::new();
        }
        let left = self.columns(tasks, stand_ins);
        self.words(left, stand_ins)
    }

    /// Counts blocks of which it is known in how many lines the word is that all must have; gives those that are left.
    fn words(&self, mut left: HashSet<u32>, stand_ins: &mut StandIns) -> HashSet<u32> {
        let word = self.uses.word.as_deref().filter(|_| !left.is_empty());
        let Some(word) = word else { return left };
        let mut json = b"\"".to_vec();
        escape_into(word, &mut json);
        json.push(b'"');
        for (block, lines) in self.index.lines_with(word).unwrap_or_default() {
            let Some(time) = self.time_of(block) else { continue };
            if left.remove(&block) {
                stand_ins.add(time, &[Some(&json)], lines.into());
            }
        }
        left
    }

    /// All lines by minute and level, where nothing else matters. Those of blocks that are left out are told too: what
    /// left them out is in the filter.
    fn minutes(&self, stand_ins: &mut StandIns) -> bool {
        let is_known =
            |block: &Block| block.is_regular && !block.has_other_times && !block.has_untimed;
        let is_enough = self.uses.are_of_minutes() && self.table.iter().all(is_known);
        let Some(minutes) = is_enough.then(|| self.index.rollup()).flatten() else { return false };
        add_minutes(minutes.iter().map(|one| (one.start_ns, one.lines)), self.uses, stand_ins)
    }

    /// All lines by the values of one field, where nothing else matters.
    fn totals(&self, stand_ins: &mut StandIns) -> bool {
        let is_enough = !self.uses.has_times() && self.table.iter().all(|block| block.is_regular);
        let mut fields = self.uses.fields.iter();
        let (Some(field), None, true) = (fields.next(), fields.next(), is_enough) else {
            return false;
        };
        let Some(column) = self.index.column(field) else { return false };
        let all: u64 = self.table.iter().map(|block| u64::from(block.lines)).sum();
        let known: u64 = column.values().iter().map(|value| value.lines).sum();
        let Some(without) = all.checked_sub(known) else { return false };
        stand_ins.add(None, &[None], without);
        for value in column.values() {
            stand_ins.add(None, &[Some(&value.json)], value.lines);
        }
        true
    }

    /// Counts what can be counted by columns; gives the blocks that are left.
    fn columns(&self, tasks: &[Task], stand_ins: &mut StandIns) -> HashSet<u32> {
        let blocks: Vec<u32> =
            tasks.iter().filter_map(|task| task.block).map(|(_, block)| block).collect();
        let columns: Option<Vec<Column<'_>>> =
            self.uses.fields.iter().map(|field| self.index.column(field)).collect();
        let Some(columns) = columns else { return blocks.into_iter().collect() };
        let mut left = HashSet::new();
        let sizes = columns.iter().map(|column| column.values().len() + 1).collect();
        let mut fold = Fold::new(sizes);
        for group in blocks.chunk_by(|one, other| one / GROUP_BLOCKS == other / GROUP_BLOCKS) {
            if !self.group(&columns, group, &mut fold, stand_ins, &mut left) {
                left.extend(group);
            }
        }
        left
    }

    /// Counts blocks of one group; false when its codes are damaged, and nothing was counted.
    fn group(
        &self,
        columns: &[Column<'_>],
        blocks: &[u32],
        fold: &mut Fold,
        stand_ins: &mut StandIns,
        left: &mut HashSet<u32>,
    ) -> bool {
        let group = blocks[0] / GROUP_BLOCKS;
        if !blocks.iter().any(|block| self.time_of(*block).is_some()) {
            return false;
        }
        let codes: Option<Vec<Vec<u8>>> =
            columns.iter().map(|column| column.codes(group)).collect();
        let Some(codes) = codes else { return false };
        let mut give = |fold: &mut Fold, time: Option<i64>| {
            fold.take(&mut |codes, times| {
                let json = |(column, code): (&Column<'_>, &u8)| -> Option<Vec<u8>> {
                    let value = column.values().get(usize::from(*code).checked_sub(1)?)?;
                    Some(value.json.to_vec())
                };
                let values: Vec<Option<Vec<u8>>> = columns.iter().zip(codes).map(json).collect();
                let values: Vec<Option<&[u8]>> = values.iter().map(Option::as_deref).collect();
                stand_ins.add(time, &values, times);
            });
        };
        let mut under_way = None;
        let (mut line, mut wanted) = (0, blocks.iter().peekable());
        let first = group * GROUP_BLOCKS;
        for number in first..(first + GROUP_BLOCKS).min(self.table.len() as u32) {
            let lines = self.table[number as usize].lines as usize;
            if wanted.next_if(|block| **block == number).is_some() {
                match self.time_of(number) {
                    None => drop(left.insert(number)),
                    Some(time) => {
                        if under_way.is_some_and(|before| before != time) {
                            give(fold, under_way.flatten());
                        }
                        under_way = Some(time);
                        let columns: Vec<&[u8]> =
                            codes.iter().map(|codes| &codes[line..line + lines]).collect();
                        fold.add(&columns, lines);
                    }
                }
            }
            line += lines;
        }
        give(fold, under_way.flatten());
        true
    }

    /// A time that all lines of a block could as well have, if times matter; `None` when there is none.
    fn time_of(&self, block: u32) -> Option<Option<i64>> {
        let block = &self.table[block as usize];
        if !block.is_regular {
            return None;
        }
        if !self.uses.has_times() {
            return Some(None);
        }
        let (first, last) = block.times?;
        let is_known = !block.has_other_times && !block.has_untimed;
        let are_alike = self.uses.are_alike(first, last) || planted(Mistake::BlindCounts);
        (is_known && are_alike).then(|| Some(self.uses.representative(first)))
    }
}

/// What lines have in common: their time, and the JSON of each field that one has.
type Alike = (Option<i64>, Vec<Option<Box<[u8]>>>);

/// Lines that stand for others, each once.
#[derive(Default)]
struct StandIns {
    counts: HashMap<Alike, u64>,
}

impl StandIns {
    fn add(&mut self, time: Option<i64>, values: &[Option<&[u8]>], times: u64) {
        if times > 0 {
            let values = values.iter().map(|value| value.map(Into::into)).collect();
            *self.counts.entry((time, values)).or_default() += times;
        }
    }

    fn add_all(&mut self, other: StandIns) {
        for (alike, times) in other.counts {
            *self.counts.entry(alike).or_default() += times;
        }
    }

    fn into_lines(self, uses: &Uses) -> Vec<StandIn> {
        let counts = self.counts.into_iter();
        counts
            .map(|((time_ns, values), times)| StandIn {
                line: write(uses, time_ns, &values),
                time_ns,
                times,
            })
            .collect()
    }
}

/// A line with these values.
fn write(uses: &Uses, time: Option<i64>, values: &[Option<Box<[u8]>>]) -> Vec<u8> {
    let mut line = b"{".to_vec();
    if let Some(time) = time {
        line.extend_from_slice(b"\"timestamp\":\"");
        line.extend_from_slice(show_time(time).as_bytes());
        line.push(b'"');
    }
    for (field, json) in uses.fields.iter().zip(values) {
        let Some(json) = json else { continue };
        line.extend_from_slice(if line.len() > 1 { b",\"" } else { b"\"" });
        escape_into(field, &mut line);
        line.extend_from_slice(b"\":");
        line.extend_from_slice(json);
    }
    line.push(b'}');
    line
}
