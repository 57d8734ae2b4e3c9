//! Fail2ban: `time fail2ban.module         [pid]: LEVEL   message`.
//!
//! The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "fail2ban",
    certainty: 95,
    starts: Starts::Digit,
    example: "2026-11-21 10:00:00,123 fail2ban.filter         [1234]: INFO    [sshd] Found 203.0.113.7",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" ")?;
    let module = scan.logger().filter(|module| module.starts_with("fail2ban"))?;
    scan.blanks()?;
    let pid = scan.between("[", "]: ")?;
    let level = scan.level()?;
    let message = scan.rest().trim_start_matches(' ');
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(module);
    Some(parsed.number("pid", pid))
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
            "2026-11-21T10:00:00.123Z INFO fail2ban.filter: [sshd] Found 203.0.113.7 {pid=1234}",
        );
        refuses(&FORMAT, "2026-11-21 10:00:00,123 other.filter [1]: INFO x");
    }
}
