//! The map is true: every file, folder and test that `ARCHITECTURE.md` names is there, and every
//! file that another page names from the root.
//!
//! In comes the tree; a finding is a name in back quotes with a `/` in it that is neither a path
//! from the root nor one below `crates/`, or a name of three words and more that no function has.
//! Names of the map that have no file yet stand in [`MISSING`]; that list only shrinks.

use crate::{Findings, Tree};

const MAP: &str = "ARCHITECTURE.md";
/// How a path from the root begins on the other pages, which name files of users as well.
const FROM_ROOT: &[&str] =
    &["crates/", "scripts/", "docs/", "examples/", "bench-compare/", "xtask/"];

/// Names on the map without a file yet.
pub const MISSING: &[&str] = &[];

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    check_with(tree, MISSING)
}

fn check_with(tree: &Tree, missing: &[&str]) -> Findings {
    let Some(map) = tree.file(MAP) else {
        return vec![format!("{MAP} is missing: write the map of the code")];
    };
    let mut findings = Findings::new();
    for (index, line) in map.text.lines().enumerate() {
        for name in names(line) {
            if !present(tree, name) && !missing.contains(&name) {
                findings.push(format!(
                    "{MAP}:{}: `{name}` does not exist; correct the map or add the file",
                    index + 1
                ));
            }
        }
        for name in tests(line).filter(|name| !is_function(tree, name)) {
            findings.push(format!(
                "{MAP}:{}: no function is called `{name}`; name the test that holds it now",
                index + 1
            ));
        }
    }
    findings.extend(other_pages(tree));
    for name in missing.iter().filter(|name| present(tree, name)) {
        findings.push(format!("`{name}` exists now; take it from MISSING in {}", file!()));
    }
    findings
}

/// Paths from the root on the other pages.
fn other_pages(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md") && file.path != MAP) {
        for (index, line) in file.text.lines().enumerate() {
            let paths =
                names(line).filter(|name| FROM_ROOT.iter().any(|root| name.starts_with(root)));
            findings.extend(paths.filter(|name| !tree.exists(name)).map(|name| {
                format!("{}:{}: `{name}` does not exist; correct the page", file.path, index + 1)
            }));
        }
    }
    findings
}

/// The names in back quotes that look like tests: words with underscores between them.
fn tests(line: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    line.split('`')
        .skip(1)
        .step_by(2)
        .filter(move |name| name.matches('_').count() >= 2 && name.chars().all(is_word))
}

fn is_function(tree: &Tree, name: &str) -> bool {
    let head = format!("fn {name}(");
    tree.rust().any(|file| file.text.contains(&head))
}

fn present(tree: &Tree, name: &str) -> bool {
    tree.exists(name) || tree.exists(&format!("crates/{name}"))
}

/// The names in back quotes that look like paths.
fn names(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).filter(|name| {
        name.contains('/')
            && !name.starts_with(['/', '~', '.'])
            && !name.contains([' ', '*', '<', '{', '(', '$', ':'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(map: &str) -> Tree {
        Tree::of(&[(MAP, map), ("crates/a/src/b.rs", ""), ("docs/x.md", "")])
    }

    #[test]
    fn files_and_folders_below_root_or_crates_are_found() {
        assert!(check_with(&tree("`a/src/b.rs`, `a/src/`, `docs/x.md`, `a::b`"), &[]).is_empty());
    }

    #[test]
    fn a_name_without_a_file_is_a_finding() {
        let findings = check_with(&tree("see `a/src/gone.rs`"), &[]);
        assert!(findings[0].contains("ARCHITECTURE.md:1: `a/src/gone.rs`"), "{findings:?}");
    }

    #[test]
    fn a_test_that_is_gone_is_a_finding() {
        let there =
            Tree::of(&[(MAP, "`it_holds_well`, `not_ours`"), ("a.rs", "fn it_holds_well() {}")]);
        assert!(check_with(&there, &[]).is_empty());
        let findings = check_with(&tree("| x | `it_holds_well` |"), &[]);
        assert!(findings[0].contains("no function is called `it_holds_well`"), "{findings:?}");
    }

    #[test]
    fn other_pages_name_files_that_exist() {
        let page = "`crates/a/src/b.rs`, `target/x`, `scripts/gone.sh`";
        let tree = Tree::of(&[(MAP, ""), ("crates/a/src/b.rs", ""), ("docs/x.md", page)]);
        let findings = check_with(&tree, &[]);
        assert_eq!(findings, ["docs/x.md:1: `scripts/gone.sh` does not exist; correct the page"]);
    }

    #[test]
    fn an_exception_no_longer_needed_is_a_finding() {
        assert_eq!(check_with(&tree("`a/src/b.rs`"), &["a/src/b.rs"]).len(), 1);
    }
}
