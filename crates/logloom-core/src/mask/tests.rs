//! Masking as a whole: forms, embeddings, what stays as it is, and properties of random texts.

mod chinese;
mod commands;
mod cut;
mod embedded;
mod written;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const HEX: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const MIXED: &str = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kM9nP2rS5uX8aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kM9nP2rS5uX8";

fn text(text: &str) -> String {
    Masker::default().text(text).into_owned()
}

fn json(text: &str) -> String {
    let masked = Masker::default().masked(text.as_bytes(), Syntax::Json);
    String::from_utf8(masked.unwrap_or_else(|| text.as_bytes().to_vec())).unwrap()
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (given, expected) in cases {
        assert_eq!(text(given), *expected);
    }
}

/// Nothing of these is masked.
#[track_caller]
fn check_plain(cases: &[&str]) {
    for given in cases {
        assert_eq!(text(given), *given);
    }
}

#[test]
fn keys_keep_their_prefix_and_tell_their_length() {
    let key = format!("sk-{}", &MIXED[..44]);
    assert_eq!(text(&format!("key {key}.")), "key sk-***[MASKED 44 chars]***.");
    let key = format!("sk-ant-api03-{}AA", &MIXED[..93]);
    assert_eq!(text(&key), "sk-***[MASKED 105 chars]***");
    assert_eq!(text(&format!("ghp_{}", &MIXED[..36])), "ghp_***[MASKED 36 chars]***");
    assert_eq!(text("AKIAQ3EGRT5XZ7UWH2LP"), "AKIA***[MASKED 16 chars]***");
    assert_eq!(text("AKIAIOSFODNN7EXAMPLE"), "AKIAIOSFODNN7EXAMPLE");
}

#[test]
fn values_beside_secret_names_are_masked() {
    check(&[
        ("password=hunter2 x", "password=[MASKED] x"),
        ("DB_PASSWORD='hunter2'", "DB_PASSWORD='[MASKED]'"),
        ("mysql --password hunter2 -u root", "mysql --password [MASKED] -u root"),
        ("--api-key=a8F3kLm29xQz99", "--api-key=[MASKED]"),
        ("password: hunter2\n", "password: [MASKED]\n"),
        ("GET /x?token=9f86d081884c7d659a2feaa0c55ad015&a=1", "GET /x?token=[MASKED]&a=1"),
        ("{'password': 'letmein'}", "{'password': '[MASKED]'}"),
        ("Pwd=Secr3t;Server=x", "Pwd=[MASKED];Server=x"),
        ("PASSWORD=Tr0ub4dor&3,x;y", "PASSWORD=[MASKED]"),
        ("<password>hunter2</password>", "<password>[MASKED]</password>"),
        ("sk_live_aB3dE6gH9jK2mN5p", "sk_***[MASKED 21 chars]***"),
        ("Cookie: sid=31d4d96e407aad42; theme=dark\r\n", "Cookie: [MASKED]\r\n"),
        ("Authorization: Token 31d4d96e407aad42", "Authorization: Token ***[MASKED 16 chars]***"),
        (
            "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq==;",
            "AccountKey=[MASKED];",
        ),
    ]);
}

#[test]
fn a_key_beside_a_secret_name_keeps_its_own_form() {
    let key = format!("sk-{}", &MIXED[..44]);
    let given = format!("{{\"api_key\":\"{key}\",\"password\":\"secret123\"}}");
    assert_eq!(
        json(&given),
        "{\"api_key\":\"sk-***[MASKED 44 chars]***\",\"password\":\"[MASKED]\"}"
    );
}

#[test]
fn a_key_keeps_its_form_wherever_the_literal_stands_by_which_it_is_found() {
    for prefix in ["pplx-", "github_pat_", "nvapi-", "sk-ant-api03-", "lin_api_"] {
        let lengths = [("github_pat_", 82), ("sk-ant-api03-", 95), ("lin_api_", 40)];
        let length = lengths.iter().find(|entry| entry.0 == prefix).map_or(64, |entry| entry.1);
        let body =
            if length == 95 { format!("{}AA", &MIXED[..93]) } else { MIXED[..length].into() };
        let masked = json(&format!("{{\"api_key\":\"{prefix}{body}\"}}"));
        assert!(masked.contains("***[MASKED "), "{masked}");
        assert_eq!(
            masked,
            json(&format!("{{\"value\":\"{prefix}{body}\"}}")).replace("value", "api_key")
        );
    }
}

#[test]
fn names_are_found_to_their_last_word() {
    check(&[
        ("client_secrets: 31d4d96e407aad42", "client_secrets: [MASKED]"),
        ("{\"auth\": \"opaque\"}", "{\"auth\": \"[MASKED]\"}"),
        ("X-Apikey=31d4d96e407aad42", "X-Apikey=[MASKED]"),
        ("{\"connectionString\": \"a=1\"}", "{\"connectionString\": \"[MASKED]\"}"),
        ("password_=hunter2", "password_=[MASKED]"),
        ("PIN_CODE=12345678", "PIN_CODE=[MASKED]"),
    ]);
    check_plain(&[
        "{\"tokens\": \"opaque\", \"keyboard\": \"us-a1\", \"author\": \"a1\"}",
        "passwords=31d4d96e407aad42 key_id=31d4d96e407aad42",
    ]);
    // A name of one's own may end like none of the built-in ones, and hold one of them.
    let settings =
        MaskSettings { fields: vec!["api tokens".to_owned()], ..MaskSettings::default() };
    let masked = Masker::new(&settings).text("api_tokens=31d4d96e407aad42").into_owned();
    assert_eq!(masked, "api_tokens=[MASKED]");
}

#[test]
fn credentials_of_headers_and_urls_are_masked() {
    check(&[
        ("Bearer 31d4d96e407aad42a1", "Bearer ***[MASKED 18 chars]***"),
        (
            "Authorization: Basic dXNlcjpwYXNzd29yZA==",
            "Authorization: Basic ***[MASKED 20 chars]***",
        ),
        ("postgres://app:s3cr3t@db:5432/x", "postgres://app:[MASKED]@db:5432/x"),
        ("redis://:p@ss@word1@h/0", "redis://:[MASKED]@h/0"),
        (
            "https://9f86d081884c7d659a2feaa0c55ad015@sentry.example/1",
            "https://[MASKED]@sentry.example/1",
        ),
    ]);
}

#[test]
fn secrets_are_masked_as_urls_have_them() {
    let hook = "hooks.slack.com/services/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";
    let encoded = hook.replace('/', "%2F");
    let key = format!("ABSK{}%2B{}%3D", &MIXED[..60], &MIXED[..50]);
    check(&[
        ("/x?token=9f86d0%2F81884c7d659a2f&a=1", "/x?token=[MASKED]&a=1"),
        ("/x?token=%2F9f86d081884c7d659a2f&a=1", "/x?token=[MASKED]&a=1"),
        ("/x?u=%2Fy%3Ftoken%3D9f86d081884c7d65%26a%3D1", "/x?u=%2Fy%3Ftoken%3D[MASKED]%26a%3D1"),
        (&format!("/x?k={key}&a=1"), "/x?k=ABSK***[MASKED 116 chars]***&a=1"),
        (
            &format!("/x?u=https%3A%2F%2F{encoded}&a=1"),
            "/x?u=https%3A%2F%2Fhooks.slack.com%2Fservices%2F***[MASKED 48 chars]***&a=1",
        ),
        (
            "/x?u=postgres%3A%2F%2Fapp%3As3cr3t%40db%3A5432%2Fx&a=1",
            "/x?u=postgres%3A%2F%2Fapp%3A[MASKED]%40db%3A5432%2Fx&a=1",
        ),
        ("/x?h=Basic%20dXNlcjpwYXNzd29yZA%3D%3D", "/x?h=Basic%20***[MASKED 24 chars]***"),
        ("/x?h=Bearer%2031d4d96e%2B407aad42a1&a", "/x?h=Bearer%20***[MASKED 21 chars]***&a"),
    ]);
    check_plain(&[
        "password=%DB_PASSWORD% token=%TOKEN%",
        "/x?u=https%3A%2F%2Fexample.com%2Fa%40b&v=mailto%3Abob%40example.com",
        "sk-%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F%2F",
        "glc_%2Fand%2Fa%2Fpath%2Fof%2Fwords%2Fthat%2Fgoes%2Fon%2Ffor%2Flong%2Fenough",
    ]);
}

#[test]
fn programs_and_prose_stay_as_they_are() {
    check_plain(&[
        "Failed password for invalid user admin from 173.234.31.186 port 38926 ssh2",
        "let token = parser.next_token();",
        "token: &str, password: Option<String>",
        "connect(user=user, password=password, token=self.token)",
        "password = os.environ[\"DB_PASSWORD\"]",
        "password=${DB_PASSWORD} api_key=$KEY secret=<secret>",
        "input_tokens=1200 max_tokens=4096 token_count: 12",
        "Token::Ident(name) => token == other",
        "Bearer authentication is required",
        "Basic authentication is required",
        "expected token ';', found `}` at 12:31",
        "https://example.com/a@b mailto:user@example.com ssh://git@github.com/a/b",
        "risk-aversion task-0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef01234567 f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "key=value monkey=banana1 KeyError: 'a1b2c3d4e5f6'",
        "cookie: none",
        "eyJhbGciOiJIUzI1NiJ9 is a header",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----",
        "secret_key_id=abc, password_file=/run/secrets/1",
        "PWD=/srv/project1 OLDPWD=/srv/a1",
    ]);
}

#[test]
fn lines_of_json_stay_json() {
    let cases = [
        (r#"{"a":{"b":[{"password":"x\"y\\"}]}}"#, r#"{"a":{"b":[{"password":"[MASKED]"}]}}"#),
        (
            r#"{"password":12345,"pin_code":-1.5e3}"#,
            r#"{"password":"[MASKED]","pin_code":"[MASKED]"}"#,
        ),
        (
            r#"{"credentials":{"user":"a","key":["}","\""]},"b":1}"#,
            r#"{"credentials":"[MASKED]","b":1}"#,
        ),
        (
            r#"{"token":true,"secret":null,"password":"","passwd":{}}"#,
            r#"{"token":true,"secret":null,"password":"","passwd":{}}"#,
        ),
        (r#"["password=","x","y"]"#, r#"["password=","x","y"]"#),
        (r#"["password","x"]"#, r#"["password","x"]"#),
        (r#"{"m":"{\"password\":\"a\\\"b1\"}"}"#, r#"{"m":"{\"password\":\"[MASKED]\"}"}"#),
        (r#"{"m":"\"password\": ","n":"x"}"#, r#"{"m":"\"password\": ","n":"x"}"#),
        (
            r#"{"m":"{\\\"m\\\":\\\"{}\\\",\\\"password\\\":\\\"hunter2\\\"}"}"#,
            r#"{"m":"{\\\"m\\\":\\\"{}\\\",\\\"password\\\":\\\"[MASKED]\\\"}"}"#,
        ),
        (r#"{"m":"a\npassword=hunter2\n"}"#, r#"{"m":"a\npassword=[MASKED]\n"}"#),
        (r#"{"m":"{\"credentials\":{\"a\":1}}"}"#, r#"{"m":"{\"credentials\":\"[MASKED]\"}"}"#),
        (r#"{"m":"password=hunter2\\"}"#, r#"{"m":"password=[MASKED]\\"}"#),
    ];
    for (given, expected) in cases {
        serde_json::from_str::<Value>(given).unwrap();
        assert_eq!(json(given), expected);
    }
}

#[test]
fn blocks_are_masked_with_their_last_line() {
    let body = format!("{MIXED}\n{MIXED}==");
    let block = format!("-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----");
    let hidden = block.len() - "-----BEGIN RSA PRIVATE KEY-----".len();
    let expected = format!("a -----BEGIN RSA PRIVATE KEY-----***[MASKED {hidden} chars]*** b");
    assert_eq!(text(&format!("a {block} b")), expected);
    for line_break in ["\\n", "\\\\n", "\\r\\n"] {
        let line = format!("{{\"k\":\"{}\",\"b\":1}}", block.replace('\n', line_break));
        let masked = json(&line);
        assert!(!masked.contains(&MIXED[..20]) && masked.ends_with("]***\",\"b\":1}"), "{masked}");
    }
    let cut = format!("-----BEGIN EC PRIVATE KEY-----\n{MIXED} and more words");
    assert!(text(&cut).ends_with("]*** and more words"));
}

#[test]
fn web_tokens_are_masked_as_a_whole() {
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    assert_eq!(
        text(&format!("t={token};")),
        format!("t=eyJ***[MASKED {} chars]***;", token.len() - 3)
    );
    let encrypted = "eyJhbGciOiJSU0EifQ.abcd.efgh.ijkl.mnop x";
    assert_eq!(text(encrypted), "eyJ***[MASKED 35 chars]*** x");
}

#[test]
fn own_names_and_rules_are_masked() {
    let rule = MaskRule {
        name: "acme".to_owned(),
        prefix: "acme_".to_owned(),
        keep: 5,
        alphabet: "hex".to_owned(),
        least: 16,
        most: 64,
    };
    let settings = MaskSettings {
        fields: vec!["internal_badge".to_owned()],
        rules: vec![rule],
        ..MaskSettings::default()
    };
    let masker = Masker::new(&settings);
    for (given, expected) in [
        ("{\"internalBadge\":\"x\"}", "{\"internalBadge\":\"[MASKED]\"}"),
        ("INTERNAL_BADGE=a8F3kLm29xQz", "INTERNAL_BADGE=[MASKED]"),
        ("badge=a8F3kLm29xQz", "badge=a8F3kLm29xQz"),
        ("acme_0123456789abcdef", "acme_***[MASKED 16 chars]***"),
        ("acme_0123456789abcde", "acme_0123456789abcde"),
    ] {
        assert_eq!(masker.text(given), expected);
    }
}

#[test]
fn own_names_of_other_scripts_are_masked_at_any_depth() {
    let fields = ["\u{5bc6}\u{7801}", "cl\u{e9}"].map(str::to_owned).to_vec();
    let masker = Masker::new(&MaskSettings { fields, ..MaskSettings::default() });
    for (given, expected) in [
        (
            "{\"a\":[{\"\u{5bc6}\u{7801}\":\"x1\"}]}",
            "{\"a\":[{\"\u{5bc6}\u{7801}\":\"[MASKED]\"}]}",
        ),
        (
            "{\"\u{7528}\u{6237}\u{5bc6}\u{7801}\":\"x1\"}",
            "{\"\u{7528}\u{6237}\u{5bc6}\u{7801}\":\"[MASKED]\"}",
        ),
        ("\u{5bc6}\u{7801}=a8F3kLm29xQz", "\u{5bc6}\u{7801}=[MASKED]"),
        ("{\"a\":{\"cl\u{e9}\":\"x1\"}}", "{\"a\":{\"cl\u{e9}\":\"[MASKED]\"}}"),
        ("{\"\u{5bc6}\u{5c01}\":\"x1\"}", "{\"\u{5bc6}\u{5c01}\":\"x1\"}"),
    ] {
        assert_eq!(masker.text(given), expected);
    }
}

#[test]
fn chinese_names_and_full_width_signs_are_known() {
    check(&[
        ("密码：hunter2x，请保管", "密码：[MASKED]，请保管"),
        ("数据库密码: hunter2x", "数据库密码: [MASKED]"),
        ("登录口令=hunter2。", "登录口令=[MASKED]。"),
        ("password：hunter2x", "password：[MASKED]"),
        ("API_KEY＝a8F3kLm29xQz99", "API_KEY＝[MASKED]"),
        ("（密钥：a8F3kLm29xQz99Rt3v）", "（密钥：[MASKED]）"),
        ("访问令牌：a8F3kLm29xQz99Rt3v 有效", "访问令牌：[MASKED] 有效"),
        ("{\"验证码\": 123456}", "{\"验证码\": \"[MASKED]\"}"),
        ("{'私钥'：'hunter2'}", "{'私钥'：'[MASKED]'}"),
    ]);
    check_plain(&[
        "密码：请重新输入",
        "密码长度：hunter2x",
        "令牌：1,234",
        "忘记密码？点击 a1b2c3d4",
    ]);
    for name in ["密码", "数据库口令", "\\u5bc6\\u7801", "pin", "card_pin", "PIN", "otp"] {
        let line = format!("{{\"{name}\":\"x\",\"a\":{{\"{name}\":[1]}}}}");
        let masked = format!("{{\"{name}\":\"[MASKED]\",\"a\":{{\"{name}\":\"[MASKED]\"}}}}");
        assert_eq!(json(&line), masked);
    }
    check(&[("{'pin': '4711', 'otp': 123456}", "{'pin': '[MASKED]', 'otp': '[MASKED]'}")]);
    // A name that ends in a backslash.
    assert_eq!(json(r#"{"password\\":0}"#), r#"{"password\\":"[MASKED]"}"#);
    assert_eq!(json(r#"{"password\\":{"a":1}}"#), r#"{"password\\":"[MASKED]"}"#);
    assert_eq!(json("{\"pin\":4711}"), "{\"pin\":\"[MASKED]\"}");
    assert_eq!(json("{\"pinned\":\"x\",\"spin\":\"x\"}"), "{\"pinned\":\"x\",\"spin\":\"x\"}");
}

#[test]
fn blanks_and_tabs_may_stand_before_a_bearer_token() {
    for gap in ["\t", "  ", "\\t", " "] {
        let given = format!("Authorization: Bearer{gap}abcd1234EFGH5678ijkl");
        assert!(!text(&given).contains("EFGH5678"), "{given}");
    }
}

#[test]
fn settings_choose_what_is_masked() {
    let key = format!("password=hunter2 AKIAQ3EGRT5XZ7UWH2LP sk-{}", &MIXED[..44]);
    let with = |shapes: &[&str]| {
        let shapes = shapes.iter().map(|&name| name.to_owned()).collect();
        Masker::new(&MaskSettings { shapes, ..MaskSettings::default() }).text(&key).into_owned()
    };
    assert_eq!(with(&[]), key);
    assert_eq!(with(&["named"]), key.replace("hunter2", "[MASKED]"));
    assert_eq!(with(&["cloud_keys"]), key.replace("Q3EGRT5XZ7UWH2LP", "***[MASKED 16 chars]***"));
    assert_eq!(with(&["sk_key"]), key.replace(&MIXED[..44], "***[MASKED 44 chars]***"));
    let off = Masker::new(&MaskSettings { enabled: false, ..MaskSettings::strictest() });
    assert_eq!(off.text(&key), key);
    let names_only = Masker::new(&MaskSettings { shapes: Vec::new(), ..MaskSettings::default() });
    assert_eq!(names_only.text("{\"password\":\"x\"}"), "{\"password\":\"[MASKED]\"}");
}

#[test]
fn the_strictest_masker_hides_persons_and_homes() {
    let masker = Masker::strictest();
    let given = "bob@example.com /home/bob/a C:\\Users\\bob\\x +49 30 901820 /Users/bob";
    let expected = "[MASKED] /home/[USER]/a C:\\Users\\[USER]\\x [MASKED] /Users/[USER]";
    assert_eq!(masker.text(given), expected);
    let plain = "https://example.com/home/page /Users/Shared/x /home/[USER]/a";
    assert_eq!(masker.text(plain), plain);
    let line = r#"{"p":"C:\\Users\\bob\\x","q":"C:\\Users\\\u00e9"}"#;
    let masked = String::from_utf8(masker.masked(line.as_bytes(), Syntax::Json).unwrap()).unwrap();
    assert_eq!(masked, r#"{"p":"C:\\Users\\[USER]\\x","q":"C:\\Users\\\u00e9"}"#);
}

#[test]
fn a_fingerprint_tells_secrets_apart() {
    let settings = MaskSettings {
        fingerprint: "a phrase of some length".to_owned(),
        ..MaskSettings::default()
    };
    let masker = Masker::new(&settings);
    let mark = |secret: &str| masker.text(&format!("password={secret}")).into_owned();
    assert_eq!(mark("hunter2").len(), "password=[MASKED #012345]".len());
    assert_eq!(mark("hunter2"), mark("hunter2"));
    assert_ne!(mark("hunter2"), mark("hunter3"));
}

#[test]
fn what_was_cut_is_masked_to_the_cut() {
    let cut = "sk-ant-api03-abcd1234[TRUNCATED 90 chars]";
    assert_eq!(text(cut), "sk-***[MASKED 18 chars]***[TRUNCATED 90 chars]");
}

#[test]
fn a_batch_grows_by_no_more_than_there_is_room() {
    let masker = Masker::default();
    let line = b"{\"password\":1}\n".repeat(1000);
    for room in [0, 5, 100, 100_000] {
        let mut lines = line.clone();
        assert_eq!(masker.mask_lines(&mut lines, room), 1000);
        assert!(lines.len() <= line.len() + room);
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            serde_json::from_slice::<Value>(line).unwrap();
        }
    }
}

/// What secrets, their names and the marks around them are made of.
const PIECES: [&str; 77] = [
    "密码",
    "验证码",
    "是",
    "：",
    "【",
    "ｐｗｄ",
    "\\u5bc6\\u7801",
    "curl -u a:b1 ",
    "\"curl\",\"-u\",\"a:b1\"",
    "mysql -pab12 ",
    "docker login -p ",
    "machine h login u ",
    "$1$abcd1234$",
    "&sig=",
    ":\\/\\/",
    "*:*:*:u:",
    "password",
    "\"token\"",
    "\\\"api_key\\\"",
    "=",
    ":",
    ": ",
    "\"",
    "'",
    "\\",
    "\\\\\"",
    "\n",
    " ",
    ",",
    "{",
    "}",
    "[",
    "]",
    "Bearer ",
    "Authorization: ",
    "Cookie: a=1",
    "://",
    "u:p4ss@h",
    "sk-",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----END RSA PRIVATE KEY-----",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc",
    "AKIAQ3EGRT5XZ7UWH2LP",
    "bob@example.com",
    "13800138000",
    "/home/bob/",
    "\\Users\\bob\\",
    "\\u00",
    "\u{e9}",
    "hunter2",
    "<",
    ">",
    "%3D",
    "%3A%2F%2F",
    "%2F",
    "%40",
    "%26",
    "%20",
    "%",
    "1.2.3.4",
    "[MASKED]",
    "***[MASKED 4 chars]***",
    "8Q~",
    ":AA",
    "xoxb-",
    "\u{1b}[31m",
    "[TRUNCATED 1",
    "\"name\"",
    "\"value\"",
    "\"--password\"",
    "\n  ",
    "\\n  ",
    "\"pass\\u0077ord\"",
    "%22",
    "%253A",
    "%3A//",
    "-----BEGIN%20RSA%20PRIVATE%20KEY-----",
];

/// Pieces that the rules look for, so that random texts meet them.
fn piece() -> impl Strategy<Value = String> {
    let known = prop::sample::select(&PIECES[..]);
    prop_oneof![
        4 => known.prop_map(str::to_owned),
        1 => "[a-zA-Z0-9+/_.-]{1,50}",
        1 => Just(MIXED[..40].to_owned()),
        1 => Just(HEX.to_owned()),
        1 => any::<char>().prop_map(String::from),
    ]
}

pub(crate) fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn what_stands_before_a_line_does_not_change_its_masks() {
    let line = "{\"a\":\"{\\\"sk-%39f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08$1$abcd1234$\\\":\\\"\\\"}\"}\n";
    for masker in [Masker::default(), Masker::strictest()] {
        let mut alone = line.as_bytes().to_vec();
        masker.mask_lines(&mut alone, usize::MAX);
        for before in ["{\"a\":[null]}\n", "{\"a\":1}\n", "{}\n"] {
            let mut both = [before, line].concat().into_bytes();
            masker.mask_lines(&mut both, usize::MAX);
            let both = String::from_utf8_lossy(&both);
            assert_eq!(both.strip_prefix(before), Some(&*String::from_utf8_lossy(&alone)));
        }
    }
}

/// A value with such texts as strings and names, some of them JSON themselves.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        pieces().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(
                (prop_oneof![pieces(), Just("password".to_owned())], inner.clone()),
                0..5
            )
            .prop_map(|members| Value::Object(members.into_iter().collect())),
            inner.prop_map(|value| Value::String(value.to_string())),
        ]
    })
}

/// What is masked twice. A mark beside personal data changes what that looks like, so that this holds
/// for secrets alone.
fn twice(masker: &Masker, bytes: &[u8], syntax: Syntax) -> (Vec<u8>, Vec<u8>) {
    let once = masker.masked(bytes, syntax).unwrap_or_else(|| bytes.to_vec());
    let again = masker.masked(&once, syntax).unwrap_or_else(|| once.clone());
    (once, again)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_stays_json_and_masking_again_changes_nothing(value in document()) {
        let line = value.to_string();
        let (once, again) = twice(&Masker::default(), line.as_bytes(), Syntax::Json);
        prop_assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&again), "{}", line);
        let (strict, _) = twice(&Masker::strictest(), line.as_bytes(), Syntax::Json);
        for masked in [once, strict] {
            let parsed = serde_json::from_slice::<Value>(&masked);
            prop_assert!(parsed.is_ok(), "{line}\n{}", String::from_utf8_lossy(&masked));
        }
    }

    #[test]
    fn text_stays_text_and_masking_again_changes_nothing(given in pieces()) {
        let (once, again) = twice(&Masker::default(), given.as_bytes(), Syntax::Text);
        prop_assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&again), "{}", given);
        let (strict, _) = twice(&Masker::strictest(), given.as_bytes(), Syntax::Text);
        for masked in [once, strict] {
            prop_assert!(String::from_utf8(masked).is_ok(), "{}", given);
        }
    }

    /// Recovery compares lines that were masked alone with those of a file, masked in a batch.
    #[test]
    fn a_line_is_masked_alike_alone_and_in_a_batch(values in prop::collection::vec(document(), 1..6)) {
        for masker in [Masker::default(), Masker::strictest()] {
            let lines: Vec<Vec<u8>> = values.iter().map(|value| format!("{{\"a\":{value}}}\n").into_bytes()).collect();
            let mut batch = lines.concat();
            masker.mask_lines(&mut batch, usize::MAX);
            let mut alone = Vec::new();
            for mut line in lines {
                masker.mask_lines(&mut line, usize::MAX);
                alone.extend(line);
            }
            prop_assert_eq!(String::from_utf8_lossy(&batch), String::from_utf8_lossy(&alone));
        }
    }

    #[test]
    fn any_bytes_are_searched(bytes in prop::collection::vec(any::<u8>(), 0..300), noise in pieces()) {
        let mut all = noise.into_bytes();
        all.splice(all.len() / 2..all.len() / 2, bytes);
        for syntax in [Syntax::Text, Syntax::Json] {
            let mut hits = Vec::new();
            Masker::strictest().find(&all, syntax, &mut hits);
            prop_assert!(hits.is_sorted_by(|one, next| one.end <= next.start));
        }
    }
}
