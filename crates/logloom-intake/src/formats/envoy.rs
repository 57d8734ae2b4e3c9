//! Envoy's default access log: `[time] "METHOD path protocol" status flags ...`.
//!
//! Answers of 500 and above are errors, 400 and above warnings.

use super::access::status_level;
use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "envoy",
    certainty: 95,
    starts: Starts::Byte(b'['),
    example: r#"[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80""#,
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time(ISO)?;
    scan.literal("] ")?;
    let request = scan.quoted()?;
    scan.literal(" ")?;
    let mut numbers = [""; 6];
    for number in &mut numbers {
        *number = scan.until(" ")?;
    }
    let [status, flags, received, sent, duration, upstream] = numbers;
    let mut texts = [const { String::new() }; 5];
    for (place, text) in texts.iter_mut().enumerate() {
        if place > 0 {
            scan.literal(" ")?;
        }
        *text = scan.quoted()?;
    }
    let [forwarded, agent, id, authority, host] = &texts;
    let message = format!("{request} {status}");
    let parsed = Parsed::new(time.settle(defaults), Some(status_level(status)), &message);
    let parsed = parsed.request(&request);
    let parsed = parsed
        .number("status", status)
        .text("flags", flags)
        .number("bytes_received", received)
        .number("bytes", sent)
        .number("duration_ms", duration)
        .number("upstream_ms", upstream);
    Some(
        parsed
            .text("forwarded_for", forwarded)
            .text("user_agent", agent)
            .text("request_id", id)
            .text("authority", authority)
            .text("upstream", host),
    )
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
            "2016-04-15T20:17:00.310Z INFO : POST /api/v1/locations HTTP/2 204 {method='POST' \
             path='/api/v1/locations' protocol='HTTP/2' status=204 bytes_received=154 bytes=0 \
             duration_ms=226 upstream_ms=100 forwarded_for='10.0.35.28' user_agent='nsq2http' \
             request_id='cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2' authority='locations' \
             upstream='tcp://10.0.2.1:80'}",
        );
        refuses(&FORMAT, r#"[2016-04-15T20:17:00.310Z] "GET / HTTP/2" 204 -"#);
    }
}
