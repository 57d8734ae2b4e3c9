//! `logloom compare`: two logs of one program, told apart record by record.

use serde_json::Value;

use crate::support::{Place, printed};

/// Lines of Python's logging, a second apart, and the same of the log.
fn sides(count: usize) -> (Vec<String>, Vec<String>) {
    let level = |number: usize| {
        if number.is_multiple_of(7) { ("WARNING", "WARN") } else { ("INFO", "INFO") }
    };
    let old = (0..count).map(|number| {
        let (minute, second) = (number / 60, number % 60);
        let name = level(number).0;
        format!("2026-11-21 10:{minute:02}:{second:02},250 - shop - {name} - order {number} paid")
    });
    let new = (0..count).map(|number| {
        let (minute, second) = (number / 60, number % 60);
        let name = level(number).1;
        format!(
            "{{\"timestamp\":\"2026-11-21T10:{minute:02}:{second:02}.250417Z\",\"level\":\"{name}\",\
             \"module\":\"shop\",\"message\":\"order {number} paid\"}}"
        )
    });
    (old.collect(), new.collect())
}

fn place(old: &[String], new: &[String]) -> Place {
    let place = Place::with_day(&(new.join("\n") + "\n"));
    std::fs::write(place.path("app.log"), old.join("\n") + "\n").unwrap();
    place
}

fn compare(place: &Place, arguments: &[&str]) -> std::process::Output {
    let sides = ["compare", "--old", "app.log", "--new", "log"];
    place.command().args(sides).args(arguments).output().unwrap()
}

#[test]
fn two_logs_of_the_same_records_are_the_same() {
    let (old, new) = sides(300);
    let place = place(&old, &new);
    let output = compare(&place, &["--utc"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in [
        "old  app.log  300 records  2026-11-21 10:00:00.250Z to 2026-11-21 10:04:59.250Z",
        "300 records on both sides",
        "both hold the same",
    ] {
        assert!(text.contains(part), "lacks {part:?}: {text}");
    }
}

#[test]
fn what_differs_is_counted_and_listed() {
    let (mut old, mut new) = sides(300);
    old.remove(17);
    old.push("2026-11-21 10:59:00,000 - shop - ERROR - the old one alone".to_owned());
    new[33] = new[33].replace("INFO", "ERROR");
    new.truncate(298);
    let place = place(&old, &new);
    let output = compare(&place, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let (sum, rows) = rows.split_first().unwrap();
    assert_eq!((&sum["same"], &sum["pairs"]), (&false.into(), &297.into()));
    assert_eq!((&sum["old"]["records"], &sum["old"]["alone"]), (&300.into(), &3.into()));
    assert_eq!((&sum["new"]["records"], &sum["new"]["alone"]), (&298.into(), &1.into()));
    assert_eq!((&sum["levels"], &sum["shift_s"]), (&1.into(), &Value::Null));
    let told: Vec<_> = rows.iter().map(|row| (&row["kind"], &row["message"])).collect();
    let expected = [
        ("old", "order 298 paid"),
        ("old", "order 299 paid"),
        ("old", "the old one alone"),
        ("new", "order 17 paid"),
        ("level", "order 33 paid"),
    ];
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!((told.0.as_str().unwrap(), told.1.as_str().unwrap()), expected);
    }
    let text = printed(&compare(&place, &["--limit", "1"]));
    for part in ["3 only in the old log", "and 2 more (--limit 3 lists all)", "INFO  > ERROR"] {
        assert!(text.contains(part), "lacks {part:?}: {text}");
    }
}

#[test]
fn a_secret_is_the_same_in_clear_and_masked() {
    let old = "2026-11-21 10:00:00,250 - shop - INFO - login with password=hunter2-abcdef\n";
    let place = Place::new();
    std::fs::write(place.path("app.log"), old).unwrap();
    let imported = place.command().args(["import", "app.log", "--dir", "log"]).output().unwrap();
    assert!(imported.status.success());
    let output = compare(&place, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert!(!printed(&output).contains("hunter2"));
}

#[test]
fn a_wrong_zone_is_named() {
    let (old, new) = sides(50);
    let place = place(&old, &new);
    let output = compare(&place, &["--zone", "+02:00"]);
    let text = printed(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("the same texts stand 2h later in the new log"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_told() {
    let (old, new) = sides(3);
    let place = place(&old, &new);
    let command = |arguments: &[&str]| {
        place.command().arg("compare").args(arguments).output().unwrap().status.code()
    };
    assert_eq!(command(&["--old", "nothing.log", "--new", "log"]), Some(3));
    assert_eq!(command(&["--old", "app.log", "--new", "nowhere"]), Some(3));
    assert_eq!(command(&["--old", "app.log", "--new", "log", "app.log"]), Some(2));
    assert_eq!(command(&["--old", "app.log", "--new", "log", "--tolerance", "soon"]), Some(2));
    assert_eq!(command(&["--old", "app.log", "--new", "log", "--since", "2h"]), Some(1));
}
