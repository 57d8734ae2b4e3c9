//! The form that Python's logging manual shows: `time - name - LEVEL - message`.
//!
//! Refuses lines whose third part is no level. The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "python-logging",
    certainty: 90,
    starts: Starts::Digit,
    example: "2005-03-19 15:10:26,618 - simple_example - DEBUG - debug message",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" - ")?;
    let name = scan.until(" - ")?;
    let level = scan.level()?;
    scan.literal(" - ")?;
    Some(Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(name))
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
            "2005-03-19T15:10:26.618Z DEBUG simple_example: debug message",
        );
        check(
            &FORMAT,
            "2005-03-19 15:10:26,618 - a.b - CRITICAL - x - y",
            "2005-03-19T15:10:26.618Z FATAL a.b: x - y",
        );
        refuses(&FORMAT, "2005-03-19 15:10:26,618 - a - b - c");
    }
}
