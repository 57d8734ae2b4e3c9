//! `sort`, `first` and `last`: rows in the order of their values.
//!
//! With a limit that many rows (of each partition) are held, else all; beyond the memory sorted
//! runs go to disk. Rows with equal values stand in the order of the log, the newest first where the
//! last value is sorted downwards; rows that pipes have made stand as they came. The time of a row
//! of the log is that of its place, also where the line names none.

use std::any::Any;
use std::cmp::Ordering;
use std::fmt;

use super::chain::{Flow, Next, PipeError, Room, Stage};
use super::codec::{Reader, put_bytes, put_key, put_number};
use super::order::{compare, rank};
use super::spill::{RecordOrder, Runs};
use super::stats::show_time;
use super::text::{List, Name};
use super::{Row, Value};
use crate::Key;

/// The time of a row, which is that of its place in the log.
const TIME: &str = "timestamp";

/// Rows that are gathered at least before those beyond a limit are dropped.
const SETTLE_ROWS: usize = 1024;

/// A field to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortBy {
    /// Its path.
    pub field: String,
    /// Whether the greatest value comes first.
    pub is_descending: bool,
}

impl fmt::Display for SortBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Name(&self.field), if self.is_descending { " desc" } else { "" })
    }
}

/// The pipe.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// The fields; none sorts by time.
    pub by: Vec<SortBy>,
    /// Fields whose values each have a limit and an offset of their own.
    pub partition: Vec<String>,
    /// Rows that are left out at the start.
    pub offset: u64,
    /// The most rows.
    pub limit: Option<u64>,
    /// The field that gets the number of the row, from 1 on.
    pub rank: Option<String>,
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sort by ({})", List(&self.by))?;
        if !self.partition.is_empty() {
            let fields: Vec<Name<'_>> = self.partition.iter().map(|field| Name(field)).collect();
            write!(f, " partition by ({})", List(&fields))?;
        }
        if self.offset > 0 {
            write!(f, " offset {}", self.offset)?;
        }
        if let Some(limit) = self.limit {
            write!(f, " limit {limit}")?;
        }
        match &self.rank {
            Some(rank) => write!(f, " rank as {}", Name(rank)),
            None => Ok(()),
        }
    }
}

impl Sort {
    /// Whether this asks for the newest rows, which stand first when rows come newest first.
    pub(super) fn is_for_newest(&self) -> bool {
        let is_by_time = matches!(&self.by[..], [by] if by.field == TIME && by.is_descending);
        is_by_time && self.partition.is_empty() && self.limit.is_some()
    }

    /// The pipe at work; `stops` when rows of the log come newest first and the newest are asked
    /// for.
    pub(super) fn stage(&self, room: &Room, stops: bool) -> Box<dyn Stage> {
        Box::new(Sorting::new(self.clone(), room, stops))
    }

    /// How many rows of a partition may be in the answer.
    fn held(&self) -> Option<usize> {
        let limit = usize::try_from(self.limit?.saturating_add(self.offset));
        Some(limit.unwrap_or(usize::MAX))
    }

    fn compare(&self, one: &Held, other: &Held) -> Ordering {
        let is_reversed = self.by.first().is_some_and(|by| by.is_descending);
        match one.rank.cmp(&other.rank) {
            Ordering::Equal => {}
            order if is_reversed => return order.reverse(),
            order => return order,
        }
        for ((by, one), other) in self.by.iter().zip(&one.values).zip(&other.values) {
            let order = compare(one, other);
            let order = if by.is_descending { order.reverse() } else { order };
            if order != Ordering::Equal {
                return order;
            }
        }
        let is_reversed = self.by.last().is_some_and(|by| by.is_descending);
        let places = match (one.key, other.key) {
            (Some(one), Some(other)) if is_reversed => other.cmp(&one),
            (one, other) => one.cmp(&other),
        };
        places.then_with(|| one.number.cmp(&other.number))
    }
}

/// The order in which rows wait: those of a partition one behind the other, so that it is seen where one ends,
/// however many there are.
#[derive(Clone)]
struct Waiting(Sort);

impl RecordOrder for Waiting {
    type Item = Held;

    fn read(&self, record: &[u8]) -> std::io::Result<Held> {
        Held::decode(record)
    }

    fn compare(&self, one: &Held, other: &Held) -> Ordering {
        one.partition.cmp(&other.partition).then_with(|| self.0.compare(one, other))
    }
}

/// A row that waits.
pub(crate) struct Held {
    /// How the first value stands to others, which settles most comparisons.
    rank: u64,
    values: Vec<Box<str>>,
    /// Values of the partition.
    partition: Vec<Box<str>>,
    key: Option<Key>,
    /// Tells apart what came without a place.
    number: u64,
    line: Box<[u8]>,
}

impl Held {
    fn memory(&self) -> usize {
        let texts = self.values.iter().chain(&self.partition);
        std::mem::size_of::<Held>()
            + texts.map(|text| text.len() + 16).sum::<usize>()
            + self.line.len()
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.line.len() + 64);
        for texts in [&self.values, &self.partition] {
            put_number(&mut out, texts.len() as u64);
            texts.iter().for_each(|text| put_bytes(&mut out, text.as_bytes()));
        }
        put_key(&mut out, self.key);
        put_number(&mut out, self.number);
        put_bytes(&mut out, &self.line);
        out
    }

    fn decode(record: &[u8]) -> std::io::Result<Held> {
        let mut bytes = Reader(record);
        let values = texts(&mut bytes)?;
        let partition = texts(&mut bytes)?;
        let key = bytes.key()?;
        let (number, line) = (bytes.number()?, bytes.bytes()?.into());
        Ok(Held { rank: first_rank(&values), values, partition, key, number, line })
    }
}

fn first_rank(values: &[Box<str>]) -> u64 {
    values.first().map_or(0, |value| rank(value))
}

fn texts(bytes: &mut Reader<'_>) -> std::io::Result<Vec<Box<str>>> {
    (0..bytes.number()?).map(|_| bytes.text().map(Box::from)).collect()
}

/// The pipe at work.
struct Sorting {
    order: Waiting,
    stops: bool,
    rows: Vec<Held>,
    /// How many rows there are when those beyond the limit are dropped next.
    settle_at: usize,
    memory: usize,
    room: Room,
    runs: Runs<Waiting>,
    count: u64,
}

impl Sorting {
    fn new(sort: Sort, room: &Room, stops: bool) -> Sorting {
        let order = Waiting(sort);
        Sorting {
            runs: Runs::new(room.scratch.clone(), order.clone()),
            order,
            stops,
            rows: Vec::new(),
            settle_at: SETTLE_ROWS,
            memory: 0,
            room: room.clone(),
            count: 0,
        }
    }

    fn add(&mut self, held: Held) -> Result<(), PipeError> {
        self.memory += held.memory();
        self.rows.push(held);
        if self.order.0.limit.is_some() && self.rows.len() >= self.settle_at {
            self.settle();
        }
        if self.memory > self.room.memory {
            self.settle();
            // What a limit has just freed need not go to disk.
            if self.memory > self.room.memory / 2 {
                self.spill()?;
            }
        }
        Ok(())
    }

    /// Sorts, and drops what cannot be in the answer any more.
    fn settle(&mut self) {
        let order = &self.order;
        self.rows.sort_by(|one, other| order.compare(one, other));
        if let Some(limit) = order.0.held() {
            let mut kept: Vec<Held> = Vec::with_capacity(self.rows.len().min(SETTLE_ROWS));
            let mut count = 0;
            for row in std::mem::take(&mut self.rows) {
                let goes_on = kept.last().is_some_and(|last| last.partition == row.partition);
                count = if goes_on { count + 1 } else { 1 };
                if count <= limit {
                    kept.push(row);
                }
            }
            self.rows = kept;
        }
        self.memory = self.rows.iter().map(Held::memory).sum();
        self.settle_at = self.rows.len().saturating_mul(2).max(SETTLE_ROWS);
    }

    fn spill(&mut self) -> Result<(), PipeError> {
        let rows = std::mem::take(&mut self.rows);
        self.memory = 0;
        Ok(self.runs.write(&mut rows.iter().map(Held::encode))?)
    }
}

impl Stage for Sorting {
    fn push(&mut self, row: Row<'_>, _: Next<'_>) -> Result<Flow, PipeError> {
        self.count += 1;
        let text = |field: &String| match row.log_time().filter(|_| field == TIME) {
            Some(time_ns) => show_time(time_ns).into_boxed_str(),
            None => Box::from(row.text(field)),
        };
        let sort = &self.order.0;
        let values: Vec<Box<str>> = sort.by.iter().map(|by| text(&by.field)).collect();
        let held = Held {
            rank: first_rank(&values),
            values,
            partition: sort.partition.iter().map(text).collect(),
            key: row.key(),
            number: self.count,
            line: row.line().into(),
        };
        self.add(held)?;
        let is_full =
            self.stops && self.order.0.held().is_some_and(|held| self.count >= held as u64);
        Ok(if is_full { Flow::Enough } else { Flow::Continue })
    }

    fn finish(&mut self, next: Next<'_>) -> Result<Flow, PipeError> {
        let sort = self.order.0.clone();
        let mut giving = Giving { sort: &sort, last: None, place: 0 };
        if sort.partition.is_empty() {
            return self.drain(&mut |held| match giving.pick(held) {
                Picked::Row(held) => next(Row::of_bytes(&held.line, held.key)),
                Picked::Later => Ok(Flow::Continue),
                Picked::Over => Ok(Flow::Enough),
            });
        }
        // Those that are in the answer, in the order of all of them.
        let by = sort.by.clone();
        let room = Room { memory: self.room.memory / 2, ..self.room.clone() };
        let mut all = Sorting::new(Sort { by, ..Sort::default() }, &room, false);
        self.drain(&mut |held| {
            if let Picked::Row(held) = giving.pick(held) {
                all.add(Held { partition: Vec::new(), ..held })?;
            }
            Ok(Flow::Continue)
        })?;
        all.drain(&mut |held| next(Row::of_bytes(&held.line, held.key)))
    }

    fn absorb(&mut self, other: Box<dyn Any>) -> Result<(), PipeError> {
        let Ok(other) = other.downcast::<Sorting>() else { return Ok(()) };
        self.runs.append(other.runs);
        other.rows.into_iter().try_for_each(|held| self.add(held))
    }
}

impl Sorting {
    /// Gives all rows in their order.
    fn drain(
        &mut self,
        give: &mut dyn FnMut(Held) -> Result<Flow, PipeError>,
    ) -> Result<Flow, PipeError> {
        self.settle();
        let mut flow = Flow::Continue;
        let rows = std::mem::take(&mut self.rows);
        if self.runs.is_empty() {
            for held in rows {
                if flow == Flow::Continue {
                    flow = give(held)?;
                }
            }
            return Ok(flow);
        }
        self.runs.write(&mut rows.iter().map(Held::encode))?;
        drop(rows);
        let mut failure = None;
        let none = Runs::new(self.room.scratch.clone(), self.order.clone());
        let runs = std::mem::replace(&mut self.runs, none);
        runs.merge(&mut |held| {
            match give(held) {
                Ok(given) => flow = given,
                Err(error) => failure = Some(error),
            }
            Ok(failure.is_none() && flow == Flow::Continue)
        })?;
        failure.map_or(Ok(flow), Err)
    }
}

/// Rows on their way out, those of a partition one behind the other.
struct Giving<'a> {
    sort: &'a Sort,
    /// The partition under way, and how many of its rows there were.
    last: Option<Vec<Box<str>>>,
    place: u64,
}

/// What becomes of a row.
enum Picked {
    Row(Held),
    /// It is not in the answer; another of a later place or partition may be.
    Later,
    /// No other of its partition is.
    Over,
}

impl Giving<'_> {
    fn pick(&mut self, mut held: Held) -> Picked {
        if self.last.as_ref() != Some(&held.partition) {
            self.last = Some(held.partition.clone());
            self.place = 0;
        }
        self.place += 1;
        if self.place <= self.sort.offset {
            return Picked::Later;
        }
        let end = self.sort.limit.map(|limit| limit.saturating_add(self.sort.offset));
        if end.is_some_and(|end| self.place > end) {
            return Picked::Over;
        }
        if let Some(rank) = &self.sort.rank {
            let mut row = Row::of_bytes(&held.line, held.key);
            row.set(rank, Value::count(self.place));
            held.line = row.line().into();
        }
        Picked::Row(held)
    }
}

impl Row<'_> {
    /// As [`Row::of_line`], also for rows that were made.
    fn of_bytes(line: &[u8], key: Option<Key>) -> Row<'_> {
        match key {
            Some(key) => Row::of_line(line, key),
            None => Row::of_line(line, Key::default()).with_key(None),
        }
    }
}
