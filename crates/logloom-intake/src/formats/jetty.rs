//! Eclipse Jetty: `time:LEVEL:logger:thread: message`.
//!
//! `WARN:oejs.Server:main: ` and, since Jetty 9, names of threads with blanks. The zone is not
//! written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "jetty",
    certainty: 95,
    starts: Starts::Digit,
    example: "2026-11-21 10:00:00.123:INFO:oejs.Server:main: Started @1234ms",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(":")?;
    let level = scan.level()?;
    scan.literal(":")?;
    let logger = scan.logger()?;
    scan.literal(":")?;
    let thread = scan.until(": ")?;
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(logger);
    Some(parsed.text("thread", thread))
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
            "2026-11-21T10:00:00.123Z INFO oejs.Server: Started @1234ms {thread='main'}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00.123:INFO:oejs.Server");
    }
}
