//! Quotes, at whatever depth of escaping they stand: `"`, `\"`, `\\\"`, and `'`.
//!
//! In a line of JSON a `"` behind an even number of backslashes ends or begins a string of the line
//! itself, whatever the text within means: it is never crossed.

/// A quote with the backslashes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) byte: u8,
    pub(super) backslashes: usize,
}

impl Quote {
    /// The quote that begins at `at`, its backslashes included, and where it ends.
    pub(super) fn at(bytes: &[u8], at: usize) -> Option<(Quote, usize)> {
        let rest = bytes.get(at..)?;
        let backslashes = rest.iter().take(64).take_while(|byte| **byte == b'\\').count();
        let byte = *rest.get(backslashes)?;
        let is_quote = matches!(byte, b'"' | b'\'' | b'`');
        is_quote.then_some((Quote { byte, backslashes }, at + backslashes + 1))
    }

    /// Whether it ends or begins a string of the line itself, in JSON.
    pub(super) fn is_of_the_line(self) -> bool {
        self.byte == b'"' && self.backslashes.is_multiple_of(2)
    }

    /// Backslashes that belong to it: an even number before a quote of the line are the end of what it closes.
    pub(super) fn depth(self, is_json: bool) -> usize {
        if is_json && self.is_of_the_line() { 0 } else { self.backslashes }
    }

    /// Whether both stand at the same depth. Programs mix `'` and `"`.
    pub(super) fn matches(self, other: Quote, is_json: bool) -> bool {
        self.depth(is_json) == other.depth(is_json) && (self.byte == other.byte || !is_json)
    }
}

/// Longest value that is looked through for its end.
pub(super) const VALUE_BYTES_MAX: usize = 64 << 10;

/// Where a value ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueEnd {
    /// Before the backslashes of its closing quote.
    Closed(usize),
    /// Where the text, the line or the string around it ends: it was cut.
    Cut(usize),
}

/// Where the value ends that began behind `open`: before the backslashes of its closing quote.
pub(super) fn closing(bytes: &[u8], from: usize, open: Quote, is_json: bool) -> Option<usize> {
    match value_end(bytes, from, open, is_json)? {
        ValueEnd::Closed(end) => Some(end),
        ValueEnd::Cut(_) => None,
    }
}

/// The same of a value that may have been cut. `None` when it is too long.
pub(super) fn value_end(bytes: &[u8], from: usize, open: Quote, is_json: bool) -> Option<ValueEnd> {
    use ValueEnd::{Closed, Cut};
    let mut at = from;
    let limit = bytes.len().min(from + VALUE_BYTES_MAX);
    while at < limit {
        match bytes[at] {
            b'\n' => return Some(Cut(at)),
            b'\\' => {
                let count = bytes[at..].iter().take_while(|byte| **byte == b'\\').count();
                let behind = at + count;
                match bytes.get(behind) {
                    Some(b'"') if is_json && count.is_multiple_of(2) => {
                        let is_end = open.is_of_the_line();
                        return Some(if is_end { Closed(behind) } else { Cut(behind) });
                    }
                    Some(byte) if *byte == open.byte => match ends(open, count) {
                        End::Here => return Some(Closed(behind - open.backslashes)),
                        End::Outside => return Some(Cut(at)),
                        End::Within => at = behind + 1,
                    },
                    // What was escaped is passed over, a quote of another sort as well.
                    _ => at = behind + 1,
                }
            }
            byte if byte == open.byte => {
                let is_end = open.backslashes == 0 || is_json && open.is_of_the_line();
                return Some(if is_end { Closed(at) } else { Cut(at) });
            }
            b'"' if is_json => return Some(Cut(at)),
            _ => at += 1,
        }
    }
    (at >= bytes.len()).then_some(Cut(bytes.len()))
}

enum End {
    Here,
    Outside,
    Within,
}

/// What a quote behind `count` backslashes is for a value whose own quote has those of `open`.
fn ends(open: Quote, count: usize) -> End {
    // A `\\` before the quote is a backslash of the value, and the quote still its end.
    let own = open.backslashes;
    match count {
        _ if count == own => End::Here,
        _ if count < own => End::Outside,
        _ if own == 0 && count.is_multiple_of(2) => End::Here,
        _ => End::Within,
    }
}

/// Longest object or list that is hidden as a whole. What is longer is searched for secrets as any text.
const BRACKETS_BYTES_MAX: usize = 4096;

/// Where the object or list ends that begins at `from`; its strings have quotes such as `quote`.
pub(super) fn bracket_end(bytes: &[u8], from: usize, quote: Quote, is_json: bool) -> Option<usize> {
    let (mut at, mut depth) = (from, 0_usize);
    let limit = bytes.len().min(from + BRACKETS_BYTES_MAX);
    while at < limit {
        match bytes[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'\n' if is_json => return None,
            b'"' | b'\'' | b'`' | b'\\' => {
                let Some((open, inside)) = Quote::at(bytes, at) else {
                    // An escaped line break between members.
                    at += 2;
                    continue;
                };
                if !open.matches(quote, is_json) {
                    return None;
                }
                let end = closing(bytes, inside, open, is_json)?;
                at = Quote::at(bytes, end).map_or(end + 1, |(_, behind)| behind);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}
