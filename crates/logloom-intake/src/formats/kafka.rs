//! Apache Kafka's brokers: `[time] LEVEL message (logger)`.
//!
//! The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "kafka",
    certainty: 90,
    starts: Starts::Byte(b'['),
    example: "[2026-11-21 10:00:00,123] INFO [KafkaServer id=0] started (kafka.server.KafkaServer)",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time(ISO)?;
    scan.literal("] ")?;
    let level = scan.level()?;
    scan.literal(" ")?;
    let (message, logger) = scan.rest().trim_end().strip_suffix(')')?.rsplit_once(" (")?;
    let is_name = !logger.is_empty() && !logger.contains(' ');
    is_name.then(|| Parsed::new(time.settle(defaults), Some(level), message).module(logger))
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
            "2026-11-21T10:00:00.123Z INFO kafka.server.KafkaServer: [KafkaServer id=0] started",
        );
        check(
            &FORMAT,
            "[2026-11-21 10:00:00,123] WARN a (b) c (kafka.log.Log)",
            "2026-11-21T10:00:00.123Z WARN kafka.log.Log: a (b) c",
        );
        refuses(&FORMAT, "[2026-11-21 10:00:00,123] INFO without a logger");
        refuses(&FORMAT, "[2026-11-21 10:00:00,123] INFO said (by the way)");
    }
}
