//! Takes a misspelt name and the names there are, hands on the one that was probably meant;
//! refuses to guess when nothing is close.

/// Longest name that is compared, in characters; a longer one is nobody's typing error.
const COMPARED_CHARACTERS_MAX: usize = 64;

/// The candidate that differs least from `given`, ignoring case; `None` when every one differs in
/// more than a third of its characters (at least one, at most three).
///
/// A transposition of neighbours counts as one difference. The first of several equally near
/// candidates wins.
pub fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = folded(given)?;
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let Some(characters) = folded(candidate) else {
            continue;
        };
        let distance = distance(&given, &characters);
        let allowed = (given.len().max(characters.len()) / 3).clamp(1, 3);
        if distance <= allowed && best.is_none_or(|(smallest, _)| distance < smallest) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn folded(name: &str) -> Option<Vec<char>> {
    let characters: Vec<char> = name.chars().take(COMPARED_CHARACTERS_MAX + 1).collect();
    if characters.is_empty() || characters.len() > COMPARED_CHARACTERS_MAX {
        return None;
    }
    let same = |character: char| if character == '-' { '_' } else { character };
    Some(characters.iter().map(|character| same(character.to_ascii_lowercase())).collect())
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_previous: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    for (row, left_character) in left.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, right_character) in right.iter().enumerate() {
            let substituted = previous[column] + usize::from(left_character != right_character);
            let mut cost = substituted.min(previous[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0
                && column > 0
                && *left_character == right[column - 1]
                && left[row - 1] == *right_character;
            if swapped {
                cost = cost.min(before_previous[column - 1] + 1);
            }
            current.push(cost);
        }
        before_previous = std::mem::replace(&mut previous, current);
    }
    previous[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_found() {
        let names = ["durability", "dir", "retention", "ring_dir", "max_file_size"];
        let cases = [
            ("durabilty", Some("durability")),
            ("Dir", Some("dir")),
            ("dri", Some("dir")),
            ("ring-dir", Some("ring_dir")),
            ("max_filesize", Some("max_file_size")),
            ("colour", None),
            ("", None),
        ];
        for (given, expected) in cases {
            assert_eq!(nearest(given, names), expected, "{given}");
        }
    }

    #[test]
    fn an_endless_name_costs_nothing() {
        assert_eq!(nearest(&"d".repeat(1 << 20), ["dir"]), None);
    }
}
