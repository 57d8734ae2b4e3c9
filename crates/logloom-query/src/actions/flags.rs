//! The flags of `/log` as they are typed, and the request that they mean.
//!
//! Takes texts, now and the viewer's zone; gives a request. Refused, each with its reason: days that
//! are none, flags that exclude each other, a language that there is not.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::days::Days;
use super::lang::Lang;
use super::log::{LogFormat, LogRequest, Rows};
use super::request::ActionFilter;

/// The flags as they are typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFlags {
    /// `--date`; default today.
    pub date: Option<String>,
    /// `--date-range`, in place of a date.
    pub date_range: Option<String>,
    /// `--action-type`, `--session-id`, `--status`, `--tool-name`, `--keyword`, `--content-match`.
    pub filter: ActionFilter,
    /// `--format`; default a table.
    pub format: LogFormat,
    /// `--limit`: the first so many.
    pub limit: Option<usize>,
    /// `--tail`: the last so many; default 50 where there is no limit.
    pub tail: Option<usize>,
    /// `--lang`; default English.
    pub lang: Option<String>,
    /// `--utc`: days and times are those of UTC.
    pub utc: bool,
    /// `--explain`: the query is printed instead of being run.
    pub explain: bool,
}

/// Flags that make no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFlagsError(String);

impl fmt::Display for LogFlagsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LogFlagsError {}

impl LogFlags {
    /// The request that they mean, seen from now in the viewer's zone.
    ///
    /// # Errors
    /// Which flag makes no sense, and what there is instead.
    pub fn resolve(&self, now: Timestamp, zone: &TimeZone) -> Result<LogRequest, LogFlagsError> {
        let lang = self.lang()?;
        let mut request = LogRequest::new(self.days(now, zone, lang)?, zone.clone());
        request.lang = lang;
        request.filter = self.filter.clone();
        request.format = self.format;
        request.utc = self.utc;
        request.explain = self.explain;
        request.rows = match (self.limit, self.tail) {
            (Some(_), Some(_)) => {
                let text = lang.pick(
                    "either --limit, the first ones, or --tail, the last ones",
                    "--limit（最前的若干条）与 --tail（最后的若干条）只能选一个",
                );
                return Err(LogFlagsError(text.to_owned()));
            }
            (Some(count), None) => Rows::First(count),
            (None, Some(count)) => Rows::Last(count),
            (None, None) => Rows::default(),
        };
        Ok(request)
    }

    fn lang(&self) -> Result<Lang, LogFlagsError> {
        let Some(name) = &self.lang else { return Ok(Lang::default()) };
        Lang::parse(name).ok_or_else(|| LogFlagsError(Lang::unknown(name)))
    }

    fn days(&self, now: Timestamp, zone: &TimeZone, lang: Lang) -> Result<Days, LogFlagsError> {
        let zone = if self.utc { &TimeZone::UTC } else { zone };
        match (&self.date, &self.date_range) {
            (Some(_), Some(_)) => {
                let text = lang.pick(
                    "either --date or --date-range, not both",
                    "--date 与 --date-range 只能选一个",
                );
                Err(LogFlagsError(text.to_owned()))
            }
            (Some(day), None) => Days::parse_date(day, now, zone)
                .map_err(|error| LogFlagsError(format!("--date: {}", error.text(lang)))),
            (None, Some(range)) => Days::parse_range(range, now, zone)
                .map_err(|error| LogFlagsError(format!("--date-range: {}", error.text(lang)))),
            (None, None) => Ok(Days::today(now, zone)),
        }
    }
}
