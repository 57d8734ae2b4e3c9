//! Apache Tomcat: `dd-Mmm-yyyy HH:mm:ss.SSS LEVEL [thread] class.method message`.
//!
//! The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "tomcat",
    certainty: 95,
    starts: Starts::Digit,
    example: "21-Nov-2026 10:00:00.123 INFO [main] org.apache.catalina.startup.Catalina.start \
              Server startup in [1234] milliseconds",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time("d-b-Y H:M:Sf")?;
    scan.literal(" ")?;
    let level = scan.level()?;
    scan.literal(" ")?;
    let thread = scan.nested('[', ']')?;
    scan.literal(" ")?;
    let module = scan.word()?;
    let message = scan.rest().strip_prefix(' ').unwrap_or_default();
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(module);
    Some(parsed.text("thread", thread))
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
            "2026-11-21T10:00:00.123Z INFO org.apache.catalina.startup.Catalina.start: Server \
             startup in [1234] milliseconds {thread='main'}",
        );
        check(
            &FORMAT,
            "01-Feb-2026 10:00:00.123 SEVERE [http-nio-8080-exec-1] a.B.c x",
            "2026-02-01T10:00:00.123Z ERROR a.B.c: x {thread='http-nio-8080-exec-1'}",
        );
        refuses(&FORMAT, "21-Nov-2026 10:00:00.123 INFO main a.B.c x");
    }
}
