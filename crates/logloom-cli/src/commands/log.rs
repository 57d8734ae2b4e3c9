//! `logloom log`: the actions of an agent that flags ask for, as `/log` shows them.

use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use logloom_query::actions::{Lang, LogFlags, LogFormat, LogOutcome, LogRequest};
use logloom_ring::clock;

use super::query::files;
use super::story::incomplete;
use crate::args::{LogArguments, LogForm};
use crate::exit::{Failure, Outcome, say};
use crate::{place, terminal};

pub(crate) fn run(arguments: &LogArguments) -> Result<Outcome, Failure> {
    let request = request(arguments)?;
    let files = match arguments.explain {
        true => Vec::new(),
        false => files(&place::open_actions(&arguments.place)?)?,
    };
    let outcome = request
        .run(&files, &terminal::screen(), &mut io::stdout().lock())
        .map_err(|error| Failure::output(&error))?;
    outcome.problems.iter().for_each(say);
    ended(&outcome, request.lang)
}

/// Now, as the library takes it.
pub(super) fn now() -> Timestamp {
    Timestamp::from_nanosecond(i128::from(clock::real_time())).unwrap_or_default()
}

fn request(arguments: &LogArguments) -> Result<LogRequest, Failure> {
    let flags = LogFlags {
        date: arguments.date.clone(),
        date_range: arguments.date_range.clone(),
        action_types: arguments.action_type.clone(),
        session_id: arguments.session_id.clone(),
        statuses: arguments.status.clone(),
        tool_name: arguments.tool_name.clone(),
        keyword: arguments.keyword.clone(),
        content_match: arguments.content_match.clone(),
        format: match arguments.format {
            _ if arguments.json => LogFormat::Json,
            LogForm::Table => LogFormat::Table,
            LogForm::Json => LogFormat::Json,
            LogForm::Summary => LogFormat::Summary,
        },
        limit: arguments.limit,
        tail: arguments.tail,
        lang: arguments.lang.clone(),
        utc: arguments.utc,
        explain: arguments.explain,
    };
    let resolved = flags.resolve(now(), &TimeZone::system());
    resolved.map_err(|error| Failure::Usage(error.to_string()))
}

/// Nothing found is only certain when everything was read.
fn ended(outcome: &LogOutcome, lang: Lang) -> Result<Outcome, Failure> {
    match (outcome.shown, outcome.is_incomplete) {
        (_, true) => Err(incomplete(lang)),
        (0, false) => Ok(Outcome::Nothing),
        _ => Ok(Outcome::Done),
    }
}
