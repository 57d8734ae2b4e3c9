//! Which bytes are which characters.

use std::borrow::Cow;

/// How the characters of a source are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// One byte or more a character: UTF-8, and line by line Windows-1252 where it is none.
    #[default]
    Bytes,
    /// UTF-16 with the lower byte first.
    Utf16Little,
    /// UTF-16 with the higher byte first.
    Utf16Big,
}

impl Encoding {
    /// The encoding by the mark in the first three bytes of a source, and the length of that mark.
    /// A reader that begins in the middle of a file asks this for the file's first bytes.
    #[must_use]
    pub fn of_head(head: &[u8]) -> (Self, usize) {
        match head {
            [0xff, 0xfe, ..] => (Self::Utf16Little, 2),
            [0xfe, 0xff, ..] => (Self::Utf16Big, 2),
            [0xef, 0xbb, 0xbf, ..] => (Self::Bytes, 3),
            _ => (Self::Bytes, 0),
        }
    }

    /// Whether a line feed is the last character of these bytes; of the last two, that is.
    #[must_use]
    pub fn ends_line(self, bytes: &[u8]) -> bool {
        match self {
            Self::Bytes => bytes.ends_with(b"\n"),
            Self::Utf16Little => bytes.ends_with(&[b'\n', 0]),
            Self::Utf16Big => bytes.ends_with(&[0, b'\n']),
        }
    }

    /// What makes characters of it; `None` where each line is decoded on its own.
    pub(crate) fn decoder(self) -> Option<Utf16> {
        match self {
            Self::Bytes => None,
            Self::Utf16Little => Some(Utf16::new(false)),
            Self::Utf16Big => Some(Utf16::new(true)),
        }
    }
}

/// Makes characters of UTF-16 that comes in pieces.
#[derive(Clone, Debug)]
pub(crate) struct Utf16 {
    is_big: bool,
    /// The first byte of a unit whose second is still to come.
    half: Option<u8>,
    /// The first unit of a pair whose second is still to come.
    high: Option<u16>,
}

impl Utf16 {
    pub(crate) fn new(is_big: bool) -> Self {
        Self { is_big, half: None, high: None }
    }

    /// Takes one byte; gives the characters that it completes, a broken pair as U+FFFD.
    pub(crate) fn push(&mut self, byte: u8, give: &mut dyn FnMut(char)) {
        let Some(first) = self.half.take() else {
            self.half = Some(byte);
            return;
        };
        let pair = [first, byte];
        let unit = if self.is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) };
        if let Some(high) = self.high.take() {
            match char::decode_utf16([high, unit]).next() {
                Some(Ok(character)) => return give(character),
                _ => give(char::REPLACEMENT_CHARACTER),
            }
        }
        match unit {
            0xd800..=0xdbff => self.high = Some(unit),
            _ => give(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)),
        }
    }

    /// What was begun and not completed: the source has ended.
    pub(crate) fn finish(&mut self) -> Option<char> {
        let is_open = self.half.take().is_some() | self.high.take().is_some();
        is_open.then_some(char::REPLACEMENT_CHARACTER)
    }
}

/// The text of a line that is no UTF-16.
pub(crate) fn decoded(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let bytes = error.as_bytes();
            windows_1252(bytes).unwrap_or_else(|| match String::from_utf8_lossy(bytes) {
                Cow::Owned(text) => text,
                Cow::Borrowed(text) => text.to_owned(),
            })
        }
    }
}

/// The characters of 0x80 to 0x9f; the rest is as in Latin-1, and a blank stands for none.
const UPPER: [char; 32] = [
    '\u{20ac}', ' ', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', ' ', '\u{17d}', ' ', ' ', '\u{2018}',
    '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2dc}', '\u{2122}',
    '\u{161}', '\u{203a}', '\u{153}', ' ', '\u{17e}', '\u{178}',
];

/// The text where it looks like one: letters with marks among plain ones, no control characters, no
/// sequence that is valid UTF-8 and would show that this is a damaged line of it, and not 0xff, which
/// hardly any text has.
fn windows_1252(bytes: &[u8]) -> Option<String> {
    let has_utf8 = bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
    let is_text = |byte: &u8| matches!(byte, b'\t' | 0x1b | 0x20..=0x7e | 0x80..=0xfe);
    let foreign = bytes.iter().filter(|byte| **byte >= 0x80).count();
    // More than a third of such letters is no language that is written with them.
    if has_utf8 || foreign * 3 > bytes.len() || !bytes.iter().all(is_text) {
        return None;
    }
    let character = |byte: &u8| match byte {
        0x80..=0x9f => Some(UPPER[usize::from(byte - 0x80)]).filter(|found| *found != ' '),
        _ => Some(char::from(*byte)),
    };
    bytes.iter().map(character).collect()
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Utf16, decoded};

    #[test]
    fn marks() {
        assert_eq!(Encoding::of_head(b"\xff\xfea\0"), (Encoding::Utf16Little, 2));
        assert_eq!(Encoding::of_head(b"\xfe\xff\0a"), (Encoding::Utf16Big, 2));
        assert_eq!(Encoding::of_head(b"\xef\xbb\xbfa"), (Encoding::Bytes, 3));
        assert_eq!(Encoding::of_head(b"\xff"), (Encoding::Bytes, 0));
    }

    #[test]
    fn bytes_that_are_no_utf8() {
        let check = |bytes: &[u8], expect: &str| assert_eq!(decoded(bytes.to_vec()), expect);
        check("h\u{e9}llo \u{4f60}".as_bytes(), "h\u{e9}llo \u{4f60}");
        check(b"caf\xe9 ouvert", "caf\u{e9} ouvert");
        check(b"price 5 \x80, \x93quoted\x94", "price 5 \u{20ac}, \u{201c}quoted\u{201d}");
        check(b"cut h\xc3\xa9llo \xc3", "cut h\u{e9}llo \u{fffd}");
        check(b"binary \x01\xff", "binary \u{1}\u{fffd}");
        check(b"\xff\xfe", "\u{fffd}\u{fffd}");
        check(b"no such letter: \x81", "no such letter: \u{fffd}");
    }

    #[test]
    fn utf16_comes_in_bytes() {
        let read = |is_big: bool, bytes: &[u8]| {
            let (mut utf16, mut text) = (Utf16::new(is_big), String::new());
            bytes.iter().for_each(|byte| utf16.push(*byte, &mut |character| text.push(character)));
            text.extend(utf16.finish());
            text
        };
        assert_eq!(read(false, b"a\0\xe9\0=\xd8\0\xde"), "a\u{e9}\u{1f600}");
        assert_eq!(read(true, b"\0a\0\xe9\xd8=\xde\0"), "a\u{e9}\u{1f600}");
        assert_eq!(read(false, b"=\xd8a\0"), "\u{fffd}a");
        assert_eq!(read(false, b"\0\xdca"), "\u{fffd}\u{fffd}");
    }
}
