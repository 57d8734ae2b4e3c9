//! Apache Airflow: `[time] {file.py:line} LEVEL - message`.
//!
//! The file is the module.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "airflow",
    certainty: 95,
    starts: Starts::Byte(b'['),
    example: "[2026-11-21T10:00:00.123+0000] {taskinstance.py:1157} INFO - Dependencies all met",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time(ISO)?;
    scan.literal("] ")?;
    let (file, number) = scan.between("{", "} ")?.rsplit_once(':')?;
    let level = scan.level()?;
    scan.literal(" - ")?;
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(file);
    Some(parsed.number("line", number))
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
            "2026-11-21T10:00:00.123Z INFO taskinstance.py: Dependencies all met {line=1157}",
        );
        refuses(&FORMAT, "[2026-11-21T10:00:00.123+0000] {taskinstance.py} INFO - x");
    }
}
