//! Secrets as programs and people write them in places: escapes, pairs, lists, lines, URLs.

use super::*;

#[test]
fn a_name_with_escapes_is_known() {
    for (given, expected) in [
        (r#"{"a":{"pass\u0077ord":"x y"}}"#, r#"{"a":{"pass\u0077ord":"[MASKED]"}}"#),
        (r#"{"a":{"api\u002dkey":"x"}}"#, r#"{"a":{"api\u002dkey":"[MASKED]"}}"#),
        (r#"{"a":{"api\u005Fkey":"x"}}"#, r#"{"a":{"api\u005Fkey":"[MASKED]"}}"#),
        (r#"{"a":{"\u0070\u0077\u0064":12}}"#, r#"{"a":{"\u0070\u0077\u0064":"[MASKED]"}}"#),
        (r#"{"m":"{\"toke\\u006e\": \"x\"}"}"#, r#"{"m":"{\"toke\\u006e\": \"[MASKED]\"}"}"#),
        (r#"{"a":{"pass\u0077ay":"x"}}"#, r#"{"a":{"pass\u0077ay":"x"}}"#),
        (r#"{"a":"pass\u0077ord","b":"x"}"#, r#"{"a":"pass\u0077ord","b":"x"}"#),
    ] {
        serde_json::from_str::<Value>(given).unwrap();
        assert_eq!(json(given), expected);
    }
}

#[test]
fn names_of_ones_own_are_known_as_json_escapes_them() {
    let fields = ["\u{5bc6}\u{7801}", "cl\u{e9}"].map(str::to_owned).to_vec();
    let masker = Masker::new(&MaskSettings { fields, ..MaskSettings::default() });
    for (given, expected) in [
        (r#"{"\u5bc6\u7801":"x1"}"#, r#"{"\u5bc6\u7801":"[MASKED]"}"#),
        (r#"{"\u5BC6\u7801":"x1"}"#, r#"{"\u5BC6\u7801":"[MASKED]"}"#),
        (r#"{"\u7528\u6237\u5bc6\u7801":"x1"}"#, r#"{"\u7528\u6237\u5bc6\u7801":"[MASKED]"}"#),
        (r#"{"a_cl\u00e9":"x1"}"#, r#"{"a_cl\u00e9":"[MASKED]"}"#),
        (r#"{"\u5bc6\u5c01":"x1"}"#, r#"{"\u5bc6\u5c01":"x1"}"#),
    ] {
        assert_eq!(masker.text(given), expected);
    }
}

#[test]
fn name_and_value_may_be_members_beside_each_other() {
    let cases = [
        (r#"{"name":"password","value":"x y"}"#, r#"{"name":"password","value":"[MASKED]"}"#),
        (r#"{"Key":"X-Api-Key","Value":"x"}"#, r#"{"Key":"X-Api-Key","Value":"[MASKED]"}"#),
        (r#"{"key":"api_key" , "value" : "x"}"#, r#"{"key":"api_key" , "value" : "[MASKED]"}"#),
        (
            r#"[{"header":"Authorization","values":["a","b"]}]"#,
            r#"[{"header":"Authorization","values":"[MASKED]"}]"#,
        ),
        (
            r#"{"field":"pwd","type":"text","at":[1,"x"],"n":-1.5,"value":12}"#,
            r#"{"field":"pwd","type":"text","at":[1,"x"],"n":-1.5,"value":"[MASKED]"}"#,
        ),
        (r#"{"value":"x\"y","name":"token"}"#, r#"{"value":"[MASKED]","name":"token"}"#),
        (
            r#"{"m":"{\"name\":\"token\",\"value\":\"a\\\"b\"}"}"#,
            r#"{"m":"{\"name\":\"token\",\"value\":\"[MASKED]\"}"}"#,
        ),
        (
            r#"{"name":"pass\u0077ord","value":"x"}"#,
            r#"{"name":"pass\u0077ord","value":"[MASKED]"}"#,
        ),
        // No pairs.
        (r#"{"name":"password","min":"x"}"#, r#"{"name":"password","min":"x"}"#),
        (r#"{"type":"password","value":"x"}"#, r#"{"type":"password","value":"x"}"#),
        (r#"{"name":"old password","value":"x"}"#, r#"{"name":"old password","value":"x"}"#),
        (r#"[{"name":"token"},{"value":"x"}]"#, r#"[{"name":"token"},{"value":"x"}]"#),
        (r#"["name","password","value","x"]"#, r#"["name","password","value","x"]"#),
        (r#"{"name":"token","value":""}"#, r#"{"name":"token","value":""}"#),
    ];
    for (given, expected) in cases {
        serde_json::from_str::<Value>(given).unwrap();
        assert_eq!(json(given), expected);
        assert_eq!(json(expected), expected);
    }
    check(&[
        ("{'name': 'password', 'value': 'letmein'}", "{'name': 'password', 'value': '[MASKED]'}"),
        (
            "{\n  \"name\": \"token\",\n  \"value\": \"x\"\n}",
            "{\n  \"name\": \"token\",\n  \"value\": \"[MASKED]\"\n}",
        ),
    ]);
}

#[test]
fn a_pair_ends_with_its_line() {
    let lines = "{\"name\":\"password\"}\n,\"value\":\"x\"}\n";
    assert_eq!(json(lines), lines);
}

#[test]
fn an_option_and_its_argument_may_be_members_of_a_list() {
    for (given, expected) in [
        (r#"["--password","letmein"]"#, r#"["--password","[MASKED]"]"#),
        (r#"["-u","a","--api-key", "x","-v"]"#, r#"["-u","a","--api-key", "[MASKED]","-v"]"#),
        (r#"["-db-password","x"]"#, r#"["-db-password","[MASKED]"]"#),
        (r#"{"m":"[\"--password\",\"hunter2\"]"}"#, r#"{"m":"[\"--password\",\"[MASKED]\"]"}"#),
        (r#"["--password","--verbose"]"#, r#"["--password","--verbose"]"#),
        (r#"["--token"]"#, r#"["--token"]"#),
        (r#"{"a":["x","--token"],"b":"y"}"#, r#"{"a":["x","--token"],"b":"y"}"#),
        (r#"{"a":"--token","b":"y"}"#, r#"{"a":"--token","b":"y"}"#),
        (r#"["--token","[MASKED]"]"#, r#"["--token","[MASKED]"]"#),
    ] {
        serde_json::from_str::<Value>(given).unwrap();
        assert_eq!(json(given), expected);
    }
    check(&[
        ("run ['--password', 'hunter2', '-v']", "run ['--password', '[MASKED]', '-v']"),
        ("mysql --password   hunter2 -u root", "mysql --password   [MASKED] -u root"),
    ]);
    check_plain(&[
        "add_argument(\"--password\", \"-p\", help=\"the password\")",
        "add_argument('--token', 'string', default=None)",
        ".args([\"--token\", token, \"--secret\", \"name\"])",
        "  --token        The token2 of the account",
    ]);
}

#[test]
fn a_value_may_stand_on_the_next_line() {
    check(&[
        ("password:\n  hunter2", "password:\n  [MASKED]"),
        ("password:\r\n  hunter2\r\nnext", "password:\r\n  [MASKED]\r\nnext"),
        ("password: |\n    hunter2\nb: 1", "password: |\n    [MASKED]\nb: 1"),
        ("api_key: >-\n  31d4d96e407aad42\n", "api_key: >-\n  [MASKED]\n"),
        ("\"password\":\n  \"letmein\"", "\"password\":\n  \"[MASKED]\""),
        ("\"password\"\n: \"letmein\"", "\"password\"\n: \"[MASKED]\""),
        (
            "password:                              hunter2",
            "password:                              [MASKED]",
        ),
        ("- name: DB_PASSWORD\n  value: hunter2", "- name: DB_PASSWORD\n  value: [MASKED]"),
        ("<password>\n  hunter2\n</password>", "<password>\n  [MASKED]\n</password>"),
    ]);
    for (given, expected) in [
        (r#"{"m":"password:\n  hunter2"}"#, r#"{"m":"password:\n  [MASKED]"}"#),
        (r#"{"m":"password:\r\n\thunter2\nx"}"#, r#"{"m":"password:\r\n\t[MASKED]\nx"}"#),
        (
            r#"{"m":"{\\\"b\\\":\"password:\\n  hunter2\"}"}"#,
            r#"{"m":"{\\\"b\\\":\"password:\\n  [MASKED]\"}"}"#,
        ),
        (r#"{"m":"{\n \"password\":\n \"x\"}"}"#, r#"{"m":"{\n \"password\":\n \"[MASKED]\"}"}"#),
        (
            r#"{"m":"- name: DB_PASSWORD\n  value: hunter2\n"}"#,
            r#"{"m":"- name: DB_PASSWORD\n  value: [MASKED]\n"}"#,
        ),
    ] {
        assert_eq!(json(given), expected);
    }
    check_plain(&[
        "Enter password:\n2026-11-22T07:00:00Z",
        "Enter password:\nLast login from host1 at tty2",
        "if password:\n    hash2 = digest(password)\nelse:\n    abort401()",
        "password:\n  type: string1\n  minLength: 8\n",
        "password\nhunter2",
        "token =\nnext_token1\n",
    ]);
    let lines = "{\"m\":1}\n\"password\":\n\"x\"\n";
    assert_eq!(json(lines), lines, "lines of JSON have nothing to do with each other");
}

#[test]
fn secrets_are_masked_where_a_url_is_encoded_in_part_or_twice() {
    let telegram = format!("1234567890%3AAA{}", &MIXED[..33]);
    let key = format!(
        "-----BEGIN%20RSA%20PRIVATE%20KEY-----%0A{0}%0A{0}%3D%3D%0A-----END%20RSA%20PRIVATE%20KEY-----",
        &MIXED[..64]
    );
    let form = key.replace("%20", "+");
    let twice = key.replace('%', "%25");
    check(&[
        ("/x?u=https%3A//user%3Apw1x%40host/a", "/x?u=https%3A//user%3A[MASKED]%40host/a"),
        ("/x?u=https%3A//user:pw1x@host/a", "/x?u=https%3A//user:[MASKED]@host/a"),
        ("GET https://user%3Apw1x%40host/a", "GET https://user%3A[MASKED]%40host/a"),
        ("/x?u=https%253A//user%253Apw1x%2540h", "/x?u=https%253A//user%253A[MASKED]%2540h"),
        (
            "/x?u=https%253A%252F%252Fuser%253Apw1x%2540host%252Fa",
            "/x?u=https%253A%252F%252Fuser%253A[MASKED]%2540host%252Fa",
        ),
        (
            "/x?u=%252Fy%253Ftoken%253D9f86d081884c7d65%2526a%253D1",
            "/x?u=%252Fy%253Ftoken%253D[MASKED]%2526a%253D1",
        ),
        (&format!("/bot{telegram}/getMe"), "/bot1234567890%3A***[MASKED 35 chars]***/getMe"),
        (
            "/x?b=%7B%22password%22%3A%22let%20me%20in%22%2C%22a%22%3A1%7D&c=1",
            "/x?b=%7B%22password%22%3A%22[MASKED]%22%2C%22a%22%3A1%7D&c=1",
        ),
        ("/x?b=%7B%22pwd%22%3A+1234%7D", "/x?b=%7B%22pwd%22%3A+[MASKED]%7D"),
        (
            "/x?b=%257B%2522password%2522%253A%2522letmein%2522%257D",
            "/x?b=%257B%2522password%2522%253A%2522[MASKED]%2522%257D",
        ),
        (
            "/x?b=%7B%22name%22%3A%22password%22%2C%22value%22%3A%22letmein%22%7D",
            "/x?b=%7B%22name%22%3A%22password%22%2C%22value%22%3A%22[MASKED]%22%7D",
        ),
    ]);
    for block in [&key, &form, &twice] {
        let masked = text(&format!("/x?k={block}&a=1"));
        assert!(!masked.contains(&MIXED[..20]) && masked.ends_with("]***&a=1"), "{masked}");
    }
    check_plain(&[
        "https://example.com%2Fa%40b http://host:8080?mail=bob%40example.com",
        "/x?mail=mailto%3Abob%40example.com&at=12%3A30%3A00&u=https%3A//example.com/a%40b",
        "/x?u=https%253A%252F%252Fexample.com%252Fa%2540b",
        "/x?b=%7B%22tokens%22%3A%2212%22%7D&token%22",
    ]);
}

#[test]
fn a_block_with_lines_above_its_key_is_masked() {
    let block = format!(
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2.0.22 (GNU/Linux)\n\n{0}\n=aB3d\n-----END PGP PRIVATE KEY BLOCK-----",
        &MIXED[..64]
    );
    assert!(!text(&block).contains(&MIXED[..20]), "{}", text(&block));
    let line = format!("{{\"m\":\"{}\"}}", block.replace('\n', "\\n"));
    assert!(!json(&line).contains(&MIXED[..20]), "{}", json(&line));
}

#[test]
fn a_secret_tells_which_rule_has_found_it() {
    let rule = |name: &str, prefix: &str| MaskRule {
        name: name.to_owned(),
        prefix: prefix.to_owned(),
        keep: 2,
        alphabet: "digits".to_owned(),
        least: 8,
        most: 16,
    };
    let rules = vec![rule("acme", "acme_"), rule("shop", "shop_")];
    let masker = Masker::new(&MaskSettings { rules, ..MaskSettings::default() });
    let text = b"shop_12345678 acme_12345678 password=hunter2";
    let mut hits = Vec::new();
    masker.find(text, Syntax::Text, &mut hits);
    let names: Vec<&str> = hits.iter().map(|hit| masker.found_by(text, hit)).collect();
    assert_eq!(names, ["shop", "acme", "password"]);
}
