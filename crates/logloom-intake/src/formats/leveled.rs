//! Any line that begins with a time and a level: `time LEVEL message`, `[time] [LEVEL] message`,
//! `time - LEVEL - message`.
//!
//! The last resort for programs whose format is nobody else's. Refuses levels that do not stand out
//! by brackets or capitals, since any word may begin a message.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::{ISO, SYSLOG};

pub(super) static FORMAT: Format = Format {
    name: "leveled",
    certainty: 40,
    starts: Starts::Any,
    example: "2026-11-21 10:00:00,123 INFO supervisord started with pid 1",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let is_bracketed = scan.literal("[").is_some();
    let time =
        scan.time(ISO).or_else(|| scan.time("Y/m/d H:M:Sfz")).or_else(|| scan.time(SYSLOG))?;
    if is_bracketed {
        scan.literal("]")?;
    }
    divider(&mut scan)?;
    let level = level(&mut scan)?;
    let message = scan.rest().trim_start_matches([' ', ':', '-', '|']);
    Some(Parsed::new(time.settle(defaults), Some(level), message))
}

/// Blanks, with a dash or a bar between them or not.
fn divider(scan: &mut Scan<'_>) -> Option<()> {
    scan.blanks()?;
    if scan.literal("- ").or_else(|| scan.literal("| ")).is_some() {
        scan.blanks();
    }
    Some(())
}

fn level(scan: &mut Scan<'_>) -> Option<Level> {
    let mut ahead = *scan;
    let found = match ahead.between("[", "]") {
        Some(name) => Level::from_name(name.trim())?,
        None => {
            let name = ahead.take(|character| character.is_ascii_uppercase())?;
            Level::from_name(name)?
        }
    };
    let ends = ahead.rest().starts_with([' ', ':', '|', '-', '\t']) || ahead.rest().is_empty();
    *scan = ahead;
    ends.then_some(found)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        let expect = "2026-11-21T10:00:00.000Z WARN : low";
        for line in [
            "2026-11-21 10:00:00 WARN low",
            "2026-11-21T10:00:00Z WARNING: low",
            "[2026-11-21 10:00:00] [warn] low",
            "2026/11/21 10:00:00 - WARN - low",
            "2026-11-21 10:00:00 | WARN | low",
            "2026-11-21 10:00:00 [WARN ] low",
            "Nov 21 10:00:00 WARN low",
        ] {
            check(&FORMAT, line, expect);
        }
        refuses(&FORMAT, "2026-11-21 10:00:00 warn low");
        refuses(&FORMAT, "2026-11-21 10:00:00 WARNINGS low");
        refuses(&FORMAT, "2026-11-21 10:00:00 starting");
        refuses(&FORMAT, "WARN low");
    }
}
