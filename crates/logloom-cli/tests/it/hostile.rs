//! Lines that nobody should write: all are kept, in bounded memory, and harm no terminal.

use serde_json::Value;

use crate::support::{Place, errors, printed};

/// Most memory that may have been in use, shared memory included, in KiB.
const MEMORY_KIB: u64 = 200 << 10;

#[test]
fn a_line_of_100_megabytes_is_kept_in_parts() {
    let place = Place::new();
    let script = "head -c 100000000 /dev/zero | tr '\\0' x; echo; echo after; \
                  grep VmHWM /proc/$PPID/status >&2";
    let output = place.run_script(script);
    assert_eq!(output.stdout.len(), 100_000_007);
    let memory: u64 = errors(&output).split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(memory < MEMORY_KIB, "{memory} KiB");
    let records = place.records();
    let (mut parts, mut bytes) = (0, 0);
    for record in records.iter().filter(|record| record["part"].is_u64()) {
        parts += 1;
        assert_eq!(record["part"].as_u64(), Some(parts));
        let message = record["message"].as_str().unwrap();
        assert!(message.bytes().all(|byte| byte == b'x'));
        bytes += message.len();
        assert_eq!(record["parts"].is_u64(), bytes == 100_000_000);
    }
    assert_eq!(bytes, 100_000_000);
    assert!(records.iter().any(|record| record["message"] == "after"));
    let losses = records.iter().filter(|record| record["event"] == "logloom.loss").count();
    assert_eq!(losses, 0);
}

#[test]
fn a_megabyte_of_nul_is_not_cut() {
    let place = Place::new();
    let output = place.run_script("printf x; head -c 1000000 /dev/zero; echo; echo after");
    assert_eq!(output.stdout.len(), 1_000_008);
    let messages = place.messages();
    let nul: usize = messages.iter().map(|message| message.matches('\0').count()).sum();
    assert_eq!(nul, 1_000_000);
    assert_eq!(messages.last().unwrap(), "after");
}

#[test]
fn json_10_000_deep_and_broken_text_are_kept() {
    let place = Place::new();
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let lines = [
        deep.as_bytes(),
        b"{\"message\":\"\\ud800 alone\"}",
        b"bad \xff\xfe text",
        b"nul \0 byte",
        b"{\"message\":\"cut",
        b"{\"level\":{\"a\":1},\"message\":[1],\"timestamp\":{}}",
        b"{\"message\":\"m\",\"message\":\"twice\"}",
        b"",
        b"last",
    ];
    let path = place.path("lines");
    std::fs::write(&path, lines.join(&b'\n')).unwrap();
    let output = place.logloom("run", &["--", "cat", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stdout, lines.join(&b'\n'));
    let records = place.records();
    assert_eq!(records.len(), lines.len(), "{records:#?}");
    assert!(records.iter().all(|record| record["damaged"].is_null()));
    let text = |index: usize| records[index]["message"].as_str().unwrap_or_default();
    assert_eq!(text(2), "bad \u{fffd}\u{fffd} text");
    assert_eq!(text(3), "nul \0 byte");
    assert_eq!(text(8), "last");
}

#[test]
fn no_format_lets_data_act_on_a_terminal() {
    let place = Place::new();
    let script = r#"printf '\033[2J\033]0;title\007plain\n';
        printf '{"message":"\\u001b[31m\302\233 \342\200\256 \177","k\\u001b":"\\u0007"}\n'"#;
    place.logloom("run", &["--ansi", "keep", "--", "sh", "-c", script]);
    for format in ["pretty", "table", "json", "jsonl"] {
        let text = printed(&place.logloom("query", &["--format", format]));
        let harmful = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!text.is_empty() && !text.chars().any(harmful), "{format}: {text:?}");
    }
    let messages = place.messages();
    assert_eq!(messages[0], "\u{1b}[2J\u{1b}]0;title\u{7}plain");
    assert_eq!(messages[1], "\u{1b}[31m\u{9b} \u{202e} \u{7f}");
    place.run_script(script);
    assert_eq!(place.messages()[2], "plain", "taken out unless they are to be kept");
}

#[test]
fn what_is_not_seen_is_spelt_out_for_readers_and_kept_in_data() {
    let place = Place::new();
    std::fs::create_dir(place.log()).unwrap();
    let message = "ad\u{200b}min \u{200d}\u{2060}\u{2066}x\u{2069}\u{feff}";
    let line = format!(
        r#"{{"timestamp":"2026-11-21T10:00:00Z","message":"{message}","action_type":"user_input","session_id":"s","content":"{message}"}}"#
    );
    std::fs::write(place.log().join("2026-11-21.jsonl"), line + "\n").unwrap();
    let unseen =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    for arguments in [&["query"][..], &["query", "--format", "table"], &["show", "s"]] {
        let text = printed(&place.logloom(arguments[0], &arguments[1..]));
        assert!(text.contains("ad\\u{200b}min") && !text.chars().any(unseen), "{text:?}");
    }
    let raw = printed(&place.logloom("query", &["--format", "raw"]));
    assert_eq!(raw.trim_end_matches('\n'), message);
    let kept = place.messages().remove(0);
    assert_eq!(kept, message);
    let jsonl = printed(&place.logloom("query", &["--format", "jsonl"]));
    assert!(jsonl.contains("ad\u{200b}min"), "as it stands in the file: {jsonl:?}");
}

#[test]
fn damaged_lines_are_shown_as_such() {
    let place = Place::new();
    std::fs::create_dir(place.log()).unwrap();
    let lines = b"{\"message\":\"fine\"}\nbroken \x1b[31m\n{\"message\":\"\xff\"}\n";
    std::fs::write(place.log().join("2026-11-21.jsonl"), lines).unwrap();
    let records = place.records();
    assert_eq!(records.len(), 3);
    let damaged = records.iter().filter(|record: &&Value| record["damaged"].is_string()).count();
    assert_eq!(damaged, 2);
    let text = printed(&place.logloom("query", &[] as &[&str]));
    assert_eq!(text.matches("damaged line:").count(), 2, "{text}");
    assert!(!text.contains('\u{1b}'));
}
