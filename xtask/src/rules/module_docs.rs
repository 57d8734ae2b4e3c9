//! Every Rust file says at its head what it is for.
//!
//! In comes the tree; a finding is a `.rs` file whose first line does not begin with `//!`. A build
//! script and a binary are files like any other.

use crate::{Findings, Tree};

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    tree.rust()
        .filter(|file| !file.text.starts_with("//!"))
        .map(|file| {
            format!(
                "{}:1: begin the file with `//!`: what comes in, what goes out, what it refuses",
                file.path
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_counts() {
        assert!(check(&Tree::of(&[("a.rs", "//! Takes x.\n"), ("a.md", "x")])).is_empty());
        assert_eq!(check(&Tree::of(&[("a.rs", "use x;\n//! Takes x.\n")])).len(), 1);
    }
}
