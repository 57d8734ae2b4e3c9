//! A whole `/log ...` line, as a person types it into an agent, answered by one call.
//!
//! Takes the line, the files of the log, now and the viewer's zone; gives the text to show. The
//! flags are those of `logloom log`: `--flag value` or `--flag=value`, words in quotes where they
//! hold spaces. Refused, each with its reason: a flag that there is not, one without its value,
//! days that are none, numbers that are none.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::flags::LogFlags;
use super::lang::Lang;
use super::log::{LogFormat, LogOutcome, LogRequest};
use super::request::split_names;
use super::screen::Screen;
use crate::LogFile;

/// Every flag, with what it takes.
const FLAGS: [(&str, &str); 14] = [
    ("--date", "DAY"),
    ("--date-range", "FIRST:LAST"),
    ("--action-type", "TYPE,..."),
    ("--session-id", "ID"),
    ("--status", "STATUS,..."),
    ("--tool-name", "NAME"),
    ("--keyword", "TEXT"),
    ("--content-match", "TEXT"),
    ("--format", "table|json|summary"),
    ("--limit", "COUNT"),
    ("--tail", "COUNT"),
    ("--lang", "en|zh"),
    ("--utc", ""),
    ("--explain", ""),
];

/// A line that asks for nothing that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLineError(String);

impl fmt::Display for LogLineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LogLineError {}

impl LogLineError {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// The answer to a `/log` line.
#[derive(Debug)]
pub struct LogAnswer {
    /// What to show, every line with its end.
    pub text: String,
    /// What to tell apart from it, and the counts.
    pub outcome: LogOutcome,
}

impl LogRequest {
    /// Reads a `/log` line; the first word may be left out. `now` and `zone` say which day it is
    /// for the viewer.
    ///
    /// # Errors
    /// What is wrong with the line, and what there is instead.
    pub fn parse_line(
        line: &str,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<LogRequest, LogLineError> {
        let words = split_words(line)?;
        let lang = lang_of(&words);
        let mut arguments = words.into_iter().peekable();
        arguments.next_if(|word| word == "/log" || word == "log");
        let mut flags = LogFlags::default();
        while let Some(argument) = arguments.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (argument, None),
            };
            let value = value_of(&name, inline, &mut arguments, lang)?;
            set(&mut flags, &name, value, lang)?;
        }
        flags.resolve(now, zone).map_err(|error| LogLineError(error.to_string()))
    }
}

/// The language in which the line is answered, also when there is something wrong with it.
fn lang_of(words: &[String]) -> Lang {
    let after = words.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1].as_str());
    let name = after.or_else(|| words.iter().find_map(|word| word.strip_prefix("--lang=")));
    name.and_then(Lang::parse).unwrap_or_default()
}

fn set(flags: &mut LogFlags, name: &str, value: String, lang: Lang) -> Result<(), LogLineError> {
    match name {
        "--date" => flags.date = Some(value),
        "--date-range" => flags.date_range = Some(value),
        "--action-type" => flags.filter.action_types.extend(split_names(&value)),
        "--session-id" => flags.filter.session_id = Some(value),
        "--status" => flags.filter.statuses.extend(split_names(&value)),
        "--tool-name" => flags.filter.tool_name = Some(value),
        "--keyword" => flags.filter.keyword = Some(value),
        "--content-match" => flags.filter.content_match = Some(value),
        "--format" => flags.format = format_of(&value, lang)?,
        "--limit" => flags.limit = Some(count(name, &value, lang)?),
        "--tail" => flags.tail = Some(count(name, &value, lang)?),
        "--lang" => flags.lang = Some(value),
        "--utc" => flags.utc = true,
        _ => flags.explain = true,
    }
    Ok(())
}

/// Answers a `/log` line over these files.
///
/// # Errors
/// What is wrong with the line. Damaged lines and unreadable files are told in the answer.
pub fn answer_log_line(
    line: &str,
    files: &[LogFile],
    now: Timestamp,
    zone: &TimeZone,
    screen: &Screen,
) -> Result<LogAnswer, LogLineError> {
    let request = LogRequest::parse_line(line, now, zone)?;
    let mut text = Vec::new();
    let outcome = request.run(files, screen, &mut text).map_err(|error| {
        let what = request.lang.pick("the answer cannot be kept", "无法保存结果");
        LogLineError(format!("{what}: {error}"))
    })?;
    Ok(LogAnswer { text: String::from_utf8_lossy(&text).into_owned(), outcome })
}

fn value_of(
    name: &str,
    inline: Option<String>,
    rest: &mut dyn Iterator<Item = String>,
    lang: Lang,
) -> Result<String, LogLineError> {
    let Some((_, takes)) = FLAGS.iter().find(|(flag, _)| *flag == name) else {
        return Err(unknown(name, lang));
    };
    match (takes.is_empty(), inline) {
        (true, None) => Ok(String::new()),
        (true, Some(_)) => {
            Err(LogLineError(format!("{name} {}", lang.pick("takes no value", "不带值"))))
        }
        (false, Some(value)) => Ok(value),
        (false, None) => match rest.next() {
            Some(value) if !value.starts_with("--") => Ok(value),
            _ => {
                let needs = lang.pick("needs a value", "需要一个值");
                Err(LogLineError(format!("{name} {needs}: {name} {takes}")))
            }
        },
    }
}

fn unknown(name: &str, lang: Lang) -> LogLineError {
    let flags: Vec<String> =
        FLAGS.iter().map(|(flag, takes)| format!("{flag} {takes}").trim_end().to_owned()).collect();
    let what = lang.pick("/log does not know", "/log 没有这个选项");
    LogLineError(format!("{what} `{}`: {}", name.escape_debug(), flags.join(", ")))
}

fn format_of(value: &str, lang: Lang) -> Result<LogFormat, LogLineError> {
    match value {
        "table" => Ok(LogFormat::Table),
        "json" => Ok(LogFormat::Json),
        "summary" => Ok(LogFormat::Summary),
        _ => {
            let there_are =
                lang.pick("there are table, json and summary", "只有 table、json 和 summary");
            Err(LogLineError(format!("--format {value}: {there_are}")))
        }
    }
}

fn count(name: &str, value: &str, lang: Lang) -> Result<usize, LogLineError> {
    let needs = lang.pick("a whole number is needed", "需要一个整数");
    value.parse().map_err(|_| LogLineError(format!("{name} {value}: {needs}")))
}

/// Words apart by spaces; quotes of both kinds hold a word together, and a backslash takes the next
/// character as it is, but not within single quotes.
fn split_words(line: &str) -> Result<Vec<String>, LogLineError> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = line.trim().chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            (Some('"') | None, '\\') => {
                let taken = characters.next().unwrap_or('\\');
                word.get_or_insert_default().push(taken);
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    if let Some(quote) = quote {
        return Err(LogLineError(format!("a {quote} is missing at the end (结尾缺少 {quote})")));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Rows;
    use super::*;

    fn parse(line: &str) -> Result<LogRequest, LogLineError> {
        LogRequest::parse_line(line, "2025-11-21T20:00:00Z".parse().unwrap(), &TimeZone::UTC)
    }

    #[test]
    fn the_lines_of_the_document() {
        let days = |line: &str| parse(line).unwrap().days.to_string();
        assert_eq!(days("/log"), "2025-11-21");
        assert_eq!(days("/log --date 2025-11-20"), "2025-11-20");
        assert_eq!(days("/log --date-range 2025-11-15:2025-11-21"), "2025-11-15:2025-11-21");
        let filter = |line: &str| parse(line).unwrap().filter;
        assert_eq!(
            filter("/log --action-type llm_request,llm_response").action_types,
            ["llm_request", "llm_response"]
        );
        let both = filter("/log --status success --tool-name bash");
        assert_eq!((both.statuses.len(), both.tool_name.as_deref()), (1, Some("bash")));
        let text = filter(r#"/log --content-match "Failed to connect""#).content_match;
        assert_eq!(text.as_deref(), Some("Failed to connect"));
        assert_eq!(parse("/log --format summary").unwrap().format, LogFormat::Summary);
        assert_eq!(parse("/log --limit 5").unwrap().rows, Rows::First(5));
        assert_eq!(parse("/log --tail=20").unwrap().rows, Rows::Last(20));
        assert_eq!(parse("/log").unwrap().rows, Rows::Last(50));
        assert_eq!(parse("--lang zh --utc --explain").unwrap().lang, Lang::Chinese);
    }

    #[test]
    fn words_may_be_quoted() {
        let words = |line: &str| split_words(line).unwrap();
        assert_eq!(
            words(r#" a  "b c" 'd "e' f\ g "h\"i" "" "#),
            ["a", "b c", "d \"e", "f g", "h\"i", ""]
        );
        assert_eq!(words(r#"--keyword="a b""#), ["--keyword=a b"]);
        assert!(split_words("a \"b").is_err());
        assert_eq!(words(r"a\"), [r"a\"]);
    }

    #[test]
    fn what_makes_no_sense_is_told_with_what_there_is() {
        let check = |line: &str, expect: &str| {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(expect), "{line}: {error}");
        };
        check("/log --colour", "--content-match TEXT");
        check("/log everything", "does not know `everything`");
        check("/log --date", "--date DAY");
        check("/log --date --utc", "needs a value");
        check("/log --date 2025-02-30", "--date: there is no day 2025-02-30");
        check("/log --date-range 2025-11-21:2025-11-15", "before it begins");
        check("/log --limit many", "a whole number");
        check("/log --limit 1 --tail 1", "either --limit, the first ones");
        check("/log --date today --date-range :", "either --date or --date-range");
        check("/log --format xml", "table, json and summary");
        check("/log --utc=yes", "takes no value");
        check("/log --lang fr", "en and zh");
        check("/log --date 2025-02-30 --lang zh", "日历中没有 2025-02-30");
        check("/log --lang=zh --limit many", "需要一个整数");
        check("/log --lang zh --colour", "没有这个选项");
    }
}
