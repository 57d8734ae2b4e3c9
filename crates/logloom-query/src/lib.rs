//! Takes a query and a store, hands on rows and statistics; never changes anything.
//!
//! A [`Query`] runs over a set of [`LogFile`]s, which come from the snapshot of a log directory or
//! from single files, and gives rows in time order; [`Query::summarise`] counts instead of giving
//! rows; [`Tail`] gives lines as they are committed. Everything is read from the files as they lie
//! on disk; nothing here needs an index.

pub mod actions;
mod around;
mod blocks;
mod bound;
mod damage;
pub mod engine;
mod file;
mod logsql;
mod order;
mod parallel;
pub mod pipes;
mod query;
mod question;
mod run;
mod scan;
pub mod show;
mod stats;
mod summary;
mod tail;

pub use bound::{TimeBoundError, parse_time_bound};
pub use damage::Damage;
pub use file::{LogFile, ReadAt};
pub use logsql::{Around, Statement};
pub use order::{Keep, Key, Order};
pub use query::Query;
pub use question::Question;
pub use run::Row;
pub use stats::{QueryProblem, Stats};
pub use summary::Summary;
pub use tail::{Tail, TailedLine};
