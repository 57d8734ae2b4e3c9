//! Takes files of mask rules, expects the rules with their examples, or every problem with its place.

use logloom_config::{Colours, load_str, read_mask_rules};

fn read(text: &str) -> Result<Vec<logloom_config::MaskRuleEntry>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rules.yaml");
    std::fs::write(&path, text).expect("the file is written");
    let shown = folder.path().display().to_string();
    read_mask_rules(&path).map_err(|report| report.text(Colours::Plain).replace(&shown, "."))
}

#[test]
fn a_file_of_rules_is_read_with_its_examples() {
    let text = "rules:\n  - name: acme\n    prefix: acme_\n    alphabet: hex\n    length: 32-64\n    keep: 3\n    \
                masks: [acme_0]\n    keeps: [a, b]\n  - { name: x, prefix: xyz-, length: 20 }\n";
    let rules = read(text).expect("a good file");
    assert_eq!(rules.len(), 2);
    assert_eq!((rules[0].rule.least, rules[0].rule.most, rules[0].rule.keep), (32, 64, 3));
    assert_eq!((rules[0].masks.len(), rules[0].keeps.len()), (1, 2));
    assert_eq!((rules[1].rule.alphabet.as_str(), rules[1].rule.keep), ("url_safe", 4));
}

#[test]
fn every_problem_is_told_with_its_place() {
    for (text, expected) in [
        ("[]", "rules.yaml:1:1: rules: expected a section with `rules`, found a list"),
        ("rule: []", "rules.yaml:1:1: rules: unknown key `rule`, expected `rules`"),
        ("rules: 1", "rules.yaml:1:8: rules: expected a list of rules, found the number 1"),
        ("rules: [{ name: a, prefix: ab, length: 8 }]", "prefix: expected 3 to 64 printable"),
        (
            "rules: [{ name: a, prefix: abc, length: x }]",
            "length: expected a number such as 32, or 32-64",
        ),
        ("rules: [{ name: a, prefix: abc, length: 8, mask: [b] }]", "did you mean `masks`?"),
        ("rules: [{ name: a, prefix: abc, length: 8, masks: [1] }]", "put it in quotes"),
        ("rules: [", "not valid YAML"),
    ] {
        let report = read(text).expect_err(text);
        assert!(report.contains(expected), "{text}: {report}");
    }
    let report = read_mask_rules(std::path::Path::new("/nowhere/rules.yaml")).expect_err("no file");
    assert!(report.text(Colours::Plain).contains("cannot be read"));
}

#[test]
fn the_configuration_names_a_file_or_holds_the_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rules.yaml");
    std::fs::write(&path, "rules: [{ name: acme, prefix: acme_, length: 8 }]").expect("written");
    let text = format!("mask: {{ rules: {} }}", path.display());
    let resolved = load_str("logloom.yaml", &text).expect("a good file");
    assert_eq!(resolved.settings.mask.rules[0].name, "acme");
    let report = load_str("logloom.yaml", "mask: { rules: /nowhere/r.yaml }").expect_err("no file");
    assert!(report.text(Colours::Plain).contains("/nowhere/r.yaml"));
    let text = "mask: { fingerprint: a phrase of some length }";
    let resolved = load_str("logloom.yaml", text).expect("a good file");
    let shown = logloom_config::show(&resolved);
    assert!(shown.iter().all(|line| !line.value.contains("phrase")), "{shown:?}");
}
