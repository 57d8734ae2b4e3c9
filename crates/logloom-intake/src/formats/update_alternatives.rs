//! The log of update-alternatives, `/var/log/alternatives.log`: `update-alternatives time: message`.
//!
//! The zone is not written.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};

pub(super) static FORMAT: Format = Format {
    name: "update-alternatives",
    certainty: 95,
    starts: Starts::Byte(b'u'),
    example: "update-alternatives 2026-11-21 10:00:00: link group awk updated to point to /usr/bin/mawk",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.literal("update-alternatives ")?;
    let time = scan.time("Y-m-d H:M:S")?;
    scan.literal(": ")?;
    Some(Parsed::new(time.settle(defaults), None, scan.rest()).module("update-alternatives"))
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
            "2026-11-21T10:00:00.000Z INFO update-alternatives: link group awk updated to point to \
             /usr/bin/mawk",
        );
        refuses(&FORMAT, "update-alternatives: using /usr/bin/mawk to provide /usr/bin/awk");
        refuses(&FORMAT, "update-alternatives 2026-11-21 10:00:00 run");
    }
}
