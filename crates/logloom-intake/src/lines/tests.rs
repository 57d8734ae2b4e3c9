//! Chunks of every size, terminators of every kind, encodings, positions.

#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::{LINE_BYTES_MAX, Line, LineAssembler};
use crate::text::{Ansi, Encoding};

fn assemble(chunks: &[&[u8]]) -> Vec<Line> {
    let mut assembler = LineAssembler::new(0);
    let mut lines = Vec::new();
    for chunk in chunks {
        assembler.push(chunk, &mut |line| lines.push(line));
    }
    assembler.finish_each(&mut |line| lines.push(line));
    lines
}

#[test]
fn lines_and_positions() {
    let check = |chunks: &[&[u8]], expect: &[(&str, u64)]| {
        let lines = assemble(chunks);
        let given: Vec<_> = lines.iter().map(|line| (line.text.as_str(), line.end)).collect();
        assert_eq!(given, expect);
        assert!(lines.iter().all(|line| line.part.is_none()));
    };
    check(&[], &[]);
    check(&[b""], &[]);
    check(&[b"a\nb"], &[("a", 2), ("b", 3)]);
    check(&[b"a", b"b\r", b"\n", b"\n"], &[("ab", 4), ("", 5)]);
    check(&[b"a\r\r\nb\n\r\n"], &[("a", 4), ("b", 6), ("", 8)]);
    check(&[b"nul\0\n"], &[("nul\0", 5)]);
    check(&[b"\0", b"\0x\n"], &[("\0\0x", 4)]);
    check(&[&[0; 40], &[0; 40], b"after a hole\n"], &[("after a hole", 93)]);
    check(&[&[0; 80], b"\r\n", &[0; 80]], &[("", 82), ("", 162)]);
    check(&[b"bad\xff\xc3", b"\n"], &[("bad\u{fffd}\u{fffd}", 6)]);
    check(&[b"caf\xe9 noir", b"\n"], &[("caf\u{e9} noir", 10)]);
    check(&[b"split \xc3", b"\xa9\n"], &[("split \u{e9}", 9)]);
    check(&[b"end\r"], &[("end", 4)]);
    check(&[b"\xef\xbb", b"\xbfmarked\n"], &[("marked", 10)]);
    check(&[b"\xef\xbb"], &[("\u{fffd}", 2)]);
    check(&[b"\x1b[31mred\x1b[0m\n"], &[("red", 13)]);
}

#[test]
fn the_empty_rest_of_a_line_that_was_given_gives_nothing() {
    let check = |bytes: &[u8], encoding: Encoding, expect: &[(&str, u64)]| {
        let mut assembler = LineAssembler::new(4).with_encoding(encoding).within_line(true);
        let mut given = Vec::new();
        let mut give = |line: Line| given.push((line.text, line.end));
        bytes.chunks(1).for_each(|byte| assembler.push(byte, &mut give));
        assembler.finish_each(&mut give);
        assert_eq!(assembler.position(), 4 + bytes.len() as u64);
        let expect: Vec<_> = expect.iter().map(|(text, end)| ((*text).to_owned(), *end)).collect();
        assert_eq!(given, expect, "{bytes:?}");
    };
    check(b"\n", Encoding::Bytes, &[]);
    check(b"\r\n\nnext\n", Encoding::Bytes, &[("", 7), ("next", 12)]);
    check(b"rest\n\n", Encoding::Bytes, &[("rest", 9), ("", 10)]);
    check(b"\n\0a\0\n\0", Encoding::Utf16Little, &[("a", 10)]);
    // The same where the line was given because nothing more seemed to come.
    let mut assembler = LineAssembler::new(0);
    let mut texts = Vec::new();
    for piece in ["first", "\nsecond\n", "third", " and its rest\n"] {
        assembler.push(piece.as_bytes(), &mut |line| texts.push(line.text));
        assembler.finish_each(&mut |line| texts.push(line.text));
    }
    assert_eq!(texts, ["first", "second", "third", " and its rest"]);
    for (encoding, ends, others) in [
        (Encoding::Bytes, &b"a\n"[..], &b"\na"[..]),
        (Encoding::Utf16Little, b"\n\0", b"\0\n"),
        (Encoding::Utf16Big, b"\0\n", b"\n\0"),
    ] {
        assert!(encoding.ends_line(ends) && !encoding.ends_line(others), "{encoding:?}");
    }
}

#[test]
fn carriage_returns_alone() {
    let check = |bytes: &[u8], expect: &[(&str, u64)]| {
        for size in [1, 2, 3, 1000] {
            let lines = assemble(&bytes.chunks(size).collect::<Vec<_>>());
            let given: Vec<_> = lines.iter().map(|line| (line.text.as_str(), line.end)).collect();
            assert_eq!(given, expect);
        }
    };
    check(b"get 1%\rget 50%\rget 100%\nnext\n", &[("get 100%", 24), ("next", 29)]);
    check(b"get 1%\rget 100%\r\nnext\n", &[("get 100%", 17), ("next", 22)]);
    check(b"get 1%\rget 100%\r\r", &[("get 100%", 17)]);
    check(b"| work\r/ work\rdone: 3 files\n", &[("/ work", 14), ("done: 3 files", 28)]);
    check(b"alpha\rbeta\rgamma\r", &[("alpha", 6), ("beta", 11), ("gamma", 17)]);
    check(
        b"2026-11-21 10:00:00 a\r2026-11-21 10:00:01 a\r{\"a\":1}\r{\"a\":2}\n",
        &[
            ("2026-11-21 10:00:00 a", 22),
            ("2026-11-21 10:00:01 a", 44),
            ("{\"a\":1}", 52),
            ("{\"a\":2}", 60),
        ],
    );
}

#[test]
fn lines_behind_the_last_carriage_return_are_given_each() {
    let mut assembler = LineAssembler::new(0);
    let mut lines = Vec::new();
    assembler.push(b"alpha\rbeta\rgamma\r", &mut |line| lines.push(line.text));
    assembler.finish_each(&mut |line| lines.push(line.text));
    assert_eq!(lines, ["alpha", "beta", "gamma"]);
}

#[test]
fn a_bar_that_never_ends_its_line_stays_bounded() {
    let mut assembler = LineAssembler::new(0);
    let mut lines = Vec::new();
    for step in 0..100_000 {
        let state = format!("working {step}\r");
        assembler.push(state.as_bytes(), &mut |line| lines.push(line));
    }
    assert!(lines.is_empty() && assembler.pending.capacity() < 1000);
    assembler.finish_each(&mut |line| lines.push(line));
    let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["working 99999"]);
}

#[test]
fn utf16_is_known_by_its_mark() {
    let text = "h\u{e9}llo \u{1f600}\r\nsecond\nlast";
    for is_big in [false, true] {
        let encode = |unit: u16| if is_big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        let mut bytes: Vec<u8> = encode(0xfeff).to_vec();
        bytes.extend(text.encode_utf16().flat_map(encode));
        for size in [1, 3, 1000] {
            let lines = assemble(&bytes.chunks(size).collect::<Vec<_>>());
            let given: Vec<_> = lines.iter().map(|line| (line.text.as_str(), line.end)).collect();
            let ends = [("h\u{e9}llo \u{1f600}", 22), ("second", 36), ("last", 44)];
            assert_eq!(given, ends);
        }
        // From the end of the first line on, as a restart begins.
        let encoding = Encoding::of_head(&bytes).0;
        let mut resumed = LineAssembler::new(22).with_encoding(encoding);
        let mut lines = Vec::new();
        resumed.push(&bytes[22..], &mut |line| lines.push(line));
        assert_eq!((lines[0].text.as_str(), lines[0].end), ("second", 36));
    }
}

#[test]
fn a_long_line_of_utf16_stays_bounded() {
    let mut assembler = LineAssembler::new(0);
    assembler.push(b"\xff\xfe", &mut |_| {});
    let (mut bytes, mut last) = (0, 0);
    for _ in 0..20 {
        assembler.push(&b"a\0".repeat(1 << 17), &mut |line| {
            bytes += line.text.len();
            last = line.end;
        });
        assert!(assembler.pending.capacity() <= 3 * LINE_BYTES_MAX);
    }
    assert_eq!((bytes, last), (2 << 20, (2 << 21) + 2));
}

#[test]
fn colours_are_kept_where_they_are_asked_for() {
    let mut assembler = LineAssembler::new(0).with_ansi(Ansi::Keep);
    let mut lines = Vec::new();
    assembler.push(b"\x1b[31mred\n", &mut |line| lines.push(line.text));
    assert_eq!(lines, ["\u{1b}[31mred"]);
}

#[test]
fn a_very_long_line_comes_in_numbered_parts() {
    type Shape = (usize, Option<(u32, Option<u32>)>);
    let parts = |bytes: &[u8]| -> Vec<Shape> {
        assemble(&bytes.chunks(65_537).collect::<Vec<_>>())
            .iter()
            .map(|line| (line.text.len(), line.part.map(|part| (part.number, part.total))))
            .collect()
    };
    let mut fits = vec![b'x'; LINE_BYTES_MAX];
    fits.extend_from_slice(b"\r\ny\n");
    assert_eq!(parts(&fits), [(LINE_BYTES_MAX, None), (1, None)]);
    let mut long = vec![b'x'; 2 * LINE_BYTES_MAX + 10];
    long.extend_from_slice(b"\ny\n");
    assert_eq!(
        parts(&long),
        [
            (LINE_BYTES_MAX, Some((1, None))),
            (LINE_BYTES_MAX, Some((2, None))),
            (10, Some((3, Some(3)))),
            (1, None)
        ]
    );
}

#[test]
fn a_hundred_megabytes_stay_bounded() {
    let mut assembler = LineAssembler::new(0);
    let chunk = vec![b'a'; 1 << 18];
    let (mut bytes, mut longest) = (0, 0);
    for _ in 0..400 {
        assembler.push(&chunk, &mut |line| bytes += line.text.len());
        longest = longest.max(assembler.pending.capacity());
    }
    assembler.finish_each(&mut |line| bytes += line.text.len());
    assert_eq!(bytes, 400 << 18);
    assert!(longest <= 3 * LINE_BYTES_MAX, "{longest}");
}

#[test]
fn parts_are_cut_between_characters() {
    let text = "\u{1f600}".repeat(LINE_BYTES_MAX / 4 + 3);
    let shifted = format!("ab{text}\n");
    let lines = assemble(&[shifted.as_bytes()]);
    let whole: String = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(format!("{whole}\n"), shifted);
    assert_eq!(lines.last().unwrap().end, shifted.len() as u64);
}

proptest! {
    #[test]
    fn chunking_changes_nothing(bytes in prop::collection::vec(
        prop_oneof![Just(b'\n'), Just(b'\r'), Just(0u8), any::<u8>()], 0..200), size in 1usize..20)
    {
        let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
        let lines = assemble(&chunks);
        prop_assert_eq!(&lines, &assemble(&[&bytes]));
        prop_assert_eq!(lines.last().map_or(0, |line| line.end), bytes.len() as u64);
    }
}
