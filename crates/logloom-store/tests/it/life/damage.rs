//! Compressed files that are damaged or cut: the rest of them is read, and what is missing is told.

use std::process::Command;
use std::time::Duration;

use logloom_store::read::{FileReader, Follow, Order, Start};
use logloom_store::{Codec, Directory, Warning};
use proptest::prelude::*;

use super::{House, compressing, keep, lines};

const NAME: &str = "2026-11-10.jsonl";
const COUNT: u64 = 10_000;

/// A compressed file of several members, as its bytes.
fn packed(codec: Codec) -> (House, Vec<u8>, Vec<u8>) {
    let (house, text) = House::with_lines(NAME, COUNT);
    keep(&house.open(), &compressing(codec));
    let bytes = std::fs::read(house.path(&packed_name(codec))).unwrap();
    (house, text, bytes)
}

fn packed_name(codec: Codec) -> String {
    format!("{NAME}{}", codec.suffix())
}

/// Where the members begin.
fn starts(codec: Codec, bytes: &[u8]) -> Vec<usize> {
    let wanted: &[u8] = match codec {
        Codec::Gzip => b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x44\0LL",
        Codec::Zstd => b"\x5a\x2a\x4d\x18\x44\0\0\0LLJ",
    };
    let all = bytes.windows(wanted.len()).enumerate();
    all.filter(|(_, window)| *window == wanted).map(|(at, _)| at).collect()
}

/// The lines that a follower gives, and how many places it passed over.
fn follow(directory: &Directory) -> (Vec<u8>, u64) {
    let mut follow = Follow::new(directory, Start::Beginning).unwrap();
    let mut text = Vec::new();
    while let Some(batch) = follow.next_batch(Duration::ZERO).unwrap() {
        text.extend_from_slice(&batch.bytes);
    }
    (text, follow.damaged())
}

fn open(directory: &Directory) -> FileReader {
    let file = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
    directory.open_file(&file).unwrap().unwrap()
}

#[test]
fn a_damaged_member_costs_its_own_lines() {
    for codec in Codec::ALL {
        let (house, text, bytes) = packed(codec);
        let starts = starts(codec, &bytes);
        assert!(starts.len() > 3);
        for place in [starts[1] + 200, starts[1] + 3, starts[2] - 7] {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0x55;
            std::fs::write(house.path(&packed_name(codec)), &damaged).unwrap();
            let (read, passed) = follow(&house.reader());
            assert_eq!(passed, 1, "{codec:?} {place}");
            let lost = text.len() - read.len();
            assert!((200_000..=262_144).contains(&lost), "{lost}");
            let alike = read.iter().zip(&text).take_while(|(a, b)| a == b).count();
            let head = 1 + text[..alike].iter().rposition(|byte| *byte == b'\n').unwrap();
            assert!(text.ends_with(&read[head..]), "the rest is whole");
            let reader = open(&house.reader());
            let mut over = vec![1; text.len()];
            assert_eq!(reader.read_over(&mut over, 0).unwrap(), text.len());
            let damage = reader.damage();
            let [one] = &damage[..] else { panic!("{damage:?}") };
            let (start, end) = (one.offset as usize, (one.offset + one.length) as usize);
            assert_eq!((start, end - start), (head, lost));
            assert_eq!((&over[..start], &over[end..]), (&text[..start], &text[end..]));
            assert!(reader.is_filled(start as u64) && !reader.is_filled(end as u64));
            assert!(over[start..end - 1].iter().all(|byte| *byte == 0) && over[end - 1] == b'\n');
        }
    }
}

#[test]
fn a_file_cut_at_any_place_gives_its_whole_members() {
    for codec in Codec::ALL {
        let (house, text, bytes) = packed(codec);
        let starts = starts(codec, &bytes);
        for cut in [starts[2], starts[2] + 1, starts[2] + 79, starts[2] + 90, bytes.len() - 1] {
            std::fs::write(house.path(&packed_name(codec)), &bytes[..cut]).unwrap();
            let (read, passed) = follow(&house.reader());
            assert_eq!(passed, 1, "{codec:?} {cut}");
            assert!(!read.is_empty() && text.starts_with(&read) && read.ends_with(b"\n"));
            let reader = open(&house.reader());
            let mut over = vec![1; text.len()];
            assert_eq!(reader.read_over(&mut over, 0).unwrap(), text.len());
            assert!(!reader.damage().is_empty());
        }
    }
}

#[test]
fn a_foreign_file_that_is_cut_gives_its_good_part() {
    let house = House::new();
    let text = lines(COUNT);
    std::fs::write(house.path("x"), &text).unwrap();
    assert!(Command::new("gzip").arg(house.path("x")).status().unwrap().success());
    let bytes = std::fs::read(house.path("x.gz")).unwrap();
    std::fs::remove_file(house.path("x.gz")).unwrap();
    std::fs::write(house.path(&packed_name(Codec::Gzip)), &bytes[..bytes.len() / 2]).unwrap();
    let directory = house.open();
    let warnings = directory.warnings();
    assert!(warnings.iter().any(|one| matches!(one, Warning::Damaged { .. })), "{warnings:?}");
    let (read, _) = follow(&directory);
    assert!(read.len() > 100_000 && text.starts_with(&read) && read.ends_with(b"\n"));
    let reader = open(&directory);
    reader.read_over(&mut vec![0; read.len()], 0).unwrap();
    assert!(!reader.damage().is_empty(), "what lies behind the good part is told");
}

#[test]
fn files_that_are_none_are_told_and_harm_nobody() {
    let (house, text) = House::with_lines(NAME, 10);
    std::fs::write(house.path("2026-11-09.jsonl.gz"), "no gzip at all").unwrap();
    std::fs::write(house.path("2026-11-08.jsonl.gz"), "").unwrap();
    std::fs::write(house.path("2026-11-07.jsonl.zst"), [0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3]).unwrap();
    std::fs::create_dir(house.path("2026-11-06.jsonl.gz")).unwrap();
    let directory = house.open();
    assert!(!directory.warnings().is_empty());
    assert_eq!(follow(&directory), (text.clone(), 0));
    std::fs::remove_dir_all(house.path(".logloom")).unwrap();
    assert_eq!(follow(&house.reader()), (text, 0));
}

/// Heads that lie about their lengths neither take memory nor end a reader.
#[test]
fn heads_that_lie_are_passed_over() {
    let (house, text, bytes) = packed(Codec::Gzip);
    let start = starts(Codec::Gzip, &bytes)[1];
    for (at, value) in [(20, u32::MAX), (24, u32::MAX), (24, 1), (32, 7), (20, 90)] {
        let mut damaged = bytes.clone();
        damaged[start + at..][..4].copy_from_slice(&value.to_le_bytes());
        std::fs::write(house.path(&packed_name(Codec::Gzip)), &damaged).unwrap();
        let (read, passed) = follow(&house.reader());
        assert!(passed >= 1 && read.len() < text.len(), "{at} {value}");
    }
}

/// Whatever happens to the bytes, no line is given that was not there, and nothing panics or takes forever.
#[test]
fn bytes_of_any_content_give_only_lines_that_were_there() {
    for codec in Codec::ALL {
        let (house, text, bytes) = packed(codec);
        let flips = prop::collection::vec((any::<prop::sample::Index>(), 1..=u8::MAX), 0..6);
        let config = ProptestConfig::with_cases(16);
        proptest!(config, |(flips in flips, cut in any::<prop::sample::Index>(), cuts in any::<bool>())| {
            let mut damaged = bytes.clone();
            for (place, bits) in &flips {
                let place = place.index(damaged.len());
                damaged[place] ^= bits;
            }
            if cuts {
                damaged.truncate(cut.index(damaged.len()));
            }
            std::fs::write(house.path(&packed_name(codec)), &damaged).unwrap();
            let mut follow = Follow::new(&house.reader(), Start::Beginning).unwrap();
            while let Some(batch) = follow.next_batch(Duration::ZERO).unwrap() {
                let start = batch.offset as usize;
                prop_assert!(text.get(start..start + batch.bytes.len()) == Some(&batch.bytes[..]));
            }
            let mut over = vec![1; text.len()];
            prop_assert_eq!(open(&house.reader()).read_over(&mut over, 0).unwrap(), text.len());
        });
    }
}
