//! How many crates an application links.

use std::collections::BTreeSet;
use std::process::Command;

/// Crates in the tree of this one, itself included.
fn linked(features: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal", "--package", "logloom", "--prefix", "none"])
        .args(["--format", "{p}"])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn an_application_links_few_crates() {
    for (features, below) in [
        (&["--no-default-features"][..], 25),
        (&["--no-default-features", "--features", "tracing,log"], 25),
        (&[], 70),
        (&["--all-features"], 70),
    ] {
        let crates = linked(features);
        assert!(crates.contains("logloom-ring"), "{crates:?}");
        assert!(crates.len() < below, "{features:?}: {} crates, {crates:?}", crates.len());
    }
}
