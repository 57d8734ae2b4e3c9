//! The worker of Python's Celery: `[time: LEVEL/process] message`.
//!
//! The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "celery",
    certainty: 95,
    starts: Starts::Byte(b'['),
    example: "[2026-11-21 10:00:00,123: INFO/MainProcess] celery@host ready.",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time(ISO)?;
    scan.literal(": ")?;
    let level = scan.level()?;
    scan.literal("/")?;
    let process = scan.until("] ")?;
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest());
    Some(parsed.text("process", process))
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
            "2026-11-21T10:00:00.123Z INFO : celery@host ready. {process='MainProcess'}",
        );
        check(
            &FORMAT,
            "[2026-11-21 10:00:00,123: ERROR/ForkPoolWorker-2] Task a[b] raised",
            "2026-11-21T10:00:00.123Z ERROR : Task a[b] raised {process='ForkPoolWorker-2'}",
        );
        refuses(&FORMAT, "[2026-11-21 10:00:00,123: INFO MainProcess] x");
    }
}
