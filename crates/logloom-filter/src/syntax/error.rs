//! What is wrong with a query text, and where.
//!
//! Takes a place in the text with a sentence, gives a picture of the query with the place marked.
//! Control characters of the query are never printed as they are.

use std::fmt;
use std::ops::Range;

/// A query text that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes of the text that are at fault; empty at the end of the text.
    pub at: Range<usize>,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub hint: Option<String>,
}

impl SyntaxError {
    /// An error at this place.
    #[must_use]
    pub fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), hint: None }
    }

    /// The same with a remedy.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with the nearest of `known` names as its remedy, when one is near.
    #[must_use]
    pub fn with_nearest(self, given: &str, known: &[&str]) -> Self {
        match nearest(given, known) {
            Some(name) => self.with_hint(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// The message, the line of the query with the place marked below it, and the remedy.
    #[must_use]
    pub fn render(&self, query: &str) -> String {
        let start = floor(query, self.at.start.min(query.len()));
        let end = floor(query, self.at.end.clamp(start, query.len()));
        let line_start = query[..start].rfind('\n').map_or(0, |feed| feed + 1);
        let line_end = query[start..].find('\n').map_or(query.len(), |feed| start + feed);
        let column = query[line_start..start].chars().count();
        let width = query[start..end.min(line_end).max(start)].chars().count().max(1);
        let (shown, column) = window(&query[line_start..line_end], column);
        let mut drawn = format!("{}\n  {shown}\n  {:column$}", visible(&self.message), "");
        drawn.extend(std::iter::repeat_n('^', width.min(SHOWN_MAX)));
        if let Some(hint) = &self.hint {
            drawn.push_str("\nhint: ");
            drawn.push_str(&visible(hint));
        }
        drawn
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {} of the query)", visible(&self.message), self.at.start)?;
        match &self.hint {
            Some(hint) => write!(f, "; {}", visible(hint)),
            None => Ok(()),
        }
    }
}

impl std::error::Error for SyntaxError {}

/// Characters of one line of a query that are shown around the place.
const SHOWN_MAX: usize = 120;

/// The part of a line around `column`, and where that column is in it.
fn window(line: &str, column: usize) -> (String, usize) {
    let skipped = column.saturating_sub(SHOWN_MAX / 2);
    let shown: String = line.chars().skip(skipped).take(SHOWN_MAX).collect();
    (visible(&shown), column - skipped)
}

/// The text with one harmless character for each control character, so that columns stay.
fn visible(text: &str) -> String {
    let harmless = |character: char| match character {
        '\t' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        control if control.is_control() => '\u{fffd}',
        plain => plain,
    };
    text.chars().map(harmless).collect()
}

/// The last character boundary at or before `place`.
fn floor(text: &str, mut place: usize) -> usize {
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// The known name that is nearest to what was given, when it is near enough to be meant.
#[must_use]
pub fn nearest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    let given: Vec<char> = given.to_lowercase().chars().take(64).collect();
    let allowed = (given.len() / 3).clamp(1, 3);
    known
        .iter()
        .map(|name| (distance(&given, name), name.chars().count().abs_diff(given.len()), *name))
        .filter(|(distance, _, _)| *distance <= allowed)
        .min()
        .map(|(_, _, name)| name)
}

/// How many characters must be put in, taken out or changed; a swap of neighbours is one change.
fn distance(given: &[char], name: &str) -> usize {
    let name: Vec<char> = name.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=name.len()).collect();
    for (row, left) in given.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, right) in name.iter().enumerate() {
            let changed = above[column] + usize::from(left != right);
            let mut least = changed.min(above[column + 1] + 1).min(current[column] + 1);
            let is_swap =
                row > 0 && column > 0 && given[row - 1] == *right && *left == name[column - 1];
            if is_swap {
                least = least.min(before[column - 1] + 1);
            }
            current.push(least);
        }
        before = std::mem::replace(&mut above, current);
    }
    above[name.len()]
}

#[cfg(test)]
mod tests {
    use super::{SyntaxError, nearest};

    #[test]
    fn the_place_is_drawn() {
        let error = SyntaxError::new(6..11, "unknown function `rnage`")
            .with_nearest("rnage", &["range", "in"]);
        let drawn = error.render("a:b\nx rnage[1, 2]");
        assert_eq!(
            drawn,
            "unknown function `rnage`\n  x rnage[1, 2]\n    ^^^^^\nhint: did you mean `range`?"
        );
        let at_end = SyntaxError::new(4..4, "a filter is missing").render("a or");
        assert_eq!(at_end, "a filter is missing\n  a or\n      ^");
        assert!(error.to_string().contains("byte 6"));
    }

    #[test]
    fn places_and_controls_of_any_kind_are_drawn() {
        let wide = "\u{e9}".repeat(500);
        for at in [0..1, 999..1000, 3..2000, 5000..6000] {
            assert!(SyntaxError::new(at, "x").render(&wide).len() < 1000);
        }
        let drawn = SyntaxError::new(0..1, "\u{1b}[1m").render("\u{1b}[2J\u{202e}");
        assert!(!drawn.contains('\u{1b}') && !drawn.contains('\u{202e}'), "{drawn}");
    }

    #[test]
    fn near_names_are_found() {
        assert_eq!(nearest("filds", &["fields", "format"]), Some("fields"));
        assert_eq!(nearest("srot", &["sort", "stats"]), Some("sort"));
        assert_eq!(nearest("zebra", &["fields", "format"]), None);
        assert_eq!(nearest("", &["in"]), None);
    }
}
