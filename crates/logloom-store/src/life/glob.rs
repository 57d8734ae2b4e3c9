//! Name patterns: `*`, `?` and `[abc]` as in a shell. In comes a pattern, then names; out goes whether they
//! fit. Refuses a pattern that is empty, longer than 256 bytes, or whose bracket is never closed.

use std::fmt;

const LENGTH_MAX: usize = 256;

/// A pattern for file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

impl Glob {
    /// Takes a pattern: `*` stands for any text, `?` for one character, `[a-c7]` and `[!a-c7]` for one of
    /// those or none of those.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(pattern: &str) -> Result<Glob, String> {
        if pattern.is_empty() || pattern.len() > LENGTH_MAX {
            return Err(format!("a name pattern has 1 to {LENGTH_MAX} bytes"));
        }
        let mut rest: Vec<char> = pattern.chars().collect();
        while let Some(at) = rest.iter().position(|c| *c == '[') {
            let Some((_, after)) = bracket(&rest[at..], 'x') else {
                return Err(format!("`{pattern}` has a [ without a ]"));
            };
            rest.drain(..at + after);
        }
        Ok(Glob(pattern.to_owned()))
    }

    /// Whether the whole of `name` fits.
    pub fn fits(&self, name: &str) -> bool {
        let (pattern, name): (Vec<char>, Vec<char>) =
            (self.0.chars().collect(), name.chars().collect());
        let (mut at, mut from) = (0, 0);
        // Where the last star stands, and what it has taken so far.
        let mut star: Option<(usize, usize)> = None;
        while from < name.len() {
            if pattern.get(at) == Some(&'*') {
                star = Some((at, from));
                at += 1;
            } else if let Some(next) = one(&pattern[at..], name[from]) {
                at += next;
                from += 1;
            } else if let Some((star_at, taken)) = star {
                star = Some((star_at, taken + 1));
                (at, from) = (star_at + 1, taken + 1);
            } else {
                return false;
            }
        }
        pattern[at..].iter().all(|c| *c == '*')
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Length of the part of the pattern that one character fits; `None` when it does not.
fn one(pattern: &[char], character: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => bracket(pattern, character).and_then(|(fits, length)| fits.then_some(length)),
        other => (*other == character).then_some(1),
    }
}

/// Whether a character is one of a bracket's, and how long that is; `None` without its end.
fn bracket(pattern: &[char], character: char) -> Option<(bool, usize)> {
    let is_negated = pattern.get(1) == Some(&'!');
    let start = 1 + usize::from(is_negated);
    // A bracket that comes first is one of its characters.
    let end = start + 1 + pattern.get(start + 1..)?.iter().position(|c| *c == ']')?;
    let members = &pattern[start..end];
    let mut at = 0;
    let mut is_member = false;
    while at < members.len() {
        if members.get(at + 1) == Some(&'-') && at + 2 < members.len() {
            is_member |= (members[at]..=members[at + 2]).contains(&character);
            at += 3;
        } else {
            is_member |= members[at] == character;
            at += 1;
        }
    }
    Some((is_member != is_negated, end + 1))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, name, fits) in [
            ("*", "2026-11-21.jsonl", true),
            ("*.gz", "2026-11-21.jsonl.gz", true),
            ("*.gz", "2026-11-21.jsonl", false),
            ("2026-1?-*", "2026-11-21.jsonl", true),
            ("2026-1[01]-*.jsonl", "2026-11-21.jsonl", true),
            ("2026-1[!01]-*", "2026-11-21.jsonl", false),
            ("*-[2-3]*", "2026-11-21.jsonl", true),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("[]]", "]", true),
            ("[a-]", "-", true),
            ("a**", "a", true),
            ("?", "", false),
        ] {
            assert_eq!(Glob::new(pattern).unwrap().fits(name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn impossible_patterns_are_refused() {
        for pattern in ["", "[", "a[bc", "[]", &"x".repeat(257)] {
            assert!(Glob::new(pattern).is_err(), "{pattern}");
        }
    }
}
