//! What is done with the rows that a filter lets through: one file for each pipe.
//!
//! A [`Pipe`] is what a query says; a [`Chain`] is its pipes at work. Rows come in, rows go out; a
//! pipe that must see all rows first holds them within a limit of memory, beyond which sorted runs
//! go to temporary files. Names, defaults and results are those of LogsQL; what differs is told in
//! `docs/query-language.md`. Nothing here reads a clock or the log.

mod chain;
mod codec;
mod collapse;
mod each;
mod extract;
mod facets;
mod fields;
mod format;
mod groups;
mod len;
mod limit;
mod math;
mod names;
mod number;
mod order;
mod pattern;
mod rename;
mod replace;
mod row;
mod sift;
mod sort;
mod spill;
mod stats;
mod store;
mod text;
mod top;
mod unpack;

use std::fmt;

use logloom_filter::Filter;

pub use chain::{Chain, Flow, Limits, Next, PipeError, Worker};
use chain::{Room, Stage};
use each::{Change, Each, When};
pub use extract::{Extract, ExtractRegexp};
pub use facets::Facets;
pub use format::Format;
pub(crate) use math::of_text as number_of;
pub use math::{Calculation, Expression, Mathematic, Operator};
pub use names::Names;
pub(crate) use number::written;
pub use order::compare;
pub use rename::Renaming;
pub use replace::{Replace, Sought};
pub use row::{Field, Row, Value};
pub use sort::{Sort, SortBy};
pub use spill::Scratch;
pub(crate) use stats::show_time;
pub use stats::{Bucket, By, Call, Function, Stats, Step};
pub use store::Overwrite;
use text::{List, Name};
pub use top::{Top, Uniq};
pub use unpack::{Packing, Unpack};

/// A pipe, and the filter of its `if (…)` where it may have one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Pipe {
    /// Keeps these fields.
    Fields(Vec<Names>),
    /// Takes these fields away.
    Delete(Vec<Names>),
    /// Takes empty fields away.
    DropEmptyFields,
    /// Gives fields other names.
    Rename(Vec<Renaming>),
    /// Gives copies of fields other names.
    Copy(Vec<Renaming>),
    /// Keeps the rows for which this holds.
    Filter(Filter),
    /// Gives so many rows, the newest ones.
    Limit(u64),
    /// Passes over so many rows, the newest ones.
    Offset(u64),
    /// Rows in order.
    Sort(Sort),
    /// Functions over groups.
    Stats(Stats),
    /// The most frequent values.
    Top(Top),
    /// Distinct values.
    Uniq(Uniq),
    /// The most frequent values of all fields.
    Facets(Facets),
    /// The names of all fields.
    FieldNames,
    /// Fields out of a text by a pattern.
    Extract(Extract, Option<Filter>),
    /// Fields out of a text by a regular expression.
    ExtractRegexp(ExtractRegexp, Option<Filter>),
    /// Fields of JSON or logfmt.
    Unpack(Unpack, Option<Filter>),
    /// A text made of fields.
    Format(Format, Option<Filter>),
    /// Numbers worked out of fields.
    Math(Vec<Calculation>),
    /// Other text in a field.
    Replace(Replace, Option<Filter>),
    /// The bytes of a field.
    Len {
        /// The field.
        field: String,
        /// The field that gets the number.
        result: String,
    },
    /// Numbers in a text become `<N>`.
    CollapseNums {
        /// The field.
        field: String,
        /// Whether addresses, dates and the like get names of their own.
        is_pretty: bool,
        /// The rows that are changed.
        condition: Option<Filter>,
    },
    /// Gives each row its `pattern`: the template, else the message with its numbers collapsed.
    Pattern,
}

/// What a pipe needs of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It looks at one row at a time.
    Row,
    /// The order of rows counts.
    Ordered,
    /// It gathers all rows, whatever their order, and gives its own at the end.
    Gather,
}

impl Pipe {
    /// What it needs of the rows.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Pipe::Limit(_) | Pipe::Offset(_) => Role::Ordered,
            Pipe::Sort(_)
            | Pipe::Stats(_)
            | Pipe::Top(_)
            | Pipe::Uniq(_)
            | Pipe::Facets(_)
            | Pipe::FieldNames => Role::Gather,
            _ => Role::Row,
        }
    }

    /// Whether its rows are those of the log, changed perhaps, and may be shown by their time.
    #[must_use]
    pub fn keeps_rows(&self) -> bool {
        self.role() != Role::Gather
    }

    fn stage(&self, room: &Room) -> Box<dyn Stage> {
        match self {
            Pipe::Fields(names) => each(fields::Keeping(names.clone())),
            Pipe::Delete(names) => each(fields::Deleting(names.clone())),
            Pipe::DropEmptyFields => each(fields::DroppingEmpty),
            Pipe::Rename(pairs) => each(rename::Moving { pairs: pairs.clone(), keeps: false }),
            Pipe::Copy(pairs) => each(rename::Moving { pairs: pairs.clone(), keeps: true }),
            Pipe::Filter(filter) => each(sift::Sifting(filter.compile())),
            Pipe::Limit(count) => Box::new(limit::Limiting { left: *count }),
            Pipe::Offset(count) => Box::new(limit::Skipping { left: *count }),
            Pipe::Sort(sort) => sort.stage(room, false),
            Pipe::Stats(stats) => stats.stage(room),
            Pipe::Top(top) => top.stage(room),
            Pipe::Uniq(uniq) => uniq.stage(room),
            Pipe::Facets(facets) => facets.stage(room),
            Pipe::FieldNames => Box::new(facets::Naming::new(room)),
            Pipe::Extract(extract, condition) => when(extract.clone(), condition),
            Pipe::ExtractRegexp(extract, condition) => when(extract.clone(), condition),
            Pipe::Unpack(unpack, condition) => when(unpack.clone(), condition),
            Pipe::Format(format, condition) => when(format.clone(), condition),
            Pipe::Math(results) => each(math::Calculating(results.clone())),
            Pipe::Replace(replace, condition) => when(replace.clone(), condition),
            Pipe::Len { field, result } => {
                each(len::Measuring { field: field.clone(), result: result.clone() })
            }
            Pipe::CollapseNums { field, is_pretty, condition } => {
                let (field, is_pretty) = (field.clone(), *is_pretty);
                when(collapse::Collapsing { field, is_pretty }, condition)
            }
            Pipe::Pattern => each(collapse::Templating),
        }
    }

    /// All filters within the pipe.
    pub(crate) fn filters_mut(&mut self) -> Vec<&mut Filter> {
        match self {
            Pipe::Filter(filter) => vec![filter],
            Pipe::Extract(_, condition)
            | Pipe::ExtractRegexp(_, condition)
            | Pipe::Unpack(_, condition)
            | Pipe::Format(_, condition)
            | Pipe::Replace(_, condition)
            | Pipe::CollapseNums { condition, .. } => condition.iter_mut().collect(),
            Pipe::Stats(stats) => {
                stats.functions.iter_mut().filter_map(|one| one.condition.as_mut()).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn each(change: impl Change) -> Box<dyn Stage> {
    Box::new(Each(change))
}

fn when(change: impl Change, condition: &Option<Filter>) -> Box<dyn Stage> {
    each(When { condition: condition.as_ref().map(Filter::compile), change })
}

impl fmt::Display for Pipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pipe::Fields(names) => write!(f, "fields {}", List(names)),
            Pipe::Delete(names) => write!(f, "delete {}", List(names)),
            Pipe::DropEmptyFields => f.write_str("drop_empty_fields"),
            Pipe::Rename(pairs) => write!(f, "rename {}", List(pairs)),
            Pipe::Copy(pairs) => write!(f, "copy {}", List(pairs)),
            Pipe::Filter(filter) => write!(f, "filter {filter}"),
            Pipe::Limit(count) => write!(f, "limit {count}"),
            Pipe::Offset(count) => write!(f, "offset {count}"),
            Pipe::Sort(sort) => write!(f, "{sort}"),
            Pipe::Stats(stats) => write!(f, "{stats}"),
            Pipe::Top(top) => write!(f, "{top}"),
            Pipe::Uniq(uniq) => write!(f, "{uniq}"),
            Pipe::Facets(facets) => write!(f, "{facets}"),
            Pipe::FieldNames => f.write_str("field_names"),
            Pipe::Extract(extract, condition) => {
                write!(f, "extract {}{extract}", If(condition))
            }
            Pipe::ExtractRegexp(extract, condition) => {
                write!(f, "extract_regexp {}{extract}", If(condition))
            }
            Pipe::Unpack(unpack, condition) => {
                let name = match unpack.packing {
                    Packing::Json => "unpack_json",
                    Packing::Logfmt => "unpack_logfmt",
                };
                write!(f, "{name} {}{unpack}", If(condition))
            }
            Pipe::Format(format, condition) => write!(f, "format {}{format}", If(condition)),
            Pipe::Math(results) => write!(f, "math {}", List(results)),
            Pipe::Replace(replace, condition) => {
                let name = match replace.old {
                    Sought::Text(_) => "replace",
                    Sought::Regexp(_) => "replace_regexp",
                };
                write!(f, "{name} {}{replace}", If(condition))
            }
            Pipe::Len { field, result } => write!(f, "len({}) as {}", Name(field), Name(result)),
            Pipe::CollapseNums { field, is_pretty, condition } => {
                write!(f, "collapse_nums {}at {}", If(condition), Name(field))?;
                f.write_str(if *is_pretty { " prettify" } else { "" })
            }
            Pipe::Pattern => f.write_str("pattern"),
        }
    }
}

/// The filter of a pipe, where it has one.
struct If<'a>(&'a Option<Filter>);

impl fmt::Display for If<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().map_or(Ok(()), |filter| write!(f, "if ({filter}) "))
    }
}

#[cfg(test)]
mod tests;
