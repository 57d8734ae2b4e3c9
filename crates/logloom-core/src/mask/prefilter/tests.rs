//! Where literals are found, wherever they stand.

use super::super::bytes::DOTTED;
use super::*;

fn prefilter(literals: &[&str], beside: Beside) -> Prefilter {
    let literal = |text: &&str| Literal { text: (*text).to_owned(), beside };
    Prefilter::new(&literals.iter().map(literal).collect::<Vec<_>>())
}

fn all(mut candidates: Candidates<'_, '_>) -> Vec<(usize, usize)> {
    std::iter::from_fn(|| candidates.next()).map(|found| (found.at, found.literal)).collect()
}

fn places(literals: &[&str], text: &str) -> Vec<(usize, usize)> {
    all(prefilter(literals, Beside::Behind(DOTTED)).candidates(text.as_bytes()))
}

#[test]
fn literals_are_found_wherever_they_stand() {
    for before in 0..70 {
        for behind in 0..40 {
            for (number, literal) in ["abcd", "xyz.", "longer than eight"].iter().enumerate() {
                let text = format!("{}{literal}{}", ".".repeat(before), ".".repeat(behind));
                let found = places(&["abcd", "xyz", "longer than eight"], &text);
                assert_eq!(found, [(before, number)], "{text}");
            }
        }
    }
}

#[test]
fn three_bytes_are_found_beside_what_belongs_to_them() {
    for (beside, text) in [
        (Beside::Behind(DOTTED), "xyz1"),
        (Beside::Before(DOTTED), "1xyz"),
        (Beside::Name, "xyz="),
        (Beside::Name, "xyz_"),
    ] {
        let prefilter = prefilter(&["xyz"], beside);
        for before in 0..40 {
            let text = format!("{}{text}{}", " ".repeat(before), " ".repeat(25));
            let found = prefilter.candidates(text.as_bytes()).next();
            assert_eq!(found.map(|found| found.at), text.find("xyz"), "{text}");
        }
    }
}

#[test]
fn a_name_must_end_behind_its_last_word() {
    let prefilter = prefilter(&["oken", "pwd", "apassword"], Beside::Name);
    let found = |text: &str| all(prefilter.candidates(text.as_bytes())).len();
    for text in ["token=", "pwd:", "\"token\"", "apassword\\\"", "token_", "token ", "pwd>"] {
        for blanks in 0..3 {
            assert_eq!(found(&(" ".repeat(blanks) + text)), 1, "{text}");
        }
    }
    for text in ["tokens=", "token", "pwdx", "apasswords ", "token1"] {
        for blanks in 0..3 {
            assert_eq!(found(&(" ".repeat(blanks) + text)), 0, "{text}");
        }
    }
}

#[test]
fn all_places_come_in_order() {
    assert_eq!(places(&["aaaa"], "aaaaaa"), [(0, 0), (1, 0), (2, 0)]);
    assert_eq!(places(&["abcd", "bcde", "abcde"], "xabcdef"), [(1, 0), (1, 2), (2, 1)]);
    assert_eq!(places(&["abcd"], "abc"), []);
    assert_eq!(places(&[], "abcdef"), []);
}

#[test]
fn many_literals_are_all_found() {
    let literals: Vec<String> = (0..500).map(|number| format!("{number:03}literal")).collect();
    let texts: Vec<&str> = literals.iter().map(String::as_str).collect();
    let prefilter = prefilter(&texts, Beside::Name);
    for (number, literal) in literals.iter().enumerate() {
        let text = format!("some text before {literal} and behind");
        let found = prefilter.candidates(text.as_bytes()).next();
        assert_eq!(found, Some(Candidate { at: 17, literal: number }));
    }
}

#[test]
fn what_is_skipped_is_left_out() {
    let prefilter = prefilter(&["abcd"], Beside::Behind(DOTTED));
    for end in 0..10 {
        let mut candidates = prefilter.candidates(b"abcd abcdabcd abcd");
        assert_eq!(candidates.next().map(|found| found.at), Some(0));
        candidates.skip_to(end);
        let next = if end <= 5 { 5 } else { 9 };
        assert_eq!(candidates.next().map(|found| found.at), Some(next), "{end}");
    }
}

#[test]
fn parts_are_searched_and_nothing_far_beside_them() {
    let prefilter = prefilter(&["abcd"], Beside::Behind(DOTTED));
    let text = "abcd.".repeat(40);
    for (first, second) in
        [(0..5, 100..150), (3..40, 41..60), (20..24, 25..29), (190..500, 600..700)]
    {
        let parts = [first, second];
        let found = all(prefilter.candidates_in(text.as_bytes(), &parts));
        assert!(found.is_sorted() && found.windows(2).all(|pair| pair[0] != pair[1]), "{found:?}");
        for at in (0..text.len()).step_by(5) {
            let is_within = |part: &Part| part.start <= at && at + 4 <= part.end;
            let is_near = |part: &Part| part.start < at + 4 && at < part.end + LOT;
            let is_found = found.contains(&(at, 0));
            assert!(is_found || !parts.iter().any(is_within), "{parts:?} {at}");
            assert!(!is_found || parts.iter().any(is_near), "{parts:?} {at}");
        }
    }
}
