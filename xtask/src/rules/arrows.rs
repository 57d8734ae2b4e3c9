//! Arrows between crates point against the data flow only.
//!
//! In comes the tree: the column "may use" of the table in `ARCHITECTURE.md`, and the
//! `[dependencies]` and `[build-dependencies]` of each crate below `crates/`. A finding is an arrow
//! that the table does not have, a crate without a row, or an arrow that must be optional
//! (`name(feature)`) and is not. Development dependencies are free.

use std::collections::BTreeMap;

use crate::manifest::{Dependency, dependencies};
use crate::{Findings, Tree};

const MAP: &str = "ARCHITECTURE.md";
const PREFIX: &str = "logloom-";

/// What one crate may use: names as in the table.
type Allowed = BTreeMap<String, Vec<String>>;

/// Runs the rule.
pub fn check(tree: &Tree) -> Findings {
    let Some(map) = tree.file(MAP) else {
        return vec![format!("{MAP} is missing: the table of crates stands there")];
    };
    let allowed = table(&map.text);
    let mut findings = Findings::new();
    for file in &tree.files {
        let Some(name) = crate_of(&file.path) else { continue };
        let Some(uses) = allowed.get(name) else {
            findings.push(format!("{}: add a row for `{name}` to the table in {MAP}", file.path));
            continue;
        };
        for dependency in dependencies(&file.text) {
            if let Some(problem) = arrow(&dependency, uses) {
                findings.push(format!("{}: {problem}", file.path));
            }
        }
    }
    findings
}

fn crate_of(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml").filter(|name| !name.contains('/'))
}

/// Rows of the form ``| `crate` | … | may use |``.
fn table(map: &str) -> Allowed {
    let mut allowed = Allowed::new();
    for line in map.lines().filter(|line| line.starts_with("| `logloom")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if cells.len() != 5 {
            continue;
        }
        let uses: Vec<String> = cells[4].split_whitespace().map(str::to_owned).collect();
        for name in cells[0].split('`').skip(1).step_by(2) {
            allowed.insert(name.to_owned(), uses.clone());
        }
    }
    allowed
}

fn arrow(dependency: &Dependency, uses: &[String]) -> Option<String> {
    let own = dependency.name == "logloom" || dependency.name.starts_with(PREFIX);
    if !own || dependency.table.ends_with("dev-dependencies") || uses.iter().any(|u| u == "all") {
        return None;
    }
    let short = dependency.name.strip_prefix(PREFIX).unwrap_or("logloom");
    if uses.iter().any(|allowed| allowed == short) {
        return None;
    }
    let behind_feature = format!("{short}(feature)");
    if uses.contains(&behind_feature) {
        return (!dependency.optional).then(|| {
            format!("`{}` is for a feature only; make it `optional = true`", dependency.name)
        });
    }
    Some(format!(
        "`{}` may not be used here; move the code against the data flow, or change the table in \
         {MAP} and say why",
        dependency.name
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "| `logloom-ring` | a | b | c | record |\n| `logloom-record` | a | b | c | - |\n\
                         | `logloom` | a | b | c | ring config(feature) |\n\
                         | `logloom-cli`, `logloom-bench` | | b | | all |\n";

    fn findings(name: &str, manifest: &str) -> Findings {
        check(&Tree::of(&[(MAP, TABLE), (&format!("crates/{name}/Cargo.toml"), manifest)]))
    }

    #[test]
    fn arrows_of_the_table_pass() {
        let ring = "[dependencies]\nlogloom-record = { workspace = true }\nlibc = \"1\"\n";
        assert!(findings("logloom-ring", ring).is_empty());
        assert!(findings("logloom-bench", "[dependencies]\nlogloom = \"1\"\n").is_empty());
        let test_only = "[dev-dependencies]\nlogloom-testkit = { workspace = true }\n";
        assert!(findings("logloom-record", test_only).is_empty());
    }

    #[test]
    fn an_arrow_along_the_data_flow_is_a_finding() {
        let found = findings("logloom-record", "[dependencies]\nlogloom-ring = \"1\"\n");
        assert!(found[0].contains("`logloom-ring` may not be used here"), "{found:?}");
    }

    #[test]
    fn a_crate_for_a_feature_must_be_optional() {
        assert_eq!(findings("logloom", "[dependencies]\nlogloom-config = \"1\"\n").len(), 1);
        let optional = "[dependencies]\nlogloom-config = { version = \"1\", optional = true }\n";
        assert!(findings("logloom", optional).is_empty());
    }

    #[test]
    fn a_crate_without_a_row_is_a_finding() {
        assert_eq!(findings("logloom-new", "[dependencies]\n").len(), 1);
    }
}
