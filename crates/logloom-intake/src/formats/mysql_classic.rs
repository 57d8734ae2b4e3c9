//! The error log of MariaDB and of MySQL before 8: `time thread [level] message`.
//!
//! Three forms of the time: ISO 8601 of MySQL 5.7, date and time with the hour padded by a blank of
//! MariaDB and MySQL 5.6, and `yymmdd` without a thread of MySQL 5.5. The engine that a message
//! begins with is the module. Refuses levels that are not those of MySQL.

use super::mysql_error::level;
use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::{Civil, ISO};

pub(super) static FORMAT: Format = Format {
    name: "mysql-classic",
    certainty: 85,
    starts: Starts::Digit,
    example: "2026-11-22  9:17:01 0 [Note] InnoDB: Buffer pool(s) load completed",
    parse,
};

/// The parts of the server that name themselves at the head of a message.
const ENGINES: &[&str] = &["InnoDB", "WSREP", "RocksDB", "TokuDB", "NDB"];

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let (time, thread) = head(&mut scan)?;
    let level = level(scan.between("[", "]")?)?;
    scan.literal(" ")?;
    let (module, message) = engine(scan.rest());
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(module);
    Some(match thread {
        Some(thread) => parsed.number("thread", thread),
        None => parsed,
    })
}

/// The time, and the thread where the form has one.
fn head<'a>(scan: &mut Scan<'a>) -> Option<(Civil<'a>, Option<&'a str>)> {
    let Some(time) = scan.time(ISO) else {
        let time = scan.time("ymd H:M:S")?;
        scan.literal(" ")?;
        return Some((time, None));
    };
    scan.literal(" ")?;
    let thread = scan.digits()?;
    scan.literal(" ")?;
    Some((time, Some(thread)))
}

/// The engine that the message begins with, and what it says.
fn engine(message: &str) -> (&str, &str) {
    match message.split_once(": ") {
        Some((engine, rest)) if ENGINES.contains(&engine) => (engine, rest),
        _ => ("", message),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            "2026-11-22T09:17:01.835618Z 0 [ERROR] InnoDB: bad page",
            "2026-11-22T09:17:01.835Z ERROR InnoDB: bad page {thread=0}",
        );
        check(
            &FORMAT,
            "2026-11-22  9:17:01 0 [Note] InnoDB: Buffer pool",
            "2026-11-22T09:17:01.000Z INFO InnoDB: Buffer pool {thread=0}",
        );
        check(
            &FORMAT,
            "2026-11-22 10:17:02 0 [Warning] x",
            "2026-11-22T10:17:02.000Z WARN : x {thread=0}",
        );
        check(
            &FORMAT,
            "2026-11-22 09:17:01 1234 [Note] Plugin 'FEDERATED' is disabled.",
            "2026-11-22T09:17:01.000Z INFO : Plugin 'FEDERATED' is disabled. {thread=1234}",
        );
        check(&FORMAT, "261122  9:17:01 [Note] x", "2026-11-22T09:17:01.000Z INFO : x");
        check(&FORMAT, "261122 19:17:01 [ERROR] x", "2026-11-22T19:17:01.000Z ERROR : x");
        refuses(&FORMAT, "2026-11-22 10:17:02 0 [INFO] x");
        refuses(&FORMAT, "2026-11-22 10:17:02 [Note] x");
        refuses(&FORMAT, "261122 9:17:01 [Hello] x");
    }
}
