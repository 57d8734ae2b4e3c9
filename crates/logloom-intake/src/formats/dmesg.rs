//! The ring buffer of the kernel as `dmesg` prints it: `[seconds.micros] message`.
//!
//! With `-T` the time is a date, with `-x` facility and level stand before it. Seconds since the
//! machine was started tell no time of the day, which is then that of the arrival. What stands
//! before the first colon of the message is the module where it is one word.

use logloom_record::Level;

use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::Time;

pub(super) static FORMAT: Format = Format {
    name: "dmesg",
    certainty: 75,
    starts: Starts::Any,
    example: "[    1.234567] usb 1-1: new high-speed USB device number 2 using xhci_hcd",
    parse,
};

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let decoded = decoded(&mut scan);
    scan.literal("[")?;
    let time = match scan.time("a b e H:M:S Y") {
        Some(time) => time.settle(defaults),
        None => since_start(&mut scan)?,
    };
    scan.literal("]")?;
    let message = scan.message();
    let mut ahead = Scan::new(message);
    let module = ahead.logger().filter(|_| ahead.rest().starts_with(": ")).unwrap_or_default();
    let message = if module.is_empty() { message } else { &message[module.len() + 2..] };
    let level = decoded.map(|(_, level)| level);
    // The brackets of a date are those of other programs too.
    if level.is_none() && message.starts_with('[') {
        return None;
    }
    let facility = decoded.map_or("", |(facility, _)| facility);
    Some(Parsed::new(time, level, message).module(module).text("facility", facility))
}

/// `kern  :info  : `.
fn decoded<'a>(scan: &mut Scan<'a>) -> Option<(&'a str, Level)> {
    let mut ahead = *scan;
    let facility = ahead.take(|character| character.is_ascii_alphanumeric())?;
    ahead.blanks();
    ahead.literal(":")?;
    let level = ahead.level()?;
    ahead.blanks();
    ahead.literal(": ")?;
    *scan = ahead;
    Some((facility, level))
}

fn since_start(scan: &mut Scan<'_>) -> Option<Time> {
    scan.blanks();
    let text = scan.take(|character| character == '.' || character.is_ascii_digit())?;
    let (seconds, micros) = text.split_once('.')?;
    let is_time = !seconds.is_empty() && micros.len() == 6 && !micros.contains('.');
    is_time.then(|| Time::Unsettled(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            "[    0.000000] Linux version 6.12",
            "- INFO : Linux version 6.12 {time='0.000000' time_source='arrival'}",
        );
        check(
            &FORMAT,
            "kern  :warn  : [Sat Nov 21 10:00:00 2026] ata1: slow",
            "2026-11-21T10:00:00.000Z WARN ata1: slow {facility='kern'}",
        );
        refuses(&FORMAT, "[1.5] x");
        refuses(&FORMAT, "[Sat Nov 21 10:00:00 2026] [error] x");
    }
}
