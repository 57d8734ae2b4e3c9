//! Access logs of Apache, nginx and many others in the common and the combined format.
//!
//! The message is the request line and its status; answers of 500 and above are errors, 400 and
//! above warnings. Flask's and werkzeug's form, with a blank before the hour and no zone, and
//! Debian's `vhost_combined` are taken too. Refuses lines without a quoted request, a status and a size.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "access",
    certainty: 95,
    starts: Starts::Any,
    example: r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)""#,
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let mut client = scan.word()?;
    scan.literal(" ")?;
    // Debian's `vhost_combined` has the host and its port first.
    let mut host = "";
    if client.contains(':') && !scan.rest().starts_with("- ") && is_address(scan.rest()) {
        host = client;
        client = scan.word()?;
        scan.literal(" ")?;
    }
    scan.word()?;
    scan.literal(" ")?;
    let user = scan.until(" [")?;
    let time = scan.time("d/b/Y:H:M:Sz").or_else(|| scan.time("d/b/Y H:M:S"))?;
    scan.literal("] ")?;
    let request = scan.quoted()?;
    scan.literal(" ")?;
    let status = scan.digits().filter(|status| status.len() == 3)?;
    scan.literal(" ")?;
    let bytes = scan.word()?;
    let mut rest = [const { String::new() }; 2];
    if scan.literal(" ").is_some() && scan.rest().starts_with('"') {
        rest[0] = scan.quoted()?;
        scan.literal(" ")?;
        rest[1] = scan.quoted()?;
    }
    let message = format!("{request} {status}");
    let mut parsed = Parsed::new(time.settle(defaults), Some(status_level(status)), &message)
        .text("host", host)
        .text("client", client)
        .text("user", user);
    parsed = parsed.request(&request);
    let parsed = parsed.number("status", status).number("bytes", bytes);
    let parsed = parsed.text("referer", &rest[0]).text("user_agent", &rest[1]);
    Some(parsed.text("rest", scan.rest().trim()))
}

/// Whether the text begins with an address, as the client does where another one stands before it.
fn is_address(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or_default();
    word.parse::<std::net::IpAddr>().is_ok()
}

/// The level of a request by the status of its answer.
pub(super) fn status_level(status: &str) -> Level {
    match status.as_bytes().first() {
        Some(b'5') => Level::Error,
        Some(b'4') => Level::Warn,
        _ => Level::Info,
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
            "2000-10-10T20:55:36.000Z INFO : GET /apache_pb.gif HTTP/1.0 200 \
             {client='127.0.0.1' user='frank' method='GET' path='/apache_pb.gif' \
             protocol='HTTP/1.0' status=200 bytes=2326 \
             referer='http://www.example.com/start.html' \
             user_agent='Mozilla/4.08 [en] (Win98; I ;Nav)'}",
        );
        check(
            &FORMAT,
            r#"::1 - - [10/Oct/2000:13:55:36 +0000] "-" 408 -"#,
            "2000-10-10T13:55:36.000Z WARN : - 408 {client='::1' status=408}",
        );
        check(
            &FORMAT,
            r#"10.0.0.1 - - [10/Oct/2000:13:55:36 +0000] "GET /\"x HTTP/1.1" 502 1 "-" "-" "1.2.3.4""#,
            "2000-10-10T13:55:36.000Z ERROR : GET /\"x HTTP/1.1 502 {client='10.0.0.1' \
             method='GET' path='/\"x' protocol='HTTP/1.1' status=502 bytes=1 rest='\"1.2.3.4\"'}",
        );
        refuses(&FORMAT, r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0"#);
        refuses(&FORMAT, r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" ok 1"#);
    }
}
