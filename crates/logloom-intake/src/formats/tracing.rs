//! Rust's `tracing_subscriber` without colours: `time LEVEL target: message`.
//!
//! Spans before the target stay in the message. Refuses lines whose target is no path of names.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "tracing",
    certainty: 70,
    starts: Starts::Digit,
    example: "2022-02-15T18:40:14.289898Z  INFO fmt: preparing to shave yaks number_of_yaks=3",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO).filter(|_| line.as_bytes().get(10) == Some(&b'T'))?;
    scan.blanks()?;
    let level = scan.level()?;
    scan.literal(" ")?;
    let mut ahead = scan;
    let target = ahead.take(|character| character.is_alphanumeric() || matches!(character, '_' | ':'))?;
    let target = target.strip_suffix(':')?;
    let message = ahead.rest().strip_prefix(' ')?;
    Some(Parsed::new(time.settle(defaults), Some(level), message).module(target))
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
            "2022-02-15T18:40:14.289Z INFO fmt: preparing to shave yaks number_of_yaks=3",
        );
        check(
            &FORMAT,
            "2022-02-15T18:40:14.289898Z ERROR app::http: no: way",
            "2022-02-15T18:40:14.289Z ERROR app::http: no: way",
        );
        refuses(&FORMAT, "2022-02-15T18:40:14.289898Z something fmt: x");
        refuses(&FORMAT, "2022-02-15T18:40:14.289898Z INFO words without a target");
    }
}
