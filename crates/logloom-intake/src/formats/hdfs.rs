//! The pattern of Hadoop's file system daemons: `yyMMdd HHmmss pid LEVEL class: message`.
//!
//! Refuses any other order. The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "hdfs",
    certainty: 80,
    starts: Starts::Digit,
    example: "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 terminating",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time("ymd HMS")?;
    scan.literal(" ")?;
    let pid = scan.digits()?;
    scan.literal(" ")?;
    let level = scan.level()?;
    scan.literal(" ")?;
    let class = scan.logger()?;
    scan.literal(":")?;
    let message = scan.rest().trim_start_matches(' ');
    let parsed = Parsed::new(time.settle(defaults), Some(level), message);
    Some(parsed.module(class).number("pid", pid))
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
            "2008-11-09T20:36:15.000Z INFO dfs.DataNode$PacketResponder: PacketResponder 1 \
             terminating {pid=148}",
        );
        refuses(&FORMAT, "081109 203615 INFO dfs.DataNode: x");
        refuses(&FORMAT, "081309 203615 148 INFO dfs.DataNode: x");
    }
}
