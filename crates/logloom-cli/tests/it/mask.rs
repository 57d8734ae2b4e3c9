//! `logloom mask`: what would be hidden, rules tried out, kinds listed.

use serde_json::Value;

use crate::support::{Place, errors, printed};

fn mask(place: &Place, name: &str, text: &str, arguments: &[&str]) -> std::process::Output {
    let file = place.path(name);
    std::fs::write(&file, text).unwrap();
    let mut command = place.command();
    let (action, rest) = arguments.split_first().unwrap();
    command.args(["mask", action]).arg(&file).args(rest).output().unwrap()
}

const TEXT: &str =
    "plain\nuser=a password=hunter2\nplain\nkey AKIAQ3EGRT5XZ7UWH2LP and bob@example.com\n";

#[test]
fn a_dry_run_shows_lines_as_they_are_and_as_they_would_be() {
    let place = Place::new();
    let output = mask(&place, "a.txt", TEXT, &["diff"]);
    let expected = "line 2: password\n- user=a password=hunter2\n+ user=a password=[MASKED]\n\
                    line 4: aws_access_key\n- key AKIAQ3EGRT5XZ7UWH2LP and bob@example.com\n\
                    + key AKIA***[MASKED 16 chars]*** and bob@example.com\n";
    assert_eq!(printed(&output), expected);
    let output = mask(&place, "a.txt", TEXT, &["diff", "--strict", "--json"]);
    let blocks: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&blocks[1]["line"], blocks.len()), (&4.into(), 2));
    assert_eq!(blocks[1]["kinds"], serde_json::json!(["aws_access_key", "email"]));
    assert_eq!(blocks[1]["masked"], "key AKIA***[MASKED 16 chars]*** and [MASKED]");
    let output = mask(&place, "a.txt", "nothing here", &["diff", "--json"]);
    assert_eq!((output.status.code(), printed(&output)), (Some(1), "[\n]\n".to_owned()));
    assert!(!place.log().exists(), "nothing is kept");
}

#[test]
fn rules_are_tried_out_on_their_examples() {
    let place = Place::new();
    let rules = "rules:\n- name: acme\n  prefix: acme_\n  length: 8\n  masks: [acme_12345678]\n  keeps: [acme_1]\n";
    let output = mask(&place, "rules.yaml", rules, &["test"]);
    assert_eq!(printed(&output), "1 rule, 2 examples, 0 wrong\n");
    let wrong = rules.replace("masks: [acme_12345678]", "masks: [acme_1234]");
    let output = mask(&place, "rules.yaml", &wrong, &["test"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        printed(&output).contains("acme finds no secret in this text under `masks`: acme_1234\n"),
        "{}",
        printed(&output)
    );
    let masked = rules.replace("keeps: [acme_1]", "keeps: [acme_87654321]");
    let output = mask(&place, "rules.yaml", &masked, &["test"]);
    let expected = "acme masks this text, which is under `keeps` and must stay as it is: acme_87654321\n  \
                    it becomes: acme_***[MASKED 8 chars]***\n";
    assert!(printed(&output).starts_with(expected), "{}", printed(&output));
    let output = mask(&place, "rules.yaml", &wrong, &["test", "--json"]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&rows[0]["ok"], &rows[1]["ok"]), (&false.into(), &true.into()));
    let output = mask(&place, "rules.yaml", "rules: [{ nam: a }]", &["test"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("did you mean `name`?"), "{}", errors(&output));
    let rules = place.path("rules.yaml");
    std::fs::write(&rules, "rules: [{ name: acme, prefix: acme_, length: 8 }]").unwrap();
    let arguments = ["diff", "--rules", rules.to_str().unwrap()];
    let output = mask(&place, "a.txt", "an acme_12345678 here", &arguments);
    let expected = "line 1: acme\n- an acme_12345678 here\n+ an acme_***[MASKED 8 chars]*** here\n";
    assert_eq!(printed(&output), expected);
    let output =
        mask(&place, "a.txt", "an acme_12345678 here", &[&arguments[..], &["--json"]].concat());
    let blocks: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(blocks[0]["kinds"], serde_json::json!(["acme"]));
}

#[test]
fn all_kinds_are_listed() {
    let place = Place::new();
    let output = place.command().args(["mask", "kinds", "--json"]).output().unwrap();
    let kinds: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert!(kinds.len() > 60 && kinds.iter().any(|kind| kind["name"] == "github_token"));
    for name in ["password", "authorization", "cookie", "named_secret"] {
        let kind = kinds.iter().find(|kind| kind["name"] == name).unwrap();
        assert_eq!(kind["group"], "named");
    }
}
