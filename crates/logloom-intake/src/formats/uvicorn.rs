//! uvicorn's console: `LEVEL:     message`, the message of a request in quotes.
//!
//! The level and its colon fill ten places. The format has no time.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::Time;

pub(super) static FORMAT: Format = Format {
    name: "uvicorn",
    certainty: 65,
    starts: Starts::Capital,
    example: r#"INFO:     127.0.0.1:52414 - "GET /items HTTP/1.1" 200 OK"#,
    parse,
};

/// The width of the level, its colon and the blanks behind it.
const HEAD_BYTES: usize = 10;

fn parse(line: &str, _: &Defaults) -> Option<Parsed> {
    let (head, message) = line.split_at_checked(HEAD_BYTES)?;
    let level = match head.trim_end() {
        "TRACE:" => Level::Trace,
        "DEBUG:" => Level::Debug,
        "INFO:" => Level::Info,
        "WARNING:" => Level::Warn,
        "ERROR:" => Level::Error,
        "CRITICAL:" => Level::Fatal,
        _ => return None,
    };
    let parsed = Parsed::new(Time::Absent, Some(level), message);
    let parts = request(message).into_iter().flatten();
    Some(parts.fold(parsed, |parsed, (name, part)| parsed.number(name, part)))
}

/// Client, method, path and status of `client - "GET /path HTTP/1.1" 200 OK`.
fn request(message: &str) -> Option<[(&'static str, &str); 4]> {
    let mut scan = Scan::new(message);
    let client = scan.until(" - \"")?;
    let method = scan.until(" ")?;
    let path = scan.until(" ")?;
    scan.until("\" ")?;
    let status = scan.digits()?;
    Some([("client", client), ("method", method), ("path", path), ("status", status)])
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
            "- INFO : 127.0.0.1:52414 - \"GET /items HTTP/1.1\" 200 OK {client='127.0.0.1:52414' \
             method='GET' path='/items' status=200}",
        );
        check(
            &FORMAT,
            "WARNING:  StatReload detected changes",
            "- WARN : StatReload detected changes",
        );
        refuses(&FORMAT, "INFO: x");
        refuses(&FORMAT, "NOTE:     x");
    }
}
