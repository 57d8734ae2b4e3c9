//! House rules as tests.
//!
//! In comes the tree of the repository as text; out go findings, each of which names the place and
//! the remedy. Nothing here changes a file, reads the network or starts a build. The rules run with
//! the ordinary tests (`cargo nextest run -p xtask`), so that nothing is checked only elsewhere.
//!
//! One rule is one file in `rules/`, all of the same shape: the text of the rule at the head, its
//! exceptions with their reasons as a table, `check`, and tests that plant the fault.

pub mod functions;
pub mod manifest;
pub mod rules;
pub mod source;
pub mod tree;

pub use tree::{File, Tree};

/// What a rule found: the place and the remedy, one line a finding. Empty means the rule is kept.
pub type Findings = Vec<String>;
