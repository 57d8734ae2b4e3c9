//! `logloom sessions`: the sessions of the log, latest first.

use logloom_query::actions::{ActionFilter, Lang, Sessions};

use super::{days, ended, log_files, view};
use crate::args::SessionsArguments;
use crate::exit::{Failure, Outcome, say};
use crate::{output, terminal};

pub(crate) fn run(arguments: &SessionsArguments) -> Result<Outcome, Failure> {
    let (story, limit) = (&arguments.story, arguments.limit);
    let (zone, lang) = view(&story.view)?;
    let days = days(&arguments.days, &zone, lang)?;
    let files = log_files(&arguments.place)?;
    let found = Sessions::find(&files, &days, &zone, &ActionFilter::default(), lang);
    let text = match story.json {
        true => {
            let objects: Vec<String> =
                found.sessions.iter().take(limit).map(|session| session.json()).collect();
            if objects.is_empty() {
                "[]\n".into()
            } else {
                format!("[\n{}\n]\n", objects.join(",\n"))
            }
        }
        false => found.text(limit, &zone, lang, &terminal::screen()),
    };
    output::write_all(text.as_bytes())?;
    if found.unlisted > 0 {
        let more = found.unlisted;
        say(match lang {
            Lang::English if more == 1 => {
                "there are more sessions: 1 action is not listed".to_owned()
            }
            Lang::English => format!("there are more sessions: {more} actions are not listed"),
            Lang::Chinese => format!("还有更多会话：{more} 个行动未列出"),
        });
    }
    ended(&found.problems, found.is_incomplete, found.sessions.len(), lang)
}
