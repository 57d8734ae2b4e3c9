//! Android's logcat in the form `threadtime`: `mm-dd hh:mm:ss.mmm pid tid L tag: message`.
//!
//! The letter is the level. Year and zone are not written.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "logcat",
    certainty: 95,
    starts: Starts::Digit,
    example: "11-21 09:00:00.123  1702  2395 D WindowManager: printFreezingDisplayLogs",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time("m-d H:M:Sf")?;
    scan.blanks()?;
    let pid = scan.digits()?;
    scan.blanks()?;
    let tid = scan.digits()?;
    scan.literal(" ")?;
    let level = match scan.until(" ")? {
        "V" => Level::Trace,
        "D" => Level::Debug,
        "I" => Level::Info,
        "W" => Level::Warn,
        "E" => Level::Error,
        "F" | "A" => Level::Fatal,
        _ => return None,
    };
    let tag = scan.until(":")?.trim_end();
    let message = scan.message();
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(tag);
    Some(parsed.number("pid", pid).number("tid", tid))
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
            "2026-11-21T09:00:00.123Z DEBUG WindowManager: printFreezingDisplayLogs \
             {pid=1702 tid=2395}",
        );
        check(
            &FORMAT,
            "12-31 09:00:00.123   2   3 E a b  : x: y",
            "2025-12-31T09:00:00.123Z ERROR a b: x: y {pid=2 tid=3}",
        );
        refuses(&FORMAT, "11-21 09:00:00.123  1702  2395 Q tag: x");
    }
}
