//! Lines of container runtimes (CRI): `time stream tag message`.
//!
//! The text inside is recognised again, whatever its format; the time is that of the runtime. A part
//! of a longer message (tag `P`) has the field `partial`. Refuses other streams than `stdout` and `stderr`.

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;
use crate::recognise::inside;

pub(super) static FORMAT: Format = Format {
    name: "cri",
    certainty: 95,
    starts: Starts::Digit,
    example: "2016-10-06T00:17:09.669794202Z stdout F The content of the log entry 1",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(" ")?;
    let stream = scan.until(" ").filter(|stream| matches!(*stream, "stdout" | "stderr"))?;
    let tag = scan.take(|character| character != ' ')?;
    // Tags are divided by colons; the first tells whether the message is whole.
    let first = tag.split(':').next().filter(|first| matches!(*first, "F" | "P"))?;
    let message = scan.message();
    let time = time.settle(defaults);
    let parsed = Parsed::around(inside(message, defaults), time).text("stream", stream);
    Some(if first == "P" { parsed.text("partial", "yes") } else { parsed })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::{Defaults, FORMAT};

    #[test]
    fn lines() {
        check(
            &FORMAT,
            FORMAT.example,
            "2016-10-06T00:17:09.669Z INFO : The content of the log entry 1 {stream='stdout'}",
        );
        check(
            &FORMAT,
            "2016-10-06T02:17:09.669794202+02:00 stderr P ERROR: first half",
            "2016-10-06T00:17:09.669Z ERROR : ERROR: first half {stream='stderr' partial='yes'}",
        );
        check(
            &FORMAT,
            "2016-10-06T00:17:09.6Z stdout F ",
            "2016-10-06T00:17:09.600Z INFO :  {stream='stdout'}",
        );
        // Wrapped over and over: four are opened within the outermost, the rest stays as it is.
        let wrapper = "2016-10-06T00:17:09Z stdout F ";
        let line = format!("{}x", wrapper.repeat(34_000));
        let record = FORMAT.parse(&line, &Defaults::default()).map(|record| record.message);
        assert_eq!(record, Some(format!("{}x", wrapper.repeat(34_000 - 5))));
        refuses(&FORMAT, "2016-10-06T00:17:09.669794202Z stdin F x");
        refuses(&FORMAT, "2016-10-06T00:17:09.669794202Z stdout X x");
    }
}
