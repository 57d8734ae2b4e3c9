//! `stats`: functions over the rows of each group.
//!
//! Rows come in, one row for each group goes out at the end, in the order of the groups' values;
//! without `by` there is always one. Exact whatever the order of rows. Groups beyond the memory
//! go to disk; one group alone must fit.

mod bucket;
mod call;
mod picked;
mod samples;
mod scale;
mod state;
mod sum;

use std::any::Any;
use std::fmt;
use std::io;
use std::sync::Arc;

use logloom_filter::{Filter, Matcher};

use super::chain::{Flow, Next, PipeError, Room, Stage};
use super::codec::Reader;
use super::groups::{GroupKey, Groups, Kind};
use super::text::{List, Name};
use super::{Field, Row, Value};
pub(crate) use bucket::show_time;
pub use bucket::{Bucket, Step};
pub use call::Call;
use state::State;

const TIME: &str = "timestamp";

/// A field that rows are grouped by.
#[derive(Clone, Debug, PartialEq)]
pub struct By {
    /// Its path.
    pub field: String,
    /// What its values are rounded down to; none takes them as they are.
    pub bucket: Option<Bucket>,
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bucket {
            None => write!(f, "{}", Name(&self.field)),
            Some(bucket) => write!(f, "{}:{bucket}", Name(&self.field)),
        }
    }
}

/// A function, for which rows it counts, and the name of its result.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// The function.
    pub call: Call,
    /// The rows that count; none counts all.
    pub condition: Option<Filter>,
    /// The field that holds the result.
    pub name: String,
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.call)?;
        if let Some(condition) = &self.condition {
            write!(f, " if ({condition})")?;
        }
        write!(f, " as {}", Name(&self.name))
    }
}

/// The pipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Stats {
    /// What makes a group.
    pub by: Vec<By>,
    /// What is worked out of each.
    pub functions: Vec<Function>,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stats ")?;
        if !self.by.is_empty() {
            write!(f, "by ({}) ", List(&self.by))?;
        }
        write!(f, "{}", List(&self.functions))
    }
}

impl Stats {
    pub(super) fn stage(&self, room: &Room) -> Box<dyn Stage> {
        let compiled = |one: &Function| one.condition.as_ref().map(Filter::compile);
        let calls: Arc<[Call]> = self.functions.iter().map(|one| one.call.clone()).collect();
        Box::new(Gathering {
            by: self.by.clone(),
            names: self.functions.iter().map(|one| one.name.clone()).collect(),
            conditions: self.functions.iter().map(compiled).collect(),
            groups: Some(Groups::new(Calls(calls), self.to_string(), room)),
            key: GroupKey::default(),
            is_empty: true,
        })
    }
}

/// The functions, for which each group has a state each.
#[derive(Clone)]
struct Calls(Arc<[Call]>);

impl Calls {
    fn new_states(&self) -> Box<[State]> {
        self.0.iter().map(State::new).collect()
    }
}

impl Kind for Calls {
    type State = Box<[State]>;

    fn merge(&self, own: &mut Box<[State]>, other: Box<[State]>) {
        let pairs = own.iter_mut().zip(other);
        self.0.iter().zip(pairs).for_each(|(call, (own, other))| own.merge(call, other));
    }

    fn memory(&self, states: &Box<[State]>) -> usize {
        states.iter().map(State::memory).sum()
    }

    fn encode(&self, states: &Box<[State]>, out: &mut Vec<u8>) {
        states.iter().for_each(|state| state.encode(out));
    }

    fn decode(&self, bytes: &mut Reader<'_>) -> io::Result<Box<[State]>> {
        self.0.iter().map(|call| State::new(call).decode(bytes)).collect()
    }
}

/// The pipe at work.
struct Gathering {
    by: Vec<By>,
    names: Vec<String>,
    conditions: Vec<Option<Matcher>>,
    /// There until the end.
    groups: Option<Groups<Calls>>,
    key: GroupKey,
    is_empty: bool,
}

impl Gathering {
    fn set_key(&mut self, row: &Row<'_>) {
        self.key.clear();
        for by in &self.by {
            let time_ns = row.stood_for_time().filter(|_| by.field == TIME);
            match (&by.bucket, time_ns) {
                (None, _) => self.key.push(&row.text(&by.field)),
                (Some(bucket), Some(time_ns)) => {
                    self.key.push(&show_time(bucket.time_start(time_ns)));
                }
                (Some(bucket), None) => self.key.push(&bucket.start(&row.text(&by.field))),
            }
        }
    }
}

impl Stage for Gathering {
    fn push(&mut self, row: Row<'_>, _: Next<'_>) -> Result<Flow, PipeError> {
        self.set_key(&row);
        self.is_empty = false;
        let Some(groups) = &mut self.groups else { return Ok(Flow::Enough) };
        let (kind, conditions) = (groups.kind().clone(), &self.conditions);
        groups.update(
            &self.key,
            || kind.new_states(),
            |states| {
                let mut growth = 0;
                for ((call, condition), state) in
                    kind.0.iter().zip(conditions).zip(states.iter_mut())
                {
                    if condition.as_ref().is_none_or(|condition| row.matches(condition)) {
                        let before = state.memory();
                        state.add(call, &row);
                        growth += state.memory().saturating_sub(before);
                    }
                }
                growth
            },
        )?;
        Ok(Flow::Continue)
    }

    fn finish(&mut self, next: Next<'_>) -> Result<Flow, PipeError> {
        let Some(groups) = self.groups.take() else { return Ok(Flow::Continue) };
        let kind = groups.kind().clone();
        let (by, names) = (&self.by, &self.names);
        let mut give = |values: &[&str], states: Box<[State]>| {
            let keys = by.iter().zip(values);
            let keys = keys.map(|(by, value)| Field::new(by.field.as_str(), key_value(value)));
            let results = names.iter().zip(kind.0.iter()).zip(states);
            let results =
                results.map(|((name, call), state)| Field::new(name.as_str(), state.result(call)));
            next(Row::made(keys.chain(results).collect()))
        };
        if self.is_empty && by.is_empty() {
            return give(&[], kind.new_states());
        }
        let mut flow = Flow::Continue;
        groups.finish(&mut |values, states| {
            flow = give(values, states)?;
            Ok(flow == Flow::Continue)
        })?;
        Ok(flow)
    }

    fn absorb(&mut self, other: Box<dyn Any>) -> Result<(), PipeError> {
        let Ok(other) = other.downcast::<Gathering>() else { return Ok(()) };
        self.is_empty &= other.is_empty;
        match (&mut self.groups, other.groups) {
            (Some(own), Some(theirs)) => own.absorb(theirs),
            _ => Ok(()),
        }
    }
}

/// Longer numbers are given as text: many readers of JSON would round them.
const DIGITS_MAX: usize = 15;

/// The value of a group as it is given: a number as a number.
pub(super) fn key_value(text: &str) -> Value<'_> {
    match text.len() <= DIGITS_MAX {
        true => Value::worked_out(text.to_owned()),
        false => Value::text_of(text),
    }
}
