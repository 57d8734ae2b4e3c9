//! Indexes come and go with their files, and readers of a file find its index in each of its forms.

use logloom_store::index::{IndexSettings, Made, NoIndex};
use logloom_store::life::LifeSettings;
use logloom_store::read::{FileSnapshot, Order};
use logloom_store::{Codec, Directory};

use super::{House, keep};

const NAME: &str = "2026-11-10.jsonl";

fn indexing() -> LifeSettings {
    LifeSettings { index: IndexSettings::default(), ..LifeSettings::none() }
}

fn file(directory: &Directory) -> FileSnapshot {
    directory.snapshot(Order::OldestFirst).unwrap().files.remove(0)
}

/// All lines, block by block.
fn read_blocks(directory: &Directory) -> Vec<u8> {
    let index = directory.open_index(&file(directory)).unwrap();
    let mut reader = index.reader().unwrap();
    let (mut all, mut lines) = (Vec::new(), Vec::new());
    for block in index.blocks().unwrap() {
        reader.read(block, &mut lines).unwrap();
        all.extend_from_slice(&lines);
    }
    all
}

#[test]
fn an_index_goes_with_its_file() {
    for codec in Codec::ALL {
        let (house, text) = House::with_lines(NAME, 20_000);
        let directory = house.open();
        let report = keep(&directory, &indexing());
        assert_eq!(report.indexed.len(), 1);
        assert_eq!(house.names(), [NAME.to_owned(), format!("{NAME}.idx")]);
        assert_eq!(read_blocks(&directory), text);
        // A reader that took its snapshot before finds the file in its new form.
        let before = file(&directory);
        let settings = LifeSettings { compress_after_days: Some(0), codec, ..indexing() };
        let report = keep(&directory, &settings);
        let packed = format!("{NAME}{}", codec.suffix());
        assert_eq!(report.indexed[0].name, format!("{packed}.idx"));
        assert_eq!(house.names(), [packed.clone(), format!("{packed}.idx")]);
        assert_eq!(read_blocks(&directory), text);
        let index = directory.open_index(&before).unwrap();
        assert!(index.block_count() > 5 && index.file_name() == packed);
        let id = 17_000u64.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        assert_eq!(index.word(&format!("{id:016X}")).len(), 1);
        assert!(index.pair("id", "nowhere").is_empty());
        assert_eq!(index.numbers("n").unwrap().len(), index.block_count() as usize);
        assert!(index.check().damage.is_empty());
        assert!(keep(&directory, &settings).indexed.is_empty());
        keep(&directory, &LifeSettings { retention_days: Some(1), ..LifeSettings::none() });
        assert!(house.names().is_empty(), "{:?}", house.names());
    }
}

#[test]
fn indexes_without_files_are_removed_and_files_of_others_stay() {
    let (house, _) = House::with_lines(NAME, 3_000);
    let directory = house.open();
    keep(&directory, &indexing());
    let index = format!("{NAME}.idx");
    std::fs::copy(house.path(&index), house.path("2026-11-09.jsonl.gz.idx")).unwrap();
    std::fs::copy(house.path(&index), house.path("notes.idx")).unwrap();
    std::fs::write(house.path("2026-11-08.jsonl.idx"), "somebody else's").unwrap();
    keep(&directory, &LifeSettings::none());
    let stay = ["2026-11-08.jsonl.idx", NAME, &*index, "notes.idx"];
    assert_eq!(house.names(), stay);
    assert_eq!(
        directory.make_index(&file(&directory), &IndexSettings::default(), &|| false).unwrap(),
        Made::Present
    );
    assert!(directory.remove_index(&file(&directory)).unwrap());
    std::fs::write(house.path(&index), "somebody else's").unwrap();
    assert!(matches!(directory.open_index(&file(&directory)), Err(NoIndex::Unused(_))));
    assert!(directory.make_index(&file(&directory), &IndexSettings::default(), &|| false).is_err());
    keep(&directory, &LifeSettings { retention_days: Some(1), ..LifeSettings::none() });
    assert_eq!(house.names(), ["2026-11-08.jsonl.idx", &*index, "notes.idx"]);
}

#[test]
fn an_index_of_a_copied_file_is_proven_by_its_members() {
    let (house, text) = House::with_lines(NAME, 6_000);
    let directory = house.open();
    keep(&directory, &LifeSettings { compress_after_days: Some(0), ..indexing() });
    let path = house.path(&format!("{NAME}.gz"));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(read_blocks(&directory), text);
    // Another checksum in the last member: the index is of another file.
    let mut other = bytes.clone();
    let end = other.len();
    other[end - 6] ^= 1;
    std::fs::write(&path, &other).unwrap();
    assert!(matches!(directory.open_index(&file(&directory)), Err(NoIndex::Unused(_))));
    std::fs::write(&path, &bytes).unwrap();
    let closing = std::fs::File::options().write(true).open(&path).unwrap();
    closing.set_len(end as u64 - 100).unwrap();
    assert!(directory.open_index(&file(&directory)).is_err());
}
