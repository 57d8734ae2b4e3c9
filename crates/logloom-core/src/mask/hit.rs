//! What was found in a text, and what stands for it.
//!
//! A [`Hit`] says which bytes are hidden; [`Writing`] copies the text with the marks in their place.

use super::fingerprint::Fingerprint;

/// One secret in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// First byte that is hidden.
    pub start: usize,
    /// First byte behind it.
    pub end: usize,
    /// Name of its kind, as in the table of kinds.
    pub kind: &'static str,
    /// What stands for it.
    pub form: Form,
}

/// What stands for a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `***[MASKED 44 chars]***`: a secret known by its shape, behind the prefix that is kept.
    Shape,
    /// `[MASKED]`: a value known by its field name, and personal data.
    Value,
    /// `"[MASKED]"`: the same for a value that had no quotes of its own, such as a number. The quote
    /// is that of the field's name, behind so many backslashes.
    Quoted {
        /// `"` or `'`.
        quote: u8,
        /// Backslashes before each of the two quotes.
        backslashes: u8,
    },
    /// `[USER]`: the name of a home directory.
    User,
}

/// Most bytes that a mark takes.
const MARK_BYTES_MAX: usize = 64;

/// A copy of a text in the making.
pub(super) struct Writing<'w> {
    pub(super) text: &'w [u8],
    pub(super) fingerprint: Option<&'w Fingerprint>,
    /// Bytes by which the copy may still be longer than the text.
    pub(super) room: usize,
}

impl Writing<'_> {
    /// Appends the text with the marks of `hits`, which are in order and do not overlap.
    pub(super) fn write(&mut self, hits: &[Hit], out: &mut Vec<u8>) {
        let mut at = 0;
        for hit in hits {
            out.extend_from_slice(&self.text[at..hit.start]);
            self.mark(hit, out);
            at = hit.end;
        }
        out.extend_from_slice(&self.text[at..]);
    }

    fn mark(&mut self, hit: &Hit, out: &mut Vec<u8>) {
        let hidden = &self.text[hit.start..hit.end];
        let start = out.len();
        match hit.form {
            Form::Shape => {
                let count = hidden.iter().filter(|byte| !matches!(byte, 0x80..=0xBF)).count();
                out.extend_from_slice(format!("***[MASKED {count} chars").as_bytes());
                self.fingerprint(hidden, out);
                out.extend_from_slice(b"]***");
            }
            Form::Value => self.value(hidden, out),
            Form::User => out.extend_from_slice(b"[USER]"),
            Form::Quoted { quote, backslashes } => {
                let quote = [&vec![b'\\'; usize::from(backslashes)][..], &[quote]].concat();
                out.extend_from_slice(&quote);
                self.value(hidden, out);
                out.extend_from_slice(&quote);
            }
        }
        let written = out.len() - start;
        debug_assert!(written <= MARK_BYTES_MAX + 2 * usize::from(u8::MAX));
        let longer = written.saturating_sub(hidden.len());
        if longer > self.room {
            out.truncate(start);
            out.resize(start + hidden.len(), filler(hit.form));
            return;
        }
        self.room -= longer;
    }

    fn value(&self, hidden: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(b"[MASKED");
        self.fingerprint(hidden, out);
        out.push(b']');
    }

    fn fingerprint(&self, hidden: &[u8], out: &mut Vec<u8>) {
        if let Some(fingerprint) = self.fingerprint {
            out.extend_from_slice(format!(" #{:06x}", fingerprint.of(hidden)).as_bytes());
        }
    }
}

/// What hides a secret when there is no room for a mark: as long as the secret itself.
fn filler(form: Form) -> u8 {
    // Ones are a number, so that JSON stays JSON.
    if matches!(form, Form::Quoted { .. }) { b'1' } else { b'*' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, hits: &[Hit], room: usize) -> String {
        let mut out = Vec::new();
        Writing { text: text.as_bytes(), fingerprint: None, room }.write(hits, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn hit(start: usize, end: usize, form: Form) -> Hit {
        Hit { start, end, kind: "test", form }
    }

    #[test]
    fn marks_have_the_forms_of_the_manual() {
        let key = format!("sk-{}", "a".repeat(44));
        let all = [hit(3, 47, Form::Shape)];
        assert_eq!(written(&key, &all, 99), "sk-***[MASKED 44 chars]***");
        assert_eq!(written("p=ab c", &[hit(2, 4, Form::Value)], 99), "p=[MASKED] c");
        let quoted = Form::Quoted { quote: b'"', backslashes: 1 };
        assert_eq!(written("p: 12", &[hit(3, 5, quoted)], 99), "p: \\\"[MASKED]\\\"");
        assert_eq!(written("/home/bob/", &[hit(6, 9, Form::User)], 99), "/home/[USER]/");
        assert_eq!(written("é", &[hit(0, 2, Form::Shape)], 99), "***[MASKED 1 chars]***");
    }

    #[test]
    fn without_room_a_mark_is_as_long_as_the_secret() {
        let hits = [hit(0, 2, Form::Value), hit(3, 4, Form::Value)];
        assert_eq!(written("ab c", &hits, 6), "[MASKED] *");
        assert_eq!(written("ab c", &hits, 0), "** *");
    }
}
