//! The audit log of Linux: `type=TYPE msg=audit(seconds:serial): key=value ...`.
//!
//! The type is the module; what follows the head is the message, whole, since its keys differ from
//! type to type.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::epoch;

pub(super) static FORMAT: Format = Format {
    name: "audit",
    certainty: 98,
    starts: Starts::Any,
    example: "type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 success=no exit=-13",
    parse,
};

fn parse(line: &str, _: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let node = if scan.literal("node=").is_some() { scan.until(" ")? } else { "" };
    scan.literal("type=")?;
    let kind = scan.until(" ")?;
    scan.literal("msg=audit(")?;
    let (time, serial) = scan.until("):")?.split_once(':')?;
    let message = scan.message();
    let parsed = Parsed::new(epoch(time)?, None, message).module(kind);
    Some(parsed.number("serial", serial).text("host", node))
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
            "2013-03-28T14:36:03.243Z INFO SYSCALL: arch=c000003e syscall=2 success=no exit=-13 \
             {serial=24287}",
        );
        check(
            &FORMAT,
            "node=web type=CWD msg=audit(1364481363.243:24287):  cwd=\"/home\"",
            "2013-03-28T14:36:03.243Z INFO CWD:  cwd=\"/home\" {serial=24287 host='web'}",
        );
        refuses(&FORMAT, "type=CWD msg=audit(now:1): x");
    }
}
