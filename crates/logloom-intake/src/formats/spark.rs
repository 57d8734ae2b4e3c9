//! The default pattern of Spark: `yy/MM/dd HH:mm:ss LEVEL class: message`.
//!
//! Refuses years of four digits, which Go and nginx write. The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "spark",
    certainty: 80,
    starts: Starts::Digit,
    example: "17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal \
              handlers for [TERM, HUP, INT]",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time("y/m/d H:M:S")?;
    scan.literal(" ")?;
    let level = scan.level()?;
    scan.literal(" ")?;
    let class = scan.logger()?;
    scan.literal(":")?;
    let message = scan.rest().trim_start_matches(' ');
    Some(Parsed::new(time.settle(defaults), Some(level), message).module(class))
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
            "2017-06-09T20:10:40.000Z INFO executor.CoarseGrainedExecutorBackend: Registered \
             signal handlers for [TERM, HUP, INT]",
        );
        check(
            &FORMAT,
            "17/06/09 20:10:46 WARN util.Utils: ",
            "2017-06-09T20:10:46.000Z WARN util.Utils: ",
        );
        refuses(&FORMAT, "2017/06/09 20:10:40 INFO x: y");
        refuses(&FORMAT, "17/06/09 20:10:40 hello");
    }
}
