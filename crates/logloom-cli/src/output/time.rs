//! Times as people read them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use logloom_ring::clock::real_time;

/// How much of a time is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// Date and time, to the millisecond.
    Date,
    /// Time of the day, to the millisecond; of a record that is not of today the date, with the minute if it is of
    /// this year.
    Time,
}

/// Shows times in one zone.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    zone: TimeZone,
    is_utc: bool,
    stamp: Stamp,
}

impl Clock {
    /// Local time, or UTC.
    pub(crate) fn new(is_utc: bool, stamp: Stamp) -> Self {
        Self::in_zone(if is_utc { TimeZone::UTC } else { TimeZone::system() }, is_utc, stamp)
    }

    /// The time of a zone; that of UTC is marked where it was asked for.
    pub(crate) fn in_zone(zone: TimeZone, is_utc: bool, stamp: Stamp) -> Self {
        Self { zone, is_utc, stamp }
    }

    /// A moment, given in nanoseconds since 1970.
    pub(crate) fn show(&self, time_ns: i64) -> String {
        self.shown(time_ns, "%.3f")
    }

    /// The moment at which a line came that named no time: marked, and to the second, which takes no more
    /// columns than a time does.
    pub(crate) fn show_arrival(&self, time_ns: i64) -> String {
        format!("~{}", self.shown(time_ns, ""))
    }

    fn shown(&self, time_ns: i64, fraction: &str) -> String {
        let Ok(moment) = Timestamp::from_nanosecond(i128::from(time_ns)) else {
            return String::from("-");
        };
        let moment = moment.to_zoned(self.zone.clone());
        let format = match self.stamp {
            Stamp::Date => format!("%Y-%m-%d %H:%M:%S{fraction}"),
            Stamp::Time if self.is_today(&moment) => format!("%H:%M:%S{fraction}"),
            Stamp::Time if self.is_this_year(&moment) => "%m-%d %H:%M".to_owned(),
            Stamp::Time => return moment.strftime("%Y-%m-%d").to_string(),
        };
        let shown = moment.strftime(&format).to_string();
        if self.is_utc { shown + "Z" } else { shown }
    }

    /// A moment in a form of `strftime`; `-` where it is outside of the calendar.
    pub(crate) fn formatted(&self, time_ns: i64, format: &str) -> String {
        match Timestamp::from_nanosecond(i128::from(time_ns)) {
            Ok(moment) => moment.to_zoned(self.zone.clone()).strftime(format).to_string(),
            Err(_) => String::from("-"),
        }
    }

    /// How far the zone is ahead of UTC at a moment, in nanoseconds.
    pub(crate) fn offset_ns(&self, time_ns: i64) -> i64 {
        let moment = Timestamp::from_nanosecond(i128::from(time_ns));
        let offset = moment.map(|moment| self.zone.to_offset(moment).seconds());
        i64::from(offset.unwrap_or(0)) * 1_000_000_000
    }

    fn is_today(&self, moment: &Zoned) -> bool {
        self.now().is_some_and(|now| now.date() == moment.date())
    }

    fn is_this_year(&self, moment: &Zoned) -> bool {
        self.now().is_some_and(|now| now.year() == moment.year())
    }

    fn now(&self) -> Option<Zoned> {
        let now = Timestamp::from_nanosecond(i128::from(real_time())).ok()?;
        Some(now.to_zoned(self.zone.clone()))
    }

    /// Columns that a time takes.
    pub(crate) fn width(&self) -> usize {
        let width = match self.stamp {
            Stamp::Date => 23,
            Stamp::Time => 12,
        };
        width + usize::from(self.is_utc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_kept() {
        let clock = Clock::new(true, Stamp::Date);
        assert_eq!(clock.show(0).len(), clock.width());
        let clock = Clock::new(true, Stamp::Time);
        assert_eq!(clock.show(real_time()).len(), clock.width());
        assert_eq!(clock.show(0), "1970-01-01", "not of today");
        assert_eq!(clock.show_arrival(0), "~1970-01-01");
        let arrival = clock.show_arrival(real_time());
        assert!(arrival.starts_with('~') && arrival.len() <= clock.width(), "{arrival}");
        assert_eq!(
            Clock::new(true, Stamp::Date).show(1_795_255_200_123_456_789),
            "2026-11-21 10:00:00.123Z"
        );
    }
}
