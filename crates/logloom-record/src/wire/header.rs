//! The 16 bytes before every record, and the two records that carry no data: end of a lap and
//! change of thread. Lengths that cannot be come back as `None`.

use super::Encoder;

/// Bytes before the body.
pub const HEADER_LEN: usize = 16;
/// Greatest length of a record with its header, in bytes, that the 24 bits can say.
pub const LENGTH_MAX: usize = (1 << 24) - 8;
/// Default limit of a record with its header, in bytes (1 MiB).
pub const RECORD_LIMIT: usize = 1 << 20;

/// A context block follows.
pub const CONTEXT: u8 = 1;
/// The message follows as a text value.
pub const MESSAGE: u8 = 2;
/// Keyed values stand at the end.
pub const KEYED: u8 = 4;
/// Something of the record was cut.
pub const TRUNCATED: u8 = 8;
/// The record's own time follows; it counts instead of the ticks.
pub const OWN_TIME: u8 = 16;
/// The source position follows.
pub const SOURCE: u8 = 32;
/// The record came from outside; service, trace and the like may stand among its keyed values.
pub const FOREIGN: u8 = 64;
/// No record: see [`SITE_LAP_END`] and [`SITE_THREAD`].
pub const CONTROL: u8 = 128;

/// The site stands in the record itself.
pub const SITE_INLINE: u32 = 0;
/// Control record: skip to the end of the lap.
pub const SITE_LAP_END: u32 = 0xFFFF_FFFF;
/// Control record: the records that follow are of another thread.
pub const SITE_THREAD: u32 = 0xFFFF_FFFE;

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whole length in bytes, header and padding included; a multiple of 8.
    pub length: u32,
    /// Flags, see the constants beside this type.
    pub flags: u8,
    /// Number of the call site in the dictionary, 0 for an inline one.
    pub site: u32,
    /// Clock ticks at the call.
    pub ticks: u64,
}

impl Header {
    /// The 16 bytes of the header.
    #[inline(always)]
    pub const fn to_bytes(self) -> [u8; HEADER_LEN] {
        let low = self.first_word() as u128 | (self.ticks as u128) << 64;
        low.to_le_bytes()
    }

    /// The first eight bytes as one number, for a ring that publishes them in one store.
    #[inline(always)]
    pub const fn first_word(self) -> u64 {
        let length_and_flags = (self.length & 0x00FF_FFFF) | (self.flags as u32) << 24;
        length_and_flags as u64 | (self.site as u64) << 32
    }

    /// Reads a header. `None` when bytes are missing or the length is no multiple of 8 of at
    /// least 16.
    #[inline]
    pub fn from_bytes(bytes: &[u8]) -> Option<Header> {
        let bytes = bytes.first_chunk::<HEADER_LEN>()?;
        let all = u128::from_le_bytes(*bytes);
        let header = Header {
            length: (all as u32) & 0x00FF_FFFF,
            flags: (all >> 24) as u8,
            site: (all >> 32) as u32,
            ticks: (all >> 64) as u64,
        };
        let is_possible = header.length as usize >= HEADER_LEN && header.length.is_multiple_of(8);
        is_possible.then_some(header)
    }

    /// Whether a flag is set.
    #[inline(always)]
    pub const fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// A length rounded up to the next multiple of 8.
#[inline(always)]
pub const fn padded(length: usize) -> usize {
    (length + 7) & !7
}

/// Writes the control record that fills the rest of a lap; `length` is that rest in bytes, a
/// multiple of 8. A rest of 8 bytes holds the first half of the header only.
pub fn encode_lap_end(length: u32, out: &mut Encoder<'_>) {
    let header = Header { length, flags: CONTROL, site: SITE_LAP_END, ticks: 0 };
    out.put(header.first_word().to_le_bytes());
}

/// Writes the control record that says which thread wrote what follows, at most 32 bytes of name.
/// Returns its length.
pub fn encode_thread_marker(thread: u64, name: &str, ticks: u64, out: &mut Encoder<'_>) -> usize {
    let name = super::encoder::cut_at(name, 32);
    let length = padded(HEADER_LEN + 8 + 2 + name.len());
    let header = Header { length: length as u32, flags: CONTROL, site: SITE_THREAD, ticks };
    out.put(header.to_bytes());
    out.put(thread.to_le_bytes());
    out.put((name.len() as u16).to_le_bytes());
    out.raw(name.as_bytes());
    out.zeros(length - HEADER_LEN - 10 - name.len());
    length
}

/// Reads a thread marker from a whole control record: the thread's number and the bytes of its
/// name. `None` when it is none or is damaged.
pub fn thread_marker(record: &[u8]) -> Option<(u64, &[u8])> {
    let header = Header::from_bytes(record)?;
    if !header.has(CONTROL) || header.site != SITE_THREAD {
        return None;
    }
    let mut reader = super::decode::Reader::new(record.get(HEADER_LEN..header.length as usize)?);
    let thread = reader.u64().ok()?;
    let name = reader.short_bytes().ok()?;
    Some((thread, name))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_header_comes_back() {
        let header = Header { length: 0x00AB_CDE8, flags: 0x55, site: 7, ticks: u64::MAX - 1 };
        assert_eq!(Header::from_bytes(&header.to_bytes()), Some(header));
        assert_eq!(header.to_bytes()[..8], header.first_word().to_le_bytes());
        assert_eq!(Header::from_bytes(&[0; 16]), None);
        assert_eq!(Header::from_bytes(&[16; 15]), None);
        assert_eq!(Header::from_bytes(&Header { length: 20, ..header }.to_bytes()), None);
    }

    #[test]
    fn a_thread_marker_comes_back_and_its_name_is_short() {
        let mut bytes = [0xAA; 64];
        let mut out = Encoder::new(&mut bytes);
        let length = encode_thread_marker(42, &"é".repeat(20), 9, &mut out);
        assert_eq!((out.written(), out.overflowed()), (length, false));
        let (thread, name) = thread_marker(&bytes[..length]).unwrap();
        assert_eq!((thread, name), (42, "é".repeat(16).as_bytes()));
        assert_eq!(thread_marker(&bytes[..length - 1]), None);
    }

    #[test]
    fn the_end_of_a_lap_needs_eight_bytes() {
        let mut bytes = [0; 8];
        let mut out = Encoder::new(&mut bytes);
        encode_lap_end(8, &mut out);
        assert!(!out.overflowed());
        assert_eq!(bytes, [8, 0, 0, CONTROL, 0xFF, 0xFF, 0xFF, 0xFF]);
    }
}
