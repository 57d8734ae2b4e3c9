//! gunicorn's error log: `[time zone] [pid] [LEVEL] message`.
//!
//! Refuses lines with fewer than three brackets.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "gunicorn",
    certainty: 95,
    starts: Starts::Byte(b'['),
    example: "[2026-11-21 10:00:00 +0000] [1234] [INFO] Listening at: http://127.0.0.1:8000 (1234)",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time(ISO)?;
    scan.literal("] [")?;
    let pid = scan.digits()?;
    scan.literal("] [")?;
    let level = scan.level()?;
    scan.literal("] ")?;
    Some(Parsed::new(time.settle(defaults), Some(level), scan.rest()).number("pid", pid))
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
            "2026-11-21T10:00:00.000Z INFO : Listening at: http://127.0.0.1:8000 (1234) {pid=1234}",
        );
        check(
            &FORMAT,
            "[2026-11-21 10:00:00 -0130] [7] [CRITICAL] WORKER TIMEOUT (pid:9)",
            "2026-11-21T11:30:00.000Z FATAL : WORKER TIMEOUT (pid:9) {pid=7}",
        );
        refuses(&FORMAT, "[2026-11-21 10:00:00 +0000] [INFO] x");
    }
}
