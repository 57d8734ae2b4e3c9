//! `logloom log`: the actions of an agent that flags ask for, as `/log` shows them.

use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use logloom_query::actions::{
    ActionFilter, Lang, LogFlags, LogFormat, LogOutcome, LogRequest, split_names,
};
use logloom_ring::clock;

use super::query::files;
use super::story::incomplete;
use crate::args::{LogArguments, LogForm};
use crate::exit::{Failure, Outcome, say};
use crate::{language, place, terminal};

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
        filter: filter(arguments),
        format: match arguments.format {
            _ if arguments.json => LogFormat::Json,
            LogForm::Table => LogFormat::Table,
            LogForm::Json => LogFormat::Json,
            LogForm::Summary => LogFormat::Summary,
        },
        limit: arguments.limit,
        tail: arguments.tail,
        lang: Some(language::meant(arguments.view.lang.as_deref())?.code().to_owned()),
        utc: arguments.view.utc,
        explain: arguments.explain,
    };
    let resolved = flags.resolve(now(), &TimeZone::system());
    resolved.map_err(|error| Failure::Usage(error.to_string()))
}

fn filter(arguments: &LogArguments) -> ActionFilter {
    let names = |lists: &[String]| lists.iter().flat_map(|list| split_names(list)).collect();
    ActionFilter {
        action_types: names(&arguments.action_type),
        session_id: arguments.session_id.clone(),
        statuses: names(&arguments.status),
        tool_name: arguments.tool_name.clone(),
        keyword: arguments.keyword.clone(),
        content_match: arguments.content_match.clone(),
    }
}

/// Nothing found is only certain when everything was read.
fn ended(outcome: &LogOutcome, lang: Lang) -> Result<Outcome, Failure> {
    match (outcome.shown, outcome.is_incomplete) {
        (_, true) => Err(incomplete(lang)),
        (0, false) => Ok(Outcome::Nothing),
        _ => Ok(Outcome::Done),
    }
}
