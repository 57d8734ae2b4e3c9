//! File system and clock are parameters.
//!
//! In comes the tree; a finding is a direct use of `std::fs`, `SystemTime::now` or `Instant::now` in
//! product code outside [`ALLOWED`]. Only then can faults of disk and clock be simulated. Test code
//! and the programs that only run or measure the product are free.

use crate::source::{line_of, part, without_tests};
use crate::{Findings, Tree};

const USES: &[&str] = &["std::fs", "SystemTime::now", "Instant::now"];

/// Folders and files that touch the outside world, with their reasons.
pub const ALLOWED: &[(&str, &str)] = &[
    ("bench-compare/", "measures other loggers"),
    ("crates/logloom-bench/", "measures, kills and compares real processes"),
    ("crates/logloom-cli/", "the place where the real file system and clock are chosen"),
    ("crates/logloom-config/src/file.rs", "the module meant for reading the configuration file"),
    ("crates/logloom-intake/src/source/file.rs", "the real files behind the trait of sources"),
    ("crates/logloom-query/src/file.rs", "single files that are named on a command line"),
    ("crates/logloom-ring/src/clock.rs", "the module meant for the clock"),
    ("crates/logloom-ring/src/memory.rs", "the module meant for shared memory files"),
    ("crates/logloom-store/src/sys", "the real file system behind the store's trait"),
    ("crates/logloom-testkit/", "oracles read what the product wrote, by another way"),
    ("examples/", "programs of a user"),
    ("xtask/", "reads the repository"),
];

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for file in tree.rust().filter(|file| !file.is_test() && !file.path.starts_with("fuzz/")) {
        if ALLOWED.iter().any(|(prefix, _)| file.path.starts_with(prefix)) {
            continue;
        }
        let code = without_tests(&part(&file.text).code);
        for used in USES {
            for (at, _) in code.match_indices(used) {
                findings.push(format!(
                    "{}:{}: `{used}`: take the file system or clock as a parameter, or list the \
                     file with its reason in {}",
                    file.path,
                    line_of(&code, at),
                    file!()
                ));
            }
        }
    }
    findings.extend(unused(tree));
    findings
}

fn unused(tree: &Tree) -> Findings {
    ALLOWED
        .iter()
        .filter(|(prefix, _)| !tree.root.as_os_str().is_empty() && !tree.exists(prefix))
        .map(|(prefix, _)| format!("`{prefix}` is gone; take it from ALLOWED in {}", file!()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn product_code_may_not_read_the_clock() {
        let text = "fn a() { let t = Instant::now(); std::fs::read(p); }";
        assert_eq!(count("crates/logloom-store/src/a.rs", text), 2);
        assert_eq!(count("crates/logloom-cli/src/a.rs", text), 0);
    }

    #[test]
    fn tests_and_comments_are_free() {
        let text = "// std::fs\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(count("crates/logloom-store/src/a.rs", text), 0);
        assert_eq!(count("crates/logloom-store/tests/it/main.rs", "use std::fs;"), 0);
    }
}
