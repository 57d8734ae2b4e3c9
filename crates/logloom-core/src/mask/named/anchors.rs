//! What the search looks for to find secret names: the ends of their last words, in the ways they are
//! written, each beginning with letters that are rare in texts.

/// The ends of the names of the built-in table, each as it is written in lower case, in capitals and
/// within a name of capital words. What ends a name follows, unless the anchor has that itself.
pub(in super::super) const ANCHORS: &[&str] = &[
    "ssword",
    "SSWORD",
    "sswd",
    "SSWD",
    "sphrase",
    "SPHRASE",
    "pwd",
    "PWD",
    "Pwd",
    "in_code",
    "IN_CODE",
    "inCode",
    "ecret",
    "ECRET",
    "ecrets",
    "ECRETS",
    "oken",
    "OKEN",
    "_key",
    "_KEY",
    "-key",
    "-KEY",
    "Key",
    "apikey",
    "APIKEY",
    "Apikey",
    "TKEY",
    "rization",
    "RIZATION",
    "ookie",
    "OOKIE",
    "bearer",
    "Bearer",
    "BEARER",
    "edential",
    "EDENTIAL",
    "edentials",
    "EDENTIALS",
    "csrf",
    "CSRF",
    "n_string",
    "N_STRING",
    "nString",
    "auth\"",
    "Auth\"",
    "AUTH\"",
    "auth\\",
    "Auth\\",
    "AUTH\\",
    "auth=",
    "Auth=",
    "AUTH=",
    "jwt",
    "JWT",
    "\"otp",
    "\"OTP",
    "'otp",
    "_otp",
    "_OTP",
    "SHPASS",
    "cvv",
    "CVV",
    "\"pin",
    "\"PIN",
    "\"Pin",
    "'pin",
    "_pin",
    "_PIN",
];

/// The names of the built-in table in scripts without blanks, which end a name as they are.
pub(in super::super) const WIDE_NAMES: &[&str] =
    &["密码", "密碼", "口令", "验证码", "驗證碼", "密钥", "密鑰", "私钥", "私鑰", "令牌"];

/// Those of them that are known by what a password looks like, not a key.
pub(super) const WIDE_PASSWORDS: &[&str] = &["密码", "密碼", "口令", "验证码", "驗證碼"];

/// Ends of names in letters of full width.
pub(in super::super) const FULL_WIDTH_ANCHORS: &[&str] = &[
    "ｓｗｏｒｄ",
    "ＳＷＯＲＤ",
    "ｓｓｗｄ",
    "ＳＳＷＤ",
    "ｐｗｄ",
    "ＰＷＤ",
    "ｏｋｅｎ",
    "ＯＫＥＮ",
    "ｅｃｒｅｔ",
    "ＥＣＲＥＴ",
    "ｋｅｙ",
    "ＫＥＹ",
    "Ｋｅｙ",
];

/// Letters and signs of names as JSON may have them: `pass\u0077ord`. Programs that write JSON never do.
pub(in super::super) const ESCAPED_ANCHORS: &[&str] =
    &["\\u004", "\\u005", "\\u006", "\\u007", "\\u002d", "\\u002D", "\\u002e", "\\u002E"];

/// Names that are secret in running text, beside those of the table of field names.
pub(in super::super) const TEXT_NAMES: &[&str] = &[
    "account_key",
    "shared_access_key",
    "master_key",
    "auth_key",
    "deploy_key",
    "service_key",
    "license_key",
    "webhook_secret",
    "pgpassword",
    "sshpass",
];

/// The ways in which a name of one's own may be written: lower case, capitals, first letters capital.
pub(in super::super) fn variants(name: &str) -> Vec<String> {
    let words: Vec<String> = name
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    // The last word is in every way of writing the name.
    let Some(last) = words.last() else { return Vec::new() };
    let lower = last.to_lowercase();
    let mut title: Vec<char> = lower.chars().collect();
    if let Some(first) = title.first_mut() {
        *first = first.to_ascii_uppercase();
    }
    vec![last.to_uppercase(), title.into_iter().collect(), lower, last.clone()]
}

/// The ways in which JSON may have the first letter of a name that is not of ASCII: `\u5bc6`, at whatever
/// depth it stands. None of a name in ASCII.
pub(in super::super) fn escaped_variants(name: &str) -> Vec<String> {
    let Some(first) = name.chars().find(|character| !character.is_ascii()) else {
        return Vec::new();
    };
    let unit = first.encode_utf16(&mut [0; 2])[0];
    let mut variants = vec![format!("\\u{unit:04x}"), format!("\\u{unit:04X}")];
    variants.dedup();
    variants
}

/// The ways in which a URL may have the first letter of such a name, without the first `%`.
pub(in super::super) fn percent_variants(name: &str) -> Vec<String> {
    let Some(first) = name.chars().find(|character| !character.is_ascii()) else {
        return Vec::new();
    };
    let bytes = first.encode_utf8(&mut [0; 4]).as_bytes().to_vec();
    let written =
        |digits: fn(&u8) -> String| bytes.iter().map(digits).collect::<Vec<_>>().join("%");
    vec![written(|byte| format!("{byte:02X}")), written(|byte| format!("{byte:02x}"))]
}

#[cfg(test)]
mod tests {
    use logloom_record::names::SecretNames;

    use super::*;

    #[test]
    fn every_built_in_name_holds_an_anchor_however_it_is_written() {
        let names = [
            "password",
            "passwd",
            "passphrase",
            "pwd",
            "pin_code",
            "client_secret",
            "app_secret",
            "secret_key",
            "secret_access_key",
            "token",
            "id_token",
            "auth_token",
            "bearer",
            "api_key",
            "apikey",
            "apiKey",
            "API_KEY",
            "x-api-key",
            "X-Api-Key",
            "APIKEY",
            "access_key",
            "accessKey",
            "private_key",
            "ssh_key",
            "signing_key",
            "encryption_key",
            "encryptionKey",
            "authorization",
            "Authorization",
            "PROXY_AUTHORIZATION",
            "cookie",
            "Set-Cookie",
            "session_key",
            "csrf",
            "credentials",
            "connection_string",
            "connectionString",
            "DB_PASSWORD",
            "AccountKey",
            "ACCOUNTKEY",
            "jwt",
            "sms_otp",
            "cvv",
            "card_pin",
            "USER_PIN",
        ];
        let table = SecretNames::with(TEXT_NAMES.iter().copied());
        for name in names {
            assert!(table.is_secret(name), "{name}");
            assert!(ANCHORS.iter().any(|anchor| name.ends_with(anchor)), "{name}");
        }
        WIDE_NAMES.iter().for_each(|name| assert!(table.is_secret(name), "{name}"));
    }

    #[test]
    fn a_name_of_ones_own_is_found_by_its_last_word() {
        assert_eq!(variants("internal_badge"), ["BADGE", "Badge", "badge", "badge"]);
        assert!(variants("--").is_empty());
    }
}
