//! The error log of MySQL and MariaDB: `time thread [level] [code] [subsystem] message`.
//!
//! Code and subsystem stand there since MySQL 8; before, and in MariaDB, the message follows at once, and in the oldest
//! there is no thread. `System` and `Note` are INFO, in letters of any case.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::{ISO, Pattern};

/// MariaDB and MySQL 5.6 have a blank before hours of one digit.
const BLANK_PADDED: Pattern = "Y-m-d k:M:S";
/// MySQL 5.5.
const SHORT: Pattern = "ymd k:M:S";

pub(super) static FORMAT: Format = Format {
    name: "mysql-error",
    certainty: 95,
    starts: Starts::Digit,
    example: "2020-08-06T14:25:02.835618Z 0 [Note] [MY-012487] [InnoDB] DDL log recovery : begin",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let newer_time = scan.time(ISO).or_else(|| scan.time(BLANK_PADDED));
    let time = newer_time.or_else(|| scan.time(SHORT))?;
    scan.literal(" ")?;
    let thread = scan.digits();
    match thread {
        Some(_) => scan.literal(" ")?,
        // Other servers have the same line without one.
        None if newer_time.is_some() => return None,
        None => {}
    }
    let level = level(scan.between("[", "] ")?)?;
    let (code, subsystem) = match newer(&mut scan) {
        Some((code, subsystem)) => (Some(code), Some(subsystem)),
        None => (None, None),
    };
    let mut parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest());
    if let Some(subsystem) = subsystem {
        parsed = parsed.module(subsystem);
    }
    if let Some(thread) = thread {
        parsed = parsed.number("thread", thread);
    }
    Some(match code {
        Some(code) => parsed.text("code", code),
        None => parsed,
    })
}

fn level(name: &str) -> Option<Level> {
    const LEVELS: [(&str, Level); 4] = [
        ("System", Level::Info),
        ("Note", Level::Info),
        ("Warning", Level::Warn),
        ("Error", Level::Error),
    ];
    LEVELS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, level)| *level)
}

/// `[MY-012487] [InnoDB] `, which is taken only as a whole.
fn newer<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, &'a str)> {
    let mut ahead = Scan::new(scan.rest());
    let code = ahead.between("[", "] ").filter(|code| code.starts_with("MY-"))?;
    let subsystem = ahead.between("[", "] ")?;
    *scan = ahead;
    Some((code, subsystem))
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

    #[test]
    fn lines_of_before_and_of_mariadb() {
        check(
            &FORMAT,
            "2026-11-22T09:17:01.835618Z 12 [ERROR] InnoDB: bad page",
            "2026-11-22T09:17:01.835Z ERROR : InnoDB: bad page {thread=12}",
        );
        check(
            &FORMAT,
            "2026-11-22  9:17:01 0 [Note] InnoDB: Buffer pool",
            "2026-11-22T09:17:01.000Z INFO : InnoDB: Buffer pool {thread=0}",
        );
        check(
            &FORMAT,
            "2026-11-22 10:17:02 140 [Warning] Aborted connection",
            "2026-11-22T10:17:02.000Z WARN : Aborted connection {thread=140}",
        );
        check(
            &FORMAT,
            "261122  9:17:01 [Note] Server socket created",
            "2026-11-22T09:17:01.000Z INFO : Server socket created",
        );
        refuses(&FORMAT, "2026-11-22 10:17:02 140 [worker] Aborted connection");
        refuses(&FORMAT, "2026-11-22 10:17:02 [info] no server of databases");
    }
}
