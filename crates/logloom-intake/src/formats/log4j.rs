//! The usual patterns of log4j, Hadoop's among them: `time LEVEL [thread] logger: message`, or with a
//! dash between logger and message.
//!
//! The thread may hold brackets of its own. Refuses lines without a thread. The zone is not
//! written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "log4j",
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
    let logger = scan.logger()?;
    if scan.literal(":").is_none() {
        scan.blanks()?;
        scan.literal("-")?;
    }
    let message = scan.message();
    let parsed = Parsed::new(time.settle(defaults), Some(level), message);
    Some(parsed.module(logger).text("thread", thread))
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
        check(
            &FORMAT,
            "2026-11-21 10:00:00,123 ERROR [pool-1] com.example.App - not - done",
            "2026-11-21T10:00:00.123Z ERROR com.example.App: not - done {thread='pool-1'}",
        );
        refuses(&FORMAT, "2015-10-18 18:01:47,978 INFO [main] x y");
        refuses(&FORMAT, "2015-10-18 18:01:47,978 INFO main x: y");
        refuses(&FORMAT, "2015-10-18 18:01:47,978 INFO [main x: y");
    }
}
