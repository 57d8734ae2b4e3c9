//! Times as text. In come nanoseconds since 1970 or the timestamp of a line; out goes the other. Text in any
//! form but `YYYY-MM-DDTHH:MM:SS[.digits]Z` is refused.

use crate::key::Day;

/// RFC 3339 in UTC with microseconds.
pub(crate) fn format(time_ns: i64) -> String {
    let day = Day::from_unix_ns(time_ns);
    let of_day = time_ns.max(0) - day.start_ns();
    let (seconds, micros) = (of_day / 1_000_000_000, of_day / 1_000 % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{day}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// The time of a timestamp; `None` when it has another form.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let mut date = date.split('-');
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mut field = |width| date.next().filter(|part: &&str| part.len() == width).filter(is_number);
    let (year, month, day) = (field(4)?, field(2)?, field(2)?);
    let day = Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut clock = clock.split(':');
    let mut part = |end: i64| {
        let part = clock.next().filter(|part| part.len() == 2).filter(is_number)?;
        part.parse::<i64>().ok().filter(|part| *part < end)
    };
    // A second beyond the 59th counts as another one for those who read lines.
    let seconds = part(24)? * 3600 + part(60)? * 60 + part(60)?;
    if clock.next().is_some() || fraction.is_empty() || !is_number(&fraction) {
        return None;
    }
    let nanos: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    day.start_ns().checked_add(seconds * 1_000_000_000)?.checked_add(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_round_trip() {
        for (ns, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_795_309_724_123_456_000, "2026-11-22T01:08:44.123456Z"),
        ] {
            assert_eq!(format(ns), text);
            assert_eq!(parse(text), Some(ns));
        }
        assert_eq!(parse("1970-01-01T00:00:01Z"), Some(1_000_000_000));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "Z",
            "TZ",
            "1970-01-01T0:0:0Z",
            "1970-01-01T00:00:00.Z",
            "1970-1-1T00:00:00Z",
            "1970-01-01T00:00:00.x0Z",
            "1970-01-01T00:61:00Z",
            "1970-01-01T24:00:00Z",
            "1970-01-01T23:59:60Z",
            "1970-01-01T+1:00:00Z",
            "1970-01-01T00:00:00:00Z",
            "1970-01-01T0000:00:0Z",
            "+970-01-01T00:00:00Z",
            "1970-01-01 00:00:00Z",
            "1970-01-01T00:00:00",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
