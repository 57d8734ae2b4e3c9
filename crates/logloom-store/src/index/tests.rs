//! The index against what it is of: nothing that is in a block may be missing from an answer, whatever the lines are,
//! and whatever becomes of the index's bytes.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::build::{BlockPlace, Builder};
use super::words::words_of;
use super::{Index, IndexSettings, NoIndex, Numbers};
use crate::directory::Directory;
use crate::read::{FileSnapshot, Order};
use crate::sys::LinuxPlatform;
use crate::{FileKey, Options};

const NAME: &str = "2026-11-01.jsonl";

struct Made {
    root: tempfile::TempDir,
    directory: Directory,
}

impl Made {
    /// A plain day file of these blocks with its index.
    fn new(blocks: &[Vec<String>], settings: &IndexSettings) -> Made {
        let root = tempfile::tempdir().unwrap();
        let text: String = blocks.iter().flatten().map(|line| format!("{line}\n")).collect();
        std::fs::write(root.path().join(NAME), &text).unwrap();
        let directory =
            Directory::open(root.path(), Options::reader(), Arc::new(LinuxPlatform)).unwrap();
        let mut builder = Builder::new(settings, 42);
        let mut offset = 0;
        for block in blocks {
            let lines: String = block.iter().map(|line| format!("{line}\n")).collect();
            let stored = lines.len() as u32;
            let crc32 = crc32fast::hash(lines.as_bytes());
            builder.block(lines.as_bytes(), BlockPlace { at: offset, stored, offset, crc32 });
            offset += u64::from(stored);
        }
        let key = FileKey::from_file_name(NAME).unwrap();
        let data = directory.shared.open_form(key, None).unwrap().unwrap();
        let file = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
        directory.shared.place_index(&file, &data, builder).unwrap();
        Made { root, directory }
    }

    fn path(&self) -> std::path::PathBuf {
        self.root.path().join(format!("{NAME}.idx"))
    }

    fn snapshot(&self) -> FileSnapshot {
        self.directory.snapshot(Order::OldestFirst).unwrap().files.remove(0)
    }

    fn open(&self) -> Result<Index, NoIndex> {
        self.directory.open_index(&self.snapshot())
    }
}

/// Texts of all values of a line, and scalars by path.
#[derive(Default)]
struct Expect {
    texts: Vec<String>,
    fields: BTreeMap<String, Value>,
}

fn expect(line: &str) -> Option<Expect> {
    let Ok(Value::Object(members)) = serde_json::from_str(line) else { return None };
    let mut expect = Expect::default();
    for (name, value) in members {
        note(&mut expect, &name, value);
    }
    Some(expect)
}

fn note(expect: &mut Expect, path: &str, value: Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                note(expect, &format!("{path}.{name}"), value);
            }
        }
        Value::Array(all) => {
            let mut inside = Expect::default();
            all.into_iter().for_each(|one| note(&mut inside, "", one));
            expect.texts.extend(inside.texts);
        }
        scalar => {
            // A fraction may stand in the line in another way than it is shown here.
            if !scalar.is_f64() {
                expect.texts.push(text(&scalar));
            }
            expect.fields.insert(path.to_owned(), scalar);
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Everything in the lines is found, and what columns, spans and counts say is so.
fn check(blocks: &[Vec<String>], index: &Index) {
    assert_eq!(index.block_count() as usize, blocks.len());
    let known = index.blocks();
    for (number, block) in blocks.iter().enumerate() {
        let number = number as u32;
        for line in block {
            let Some(expect) = expect(line) else {
                assert!(index.word("nowhere_at_all").contains(number), "{line}");
                continue;
            };
            for text in &expect.texts {
                for word in words_of(text) {
                    assert!(index.word(word).contains(number), "{word} of {line}");
                    assert!(index.word(&word.to_uppercase()).contains(number), "{word} of {line}");
                }
            }
            for (path, value) in &expect.fields {
                let value = text(value);
                assert!(index.pair(path, &value).contains(number), "{path}={value} of {line}");
            }
        }
        let Some(known) = known.map(|known| known[number as usize]) else { continue };
        let lines = block.iter().map(|line| line.len() as u32 + 1).sum::<u32>();
        assert_eq!((known.raw, known.lines as usize), (lines, block.len()));
    }
    check_columns(blocks, index);
}

fn check_columns(blocks: &[Vec<String>], index: &Index) {
    let Some(known) = index.blocks() else { return };
    for path in ["level", "service", "message", "n", "user.id", "odd", "nowhere"] {
        let Some(column) = index.column(path) else { continue };
        let mut row = 0;
        let mut codes = Vec::new();
        for (number, block) in blocks.iter().enumerate() {
            if number % 32 == 0 {
                let Some(group) = column.codes(number as u32 / 32) else { return };
                (codes, row) = (group, 0);
            }
            for line in block {
                let code = codes[row];
                row += 1;
                if !known[number].is_regular {
                    continue;
                }
                let value = expect(line).unwrap().fields.remove(path);
                let found =
                    code.checked_sub(1).map(|index| column.values()[index as usize].clone());
                let found =
                    found.map(|value| serde_json::from_slice::<Value>(&value.json).unwrap());
                assert_eq!(found, value, "{path} of {line}");
            }
        }
    }
    let Some(minutes) = index.rollup() else { return };
    let counted: u32 = minutes.iter().flat_map(|minute| minute.lines).sum();
    let timed = |line: &&String| line.contains("\"timestamp\":\"2026");
    let regular = |(number, _): &(usize, &Vec<String>)| known[*number].is_regular;
    let expected: usize = blocks
        .iter()
        .enumerate()
        .filter(regular)
        .map(|(_, block)| block.iter().filter(timed).count())
        .sum();
    assert_eq!(counted as usize, expected);
}

fn line(seed: u64, second: u64) -> String {
    let level = ["INFO", "WARN", "ERROR", "info"][(seed % 4) as usize];
    let odd = ["1", "1.50", "1e3", "\"x\\ty\"", "null", "true"][(seed % 6) as usize];
    format!(
        "{{\"timestamp\":\"2026-11-01T10:{:02}:{:02}.{:06}Z\",\"level\":\"{level}\",\"service\":\"shop-{}\",\
         \"message\":\"Größe of card {} declined by Bank_{}\",\"trace_id\":\"{:016x}\",\"n\":{},\
         \"user\":{{\"id\":{},\"Name\":\"J\\u00f6rg \\\"x\\\"\"}},\"tags\":[\"red\",{{\"in\":\"array {}\"}}],\"odd\":{odd}}}",
        second / 60 % 60,
        second % 60,
        seed % 1_000_000,
        seed % 7,
        seed % 100_000,
        seed % 300,
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        seed % 1_000,
        seed % 2_000,
        seed % 50,
    )
}

fn many(blocks: u64, lines: u64) -> Vec<Vec<String>> {
    let seed = |block: u64, number: u64| {
        (block * lines + number).wrapping_mul(0xd6e8_feb8_6659_fd93) >> 13
    };
    (0..blocks)
        .map(|block| {
            (0..lines).map(|number| line(seed(block, number), block * 3 + number / 9)).collect()
        })
        .collect()
}

#[test]
fn everything_is_found_again() {
    let mut blocks = many(44, 12);
    blocks[40][3] = "{\"torn\":".to_owned();
    blocks[41][0] = "{\"level\":\"ERROR\",\"a.b\":1,\"a\":{\"b\":2}}".to_owned();
    let made = Made::new(&blocks, &IndexSettings::default());
    let index = made.open().unwrap();
    check(&blocks, &index);
    assert_eq!(index.left_out(), Vec::<String>::new());
    assert_eq!((index.irregular(), index.lines()), (1, 44 * 12));
    // What is nowhere is in the irregular block at most.
    assert_eq!(index.word("deadbeefdeadbeef").iter().collect::<Vec<_>>(), [40]);
    assert_eq!(index.pair("trace_id", "deadbeefdeadbeef").iter().collect::<Vec<_>>(), [40]);
    assert_eq!(index.pair("service", "shop-8").len(), 1);
    assert_eq!(index.pair("no.such.field", "x").len(), 1);
    assert!(index.pair("odd", "1").is_all() && index.pair("odd", "1.0").is_all());
    assert!(index.word("10").is_all() && index.word("2026").is_all() && index.word("1z").is_all());
    assert!(index.word("2025").len() < 44);
    assert_eq!(index.check().damage, Vec::<String>::new());
}

#[test]
fn columns_spans_and_minutes_are_exact() {
    let blocks = many(40, 20);
    let made = Made::new(&blocks, &IndexSettings::default());
    let index = made.open().unwrap();
    let levels = index.column("level").unwrap();
    let mut counts: Vec<(String, u64)> = levels
        .values()
        .iter()
        .map(|value| (String::from_utf8_lossy(&value.json).into_owned(), value.lines))
        .collect();
    counts.sort();
    let lines: Vec<Expect> = blocks.iter().flatten().map(|line| expect(line).unwrap()).collect();
    for (json, count) in &counts {
        let json: Value = serde_json::from_str(json).unwrap();
        let has = |line: &&Expect| line.fields["level"] == json;
        assert_eq!(lines.iter().filter(has).count() as u64, *count);
    }
    assert_eq!(counts.len(), 4);
    assert!(index.column("trace_id").is_none() && index.column("user").is_none());
    assert!(index.column("nowhere").unwrap().values().is_empty());
    let numbers = index.numbers("n").unwrap();
    for (block, numbers) in blocks.iter().zip(numbers) {
        let all = block.iter().map(|line| expect(line).unwrap().fields["n"].as_f64().unwrap());
        let (low, high) =
            all.fold((f64::MAX, f64::MIN), |(low, high), n| (low.min(n), high.max(n)));
        assert_eq!(numbers, Numbers::Between(low, high));
    }
    assert!(index.numbers("odd").is_none_or(|all| all.contains(&Numbers::Unknown)));
    let minutes = index.rollup().unwrap();
    assert_eq!(minutes.iter().flat_map(|minute| minute.lines).sum::<u32>(), 800);
    assert!(minutes.windows(2).all(|pair| pair[0].start_ns < pair[1].start_ns));
}

#[test]
fn a_field_that_begins_with_texts_has_no_span_there() {
    let blocks = [r#"{"n":"-10ms"}"#, r#"{"m":1}"#, r#"{"n":"x"}"#, r#"{"n":5}"#, r#"{"n":7}"#];
    let blocks: Vec<Vec<String>> = blocks.iter().map(|line| vec![(*line).to_owned()]).collect();
    let made = Made::new(&blocks, &IndexSettings::default());
    let numbers = made.open().unwrap().numbers("n").unwrap();
    assert_eq!(numbers[..4], [Numbers::Unknown; 4]);
    assert_eq!(numbers[4], Numbers::Between(7.0, 7.0));
    let mixed = [r#"{"n":"-10ms"}"#, r#"{"n":5}"#].map(str::to_owned).to_vec();
    let made = Made::new(&[mixed], &IndexSettings::default());
    let numbers = made.open().unwrap().numbers("n");
    assert!(numbers.is_none_or(|numbers| numbers == [Numbers::Unknown]));
}

#[test]
fn a_name_without_its_first_quote_is_no_name() {
    let line = r#"{"level":"INFO","pad":"x"}"#;
    for torn in [line.replace(",\"", ",\n"), line.replace(",\"", ",x"), line.replace("{\"", "{ ")] {
        let lines = [line, &torn].map(str::to_owned);
        let made = Made::new(&[lines.to_vec()], &IndexSettings::default());
        assert_eq!(made.open().unwrap().irregular(), 1, "{torn}");
    }
}

#[test]
fn of_a_field_that_stands_twice_the_first_counts() {
    let line = r#"{"timestamp":"2026-11-01T10:00:00Z","timestamp":"2026-11-01T10:05:00Z","level":"ERROR","level":"INFO"}"#;
    let made = Made::new(&[vec![line.to_owned()]], &IndexSettings::default());
    let index = made.open().unwrap();
    let level = index.column("level").unwrap();
    let code = level.codes(0).unwrap()[0];
    assert_eq!(*level.values()[usize::from(code) - 1].json, *b"\"ERROR\"");
    let minutes = index.rollup().unwrap();
    assert_eq!((minutes.len(), minutes[0].lines), (1, [0, 0, 0, 0, 1, 0, 0, 0]));
    assert_eq!(index.times(), Some((minutes[0].start_ns, minutes[0].start_ns)));
}

#[test]
fn numbers_are_found_in_each_spelling() {
    let block = |number: &str| vec![format!("{{\"n\":{number},\"s\":\"1.0\"}}")];
    let all = ["1.5", "1.50", "15e-1", "-0", "0", "7"];
    let blocks: Vec<Vec<String>> = all.into_iter().map(block).collect();
    let made = Made::new(&blocks, &IndexSettings::default());
    let index = made.open().unwrap();
    for value in ["1.5", "1.50", "0", "-0", "7", "7.0", "0x7"] {
        assert_eq!(index.pair("n", value).is_all(), value != "0x7", "{value}");
    }
    assert!(index.pair("s", "1.0").is_all() && index.pair("s", "1").is_empty());
    let usual = Made::new(&blocks[4..], &IndexSettings::default());
    assert_eq!(usual.open().unwrap().pair("n", "7").iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn what_has_no_room_is_told_and_answered_by_all_blocks() {
    let blocks = many(300, 60);
    let raw: usize = blocks.iter().flatten().map(|line| line.len() + 1).sum();
    let mut lengths = Vec::new();
    for max_per_mille in [200, 50, 20, 13, 0] {
        let settings = IndexSettings { max_per_mille, ..IndexSettings::default() };
        let made = Made::new(&blocks, &settings);
        let index = made.open().unwrap();
        let length = std::fs::metadata(made.path()).unwrap().len() as usize;
        assert!(
            length <= (raw / 1000 * max_per_mille as usize).max(64 * 1024) + 24 * 1024,
            "{length}"
        );
        lengths.push((length, index.left_out()));
        for at in [0, 120, 299] {
            check_columns(&blocks, &index);
            for text in expect(&blocks[at][7]).unwrap().texts {
                assert!(words_of(&text).all(|word| index.word(word).contains(at as u32)));
            }
        }
    }
    assert!(lengths.is_sorted_by(|left, right| left.0 >= right.0), "{lengths:?}");
    assert!(lengths[0].1.is_empty(), "{lengths:?}");
    assert!(
        lengths[4].1.iter().any(|left| left.starts_with("words in blocks 0 to 300")),
        "{lengths:?}"
    );
}

#[test]
fn fields_that_are_left_out_are_in_every_block() {
    let blocks = many(6, 10);
    let skip_fields = vec!["trace_id".to_owned(), "us*".to_owned()];
    let made = Made::new(&blocks, &IndexSettings { skip_fields, ..IndexSettings::default() });
    let index = made.open().unwrap();
    check(&blocks, &index);
    assert!(index.word("deadbeef").is_all());
    assert!(index.pair("trace_id", "deadbeef").is_all() && index.pair("user.id", "77777").is_all());
    assert!(index.pair("service", "shop-9").is_empty());
}

#[test]
fn more_fields_than_are_kept_lose_nothing() {
    let of = |block: u64| {
        let members: Vec<String> =
            (0..600).map(|n| format!("\"f{}\":{{\"x\":\"v{}\"}}", block * 400 + n, n)).collect();
        vec![format!("{{{},\"last.y\":{block}}}", members.join(","))]
    };
    let blocks: Vec<Vec<String>> = (0..4).map(of).collect();
    let made = Made::new(&blocks, &IndexSettings::default());
    check(&blocks, &made.open().unwrap());
}

#[test]
fn an_index_of_another_file_is_not_used() {
    let blocks = many(3, 10);
    let made = Made::new(&blocks, &IndexSettings::default());
    let data = made.root.path().join(NAME);
    let is_used = |made: &Made| made.open().is_ok();
    assert!(is_used(&made));
    let text = std::fs::read(&data).unwrap();
    let when = std::fs::metadata(&data).unwrap().modified().unwrap();
    let change = |text: &[u8], at: std::time::SystemTime| {
        std::fs::write(&data, text).unwrap();
        std::fs::File::options().write(true).open(&data).unwrap().set_modified(at).unwrap();
    };
    change(&text, when);
    assert!(is_used(&made));
    change(&text, when + std::time::Duration::from_secs(1));
    assert!(matches!(made.open(), Err(NoIndex::Unused(_))));
    let mut other = text.clone();
    other[5] ^= 1;
    change(&other, when);
    assert!(matches!(made.open(), Err(NoIndex::Unused(_))));
    change(&text[..text.len() / 2], when);
    assert!(matches!(made.open(), Err(NoIndex::Unused(_))));
    change(&text, when);
    std::fs::write(made.path(), b"not an index, and not ours").unwrap();
    assert!(matches!(made.open(), Err(NoIndex::Unused(_))));
    assert!(!made.directory.remove_index(&made.snapshot()).unwrap());
    std::fs::remove_file(made.path()).unwrap();
    assert!(matches!(made.open(), Err(NoIndex::Missing)));
}

#[test]
fn blocks_are_read_and_compared() {
    let blocks = many(5, 10);
    let made = Made::new(&blocks, &IndexSettings::default());
    let index = made.open().unwrap();
    let mut reader = index.reader().unwrap();
    let mut lines = Vec::new();
    for (block, expect) in index.blocks().unwrap().iter().zip(&blocks) {
        reader.read(block, &mut lines).unwrap();
        let expect: String = expect.iter().map(|line| format!("{line}\n")).collect();
        assert_eq!(lines, expect.as_bytes());
    }
    let data = made.root.path().join(NAME);
    let mut text = std::fs::read(&data).unwrap();
    text[20] ^= 4;
    write_in_place(&data, &text);
    assert!(reader.read(&index.blocks().unwrap()[0], &mut lines).is_err());
    write_in_place(&data, b"");
    assert!(reader.read(&index.blocks().unwrap()[4], &mut lines).is_err());
}

fn write_in_place(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn damaged_indexes_lose_nothing() {
    let blocks = many(12, 12);
    let made = Made::new(&blocks, &IndexSettings::default());
    let bytes = std::fs::read(made.path()).unwrap();
    let mut dice = 7u64;
    let mut used = 0;
    for round in 0..400 {
        let mut damaged = bytes.clone();
        for _ in 0..1 + round % 3 {
            dice = dice
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = (dice >> 33) as usize % damaged.len();
            match round % 4 {
                0 => damaged.truncate(at),
                1 => damaged[at] = 0xff,
                _ => damaged[at] ^= 1 << (dice >> 60 & 7),
            }
        }
        write_in_place(&made.path(), &damaged);
        let Ok(index) = made.open() else { continue };
        used += 1;
        check(&blocks, &index);
        let _ = index.check();
    }
    assert!(used > 100, "{used}");
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0u32..50).prop_map(Value::from),
        any::<i16>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        "[a-cA-C0-2_ .\\-\"\\\\\n\u{e9}\u{c9}\u{3c2}\u{4e2d}]{0,12}".prop_map(Value::from),
        ".{0,10}".prop_map(Value::from),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[ab.\"]{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_line() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("level".to_owned()),
        Just("timestamp".to_owned()),
        Just("message".to_owned()),
        "[a-d.]{0,3}",
        ".{0,4}"
    ];
    let object = prop::collection::btree_map(name, value(), 0..7)
        .prop_map(|members| Value::Object(members.into_iter().collect()).to_string())
        .boxed();
    prop_oneof![
        30 => object.clone(),
        2 => object.prop_map(|text| text.replace(':', " : \t").replace(',', " ,")),
        1 => ".{0,12}".prop_map(|text| text.replace(['\n', '\r'], " ")),
    ]
}

/// The text of the message of a line, whatever its type.
fn message(line: &str) -> Option<String> {
    let Ok(Value::Object(members)) = serde_json::from_str(line) else { return None };
    members.get("message").map(text)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]
    #[test]
    fn lines_of_any_kind_are_found(
        blocks in prop::collection::vec(prop::collection::vec(any_line(), 1..5), 1..5),
        is_narrow in any::<bool>(),
    ) {
        let max_per_mille = if is_narrow { 39 } else { 5_000 };
        let made = Made::new(&blocks, &IndexSettings { max_per_mille, ..IndexSettings::default() });
        let index = made.open().unwrap();
        for (number, block) in blocks.iter().enumerate() {
            for line in block {
                let Some(expect) = expect(line) else {
                    prop_assert!(!index.blocks().unwrap()[number].is_regular, "{line}");
                    continue;
                };
                for text in &expect.texts {
                    for word in words_of(text) {
                        prop_assert!(index.word(word).contains(number as u32), "{word} of {line}");
                    }
                }
                for (path, value) in &expect.fields {
                    let value = text(value);
                    let found = index.pair(path, &value);
                    prop_assert!(found.contains(number as u32), "{path}={value} of {line}");
                }
            }
            let messages: Vec<Option<String>> = block.iter().map(|line| message(line)).collect();
            let words: Vec<&str> = messages.iter().flatten().flat_map(|text| words_of(text)).collect();
            for word in words {
                let told = index.lines_with(word).unwrap();
                let told = told.iter().find(|(block, _)| *block == number as u32);
                let has = |text: &&String| words_of(text).any(|own| own == word);
                let lines = messages.iter().flatten().filter(has).count() as u32;
                prop_assert!(told.is_none_or(|told| told.1 == lines), "{word} {told:?} {block:?}");
            }
        }
    }
}
