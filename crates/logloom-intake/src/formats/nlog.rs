//! .NET's NLog with its default layout: `time|LEVEL|logger|message`.
//!
//! The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "nlog",
    certainty: 95,
    starts: Starts::Digit,
    example: "2026-11-21 10:00:00.1234|WARN|App.Program|Disk almost full",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal("|")?;
    let level = scan.level()?;
    scan.literal("|")?;
    let logger = scan.until("|")?;
    Some(Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(logger))
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
            "2026-11-21T10:00:00.123Z WARN App.Program: Disk almost full",
        );
        check(
            &FORMAT,
            "2026-11-21 10:00:00.1234|FATAL|A|a|b",
            "2026-11-21T10:00:00.123Z FATAL A: a|b",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00.1234|hello|A|x");
    }
}
