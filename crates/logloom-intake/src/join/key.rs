//! Private keys in PEM, printed line by line.
//!
//! Takes the lines behind `-----BEGIN ... PRIVATE KEY-----` and tells which of them belong to the key,
//! so that it becomes one record, which is masked as a whole; as several records its body would stand
//! in the log. Only what looks like a key goes on with it: lines above it that say what it is, base64,
//! and the last line. A key has at most [`LINES_MAX`] lines and
//! [`BYTES_MAX`] bytes.

/// Most lines of a key; one of 16,384 bits has 200.
pub(super) const LINES_MAX: u16 = 256;
/// Most bytes of a key; masking looks through more.
const BYTES_MAX: u16 = 32 << 10;
/// How long a key waits for its next line, in nanoseconds.
pub(super) const WAIT_NS: i64 = 2_000_000_000;
/// Most lines above the base64.
const HEADERS_MAX: u16 = 8;
/// A line of base64 that is shorter than this, or than the first one, is the last.
const FULL_BYTES_MIN: u16 = 16;

/// A key under way. Small, since every group of lines has room for one.
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
            Expects::Any | Expects::Body if is_body(line) => {
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
    fn what_does_not_look_like_a_key_is_none_of_it() {
        let head = "-----BEGIN RSA PRIVATE KEY-----";
        assert_eq!(lines(&format!("{head}\n{LINE}\nready now")), (2, false));
        assert_eq!(lines(&format!("{head}\n{LINE}\nabcd\n{LINE}")), (3, false));
        assert_eq!(lines(&format!("{head}\n[x]\n{LINE}")), (1, false));
        let endless = format!("{head}\n{}", format!("{LINE}\n").repeat(1_000));
        assert_eq!(lines(&endless), (LINES_MAX as usize, false));
        let long = format!("{head}\n{}\n{LINE}", LINE.repeat(1_000));
        assert_eq!(lines(&long), (1, false));
        assert_eq!(lines("-----\nx"), (0, false));
    }
}
