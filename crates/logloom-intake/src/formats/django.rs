//! Django's development server: `[dd/Mmm/yyyy HH:mm:ss] "METHOD path protocol" status bytes`.
//!
//! Answers of 500 and above are errors, 400 and above warnings. The zone is not written.

use super::access::status_level;
use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "django",
    certainty: 95,
    starts: Starts::Byte(b'['),
    example: r#"[21/Nov/2026 10:00:00] "GET /admin/ HTTP/1.1" 200 1234"#,
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time("d/b/Y H:M:S")?;
    scan.literal("] ")?;
    let request = scan.quoted()?;
    scan.literal(" ")?;
    let status = scan.digits().filter(|status| status.len() == 3)?;
    scan.literal(" ")?;
    let bytes = scan.word().filter(|_| scan.rest().is_empty())?;
    let message = format!("{request} {status}");
    let parsed = Parsed::new(time.settle(defaults), Some(status_level(status)), &message);
    let parsed = parsed.request(&request);
    Some(parsed.number("status", status).number("bytes", bytes))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            r#"[21/Nov/2026 10:00:00] "GET /x HTTP/1.1" 404 179"#,
            "2026-11-21T10:00:00.000Z WARN : GET /x HTTP/1.1 404 {method='GET' path='/x' \
             protocol='HTTP/1.1' status=404 bytes=179}",
        );
        refuses(&FORMAT, r#"[21/Nov/2026 10:00:00] "GET /x HTTP/1.1" ok"#);
    }
}
