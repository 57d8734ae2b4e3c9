//! The zone of times that name none, as somebody sets it.

use std::fmt;

use jiff::tz::{Offset, TimeZone};

use super::zone::{self, Zone};

/// A name that is no zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownZone {
    /// The name as given.
    pub given: String,
}

impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "unknown zone {:?}: use a name such as Europe/Berlin, an offset such as +01:00, UTC, or \
             local for that of the system",
            self.given
        )
    }
}

impl std::error::Error for UnknownZone {}

/// The zone of this name: one of the time zone database, an offset, `UTC`, or `local`.
///
/// # Errors
/// Any other name, and names of a database that this machine does not have.
pub fn zone(name: &str) -> Result<TimeZone, UnknownZone> {
    let unknown = || UnknownZone { given: name.to_owned() };
    match zone::read(name) {
        (Zone::Seconds(seconds), "") => {
            let offset = Offset::from_seconds(seconds).map_err(|_| unknown())?;
            Ok(TimeZone::fixed(offset))
        }
        _ if name.eq_ignore_ascii_case("local") => Ok(TimeZone::system()),
        _ => TimeZone::get(name).map_err(|_| unknown()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::zone;

    #[test]
    fn names_and_offsets() {
        assert_eq!(zone("+01:30").unwrap().to_fixed_offset().unwrap().seconds(), 5400);
        assert_eq!(zone("-05:30").unwrap().to_fixed_offset().unwrap().seconds(), -19_800);
        assert_eq!(zone("UTC").unwrap().to_fixed_offset().unwrap().seconds(), 0);
        assert!(zone("local").is_ok());
        for name in ["Mars/Base", "", "+99:00", "../etc/passwd"] {
            let error = zone(name).unwrap_err().to_string();
            assert!(error.contains("Europe/Berlin"), "{error}");
        }
    }
}
