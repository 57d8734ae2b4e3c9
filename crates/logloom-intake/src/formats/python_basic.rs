//! Python's `logging.basicConfig` without arguments: `LEVEL:name:message`.
//!
//! Takes the five names of Python's levels only, in capitals. The format has no time.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::Time;

pub(super) static FORMAT: Format = Format {
    name: "python-basic",
    certainty: 70,
    starts: Starts::Capital,
    example: "WARNING:root:Watch out!",
    parse,
};

fn parse(line: &str, _: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let level = match scan.until(":")? {
        "DEBUG" => Level::Debug,
        "INFO" => Level::Info,
        "WARNING" => Level::Warn,
        "ERROR" => Level::Error,
        "CRITICAL" => Level::Fatal,
        _ => return None,
    };
    let name = scan.logger()?;
    scan.literal(":")?;
    Some(Parsed::new(Time::Absent, Some(level), scan.rest()).module(name))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(&FORMAT, FORMAT.example, "- WARN root: Watch out!");
        check(&FORMAT, "CRITICAL:a.b:x: y", "- FATAL a.b: x: y");
        refuses(&FORMAT, "ERROR: no such file: x");
        refuses(&FORMAT, "note:root:x");
    }
}
