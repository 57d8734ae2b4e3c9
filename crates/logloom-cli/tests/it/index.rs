//! The indexes of finished files, by `logloom index`: made, checked, deleted; searches give the same rows.

use std::io::Write;
use std::process::Stdio;

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

#[test]
fn folders_of_others_are_left_alone_and_two_makers_do_not_meet() {
    let place = Place::new();
    let file = place.path("app.log");
    let line = |number| format!("2026-11-20 10:00:00,123 INFO [main] com.A: ok {number}\n");
    std::fs::write(&file, (0..20_000).map(line).collect::<String>()).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let index = || {
        let mut command = place.command();
        command.args(["index", "--files", "app.log"]).stdout(Stdio::null()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    for name in ["app.log.logloom", "app.log.logloom.new"] {
        std::fs::create_dir(place.path(name)).unwrap();
        std::fs::write(place.path(name).join("precious"), "mine").unwrap();
        let output = index().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(errors(&output).contains("was not made by `logloom index`"), "{output:?}");
        assert_eq!(std::fs::read_to_string(place.path(name).join("precious")).unwrap(), "mine");
        std::fs::remove_dir_all(place.path(name)).unwrap();
    }
    for _ in 0..10 {
        let both = [index(), index()].map(|child| child.wait_with_output().unwrap());
        assert!(both.iter().any(|output| output.status.success()), "{both:?}");
        let mut command = place.command();
        command.args(["query", "--files", "app.log", "* | stats count() c", "--format", "jsonl"]);
        assert_eq!(printed(&command.output().unwrap()), "{\"c\":20000}\n");
        let folder = place.path("app.log.logloom");
        let mode = std::fs::metadata(&folder).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777, 0o700);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
