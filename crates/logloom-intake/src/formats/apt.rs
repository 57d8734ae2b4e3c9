//! The logs of apt: the lines of `history.log`, and those that begin and end a run in `term.log`.
//!
//! Each line of a run is a record of its own, with its key as the field `action`; the first and the
//! last one have a time. What the programs print in `term.log` is plain text. The zone is not
//! written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::Time;

pub(super) static FORMAT: Format = Format {
    name: "apt",
    certainty: 90,
    starts: Starts::Capital,
    example: "Start-Date: 2026-11-21  10:00:00",
    parse,
};

/// Keys of lines that have a time.
const MOMENTS: &[&str] = &["Start-Date", "End-Date", "Log started", "Log ended"];

/// Keys of lines that end with something in parentheses: versions, or the number of a user.
const LISTS: &[&str] =
    &["Requested-By", "Install", "Upgrade", "Downgrade", "Reinstall", "Remove", "Purge"];

/// What every error begins with; other programs have lines of that key, too.
const ERROR: &str = "Sub-process ";

/// Whether a line of this key, without a time, is apt's.
fn is_of_apt(key: &str, rest: &str) -> bool {
    match key {
        "Commandline" | "Comment" => true,
        "Error" => rest.starts_with(ERROR),
        _ => LISTS.contains(&key) && rest.contains('(') && rest.ends_with(')'),
    }
}

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let key = scan.until(": ")?;
    let time = if MOMENTS.contains(&key) {
        let time = scan.time("Y-m-d  H:M:S")?;
        scan.rest().is_empty().then(|| time.settle(defaults))?
    } else {
        is_of_apt(key, scan.rest()).then_some(Time::Absent)?
    };
    let level = (key == "Error").then_some(logloom_record::Level::Error);
    let action = key.to_ascii_lowercase().replace(' ', "-");
    Some(Parsed::new(time, level, line).text("action", &action))
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
            "2026-11-21T10:00:00.000Z INFO : Start-Date: 2026-11-21  10:00:00 {action='start-date'}",
        );
        check(&FORMAT, "Install: a:amd64 (1)", "- INFO : Install: a:amd64 (1) {action='install'}");
        check(
            &FORMAT,
            "Error: Sub-process /usr/bin/dpkg returned an error code (1)",
            "- ERROR : Error: Sub-process /usr/bin/dpkg returned an error code (1) {action='error'}",
        );
        refuses(&FORMAT, "Error: no such address");
        refuses(&FORMAT, "Install: the program first");
        refuses(&FORMAT, "Start-Date: 2026-11-21  10:00:00 x");
        refuses(&FORMAT, "Warning: x");
    }
}
