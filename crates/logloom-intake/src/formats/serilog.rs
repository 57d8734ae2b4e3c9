//! .NET's Serilog to files: `time zone [LVL] message`, levels of three letters.
//!
//! Refuses longer names of levels.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;
use logloom_record::Level;

pub(super) static FORMAT: Format = Format {
    name: "serilog",
    certainty: 95,
    starts: Starts::Digit,
    example: "2018-07-06 09:02:17.148 +10:00 [INF] Hello, Serilog!",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" [")?;
    let level = match scan.until("] ")? {
        "VRB" => Level::Trace,
        "DBG" => Level::Debug,
        "INF" => Level::Info,
        "WRN" => Level::Warn,
        "ERR" => Level::Error,
        "FTL" => Level::Fatal,
        _ => return None,
    };
    Some(Parsed::new(time.settle(defaults), Some(level), scan.rest()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(&FORMAT, FORMAT.example, "2018-07-05T23:02:17.148Z INFO : Hello, Serilog!");
        check(
            &FORMAT,
            "2018-07-06 09:02:17.148 +00:00 [FTL] [x] y",
            "2018-07-06T09:02:17.148Z FATAL : [x] y",
        );
        refuses(&FORMAT, "2018-07-06 09:02:17.148 +10:00 [error] x");
    }
}
