//! `unsafe` has few homes.
//!
//! In comes the tree; a finding is the word `unsafe` in code outside [`HOMES`]. The compiler denies
//! it as well; this rule also finds the `allow` that would lift the denial elsewhere.

use crate::source::{line_of, part, words};
use crate::{Findings, Tree};

/// Where `unsafe` may stand, with the reason.
pub const HOMES: &[(&str, &str)] = &[
    ("crates/logloom-python/src/raw/", "calls of the interpreter that PyO3 has no safe form for"),
    ("crates/logloom-ring/", "shared memory between threads and processes"),
    ("crates/logloom-store/src/sys", "system calls the standard library lacks"),
];

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for file in tree.rust() {
        if HOMES.iter().any(|(home, _)| file.path.starts_with(home)) {
            continue;
        }
        let code = part(&file.text).code;
        // In brackets it is a word that a macro matches.
        let code_words = words(&code, "unsafe").filter(|at| !code[at + 6..].starts_with(']'));
        let allows = code.match_indices("allow(unsafe_code").map(|(at, _)| at);
        for at in code_words.chain(allows) {
            findings.push(format!(
                "{}:{}: `unsafe` stands only in logloom-ring, in the store's `sys` module and in the \
                 Python binding's `raw`; call a safe function of theirs, or add one there",
                file.path,
                line_of(&code, at)
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_homes_may() {
        let text = "fn a() { unsafe { b() } } // unsafe\n#![allow(unsafe_code)]";
        assert_eq!(check(&Tree::of(&[("crates/logloom-core/src/a.rs", text)])).len(), 2);
        assert!(check(&Tree::of(&[("crates/logloom-store/src/sys/a.rs", text)])).is_empty());
        let matched = "($x:ident [unsafe] $($rest:tt)*) => {};";
        assert!(check(&Tree::of(&[("crates/logloom/src/a.rs", matched)])).is_empty());
    }
}
