//! Packs, unpacks, and damages in between.

#![allow(clippy::unwrap_used)]
use std::io::{Cursor, Read, Write};

use super::{Packing, UnpackError, UnpackLimits, unpack, unpack_error, zip};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut out = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn xz_with(bytes: &[u8], dictionary: u32) -> Vec<u8> {
    let mut options = lzma_rust2::XzOptions::with_preset(1);
    options.lzma_options.dict_size = dictionary;
    let mut out = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    xz_with(bytes, 1 << 20)
}

fn zstd_with(bytes: &[u8], window_log: u32) -> Vec<u8> {
    let mut out = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    out.window_log(window_log).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd_with(bytes, 20)
}

type Pack = fn(&[u8]) -> Vec<u8>;
const PACKS: [(Packing, Pack); 4] =
    [(Packing::Gzip, gzip), (Packing::Zstd, zstd), (Packing::Bzip2, bzip2), (Packing::Xz, xz)];

fn read(packed: &[u8], limits: UnpackLimits) -> (Vec<u8>, Option<UnpackError>) {
    let mut bytes = Vec::new();
    let mut reader = unpack(packed, Packing::of(packed), limits).unwrap();
    let error = reader.read_to_end(&mut bytes).err();
    (bytes, error.map(|error| unpack_error(&error).unwrap().clone()))
}

fn sample() -> Vec<u8> {
    (0..20_000).flat_map(|number| format!("line {number}\n").into_bytes()).collect()
}

#[test]
fn each_packing_is_told_and_undone() {
    for (packing, pack) in PACKS {
        let packed = pack(&sample());
        assert_eq!(Packing::of(&packed), packing);
        assert_eq!(read(&packed, UnpackLimits::default()), (sample(), None), "{packing:?}");
        let empty = pack(b"");
        assert_eq!(Packing::of(&empty), packing);
        assert_eq!(read(&empty, UnpackLimits::default()), (Vec::new(), None), "{packing:?}");
    }
    for plain in [&b""[..], b"a", b"BZhello", b"PK", b"\x1f\x8b", b"{\"a\":1}"] {
        assert_eq!(Packing::of(plain), Packing::Plain);
        assert_eq!(read(plain, UnpackLimits::default()), (plain.to_vec(), None));
    }
}

#[test]
fn several_members_are_one_file() {
    for (packing, pack) in PACKS {
        let packed = [pack(b"one\n"), pack(b""), pack(b"two")].concat();
        assert_eq!(
            read(&packed, UnpackLimits::default()),
            (b"one\ntwo".to_vec(), None),
            "{packing:?}"
        );
    }
}

#[test]
fn what_is_cut_short_gives_what_was_whole() {
    for (packing, pack) in PACKS {
        let whole = sample();
        let packed = pack(&whole);
        let (bytes, error) = read(&packed[..packed.len() - 9], UnpackLimits::default());
        assert!(whole.starts_with(&bytes), "{packing:?}");
        assert_eq!(error, Some(UnpackError::CutShort { packing }));
    }
}

/// Lines that pack badly, so that the packed bytes hold many blocks and chunks.
fn rough(count: u64) -> Vec<u8> {
    let number = |line: u64| line.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..count).flat_map(|line| format!("line {line} {:x}\n", number(line)).into_bytes()).collect()
}

#[test]
fn what_was_unpacked_before_a_damage_is_given() {
    let whole = rough(100_000);
    for (packing, pack, lost_most) in [
        (Packing::Gzip, gzip as Pack, 16 << 10),
        // A block of zstd, one of bzip2, a chunk of xz.
        (Packing::Zstd, zstd, 128 << 10),
        (Packing::Bzip2, bzip2, 900 << 10),
        (Packing::Xz, xz, 256 << 10),
    ] {
        let packed = pack(&whole);
        for cut in [packed.len() / 2, packed.len() * 9 / 10] {
            let (bytes, error) = read(&packed[..cut], UnpackLimits::default());
            assert_eq!(error, Some(UnpackError::CutShort { packing }));
            assert!(whole.starts_with(&bytes), "{packing:?}: {}", bytes.len());
            let share = whole.len() * cut / packed.len();
            assert!(bytes.len() + lost_most > share, "{packing:?}: {} of {share}", bytes.len());
        }
    }
}

#[test]
fn the_chunk_that_xz_is_cut_in_gives_its_beginning() {
    for (whole, least) in [(sample(), 60), (rough(40_000), 85)] {
        let packed = xz(&whole);
        let cut = &packed[..packed.len() * 9 / 10];
        let (mut bytes, _) = read(cut, UnpackLimits::default());
        let open = || Ok(cut);
        let position = bytes.len() as u64;
        bytes.extend(super::rest_of_cut_xz(open, position, UnpackLimits::default()).unwrap());
        let share = bytes.len() * 100 / whole.len();
        assert!((least..100).contains(&share), "{share} %");
        // A few bytes may come out alike by chance.
        assert!(whole.starts_with(&bytes[..bytes.len() - 8]), "{share} %");
    }
}

#[test]
fn a_wrong_checksum_costs_nothing() {
    let mut packed = gzip(&sample());
    let at = packed.len() - 6;
    packed[at] ^= 1;
    let (bytes, error) = read(&packed, UnpackLimits::default());
    assert_eq!(bytes, sample());
    assert!(matches!(error, Some(UnpackError::Damaged { .. })), "{error:?}");
}

#[test]
fn what_stands_behind_gzip_is_no_loss() {
    let check = |behind: &[u8], expect: Option<UnpackError>| {
        let packed = [&gzip(b"one\n"), &gzip(b"two\n"), behind].concat();
        let given = read(&packed, UnpackLimits::default());
        assert_eq!(given, (b"one\ntwo\n".to_vec(), expect), "{}", behind.len());
    };
    check(b"", None);
    check(&[0; 1], None);
    check(&[0; 200_000], None);
    let trailing = Some(UnpackError::Trailing { packing: Packing::Gzip });
    check(b"GARBAGE", trailing.clone());
    check(b"\0\0G", trailing);
    check(&gzip(b"x")[..5], Some(UnpackError::CutShort { packing: Packing::Gzip }));
}

#[test]
fn damage_is_told() {
    for (packing, pack) in PACKS {
        let mut packed = pack(&sample());
        let middle = packed.len() / 2;
        packed[middle..middle + 40].fill(0x55);
        let (_, error) = read(&packed, UnpackLimits::default());
        let is_told = matches!(
            error,
            Some(
                UnpackError::Damaged { .. }
                    | UnpackError::CutShort { .. }
                    | UnpackError::Window { .. }
            )
        );
        assert!(is_told, "{packing:?}: {error:?}");
    }
}

#[test]
fn bombs_are_stopped_by_their_ratio() {
    let zeros = vec![0; 24 << 20];
    for (packing, pack) in PACKS {
        let (bytes, error) = read(&pack(&zeros), UnpackLimits::default());
        assert!(matches!(error, Some(UnpackError::Ratio { .. })), "{packing:?}: {error:?}");
        assert!(bytes.len() < 20 << 20, "{packing:?}: {}", bytes.len());
        let generous = UnpackLimits { ratio: u64::MAX, ..UnpackLimits::default() };
        assert_eq!(read(&pack(&zeros), generous).1, None, "{packing:?}");
    }
}

#[test]
fn bombs_of_lines_are_stopped_by_their_number() {
    for end in *b"\n\r" {
        let packed = gzip(&vec![end; 12 << 20]);
        let (bytes, error) = read(&packed, UnpackLimits::default());
        assert!(matches!(error, Some(UnpackError::Lines { limit: 25, .. })), "{error:?}");
        assert!(bytes.len() < 2 << 20, "{}", bytes.len());
    }
    // Short lines that pack as logs do.
    let honest: Vec<u8> = (0..600_000).flat_map(|n| format!("{n}\r\n").into_bytes()).collect();
    assert_eq!(read(&gzip(&honest), UnpackLimits::default()).1, None);
}

#[test]
fn totals_and_windows_have_limits() {
    let limits = UnpackLimits { total: 1_000, ..UnpackLimits::default() };
    assert_eq!(read(&gzip(&[b'x'; 1_000]), limits).1, None);
    assert_eq!(read(&gzip(&[b'x'; 1_001]), limits).1, Some(UnpackError::Total { limit: 1_000 }));
    assert_eq!(read(&xz_with(b"of xz -9", 64 << 20), UnpackLimits::default()).1, None);
    let limits = UnpackLimits { window: 8 << 20, ..UnpackLimits::default() };
    // A file shorter than its window needs no more memory than itself.
    let large: Vec<u8> =
        (0..9_u32 << 18).flat_map(|n| n.wrapping_mul(0x9e37_79b9).to_le_bytes()).collect();
    for (packing, small, much) in [
        (Packing::Zstd, zstd_with(&large, 23), zstd_with(&large, 24)),
        (Packing::Xz, xz_with(b"x", 8 << 20), xz_with(b"x", 9 << 20)),
    ] {
        assert_eq!(read(&small, limits).1, None, "{packing:?}");
        let error = Some(UnpackError::Window { packing, limit: 8 << 20 });
        assert_eq!(read(&much, limits).1, error);
    }
}

/// A zip archive of these members by the methods 0 and 8, as the format's own document draws it.
fn archive(members: &[(&str, &[u8], u16)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (b"PK\x03\x04"[..0].to_vec(), Vec::new());
    for (name, content, method) in members {
        let packed = match method {
            8 => {
                let mut out =
                    flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
                out.write_all(content).unwrap();
                out.finish().unwrap()
            }
            _ => content.to_vec(),
        };
        let crc = crc32fast::hash(content);
        let mut common = Vec::new();
        for half in [20, 0, *method, 0, 0] {
            common.extend_from_slice(&u16::to_le_bytes(half));
        }
        for word in [crc, packed.len() as u32, content.len() as u32] {
            common.extend_from_slice(&word.to_le_bytes());
        }
        common.extend_from_slice(&(name.len() as u16).to_le_bytes());
        common.extend_from_slice(&[0, 0]);
        let at = bytes.len() as u32;
        bytes.extend_from_slice(b"PK\x03\x04");
        bytes.extend_from_slice(&common);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&packed);
        directory.extend_from_slice(b"PK\x01\x02\x14\x00");
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let (at, length) = (bytes.len() as u32, directory.len() as u32);
    bytes.extend_from_slice(&directory);
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        bytes.extend_from_slice(&(members.len() as u16).to_le_bytes());
    }
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&at.to_le_bytes());
    bytes.extend_from_slice(&[0, 0]);
    bytes
}

type Read1 = (String, Result<Vec<u8>, String>);

fn members(bytes: &[u8]) -> Result<Vec<Read1>, String> {
    let mut archive = zip::Archive::open(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut members = Vec::new();
    while let Some(member) = archive.next().map_err(|error| error.to_string())? {
        let mut content = Vec::new();
        let read = zip::open(Cursor::new(bytes), &member, UnpackLimits::default())
            .and_then(|mut reader| reader.read_to_end(&mut content));
        members.push((member.name, read.map(|_| content).map_err(|error| error.to_string())));
    }
    Ok(members)
}

#[test]
fn the_members_of_an_archive_come_one_after_the_other() {
    let text = sample();
    let bytes = archive(&[("a.log", b"stored\n", 0), ("logs/", b"", 0), ("logs/b.log", &text, 8)]);
    assert_eq!(Packing::of(&bytes), Packing::Zip);
    let found = members(&bytes).unwrap();
    assert_eq!(found[0], ("a.log".to_owned(), Ok(b"stored\n".to_vec())));
    assert_eq!(found[1], ("logs/".to_owned(), Ok(Vec::new())));
    assert_eq!(found[2], ("logs/b.log".to_owned(), Ok(text)));
    assert_eq!(members(&archive(&[])).unwrap(), []);
}

#[test]
fn damaged_archives_are_refused_and_never_panic() {
    let text = b"deflated ".repeat(20);
    let bytes = archive(&[("a.log", b"stored\n", 0), ("b.log", &text, 8), ("c", b"x", 99)]);
    assert!(members(&bytes).unwrap()[2].1.as_ref().unwrap_err().contains("method 99"));
    let mut wrong = bytes.clone();
    wrong[36] = b'X';
    assert!(members(&wrong).unwrap()[0].1.as_ref().unwrap_err().contains("checksum"));
    assert!(members(&bytes[..bytes.len() - 30]).unwrap_err().contains("no directory"));
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 0xff;
        let _ = members(&wrong);
        let _ = members(&bytes[..at]);
    }
}

#[test]
fn a_member_that_holds_more_than_it_says_is_stopped() {
    let bytes = archive(&[("bomb", &vec![0; 24 << 20], 8)]);
    assert!(members(&bytes).unwrap()[0].1.as_ref().unwrap_err().contains("as a bomb does"));
    let mut wrong = archive(&[("a", b"abcdef", 0)]);
    let entry = wrong.len() - 22 - 46 - 1;
    wrong[entry + 24] = 3;
    assert!(members(&wrong).unwrap()[0].1.as_ref().unwrap_err().contains("longer"));
}
