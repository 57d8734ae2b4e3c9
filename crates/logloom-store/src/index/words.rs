//! Words of a text. In comes text, out go its words: longest runs of letters, digits and `_`, folded so that all
//! spellings that differ in case are one.

/// Not part of a word.
pub(super) const GAP: u8 = 0;
pub(super) const DIGIT: u8 = 1;
pub(super) const LETTER: u8 = 2;
/// Part of a character beyond ASCII.
pub(super) const WIDE: u8 = 4;

/// What each byte can be in a word.
pub(super) const CLASS: [u8; 256] = {
    let mut class = [GAP; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => LETTER,
            0x80.. => WIDE,
            _ => GAP,
        };
        byte += 1;
    }
    class
};

/// Words of more digits are looked up among other words.
pub(super) const DIGITS_MAX: usize = 9;

/// Whether a character is part of words.
pub(super) fn is_letter(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// The words of a text, each as it stands.
pub(super) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character| !is_letter(character)).filter(|word| !word.is_empty())
}

/// The folded form of a word. Not of one in ASCII alone: its hash folds it.
pub(super) fn fold(word: &str) -> String {
    let upper = word.chars().flat_map(char::to_lowercase).flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase).collect()
}

/// Whether a word consists of few digits.
pub(super) fn is_few_digits(word: &[u8]) -> bool {
    word.len() <= DIGITS_MAX && word.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_runs_of_letters_digits_and_underscores() {
        let check = |text: &str, expect: &[&str]| {
            assert_eq!(words_of(text).collect::<Vec<_>>(), expect, "{text}");
        };
        check("", &[]);
        check("a-b_c.d/e 12", &["a", "b_c", "d", "e", "12"]);
        check("Größe—naïve\u{301}", &["Größe", "naïve"]);
    }

    #[test]
    fn spellings_that_differ_in_case_are_one() {
        for (left, right) in [
            ("GRÖSSE", "größe"),
            ("GRÖ\u{1e9e}E", "größe"),
            ("ΟΔΟΣ", "οδος"),
            ("ſo\u{212a}", "SOk"),
        ] {
            assert_eq!(fold(left), fold(right));
            assert_eq!(fold(left), fold(&fold(left)));
        }
    }
}
