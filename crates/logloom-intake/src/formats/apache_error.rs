//! The error log of the Apache web server, 2.0 to 2.4.
//!
//! `[time] [level] message` and `[time] [module:level] [pid n:tid n] [client a:p] message`; refuses
//! lines without a level in brackets. Only the first client is taken out of the message.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "apache-error",
    certainty: 90,
    starts: Starts::Byte(b'['),
    example: "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] \
              [client 72.15.99.187] File does not exist: /usr/local/apache2/htdocs/favicon.ico",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time("a b e H:M:Sf Y")?;
    scan.literal("] ")?;
    let (module, level) = match scan.between("[", "]")?.split_once(':') {
        Some((module, level)) => (module, level),
        None => ("", ""),
    };
    let level = if level.is_empty() { plain_level(line)? } else { level_of(level)? };
    scan.literal(" ")?;
    let process = process(&mut scan);
    let client = scan.between("[client ", "] ").unwrap_or_default();
    let mut parsed = Parsed::new(time.settle(defaults), Some(level), scan.rest()).module(module);
    if let Some((pid, tid)) = process {
        parsed = parsed.number("pid", pid).number("tid", tid);
    }
    Some(parsed.text("client", client))
}

/// The second bracket where it holds a level only.
fn plain_level(line: &str) -> Option<Level> {
    let mut scan = Scan::new(line);
    scan.until("] ")?;
    level_of(scan.between("[", "]")?)
}

/// `trace1` to `trace8` are one level here.
fn level_of(name: &str) -> Option<Level> {
    Level::from_name(name.trim_end_matches(|character: char| character.is_ascii_digit()))
}

fn process<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, &'a str)> {
    let inside = scan.between("[pid ", "] ")?;
    Some(inside.split_once(":tid ").unwrap_or((inside, "")))
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
            "2011-09-09T10:42:29.902Z ERROR core: File does not exist: \
             /usr/local/apache2/htdocs/favicon.ico {pid=35708 tid=4328636416 client='72.15.99.187'}",
        );
        check(
            &FORMAT,
            "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok",
            "2005-12-04T04:47:44.000Z INFO : workerEnv.init() ok",
        );
        check(
            &FORMAT,
            "[Sun Dec 04 04:47:44 2005] [error] [client 10.0.0.1] Directory index forbidden",
            "2005-12-04T04:47:44.000Z ERROR : Directory index forbidden {client='10.0.0.1'}",
        );
        check(
            &FORMAT,
            "[Sun Dec 04 04:47:44 2005] [ssl:trace3] [pid 7] x",
            "2005-12-04T04:47:44.000Z TRACE ssl: x {pid=7}",
        );
        refuses(&FORMAT, "[Sun Dec 04 04:47:44 2005] something else");
        refuses(&FORMAT, "[Sun Dec 44 04:47:44 2005] [error] x");
    }
}
