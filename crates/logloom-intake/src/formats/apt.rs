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

/// Keys of all other lines.
const KEYS: &[&str] = &[
    "Commandline",
    "Requested-By",
    "Comment",
    "Install",
    "Upgrade",
    "Downgrade",
    "Reinstall",
    "Remove",
    "Purge",
    "Error",
];

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let key = scan.until(": ")?;
    let time = if MOMENTS.contains(&key) {
        let time = scan.time("Y-m-d  H:M:S")?;
        scan.rest().is_empty().then(|| time.settle(defaults))?
    } else {
        KEYS.contains(&key).then_some(Time::Absent)?
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
        check(&FORMAT, "Error: Sub-process", "- ERROR : Error: Sub-process {action='error'}");
        refuses(&FORMAT, "Start-Date: 2026-11-21  10:00:00 x");
        refuses(&FORMAT, "Warning: x");
    }
}
