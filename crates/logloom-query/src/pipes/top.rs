//! `top`, `uniq` and `field_values`: distinct combinations of values, with how often they occur.
//!
//! One row for each, at the end. `top` gives the most frequent first, equal ones in the order of
//! their values; `uniq` gives all in the order of their values. Combinations beyond the memory go to
//! disk; a limit keeps the first ones of that order, which is the same however rows come.

use std::any::Any;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::fmt;

use super::chain::{Flow, Next, PipeError, Room, Stage};
use super::groups::{GroupKey, Groups, Hits};
use super::order::compare_all;
use super::stats::key_value;
use super::text::{List, Name};
use super::{Field, Row, Value};

/// The most frequent combinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Top {
    /// The fields.
    pub by: Vec<String>,
    /// How many combinations; default 10.
    pub limit: u64,
    /// The field that gets the number of rows; default `hits`.
    pub hits: String,
    /// The field that gets the place, from 1 on.
    pub rank: Option<String>,
}

impl fmt::Display for Top {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "top {} by ({})", self.limit, names(&self.by))?;
        if self.hits != "hits" {
            write!(f, " hits as {}", Name(&self.hits))?;
        }
        match &self.rank {
            Some(rank) => write!(f, " rank as {}", Name(rank)),
            None => Ok(()),
        }
    }
}

fn names(fields: &[String]) -> String {
    List(&fields.iter().map(|field| Name(field)).collect::<Vec<_>>()).to_string()
}

/// All combinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uniq {
    /// The fields.
    pub by: Vec<String>,
    /// The field that gets the number of rows; none leaves it out.
    pub hits: Option<String>,
    /// The most combinations.
    pub limit: Option<u64>,
}

impl fmt::Display for Uniq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "uniq by ({})", names(&self.by))?;
        match self.hits.as_deref() {
            Some("hits") => f.write_str(" with hits")?,
            Some(other) => write!(f, " hits as {}", Name(other))?,
            None => {}
        }
        self.limit.map_or(Ok(()), |limit| write!(f, " limit {limit}"))
    }
}

impl Top {
    pub(super) fn stage(&self, room: &Room) -> Box<dyn Stage> {
        Box::new(Counting::new(&self.by, self.to_string(), room, Form::Top(self.clone())))
    }
}

impl Uniq {
    pub(super) fn stage(&self, room: &Room) -> Box<dyn Stage> {
        Box::new(Counting::new(&self.by, self.to_string(), room, Form::Uniq(self.clone())))
    }
}

enum Form {
    Top(Top),
    Uniq(Uniq),
}

/// The pipes at work.
struct Counting {
    by: Vec<String>,
    groups: Option<Groups<Hits>>,
    key: GroupKey,
    form: Form,
}

impl Counting {
    fn new(by: &[String], what: String, room: &Room, form: Form) -> Self {
        let groups = Some(Groups::new(Hits, what, room));
        Self { by: by.to_vec(), groups, key: GroupKey::default(), form }
    }
}

impl Stage for Counting {
    fn push(&mut self, row: Row<'_>, _: Next<'_>) -> Result<Flow, PipeError> {
        self.key.clear();
        let mut is_empty = true;
        for field in &self.by {
            let text = row.text(field);
            is_empty &= text.is_empty();
            self.key.push(&text);
        }
        // A row without any of the fields has no values to tell.
        let is_told = !is_empty || matches!(self.form, Form::Top(_));
        match &mut self.groups {
            Some(groups) if is_told => groups.count(&self.key, row.times())?,
            _ => {}
        }
        Ok(Flow::Continue)
    }

    fn finish(&mut self, next: Next<'_>) -> Result<Flow, PipeError> {
        let Some(groups) = self.groups.take() else { return Ok(Flow::Continue) };
        match &self.form {
            Form::Top(top) => give_top(top, groups, next),
            Form::Uniq(uniq) => give_uniq(uniq, groups, next),
        }
    }

    fn absorb(&mut self, other: Box<dyn Any>) -> Result<(), PipeError> {
        let Ok(other) = other.downcast::<Counting>() else { return Ok(()) };
        match (&mut self.groups, other.groups) {
            (Some(own), Some(theirs)) => own.absorb(theirs),
            _ => Ok(()),
        }
    }
}

/// A combination among the most frequent; the least of them is given up first.
#[derive(PartialEq, Eq)]
struct Entry {
    hits: u64,
    values: Vec<String>,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        let values = || {
            let own = self.values.iter().map(String::as_str);
            compare_all(own, other.values.iter().map(String::as_str))
        };
        self.hits.cmp(&other.hits).then_with(|| values().reverse())
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn give_top(top: &Top, groups: Groups<Hits>, next: Next<'_>) -> Result<Flow, PipeError> {
    let limit = usize::try_from(top.limit).unwrap_or(usize::MAX);
    let mut best: BinaryHeap<Reverse<Entry>> = BinaryHeap::new();
    groups.finish(&mut |values, hits| {
        // Groups come in the order of their values: an equal one is behind those that are kept.
        let is_kept = best.len() < limit || best.peek().is_some_and(|least| hits > least.0.hits);
        if is_kept && limit > 0 {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            best.push(Reverse(Entry { hits, values }));
            if best.len() > limit {
                best.pop();
            }
        }
        Ok(limit > 0)
    })?;
    let mut flow = Flow::Continue;
    for (place, Reverse(entry)) in best.into_sorted_vec().into_iter().enumerate() {
        let values = top.by.iter().zip(&entry.values);
        let mut fields: Vec<Field<'_>> =
            values.map(|(field, value)| Field::new(field.as_str(), key_value(value))).collect();
        fields.push(Field::new(top.hits.as_str(), Value::count(entry.hits)));
        if let Some(rank) = &top.rank {
            fields.push(Field::new(rank.as_str(), Value::count(place as u64 + 1)));
        }
        flow = next(Row::made(fields))?;
        if flow == Flow::Enough {
            break;
        }
    }
    Ok(flow)
}

fn give_uniq(uniq: &Uniq, groups: Groups<Hits>, next: Next<'_>) -> Result<Flow, PipeError> {
    let mut left = uniq.limit.unwrap_or(u64::MAX);
    let mut flow = Flow::Continue;
    groups.finish(&mut |values, hits| {
        if left == 0 {
            return Ok(false);
        }
        left -= 1;
        let values = uniq.by.iter().zip(values);
        let mut fields: Vec<Field<'_>> =
            values.map(|(field, value)| Field::new(field.as_str(), key_value(value))).collect();
        if let Some(name) = &uniq.hits {
            fields.push(Field::new(name.as_str(), Value::count(hits)));
        }
        flow = next(Row::made(fields))?;
        Ok(flow == Flow::Continue && left > 0)
    })?;
    Ok(flow)
}
