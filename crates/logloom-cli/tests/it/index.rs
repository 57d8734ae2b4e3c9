//! The indexes of finished files, by `logloom index`: made, checked, deleted; searches give the same rows.

use serde_json::Value;

use crate::support::{Place, printed};

const DAY: &str = "2026-01-02.jsonl";

fn place() -> Place {
    let place = Place::new();
    std::fs::create_dir(place.log()).unwrap();
    let line = |n: u32| {
        format!(
            "{{\"timestamp\":\"2026-01-02T10:{:02}:{:02}.000000Z\",\"level\":\"INFO\",\"service\":\"shop\",\
             \"message\":\"order {n} accepted\",\"trace_id\":\"{:032x}\"}}\n",
            n / 60 % 60,
            n % 60,
            u128::from(n) * 0x9e37_79b9_7f4a_7c15
        )
    };
    std::fs::write(place.log().join(DAY), (0..5_000).map(line).collect::<String>()).unwrap();
    place
}

fn states(place: &Place, flags: &[&str]) -> Vec<String> {
    let output = place.logloom("index", &[flags, &["--json"]].concat());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let states = told.as_array().unwrap().iter();
    states.map(|one| one["state"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn indexes_are_made_checked_and_deleted() {
    let place = place();
    let index = place.log().join(format!("{DAY}.idx"));
    let rows = || printed(&place.logloom("query", &["--grep", "order 1234 ", "--json"]));
    let before = rows();
    assert_eq!(states(&place, &["--build"]), ["made"]);
    assert_eq!(states(&place, &["--build"]), ["good"]);
    assert_eq!(states(&place, &[]), ["good"]);
    assert_eq!(rows(), before);
    let text = printed(&place.logloom::<&str>("index", &[]));
    assert!(
        text.contains("words: ") && text.contains("columns: ") && text.contains("service"),
        "{text}"
    );
    let mut bytes = std::fs::read(&index).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    std::fs::write(&index, &bytes).unwrap();
    assert_eq!(states(&place, &["--check"]), ["bad"]);
    assert_eq!(rows(), before);
    assert_eq!(states(&place, &["--build"]), ["made"]);
    assert_eq!(states(&place, &["--check"]), ["good"]);
    assert_eq!(states(&place, &["--delete"]), ["deleted"]);
    assert!(!index.exists());
    assert_eq!(states(&place, &["--check"]), ["missing"]);
    std::fs::write(&index, "somebody else's").unwrap();
    assert_eq!(states(&place, &["--delete"]), ["missing"]);
    assert!(index.exists());
}
