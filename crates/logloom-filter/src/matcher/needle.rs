//! A text that must stand somewhere in the raw bytes of a line, however JSON writes it.
//!
//! Takes a text once and bytes one after the other, says whether the text stands there or may be
//! concealed there. JSON can write any character as an escape; which escapes could conceal this
//! text depends on its characters, and most texts are concealed by none that a line has.

use memchr::memchr;
use memchr::memmem::Finder;

use logloom_record::line::escape;

/// A text ready to be looked for.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    plain: Finder<'static>,
    /// The text as it stands inside a JSON string, where that differs.
    escaped: Option<Finder<'static>>,
    concealed: Concealed,
}

/// What a line must hold to conceal the text.
#[derive(Clone, Debug)]
enum Concealed {
    /// The escape of a visible ASCII character by its number; holds how those begin.
    ByAsciiNumber(Finder<'static>),
    /// The escape of any character by its number.
    ByNumber(Finder<'static>),
    /// Any escape.
    ByAnyEscape,
    /// Nothing: it may always be there.
    Always,
}

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        let escaped = escape(text);
        let differs = escaped != text.as_bytes();
        Self {
            plain: Finder::new(text).into_owned(),
            escaped: differs.then(|| Finder::new(&escaped).into_owned()),
            concealed: Concealed::of(text),
        }
    }

    /// Whether the text stands there, plain or escaped.
    pub(super) fn is_in(&self, bytes: &[u8]) -> bool {
        let is_escaped = || self.escaped.as_ref().is_some_and(|text| text.find(bytes).is_some());
        self.plain.find(bytes).is_some() || is_escaped()
    }

    /// Whether the text stands there or may be concealed there; false is certain.
    pub(super) fn may_be_in(&self, bytes: &[u8]) -> bool {
        self.is_in(bytes)
            || match &self.concealed {
                Concealed::ByAsciiNumber(beginning) => {
                    let is_visible = |at: usize| matches!(bytes.get(at + 4), Some(b'2'..=b'7'));
                    beginning.find_iter(bytes).any(is_visible)
                }
                Concealed::ByNumber(beginning) => beginning.find(bytes).is_some(),
                Concealed::ByAnyEscape => memchr(b'\\', bytes).is_some(),
                Concealed::Always => true,
            }
    }
}

impl Concealed {
    fn of(text: &str) -> Self {
        // Bytes that are no UTF-8 are shown as this character.
        if text.is_empty() || text.contains(char::REPLACEMENT_CHARACTER) {
            return Self::Always;
        }
        let has_short_escape =
            |character: char| character.is_control() || matches!(character, '/' | '"' | '\\');
        if text.contains(has_short_escape) {
            return Self::ByAnyEscape;
        }
        match text.is_ascii() {
            true => Self::ByAsciiNumber(Finder::new(br"\u00").into_owned()),
            false => Self::ByNumber(Finder::new(br"\u").into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Needle;

    #[test]
    fn what_escapes_may_conceal_is_never_excluded() {
        let check = |text: &str, line: &str, is_in: bool, may: bool| {
            let needle = Needle::new(text);
            assert_eq!(needle.is_in(line.as_bytes()), is_in, "{text} {line}");
            assert_eq!(needle.may_be_in(line.as_bytes()), may, "{text} {line}");
        };
        check("ab", r#"{"a":"xaby"}"#, true, true);
        check("ab", r#"{"a":"x\n\u4e2d"}"#, false, false);
        check("ab", r#"{"a":"\u0061b"}"#, false, true);
        check("ab", r#"{"a":"\u001b[0m \u00e9"}"#, false, false);
        check("a/b", r#"{"a":"a\/b"}"#, false, true);
        check("say \"hi\"", r#"{"a":"say \"hi\""}"#, true, true);
        check("a\nb", r#"{"a":"a\nb"}"#, false, true);
        check("\u{4e2d}", r#"{"a":"\u4e2d"}"#, false, true);
        check("\u{4e2d}", r#"{"a":"\n"}"#, false, false);
        check("\u{fffd}", "{}", false, true);
        check("", "{}", true, true);
    }
}
