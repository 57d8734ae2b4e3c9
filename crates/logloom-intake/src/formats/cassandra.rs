//! Apache Cassandra: `LEVEL  [thread] time File.java:line - message`.
//!
//! The file is the module. The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "cassandra",
    certainty: 95,
    starts: Starts::Capital,
    example: "INFO  [main] 2026-11-21 10:00:00,123 CassandraDaemon.java:507 - Hostname: node-1",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let level = scan.level()?;
    scan.blanks()?;
    let thread = scan.nested('[', ']')?;
    scan.literal(" ")?;
    let time = scan.time(ISO)?;
    scan.literal(" ")?;
    let (file, number) = scan.until(" - ")?.rsplit_once(':')?;
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(file);
    Some(parsed.text("thread", thread).number("line", number))
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
            "2026-11-21T10:00:00.123Z INFO CassandraDaemon.java: Hostname: node-1 {thread='main' \
             line=507}",
        );
        refuses(&FORMAT, "INFO  [main] 2026-11-21 10:00:00,123 no place");
    }
}
