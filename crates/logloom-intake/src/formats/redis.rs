//! The log of Redis and Valkey: `pid:role dd Mmm yyyy hh:mm:ss.mmm sign message`.
//!
//! The sign is the level: `.` debug, `-` verbose, `*` notice, `#` warning. The zone is not written.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "redis",
    certainty: 95,
    starts: Starts::Digit,
    example: "1234:M 21 Nov 2026 10:00:00.123 * Ready to accept connections tcp",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let pid = scan.digits()?;
    scan.literal(":")?;
    let role = match scan.until(" ")? {
        "M" => "primary",
        "S" => "replica",
        "C" => "child",
        "X" => "sentinel",
        _ => return None,
    };
    let time = scan.time("e b Y H:M:Sf")?;
    scan.literal(" ")?;
    let level = match scan.until(" ")? {
        "." | "-" => Level::Debug,
        "*" => Level::Info,
        "#" => Level::Warn,
        _ => return None,
    };
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest());
    Some(parsed.number("pid", pid).text("role", role))
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
            "2026-11-21T10:00:00.123Z INFO : Ready to accept connections tcp \
             {pid=1234 role='primary'}",
        );
        check(
            &FORMAT,
            "7:X 01 Nov 2026 10:00:00.000 # +monitor master",
            "2026-11-01T10:00:00.000Z WARN : +monitor master {pid=7 role='sentinel'}",
        );
        refuses(&FORMAT, "1234:Q 21 Nov 2026 10:00:00.123 * x");
        refuses(&FORMAT, "1234:M 21 Nov 2026 10:00:00.123 ? x");
    }
}
