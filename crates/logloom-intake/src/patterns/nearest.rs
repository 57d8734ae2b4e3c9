//! Which known name somebody may have meant.

/// Names longer than this are compared by their beginning.
const BYTES_COMPARED: usize = 64;

/// The known name that needs the fewest changes, where these are at most a third of its length and
/// at least one is allowed.
pub(crate) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let ranked = known.map(|name| (changes(given.as_bytes(), name.as_bytes()), name));
    let (changes, name) = ranked.min_by_key(|(changes, _)| *changes)?;
    (changes <= (name.len() / 3).max(1)).then_some(name)
}

/// Single-byte changes that make one name of the other.
fn changes(left: &[u8], right: &[u8]) -> usize {
    let (left, right) =
        (&left[..left.len().min(BYTES_COMPARED)], &right[..right.len().min(BYTES_COMPARED)]);
    let mut costs: Vec<usize> = (0..=right.len()).collect();
    for (row, from) in left.iter().enumerate() {
        let mut before = std::mem::replace(&mut costs[0], row + 1);
        for (column, to) in right.iter().enumerate() {
            let replaced = before + usize::from(from != to);
            before = costs[column + 1];
            costs[column + 1] = replaced.min(before + 1).min(costs[column] + 1);
        }
    }
    costs[right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_names_are_offered() {
        let known = ["name", "pattern", "time"];
        let check = |given: &str, expect| assert_eq!(nearest(given, known.into_iter()), expect);
        check("patern", Some("pattern"));
        check("nmae", None);
        check("tim", Some("time"));
        check("colour", None);
    }
}
