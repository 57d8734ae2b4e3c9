//! The console pattern of Spring Boot: `time LEVEL pid --- [app] [thread] logger : message`.
//!
//! The application in brackets is there since version 3.2 where it has a name. Refuses lines
//! without the three dashes.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "spring-boot",
    certainty: 95,
    starts: Starts::Digit,
    example: "2026-11-21T10:00:00.123Z  INFO 128356 --- [myapp] [           main] \
              o.s.b.d.f.logexample.MyApplication       : Starting MyApplication",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.blanks()?;
    let level = scan.level()?;
    scan.blanks()?;
    let pid = scan.digits()?;
    scan.literal(" --- ")?;
    let first = scan.nested('[', ']')?.trim();
    scan.literal(" ")?;
    let second = scan.nested('[', ']').map(str::trim);
    if second.is_some() {
        scan.blanks()?;
    }
    let logger = scan.until(" : ")?.trim_end();
    let (application, thread) = second.map_or(("", first), |thread| (first, thread));
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(logger);
    Some(parsed.number("pid", pid).text("application", application).text("thread", thread))
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
            "2026-11-21T10:00:00.123Z INFO o.s.b.d.f.logexample.MyApplication: Starting \
             MyApplication {pid=128356 application='myapp' thread='main'}",
        );
        check(
            &FORMAT,
            "2026-11-21 10:00:00.123 ERROR 1 --- [nio-8080-exec-1] o.a.c.c.C.[Tomcat] : no : way",
            "2026-11-21T10:00:00.123Z ERROR o.a.c.c.C.[Tomcat]: no : way \
             {pid=1 thread='nio-8080-exec-1'}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00.123 ERROR 1 [main] a.B : x");
    }
}
