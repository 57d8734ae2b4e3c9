//! The log of dpkg: `time action package version version`.
//!
//! Takes the actions that dpkg writes and nothing else. The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "dpkg",
    certainty: 90,
    starts: Starts::Digit,
    example: "2026-11-21 10:00:00 status installed libc6:amd64 2.41-12",
    parse,
};

const ACTIONS: &[&str] = &[
    "startup",
    "status",
    "install",
    "upgrade",
    "configure",
    "trigproc",
    "disappear",
    "remove",
    "purge",
    "conffile",
];

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time("Y-m-d H:M:S")?;
    scan.literal(" ")?;
    let message = scan.rest();
    let words: Vec<&str> = message.split(' ').collect();
    let action = words.first().filter(|action| ACTIONS.contains(action))?;
    let parsed = Parsed::new(time.settle(defaults), None, message).text("action", action);
    Some(match words[1..] {
        [state, package, version] if *action == "status" => {
            parsed.text("state", state).text("package", package).text("version", version)
        }
        [package, old, new] if !matches!(*action, "conffile" | "startup") => {
            parsed.text("package", package).text("old_version", old).text("new_version", new)
        }
        _ if matches!(*action, "conffile" | "startup") => parsed,
        _ => return None,
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
            "2026-11-21T10:00:00.000Z INFO : status installed libc6:amd64 2.41-12 \
             {action='status' state='installed' package='libc6:amd64' version='2.41-12'}",
        );
        check(
            &FORMAT,
            "2026-11-21 10:00:00 upgrade tar:amd64 1.34 1.35",
            "2026-11-21T10:00:00.000Z INFO : upgrade tar:amd64 1.34 1.35 {action='upgrade' \
             package='tar:amd64' old_version='1.34' new_version='1.35'}",
        );
        check(
            &FORMAT,
            "2026-11-21 10:00:00 startup archives unpack",
            "2026-11-21T10:00:00.000Z INFO : startup archives unpack {action='startup'}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00 install the program now please");
        refuses(&FORMAT, "2026-11-21 10:00:00 hello a b");
    }
}
