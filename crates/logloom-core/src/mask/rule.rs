//! A rule of one's own: a prefix and a run of characters, as a company's own tokens are.

use super::bytes::{self, Alphabet, may_begin, may_end, run};
use super::hit::{Form, Hit};
use super::kinds::Place;

/// Names of alphabets for rules, with what they hold.
pub const ALPHABETS: &[(&str, &str)] = &[
    ("digits", "0-9"),
    ("hex", "0-9a-fA-F"),
    ("base32", "A-Z2-7"),
    ("lower", "a-z"),
    ("upper", "A-Z"),
    ("alphanumeric", "0-9A-Za-z"),
    ("word", "0-9A-Za-z_"),
    ("base64", "0-9A-Za-z+/="),
    ("url_safe", "0-9A-Za-z_-"),
    ("token", "0-9A-Za-z-._~+/="),
];

/// The kind of everything that a rule finds.
pub(super) const KIND: &str = "own_rule";

/// A rule of one's own, of a file of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskRule {
    /// Its name, for reports. 1 to 64 bytes.
    pub name: String,
    /// The text that such a secret begins with, 3 to 64 bytes.
    pub prefix: String,
    /// Characters of the prefix that stay visible. Default: all of it.
    pub keep: usize,
    /// One of [`ALPHABETS`]: what follows the prefix. Default `url_safe`.
    pub alphabet: String,
    /// Characters that follow, at least, 4 to 4,096.
    pub least: usize,
    /// Characters that follow, at most, up to 4,096.
    pub most: usize,
}

/// Limits of [`MaskRule::prefix`] in bytes.
const PREFIX_BYTES: std::ops::RangeInclusive<usize> = 3..=64;
/// Limits of the run behind it.
const RUN_BYTES: std::ops::RangeInclusive<usize> = 4..=4096;

impl MaskRule {
    /// What cannot work in this rule: the field and why. `None` when all is well.
    #[must_use]
    pub fn problem(&self) -> Option<(&'static str, String)> {
        if self.name.is_empty() || self.name.len() > 64 {
            return Some(("name", "expected 1 to 64 bytes".to_owned()));
        }
        let is_printable = self
            .prefix
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
        if !PREFIX_BYTES.contains(&self.prefix.len()) || !is_printable {
            let message = "expected 3 to 64 printable ASCII characters without quotes and backslashes: a \
                           shorter prefix would be found everywhere";
            return Some(("prefix", message.to_owned()));
        }
        if self.alphabet().is_none() {
            let names: Vec<&str> = ALPHABETS.iter().map(|(name, _)| *name).collect();
            return Some(("alphabet", format!("expected one of {}", names.join(", "))));
        }
        if !RUN_BYTES.contains(&self.least)
            || !RUN_BYTES.contains(&self.most)
            || self.least > self.most
        {
            return Some(("length", "expected 4 to 4096, the least first".to_owned()));
        }
        (self.keep > self.prefix.len()).then(|| {
            ("keep", format!("expected at most {}, the length of the prefix", self.prefix.len()))
        })
    }

    fn alphabet(&self) -> Option<Alphabet> {
        Some(match self.alphabet.as_str() {
            "digits" => bytes::DIGITS,
            "hex" => bytes::HEX,
            "base32" => bytes::BASE32,
            "lower" => bytes::LOWER,
            "upper" => bytes::UPPER,
            "alphanumeric" => bytes::ALPHANUMERIC,
            "word" => bytes::WORD,
            "base64" => bytes::BASE64,
            "url_safe" => bytes::URL_SAFE,
            "token" => bytes::TOKEN,
            _ => return None,
        })
    }

    /// Whether it is this rule that finds the secret.
    pub(super) fn has_found(&self, bytes: &[u8], hit: &Hit) -> bool {
        let Some(at) = hit.start.checked_sub(self.keep.min(self.prefix.len())) else {
            return false;
        };
        let prefix = self.prefix.as_bytes();
        let place = Place { bytes, is_json: false, at, anchor: prefix, before: 0 };
        bytes[at..].starts_with(prefix) && self.find(&place) == Some(*hit)
    }

    pub(super) fn find(&self, place: &Place<'_>) -> Option<Hit> {
        let begin = place.at;
        let body = begin + self.prefix.len();
        let length = run(place.bytes, body, self.alphabet()?, self.most);
        let end = body + length;
        let fits =
            length >= self.least && may_begin(place.bytes, begin) && may_end(place.bytes, end);
        let start = begin + self.keep.min(self.prefix.len());
        fits.then_some(Hit { start, end, kind: KIND, form: Form::Shape })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> MaskRule {
        MaskRule {
            name: "acme".to_owned(),
            prefix: "acme_".to_owned(),
            keep: 5,
            alphabet: "hex".to_owned(),
            least: 8,
            most: 16,
        }
    }

    #[test]
    fn impossible_rules_are_told() {
        assert_eq!(rule().problem(), None);
        let field = |rule: MaskRule| rule.problem().map(|(field, _)| field);
        assert_eq!(field(MaskRule { name: String::new(), ..rule() }), Some("name"));
        assert_eq!(field(MaskRule { prefix: "ab".to_owned(), ..rule() }), Some("prefix"));
        assert_eq!(field(MaskRule { alphabet: "greek".to_owned(), ..rule() }), Some("alphabet"));
        assert_eq!(field(MaskRule { least: 17, ..rule() }), Some("length"));
        assert_eq!(field(MaskRule { keep: 6, ..rule() }), Some("keep"));
    }
}
