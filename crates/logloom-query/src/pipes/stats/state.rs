//! What a function knows of a group so far.
//!
//! The states of several threads and of several runs on disk are merged; the result is the same as
//! that of one pass, whatever the order.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use super::call::Call;
use super::picked::{Pick, Picked};
use super::samples::Samples;
use super::scale::Scale;
use super::sum::Sum;
use crate::Key;
use crate::pipes::codec::{Reader, put_bytes, put_key, put_number};
use crate::pipes::order::compare;
use crate::pipes::{Names, Row, Value};

/// A state, by what it holds rather than by its function.
#[derive(Clone, Debug)]
pub(super) enum State {
    Count(u64),
    Sum(Sum),
    /// The least or the greatest value.
    Extreme(Option<Box<str>>),
    Samples(Samples),
    /// Fingerprints of distinct values.
    Distinct(HashSet<u128>),
    /// Distinct values in order.
    Set(BTreeSet<Ordered>, usize),
    /// Values by where they stand.
    List(Vec<(Option<Key>, Box<str>)>, usize),
    Picked(Picked),
    Scale(Scale),
}

/// A value in the order of `sort`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ordered(Box<str>);

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        compare(&self.0, &other.0)
    }
}

impl State {
    pub(super) fn new(call: &Call) -> Self {
        match call {
            Call::Count(_) | Call::CountEmpty(_) | Call::SumLen(_) => State::Count(0),
            Call::CountUniq { .. } => State::Distinct(HashSet::new()),
            Call::Sum(_) | Call::Avg(_) => State::Sum(Sum::default()),
            Call::Min(_) | Call::Max(_) => State::Extreme(None),
            Call::Median(_) | Call::Quantile { .. } => State::Samples(Samples::default()),
            Call::UniqValues { .. } => State::Set(BTreeSet::new(), 0),
            Call::Values { .. } => State::List(Vec::new(), 0),
            Call::RowAny(_) | Call::RowMin { .. } | Call::RowMax { .. } => {
                State::Picked(Picked::default())
            }
            Call::Histogram(_) => State::Scale(Scale::default()),
        }
    }

    /// Adds a row.
    pub(super) fn add(&mut self, call: &Call, row: &Row<'_>) {
        match (call, self) {
            (Call::Count(fields), State::Count(count)) => {
                let is_counted = fields.is_empty() || !all_empty(fields, row);
                *count += if is_counted { row.times() } else { 0 };
            }
            (Call::CountEmpty(fields), State::Count(count)) => {
                *count += if all_empty(fields, row) { row.times() } else { 0 };
            }
            (Call::SumLen(fields), State::Count(bytes)) => {
                Names::texts(fields, row, &mut |text| *bytes += text.len() as u64);
            }
            (Call::Sum(fields) | Call::Avg(fields), State::Sum(sum)) => {
                Names::texts(fields, row, &mut |text| sum.add(text));
            }
            (Call::Min(fields) | Call::Max(fields), State::Extreme(best)) => {
                let wants_less = matches!(call, Call::Min(_));
                Names::texts(fields, row, &mut |text| improve(best, text, wants_less));
            }
            (Call::Median(fields) | Call::Quantile { fields, .. }, State::Samples(samples)) => {
                Names::texts(fields, row, &mut |text| samples.add(text));
            }
            (Call::CountUniq { fields, limit }, State::Distinct(seen)) => {
                distinct(fields, *limit, row, seen);
            }
            (Call::UniqValues { fields, limit }, State::Set(set, bytes)) => {
                Names::texts(fields, row, &mut |text| add_to_set(set, bytes, text.into(), *limit));
            }
            (Call::Values { fields, limit }, State::List(list, bytes)) => {
                Names::texts(fields, row, &mut |text| {
                    add_to_list(list, bytes, (row.key(), text.into()))
                });
                keep_newest(list, bytes, *limit, false);
            }
            (Call::RowAny(fields), State::Picked(picked)) => {
                picked.add(Pick::Newest, row, "", fields);
            }
            (Call::RowMin { by, fields }, State::Picked(picked)) => {
                picked.add(Pick::Least, row, by, fields);
            }
            (Call::RowMax { by, fields }, State::Picked(picked)) => {
                picked.add(Pick::Greatest, row, by, fields);
            }
            (Call::Histogram(field), State::Scale(scale)) => scale.add(&row.text(field)),
            // A state is made for its call and never meets another one.
            _ => {}
        }
    }

    pub(super) fn merge(&mut self, call: &Call, other: State) {
        match (self, other) {
            (State::Count(own), State::Count(theirs)) => *own += theirs,
            (State::Sum(own), State::Sum(theirs)) => own.merge(&theirs),
            (State::Extreme(own), State::Extreme(theirs)) => {
                let wants_less = matches!(call, Call::Min(_));
                theirs.iter().for_each(|text| improve(own, text, wants_less));
            }
            (State::Samples(own), State::Samples(theirs)) => own.merge(theirs),
            (State::Distinct(own), State::Distinct(theirs)) => {
                for value in theirs {
                    if !call.is_full(own.len()) {
                        own.insert(value);
                    }
                }
            }
            (State::Set(own, bytes), State::Set(theirs, _)) => {
                let limit = call.limit();
                theirs.into_iter().for_each(|text| add_to_set(own, bytes, text.0, limit));
            }
            (State::List(own, bytes), State::List(theirs, _)) => {
                theirs.into_iter().for_each(|value| add_to_list(own, bytes, value));
                keep_newest(own, bytes, call.limit(), true);
            }
            (State::Picked(own), State::Picked(theirs)) => own.merge(call.pick(), theirs),
            (State::Scale(own), State::Scale(theirs)) => own.merge(theirs),
            _ => {}
        }
    }

    /// The result.
    pub(super) fn result(self, call: &Call) -> Value<'static> {
        match self {
            State::Count(count) => Value::count(count),
            State::Sum(sum) if matches!(call, Call::Avg(_)) => Value::worked_out(sum.mean()),
            State::Sum(sum) => Value::worked_out(sum.total()),
            State::Extreme(best) => Value::worked_out(best.map_or_else(String::new, String::from)),
            State::Samples(mut samples) => Value::worked_out(samples.quantile(call.share())),
            State::Distinct(seen) => Value::count(seen.len() as u64),
            State::Set(set, _) => array(set.iter().map(|text| text.0.as_ref())),
            State::List(mut list, mut bytes) => {
                keep_newest(&mut list, &mut bytes, call.limit(), true);
                list.sort_by_key(|(key, _)| *key);
                array(list.iter().map(|(_, text)| text.as_ref()))
            }
            State::Picked(picked) => match picked.json() {
                Some(json) => Value::Json(json.into()),
                None => Value::text_of(""),
            },
            State::Scale(scale) => Value::Json(scale.json().into_bytes().into()),
        }
    }

    pub(super) fn memory(&self) -> usize {
        let own = std::mem::size_of::<State>();
        own + match self {
            State::Count(_) => 0,
            State::Sum(sum) => sum.memory(),
            State::Extreme(best) => best.as_ref().map_or(0, |best| best.len()),
            State::Samples(samples) => samples.memory(),
            State::Distinct(seen) => 24 * seen.len(),
            State::Set(_, bytes) | State::List(_, bytes) => *bytes,
            State::Picked(picked) => picked.memory(),
            State::Scale(scale) => scale.memory(),
        }
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            State::Count(count) => put_number(out, *count),
            State::Sum(sum) => sum.encode(out),
            State::Extreme(best) => {
                put_number(out, u64::from(best.is_some()));
                put_bytes(out, best.as_deref().unwrap_or_default().as_bytes());
            }
            State::Samples(samples) => samples.encode(out),
            State::Distinct(seen) => {
                put_number(out, seen.len() as u64);
                seen.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            }
            State::Set(set, _) => {
                put_number(out, set.len() as u64);
                set.iter().for_each(|text| put_bytes(out, text.0.as_bytes()));
            }
            State::List(list, _) => {
                put_number(out, list.len() as u64);
                for (key, text) in list {
                    put_key(out, *key);
                    put_bytes(out, text.as_bytes());
                }
            }
            State::Picked(picked) => picked.encode(out),
            State::Scale(scale) => scale.encode(out),
        }
    }

    pub(super) fn decode(&self, bytes: &mut Reader<'_>) -> io::Result<Self> {
        Ok(match self {
            State::Count(_) => State::Count(bytes.number()?),
            State::Sum(_) => State::Sum(Sum::decode(bytes)?),
            State::Extreme(_) => {
                let is_there = bytes.number()? > 0;
                let best = bytes.text()?;
                State::Extreme(is_there.then(|| best.into()))
            }
            State::Samples(_) => State::Samples(Samples::decode(bytes)?),
            State::Distinct(_) => {
                let count = bytes.number()?;
                let value = |_| bytes.array().map(u128::from_le_bytes);
                State::Distinct((0..count).map(value).collect::<io::Result<_>>()?)
            }
            State::Set(..) => decode_set(bytes)?,
            State::List(..) => decode_list(bytes)?,
            State::Picked(_) => State::Picked(Picked::decode(bytes)?),
            State::Scale(_) => State::Scale(Scale::decode(bytes)?),
        })
    }
}

impl Call {
    fn limit(&self) -> Option<u64> {
        match self {
            Call::CountUniq { limit, .. }
            | Call::UniqValues { limit, .. }
            | Call::Values { limit, .. } => *limit,
            _ => None,
        }
    }

    fn is_full(&self, count: usize) -> bool {
        self.limit().is_some_and(|limit| count as u64 >= limit)
    }

    fn pick(&self) -> Pick {
        match self {
            Call::RowMin { .. } => Pick::Least,
            Call::RowMax { .. } => Pick::Greatest,
            _ => Pick::Newest,
        }
    }

    fn share(&self) -> f64 {
        match self {
            Call::Quantile { share, .. } => *share,
            _ => 0.5,
        }
    }
}

fn all_empty(fields: &[Names], row: &Row<'_>) -> bool {
    let mut is_empty = true;
    Names::texts(fields, row, &mut |text| is_empty &= text.is_empty());
    is_empty
}

fn improve(best: &mut Option<Box<str>>, text: &str, wants_less: bool) {
    let is_better = match best.as_deref() {
        None => true,
        Some(best) if wants_less => compare(text, best).is_lt(),
        Some(best) => compare(text, best).is_gt(),
    };
    if is_better && !text.is_empty() {
        *best = Some(text.into());
    }
}

/// Notes the combination of these fields.
fn distinct(fields: &[Names], limit: Option<u64>, row: &Row<'_>, seen: &mut HashSet<u128>) {
    if limit.is_some_and(|limit| seen.len() as u64 >= limit) {
        return;
    }
    // Two hashes of 64 bits: one pair in 10^38 that differs counts as one.
    let (mut high, mut low) = (DefaultHasher::new(), DefaultHasher::new());
    low.write_u8(1);
    let mut is_empty = true;
    let is_tuple = Names::are_single(fields);
    Names::texts(fields, row, &mut |text| {
        is_empty &= text.is_empty();
        if is_tuple || !text.is_empty() {
            text.hash(&mut high);
            text.hash(&mut low);
        }
    });
    if !is_empty {
        seen.insert(u128::from(high.finish()) << 64 | u128::from(low.finish()));
    }
}

fn add_to_set(set: &mut BTreeSet<Ordered>, bytes: &mut usize, text: Box<str>, limit: Option<u64>) {
    let size = text.len() + 64;
    if text.is_empty() || !set.insert(Ordered(text)) {
        return;
    }
    *bytes += size;
    if limit.is_some_and(|limit| set.len() as u64 > limit)
        && let Some(last) = set.pop_last()
    {
        *bytes = bytes.saturating_sub(last.0.len() + 64);
    }
}

fn add_to_list(
    list: &mut Vec<(Option<Key>, Box<str>)>,
    bytes: &mut usize,
    value: (Option<Key>, Box<str>),
) {
    *bytes += value.1.len() + std::mem::size_of::<(Option<Key>, Box<str>)>();
    list.push(value);
}

/// Drops what a limit leaves out, now and then or at last.
fn keep_newest(
    list: &mut Vec<(Option<Key>, Box<str>)>,
    bytes: &mut usize,
    limit: Option<u64>,
    is_last: bool,
) {
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else { return };
    let slack = if is_last { 0 } else { limit.max(64) };
    if list.len() <= limit.saturating_add(slack) {
        return;
    }
    list.sort_by_key(|(key, _)| std::cmp::Reverse(*key));
    list.truncate(limit);
    *bytes = 0;
    for (_, text) in list {
        *bytes += text.len() + std::mem::size_of::<(Option<Key>, Box<str>)>();
    }
}

/// Texts as a JSON array.
fn array<'t>(texts: impl Iterator<Item = &'t str>) -> Value<'static> {
    let mut json = vec![b'['];
    for (position, text) in texts.enumerate() {
        if position > 0 {
            json.push(b',');
        }
        Value::text_of(text).push_json(&mut json);
    }
    json.push(b']');
    Value::Json(json.into())
}

fn decode_set(bytes: &mut Reader<'_>) -> io::Result<State> {
    let (mut set, mut size) = (BTreeSet::new(), 0);
    for _ in 0..bytes.number()? {
        add_to_set(&mut set, &mut size, bytes.text()?.into(), None);
    }
    Ok(State::Set(set, size))
}

fn decode_list(bytes: &mut Reader<'_>) -> io::Result<State> {
    let (mut list, mut size) = (Vec::new(), 0);
    for _ in 0..bytes.number()? {
        let value = (bytes.key()?, bytes.text()?.into());
        add_to_list(&mut list, &mut size, value);
    }
    Ok(State::List(list, size))
}
