//! `logloom report`: how agents spend their time and tokens, and what goes wrong with them.

use logloom_query::actions::{ActionFilter, Report};

use super::{days, ended, log_files, view};
use crate::args::ActionReportArguments;
use crate::exit::{Failure, Outcome};
use crate::{output, terminal};

pub(crate) fn run(arguments: &ActionReportArguments) -> Result<Outcome, Failure> {
    let story = &arguments.story;
    let (zone, lang) = view(&story.view)?;
    let days = days(&arguments.days, &zone, lang)?;
    let files = log_files(&arguments.place)?;
    let filter =
        ActionFilter { session_id: arguments.session_id.clone(), ..ActionFilter::default() };
    let report = Report::of(&files, &days, &zone, &filter, lang);
    let text = match story.json {
        true => format!("[\n{}\n]\n", report.json(&days, lang)),
        false => report.text(&days, lang, &terminal::screen()),
    };
    output::write_all(text.as_bytes())?;
    ended(&report.problems, report.is_incomplete, report.actions as usize, lang)
}
