//! The functions of `stats` as they are asked for.

use std::fmt;

use crate::pipes::Names;
use crate::pipes::text::{List, Name};

/// A function over the rows of a group.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Call {
    /// Rows; with fields, rows in which one of them is not empty.
    Count(Vec<Names>),
    /// Rows in which all of these are empty.
    CountEmpty(Vec<Names>),
    /// Distinct combinations of these, those that are wholly empty left out.
    CountUniq {
        /// The fields.
        fields: Vec<Names>,
        /// Where counting stops.
        limit: Option<u64>,
    },
    /// The sum of what is numeric.
    Sum(Vec<Names>),
    /// The mean of what is numeric.
    Avg(Vec<Names>),
    /// The least value that is not empty.
    Min(Vec<Names>),
    /// The greatest value that is not empty.
    Max(Vec<Names>),
    /// The value in the middle.
    Median(Vec<Names>),
    /// The value below which a share of all values lies.
    Quantile {
        /// The share, from 0 to 1.
        share: f64,
        /// The share as it was written.
        written: String,
        /// The fields.
        fields: Vec<Names>,
    },
    /// The distinct values that are not empty, in order.
    UniqValues {
        /// The fields.
        fields: Vec<Names>,
        /// The most values, the least ones.
        limit: Option<u64>,
    },
    /// All values, empty ones too, in the order of the log.
    Values {
        /// The fields.
        fields: Vec<Names>,
        /// The most values, the newest ones.
        limit: Option<u64>,
    },
    /// The newest row.
    RowAny(Vec<Names>),
    /// The row with the least value of a field.
    RowMin {
        /// The field that is compared.
        by: String,
        /// The fields that are given; all where there are none.
        fields: Vec<Names>,
    },
    /// The row with the greatest value of a field.
    RowMax {
        /// The field that is compared.
        by: String,
        /// The fields that are given; all where there are none.
        fields: Vec<Names>,
    },
    /// The bytes of all values.
    SumLen(Vec<Names>),
    /// How many numbers lie in each range of a logarithmic scale.
    Histogram(String),
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Count(fields) => write!(f, "count({})", List(fields)),
            Call::CountEmpty(fields) => write!(f, "count_empty({})", List(fields)),
            Call::CountUniq { fields, limit } => limited(f, "count_uniq", fields, *limit),
            Call::Sum(fields) => write!(f, "sum({})", List(fields)),
            Call::Avg(fields) => write!(f, "avg({})", List(fields)),
            Call::Min(fields) => write!(f, "min({})", List(fields)),
            Call::Max(fields) => write!(f, "max({})", List(fields)),
            Call::Median(fields) => write!(f, "median({})", List(fields)),
            Call::Quantile { written, fields, .. } => {
                write!(f, "quantile({written}, {})", List(fields))
            }
            Call::UniqValues { fields, limit } => limited(f, "uniq_values", fields, *limit),
            Call::Values { fields, limit } => limited(f, "values", fields, *limit),
            Call::RowAny(fields) => write!(f, "row_any({})", List(fields)),
            Call::RowMin { by, fields } => of_row(f, "row_min", by, fields),
            Call::RowMax { by, fields } => of_row(f, "row_max", by, fields),
            Call::SumLen(fields) => write!(f, "sum_len({})", List(fields)),
            Call::Histogram(field) => write!(f, "histogram({})", Name(field)),
        }
    }
}

fn limited(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    fields: &[Names],
    limit: Option<u64>,
) -> fmt::Result {
    write!(f, "{name}({})", List(fields))?;
    limit.map_or(Ok(()), |limit| write!(f, " limit {limit}"))
}

fn of_row(f: &mut fmt::Formatter<'_>, name: &str, by: &str, fields: &[Names]) -> fmt::Result {
    let between = if fields.is_empty() { "" } else { ", " };
    write!(f, "{name}({}{between}{})", Name(by), List(fields))
}
