//! The head of a member. In come counts, out go the bytes in front of the packed lines, and back. A head of
//! another version, or one whose lengths cannot be, is refused: the bytes then count as damaged.

use super::Codec;
use crate::head::slot::Tally;

/// Bytes of the description within a head.
const BODY: usize = 64;
const VERSION: u8 = 1;
/// No day file is longer (2 TiB): a head that says so lies.
const END_MAX: u64 = 1 << 41;
/// Where the checksum stands within a description.
const CHECK_AT: usize = 2;
/// The longest member, raw (256 MiB): what a reader must have memory for, whatever a head says.
pub(crate) const RAW_MAX: usize = 256 << 20;
/// Bytes in front of the packed lines, by codec.
const GZIP_HEAD: usize = 16 + BODY;
const ZSTD_HEAD: usize = 12 + BODY;
/// The longer of the two.
pub(crate) const HEAD_MAX: usize = GZIP_HEAD;
/// CRC-32 and length behind the packed lines of a gzip member.
const GZIP_TAIL: usize = 8;
// Magic, method, FEXTRA, no time, no level, unknown system; length of all fields; field `LL` and its length.
const GZIP_START: [u8; 16] =
    [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 0xff, 4 + BODY as u8, 0, b'L', b'L', BODY as u8, 0];
// A skippable frame: magic, length of what follows; `LLJ` and the version of the description.
const ZSTD_START: [u8; 12] = [0x5a, 0x2a, 0x4d, 0x18, 4 + BODY as u8, 0, 0, 0, b'L', b'L', b'J', 0];

/// What the head of a member says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    /// Bytes of the whole member in the file, head and tail included.
    pub(crate) packed: u32,
    /// Bytes of its lines.
    pub(crate) raw: u32,
    /// Where its first line stood in the file as it was written.
    pub(crate) offset: u64,
    /// What is counted of its lines.
    pub(crate) tally: Tally,
}

impl Member {
    /// Where the next member's lines stand.
    pub(crate) fn end(&self) -> u64 {
        self.offset.saturating_add(self.raw.into())
    }
}

/// The bytes with which every member of this codec begins.
pub(crate) fn signature(codec: Codec) -> &'static [u8] {
    match codec {
        Codec::Gzip => &GZIP_START,
        Codec::Zstd => &ZSTD_START,
    }
}

/// Bytes in front of and behind the packed lines.
pub(crate) fn frame(codec: Codec) -> (usize, usize) {
    match codec {
        Codec::Gzip => (GZIP_HEAD, GZIP_TAIL),
        Codec::Zstd => (ZSTD_HEAD, 0),
    }
}

/// Writes the head of a member to the start of `bytes`, which has room for it.
pub(crate) fn write_head(codec: Codec, member: &Member, bytes: &mut [u8]) {
    let start = signature(codec);
    bytes[..start.len()].copy_from_slice(start);
    let body = &mut bytes[start.len()..start.len() + BODY];
    body.fill(0);
    let mut put = |at: usize, value: &[u8]| body[at..at + value.len()].copy_from_slice(value);
    put(0, &[VERSION]);
    put(4, &member.packed.to_le_bytes());
    put(8, &member.raw.to_le_bytes());
    put(12, &saturated(member.tally.lines).to_le_bytes());
    put(16, &member.offset.to_le_bytes());
    // A range that ends before it begins: no line carries a time.
    let (first, last) = member.tally.times.unwrap_or((1, 0));
    put(24, &first.to_le_bytes());
    put(32, &last.to_le_bytes());
    for (index, count) in member.tally.levels.iter().enumerate() {
        put(40 + 4 * index, &saturated(*count).to_le_bytes());
    }
    let check = check_of(body);
    body[CHECK_AT..CHECK_AT + 2].copy_from_slice(&check);
}

/// The low half of the checksum of a description whose own place holds zeros.
fn check_of(body: &[u8]) -> [u8; 2] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&body[..CHECK_AT]);
    hasher.update(&[0, 0]);
    hasher.update(&body[CHECK_AT + 2..]);
    (hasher.finalize() as u16).to_le_bytes()
}

/// The head that `bytes` begin with; `None` when they begin with none.
pub(crate) fn read_head(codec: Codec, bytes: &[u8]) -> Option<Member> {
    let body = bytes.strip_prefix(signature(codec))?.get(..BODY)?;
    let (head, tail) = frame(codec);
    let tally = Tally {
        lines: u32_at(body, 12).into(),
        levels: std::array::from_fn(|index| u32_at(body, 40 + 4 * index).into()),
        times: Some((i64_at(body, 24), i64_at(body, 32))).filter(|(first, last)| first <= last),
    };
    let member =
        Member { packed: u32_at(body, 4), raw: u32_at(body, 8), offset: u64_at(body, 16), tally };
    let is_possible = body[0] == VERSION
        && body[CHECK_AT..CHECK_AT + 2] == check_of(body)
        && (1..=RAW_MAX).contains(&(member.raw as usize))
        && member.packed as usize > head + tail
        && member.end() <= END_MAX;
    is_possible.then_some(member)
}

// No member has so many lines: it is cut long before.
fn saturated(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array(bytes, at))
}

fn i64_at(bytes: &[u8], at: usize) -> i64 {
    i64::from_le_bytes(array(bytes, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_round_trip_and_others_are_refused() {
        for times in [None, Some((-5, 7)), Some((3, 3))] {
            for codec in Codec::ALL {
                let tally = Tally { lines: 9, levels: [1, 2, 3, 0, 2, 1], times };
                let member = Member { packed: 1000, raw: 262_144, offset: 1 << 40, tally };
                let mut bytes = vec![0xee; HEAD_MAX + 10];
                write_head(codec, &member, &mut bytes);
                assert_eq!(read_head(codec, &bytes), Some(member));
                let head = frame(codec).0;
                assert_eq!(bytes[head], 0xee, "the head is as long as it says");
                assert_eq!(read_head(codec, &bytes[..head - 1]), None);
                for at in 0..head {
                    let mut damaged = bytes.clone();
                    damaged[at] ^= 0x10;
                    assert_eq!(read_head(codec, &damaged), None, "damaged at {at}");
                }
            }
        }
    }
}
