//! Day files with damaged lines, as people and other programs leave them: found new, changed by hand, compressed.
//! All their other lines stay in every answer, the file stays as it is, and what is damaged is told.

use std::io::Write;
use std::process::Command;

use logloom_store::read::Order;
use logloom_store::{NoSegments, Warning};

use crate::child;
use crate::redo::FileRedo;

use super::{Codec, House, compressing, keep, line, read_all};

const NAME: &str = "2026-11-10.jsonl";

/// Each kind of damage that a line may have, with what is told of it.
const DAMAGES: [(&[u8], &str); 9] = [
    (b"", "line 2 is empty"),
    (b" \t", "line 2 is empty"),
    (b"\xff\xfe not a text", "line 2 is not UTF-8"),
    (b"{\"message\":\"\xff\"}", "line 2 is not UTF-8"),
    (b"{\"message\":", "line 2 is no JSON object"),
    (b"\0\0\0\0", "line 2 holds zero bytes"),
    (b"{\"message\":\"\0\"}", "line 2 holds zero bytes"),
    (b"{\n  \"message\": \"x\"\n}", "line 2 is no JSON object"),
    (b"\xef\xbb\xbf{}", "line 2 is no JSON object"),
];

/// Good lines around a damaged one, and one that begins with blanks.
fn text(damaged: &[u8]) -> Vec<u8> {
    [line(0).as_bytes(), damaged, b"\n", line(1).as_bytes(), b"  ", line(2).as_bytes()].concat()
}

fn told(warnings: &[Warning]) -> String {
    warnings.iter().map(|warning| format!("{warning}\n")).collect()
}

/// Puts another file in the place of one, as editors do.
fn replace(house: &House, name: &str, bytes: &[u8]) {
    std::fs::write(house.path("copy"), bytes).unwrap();
    std::fs::rename(house.path("copy"), house.path(name)).unwrap();
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = Command::new("gzip")
        .arg("-c")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    gzip.stdin.take().unwrap().write_all(bytes).unwrap();
    gzip.wait_with_output().unwrap().stdout
}

#[test]
fn lines_behind_a_damaged_one_are_found_and_the_damage_is_told() {
    for (damaged, expected) in DAMAGES {
        let text = text(damaged);
        for (name, bytes) in [(NAME.to_owned(), text.clone()), (format!("{NAME}.gz"), gzip(&text))]
        {
            let house = House::new();
            std::fs::write(house.path(&name), &bytes).unwrap();
            let before = read_all(&house.reader());
            assert_eq!(before, [(NAME.to_owned(), text.clone())], "{expected}");
            let directory = house.open();
            assert_eq!(read_all(&directory), before, "{name}: {expected}");
            let warnings = told(&directory.warnings());
            assert!(warnings.contains(expected), "{name}: {warnings}");
            assert!(warnings.contains("correct or delete them in the file"), "{warnings}");
            assert_eq!(std::fs::read(house.path(&name)).unwrap(), bytes, "the file is as it was");
            assert!(house.open().warnings().is_empty(), "told once");
        }
    }
}

#[test]
fn compressing_keeps_damaged_lines_and_all_others() {
    let all: Vec<u8> = DAMAGES.iter().flat_map(|(damaged, _)| text(damaged)).collect();
    let house = House::new();
    std::fs::write(house.path(NAME), &all).unwrap();
    let found = house.open().snapshot(Order::OldestFirst).unwrap().files.remove(0);
    for codec in Codec::ALL {
        let house = House::new();
        std::fs::write(house.path(NAME), &all).unwrap();
        let report = keep(&house.open(), &compressing(codec));
        assert_eq!(report.compressed.len(), 1, "{report:?}");
        assert_eq!(read_all(&house.reader()), [(NAME.to_owned(), all.clone())]);
        // And so does a catalogue that is made anew, from the heads of the members.
        std::fs::remove_dir_all(house.path(".logloom")).unwrap();
        let directory = house.open();
        assert_eq!(read_all(&directory), [(NAME.to_owned(), all.clone())]);
        let file = directory.snapshot(Order::OldestFirst).unwrap().files.remove(0);
        assert_eq!((file.lines, file.levels, file.times), (found.lines, found.levels, found.times));
    }
}

#[test]
fn a_last_line_without_an_end_is_told_and_never_lost() {
    for cut in ["{\"message\":\"cu", "{\"message\":\"whole\"}"] {
        let text = [line(0).as_bytes(), line(1).as_bytes()].concat();
        for name in [NAME.to_owned(), format!("{NAME}.gz")] {
            let all = [&text, cut.as_bytes()].concat();
            let bytes = if name == NAME { all.clone() } else { gzip(&all) };
            let house = House::new();
            std::fs::write(house.path(&name), &bytes).unwrap();
            let directory = house.open();
            let warnings = told(&directory.warnings());
            let is_plain = name == NAME;
            let expected = match (is_plain, cut.ends_with('}')) {
                (true, _) => {
                    format!("line 3, has no line feed at its end and is left out ({}", cut.len())
                }
                // Nobody adds to a compressed file: its last line is a line.
                (false, true) => "was unknown".to_owned(),
                (false, false) => "1 damaged line".to_owned(),
            };
            assert!(warnings.contains(&expected), "{name}: {warnings}");
            let report = keep(&directory, &compressing(Codec::Gzip));
            let kept: String = report.kept.iter().map(|kept| kept.reason.clone()).collect();
            assert!(report.compressed.is_empty(), "{report:?}");
            assert!(name != NAME || kept.contains("would be lost"), "{kept}");
            assert_eq!(std::fs::read(house.path(&name)).unwrap(), bytes);
            let ended = [&all[..], b"\n"].concat();
            let read = if is_plain { text.clone() } else { ended.clone() };
            assert_eq!(read_all(&directory), [(NAME.to_owned(), read)]);
            if !is_plain {
                continue;
            }
            // Once the line has its end, it is read.
            let bytes = if name == NAME { ended.clone() } else { gzip(&ended) };
            replace(&house, &name, &bytes);
            let directory = house.open();
            assert!(told(&directory.warnings()).contains("was changed by hand"));
            assert_eq!(read_all(&directory), [(NAME.to_owned(), ended)], "{name}");
            assert!(house.open().warnings().is_empty());
        }
    }
}

#[test]
fn a_found_file_that_is_corrected_is_looked_through_again() {
    let house = House::new();
    std::fs::write(house.path(NAME), text(b"x")).unwrap();
    house.open();
    for damaged in [&b"a much longer line that is damaged"[..], b"", b"y"] {
        std::fs::write(house.path(NAME), text(damaged)).unwrap();
        let directory = house.open();
        assert_eq!(read_all(&directory), [(NAME.to_owned(), text(damaged))]);
        assert!(told(&directory.warnings()).contains("was changed by hand"));
    }
    let good = [line(0), line(1), line(2)].concat().into_bytes();
    std::fs::write(house.path(NAME), &good).unwrap();
    let directory = house.open();
    assert_eq!(read_all(&directory), [(NAME.to_owned(), good)]);
    assert_eq!(directory.snapshot(Order::OldestFirst).unwrap().files[0].lines, 3);
    assert_eq!(keep(&directory, &compressing(Codec::Gzip)).compressed.len(), 1);
}

#[test]
fn what_is_added_to_a_closed_file_is_told_until_a_copy_takes_its_place() {
    let house = House::new();
    std::fs::write(house.path(NAME), line(0)).unwrap();
    house.open();
    let all = line(0) + &line(1);
    std::fs::write(house.path(NAME), &all).unwrap();
    for _ in 0..2 {
        let directory = house.open();
        let warnings = told(&directory.warnings());
        assert!(warnings.contains("bytes were added to 2026-11-10.jsonl"), "{warnings}");
        assert_eq!(read_all(&directory), [(NAME.to_owned(), line(0).into_bytes())]);
    }
    replace(&house, NAME, all.as_bytes());
    let directory = house.open();
    assert_eq!(read_all(&directory), [(NAME.to_owned(), all.into_bytes())]);
    assert!(house.open().warnings().is_empty());
}

#[test]
fn a_file_of_ours_that_another_took_the_place_of_is_read_to_its_end() {
    let house = House::new();
    let directory = house.open();
    let mut redo = FileRedo::create(child::redo_path(house.root.path(), "w"));
    let writer = child::register(&directory, &redo);
    redo.stage(&[line(0)]);
    let file = redo.apply(&writer, &NoSegments).file.unwrap();
    directory.seal(file, &NoSegments).unwrap();
    let all = [line(1), "damaged\n".to_owned(), line(2), line(0)].concat();
    replace(&house, &file.file_name(), all.as_bytes());
    let directory = house.open();
    assert!(told(&directory.warnings()).contains("line 2 is no JSON object"));
    assert_eq!(read_all(&directory), [(file.file_name(), all.into_bytes())]);
}
