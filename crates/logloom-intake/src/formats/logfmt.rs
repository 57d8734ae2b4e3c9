//! logfmt, as Go's slog and logrus write it: `time=... level=info msg="..." key=value`.
//!
//! Takes a line only when every part of it is a pair and one of them is a level or a message under
//! a usual name. Values in quotes lose them and their escapes; numbers become numbers.

use logloom_record::{Level, time::parse_timestamp};

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::Time;
use crate::clock::{Civil, ISO};

pub(super) static FORMAT: Format = Format {
    name: "logfmt",
    certainty: 90,
    starts: Starts::Any,
    example: r#"time=2022-11-08T15:28:26.000Z level=INFO msg="hello, world" count=3 user=gopher"#,
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let pairs = pairs(line)?;
    let mut parsed = Parsed::new(Time::Absent, None, "");
    let mut is_log = false;
    for (name, value) in pairs {
        match name {
            "time" | "ts" | "timestamp" | "t" if parsed.time == Time::Absent => {
                parsed.time = time(&value, defaults);
            }
            "level" | "lvl" | "severity" if parsed.level.is_none() => {
                let level = Level::from_name(&value);
                is_log |= level.is_some();
                parsed.level = level;
                if level.is_none() {
                    parsed = parsed.text(name, &value);
                }
            }
            "msg" | "message" if parsed.message.is_empty() => {
                is_log = true;
                parsed.message = value;
            }
            "logger" | "module" | "component" | "caller" if parsed.module.is_none() => {
                parsed = parsed.module(&value);
            }
            _ => parsed = parsed.number(name, &value),
        }
    }
    is_log.then_some(parsed)
}

fn time(value: &str, defaults: &Defaults) -> Time {
    match Civil::read(value, ISO) {
        Some((civil, "")) => civil.settle(defaults),
        _ => parse_timestamp(value).map_or_else(|| Time::Unsettled(value.to_owned()), Time::Known),
    }
}

/// All pairs; `None` as soon as something is no pair.
fn pairs(line: &str) -> Option<Vec<(&str, String)>> {
    let mut scan = Scan::new(line.trim_end());
    let mut pairs = Vec::new();
    loop {
        let name = scan.take(|character| !matches!(character, ' ' | '=' | '"' | '\t'))?;
        scan.literal("=")?;
        let value = if scan.rest().starts_with('"') {
            scan.quoted()?
        } else {
            scan.take(|character| character != ' ' && character != '"')
                .unwrap_or_default()
                .to_owned()
        };
        pairs.push((name, value));
        if scan.rest().is_empty() {
            return Some(pairs);
        }
        scan.blanks()?;
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
            "2022-11-08T15:28:26.000Z INFO : hello, world {count=3 user='gopher'}",
        );
        check(
            &FORMAT,
            r#"time="2015-03-26T01:27:38-04:00" level=fatal msg="The \"ice\" breaks!" err="x=y" f=1.5"#,
            "2015-03-26T05:27:38.000Z FATAL : The \"ice\" breaks! {err='x=y' f=1.5}",
        );
        check(
            &FORMAT,
            "ts=soon level=loud msg=x a=",
            "- INFO : x {level='loud' time='soon' time_source='arrival'}",
        );
        refuses(&FORMAT, "a=b c=d");
        refuses(&FORMAT, "level=info and then words");
        refuses(&FORMAT, r#"msg="never closed"#);
    }
}
