//! Private keys in PEM, printed line by line.
//!
//! Takes the lines behind `-----BEGIN ... PRIVATE KEY-----` and tells which of them belong to the key,
//! so that it becomes one record, which is masked as a whole. Only what looks like a key goes on with
//! it: lines above it that say what it is, base64, and the last line. A key has at most [`LINES_MAX`]
//! lines and [`BYTES_MAX`] bytes.
//!
//! Of a key that is given in several records nobody else can tell what the later ones are: its body is
//! hidden here ([`Open::hide`]), and what is still to come of it is known by [`Torn`].

use super::prefixed::Prefixed;

/// Most lines of a key; one of 16,384 bits has 200.
pub(super) const LINES_MAX: u16 = 256;
/// Most bytes of a key; masking looks through more.
const BYTES_MAX: u16 = 32 << 10;
/// Most keys whose end is awaited at a time, and lines of others between two of their lines.
const TORN_MAX: usize = 8;
const TORN_LINES_MAX: u32 = 1_000;
/// Most lines above the base64.
const HEADERS_MAX: u16 = 8;
/// A line of base64 that is shorter than this, or than the first one, is the last, as far as lines of this
/// length do not follow.
const FULL_BYTES_MIN: u16 = 16;

/// A key under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    lines: u16,
    bytes: u16,
    /// Bytes of the first line of base64.
    width: u16,
    expects: Expects,
}

/// What may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expects {
    /// Lines that say what it is, or base64.
    Any,
    /// Base64, or the last line.
    Body,
    /// The checksum, or the last line.
    End,
}

/// What a line makes of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// It goes on.
    Open(Key),
    /// This was its last line.
    Closed,
    /// The line does not belong to it.
    Other,
}

impl Key {
    /// The key that begins at the end of this line.
    pub(super) fn opened_by(line: &str) -> Option<Self> {
        let line = line.trim();
        // Hardly any line ends so.
        let title = line.strip_suffix("-----")?;
        let title = &title[title.rfind("-----BEGIN ")?..];
        let is_private = title.ends_with("PRIVATE KEY") || title.ends_with("PRIVATE KEY BLOCK");
        is_private.then_some(Self { lines: 1, bytes: 0, width: 0, expects: Expects::Any })
    }

    /// Whether lines of base64 have come.
    pub(super) fn has_body(&self) -> bool {
        self.width > 0
    }

    /// Whether a line that goes on with it is to be hidden.
    pub(super) fn hides(&self, line: &str) -> bool {
        let line = line.trim();
        // A first line that is short is the last one, too: so little is no key, but a word.
        is_body(line) && (self.has_body() || line.len() >= usize::from(FULL_BYTES_MIN))
    }

    /// The key with one more line.
    pub(super) fn step(self, line: &str) -> Next {
        let line = line.trim();
        // A line that is too long for the count is too long for a key.
        let own_bytes = u16::try_from(line.len()).unwrap_or(u16::MAX);
        let (lines, bytes) = (self.lines + 1, self.bytes.saturating_add(own_bytes));
        if lines > LINES_MAX || bytes > BYTES_MAX {
            return Next::Other;
        }
        if line.starts_with("-----END ") {
            return Next::Closed;
        }
        let open = |expects| Next::Open(Self { lines, bytes, expects, ..self });
        match self.expects {
            Expects::Any if lines <= HEADERS_MAX && (line.is_empty() || is_header(line)) => {
                open(Expects::Any)
            }
            // A short line is the last one, or a word of another program between two of the key.
            _ if is_body(line) && (self.expects != Expects::End || own_bytes >= FULL_BYTES_MIN) => {
                let width = self.width.max(FULL_BYTES_MIN);
                let is_full = own_bytes >= width && !line.ends_with('=');
                let expects = if is_full { Expects::Body } else { Expects::End };
                let width = if self.width == 0 { own_bytes } else { self.width };
                Next::Open(Self { lines, bytes, width, expects })
            }
            Expects::Body | Expects::End if line.len() == 5 && line.starts_with('=') => {
                open(Expects::End)
            }
            _ => Next::Other,
        }
    }
}

/// A key that is not closed within a group of lines.
#[derive(Debug)]
pub(super) struct Open {
    /// As of the last line.
    now: Key,
    /// Before the first line of it that can hold a secret.
    start: Key,
    /// Where that line begins, or will, within the text of the group.
    from: usize,
    /// Whether it was begun in a record before this one.
    is_torn: bool,
}

impl Open {
    /// The key that this line, the last one of a text of that length, opens. Hardly any does, hence
    /// the box.
    pub(super) fn by(line: &str, text_len: usize) -> Option<Box<Self>> {
        let key = Key::opened_by(line)?;
        Some(Box::new(Self { now: key, start: key, from: text_len + 1, is_torn: false }))
    }

    /// The key that the line at the beginning of a text goes on with. `None` where it is its last line.
    pub(super) fn torn(start: Key, line: &str) -> Option<Box<Self>> {
        match start.step(line) {
            Next::Open(now) => Some(Box::new(Self { now, start, from: 0, is_torn: true })),
            Next::Closed | Next::Other => None,
        }
    }

    /// What the line makes of it.
    pub(super) fn step(&self, line: &str) -> Next {
        self.now.step(line)
    }

    /// The key is this with one more line.
    pub(super) fn set(&mut self, now: Key) {
        self.now = now;
    }

    /// Whether nothing but its title has come.
    pub(super) fn is_title(&self) -> bool {
        self.now.lines == 1
    }

    /// The key as of the last line.
    pub(super) fn now(&self) -> Key {
        self.now
    }

    /// Whether it was begun in a record before this one.
    pub(super) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Puts a mark in the place of each line of the body, as masking does.
    pub(super) fn hide(&self, text: &mut String) {
        let Some(lines) = text.get(self.from..) else { return };
        let mut key = Some(self.start);
        let lines: Vec<String> = lines.split('\n').map(|line| hidden(line, &mut key)).collect();
        text.truncate(self.from);
        text.push_str(&lines.join("\n"));
    }
}

/// A line, with a mark in its place where it is of the body of the key.
fn hidden(line: &str, key: &mut Option<Key>) -> String {
    let Some(before) = *key else { return line.to_owned() };
    match before.step(line) {
        Next::Open(next) => {
            *key = Some(next);
            if before.hides(line) {
                return mark(line.trim());
            }
        }
        Next::Closed => *key = None,
        Next::Other => {}
    }
    line.to_owned()
}

/// Keys of which the beginning was given, but not the end, the one that was torn last behind all
/// others: those that are printed at the same time take turns.
#[derive(Debug, Default)]
pub(super) struct Torn {
    rests: Vec<Rest>,
    /// Those whose lines stand behind something. They are here because a source with any key is rare.
    pub(super) prefixed: Prefixed,
}

/// What is to come of one.
#[derive(Debug)]
struct Rest {
    key: Key,
    /// Lines since its last one.
    lines_since: u32,
}

impl Torn {
    /// Remembers a key; of too many the one that was torn first is forgotten.
    pub(super) fn add(&mut self, key: Key) {
        if self.rests.len() >= TORN_MAX {
            self.rests.remove(0);
        }
        self.rests.push(Rest { key, lines_since: 0 });
    }

    /// Takes out the key that this line goes on with, as it is before the line. A line that goes on
    /// with none counts for all.
    pub(super) fn take(&mut self, line: &str) -> Option<Key> {
        if let Some(at) = self.find(line) {
            return Some(self.rests.remove(at).key);
        }
        self.rests.iter_mut().for_each(|rest| rest.lines_since += 1);
        self.rests.retain(|rest| rest.lines_since <= TORN_LINES_MAX);
        None
    }

    /// Remembers the key that is begun in these lines, given by others, and not closed.
    pub(super) fn add_begun<'a>(&mut self, lines: impl Iterator<Item = &'a str>) {
        let mut key: Option<Key> = None;
        for line in lines {
            key = match key.map(|key| key.step(line)) {
                Some(Next::Open(next)) => Some(next),
                Some(Next::Closed) => None,
                Some(Next::Other) | None => Key::opened_by(line).or(key),
            };
        }
        self.rests.extend(key.map(|key| Rest { key, lines_since: 0 }));
    }

    /// Whether a line goes on with any of them.
    pub(super) fn has(&self, line: &str) -> bool {
        self.find(line).is_some()
    }

    fn find(&self, line: &str) -> Option<usize> {
        self.rests.iter().position(|rest| rest.key.step(line) != Next::Other)
    }
}

/// What stands in the place of a line of the body, as masking has it.
pub(super) fn mark(line: &str) -> String {
    format!("***[MASKED {} chars]***", line.len())
}

/// `Proc-Type: 4,ENCRYPTED`.
fn is_header(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
    })
}

fn is_body(line: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    !line.is_empty() && line.bytes().all(is_base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "MIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgwMbRvI0MBZhpI";

    /// How many lines belong to the key that the first one opens, and whether it is closed.
    fn lines(text: &str) -> (usize, bool) {
        let mut all = text.split('\n');
        let Some(mut key) = all.next().and_then(Key::opened_by) else { return (0, false) };
        let mut count = 1;
        for line in all {
            match key.step(line) {
                Next::Open(next) => key = next,
                Next::Closed => return (count + 1, true),
                Next::Other => break,
            }
            count += 1;
        }
        (count, false)
    }

    #[test]
    fn the_lines_of_a_key_are_known() {
        let key = |head: &str, body: &str| {
            format!("-----BEGIN {head}-----\n{body}\n-----END {head}-----\nnext")
        };
        let body = format!("{LINE}\n{LINE}\nabcd==");
        assert_eq!(lines(&key("RSA PRIVATE KEY", &body)), (5, true));
        assert_eq!(lines(&key("PRIVATE KEY", &body).replace('\n', "\r\n")), (5, true));
        let encrypted = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n{body}");
        assert_eq!(lines(&key("EC PRIVATE KEY", &encrypted)), (8, true));
        let pgp = format!("Version: GnuPG v2.0 (GNU/Linux)\n\n{body}\n=aB3d");
        assert_eq!(lines(&key("PGP PRIVATE KEY BLOCK", &pgp)), (8, true));
        assert_eq!(lines(&key("PUBLIC KEY", &body)), (0, false));
        let narrow = format!("{0}\n{0}\n{0}\nabcd", &LINE[..20]);
        assert_eq!(lines(&key("PRIVATE KEY", &narrow)), (6, true));
        let indented = key("EC PRIVATE KEY", &body).replace('\n', "\n    ");
        assert_eq!(lines(&format!("  key: {indented}")), (5, true));
    }

    #[test]
    fn a_word_between_two_lines_ends_no_key() {
        let head = "-----BEGIN RSA PRIVATE KEY-----";
        let end = "-----END RSA PRIVATE KEY-----";
        let text = format!("{head}\ndone\n{LINE}\n42\n{LINE}\nok\n{}\n{end}", &LINE[..20]);
        assert_eq!(lines(&text), (8, true));
    }

    #[test]
    fn what_does_not_look_like_a_key_is_none_of_it() {
        let head = "-----BEGIN RSA PRIVATE KEY-----";
        assert_eq!(lines(&format!("{head}\n{LINE}\nready now")), (2, false));
        assert_eq!(lines(&format!("{head}\n{LINE}\nabcd\nready")), (3, false));
        assert_eq!(lines(&format!("{head}\n[x]\n{LINE}")), (1, false));
        let endless = format!("{head}\n{}", format!("{LINE}\n").repeat(1_000));
        assert_eq!(lines(&endless), (LINES_MAX as usize, false));
        let long = format!("{head}\n{}\n{LINE}", LINE.repeat(1_000));
        assert_eq!(lines(&long), (1, false));
        assert_eq!(lines("-----\nx"), (0, false));
    }
}
