//! Rust's `env_logger`: `[time LEVEL target] message`.
//!
//! Refuses lines whose bracket holds anything else.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "env-logger",
    certainty: 90,
    starts: Starts::Byte(b'['),
    example: "[2022-11-02T21:13:15Z WARN  app::disk] almost full",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time(ISO)?;
    scan.literal(" ")?;
    let level = scan.level()?;
    scan.blanks()?;
    let target = scan.until("] ")?;
    if target.contains([' ', ']']) {
        return None;
    }
    Some(Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(target))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(&FORMAT, FORMAT.example, "2022-11-02T21:13:15.000Z WARN app::disk: almost full");
        check(
            &FORMAT,
            "[2022-11-02T21:13:15.123Z ERROR a] [x] y",
            "2022-11-02T21:13:15.123Z ERROR a: [x] y",
        );
        refuses(&FORMAT, "[2022-11-02T21:13:15Z app::disk] x");
        refuses(&FORMAT, "[2022-11-02T21:13:15Z WARN more words] x");
    }
}
