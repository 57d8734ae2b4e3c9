//! Python's loguru: `time | LEVEL    | module:function:line - message`.
//!
//! The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "loguru",
    certainty: 95,
    starts: Starts::Digit,
    example: "2026-11-21 10:00:00.123 | SUCCESS  | __main__:<module>:7 - Done",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" | ")?;
    let level = scan.level()?;
    scan.blanks()?;
    scan.literal("| ")?;
    let (place, number) = scan.until(" - ")?.rsplit_once(':')?;
    let (module, function) = place.rsplit_once(':')?;
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(module);
    Some(parsed.text("function", function).number("line", number))
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
            "2026-11-21T10:00:00.123Z INFO __main__: Done {function='<module>' line=7}",
        );
        check(
            &FORMAT,
            "2026-11-21 10:00:00.123 | ERROR    | app.db:connect:31 - a - b",
            "2026-11-21T10:00:00.123Z ERROR app.db: a - b {function='connect' line=31}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00.123 | ERROR | x");
    }
}
