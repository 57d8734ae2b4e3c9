//! The native access log of Squid: `time elapsed client result/status bytes method url user ...`.
//!
//! The message is the method, the address and the result. Refuses lines whose result has no status.

use super::access::status_level;
use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::epoch;

pub(super) static FORMAT: Format = Format {
    name: "squid",
    certainty: 95,
    starts: Starts::Digit,
    example: "1286536308.779    180 192.168.0.224 TCP_MISS/200 411 GET \
              http://liveupdate.example.com/x.zip - DIRECT/203.0.113.7 application/zip",
    parse,
};

fn parse(line: &str, _: &Defaults) -> Option<Parsed> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let [time, elapsed, client, result, bytes, method, url, user, route, kind] = words[..] else {
        return None;
    };
    let (result, status) = result.split_once('/')?;
    let mut status_scan = Scan::new(status);
    status_scan.digits().filter(|digits| digits.len() == 3 && status_scan.rest().is_empty())?;
    elapsed.parse::<i64>().ok()?;
    let message = format!("{method} {url} {result}");
    let parsed = Parsed::new(epoch(time)?, Some(status_level(status)), &message);
    let parsed = parsed.number("elapsed_ms", elapsed).text("client", client).text("result", result);
    let parsed = parsed.number("status", status).number("bytes", bytes).text("method", method);
    Some(parsed.text("url", url).text("user", user).text("route", route).text("content_type", kind))
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
            "2010-10-08T11:11:48.779Z INFO : GET http://liveupdate.example.com/x.zip TCP_MISS \
             {elapsed_ms=180 client='192.168.0.224' result='TCP_MISS' status=200 bytes=411 \
             method='GET' url='http://liveupdate.example.com/x.zip' route='DIRECT/203.0.113.7' \
             content_type='application/zip'}",
        );
        refuses(&FORMAT, "1286536308.779 180 192.168.0.224 TCP_MISS 411 GET u - D/1 x/y");
        refuses(&FORMAT, "one two three four/200 six seven eight nine ten eleven");
    }
}
