//! The error log of MySQL 8 and later: `time thread [level] [code] [subsystem] message`.
//!
//! `System` and `Note` are INFO; levels in any case, as the server itself writes `ERROR` but `Warning`.
//! Refuses lines without code and subsystem, which are those of [`super::mysql_classic`].

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "mysql-error",
    certainty: 95,
    starts: Starts::Digit,
    example: "2020-08-06T14:25:02.835618Z 0 [Note] [MY-012487] [InnoDB] DDL log recovery : begin",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" ")?;
    let thread = scan.digits()?;
    scan.literal(" [")?;
    let level = level(scan.until("] [")?)?;
    let code = scan.until("] [")?;
    let subsystem = scan.until("] ")?;
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(subsystem);
    Some(parsed.number("thread", thread).text("code", code))
}

/// The priorities of MySQL and MariaDB.
pub(super) fn level(priority: &str) -> Option<Level> {
    let levels = [
        ("System", Level::Info),
        ("Note", Level::Info),
        ("Warning", Level::Warn),
        ("Error", Level::Error),
    ];
    levels.iter().find(|(name, _)| name.eq_ignore_ascii_case(priority)).map(|(_, level)| *level)
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
            "2020-08-06T14:25:02.835Z INFO InnoDB: DDL log recovery : begin \
             {thread=0 code='MY-012487'}",
        );
        check(
            &FORMAT,
            "2020-08-06T14:25:02.936146Z 7 [Warning] [MY-010068] [Server] CA certificate [x] y",
            "2020-08-06T14:25:02.936Z WARN Server: CA certificate [x] y \
             {thread=7 code='MY-010068'}",
        );
        check(
            &FORMAT,
            "2026-11-22T09:17:01.800000Z 0 [ERROR] [MY-010119] [Server] Aborting",
            "2026-11-22T09:17:01.800Z ERROR Server: Aborting {thread=0 code='MY-010119'}",
        );
        refuses(&FORMAT, "2020-08-06T14:25:02.835618Z 0 [Hello] [MY-012487] [InnoDB] x");
    }
}
