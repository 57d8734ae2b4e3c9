//! Past days: compressed, read all the same, deleted; by `logloom clean` and by every program that logs.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use logloom_store::Day;
use serde_json::Value;

use crate::support::{Place, errors, printed};

/// The day so many days before today, in UTC.
fn day(back: u32) -> Day {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() / 86_400;
    Day::from_number(now as u32 - back).unwrap()
}

/// A place with a file of 2,000 lines for each of these days before today.
fn place(days: &[u32]) -> Place {
    let place = Place::new();
    std::fs::write(place.path("logloom.yaml"), "store: { retention: { days: 30 } }\n").unwrap();
    std::fs::create_dir(place.log()).unwrap();
    for back in days {
        let line = |n: u32| {
            let day = day(*back);
            format!(
                "{{\"timestamp\":\"{day}T10:{:02}:{:02}.000000Z\",\"level\":\"INFO\",\
                 \"service\":\"shop\",\"message\":\"order {n} of day {back}\",\"n\":{n}}}\n",
                n / 60 % 60,
                n % 60
            )
        };
        let text: String = (0..6_000).map(line).collect();
        std::fs::write(file(&place, *back, ""), text).unwrap();
    }
    place
}

fn file(place: &Place, back: u32, suffix: &str) -> PathBuf {
    place.log().join(format!("{}.jsonl{suffix}", day(back)))
}

fn count(place: &Place) -> u64 {
    let output = place.logloom("stats", &["--json"]);
    let stats: Value = serde_json::from_slice(&output.stdout).unwrap();
    stats[0]["records"].as_u64().unwrap()
}

#[test]
fn past_days_are_compressed_and_deleted_and_the_rest_is_read_as_before() {
    let place = place(&[60, 40, 20, 2]);
    let before = place.logloom("query", &["--grep", "order 1234 of", "--json"]);
    let plan = printed(&place.logloom("clean", &["--dry-run"]));
    assert!(plan.contains("would be compressed") && plan.contains("older than 30 days"), "{plan}");
    assert!(file(&place, 60, "").exists(), "a plan changes nothing");
    let output = place.logloom("clean", &["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let report = &report[0];
    assert_eq!(report["deleted"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(report["compressed"].as_array().unwrap().len(), 1, "{report}");
    assert!(!file(&place, 60, "").exists() && !file(&place, 20, "").exists());
    assert!(file(&place, 20, ".gz").exists() && file(&place, 2, "").exists());
    assert_eq!(count(&place), 12_000);
    let after = place.logloom("query", &["--grep", "order 1234 of", "--json"]);
    let rows = |output: &std::process::Output| -> Vec<Value> {
        serde_json::from_slice::<Vec<Value>>(&output.stdout).unwrap()
    };
    assert_eq!(rows(&before)[2..], rows(&after)[..]);
    assert_eq!(rows(&after).len(), 2);
    assert!(printed(&place.logloom("clean", &[] as &[&str])).contains("nothing to do"));
}

#[test]
fn conditions_delete_what_fits_them_and_nothing_else() {
    let place = place(&[9, 8, 7, 6]);
    let output = place.logloom("clean", &["--older-than", "5", "--keep-files", "1"]);
    assert!(printed(&output).contains("beyond the newest 1 file\n"), "{}", printed(&output));
    for (back, is_there) in [(9, false), (8, false), (7, false), (6, true)] {
        assert_eq!(file(&place, back, "").exists(), is_there, "{back}");
    }
    assert!(!file(&place, 6, ".gz").exists(), "conditions compress nothing");
}

#[test]
fn conditions_that_make_no_sense_are_refused() {
    let place = place(&[1]);
    for (flag, value) in [("--name", "["), ("--keep-size", "lots"), ("--at-least", "1 Gibi")] {
        let output = place.logloom("clean", &[flag, value]);
        assert_eq!(output.status.code(), Some(2), "{flag}");
        assert!(errors(&output).contains(flag), "{}", errors(&output));
    }
    let output = Place::new().logloom("clean", &["--dry-run"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn the_good_part_of_a_damaged_day_is_shown_and_the_rest_is_told() {
    let place = place(&[20]);
    place.logloom("clean", &[] as &[&str]);
    let path = file(&place, 20, ".gz");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    std::fs::write(&path, &bytes).unwrap();
    for arguments in [&["--jsonl"][..], &["--limit", "100000", "--jsonl"], &["--limit", "5"]] {
        let arguments: Vec<&str> = arguments
            .iter()
            .flat_map(
                |word| if *word == "--jsonl" { vec!["--format", "jsonl"] } else { vec![*word] },
            )
            .collect();
        let output = place.logloom("query", &arguments);
        let lines = printed(&output).lines().count();
        let told = errors(&output);
        if arguments.contains(&"5") {
            assert_eq!(lines, 5, "{told}");
        } else {
            assert_eq!(output.status.code(), Some(3), "{told}");
            assert!((2_000..6_000).contains(&lines), "{lines}");
            assert!(told.contains("are lost"), "{told}");
        }
    }
}

#[test]
fn a_program_that_logs_sees_to_past_days_by_itself() {
    let place = place(&[40, 20]);
    let (packed, expired) = (file(&place, 20, ".gz"), file(&place, 40, ""));
    let plain = file(&place, 20, "");
    let script = format!(
        "i=0; while [ ! -e {} ] || [ -e {} ] || [ -e {} ]; do i=$((i+1)); [ $i -lt 1200 ] || exit 9; \
         sleep 0.05; done",
        packed.display(),
        plain.display(),
        expired.display()
    );
    let output = place.run_script(&script);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    assert_eq!(count(&place) / 6_000, 1);
}

#[test]
fn records_of_the_action_log_are_counted_by_type_and_status() {
    let place = Place::new();
    std::fs::create_dir(place.log()).unwrap();
    let line = |kind: &str, status: &str| {
        format!("{{\"level\":\"INFO\",\"action_type\":\"{kind}\",\"status\":\"{status}\"}}\n")
    };
    let text =
        [line("tool_call", "success"), line("tool_call", "error"), "{}\n".to_owned()].concat();
    std::fs::write(file(&place, 1, ""), &text).unwrap();
    place.logloom("clean", &[] as &[&str]);
    let metadata = std::fs::read(place.log().join("metadata.json")).unwrap();
    let metadata: Value = serde_json::from_slice(&metadata).unwrap();
    let file = &metadata["files"][0];
    assert_eq!(file["types"], serde_json::json!({ "tool_call": 2 }));
    assert_eq!(file["statuses"], serde_json::json!({ "success": 1, "error": 1 }));
    assert_eq!((&file["counted"], &file["records"]), (&file["bytes"], &Value::from(3)));
}
