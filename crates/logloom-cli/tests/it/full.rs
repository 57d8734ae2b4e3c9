//! `logloom full`: the whole of a text that was cut, or why it is not there.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use serde_json::Value;

use crate::support::{Place, errors, printed};

/// A place whose log holds one record with a cut text; its mark's digits.
fn cut() -> (Place, String) {
    let place = Place::new();
    let settings = "truncate: { max_chars: 16, fields: [message], keep_full: true }\n";
    std::fs::write(place.path("logloom.yaml"), settings).unwrap();
    let output = place.run_script("echo 'The key AKIAQ3EGRT5XZ7UWH2LP is in a long line.'");
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let records: Vec<Value> = place.records();
    let message = records[0]["message"].as_str().unwrap();
    let (start, mark) = message.split_at(16);
    assert_eq!(start, "The key AKIA***[");
    let digits = mark.rsplit_once("[FULL ").unwrap().1.trim_end_matches(']').to_owned();
    assert!(mark.starts_with("[TRUNCATED ") && digits.len() == 64, "{mark}");
    (place, digits)
}

#[test]
fn a_cut_text_is_printed_whole_with_its_secrets_masked() {
    let (place, digits) = cut();
    for given in [&digits[..8], &digits, &format!("[FULL {digits}]")] {
        let output = place.logloom("full", &[given]);
        assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
        assert_eq!(printed(&output), "The key AKIA***[MASKED 16 chars]*** is in a long line.");
    }
}

#[test]
fn a_text_that_is_gone_or_damaged_is_told() {
    let (place, digits) = cut();
    let check = |given: &str, status: i32, part: &str| {
        let output = place.logloom("full", &[given]);
        assert_eq!(output.status.code(), Some(status), "{}", errors(&output));
        assert!(errors(&output).contains(part), "{}", errors(&output));
        assert_eq!(printed(&output), "");
    };
    check("12345678", 1, "not kept");
    check("1234", 2, "at least the first 8");
    let file = place.log().join(".logloom/full").join(&digits[..2]).join(format!("{digits}.gz"));
    std::fs::write(&file, "no gzip").unwrap();
    check(&digits, 3, &digits);
    std::fs::remove_file(file).unwrap();
    check(&digits, 1, "not kept");
    assert_eq!(place.records().len(), 1, "the record is read all the same");
}

#[test]
fn a_folder_that_may_not_be_read_is_told() {
    let (place, digits) = cut();
    let folder = place.log().join(".logloom/full").join(&digits[..2]);
    let allow = |mode| {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(0);
    // Root reads everything, unless it has given up the right to.
    let without = ["--bounding-set=-all", "--inh-caps=-all", "--"];
    let mut command = match std::fs::read_dir(&folder).is_ok() {
        true => {
            let mut command = place.command_of("setpriv");
            command.args(without).arg(env!("CARGO_BIN_EXE_logloom"));
            command
        }
        false => place.command(),
    };
    if std::fs::read_dir(&folder).is_ok() && Command::new("setpriv").arg("-V").output().is_err() {
        println!("skipped: root without setpriv may read everything");
        allow(0o700);
        return;
    }
    let output = command.args(["full", "--dir"]).arg(place.log()).arg(&digits).output().unwrap();
    allow(0o700);
    assert_eq!(output.status.code(), Some(3), "{}", errors(&output));
    assert!(errors(&output).contains("Permission denied"), "{}", errors(&output));
    assert!(!errors(&output).contains("not kept"), "{}", errors(&output));
}
