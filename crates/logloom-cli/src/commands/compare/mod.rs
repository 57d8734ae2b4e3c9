//! `logloom compare`: whether the log of before and this one hold the same records.
//!
//! Takes two logs, reads both oldest first, makes pairs, and tells what is left.

mod pairing;
mod report;
mod sides;

use jiff::tz::TimeZone;
use logloom_filter::quantity::duration_ns;
use logloom_query::Statement;
use logloom_ring::clock;

use crate::args::CompareArguments;
use crate::exit::{Failure, Outcome};
use crate::selection;
use pairing::Pairing;

pub(crate) fn run(arguments: &CompareArguments) -> Result<Outcome, Failure> {
    let text = &arguments.tolerance;
    let tolerance = duration_ns(text).filter(|tolerance| *tolerance >= 0).ok_or_else(|| {
        Failure::Usage(format!("--tolerance {text}: expected a time such as 1s or 500ms"))
    })?;
    let zone = if arguments.utc { TimeZone::UTC } else { TimeZone::system() };
    let query = selection::query_in(&arguments.select, clock::real_time(), &zone)?;
    let statement = Statement::of_filter(query.condition());
    let mut pairing = Pairing::new(tolerance, arguments.limit);
    sides::read(arguments, &statement, &mut pairing)?;
    report::print(arguments, &pairing)?;
    Ok(if pairing.is_same() { Outcome::Done } else { Outcome::Nothing })
}
