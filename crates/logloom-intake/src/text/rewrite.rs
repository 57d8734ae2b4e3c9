//! Progress bars.
//!
//! Takes two texts that a carriage return alone divides, says whether the second was written over
//! the first, as a progress bar is, or is a line of its own, as in files that end their lines so.

/// Letters that are compared; what differs later differs in detail.
const LETTERS_COMPARED: usize = 64;

/// Whether `later` is another state of what `earlier` shows: nothing at all, nothing but signs and
/// numbers in one of them, or the same letters in the first half. A text that begins like a record
/// (with a brace, or with a number of four digits as dates do) is never one.
pub(crate) fn is_rewrite(earlier: &[u8], later: &[u8]) -> bool {
    if begins_a_record(later) {
        return false;
    }
    let (mut earlier, mut later) = (letters(earlier), letters(later));
    let mut same = 0;
    loop {
        match (earlier.next(), later.next()) {
            (Some(before), Some(after)) if before == after => same += 1,
            (None, _) | (_, None) => return true,
            // The letters that are left count as different.
            (Some(_), Some(_)) => {
                let shorter = same + 1 + earlier.count().min(later.count());
                return same * 2 >= shorter;
            }
        }
    }
}

fn begins_a_record(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.first() == Some(&b'{') || digits == 4 && matches!(text.get(4), Some(b'-' | b'/'))
}

fn letters(text: &[u8]) -> impl Iterator<Item = u8> {
    text.iter().copied().filter(|byte| byte.is_ascii_alphabetic()).take(LETTERS_COMPARED)
}

#[cfg(test)]
mod tests {
    use super::is_rewrite;

    #[test]
    fn states_and_lines() {
        let check = |earlier: &str, later: &str, expect: bool| {
            assert_eq!(is_rewrite(earlier.as_bytes(), later.as_bytes()), expect, "{later}");
        };
        check(" 10%|#         | 1/10", " 20%|##        | 2/10", true);
        check("Downloading 1 MB", "Downloading 2 MB", true);
        check("Building [=>  ] 3/100: serde", "Building [==> ] 4/100: regex", true);
        check("|", "/", true);
        check("Building", "", true);
        check("Receiving objects: 1%", "Receiving objects: 100%, done.", true);
        check("alpha is up", "beta is down", false);
        check("2026-11-21 10:00:00 a", "2026-11-21 10:00:01 b", false);
        check("{\"a\":1}", "{\"a\":2}", false);
    }
}
