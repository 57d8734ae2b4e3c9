//! Takes files with mistakes, expects the exact message for each.

use logloom_config::{Colours, load_str};
use proptest::prelude::*;

/// The lines of the report that are no excerpt.
fn messages(text: &str) -> Vec<String> {
    let report = match load_str("logloom.yaml", text) {
        Ok(_) => return vec!["accepted".to_owned()],
        Err(report) => report,
    };
    report.problems.iter().map(ToString::to_string).collect()
}

/// A text and the one message it must give, behind the name of the file.
const MISTAKES: &[(&str, &str)] = &[
    ("stroe: {}", "1:1: stroe: unknown key, did you mean `store`?"),
    (
        "store:\n  durabilty: process",
        "2:3: store.durabilty: unknown key, did you mean `durability`?",
    ),
    ("store.dir: /x", "1:1: \"store.dir\": unknown key, write it as `store: { dir: ... }`"),
    ("fields: [a]", "1:1: fields: unknown key, did you mean `mask.fields`?"),
    (
        "batch: { qqqqqq: 1 }",
        "1:10: batch.qqqqqq: unknown key, expected one of batch_size, batch_timeout, \
         max_batch_bytes",
    ),
    ("service: { name: x }", "1:10: service: expected text, found a section"),
    ("service: 1.10", "1:10: service: expected text, found the number 1.1; put it in quotes"),
    ("service:", "1:1: service: expected text, found nothing"),
    ("service: ''", "1:10: service: an empty name is impossible"),
    ("store: yes", "1:8: store: expected a section of keys, found the text `yes`"),
    ("- a", "1:1: expected a section of keys, found a list"),
    (
        "store: { durability: proces }",
        "1:22: store.durability: unknown durability `proces`, did you mean `process`?",
    ),
    (
        "store: { durability: interval 3 }",
        "1:22: store.durability: expected whole milliseconds such as `interval 250ms`, found \
         `3`",
    ),
    (
        "store: { durability: level HIGH }",
        "1:22: store.durability: unknown level `HIGH`, expected TRACE, DEBUG, INFO, WARN, \
         ERROR or FATAL",
    ),
    ("store: { dir: [/a, 5] }", "1:20: store.dir: expected a path, found the number 5"),
    ("store: { dir: [] }", "1:15: store.dir: 0 is impossible, expected 1 to 16 directories"),
    (
        "store: { dir: ~ann/log }",
        "1:15: store.dir: the home directory of another user is not looked up; write it out",
    ),
    ("store: { dir: ~ }", "1:10: store.dir: expected a path or a list of paths, found nothing"),
    (
        "store: { max_file_size: 10 parsecs }",
        "1:25: store.max_file_size: expected a size such as 256KiB or 10MB, found the text \
         `10 parsecs`",
    ),
    (
        "store: { max_file_size: 1KiB }",
        "1:25: store.max_file_size: 1KiB is impossible, expected 1MiB to 1024GiB",
    ),
    (
        "levels: { default: DEBG }",
        "1:20: levels.default: unknown level `DEBG`, did you mean `DEBUG`?",
    ),
    (
        "levels:\n  \"shop.payments\": loud",
        "2:20: levels.\"shop.payments\": unknown level `loud`, expected TRACE, DEBUG, INFO, \
         WARN, ERROR or FATAL",
    ),
    (
        "overflow: { default: dropp_oldest }",
        "1:22: overflow.default: unknown overflow policy `dropp_oldest`, did you mean \
         `drop_oldest`?",
    ),
    (
        "overflow: { WARN: drop_odlest }",
        "1:19: overflow.WARN: unknown overflow policy `drop_odlest`, did you mean \
         `drop_oldest`?",
    ),
    (
        "overflow: { error: discard }",
        "1:20: overflow.ERROR: `discard` is impossible, since ERROR is never dropped; \
         expected block or block_with_timeout",
    ),
    (
        "overflow: { ERR: block, error: block }",
        "1:25: overflow.ERROR: given twice, first at logloom.yaml:1:13",
    ),
    (
        "overflow: { timeout: 3 }",
        "1:22: overflow.timeout: expected a time with its unit such as 250ms or 3s, found the \
         number 3",
    ),
    ("batch: { batch_size: 99999999999 }", "1:22: batch.batch_size: 99999999999 is too large"),
    ("batch: { batch_size: -1 }", "1:22: batch.batch_size: -1 is impossible, expected 0 or more"),
    (
        "batch: { batch_size: 1.5 }",
        "1:22: batch.batch_size: expected a whole number, found the number 1.5",
    ),
    ("mask: { enabled: yes }", "1:18: mask.enabled: expected true or false, found the text `yes`"),
    ("mask: { fields: pin }", "1:17: mask.fields: expected a list of names, found the text `pin`"),
    ("mask: { shapes: [jwtt] }", "1:17: mask.shapes: unknown name `jwtt`, did you mean `jwt`?"),
    (
        "mask: { rules: [{ name: a, prefix: acme_, lenght: 8 }] }",
        "1:43: mask.rules: unknown key `lenght`, did you mean `length`?",
    ),
    (
        "truncate: { max_chars: 2 }",
        "1:24: truncate.max_chars: 2 is impossible, expected 16 to 1048576 characters",
    ),
    ("mask: { fields: [1] }", "1:18: mask.fields: expected a name, found the number 1"),
    ("time_digits: 7", "1:14: time_digits: 7 is impossible, expected 6 or 9"),
    (
        "console: { format: prety }",
        "1:20: console.format: unknown console format `prety`, did you mean `pretty`?",
    ),
    (
        "sample: { DEBUG: 2 }",
        "1:18: sample.DEBUG: expected a number from 0 to 1, found the number 2",
    ),
    (
        "sample: { LOUD: 0.5 }",
        "1:11: sample.LOUD: unknown key, expected one of enabled, TRACE, DEBUG, INFO, WARN, ERROR, \
         FATAL, rules, except, report_every, seed",
    ),
    (
        "sample: { rules: [{ name: a, rat: 0.5 }] }",
        "1:30: sample.rules: unknown member `rat`, did you mean `rate`?",
    ),
    (
        "sample: { rules: many }",
        "1:18: sample.rules: expected a list of sections with `name`, \
     `levels`, `loggers`, `messages`, `rate`, `first`, `every`, `interval`, found the text `many`",
    ),
    (
        "sample: { rules: [{ rate: 0.5 }] }",
        "1:18: sample.rules: rule \"\" needs a name of 1 to 64 letters, digits, `_`, `-` and `.`",
    ),
    (
        "sample: { rules: [{ name: a, levels: [LOUD] }] }",
        "1:38: sample.rules: unknown level `LOUD`, expected TRACE, DEBUG, INFO, WARN, ERROR or FATAL",
    ),
    (
        "sample: { rules: [{ name: a, first: 1, interval: 0s }] }",
        "1:18: sample.rules: 0ns is impossible, expected 1ms to 86400s",
    ),
    ("outputs: [{ name: x }]", "1:11: outputs: `type` is missing"),
    (
        "outputs: [kafka]",
        "1:11: outputs: expected a section with `name` and `type`, found the text `kafka`",
    ),
    (
        "server: { listen: here }",
        "1:19: server.listen: expected an address with its port such as 127.0.0.1:7890, found \
         the text `here`",
    ),
    ("a: &x [*x]", "1:8: not valid YAML: Recursive reference not allowed here"),
    ("a: [1,\nb: 2", "1:4: not valid YAML: unclosed bracket '['"),
    (
        "a: 1\n---\nb: 2",
        "3:1: not valid YAML: only single YAML document expected but multiple found",
    ),
    ("a:\n\t- x", "2:2: not valid YAML: tabs disallowed within this context (block indentation)"),
    ("a: b: c", "1:5: not valid YAML: mapping values are not allowed in this context"),
];

#[test]
fn each_mistake_has_its_message() {
    let expected = |message: &str| vec![format!("logloom.yaml:{message}")];
    let mut wrong = Vec::new();
    for (text, message) in MISTAKES {
        let found = messages(text);
        if found != expected(message) {
            wrong.push((text, found, message));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_problem_of_a_file_is_listed_in_its_order() {
    let text = "stor: {}\nservice: 5\nlevels: { default: LOUDER }\nservice: again\nbatch:\n  \
                batch_size: 0\n  batch_timeout: 5\n";
    let lines: Vec<String> = messages(text);
    assert_eq!(
        lines,
        [
            "logloom.yaml:1:1: stor: unknown key, did you mean `store`?",
            "logloom.yaml:2:10: service: expected text, found the number 5; put it in quotes",
            "logloom.yaml:3:20: levels.default: unknown level `LOUDER`, expected TRACE, DEBUG, \
             INFO, WARN, ERROR or FATAL",
            "logloom.yaml:4:1: service: given twice, first at logloom.yaml:2:1",
            "logloom.yaml:6:15: batch.batch_size: 0 is impossible, expected 1 to 1000000 records",
            "logloom.yaml:7:18: batch.batch_timeout: expected a time with its unit such as 250ms \
             or 3s, found the number 5",
        ]
    );
}

#[test]
fn the_report_shows_the_line() {
    let text = "store:\n  durabilty: process # the default\n";
    let report = load_str("logloom.yaml", text).expect_err("a bad file");
    let expected = "\
error: logloom.yaml:2:3: store.durabilty: unknown key, did you mean `durability`?
   |
 2 |   durabilty: process # the default
   |   ^^^^^^^^^
1 error
";
    assert_eq!(report.text(Colours::Plain), expected);
}

#[test]
fn broken_yaml_shows_the_line() {
    let report = load_str("logloom.yaml", "a: 1\nb: [1, 2\n").expect_err("a bad file");
    let expected = "\
error: logloom.yaml:2:4: not valid YAML: unclosed bracket '['
   |
 2 | b: [1, 2
   |    ^
1 error
";
    assert_eq!(report.text(Colours::Plain), expected);
}

#[test]
fn what_is_not_built_yet_is_checked_and_said() {
    let text = "store: { retention: { days: 30 } }\nmask: { shapes: [jwt], \
                home_paths: true }\n\noutputs: [{ name: c, type: console }]\n\
                plugins: { dirs: [./p], enabled: [x] }\nserver: { listen: 127.0.0.1:7890 }\n";
    let resolved = load_str("logloom.yaml", text).expect("a good file");
    let keys: Vec<&str> = resolved.warnings.iter().map(|warning| warning.key.as_str()).collect();
    assert_eq!(keys, ["outputs", "plugins.dirs", "plugins.enabled", "server.listen",]);
    assert_eq!(
        resolved.warnings[0].to_string(),
        "logloom.yaml:4:1: outputs: not available in this version, so it has no effect"
    );
}

#[test]
fn growth_is_bounded() {
    let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for depth in 1..12 {
        let aliases = vec![format!("*a{}", depth - 1); 10].join(",");
        bomb.push_str(&format!("a{depth}: &a{depth} [{aliases}]\n"));
    }
    let deep = "[".repeat(100_000);
    let deeper: String = (0..2_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let wide: String = (0..30_000).map(|number| format!("k{number}: 1\n")).collect();
    let items = vec!["x"; 1_000].join(",");
    let repeated = format!("a: &a [{items}]\nb: [{}]\n", vec!["*a"; 30].join(","));
    for text in [bomb, deep, deeper, wide, repeated] {
        let found = messages(&text);
        assert_eq!(found.len(), 1, "{found:?}");
        let bounded = ["too large: a configuration has at most 20000 values", "recursion limit"];
        assert!(bounded.iter().any(|message| found[0].contains(message)), "{found:?}");
    }
}

#[test]
fn a_file_of_mistakes_is_cut_off() {
    let text: String = (0..5_000).map(|number| format!("k{number}: 1\n")).collect();
    let found = messages(&text);
    assert_eq!(found.len(), 101);
    assert!(found[100].ends_with("more than 100 problems, the others are not shown"));
}

#[test]
fn a_file_does_not_speak_to_the_terminal() {
    let report = load_str("l.yaml", "\"a\\e[31m\": \"\\e]0;x\\a\"\n").expect_err("a bad file");
    assert!(!report.text(Colours::Plain).contains('\u{1b}'));
    let report =
        load_str("l.yaml", "service: \"\\e\"\nmask: { fields: \"\\e[0m\" }").expect_err("bad");
    assert!(!report.text(Colours::Plain).contains('\u{1b}'));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_panics(text in "[ -~\n\t\u{0}\u{e9}]{0,200}") {
        let _ = load_str("logloom.yaml", &text).map_err(|report| report.text(Colours::Ansi));
    }

    #[test]
    fn no_value_panics(
        key in prop::sample::select(vec!["service", "store: {dir", "levels: {default",
            "overflow: {timeout", "batch: {batch_size", "mask: {fields", "outputs", "sample",
            "store: {durability", "store: {max_file_size"]),
        value in "[-0-9a-zA-Z.\\[\\]{}:,~ '\"\\\\]{0,30}",
    ) {
        let close = if key.contains('{') { "}" } else { "" };
        let _ = load_str("logloom.yaml", &format!("{key}: {value}{close}"));
    }
}
