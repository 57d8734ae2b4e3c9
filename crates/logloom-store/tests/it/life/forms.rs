//! The compressed form: the same lines at the same offsets, whoever packed or unpacked the file.

use std::process::Command;

use logloom_store::read::Order;
use logloom_store::{Codec, FileState};
use proptest::prelude::*;

use super::{House, compressing, keep, line, lines, read_all};

const NAME: &str = "2026-11-10.jsonl";

#[test]
fn a_compressed_file_reads_as_before() {
    for codec in Codec::ALL {
        let (house, text) = House::with_lines(NAME, 10_000);
        let directory = house.open();
        let before = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
        let report = keep(&directory, &compressing(codec));
        assert_eq!(report.compressed[0].before, text.len() as u64);
        assert!(report.compressed[0].after * 3 < text.len() as u64, "{report:?}");
        assert_eq!(house.names(), [format!("{NAME}{}", codec.suffix())]);
        let after = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
        assert_eq!((after.state, after.codec), (FileState::Compressed, Some(codec)));
        assert_eq!(
            (after.birth, after.committed, after.lines, after.levels, after.times),
            (before.birth, before.committed, before.lines, before.levels, before.times)
        );
        assert_eq!(after.stored, report.compressed[0].after);
        for directory in [directory, house.reader()] {
            assert_eq!(read_all(&directory), [(NAME.to_owned(), text.clone())]);
        }
        std::fs::remove_dir_all(house.path(".logloom")).unwrap();
        assert_eq!(read_all(&house.reader()), [(NAME.to_owned(), text)], "without a catalogue");
    }
}

#[test]
fn a_lost_catalogue_is_made_anew_from_the_heads_of_the_members() {
    for codec in Codec::ALL {
        let (house, text) = House::with_lines(NAME, 10_000);
        let directory = house.open();
        let before = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
        keep(&directory, &compressing(codec));
        std::fs::remove_dir_all(house.path(".logloom")).unwrap();
        let directory = house.open();
        let after = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
        assert_eq!(
            (after.committed, after.lines, after.levels, after.times),
            (before.committed, before.lines, before.levels, before.times)
        );
        assert_eq!(read_all(&directory), [(NAME.to_owned(), text)]);
    }
}

#[test]
fn a_file_packed_or_unpacked_by_hand_is_the_same_file() {
    let (house, text) = House::with_lines(NAME, 5_000);
    let directory = house.open();
    let birth = directory.snapshot(Order::OldestFirst).unwrap().files[0].birth;
    let run = |program: &str, name: &str| {
        assert!(Command::new(program).arg(house.path(name)).status().unwrap().success());
    };
    run("gzip", NAME);
    for directory in [directory, house.reader(), house.open()] {
        assert_eq!(read_all(&directory), [(NAME.to_owned(), text.clone())]);
    }
    let file = house.open().snapshot(Order::OldestFirst).unwrap().files.remove(0);
    assert_eq!((file.state, file.birth), (FileState::Compressed, birth));
    run("gunzip", &format!("{NAME}.gz"));
    assert_eq!(read_all(&house.reader()), [(NAME.to_owned(), text)]);
    let file = house.open().snapshot(Order::OldestFirst).unwrap().files.remove(0);
    assert_eq!((file.state, file.birth, file.codec), (FileState::Sealed, birth, None));
}

#[test]
fn a_foreign_gzip_file_is_found_and_read_back_and_forth() {
    let (house, text) = House::with_lines("x", 60_000);
    assert!(Command::new("gzip").arg("-9").arg(house.path("x")).status().unwrap().success());
    std::fs::rename(house.path("x.gz"), house.path(&format!("{NAME}.gz"))).unwrap();
    let directory = house.open();
    let file = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
    assert_eq!((file.committed, file.lines), (text.len() as u64, 60_000));
    let reader = directory.open_file(&file).unwrap().unwrap();
    assert!(reader.is_sequential());
    let mut buffer = vec![0; 1000];
    for offset in [0, text.len() - 1000, 5, text.len() / 2, 0] {
        assert_eq!(reader.read_at(&mut buffer, offset as u64).unwrap(), 1000);
        assert_eq!(buffer, text[offset..offset + 1000]);
    }
    assert_eq!(read_all(&directory), [(NAME.to_owned(), text)]);
}

#[test]
fn times_and_rights_of_the_plain_file_stay() {
    use std::os::unix::fs::PermissionsExt;
    let (house, _) = House::with_lines(NAME, 10);
    let before = house.path(NAME).metadata().unwrap();
    std::fs::set_permissions(house.path(NAME), std::fs::Permissions::from_mode(0o640)).unwrap();
    keep(&house.open(), &compressing(Codec::Gzip));
    let after = house.path(&format!("{NAME}.gz")).metadata().unwrap();
    assert_eq!(after.modified().unwrap(), before.modified().unwrap());
    assert_eq!(after.permissions().mode() & 0o777, 0o640);
}

#[test]
fn lines_longer_than_a_member_are_kept_whole() {
    let house = House::new();
    let long = |length| format!("{{\"n\":\"{}\"}}\n", "x".repeat(length));
    let text = [line(1), long(262_144), line(2), long(1_500_000), long(10), line(3)].concat();
    std::fs::write(house.path(NAME), &text).unwrap();
    let directory = house.open();
    assert_eq!(keep(&directory, &compressing(Codec::Gzip)).compressed.len(), 1);
    assert_eq!(read_all(&directory), [(NAME.to_owned(), text.into_bytes())]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn every_offset_gives_the_original_bytes(
        lengths in prop::collection::vec(prop_oneof![0usize..300, 200_000usize..600_000], 1..40),
        is_zstd in any::<bool>(),
        reads in prop::collection::vec((any::<prop::sample::Index>(), 1usize..400_000), 20),
    ) {
        let line = |length: &usize| format!("{{\"a\":\"{}\"}}\n", "y".repeat(*length));
        let text: Vec<u8> = lengths.iter().map(line).collect::<String>().into_bytes();
        let house = House::new();
        std::fs::write(house.path(NAME), &text).unwrap();
        let directory = house.open();
        let codec = if is_zstd { Codec::Zstd } else { Codec::Gzip };
        prop_assert_eq!(keep(&directory, &compressing(codec)).compressed.len(), 1);
        let file = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
        let reader = directory.open_file(&file).unwrap().unwrap();
        for (at, length) in reads {
            let at = at.index(text.len());
            let mut buffer = vec![0; length];
            let read = reader.read_at(&mut buffer, at as u64).unwrap();
            let expected = &text[at..text.len().min(at + length)];
            prop_assert_eq!(&buffer[..read], expected);
        }
        prop_assert_eq!(reader.read_at(&mut [0; 9], text.len() as u64).unwrap(), 0);
        prop_assert!(reader.damage().is_empty());
    }
}

#[test]
fn a_file_of_the_same_name_in_the_way_is_left_alone() {
    let (house, text) = House::with_lines(NAME, 100);
    std::fs::write(house.path(&format!("{NAME}.gz")), "mine").unwrap();
    let directory = house.open();
    let report = keep(&directory, &compressing(Codec::Gzip));
    assert!(report.compressed.is_empty() && !report.kept.is_empty(), "{report:?}");
    assert_eq!(std::fs::read(house.path(&format!("{NAME}.gz"))).unwrap(), b"mine");
    assert_eq!(read_all(&directory), [(NAME.to_owned(), text)]);
}

#[test]
fn a_file_longer_than_its_catalogue_says_stays_plain() {
    let (house, _) = House::with_lines(NAME, 100);
    let directory = house.open();
    let more = [lines(100), b"added by hand".to_vec()].concat();
    std::fs::write(house.path(NAME), &more).unwrap();
    let report = keep(&directory, &compressing(Codec::Gzip));
    assert_eq!((report.compressed.len(), report.kept.len()), (0, 1), "{report:?}");
    assert_eq!(std::fs::read(house.path(NAME)).unwrap(), more);
}

#[test]
fn the_counts_of_metadata_follow_the_files() {
    let house = House::new();
    let line = |kind: &str| format!("{{\"action_type\":\"{kind}\",\"status\":\"success\"}}\n");
    std::fs::write(house.path(NAME), [line("tool_call"), line("llm_request")].concat()).unwrap();
    let directory = house.open();
    assert!(directory.count_actions(10).unwrap(), "a part at a time");
    while directory.count_actions(10).unwrap() {}
    keep(&directory, &compressing(Codec::Gzip));
    directory.write_metadata().unwrap();
    let text = std::fs::read(house.path("metadata.json")).unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let file = &metadata["files"][0];
    assert_eq!((&file["name"], &file["state"]), (&format!("{NAME}.gz").into(), &"gz".into()));
    assert_eq!(file["types"], serde_json::json!({ "tool_call": 1, "llm_request": 1 }));
    assert_eq!(file["statuses"], serde_json::json!({ "success": 2 }));
    assert_eq!(file["counted"], file["bytes"]);
    let stored = house.path(&format!("{NAME}.gz")).metadata().unwrap().len();
    assert_eq!(file["stored"], stored);
}
