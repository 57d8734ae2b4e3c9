//! The validator agrees with serde_json on what an object is.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;

fn oracle(line: &[u8]) -> bool {
    // Raw text is enough for the oracle: numbers beyond its range are still valid JSON.
    line.first() == Some(&b'{')
        && serde_json::from_slice::<&serde_json::value::RawValue>(line).is_ok()
}

#[test]
fn objects_and_others() {
    for (line, expected) in [
        ("{}", true),
        (r#"{"a":1}"#, true),
        (r#"{"a":[{},[],"x",-0.5e+3,true,false,null]} "#, true),
        (r#"{"a":1,}"#, false),
        (r#"{"a" 1}"#, false),
        (r#"{a:1}"#, false),
        (r#"{"a":01}"#, false),
        (r#"{"a":[1,]}"#, false),
        (r#"{"a":1}{"#, false),
        (r#"{"a":"\x"}"#, false),
        (r#"{"a":"\u12"}"#, false),
        ("[]", false),
        ("", false),
        (" {}", false),
        ("{\"a\":\"\u{1}\"}", false),
        (r#"{"a":[}]"#, false),
        (r#"{"a":1."#, false),
        (r#"{,}"#, false),
        ("{]", false),
    ] {
        assert_eq!(is_object(line.as_bytes()), expected, "{line}");
    }
    assert!(!is_object(b"{\"a\":\"\xff\"}"));
}

#[test]
fn depth_has_no_limit() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(is_object(deep.as_bytes()));
    assert!(!is_object(&deep.as_bytes()[..deep.len() - 1]));
    assert_eq!(members(deep.as_bytes()).unwrap().len(), 1);
}

#[test]
fn members_and_elements_are_found() {
    let found =
        members(br#" {"a" : "x\"\u00e9" , "b":[ {"c":"}"} ,{}],"n":12,"t":["]","\n"]} "#).unwrap();
    assert_eq!(text(&found, "a").unwrap(), "x\"\u{e9}");
    assert_eq!(unsigned(&found, "n"), Some(12));
    let inner = objects(&found, "b").unwrap();
    assert_eq!(inner, [vec![("c", &br#""}""#[..])], vec![]]);
    assert_eq!(texts(&found, "t").unwrap(), ["]", "\n"]);
    for name in ["a", "n", "missing"] {
        assert!(objects(&found, name).is_none() && texts(&found, name).is_none(), "{name}");
    }
    assert!(objects(&found, "t").is_none() && texts(&found, "b").is_none());
}

proptest! {
    #[test]
    fn agrees_with_the_oracle(line in r#"[{}\[\]",:0-9a-e.\\ +\-]{0,24}"#) {
        let line = format!("{{{line}");
        prop_assert_eq!(is_object(line.as_bytes()), oracle(line.as_bytes()), "{}", line);
    }

    #[test]
    fn any_bytes_are_judged(line in proptest::collection::vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(is_object(&line), oracle(&line));
        let _ = members(&line);
    }

    #[test]
    fn quoted_text_is_read_back(text_in in any::<String>()) {
        let object = format!("{{\"a\":{}}}", quote(&text_in));
        let found = members(object.as_bytes()).unwrap();
        prop_assert_eq!(text(&found, "a").unwrap(), text_in);
    }
}
