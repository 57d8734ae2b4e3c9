//! Elasticsearch and OpenSearch in plain text: `[time][LEVEL][logger] [node] message`.
//!
//! The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "elasticsearch",
    certainty: 95,
    starts: Starts::Byte(b'['),
    example: "[2026-11-21T10:00:00,123][INFO ][o.e.n.Node               ] [node-1] started",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time(ISO)?;
    scan.literal("][")?;
    let level = scan.level()?;
    scan.blanks();
    scan.literal("][")?;
    let logger = scan.until("]")?.trim_end();
    scan.literal(" ")?;
    let node = scan.between("[", "]").unwrap_or_default();
    let message = scan.message();
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(logger);
    Some(parsed.text("node", node))
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
            "2026-11-21T10:00:00.123Z INFO o.e.n.Node: started {node='node-1'}",
        );
        check(
            &FORMAT,
            "[2026-11-21T10:00:00,123][WARN ][o.e.d.c] [n] [gc][7] overhead",
            "2026-11-21T10:00:00.123Z WARN o.e.d.c: [gc][7] overhead {node='n'}",
        );
        refuses(&FORMAT, "[2026-11-21T10:00:00,123] [INFO] x");
    }
}
