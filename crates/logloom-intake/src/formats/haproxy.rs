//! HAProxy's HTTP and TCP logs, alone or as the message of a system log.
//!
//! `client [time] frontend backend/server timers status bytes ... "request"`. Answers of 500 and
//! above are errors, 400 and above warnings; a TCP connection that ended by a failure is a warning.
//! The zone is not written.

use logloom_record::Level;

use super::access::status_level;
use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "haproxy",
    certainty: 96,
    starts: Starts::Any,
    example: r#"10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1""#,
    parse,
};

pub(super) fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let client = scan.word()?;
    scan.literal(" [")?;
    let time = scan.time("d/b/Y:H:M:Sf")?;
    scan.literal("] ")?;
    let frontend = scan.until(" ")?;
    let (backend, server) = scan.until(" ")?.split_once('/')?;
    let timers = scan.until(" ").filter(|timers| timers.contains('/'))?;
    let mut words = scan.rest().split(' ');
    let is_http = timers.matches('/').count() == 4;
    let status = if is_http { words.next()? } else { "" };
    let bytes = words.next()?;
    // Two captured cookies stand before the state of the session in HTTP logs only.
    let state = if is_http { words.nth(2)? } else { words.next()? };
    let request = is_http.then(|| scan.rest().split_once('"')).flatten().map(|(_, rest)| rest);
    let request = request.map(|rest| rest.strip_suffix('"').unwrap_or(rest));
    let message = match request {
        Some(request) => format!("{request} {status}"),
        None => format!("{frontend} {backend}/{server} {state}"),
    };
    let level = match status {
        "" if !state.starts_with("--") => Level::Warn,
        status => status_level(status),
    };
    let parsed = Parsed::new(time.settle(defaults), Some(level), &message)
        .text("client", client)
        .text("frontend", frontend)
        .text("backend", backend)
        .text("server", server)
        .text("timers", timers);
    let parsed = parsed.number("status", status).number("bytes", bytes).text("state", state);
    Some(parsed.request(request.unwrap_or_default()))
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
            "2009-02-06T12:14:14.655Z INFO : GET /index.html HTTP/1.1 200 {client='10.0.1.2:33317' \
             frontend='http-in' backend='static' server='srv1' timers='10/0/30/69/109' status=200 \
             bytes=2750 state='----' method='GET' path='/index.html' protocol='HTTP/1.1'}",
        );
        check(
            &FORMAT,
            "[::1]:4 [06/Feb/2009:12:12:56.000] fnt bck/srv1 0/0/5007 212 cD 0/0/0/0/3 0/0",
            "2009-02-06T12:12:56.000Z WARN : fnt bck/srv1 cD {client='[::1]:4' frontend='fnt' \
             backend='bck' server='srv1' timers='0/0/5007' bytes=212 state='cD'}",
        );
        refuses(&FORMAT, "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1");
    }
}
