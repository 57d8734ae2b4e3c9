//! Forms, zones, years and the ends of the range.

#![allow(clippy::unwrap_used)]

use jiff::tz::{Offset, TimeZone};
use logloom_record::time::format_rfc3339;
use proptest::prelude::*;

use super::{Civil, ISO, Pattern, SYSLOG, Time, leading, whole};
use crate::recognise::Defaults;

/// Arrival at 2026-11-21T10:00:00Z, in the zone of this many hours.
fn defaults(hours: Option<i8>) -> Defaults {
    Defaults {
        zone: hours.map(|hours| TimeZone::fixed(Offset::constant(hours))),
        arrival_ns: 1_795_255_200_000_000_000,
        ..Defaults::default()
    }
}

fn shown(time: Time) -> String {
    match time {
        Time::Known(time_ns) => format_rfc3339(time_ns, 3),
        Time::Unsettled(text) => format!("unsettled {text}"),
        Time::Absent => "absent".to_owned(),
    }
}

fn read(text: &str, pattern: Pattern, defaults: &Defaults) -> String {
    match Civil::read(text, pattern) {
        None => "refused".to_owned(),
        Some((civil, rest)) => format!("{}|{rest}", shown(civil.settle(defaults))),
    }
}

#[test]
fn patterns() {
    let check = |text: &str, pattern: Pattern, zone: Option<i8>, expect: &str| {
        assert_eq!(read(text, pattern, &defaults(zone)), expect, "{text}");
    };
    check("2026-11-21T10:00:00.5Z x", ISO, None, "2026-11-21T10:00:00.500Z| x");
    check("2026-11-21 10:00:00,5 +0100 x", ISO, None, "2026-11-21T09:00:00.500Z| x");
    check("2026-11-21 10:00:00 UTC [1]", ISO, None, "2026-11-21T10:00:00.000Z| [1]");
    check("2026-11-21 10:00:00 x", ISO, None, "unsettled 2026-11-21 10:00:00| x");
    check("2026-11-21 10:00:00 INFO", ISO, Some(1), "2026-11-21T09:00:00.000Z| INFO");
    check("2026-11-21 10:00:00 GET /", ISO, Some(1), "2026-11-21T09:00:00.000Z| GET /");
    check("2026-11-21 10:00:00 CET x", ISO, Some(0), "unsettled 2026-11-21 10:00:00 CET| x");
    check("2026-11-21 10:00:60Z", ISO, None, "2026-11-21T10:00:59.000Z|");
    check("2026-02-30 10:00:00Z x", ISO, None, "unsettled 2026-02-30 10:00:00Z| x");
    check("2026-02-32 10:00:00Z", ISO, None, "refused");
    check("2026-13-01 10:00:00Z", ISO, None, "refused");
    check("2026-11-21T24:00:00Z", ISO, None, "2026-11-22T00:00:00.000Z|");
    check("2026-12-31 24:00:00,000 x", ISO, Some(1), "2026-12-31T23:00:00.000Z| x");
    check("2026-11-21 24:00:00.5Z", ISO, None, "unsettled 2026-11-21 24:00:00.5Z|");
    check("2026-11-21 24:00:01Z", ISO, None, "refused");
    check("2026-11-21 24:01:00Z", ISO, None, "refused");
    check("Feb 30 10:00:00 host", SYSLOG, Some(0), "unsettled Feb 30 10:00:00| host");
    check("2026-11-21 10:00:00+99:00", ISO, Some(0), "2026-11-21T10:00:00.000Z|+99:00");
    check("Sun Dec 04 04:47:44 2005", "a b e H:M:S Y", Some(0), "2005-12-04T04:47:44.000Z|");
    check("081109 203615", "ymd HMS", Some(0), "2008-11-09T20:36:15.000Z|");
    check("Nov  1 10:00:00 host", SYSLOG, Some(0), "2026-11-01T10:00:00.000Z| host");
    check("Dec 31 10:00:00 host", SYSLOG, Some(0), "2025-12-31T10:00:00.000Z| host");
    check("Feb 29 10:00:00 host", SYSLOG, Some(0), "2024-02-29T10:00:00.000Z| host");
    check("Feb 29 10:00:00 host", SYSLOG, None, "unsettled Feb 29 10:00:00| host");
    check("10/Oct/2000:13:55:36 -0700]", "d/b/Y:H:M:Sz", None, "2000-10-10T20:55:36.000Z|]");
    check("\u{e9}\u{e9}\u{e9}\u{e9}", ISO, None, "refused");
    check("", ISO, None, "refused");
}

#[test]
fn the_year_is_that_of_the_source() {
    let year_2005 = Defaults { written_ns: Some(1_133_740_800_000_000_000), ..defaults(Some(0)) };
    assert_eq!(read("Jun 14 15:16:01", SYSLOG, &year_2005), "2005-06-14T15:16:01.000Z|");
    for written_ns in [i64::MIN, i64::MAX] {
        let extreme = Defaults { written_ns: Some(written_ns), ..defaults(Some(0)) };
        read("Jun 14 15:16:01", SYSLOG, &extreme);
    }
}

#[test]
fn times_beyond_the_range_are_not_settled() {
    let check = |text: &str, expect: &str| {
        for zone in [None, Some(0), Some(-12)] {
            let zone = defaults(zone);
            assert_eq!(read(text, ISO, &zone), format!("{expect}|"), "{text}");
        }
    };
    check("9999-12-31T23:59:59Z", "unsettled 9999-12-31T23:59:59Z");
    check("2262-04-11T23:47:16.854Z", "2262-04-11T23:47:16.854Z");
    check("2262-04-11T23:47:17Z", "unsettled 2262-04-11T23:47:17Z");
    check("0000-01-01T00:00:00Z", "unsettled 0000-01-01T00:00:00Z");
    check("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z");
    let berlin = Defaults { zone: TimeZone::get("Europe/Berlin").ok(), ..defaults(None) };
    assert!(read("9999-12-31T23:59:59", ISO, &berlin).starts_with("unsettled"));
    assert!(read("0000-01-01T00:00:00", ISO, &berlin).starts_with("unsettled"));
}

#[test]
fn hours_that_occur_twice_or_never() {
    let Ok(zone) = TimeZone::get("Europe/Berlin") else {
        eprintln!("skipped: this machine knows no time zones");
        return;
    };
    let berlin = Defaults { zone: Some(zone), ..defaults(None) };
    let check = |text: &str, expect: &str| assert_eq!(read(text, ISO, &berlin), expect, "{text}");
    check("2026-10-25 02:30:00", "2026-10-25T00:30:00.000Z|");
    check("2026-10-24 24:00:00", "2026-10-24T22:00:00.000Z|");
    check("2026-03-29 02:30:00", "2026-03-29T01:30:00.000Z|");
    check("2026-10-25 02:30:00 CET", "unsettled 2026-10-25 02:30:00 CET|");
    check("2026-11-21 10:00:00 CET", "2026-11-21T09:00:00.000Z|");
    check("2026-11-21 10:00:00 CEST", "unsettled 2026-11-21 10:00:00 CEST|");
}

#[test]
fn leading_times() {
    let check = |line: &str, zone: Option<i8>, expect: &str| {
        assert_eq!(shown(leading(line, &defaults(zone))), expect, "{line}");
    };
    check("2026-11-21T10:00:00Z x", None, "2026-11-21T10:00:00.000Z");
    check("[2026-11-21T11:00:00.123456+01:00] x", None, "2026-11-21T10:00:00.123Z");
    check("2026-11-21 11:00:00,536 +0100 x", None, "2026-11-21T10:00:00.536Z");
    check("2026-11-21 10:00:00,536 - INFO", None, "unsettled 2026-11-21 10:00:00,536");
    check("2026-11-21 10:00:00", Some(1), "2026-11-21T09:00:00.000Z");
    check("2026-13-41 10:00:00 x", Some(0), "absent");
    check("2026-11-21 99:00:00Z x", None, "absent");
    check("2026-11-21 10:00:00x", Some(0), "absent");
    check("9999-12-31 10:00:00 x", Some(0), "unsettled 9999-12-31 10:00:00");
    check("Nov 21 10:00:00 host sshd[1]: x", None, "unsettled Nov 21 10:00:00");
    check("Nov 21 10:00:00 host sshd[1]: x", Some(0), "2026-11-21T10:00:00.000Z");
    check("Dec 31 10:00:00 host", Some(0), "2025-12-31T10:00:00.000Z");
    check("Feb 30 10:00:00 host", Some(0), "unsettled Feb 30 10:00:00");
    check("Novel 1 10:00:00", Some(0), "absent");
    check("2026-11-21", Some(0), "absent");
    check("1795255200 x", Some(0), "absent");
    check("x", Some(0), "absent");
    check("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", Some(0), "absent");
    check("", Some(0), "absent");
}

#[test]
fn whole_texts_in_every_form() {
    let ten = "2026-11-21T10:00:00.000Z";
    for text in [
        "2026-11-21T10:00:00Z",
        "2026-11-21t10:00:00.000z",
        "2026-11-21 10:00:00,000",
        "2026-11-21 05:30:00 -0430",
        "2026-11-21T11:00:00.000+01:00[Europe/Berlin]",
        "2026/11/21 10:00:00",
        "2026.11.21 10:00:00",
        "2026-11-21_10:00:00",
        "20261121T100000Z",
        "20261121 10:00:00",
        "21.11.2026 10:00:00",
        "21/Nov/2026:10:00:00 +0000",
        "21/Nov/2026 10:00:00",
        "21-Nov-2026 10:00:00.000",
        "21 Nov 2026 10:00:00.000",
        "2026-11-21T10:00Z",
        "Nov 21 10:00:00",
        "Nov 21 2026 10:00:00.000 UTC",
        "Nov 21, 2026 10:00:00 AM",
        "Sat Nov 21 10:00:00 2026",
        "Sat Nov 21 10:00:00 UTC 2026",
        "Sat, 21 Nov 2026 10:00:00 GMT",
        "Sat, 21 Nov 2026 11:00:00 +0100",
        "Sat 2026-11-21 10:00:00 UTC",
        "1795255200",
        "1795255200.0",
        "@1795255200.000",
        "1795255200000",
        "1795255200000000",
        "1795255200000000000",
        "1.7952552e9",
    ] {
        assert_eq!(shown(whole(text, &defaults(Some(0)))), ten, "{text}");
    }
    let check = |text: &str, expect: &str| {
        assert_eq!(shown(whole(text, &defaults(Some(0)))), expect, "{text}");
    };
    check("Nov 21, 2026 12:30:00 AM", "2026-11-21T00:30:00.000Z");
    check("Nov 21, 2026 12:30:00 PM", "2026-11-21T12:30:00.000Z");
    check("1795255200.123456789", "2026-11-21T10:00:00.123Z");
    check("99999999999999999999", "unsettled 99999999999999999999");
    check("1e300", "unsettled 1e300");
    check("03/04/2026 10:00:00", "absent");
    check("2026-11-21T10:00:00Z and more", "absent");
    check("yesterday", "absent");
    check("-", "absent");
    check("", "absent");
}

proptest! {
    #[test]
    fn iso_is_read_as_its_pattern_says(
        text in "[0-9]{4}[-/\u{e9}][01][0-9]-[0-3][0-9][T t_][0-2][0-9]:[0-5][0-9]:[0-6]?[0-9]([.,][0-9]{0,10})?( ?(Z|UTC|[+-][0-9:]{2,5}|[A-Zé]{3}))?.{0,3}"
    ) {
        let shown = |found: Option<(Civil<'_>, &str)>| format!("{found:?}");
        prop_assert_eq!(shown(Civil::read_iso(&text)), shown(Civil::read_parts(&text, ISO)));
    }
}
