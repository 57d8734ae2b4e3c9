//! Package files name no host but those their own tool writes.
//!
//! In comes the tree; a finding is an address in a manifest, lock file or package manager's
//! settings that is not in [`ALLOWED`]. A mirror of one machine must not travel with the code.

use crate::{Findings, Tree};

/// Addresses that may stand in package files, with their reasons.
pub const ALLOWED: &[(&str, &str)] = &[
    ("https://github.com/rust-lang/", "cargo writes it into Cargo.lock"),
    ("https://github.com/logloom/logloom", "where the code lives"),
    ("https://docs.astral.sh/", "documentation named in comments of pyproject.toml"),
    ("https://embarkstudios.github.io/cargo-deny/", "documentation named in deny.toml"),
];

const PACKAGE_FILES: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "deny.toml",
    ".cargo/config.toml",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "pyproject.toml",
    "requirements.txt",
    "uv.lock",
    "Makefile",
];

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for file in &tree.files {
        if !PACKAGE_FILES.iter().any(|name| is_named(&file.path, name)) {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            for address in addresses(line) {
                if !ALLOWED.iter().any(|(allowed, _)| address.starts_with(allowed)) {
                    findings.push(format!(
                        "{}:{}: {address} is no address every clone can use; take it out, or list \
                         it with its reason in {}",
                        file.path,
                        index + 1,
                        file!()
                    ));
                }
            }
        }
    }
    findings
}

fn is_named(path: &str, name: &str) -> bool {
    path == name || path.strip_suffix(name).is_some_and(|before| before.ends_with('/'))
}

fn addresses(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("://").map(|(at, _)| {
        let start = line[..at].rfind(|c: char| !c.is_ascii_alphabetic()).map_or(0, |at| at + 1);
        let end = line[at..].find(['"', '\'', ' ', '>', ')', ',']).map_or(line.len(), |e| at + e);
        &line[start..end]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_writes_passes() {
        let lock = "source = \"registry+https://github.com/rust-lang/index\"\n";
        assert!(check(&Tree::of(&[("Cargo.lock", lock)])).is_empty());
    }

    #[test]
    fn a_mirror_is_a_finding() {
        let lock = "source = \"sparse+https://mirror.example/index/\"\n";
        let findings = check(&Tree::of(&[("Cargo.lock", lock), ("a/b.md", lock)]));
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("Cargo.lock:1: https://mirror.example/index/"));
    }
}
