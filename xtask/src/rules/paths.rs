//! No path of one machine in any tracked file.
//!
//! In comes the tree; a finding is a path that exists only where somebody happened to work. Such a
//! path is wrong in every clone and tells of a machine that readers do not have.

use crate::{Findings, Tree};

/// The beginnings of such paths, put together so that this file does not hold them.
const MARKS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tmp/", "target-")];

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for file in &tree.files {
        for (index, line) in file.text.lines().enumerate() {
            for mark in MARKS.iter().filter(|mark| stands_alone(line, mark)) {
                findings.push(format!(
                    "{}:{}: `{mark}` is a path of one machine; write it relative to the \
                     repository, or use a made-up home such as /home/ada/",
                    file.path,
                    index + 1
                ));
            }
        }
    }
    findings
}

/// Whether the path begins at its first slash, so that `docs/work/` passes.
fn stands_alone(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-{}*$)".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_path_is_a_finding() {
        let text = format!("see {}main/a.rs", MARKS[0]);
        assert_eq!(check(&Tree::of(&[("a.md", &text)])).len(), 1);
        let inside = format!("see docs{}a.rs", MARKS[0]);
        assert!(check(&Tree::of(&[("a.md", &inside)])).is_empty());
    }
}
