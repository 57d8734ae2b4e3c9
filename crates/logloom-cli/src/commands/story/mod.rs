//! The story of sessions: `sessions`, `show`, `replay`, `report` and `export`.
//!
//! Each takes its arguments, has the library gather or tell, and prints it. What is found here is
//! only which session is meant.

pub(crate) mod export;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod sessions;
pub(crate) mod show;

use jiff::tz::TimeZone;
use logloom_query::LogFile;
use logloom_query::actions::timeline::{EntryLine, Timeline, Told};
use logloom_query::actions::{ActionFilter, Days, Lang, Sessions};

use super::log::now;
use super::query::files;
use crate::args::{DaysArguments, PlaceArguments, StoryArguments, ViewArguments};
use crate::exit::{Failure, Outcome, say};
use crate::{language, place, terminal};

/// The word for the session that began last.
const LAST: &str = "last";

/// The files of the log.
fn log_files(place: &PlaceArguments) -> Result<Vec<LogFile>, Failure> {
    files(&place::open_actions(place)?)
}

/// Whose days and whose language are meant.
fn view(view: &ViewArguments) -> Result<(TimeZone, Lang), Failure> {
    let zone = if view.utc { TimeZone::UTC } else { TimeZone::system() };
    Ok((zone, language::meant(view.lang.as_deref())?))
}

/// The days that were asked for; all without an answer.
fn days(arguments: &DaysArguments, zone: &TimeZone, lang: Lang) -> Result<Days, Failure> {
    let parsed = match (&arguments.date, &arguments.date_range) {
        (Some(date), _) => Days::parse_date(date, now(), zone).map_err(|e| ("--date", e)),
        (None, Some(range)) => {
            Days::parse_range(range, now(), zone).map_err(|e| ("--date-range", e))
        }
        (None, None) => Ok(Days::ALL),
    };
    parsed.map_err(|(flag, error)| Failure::Usage(format!("{flag}: {}", error.text(lang))))
}

fn line_style(story: &StoryArguments) -> Result<EntryLine, Failure> {
    let (zone, lang) = view(&story.view)?;
    Ok(EntryLine { zone, lang, screen: terminal::screen() })
}

/// The id that is meant by an id, the beginning of one, or `last`. `None` after it was said that
/// there is none.
fn session_id(files: &[LogFile], given: &str, lang: Lang) -> Result<Option<String>, Failure> {
    if given != LAST && Timeline::find(files, given, lang).actions() > 0 {
        return Ok(Some(given.to_owned()));
    }
    let all = Sessions::find(files, &Days::ALL, &TimeZone::UTC, &ActionFilter::default(), lang);
    let is_meant = |id: &str| given == LAST || id.starts_with(given);
    let mut meant = all.sessions.iter().filter(|session| is_meant(&session.id));
    match (meant.next(), meant.next()) {
        (Some(first), _) if given == LAST => Ok(Some(first.id.clone())),
        (Some(first), None) => Ok(Some(first.id.clone())),
        (Some(first), Some(second)) => {
            let (first, second) = (&first.id, &second.id);
            Err(Failure::Usage(match lang {
                Lang::English => format!(
                    "`{given}` begins several sessions, {first} and {second} among them: give \
                     more of the id"
                ),
                Lang::Chinese => {
                    format!("有多个会话以 `{given}` 开头，例如 {first} 和 {second}：请写出更多字符")
                }
            }))
        }
        (None, _) => {
            say(match lang {
                Lang::English => format!("there is no session `{given}`: see logloom sessions"),
                Lang::Chinese => format!("没有会话 `{given}`：参见 logloom sessions"),
            });
            Ok(None)
        }
    }
}

/// Says what went wrong, and how it ended.
fn ended(
    problems: &[String],
    is_incomplete: bool,
    found: usize,
    lang: Lang,
) -> Result<Outcome, Failure> {
    problems.iter().for_each(say);
    match (found, is_incomplete) {
        (_, true) => Err(incomplete(lang)),
        (0, false) => Ok(Outcome::Nothing),
        _ => Ok(Outcome::Done),
    }
}

/// How a command ends that could not read everything.
pub(super) fn incomplete(lang: Lang) -> Failure {
    let text = lang.pick("not everything could be read", "有内容无法读取，结果不完整");
    Failure::System(text.to_owned())
}

fn told(told: &Told, lang: Lang) -> Result<Outcome, Failure> {
    ended(&told.problems, told.is_incomplete, told.session.actions as usize, lang)
}
