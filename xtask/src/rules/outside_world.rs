//! File system and clock are parameters.
//!
//! In comes the tree; a finding is a direct use of `std::fs`, `SystemTime::now` or `Instant::now` in
//! product code outside [`ALLOWED`]. Only then can faults of disk and clock be simulated. Test code
//! and the programs that only run or measure the product are free.

use crate::source::{line_of, part, without_tests};
use crate::{File, Findings, Tree};

const USES: &[&str] = &["std::fs", "SystemTime::now", "Instant::now"];

/// Programs around the product, which choose the real file system and clock or measure from outside.
const PROGRAMS: &[&str] = &[
    "bench-compare/",
    "crates/logloom-bench/",
    "crates/logloom-cli/",
    "crates/logloom-testkit/",
    "examples/",
    "fuzz/",
    "xtask/",
];

/// Modules of the product that touch the outside world, with their reasons.
pub const ALLOWED: &[(&str, &str)] = &[
    ("crates/logloom-config/src/file.rs", "finds and reads logloom.yaml"),
    ("crates/logloom-core/src/alert.rs", "limits the rate of lines on stderr"),
    ("crates/logloom-core/src/console.rs", "gives the terminal a deadline at the end"),
    ("crates/logloom-core/src/recovery/", "looks for segments that no catalogue names"),
    ("crates/logloom-core/src/runtime/", "waits and deadlines of the process's own threads"),
    ("crates/logloom-intake/src/source/", "follows the files of other programs"),
    ("crates/logloom-query/src/file.rs", "the real files behind `ReadAt`"),
    ("crates/logloom-query/src/pipes/spill.rs", "files without a name for what memory cannot hold"),
    ("crates/logloom-ring/src/clock.rs", "the module meant for the clock"),
    (
        "crates/logloom-ring/src/front/shared.rs",
        "gives a call in a shared ring a deadline at the end",
    ),
    ("crates/logloom-ring/src/front/slow.rs", "waits for room until a deadline"),
    ("crates/logloom-ring/src/memory.rs", "the module meant for shared memory files"),
    ("crates/logloom-ring/src/segment/directory.rs", "makes the folder of the segments"),
    ("crates/logloom-store/src/sys/", "the real file system and clock behind the store's trait"),
];

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    check_with(tree, ALLOWED)
}

fn check_with(tree: &Tree, allowed: &[(&str, &str)]) -> Findings {
    let mut findings = Findings::new();
    let mut needed = vec![false; allowed.len()];
    let product = tree.rust().filter(|file| {
        !file.is_test() && !PROGRAMS.iter().any(|program| file.path.starts_with(program))
    });
    for file in product {
        let uses = uses(file);
        match allowed.iter().position(|(prefix, _)| file.path.starts_with(prefix)) {
            Some(exception) => needed[exception] |= !uses.is_empty(),
            None => findings.extend(uses.into_iter().map(|(line, used)| {
                format!(
                    "{}:{line}: `{used}`: take the file system or clock as a parameter, or list \
                     the file with its reason in {}",
                    file.path,
                    file!()
                )
            })),
        }
    }
    let unneeded = allowed.iter().zip(needed).filter(|(_, needed)| !needed);
    findings.extend(unneeded.map(|((prefix, _), _)| {
        format!("`{prefix}` needs no exception any more; take it from ALLOWED in {}", file!())
    }));
    findings
}

/// Lines of product code that touch the outside world.
fn uses(file: &File) -> Vec<(usize, &'static str)> {
    let code = without_tests(&part(&file.text).code);
    let found = |used: &'static str| {
        code.match_indices(used).map(|(at, _)| (line_of(&code, at), used)).collect::<Vec<_>>()
    };
    USES.iter().copied().flat_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check_with(&Tree::of(&[(path, text)]), &[]).len()
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

    #[test]
    fn an_exception_no_longer_needed_is_a_finding() {
        let tree = Tree::of(&[("crates/a/src/b.rs", "fn a() { std::fs::read(p) }")]);
        assert!(check_with(&tree, &[("crates/a/src/b.rs", "reads")]).is_empty());
        assert_eq!(check_with(&tree, &[("crates/a/", "reads"), ("crates/c/", "reads")]).len(), 1);
    }
}
