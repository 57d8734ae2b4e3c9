//! PHP's Monolog and Laravel: `[time] channel.LEVEL: message context extra`.
//!
//! Context and extra stay in the message, but for the empty ones at its end.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "monolog",
    certainty: 95,
    starts: Starts::Byte(b'['),
    example: r#"[2026-11-21T10:00:00.123456+00:00] app.WARNING: Foo {"user":7} []"#,
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("[")?;
    let time = scan.time(ISO)?;
    scan.literal("] ")?;
    let channel = scan.take(|character| !" .:".contains(character))?;
    scan.literal(".")?;
    let level = scan.level()?;
    scan.literal(": ")?;
    let message = [" []", " []"]
        .into_iter()
        .fold(scan.rest().trim_end(), |text, empty| text.strip_suffix(empty).unwrap_or(text));
    Some(Parsed::new(time.settle(defaults), Some(level), message).module(channel))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(&FORMAT, FORMAT.example, r#"2026-11-21T10:00:00.123Z WARN app: Foo {"user":7}"#);
        check(
            &FORMAT,
            "[2026-11-21 10:00:00] local.ERROR: no such table [] []",
            "2026-11-21T10:00:00.000Z ERROR local: no such table",
        );
        refuses(&FORMAT, "[2026-11-21 10:00:00] local: x");
    }
}
