//! No leftovers: what is begun is finished, what is off is deleted.
//!
//! In comes the tree; a finding is a macro that stands for missing or forgotten code, a mark in a
//! comment that something is still to be done, or a test that is switched off. Strings are not
//! looked at, so a test may speak of these words.

use crate::source::{line_of, part, words};
use crate::{Findings, Tree};

const CODE: &[(&str, &str)] = &[
    ("todo!", "write the code"),
    ("unimplemented!", "write the code"),
    ("dbg!", "take it out; the product has a log of its own"),
    ("#[ignore", "make the test pass or delete it"),
    ("#[should_panic", "assert the error; product code returns it"),
];

const COMMENTS: &[(&str, &str)] = &[
    ("FIXME", "repair it, or describe the limit in the documentation"),
    ("XXX", "repair it, or describe the limit in the documentation"),
    ("TODO", "do it, or describe the limit in the documentation"),
    ("HACK", "say what is done and why"),
];

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for file in tree.rust() {
        let parts = part(&file.text);
        let mut report = |line: usize, found: &str, remedy: &str| {
            findings.push(format!("{}:{line}: `{found}`: {remedy}", file.path));
        };
        for (mark, remedy) in CODE {
            for (at, _) in parts.code.match_indices(mark) {
                report(line_of(&parts.code, at), mark, remedy);
            }
        }
        for (mark, remedy) in COMMENTS {
            for at in words(&parts.comments, mark) {
                report(line_of(&parts.comments, at), mark, remedy);
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Tree::of(&[("a.rs", text)])).len()
    }

    #[test]
    fn each_leftover_is_found_where_it_counts() {
        assert_eq!(count("fn a() { todo!() }"), 1);
        assert_eq!(count("// FIXME later\n#[ignore = \"slow\"]\nfn a() {}"), 2);
    }

    #[test]
    fn strings_and_longer_words_pass() {
        assert_eq!(count("let a = \"todo!() FIXME\"; // written as \\uXXXX"), 0);
    }
}
