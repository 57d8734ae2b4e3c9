//! `facets` and `field_names`: which fields there are, and their most frequent values.
//!
//! Rows of `field_name`, `field_value` and `hits`, by the names of the fields, the most frequent
//! values first; `field_names` gives `name` and `hits`. Fields with too many or too long values are
//! left out of `facets`, and so are those that have one value in all rows. Memory: the limit of
//! values of each field; 100,000 fields of different names are an error that says so.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::chain::{Flow, Next, PipeError, Room, Stage};
use super::order::compare;
use super::{Field, Row, Value};

/// The pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facets {
    /// Values of each field; default 10.
    pub limit: u64,
    /// A field with more distinct values is left out; default 1000.
    pub values_max: u64,
    /// A field with a longer value, in bytes, is left out; default 128.
    pub length_max: u64,
    /// Whether fields stay that have one value in all rows; default no.
    pub keeps_constant: bool,
}

impl Default for Facets {
    fn default() -> Self {
        Self { limit: 10, values_max: 1000, length_max: 128, keeps_constant: false }
    }
}

impl fmt::Display for Facets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = Facets::default();
        f.write_str("facets")?;
        if self.limit != default.limit {
            write!(f, " {}", self.limit)?;
        }
        if self.values_max != default.values_max {
            write!(f, " max_values_per_field {}", self.values_max)?;
        }
        if self.length_max != default.length_max {
            write!(f, " max_value_len {}", self.length_max)?;
        }
        if self.keeps_constant { f.write_str(" keep_const_fields") } else { Ok(()) }
    }
}

impl Facets {
    pub(super) fn stage(self, room: &Room) -> Box<dyn Stage> {
        let fields = BTreeMap::new();
        Box::new(Surveying { facets: self, fields, rows: 0, memory: 0, limit: room.memory })
    }
}

/// The values of a field; none once it is left out.
type Counts = Option<HashMap<Box<str>, u64>>;

/// The pipe at work.
struct Surveying {
    facets: Facets,
    fields: BTreeMap<Box<str>, Counts>,
    rows: u64,
    memory: usize,
    limit: usize,
}

impl Surveying {
    fn count(&mut self, name: &str, value: &str, hits: u64) {
        if value.is_empty() {
            return;
        }
        if !self.fields.contains_key(name) {
            self.memory += name.len() + 96;
            self.fields.insert(name.into(), Some(HashMap::new()));
        }
        let Some(counts) = self.fields.get_mut(name) else { return };
        let is_long = value.len() as u64 > self.facets.length_max;
        let Some(values) = counts.as_mut().filter(|_| !is_long) else {
            *counts = None;
            return;
        };
        match values.get_mut(value) {
            Some(own) => *own += hits,
            None => {
                self.memory += value.len() + 48;
                values.insert(value.into(), hits);
            }
        }
        if values.len() as u64 > self.facets.values_max {
            let freed: usize = values.keys().map(|value| value.len() + 48).sum();
            self.memory = self.memory.saturating_sub(freed);
            *counts = None;
        }
    }

    fn check(&self) -> Result<(), PipeError> {
        if self.memory <= self.limit {
            return Ok(());
        }
        let hint = "keep the fields of interest with `fields` first, or lower max_values_per_field";
        Err(PipeError::Memory { what: self.facets.to_string(), limit: self.limit, hint })
    }
}

impl Stage for Surveying {
    fn push(&mut self, row: Row<'_>, _: Next<'_>) -> Result<Flow, PipeError> {
        self.rows += 1;
        for leaf in row.leaves() {
            self.count(&leaf.name, &leaf.value.text(), 1);
        }
        self.check()?;
        Ok(Flow::Continue)
    }

    fn finish(&mut self, next: Next<'_>) -> Result<Flow, PipeError> {
        for (name, counts) in std::mem::take(&mut self.fields) {
            let mut values: Vec<(Box<str>, u64)> = counts.into_iter().flatten().collect();
            let is_constant = values.len() == 1 && values[0].1 == self.rows;
            if is_constant && !self.facets.keeps_constant {
                continue;
            }
            values
                .sort_by(|one, other| other.1.cmp(&one.1).then_with(|| compare(&one.0, &other.0)));
            let limit = usize::try_from(self.facets.limit).unwrap_or(usize::MAX);
            for (value, hits) in values.into_iter().take(limit) {
                let row = Row::made(vec![
                    Field::new("field_name", Value::text_of(name.as_ref())),
                    Field::new("field_value", Value::text_of(value.as_ref())),
                    Field::new("hits", Value::count(hits)),
                ]);
                if next(row)? == Flow::Enough {
                    return Ok(Flow::Enough);
                }
            }
        }
        Ok(Flow::Continue)
    }

    fn absorb(&mut self, other: Box<dyn Any>) -> Result<(), PipeError> {
        let Ok(other) = other.downcast::<Surveying>() else { return Ok(()) };
        self.rows += other.rows;
        for (name, counts) in other.fields {
            let Some(values) = counts else {
                self.fields.insert(name, None);
                continue;
            };
            values.iter().for_each(|(value, hits)| self.count(&name, value, *hits));
        }
        self.check()
    }
}

/// `field_names` at work.
pub(super) struct Naming {
    names: BTreeMap<Box<str>, u64>,
    memory: usize,
    limit: usize,
}

impl Naming {
    pub(super) fn new(room: &Room) -> Self {
        Self { names: BTreeMap::new(), memory: 0, limit: room.memory }
    }

    fn count(&mut self, name: &str, hits: u64) -> Result<(), PipeError> {
        match self.names.get_mut(name) {
            Some(own) => *own += hits,
            None => {
                self.memory += name.len() + 64;
                self.names.insert(name.into(), hits);
            }
        }
        if self.memory <= self.limit {
            return Ok(());
        }
        let hint = "there are too many different names; ask for a shorter time";
        Err(PipeError::Memory { what: "field_names".to_owned(), limit: self.limit, hint })
    }
}

impl Stage for Naming {
    fn push(&mut self, row: Row<'_>, _: Next<'_>) -> Result<Flow, PipeError> {
        for leaf in row.leaves().iter().filter(|leaf| !leaf.value.text().is_empty()) {
            self.count(&leaf.name, 1)?;
        }
        Ok(Flow::Continue)
    }

    fn finish(&mut self, next: Next<'_>) -> Result<Flow, PipeError> {
        for (name, hits) in std::mem::take(&mut self.names) {
            let row = Row::made(vec![
                Field::new("name", Value::text_of(name.as_ref())),
                Field::new("hits", Value::count(hits)),
            ]);
            if next(row)? == Flow::Enough {
                return Ok(Flow::Enough);
            }
        }
        Ok(Flow::Continue)
    }

    fn absorb(&mut self, other: Box<dyn Any>) -> Result<(), PipeError> {
        let Ok(other) = other.downcast::<Naming>() else { return Ok(()) };
        other.names.iter().try_for_each(|(name, hits)| self.count(name, *hits))
    }
}
