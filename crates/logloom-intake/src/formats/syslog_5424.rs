//! The system log protocol of RFC 5424: `<pri>1 time host app pid msgid [data] message`.
//!
//! Parameters of structured data become fields under their own names, the identifier of their
//! element is left out. Refuses any other version than 1 and structured data that is not closed.

use super::escape;
use super::scan::Scan;
use super::syslog::{priority, severity};
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;
use crate::clock::Time;

pub(super) static FORMAT: Format = Format {
    name: "syslog-5424",
    certainty: 95,
    starts: Starts::Byte(b'<'),
    example: r#"<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"] An application event log entry"#,
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let priority = priority(&mut scan)?;
    scan.literal("1 ")?;
    // A `-` stands for a time that the sender did not know.
    let time = if scan.literal("- ").is_some() {
        Time::Unsettled(String::new())
    } else {
        let time = scan.time(ISO)?.settle(defaults);
        scan.literal(" ")?;
        time
    };
    let host = scan.until(" ")?;
    let app = scan.until(" ")?;
    let pid = scan.until(" ")?;
    let message_id = scan.until(" ")?;
    let data = data(&mut scan)?;
    let message = scan.message();
    let message = message.strip_prefix('\u{feff}').unwrap_or(message);
    let mut parsed = Parsed::new(time, severity(priority % 8), message)
        .module(if app == "-" { "" } else { app })
        .text("host", host)
        .number("pid", pid)
        .text("message_id", message_id)
        .number("facility", &(priority / 8).to_string());
    for (name, value) in data {
        parsed = parsed.text(name, &value);
    }
    Some(parsed.unwrapped(app, defaults))
}

/// `-`, or elements `[id name="value" ...]` in a row.
fn data<'a>(scan: &mut Scan<'a>) -> Option<Vec<(&'a str, String)>> {
    let mut found = Vec::new();
    if scan.literal("-").is_some() {
        return Some(found);
    }
    while scan.literal("[").is_some() {
        scan.take(|character| !matches!(character, ' ' | ']' | '=' | '"'))?;
        while scan.literal(" ").is_some() {
            let name = scan.take(|character| !matches!(character, ' ' | ']' | '=' | '"'))?;
            scan.literal("=")?;
            found.push((name, escape::of_structured_data(scan.raw_quoted()?)));
        }
        scan.literal("]")?;
        if !scan.rest().starts_with('[') {
            return Some(found);
        }
    }
    None
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
            "2003-10-11T22:14:15.003Z INFO evntslog: An application event log entry \
             {host='mymachine.example.com' message_id='ID47' facility=20 iut='3' \
             eventSource='Application' eventID='1011'}",
        );
        check(
            &FORMAT,
            "<34>1 2003-10-11T22:14:15.003Z mymachine su 77 ID47 - \u{feff}'su root' failed",
            "2003-10-11T22:14:15.003Z FATAL su: 'su root' failed \
             {host='mymachine' pid=77 message_id='ID47' facility=4}",
        );
        check(
            &FORMAT,
            r#"<34>1 - - - - - [a b="c\"d]"][e]"#,
            "- FATAL :  {facility=4 b='c\"d]' time_source='arrival'}",
        );
        refuses(&FORMAT, "<34>2 2003-10-11T22:14:15.003Z h a p m - x");
        refuses(&FORMAT, r#"<34>1 2003-10-11T22:14:15.003Z h a p m [a b="c x"#);
    }
}
