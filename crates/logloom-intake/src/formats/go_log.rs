//! Go's package `log` with its default flags: `yyyy/MM/dd HH:mm:ss message`.
//!
//! The file that the flag `Lshortfile` adds becomes the module; slog's default handler adds a
//! level. The zone is not written.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "go-log",
    certainty: 55,
    starts: Starts::Digit,
    example: "2009/01/23 01:23:23.123123 main.go:23: listening on :8080",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time("Y/m/d H:M:Sf")?;
    scan.literal(" ")?;
    let place = place(&mut scan);
    let level = level(&mut scan);
    let parsed = Parsed::new(time.settle(defaults), level, scan.rest());
    let Some((file, line_number)) = place else { return Some(parsed) };
    Some(parsed.module(file).number("line", line_number))
}

/// `path/file.go:23: `.
fn place<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, &'a str)> {
    let mut ahead = *scan;
    let place = ahead.until(": ")?;
    let (file, number) = place.rsplit_once(':')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || !file.ends_with(".go") {
        return None;
    }
    *scan = ahead;
    Some((file, number))
}

/// The four names of slog, which begin the message.
fn level(scan: &mut Scan<'_>) -> Option<Level> {
    ["DEBUG ", "INFO ", "WARN ", "ERROR "].into_iter().find_map(|name| {
        scan.literal(name)?;
        Level::from_name(name.trim_end())
    })
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
            "2009-01-23T01:23:23.123Z INFO main.go: listening on :8080 {line=23}",
        );
        check(
            &FORMAT,
            "2022/11/08 15:28:26 ERROR oops: it broke count=3",
            "2022-11-08T15:28:26.000Z ERROR : oops: it broke count=3",
        );
        check(&FORMAT, "2022/11/08 15:28:26 hello", "2022-11-08T15:28:26.000Z INFO : hello");
        refuses(&FORMAT, "2022/11/38 15:28:26 hello");
        refuses(&FORMAT, "22/11/08 15:28:26 hello");
    }
}
