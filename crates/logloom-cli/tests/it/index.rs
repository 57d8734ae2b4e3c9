//! The indexes of finished files, by `logloom index`: made, checked, deleted; searches give the same rows.

use std::io::Write;

use serde_json::Value;

use crate::support::{Place, errors, printed};

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

#[test]
fn files_of_other_programs_are_prepared_on_request() {
    let place = Place::new();
    let lines: String = (0..3_000)
        .map(|number| {
            let id = number * 7_919 % 10_000;
            format!("{{\"ts\":\"2026-11-21T10:{:02}:{:02}Z\",\"severity\":\"info\",\"msg\":\"row {number}\",\"id\":\"x{id}\"}}\n", number / 60, number % 60)
        })
        .collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(lines.as_bytes()).unwrap();
    let file = place.path("app1.json.gz");
    std::fs::write(&file, packed.finish().unwrap()).unwrap();
    let run = |arguments: &[&str]| place.command().args(arguments).output().unwrap();
    let asked = ["query", "--files", "app*.json.gz", "id:=x7919 or \"row 2999\"", "--json"];
    let before = run(&asked);
    assert_eq!(before.status.code(), Some(0));
    let text = printed(&run(&["index", "--files", "app*.json.gz", "--check"]));
    assert_eq!(text, "app1.json.gz: missing\n");
    let made = run(&["index", "--files", "app*.json.gz"]);
    let text = printed(&made);
    assert!(text.starts_with("app1.json.gz: made, ") && errors(&made).is_empty(), "{made:?}");
    let folder = place.path("app1.json.gz.logloom");
    let made: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert!(made.iter().any(|name| name == "1970-01-01.jsonl.gz.idx"), "{made:?}");
    assert!(!made.iter().any(|name| name == "1970-01-01.jsonl"), "{made:?}");
    let after = run(&asked);
    assert_eq!((printed(&before), errors(&after)), (printed(&after), String::new()));
    let plan = printed(&run(&["query", "--files", "app*.json.gz", "id:=nowhere", "--explain"]));
    assert!(plan.contains("left out by their words and values"), "{plan}");
    // Another zone, or another content, is another file.
    let other = run(&["query", "--files", "app1.json.gz", "--zone", "Asia/Tokyo", "-n", "1"]);
    assert!(errors(&other).contains("in other words then"), "{other:?}");
    let mut longer = std::fs::read(&file).unwrap();
    longer.extend_from_slice(&longer.clone());
    std::fs::write(&file, longer).unwrap();
    let stale = run(&asked);
    assert!(errors(&stale).contains("another length"), "{stale:?}");
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&stale.stdout).unwrap();
    assert_eq!(rows.len(), 4);
    assert_eq!(run(&["index", "--files", "app1.json.gz", "--check"]).status.code(), Some(1));
    let text = printed(&run(&["index", "--files", "app1.json.gz", "--json"]));
    assert!(text.contains("\"state\":\"made\""), "{text}");
    assert_eq!(printed(&run(&asked)), printed(&stale));
    // It is no file of its own for those who go through folders.
    let log = place.log();
    let import = ["import", "--dir", log.to_str().unwrap(), "--json", "."];
    assert_eq!(run(&import).status.code(), Some(0));
    let all = run(&["query", "--dir", log.to_str().unwrap(), "-n", "9000", "--format", "raw"]);
    assert_eq!(printed(&all).lines().count(), 6_000);
    let text = printed(&run(&["index", "--files", "app1.json.gz", "--delete"]));
    assert_eq!(text, "app1.json.gz: deleted\n");
    assert!(!folder.exists() && file.exists());
}
