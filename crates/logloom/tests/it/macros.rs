//! Each form of the macros, checked against its line in the day file.

use std::cell::Cell;
use std::fmt;

use logloom::{Level, debug, error, event, fatal, info, trace, warn};
use serde_json::{Value, json};

use super::day_file::log;

/// The members of a record that the call decides: not those that are the same for all.
fn parts(record: &Value) -> Value {
    let mut record = record.clone();
    let members = record.as_object_mut().unwrap();
    for name in ["timestamp", "service", "module", "mark"] {
        members.remove(name).unwrap_or_else(|| panic!("{name} is missing"));
    }
    record
}

macro_rules! check {
    ($level:ident, $mark:literal, [$($call:tt)*], $($expected:tt)+) => {
        log();
        $level!(mark = $mark, $($call)*);
        let mut expected = json!($($expected)+);
        expected["level"] = json!(stringify!($level).to_uppercase());
        assert_eq!(parts(&log().find(concat!("\"mark\":\"", $mark, "\""))), expected);
    };
}

struct User {
    name: String,
    id: Option<u64>,
}

const LIMIT: u32 = 10;

#[test]
fn values_by_every_sign() {
    let (count, path, list) = (3_u8, std::path::Path::new("/a b"), vec![1, 2]);
    let user = User { name: "ann".to_owned(), id: None };
    check!(info, "value-1", [a = 1, b = -2_i64, c = 1.5, d = true,], {"a": 1, "b": -2, "c": 1.5, "d": true});
    check!(info, "value-2", [path = %path.display(), list = ?list], {"path": "/a b", "list": "[1, 2]"});
    check!(info, "value-3", [count, %user.name, ?user.id], {"count": 3, "user.name": "ann", "user.id": "None"});
    check!(info, "value-4", [user.name, user.id, LIMIT], {"user.name": "ann", "user.id": null, "LIMIT": 10});
    check!(info, "value-5", [http.status = 200, "any key!" = 1, r#type = 2, type = %3],
        {"http.status": 200, "any key!": 1, "type": 2, "type_": "3"});
    check!(info, "value-6", [list = list, text = String::from("é"), letter = 'x', none = None::<u8>],
        {"list": [1, 2], "text": "é", "letter": "x", "none": null});
    check!(info, "value-7", [big = u64::MAX, "lit" = ?"q", neg = -1 - 1, calls = count.min(2)],
        {"big": u64::MAX, "lit": "\"q\"", "neg": -2, "calls": 2});
}

#[test]
fn messages_of_every_kind() {
    let (name, items, outside) = ("ann", vec![1, 2], 7);
    check!(info, "message-1", ["plain"], {"message": "plain"});
    check!(info, "message-2", ["plain, comma",], {"message": "plain, comma"});
    check!(info, "message-3", [name, "hello {name}"],
        {"name": "ann", "message": "hello ann", "template": "hello {name}"});
    check!(info, "message-4", [items = items, "got {items}"],
        {"items": [1, 2], "message": "got [1,2]", "template": "got {items}"});
    check!(info, "message-5", ["{} of {total}", 3, total = 10],
        {"message": "3 of 10", "template": "{} of {total}"});
    check!(info, "message-6", [n = outside, "{n:?} and {outside:>3}"],
        {"n": 7, "message": "7 and   7", "template": "{n:?} and {outside:>3}"});
    check!(info, "message-7", [outside = 8, "{} is {outside}", outside],
        {"outside": 8, "message": "8 is 8", "template": "{} is {outside}"});
    check!(info, "message-8", [items = items, "{items} {}", 1],
        {"items": [1, 2], "message": "[1, 2] 1", "template": "{items} {}"});
    check!(info, "message-9", ["{{braces}}"], {"message": "{braces}", "template": "{{braces}}"});
    check!(info, "message-10", [shown = %name, "{shown}, {}", 1],
        {"shown": "ann", "message": "ann, 1", "template": "{shown}, {}"});
}

#[test]
fn every_level_has_its_macro() {
    check!(trace, "level-1", ["m"], {"message": "m"});
    check!(debug, "level-2", ["m"], {"message": "m"});
    check!(info, "level-3", ["m"], {"message": "m"});
    check!(warn, "level-4", ["m"], {"message": "m"});
    check!(error, "level-5", ["m"], {"message": "m"});
    check!(fatal, "level-6", ["m"], {"message": "m"});
}

#[test]
fn a_target_stands_in_front() {
    log();
    const AT: Level = Level::Warn;
    info!(target: "shop.payments", mark = "target-1");
    event!(target: "shop.payments", AT, mark = "target-2", "paid");
    event!(AT, target: "shop.payments", mark = "target-3", "{}", "paid");
    event!(AT, mark = "target-4");
    for (mark, module) in [
        ("target-1", "shop.payments"),
        ("target-2", "shop.payments"),
        ("target-3", "shop.payments"),
        ("target-4", "it::macros"),
    ] {
        assert_eq!(log().find(mark)["module"], module, "{mark}");
    }
    info!("message-without-fields-or-mark");
    assert_eq!(log().find("message-without-fields-or-mark")["level"], "INFO");
}

#[test]
fn what_is_switched_off_is_not_evaluated() {
    log();
    let calls = Cell::new(0);
    let count = |mark: &'static str| {
        calls.set(calls.get() + 1);
        mark
    };
    for _ in 0..3 {
        info!(target: "quiet", mark = count("off-1"), "{}", count("off-1"));
        debug!(target: "quiet::inner", mark = %count("off-2"));
    }
    assert_eq!((calls.get(), log().all("\"off-").len()), (0, 0));
    warn!(target: "quiet", mark = count("on-1"));
    assert_eq!((calls.get(), log().all("\"on-1\"").len()), (1, 1));
}

#[test]
fn a_level_can_be_set_at_any_time() {
    log();
    let call = |mark: &str| debug!(target: "changing.inner", mark);
    logloom::set_level("changing", Level::Error).unwrap();
    call("set-level-1");
    logloom::set_level("changing", Level::Debug).unwrap();
    call("set-level-2");
    let error = logloom::set_level("changing..inner", Level::Info).unwrap_err();
    let text = "no level was set: the module \"changing..inner\" has an empty part";
    assert!(error.to_string().starts_with(text), "{error}");
    logloom::set_level("changing.inner", Level::Info).unwrap();
    call("set-level-3");
    let marks: Vec<Value> =
        log().all("set-level-").into_iter().map(|record| record["mark"].clone()).collect();
    assert_eq!(marks, ["set-level-2"]);
}

struct Counted<'c>(&'c Cell<u32>);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set(self.0.get() + 1);
        f.write_str("hunter2")
    }
}

#[test]
fn what_is_masked_is_neither_formatted_nor_copied() {
    let shown = Cell::new(0);
    let secret = Counted(&shown);
    check!(info, "mask-1", [password = "hunter2", user_token = 5, name = "ann"],
        {"password": "[MASKED]", "user_token": "[MASKED]", "name": "ann"});
    check!(info, "mask-2", [password = %secret, internal_note = ?"hunter2", "note"],
        {"password": "[MASKED]", "internal_note": "[MASKED]", "message": "note"});
    check!(info, "mask-3", [password = %secret, "password {password:?}"],
        {"password": "[MASKED]", "message": "password {password:?}", "template": "password {password:?}"});
    check!(info, "mask-4", [api_key = std::io::Error::other("hunter2"), "key {api_key}"],
        {"api_key": "[MASKED]", "message": "key [MASKED]", "template": "key {api_key}"});
    assert_eq!(shown.get(), 0);
    assert!(log().all("hunter2").is_empty());
}

struct Panics;

impl fmt::Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("on purpose")
    }
}

impl fmt::Debug for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("on purpose")
    }
}

struct Logs;

impl fmt::Display for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info!(mark = "within", inner = %"deeper", "from a {}", "Display");
        f.write_str("shown")
    }
}

#[test]
fn a_panic_of_a_value_stays_in_the_value() {
    check!(info, "panic-1", [a = %Panics, b = ?Panics, c = 1], {"a": "<panicked>", "b": "<panicked>", "c": 1});
    check!(info, "panic-2", ["says {}", Panics], {"message": "<panicked>"});
    #[derive(Debug)]
    struct Bad;
    impl fmt::Display for Bad {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("on purpose")
        }
    }
    impl std::error::Error for Bad {}
    log();
    info!(mark = "panic-3", error = Bad);
    assert!(log().find("panic-3")["error"].to_string().contains("<panicked>"));
}

#[test]
fn a_value_that_logs_itself_disturbs_nothing() {
    check!(info, "logs-1", [a = %Logs, "and {}", 1],
        {"a": "shown", "message": "and 1"});
    assert_eq!(log().find("\"within\"")["message"], "from a Display");
}

#[test]
fn an_error_is_recorded_with_its_causes() {
    log();
    #[derive(Debug)]
    struct Outer(std::io::Error);
    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("cannot pay")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let outer = Outer(std::io::Error::other("line is dead"));
    error!(mark = "error-1", error = outer, "failed: {error}");
    error!(mark = "error-2", error = &outer as &dyn std::error::Error, "failed: {error}");
    let record = log().find("error-1");
    let exception = record["error"].to_string();
    for part in ["Outer", "cannot pay", "line is dead"] {
        assert!(exception.contains(part), "{exception}");
    }
    assert!(log().find("error-2")["error"].to_string().contains("line is dead"));
    assert_eq!(log().find("error-2")["message"], "failed: cannot pay");
}

#[test]
fn macros_are_expressions_in_generic_and_nested_code() {
    log();
    fn generic<T: logloom::Encode + Copy>(mark: &str, value: T) {
        info!(mark, value, "in generic code");
    }
    generic("generic-1", 1);
    generic("generic-2", "two");
    match log().all("never").len() {
        0 => info!(mark = "arm-1"),
        _ => info!("no"),
    }
    assert_eq!(log().find("generic-1")["value"], 1);
    assert_eq!(log().find("generic-2")["value"], "two");
    assert_eq!(log().find("arm-1")["level"], "INFO");
}
