//! `logloom show`: one session from its start to its end.

use std::ops::ControlFlow;

use logloom_query::actions::timeline::{Telling, Timeline, entry_line, totals_line};

use super::{line_style, log_files, session_id, told};
use crate::args::SessionArguments;
use crate::exit::{Failure, Outcome};
use crate::output;

/// Bytes that are gathered before they are written.
const BUFFER_BYTES: usize = 64 << 10;

pub(crate) fn run(arguments: &SessionArguments) -> Result<Outcome, Failure> {
    let is_json = arguments.story.json;
    let style = line_style(&arguments.story)?;
    let files = log_files(&arguments.place)?;
    let Some(id) = session_id(&files, &arguments.session, style.lang)? else {
        return Ok(Outcome::Nothing);
    };
    let (mut text, mut failed, mut is_begun) = (String::new(), None, false);
    let story =
        Timeline::find(&files, &id, style.lang).tell(Telling::Joined, &mut |entry, session| {
            if is_json {
                text.push_str(if is_begun { ",\n" } else { "[\n" });
                text.push_str(&entry.json());
            } else {
                text.push_str(&entry_line(entry, session.first_ns, &style));
            }
            is_begun = true;
            if text.len() < BUFFER_BYTES {
                return ControlFlow::Continue(());
            }
            failed = output::write_all(text.as_bytes()).err();
            text.clear();
            if failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    if let Some(failure) = failed {
        return Err(failure);
    }
    match (is_json, is_begun) {
        (true, true) => text.push_str("\n]\n"),
        (true, false) => text.push_str("[]\n"),
        (false, _) => text += &format!("\n{}", totals_line(&story.session, style.lang)),
    }
    output::write_all(text.as_bytes())?;
    told(&story, style.lang)
}
