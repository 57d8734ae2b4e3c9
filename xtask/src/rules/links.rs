//! Links in the documentation lead somewhere.
//!
//! In comes the tree; a finding is a relative link of a Markdown file whose target is not there.
//! Addresses of other hosts are not asked (nothing here uses the network), nor are anchors.

use crate::{File, Findings, Tree};

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in targets(file) {
            let path = resolve(&file.path, target);
            if !path.is_empty() && !tree.exists(&path) {
                findings.push(format!(
                    "{}:{line}: link to `{target}` leads nowhere; correct it or add {path}",
                    file.path
                ));
            }
        }
    }
    findings
}

/// Relative link targets outside code blocks, with their lines.
fn targets(file: &File) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let target = &line[at + 2..];
            let target = target.split([')', ' ']).next().unwrap_or_default();
            let target = target.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') && !target.contains('`') {
                found.push((index + 1, target));
            }
        }
    }
    found
}

/// A link target as a path from the root.
fn resolve(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_resolve_from_their_own_folder() {
        let text = "[a](../README.md#top) [b](b.md) [c](https://x.example) [d](#here)";
        let tree = Tree::of(&[("docs/a.md", text), ("docs/b.md", ""), ("README.md", "")]);
        assert!(check(&tree).is_empty());
    }

    #[test]
    fn a_dead_link_is_a_finding() {
        let findings = check(&Tree::of(&[("docs/a.md", "x\n[b](gone.md)\n")]));
        assert!(findings[0].starts_with("docs/a.md:2:"), "{findings:?}");
    }
}
