//! A secret behind a known name, in whatever it is embedded: its text is not in what comes out.

use std::sync::LazyLock;

use super::*;

/// How name and value are written; `@` stands for the name and `#` for the value.
const FORMS: [&str; 18] = [
    "login with @=# failed",
    "login with @: # failed",
    "@ = '#'",
    "@=\"#\", x",
    "@ => `#`;",
    "run --@=# -v",
    "run --@ # -v",
    "{\"a\":1,\"@\":\"#\",\"b\":[2]}",
    "{\"a\": 1, \"@\": \"#",
    "{'a': 1, '@': '#'}",
    "[\"--@\", \"#\"]",
    "{\"name\":\"@\",\"value\":\"#\"}",
    "a;@=#;b=1",
    "<@>#</@>",
    "@：#，x",
    "/x?a=1&@=#&b=2",
    "a\n@=#\nb",
    "a\t@: #\r\nb",
];
/// The same of Chinese names.
const CHINESE_FORMS: [&str; 10] = [
    "@：#，请保管",
    "@是#",
    "@为 #。",
    "【@】#",
    "@「#」",
    "@：　“#”",
    "@=#",
    "{\"a\":1,\"@\":\"#\"}",
    "{\"@\":\"#",
    "@﹕#",
];
const NAMES: [&str; 7] = [
    "password",
    "db_password",
    "dbPassword",
    "api_key",
    "access_token",
    "client-secret",
    "X-Api-Key",
];
const CHINESE_NAMES: [&str; 4] = ["密码", "数据库密码", "口令", "访问密钥"];

/// Letters and digits as random as those of a key.
fn value() -> impl Strategy<Value = String> {
    let letters: Vec<char> = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ".chars().collect();
    let digits: Vec<char> = "23456789".chars().collect();
    (Just(letters).prop_shuffle(), Just(digits).prop_shuffle()).prop_map(|(letters, digits)| {
        let part = |from: usize, digit: usize| {
            letters[from..from + 4].iter().chain(&digits[digit..=digit]).collect::<String>()
        };
        [part(0, 0), part(4, 1), part(8, 2), part(12, 3)].concat()
    })
}

fn written(form: &str, name: &str, value: &str) -> String {
    form.replace('@', name).replace('#', value)
}

/// As programs write it that leave nothing but ASCII.
pub(super) fn ascii(text: &str) -> String {
    let unit = |unit: u16| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    };
    text.encode_utf16().map(unit).collect()
}

fn percent(text: &str) -> String {
    let write = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(write).collect()
}

fn is_hidden(given: &str, syntax: Syntax, value: &str) -> Result<(), TestCaseError> {
    static MASKER: LazyLock<Masker> = LazyLock::new(Masker::default);
    let masked = MASKER.masked(given.as_bytes(), syntax).unwrap_or_default();
    let masked = String::from_utf8_lossy(&masked);
    prop_assert!(!masked.is_empty() && !masked.contains(value), "{given}\n{masked}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_secret_is_in_no_string_however_often_it_is_escaped(
        value in value(),
        (form, name) in prop_oneof![
            (prop::sample::select(&FORMS[..]), prop::sample::select(&NAMES[..])),
            (prop::sample::select(&CHINESE_FORMS[..]), prop::sample::select(&CHINESE_NAMES[..])),
        ],
        levels in 0..=3_usize,
        is_ascii in any::<bool>(),
        is_cut in any::<bool>(),
    ) {
        let mut text = written(form, name, &value);
        for _ in 0..levels {
            text = Value::from(text).to_string();
            if is_ascii {
                text = ascii(&text);
            }
        }
        is_hidden(&text, Syntax::Text, &value)?;
        if levels > 0 {
            is_hidden(&format!("{{\"m\":{text},\"n\":1}}\n"), Syntax::Json, &value)?;
        }
        // What stands behind the value is missing.
        let end = text.find(&value).unwrap_or(0) + value.len();
        if is_cut && form != "<@>#</@>" {
            is_hidden(&text[..end], Syntax::Text, &value)?;
        }
    }

    #[test]
    fn a_secret_is_in_no_parameter_of_a_url(
        value in value(),
        (form, name, times) in prop_oneof![
            (prop::sample::select(&FORMS[..15]), prop::sample::select(&NAMES[..]), 1..=2_usize),
            (
                prop::sample::select(&CHINESE_FORMS[..]),
                prop::sample::select(&CHINESE_NAMES[..]),
                Just(1),
            ),
        ],
    ) {
        let mut text = written(form, name, &value);
        for _ in 0..times {
            text = percent(&text);
        }
        let text = format!("GET /x?q={text}&a=1");
        is_hidden(&text, Syntax::Text, &value)?;
        is_hidden(&format!("{{\"m\":{}}}\n", Value::from(text)), Syntax::Json, &value)?;
    }
}
