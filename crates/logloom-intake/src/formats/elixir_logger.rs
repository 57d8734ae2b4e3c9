//! Elixir's Logger: `HH:mm:ss.SSS [level] message`, with metadata before the message or without.
//!
//! The date is not written, so the time is that of the arrival.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::Civil;

pub(super) static FORMAT: Format = Format {
    name: "elixir-logger",
    certainty: 85,
    starts: Starts::Digit,
    example: "10:00:00.123 [info] Running MyApp.Endpoint with Bandit at 127.0.0.1:4000",
    parse,
};

fn parse(line: &str, _: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time("H:M:Sf").map(Civil::unsettled)?;
    scan.literal(" [")?;
    let level = scan.level()?;
    scan.literal("]")?;
    let message = scan.rest().trim_start_matches(' ');
    Some(Parsed::new(time, Some(level), message))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            "10:00:00.123 [error]  GenServer terminating",
            "- ERROR : GenServer terminating {time='10:00:00.123' time_source='arrival'}",
        );
        refuses(&FORMAT, "10:00:00.123 [main] INFO x - y");
    }
}
