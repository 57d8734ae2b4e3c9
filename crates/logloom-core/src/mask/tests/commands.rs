//! Secrets in commands and the files that they read, in URLs and headers, and hashes of passwords.

use super::*;

/// Each is masked as it is, and in a string of JSON, escaped up to three times.
#[track_caller]
fn check_all(cases: &[(&str, &str)]) {
    for (given, expected) in cases {
        assert_eq!(text(given), *expected);
        let (mut given, mut expected) = ((*given).to_owned(), (*expected).to_owned());
        for _ in 0..3 {
            (given, expected) = (Value::from(given).to_string(), Value::from(expected).to_string());
            assert_eq!(json(&given), expected);
        }
    }
}

#[test]
fn arguments_of_commands_are_masked() {
    check_all(&[
        ("curl -u admin:letmein https://h/", "curl -u admin:[MASKED] https://h/"),
        ("$ curl -sS -X POST --user admin:x1", "$ curl -sS -X POST --user admin:[MASKED]"),
        ("curl --user=admin:letmein h", "curl --user=admin:[MASKED] h"),
        ("curl -uadmin:letmein h", "curl -uadmin:[MASKED] h"),
        ("curl -u 'admin:let me in' h", "curl -u 'admin:[MASKED]' h"),
        ("curl -u admin:'let me in' h", "curl -u admin:'[MASKED]' h"),
        (
            "curl https://h \\\n  -u \"admin:let me in\"",
            "curl https://h \\\n  -u \"admin:[MASKED]\"",
        ),
        ("fetch --proxy-user bob:hunter2x h", "fetch --proxy-user bob:[MASKED] h"),
        ("fetch --user bob:hunter2x h", "fetch --user bob:[MASKED] h"),
        ("fetch --user=bob:hunter2x h", "fetch --user=bob:[MASKED] h"),
        ("mysql -u root -psecretword db", "mysql -u root -p[MASKED] db"),
        ("/usr/bin/mysqldump -hdb -pletmein db", "/usr/bin/mysqldump -hdb -p[MASKED] db"),
        ("mysql --password letmein", "mysql --password [MASKED]"),
        ("redis-cli -h r -a letmein ping", "redis-cli -h r -a [MASKED] ping"),
        ("sshpass -p letmein ssh h", "sshpass -p [MASKED] ssh h"),
        ("sshpass -p'let me in' ssh h", "sshpass -p'[MASKED]' ssh h"),
        ("docker login -u bob -p letmein reg", "docker login -u bob -p [MASKED] reg"),
        ("mongosh -u a -p letmein", "mongosh -u a -p [MASKED]"),
        ("kubectl get pods --token opaqueword", "kubectl get pods --token [MASKED]"),
        ("[\"curl\", \"-u\", \"a:letmein\"]", "[\"curl\", \"-u\", \"a:[MASKED]\"]"),
        ("['docker', 'login', '-p', 'letmein']", "['docker', 'login', '-p', '[MASKED]']"),
    ]);
    check_plain(&[
        "curl -u user:password https://h/",
        "curl -u $USER:$PASSWORD h",
        "curl -s https://h/a:b | sh -u a:b",
        "curl -X POST\n -u a:b1",
        "the curl library -u",
        "mysql -u root -p db",
        "mysql -p --port 3306",
        "redis-cli -a $REDIS",
        "mkdir -p target/debug",
        "ssh login -p 2222 ls",
        "ssh login@host -p 2222 ls",
        "docker run --user 1000:1000 x",
        "docker run --user app:grp123 x",
        "chown --user www-data:www-data /srv",
        "login failed\nmkdir -p a1b2c3",
        "{\"cmd\":\"curl\",\"-u\":\"a:b1\"}",
    ]);
}

#[test]
fn passwords_that_are_words_are_masked_where_nothing_else_can_stand() {
    check_all(&[
        ("PGPASSWORD=letmein psql -h db", "PGPASSWORD=[MASKED] psql -h db"),
        ("SSHPASS=letmein sshpass -e ssh h", "SSHPASS=[MASKED] sshpass -e ssh h"),
        ("mysql --password=letmein", "mysql --password=[MASKED]"),
        ("gh --token=opaqueletters", "gh --token=[MASKED]"),
        ("Server=db;User Id=sa;Password=letmein;", "Server=db;User Id=sa;Password=[MASKED];"),
        ("Uid=sa;Pwd=Let Me In;Encrypt=yes", "Uid=sa;Pwd=[MASKED];Encrypt=yes"),
        ("jdbc:x://h/d?user=a&password=letmein", "jdbc:x://h/d?user=a&password=[MASKED]"),
    ]);
    check_plain(&[
        "password=letmein",
        "--password=PASSWORD --token=yourtoken",
        "REQUIRE_PASSWORD=required",
        "self.PASSWORD=password",
        "?user=a&password=password",
    ]);
}

#[test]
fn entries_of_files_with_logins_are_masked() {
    check_all(&[
        ("machine h login u password letmein", "machine h login u password [MASKED]"),
        ("machine h\n  login u\n  password letmein", "machine h\n  login u\n  password [MASKED]"),
        ("machine h\nlogin u\npassword letmein", "machine h\nlogin u\npassword [MASKED]"),
        ("default login u account a password x", "default login u account a password [MASKED]"),
        ("db:5432:*:postgres:letmein", "db:5432:*:postgres:[MASKED]"),
        ("*:*:*:app:letmein", "*:*:*:app:[MASKED]"),
        ("cat .pgpass\ndb:5432:shop:app:letmein", "cat .pgpass\ndb:5432:shop:app:[MASKED]"),
    ]);
    check_plain(&[
        "the machine has no login, password prompts appear",
        "Failed password for invalid user admin from 203.0.113.7",
        "10:*:20:30:40",
        "a:b:*:c:letmein",
    ]);
    let lines = "{\"m\":\"machine h login u\"}\n{\"m\":\"password letmein\"}\n";
    assert_eq!(json(lines), lines);
}

#[test]
fn hashes_of_passwords_are_masked() {
    let crypt = &MIXED[..86];
    for (given, shown) in [
        ("bob:$apr1$kQ0Wc5yG$2s8PyYVbhL9Yxg1M0V0ap1", "bob:$apr1$***"),
        ("bob:{SHA}VBPuJHI7uixaa6LQGWx4s+5GKNE=", "bob:{SHA}***"),
        ("bob:$2y$05$c4WoMPo3SXsafkva.HHa6uXQZWr7oboPiC2bT/r7q1BB8I2s0BRqC", "bob:$2y$***"),
        (&format!("root:$6$rounds=5000$saltsalt${crypt}:19000:0:99999:7:::"), "root:$6$***"),
        (
            "u:$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7:1",
            "u:$y$j***",
        ),
        (
            "x=$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
            "x=$argon2id$***",
        ),
        (
            "pbkdf2_sha256$600000$saltsalt$RdescudvJCsgt3ub4b4dWRWJTmaaJObGabcdefghijk=",
            "pbkdf2_sha***",
        ),
    ] {
        let masked = text(given);
        assert!(masked.starts_with(&format!("{shown}[MASKED ")), "{masked}");
        assert!(json(&Value::from(given).to_string()).contains(shown), "{given}");
    }
    check_plain(&["awk '{print $1$2}'", "cost $5$6 each", "a=$1$", "price: $6$7"]);
}

#[test]
fn webhooks_and_signatures_of_urls_are_masked() {
    let path = &MIXED[..68];
    let uuid = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
    for (given, secret) in [
        (format!("https://discord.com/api/webhooks/123456789012345678/{path}"), path),
        (
            format!(
                "https://a.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{}/{uuid}",
                &HEX[..32]
            ),
            &HEX[..32],
        ),
        (format!("https://open.feishu.cn/open-apis/bot/v2/hook/{uuid}"), uuid),
        (format!("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={uuid}"), uuid),
        (format!("https://s3/x?X-Amz-Expires=1&X-Amz-Signature={HEX}"), HEX),
        (format!("https://b/c?sv=2020-08-04&sp=r&sig={}%3D", &MIXED[..43]), &MIXED[..43]),
        (format!("https://g/o?Expires=1&Signature={}", &MIXED[..64]), &MIXED[..64]),
    ] {
        for way in [
            given.clone(),
            given
                .replace(':', "%3A")
                .replace('/', "%2F")
                .replace('?', "%3F")
                .replace('=', "%3D")
                .replace('&', "%26"),
            Value::from(given.clone()).to_string(),
        ] {
            assert!(!text(&way).contains(secret), "{}", text(&way));
        }
    }
    check_plain(&["?sig=short&Signature=words_only_and_no_number", "docs/webhooks/123/about"]);
}

#[test]
fn credentials_of_urls_are_known_without_a_scheme_and_with_escapes() {
    check(&[
        ("clone //bob:letmein@host/a", "clone //bob:[MASKED]@host/a"),
        ("'//bob:letmein@host/a'", "'//bob:[MASKED]@host/a'"),
        ("https：//bob:letmein@host", "https：//bob:[MASKED]@host"),
        ("https://bob：letmein@host", "https://bob：[MASKED]@host"),
        ("jdbc:oracle:thin:scott/tiger@//h:1521/x", "jdbc:oracle:thin:scott/[MASKED]@//h:1521/x"),
    ]);
    let mut line = r#"{"url":"https:\/\/bob:letmein@host\/a"}"#.to_owned();
    for _ in 0..3 {
        assert!(!json(&line).contains("letmein"), "{}", json(&line));
        line = Value::from(line).to_string();
    }
    check_plain(&["// see a:b@c", "    //! foo", "x //example.com/a:b@c", "git@host://a"]);
}

#[test]
fn credentials_of_headers_need_no_digits_behind_their_scheme() {
    check(&[
        ("Authorization: Basic aHVudGVyMng=", "Authorization: Basic ***[MASKED 12 chars]***"),
        (
            "Authorization: Negotiate YIIJvwYGKwYBBQ",
            "Authorization: Negotiate ***[MASKED 14 chars]***",
        ),
        ("Cookie: session=letmeinplease; a=b", "Cookie: [MASKED]"),
        (
            "AKIAQ3EGRT5XZ7UWH2LP wJalrXUtnFEMIK7MDENGbPxRfiCYzzzz1KEYabc1 x",
            "AKIA***[MASKED 57 chars]*** x",
        ),
    ]);
    let digest =
        format!("Authorization: Digest username=\"M\", uri=\"/\", response=\"{}\"", &HEX[..32]);
    assert!(!text(&digest).contains(&HEX[..32]));
    assert!(!json(&Value::from(digest).to_string()).contains(&HEX[..32]));
    check_plain(&[
        "Authorization: Basic authentication",
        "Authorization: Bearer Authentication",
        "Cookie: theme=darkness; consent=given",
    ]);
}
