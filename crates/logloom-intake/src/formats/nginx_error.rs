//! The error log of nginx: `yyyy/MM/dd HH:mm:ss [level] pid#tid: *connection message`.
//!
//! What nginx appends to the message (`client: ..., server: ...`) stays in it. The zone is not
//! written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "nginx-error",
    certainty: 95,
    starts: Starts::Digit,
    example: r#"2026/11/21 10:00:00 [error] 1234#5678: *9 open() "/srv/x" failed (2: No such file or directory), client: 10.0.0.1, server: example.com"#,
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time("Y/m/d H:M:S")?;
    scan.literal(" [")?;
    let level = scan.level()?;
    scan.literal("] ")?;
    let pid = scan.digits()?;
    scan.literal("#")?;
    let tid = scan.digits()?;
    scan.literal(": ")?;
    let connection = scan.between("*", " ").unwrap_or_default();
    let parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest());
    Some(parsed.number("pid", pid).number("tid", tid).number("connection", connection))
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
            "2026-11-21T10:00:00.000Z ERROR : open() \"/srv/x\" failed (2: No such file or \
             directory), client: 10.0.0.1, server: example.com {pid=1234 tid=5678 connection=9}",
        );
        check(
            &FORMAT,
            "2026/11/21 10:00:00 [notice] 1#1: start worker processes",
            "2026-11-21T10:00:00.000Z INFO : start worker processes {pid=1 tid=1}",
        );
        refuses(&FORMAT, "2026/11/21 10:00:00 [error] no process");
    }
}
