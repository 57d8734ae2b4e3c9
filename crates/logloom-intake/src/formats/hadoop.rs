//! The log4j pattern of Hadoop: `time LEVEL [thread] class: message`.
//!
//! The thread may hold brackets of its own. Refuses lines without a thread. The zone is not
//! written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "hadoop",
    certainty: 80,
    starts: Starts::Digit,
    example: "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: \
              Created MRAppMaster",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.blanks()?;
    let level = scan.level()?;
    scan.blanks()?;
    let thread = scan.nested('[', ']')?;
    scan.literal(" ")?;
    let class = scan.logger()?;
    scan.literal(":")?;
    let message = scan.message();
    let parsed = Parsed::new(time.settle(defaults), Some(level), message);
    Some(parsed.module(class).text("thread", thread))
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
            "2015-10-18T18:01:47.978Z INFO org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Created \
             MRAppMaster {thread='main'}",
        );
        check(
            &FORMAT,
            "2015-10-18 18:01:50,353 WARN [Socket Reader #1 for port 0] org.apache.hadoop.ipc: x: y",
            "2015-10-18T18:01:50.353Z WARN org.apache.hadoop.ipc: x: y \
             {thread='Socket Reader #1 for port 0'}",
        );
        refuses(&FORMAT, "2015-10-18 18:01:47,978 INFO main x: y");
        refuses(&FORMAT, "2015-10-18 18:01:47,978 INFO [main x: y");
    }
}
