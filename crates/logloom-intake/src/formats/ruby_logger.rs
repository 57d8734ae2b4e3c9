//! Ruby's `Logger`: `L, [time #pid]  LEVEL -- program: message`.
//!
//! `ANY` is INFO. The zone is not written.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "ruby-logger",
    certainty: 95,
    starts: Starts::Capital,
    example: "I, [2022-05-07T17:21:46.536234 #20536]  INFO -- my_program: Program started",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    scan.take(|character| "DIWEFA".contains(character)).filter(|letter| letter.len() == 1)?;
    scan.literal(", [")?;
    let time = scan.time(ISO)?;
    scan.literal(" #")?;
    let pid = scan.digits()?;
    scan.literal("]")?;
    scan.blanks()?;
    let level = match scan.until(" -- ")? {
        "ANY" => Level::Info,
        name => Level::from_name(name)?,
    };
    let program = scan.until(":")?;
    let message = scan.message();
    let parsed = Parsed::new(time.settle(defaults), Some(level), message).module(program);
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
            "2022-05-07T17:21:46.536Z INFO my_program: Program started {pid=20536}",
        );
        check(
            &FORMAT,
            "E, [2022-05-07T17:21:46.536234 #7] ERROR -- : a: b",
            "2022-05-07T17:21:46.536Z ERROR : a: b {pid=7}",
        );
        refuses(&FORMAT, "I, [2022-05-07T17:21:46.536234 #7] hello -- : x");
    }
}
