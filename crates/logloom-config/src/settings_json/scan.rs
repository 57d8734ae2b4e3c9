//! Takes the text of a `settings.json`, hands on the part of it that is ours; refuses what is no JSON
//! object as a whole. What the other parts hold is none of our business and is only passed over.

/// Levels of objects and arrays within each other.
const DEPTH_MAX: usize = 128;

/// Where the text stops being JSON, and what was expected there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) at: usize,
    pub(super) expected: &'static str,
}

type Scanned<T> = Result<T, Broken>;

/// The bytes of the value of the member `name` of the object that `text` is; of several the last.
pub(super) fn member(text: &str, name: &str) -> Scanned<Option<std::ops::Range<usize>>> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    let mut found = None;
    if text.starts_with('\u{feff}') {
        scan.at = '\u{feff}'.len_utf8();
    }
    scan.expect(b'{', "`{`")?;
    if scan.next() == Some(b'}') {
        scan.at += 1;
    } else {
        loop {
            let key = scan.text()?;
            scan.expect(b':', "`:`")?;
            scan.space();
            let start = scan.at;
            scan.value(0)?;
            if &text[key.start + 1..key.end - 1] == name {
                found = Some(start..scan.at);
            }
            match scan.next() {
                Some(b',') => scan.at += 1,
                _ => break scan.expect(b'}', "`,` or `}`")?,
            }
        }
    }
    match scan.next() {
        None => Ok(found),
        Some(_) => Err(scan.broken("nothing behind the last `}`")),
    }
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn broken(&self, expected: &'static str) -> Broken {
        Broken { at: self.at, expected }
    }

    fn space(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
    }

    /// The next byte that is no space, not taken.
    fn next(&mut self) -> Option<u8> {
        self.space();
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Scanned<()> {
        if self.next() != Some(byte) {
            return Err(self.broken(expected));
        }
        self.at += 1;
        Ok(())
    }

    /// A text with its quotes.
    fn text(&mut self) -> Scanned<std::ops::Range<usize>> {
        self.space();
        let start = self.at;
        self.expect(b'"', "a text in double quotes")?;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(b'\n') | None => return Err(self.broken("the `\"` that ends the text")),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(start..self.at)
    }

    fn value(&mut self, depth: usize) -> Scanned<()> {
        if depth > DEPTH_MAX {
            return Err(self.broken("less nesting"));
        }
        match self.next() {
            Some(b'"') => self.text().map(drop),
            Some(b'{') => self.sequence(b'}', depth, true),
            Some(b'[') => self.sequence(b']', depth, false),
            Some(b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                let rest = &self.bytes[self.at..];
                let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
                self.at += rest.iter().take_while(is_part).count();
                Ok(())
            }
            _ => Err(self.broken("a value")),
        }
    }

    fn sequence(&mut self, end: u8, depth: usize, is_object: bool) -> Scanned<()> {
        self.at += 1;
        if self.next() == Some(end) {
            self.at += 1;
            return Ok(());
        }
        loop {
            if is_object {
                self.text()?;
                self.expect(b':', "`:`")?;
            }
            self.value(depth + 1)?;
            match self.next() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == end => break,
                _ => return Err(self.broken("`,` or the end of the list or section")),
            }
        }
        self.at += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_member_is_found_whatever_stands_beside_it() {
        for (text, expected) in [
            ("{}", None),
            (
                "\u{feff}{ \"a\": [1, {\"logging\": 2}], \"logging\": {\"x\":\"}\\\"\"} }",
                Some("{\"x\":\"}\\\"\"}"),
            ),
            ("{\"logging\":1,\"logging\":\t-2.5e3\n}", Some("-2.5e3")),
            ("{\"logging \":1}", None),
        ] {
            let found = member(text, "logging").map(|range| range.map(|range| &text[range]));
            assert_eq!(found, Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_object_is_refused_with_its_place() {
        for (text, at) in [
            ("", 0),
            ("[]", 0),
            ("{\"a\" 1}", 5),
            ("{\"a\":1,}", 7),
            ("{\"a\":}", 5),
            ("{\"a\":[1 2]}", 8),
            ("{\"a\":1} x", 8),
            ("{\"a\":\"x", 7),
            ("{\"a\":\"x\\", 8),
        ] {
            let found = member(text, "logging").map_err(|broken| broken.at);
            assert!(matches!(found, Err(place) if place >= at), "{text}: {found:?}");
        }
        assert!(member(&"{\"a\":".repeat(1000), "b").is_err());
        assert!(member(&format!("{{\"a\":{}", "[".repeat(100_000)), "b").is_err());
    }
}
