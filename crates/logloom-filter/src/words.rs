//! What a word is, and texts that are found at the edges of words.
//!
//! Words are the longest runs of letters and digits of all scripts and `_`. Matching, the planner
//! and the index agree by using what stands here.

use memchr::memmem::Finder;

use crate::syntax::is_word_character;

/// One character in lower case. A character whose lower case has several characters stays as it
/// is, so that a text has as many characters as before.
#[must_use]
pub fn fold_character(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_lowercase();
    }
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) => single,
        _ => character,
    }
}

/// A text in lower case, character by character: what two texts have in common that differ in
/// upper and lower case only.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().map(fold_character).collect()
}

/// The words of a text, in order.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character| !is_word_character(character)).filter(|word| !word.is_empty())
}

/// A text that is looked for in others so that no word goes on beyond its edges.
#[derive(Clone, Debug)]
pub(crate) struct Edged {
    finder: Box<Finder<'static>>,
    begins_with_word: bool,
    ends_with_word: bool,
}

impl Edged {
    /// A text with both edges at the edges of words.
    pub(crate) fn phrase(text: &str) -> Self {
        Self {
            finder: Box::new(Finder::new(text).into_owned()),
            begins_with_word: text.chars().next().is_some_and(is_word_character),
            ends_with_word: text.chars().next_back().is_some_and(is_word_character),
        }
    }

    /// A text with its beginning at the edge of a word.
    pub(crate) fn prefix(text: &str) -> Self {
        Self { ends_with_word: false, ..Self::phrase(text) }
    }

    /// Where the text is first found, as bytes of `text`. An empty one is found at the start.
    pub(crate) fn find(&self, text: &str) -> Option<std::ops::Range<usize>> {
        let length = self.finder.needle().len();
        let mut position = 0;
        loop {
            let rest = text.as_bytes().get(position..)?;
            let start = position + self.finder.find(rest)?;
            let found = start..start + length;
            if self.stands_alone(text, &found) {
                return Some(found);
            }
            position = start + 1;
        }
    }

    fn stands_alone(&self, text: &str, found: &std::ops::Range<usize>) -> bool {
        let is_word = |character: Option<char>| character.is_some_and(is_word_character);
        let goes_on_before =
            self.begins_with_word && is_word(text[..found.start].chars().next_back());
        let goes_on_after = self.ends_with_word && is_word(text[found.end..].chars().next());
        !goes_on_before && !goes_on_after
    }
}

#[cfg(test)]
mod tests {
    use super::{Edged, fold, words};

    #[test]
    fn words_are_found_whole() {
        let check = |phrase: &str, text: &str, expect: bool| {
            assert_eq!(Edged::phrase(phrase).find(text).is_some(), expect, "{phrase} in {text}");
        };
        check("error", "an error happened", true);
        check("error", "error: no file", true);
        check("error", "errors, no error", true);
        check("error", "terror_error errors", false);
        check("error", "ERROR", false);
        check("ssh: login fail", "ssh: login failed", false);
        check("ssh: login fail", "ssh: login fail!", true);
        check(": login", "ssh: login", true);
        check("fail:", "fail:x", true);
        check("\u{e9}t\u{e9}", "l'\u{e9}t\u{e9}", true);
        check("\u{e9}t\u{e9}", "\u{e9}t\u{e9}s", false);
        check("t\u{e9}", "\u{e9}t\u{e9}", false);
    }

    #[test]
    fn beginnings_are_found() {
        let check = |prefix: &str, text: &str, expect: bool| {
            assert_eq!(Edged::prefix(prefix).find(text).is_some(), expect, "{prefix} in {text}");
        };
        check("err", "an error", true);
        check("err", "fooerror", false);
        check("unexpected fail", "error:unexpected failure", true);
        check("unexpected fail", "unexpectedly failed", false);
    }

    #[test]
    fn folding_and_splitting() {
        assert_eq!(fold("\u{c4}RGER \u{130}\u{3a3}"), "\u{e4}rger \u{130}\u{3c3}");
        let all: Vec<&str> = words("foo: (bar,\"\u{442}\u{435}\")! a_1-b").collect();
        assert_eq!(all, ["foo", "bar", "\u{442}\u{435}", "a_1", "b"]);
    }
}
