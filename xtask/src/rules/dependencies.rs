//! Each dependency has its reason.
//!
//! In comes the tree; a finding is a crate of `[workspace.dependencies]` without a row in
//! `docs/dependencies.md`, a row whose crate is gone, or a member that names a version of its own.

use std::collections::BTreeSet;

use crate::manifest::dependencies;
use crate::{Findings, Tree};

const REASONS: &str = "docs/dependencies.md";

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    let root = tree.file("Cargo.toml").map_or("", |file| &file.text);
    let reasons = tree.file(REASONS).map_or("", |file| &file.text);
    let used: BTreeSet<String> = dependencies(root)
        .into_iter()
        .filter(|dependency| dependency.table == "workspace.dependencies")
        .map(|dependency| dependency.name)
        .filter(|name| name != "logloom" && !name.starts_with("logloom-"))
        .collect();
    let told: BTreeSet<String> = reasons.lines().filter_map(row).map(str::to_owned).collect();
    let mut findings = Findings::new();
    for name in used.difference(&told) {
        findings.push(format!("Cargo.toml: give `{name}` a row with its reason in {REASONS}"));
    }
    for name in told.difference(&used) {
        findings.push(format!("{REASONS}: `{name}` is no longer a dependency; take its row out"));
    }
    findings.extend(own_versions(tree));
    findings
}

fn row(line: &str) -> Option<&str> {
    line.strip_prefix("| `")?.split('`').next()
}

/// Versions stand once, in the root manifest. The comparison with other loggers is not part of the
/// product and keeps its own.
fn own_versions(tree: &Tree) -> Findings {
    let members = tree.files.iter().filter(|file| {
        file.path.ends_with("/Cargo.toml") && !file.path.starts_with("bench-compare/")
    });
    let pinned = members.flat_map(|file| {
        let own = dependencies(&file.text).into_iter().filter(|dependency| dependency.is_pinned);
        own.map(|dependency| {
            format!(
                "{}: put the version of `{}` in [workspace.dependencies] and say \
                 `workspace = true`",
                file.path, dependency.name
            )
        })
    });
    pinned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "[workspace.dependencies]\nlogloom = { path = \"x\" }\nlibc = \"0.2\"\n";

    #[test]
    fn a_reason_for_each_and_no_more() {
        let tree = Tree::of(&[("Cargo.toml", ROOT), (REASONS, "| `libc` | calls |\n")]);
        assert!(check(&tree).is_empty());
        let tree = Tree::of(&[("Cargo.toml", ROOT), (REASONS, "| `gone` | x |\n")]);
        assert_eq!(check(&tree).len(), 2);
    }

    #[test]
    fn a_version_in_a_member_is_a_finding() {
        for version in ["\"0.2\"", "{ version = \"0.2\", optional = true }"] {
            let manifest = format!("[dependencies]\nlibc = {version}\n");
            let findings = check(&Tree::of(&[("crates/a/Cargo.toml", &manifest)]));
            assert_eq!(findings.len(), 1, "{findings:?}");
            assert!(findings[0].starts_with("crates/a/Cargo.toml: "), "{findings:?}");
        }
    }
}
