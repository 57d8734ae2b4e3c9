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

/// Whether a text for reading must spell a character out: what is harmful, and what takes no room, so
/// that two texts that differ look the same, or one says more than is seen. Joined pictures and the
/// letters of some languages show their joiners then; data formats keep all of these as they are.
#[must_use]
pub fn is_deceptive(character: char) -> bool {
    is_harmful(character)
        || matches!(
            character,
            '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::{is_deceptive, is_harmful};

    #[test]
    fn what_is_not_seen_is_spelt_out_for_readers_alone() {
        let unseen = "\u{200b}\u{200d}\u{2060}\u{2064}\u{feff}\u{e0041}";
        assert!(unseen.chars().all(|character| is_deceptive(character) && !is_harmful(character)));
        assert!("\u{1b}\u{200e}\u{202e}\u{2069}".chars().all(is_deceptive));
        assert!("a \n\té日本👩e\u{301}\u{fe0f}".chars().all(|character| !is_deceptive(character)));
    }

    #[test]
    fn what_appears_is_harmless_and_what_acts_is_not() {
        assert!("a \n\té日本\u{200d}👩".chars().all(|character| !is_harmful(character)));
        let acting = "\u{1b}\r\u{7f}\u{9b}\u{61c}\u{200f}\u{2028}\u{202e}\u{2066}\u{2069}";
        assert!(acting.chars().all(is_harmful));
    }
}
