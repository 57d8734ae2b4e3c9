//! RabbitMQ: `time [level] <process> message`.
//!
//! Refuses lines without an Erlang process in angle brackets.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "rabbitmq",
    certainty: 95,
    starts: Starts::Digit,
    example: "2026-11-21 10:00:00.123456+00:00 [info] <0.230.0> Server startup complete",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" [")?;
    let level = scan.level()?;
    scan.literal("] <")?;
    let process = scan.take(|character| character == '.' || character.is_ascii_digit())?;
    scan.literal("> ")?;
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
            "2026-11-21T10:00:00.123Z INFO : Server startup complete {process='0.230.0'}",
        );
        check(
            &FORMAT,
            "2026-11-21 10:00:00.123 [warning] <0.7.0> closing connection <0.9.0>",
            "2026-11-21T10:00:00.123Z WARN : closing connection <0.9.0> {process='0.7.0'}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00.123 [info] <b> x");
    }
}
