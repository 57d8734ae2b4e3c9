//! The log4j pattern of ZooKeeper: `time [myid:n] - LEVEL [thread:class@line] - message`.
//!
//! The module is what stands behind the first colon of the bracket, as the reference split of this
//! format has it; the class alone is the field `class`. The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "zookeeper",
    certainty: 85,
    starts: Starts::Digit,
    example: "2015-07-29 19:04:12,394 - INFO  [/10.10.34.11:3888:QuorumCnxManager$Listener@493] - \
              Received connection request /10.10.34.11:45307",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" ")?;
    let server = scan.between("[myid:", "] ").unwrap_or_default();
    scan.literal("- ")?;
    let level = scan.level()?;
    scan.blanks()?;
    let (place, line_number) = scan.nested('[', ']')?.rsplit_once('@')?;
    let (thread, module) = place.split_once(':')?;
    scan.literal(" -")?;
    let message = scan.message();
    let class = module.rsplit_once(':').map_or(module, |(_, class)| class);
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(module);
    let parsed = parsed.text("thread", thread).text("class", class).number("line", line_number);
    Some(parsed.number("myid", server))
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
            "2015-07-29T19:04:12.394Z INFO 3888:QuorumCnxManager$Listener: Received connection \
             request /10.10.34.11:45307 {thread='/10.10.34.11' class='QuorumCnxManager$Listener' \
             line=493}",
        );
        check(
            &FORMAT,
            "2015-07-29 19:04:12,394 [myid:2] - WARN  [WorkerSender[myid=1]:Quorum@368] - no",
            "2015-07-29T19:04:12.394Z WARN Quorum: no \
             {thread='WorkerSender[myid=1]' class='Quorum' line=368 myid=2}",
        );
        refuses(&FORMAT, "2015-07-29 19:04:12,394 - INFO  [main] - x");
    }
}
