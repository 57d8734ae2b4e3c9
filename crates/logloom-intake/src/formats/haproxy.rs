//! HAProxy's HTTP and TCP logs, alone or as the message of a system log.
//!
//! `client [time] frontend backend/server timers status bytes ... "request"`. Answers of 500 and
//! above are errors, 400 and above warnings; a TCP connection that ended by a failure is a warning.
//! Cookies and headers are there where they are captured; what `option httpslog` puts behind the request
//! is `tls`. The zone is not written.

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
    let is_http = timers.matches('/').count() == 4;
    // Status, and two captured cookies, stand in HTTP logs only.
    let status = if is_http { scan.until(" ")? } else { "" };
    let bytes = scan.until(" ")?;
    let cookies = if is_http { [scan.until(" ")?, scan.until(" ")?] } else { [""; 2] };
    let state = scan.until(" ")?;
    let connections = scan.until(" ").filter(|counts| counts.matches('/').count() == 4)?;
    let (queues, rest) = scan.rest().split_once(' ').unwrap_or((scan.rest(), ""));
    let tail = Tail::of(rest).filter(|tail| is_http == tail.request.is_some())?;
    let request = tail.request;
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
    // With `option logasap` the bytes are those so far.
    let bytes = bytes.strip_prefix('+').unwrap_or(bytes);
    let parsed = parsed.number("status", status).number("bytes", bytes).text("state", state);
    let parsed = parsed.request(request.unwrap_or_default());
    let parsed = parsed.text("connections", connections).text("queues", queues);
    let [request_cookie, response_cookie] = cookies;
    let parsed = parsed.text("request_cookie", request_cookie);
    let parsed = parsed.text("response_cookie", response_cookie);
    let parsed = parsed.text("request_headers", tail.request_headers);
    let parsed = parsed.text("response_headers", tail.response_headers);
    Some(parsed.text("tls", tail.tls))
}

/// What stands behind the queues: `{captured} {captured} "request" tls`, each of which may be missing.
#[derive(Default)]
struct Tail<'a> {
    request_headers: &'a str,
    response_headers: &'a str,
    request: Option<&'a str>,
    tls: &'a str,
}

impl<'a> Tail<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut tail = Self::default();
        let Some(at) = text.find('"') else {
            return text.is_empty().then_some(tail);
        };
        let (captured, rest) = (text[..at].trim_end(), &text[at + 1..]);
        // A header may hold a blank, but braces end it; one alone is that of the request.
        let captured =
            captured.strip_prefix('{').map_or("", |rest| rest.strip_suffix('}').unwrap_or(rest));
        (tail.request_headers, tail.response_headers) =
            captured.split_once("} {").unwrap_or((captured, ""));
        // A request that is cut off has no quote at its end.
        let (request, tls) = rest.rsplit_once('"').unwrap_or((rest, ""));
        (tail.request, tail.tls) = (Some(request), tls.trim_start());
        Some(tail)
    }
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
             bytes=2750 state='----' method='GET' path='/index.html' protocol='HTTP/1.1' \
             connections='1/1/1/1/0' queues='0/0' request_headers='1wt.eu'}",
        );
        check(
            &FORMAT,
            r#"10.0.1.2:3 [06/Feb/2009:12:14:14.655] https~ b/s 0/0/1/2/3 200 +9 id=1 sid=2 ---- 1/1/0/0/0 0/1 {a b|c} {d} "GET / HTTP/1.1" 0/0/0/0/0 h/TLSv1.3/X"#,
            "2009-02-06T12:14:14.655Z INFO : GET / HTTP/1.1 200 {client='10.0.1.2:3' \
             frontend='https~' backend='b' server='s' timers='0/0/1/2/3' status=200 bytes=9 \
             state='----' method='GET' path='/' protocol='HTTP/1.1' connections='1/1/0/0/0' \
             queues='0/1' request_cookie='id=1' response_cookie='sid=2' \
             request_headers='a b|c' response_headers='d' tls='0/0/0/0/0 h/TLSv1.3/X'}",
        );
        check(
            &FORMAT,
            "[::1]:4 [06/Feb/2009:12:12:56.000] fnt bck/srv1 0/0/5007 212 cD 0/0/0/0/3 0/0",
            "2009-02-06T12:12:56.000Z WARN : fnt bck/srv1 cD {client='[::1]:4' frontend='fnt' \
             backend='bck' server='srv1' timers='0/0/5007' bytes=212 state='cD' \
             connections='0/0/0/0/3' queues='0/0'}",
        );
        refuses(&FORMAT, "10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1");
    }
}
