//! The patterns that logback and log4j 2 are documented with: `time [thread] LEVEL logger - message`.
//!
//! With a date or, as logback does without a configuration, with the hour alone: then the time is
//! that of the arrival. Refuses lines without a thread in brackets and a dash before the message.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::{Civil, ISO};

pub(super) static FORMAT: Format = Format {
    name: "logback",
    certainty: 85,
    starts: Starts::Digit,
    example: "2026-11-21 10:00:00.123 [main] INFO  com.example.App - Entering application.",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = match scan.time(ISO) {
        Some(time) => time.settle(defaults),
        None => scan.time("H:M:Sf").map(Civil::unsettled)?,
    };
    scan.literal(" ")?;
    let thread = scan.nested('[', ']')?;
    scan.blanks()?;
    let level = scan.level()?;
    scan.blanks()?;
    let logger = scan.logger()?;
    scan.blanks()?;
    scan.literal("-")?;
    let message = scan.message();
    Some(Parsed::new(time, Some(level), message).module(logger).text("thread", thread))
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
            "2026-11-21T10:00:00.123Z INFO com.example.App: Entering application. {thread='main'}",
        );
        check(
            &FORMAT,
            "16:05:06.421 [pool-1 [2]] WARN chapters.introduction.HelloWorld1 - Hello - world.",
            "- WARN chapters.introduction.HelloWorld1: Hello - world. \
             {thread='pool-1 [2]' time='16:05:06.421' time_source='arrival'}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00.123 [main] com.example.App - x");
        refuses(&FORMAT, "16:05:66.421 [main] INFO a.B - x");
    }
}
