//! Which characters of a text must not reach a terminal as they are. One rule for all that is shown: two
//! would differ one day, and the looser one would be the hole.

/// Whether a character can do more to a terminal than appear on it: control characters of both sets, marks
/// that turn the direction of writing, and line ends that only some programs take for such. The line
/// feed and the tabulator count as harmless here: whether they fit depends on the place.
#[must_use]
pub fn is_harmful(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => true,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2066}'..='\u{2069}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_harmful;

    #[test]
    fn what_appears_is_harmless_and_what_acts_is_not() {
        assert!("a \n\té日本\u{200d}👩".chars().all(|character| !is_harmful(character)));
        let acting = "\u{1b}\r\u{7f}\u{9b}\u{61c}\u{200f}\u{2028}\u{202e}\u{2066}\u{2069}";
        assert!(acting.chars().all(is_harmful));
    }
}
