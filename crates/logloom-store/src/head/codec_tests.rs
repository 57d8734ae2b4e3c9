//! Slots survive the way to bytes and back; bytes of any content are read or refused, never a panic.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::head::FORMAT_VERSION_SHORT;

fn tally() -> impl Strategy<Value = Tally> {
    (any::<u64>(), any::<[u64; 6]>(), any::<Option<(i64, i64)>>())
        .prop_map(|(lines, levels, times)| Tally { lines, levels, times })
}

fn batch() -> impl Strategy<Value = BatchId> {
    (0..WRITER_SLOTS, any::<[u8; 16]>(), any::<u64>()).prop_map(|(writer, uuid, batch)| BatchId {
        writer,
        uuid,
        batch,
    })
}

fn pending(committed: u64) -> impl Strategy<Value = Pending> {
    (batch(), 0..1u64 << 40, any::<u32>(), tally()).prop_map(move |(id, length, crc32, tally)| {
        Pending { id, offset: committed, length, crc32, tally }
    })
}

fn file_slot() -> impl Strategy<Value = FileSlot> {
    let names = (1u8..=5, 0u32..2_900_000, any::<u32>(), 1u64.., any::<u64>());
    let contents = (0..1u64 << 50).prop_flat_map(|committed| {
        let pending = proptest::option::of(pending(committed));
        let codec = prop_oneof![Just(Codec::Gzip), Just(Codec::Zstd)];
        let packed = (codec, any::<u64>()).prop_map(|(codec, bytes)| Packed { codec, bytes });
        let form = (any::<i64>(), proptest::option::of(packed));
        (Just(committed), tally(), proptest::option::of(batch()), pending, form)
    });
    (names, contents).prop_map(|((code, day, split, birth, inode), contents)| {
        let (committed, tally, last, pending, (created_ns, packed)) = contents;
        let key = FileKey { day: Day::from_number(day).unwrap(), split };
        let state = state_of(code).unwrap();
        FileSlot { state, key, birth, inode, committed, tally, last, pending, created_ns, packed }
    })
}

fn value<T: Slot>(bytes: &CopyBytes) -> Option<(u64, Option<T>)> {
    match open_copy(bytes) {
        Read::Valid(generation, value) => Some((generation, value)),
        Read::Blank | Read::Bad => None,
    }
}

proptest! {
    #[test]
    fn file_slots_round_trip(slot in file_slot(), generation in 1u64..) {
        let bytes = seal_copy(generation, Some(&slot));
        prop_assert_eq!(value::<FileSlot>(&bytes), Some((generation, Some(slot))));
    }

    #[test]
    fn writers_round_trip(
        ids in any::<[[u8; 16]; 2]>(), pid in any::<u32>(), numbers in any::<[u64; 3]>(), segment_path in "[a-z/\u{e9}]{0,190}",
    ) {
        let identity = WriterIdentity {
            uuid: ids[0], boot_id: ids[1], pid, start_time: numbers[0], pid_namespace: numbers[1],
            segment_path, segment_inode: numbers[2],
        };
        let bytes = seal_copy(7, Some(&identity));
        prop_assert_eq!(value::<WriterIdentity>(&bytes), Some((7, Some(identity))));
    }

    #[test]
    fn one_flipped_bit_is_noticed(slot in file_slot(), bit in 0..COPY * 8) {
        let mut bytes = seal_copy(3, Some(&slot));
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(value::<FileSlot>(&bytes).is_none());
    }

    #[test]
    fn any_bytes_are_read_or_refused(noise in proptest::collection::vec(any::<u8>(), COPY)) {
        let mut bytes: CopyBytes = noise.try_into().unwrap();
        // A right checksum takes the noise as far as it can get.
        let crc = crc32fast::hash(&bytes[..CRC_AT]);
        put_u32(&mut bytes, CRC_AT, crc);
        let _ = (value::<FileSlot>(&bytes), value::<WriterIdentity>(&bytes));
        let _ = (value::<Catalogue>(&bytes), value::<Done>(&bytes), Header::decode(&bytes));
    }
}

#[test]
fn freed_slots_and_blank_ones_differ() {
    assert!(matches!(open_copy::<FileSlot>(&[0; COPY]), Read::Blank));
    assert_eq!(value::<FileSlot>(&seal_copy::<FileSlot>(2, None)), Some((2, None)));
}

#[test]
fn headers_of_later_versions_are_told_from_damaged_ones() {
    let header = Header { store_id: [7; 16], settings: StoreSettings::default() };
    let mut bytes = header.encode(FORMAT_VERSION_SHORT);
    assert_eq!(Header::decode(&bytes).as_ref(), Ok(&header));
    assert_eq!(Header::decode(&header.encode(FORMAT_VERSION)), Ok(header));
    put_u32(&mut bytes, 8, FORMAT_VERSION + 1);
    assert_eq!(Header::decode(&bytes), Err(HeaderFault::Damaged));
    let crc = crc32fast::hash(&bytes[..CRC_AT]);
    put_u32(&mut bytes, CRC_AT, crc);
    assert_eq!(Header::decode(&bytes), Err(HeaderFault::Newer(FORMAT_VERSION + 1)));
}
