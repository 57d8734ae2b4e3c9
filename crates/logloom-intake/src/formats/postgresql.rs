//! PostgreSQL's server log with its default prefix: `time zone [pid] LOG:  message`.
//!
//! `user@database`, as Debian's packages add it, is taken too. The severities of the server are
//! mapped: `LOG`, `NOTICE`, `STATEMENT`, `DETAIL`, `HINT` and `CONTEXT` are INFO, `PANIC` FATAL.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "postgresql",
    certainty: 95,
    starts: Starts::Digit,
    example: "2026-11-21 10:00:00.123 UTC [1234] ERROR:  relation \"missing\" does not exist at \
              character 15",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" [")?;
    let pid = scan.digits()?;
    scan.take(|character| character == '-' || character.is_ascii_digit());
    scan.literal("] ")?;
    let mut ahead = scan;
    let (mut user, mut database) = ("", "");
    if let Some((before, after)) = ahead.word().and_then(|word| word.split_once('@')) {
        ahead.literal(" ")?;
        (user, database) = (before, after);
        scan = ahead;
    }
    let severity = scan.until(":")?;
    let level = level(severity)?;
    let message = scan.rest().trim_start_matches(' ');
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).number("pid", pid);
    Some(parsed.text("user", user).text("database", database).text("kind", severity))
}

/// The level of a severity of the server.
pub(crate) fn level(severity: &str) -> Option<Level> {
    Some(match severity {
        "DEBUG" | "DEBUG1" | "DEBUG2" | "DEBUG3" | "DEBUG4" | "DEBUG5" => Level::Debug,
        "LOG" | "INFO" | "NOTICE" | "STATEMENT" | "DETAIL" | "HINT" | "CONTEXT" | "QUERY"
        | "LOCATION" => Level::Info,
        "WARNING" => Level::Warn,
        "ERROR" => Level::Error,
        "FATAL" | "PANIC" => Level::Fatal,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            FORMAT.example,
            "2026-11-21T10:00:00.123Z ERROR : relation \"missing\" does not exist at character 15 \
             {pid=1234 kind='ERROR'}",
        );
        check(
            &FORMAT,
            "2026-11-21 10:00:00.123 UTC [7-1] app@shop LOG:  checkpoint complete: wrote 3",
            "2026-11-21T10:00:00.123Z INFO : checkpoint complete: wrote 3 \
             {pid=7 user='app' database='shop' kind='LOG'}",
        );
        check(
            &FORMAT,
            "2026-11-21 10:00:00.123 CET [7] LOG:  x",
            "- INFO : x {pid=7 kind='LOG' time='2026-11-21 10:00:00.123 CET' \
             time_source='arrival'}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00.123 UTC [7] hello: x");
    }
}
