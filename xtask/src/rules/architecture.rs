//! The map is true: every file or folder that `ARCHITECTURE.md` names is there.
//!
//! In comes the tree; a finding is a name in back quotes with a `/` in it that is neither a path
//! from the root nor one below `crates/`. Names of the map that have no file yet stand in
//! [`MISSING`]; that list only shrinks.

use crate::{Findings, Tree};

const MAP: &str = "ARCHITECTURE.md";

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
    }
    for name in missing.iter().filter(|name| present(tree, name)) {
        findings.push(format!("`{name}` exists now; take it from MISSING in {}", file!()));
    }
    findings
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
    fn an_exception_no_longer_needed_is_a_finding() {
        assert_eq!(check_with(&tree("`a/src/b.rs`"), &["a/src/b.rs"]).len(), 1);
    }
}
