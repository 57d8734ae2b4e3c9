//! Values of texts that end before their closing quote, and slashes with escapes.

use super::*;

#[test]
fn a_value_that_was_cut_is_masked_to_its_end() {
    check(&[
        ("{\"password\":\"hunter2-abc", "{\"password\":\"[MASKED]"),
        ("{\"a\":1,\"token\": \"opaque words", "{\"a\":1,\"token\": \"[MASKED]"),
        ("{'password': 'let me in", "{'password': '[MASKED]"),
        ("{\\\"password\\\":\\\"hunter2-abc", "{\\\"password\\\":\\\"[MASKED]"),
        ("{\"password\":\"hunter2-abc\nnext line", "{\"password\":\"[MASKED]\nnext line"),
        ("a %22password%22%3A%22hunter2-abc", "a %22password%22%3A%22[MASKED]"),
        ("PASSWORD='hunter2-abc", "PASSWORD='[MASKED]"),
        ("\"password\":\"hunter2[TRUNCATED 9 chars]", "\"password\":\"[MASKED][TRUNCATED 9 chars]"),
    ]);
    check_plain(&[
        "\"password\": \"\nlet x = 1;",
        "say \"password\": \"words go on\nand on",
        "the value of password='it is 5 o' or so",
        "\"password\":\"",
    ]);
}

#[test]
fn a_value_that_was_cut_within_json_is_masked_to_the_end_of_its_string() {
    for (given, expected) in [
        (r#"{"m":"{\"password\":\"hunter2-abc"}"#, r#"{"m":"{\"password\":\"[MASKED]"}"#),
        (r#"{"m":"{\"password\":\"a\\\"b\\\\"}"#, r#"{"m":"{\"password\":\"[MASKED]"}"#),
        (r#"{"m":"{'token': 'opaque","n":1}"#, r#"{"m":"{'token': '[MASKED]","n":1}"#),
        (
            r#"{"m":"{\"b\":\"{\\\"password\\\":\\\"hunter2-abc"}"#,
            r#"{"m":"{\"b\":\"{\\\"password\\\":\\\"[MASKED]"}"#,
        ),
        (
            r#"{"m":"{\"b\":\"{\\\"password\\\":\\\"hunter2-abc\"}"}"#,
            r#"{"m":"{\"b\":\"{\\\"password\\\":\\\"[MASKED]\"}"}"#,
        ),
    ] {
        serde_json::from_str::<Value>(given).unwrap();
        assert_eq!(json(given), expected);
        assert_eq!(json(expected), expected);
    }
}

#[test]
fn a_word_that_begins_like_a_number_is_masked_to_its_end() {
    check(&[
        ("\"password\": 12345abc, next", "\"password\": [MASKED], next"),
        ("\"password\": 12345, next", "\"password\": \"[MASKED]\", next"),
        ("\"--password\"：13800138000curl -u a:b1 ", "\"--password\"：[MASKED] -u a:b1 "),
    ]);
}
