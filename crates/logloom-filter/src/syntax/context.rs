//! What a query text means by "now" and by a time without a zone.
//!
//! Comes from the caller, because nothing here reads a clock or the tables of time zones.

use std::fmt;
use std::sync::Arc;

/// The moment and the place in which a query is read.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Now, in nanoseconds since 1970; default 1970.
    pub now_ns: i64,
    /// The zone of times that name none; default UTC.
    pub zone: Zone,
}

/// A function from the time on the wall, in nanoseconds as if it were UTC, to that moment in
/// nanoseconds since 1970.
pub type WallClock = dyn Fn(i64) -> i64 + Send + Sync;

/// How the time on the wall becomes a moment.
#[derive(Clone, Default)]
pub enum Zone {
    /// As it stands.
    #[default]
    Utc,
    /// Always so many seconds ahead of UTC.
    Offset(i32),
    /// By rules that change over the year; a time that the clocks skip or show twice is theirs to
    /// decide.
    Rules(Arc<WallClock>),
}

impl Zone {
    /// The moment at which clocks of this zone show `wall_ns`.
    #[must_use]
    pub fn moment(&self, wall_ns: i64) -> i64 {
        match self {
            Zone::Utc => wall_ns,
            Zone::Offset(seconds) => wall_ns.saturating_sub(i64::from(*seconds) * 1_000_000_000),
            Zone::Rules(rules) => rules(wall_ns),
        }
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Zone::Utc => f.write_str("Utc"),
            Zone::Offset(seconds) => write!(f, "Offset({seconds})"),
            Zone::Rules(_) => f.write_str("Rules"),
        }
    }
}
