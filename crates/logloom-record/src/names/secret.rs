//! Names whose values are secret. A field's name comes in, the verdict goes out.
//!
//! A name is split into parts at `_`, `-`, `.`, `/`, `:`, white space, at a change from lower to
//! upper case and before the last capital of a run (`DBPassword`), and compared without regard to
//! case. It is secret when its last parts are a name
//! of the table: `password` covers `db_password`, `user.password` and `dbPassword`, but neither
//! `password_changed_at` nor `compass`. `X-Api-Key` and `apikey` are covered by `api_key`. Of scripts without
//! blanks the end of a part is enough: the Chinese word for password covers that for a database's password.

use std::collections::HashSet;

/// The names that are secret by default.
const DEFAULT: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pin_code",
    "secret",
    "secrets",
    "client_secret",
    "app_secret",
    "secret_key",
    "secret_access_key",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "auth_token",
    "bearer",
    "api_key",
    "api_token",
    "access_key",
    "private_key",
    "ssh_key",
    "signing_key",
    "encryption_key",
    "authorization",
    "proxy_authorization",
    "auth",
    "cookie",
    "set_cookie",
    "session_cookie",
    "session_key",
    "csrf",
    "credential",
    "credentials",
    "jwt",
    "connection_string",
    "otp",
    "cvv",
    "pin",
    "密码",
    "密碼",
    "口令",
    "验证码",
    "驗證碼",
    "密钥",
    "密鑰",
    "私钥",
    "私鑰",
    "令牌",
];

/// Characters of a name of such a script.
const JOINED_MAX: usize = 16;

/// The first character of the scripts whose words have no blanks between them.
const JOINED_FROM: char = '\u{2e80}';

/// A table of secret names. Looking a name up allocates; keep the verdict beside the call site.
#[derive(Clone, Debug)]
pub struct SecretNames {
    names: HashSet<String>,
}

impl Default for SecretNames {
    fn default() -> SecretNames {
        let mut names = SecretNames { names: HashSet::new() };
        for name in DEFAULT {
            names.add(name);
        }
        names
    }
}

impl SecretNames {
    /// A table without any name, for a program that turned masking off.
    pub fn none() -> SecretNames {
        SecretNames { names: HashSet::new() }
    }

    /// The default table and these names.
    pub fn with<'n>(names: impl IntoIterator<Item = &'n str>) -> SecretNames {
        let mut table = SecretNames::default();
        for name in names {
            table.add(name);
        }
        table
    }

    /// Adds a name; its parts may be divided in any of the ways above. An empty name adds nothing.
    pub fn add(&mut self, name: &str) {
        let joined = parts(name).concat();
        if !joined.is_empty() {
            self.names.insert(joined);
        }
    }

    /// Whether a field of this name is secret.
    pub fn is_secret(&self, name: &str) -> bool {
        let parts = parts(name);
        let mut tail = String::with_capacity(name.len());
        let ends_in_name = parts.iter().rev().any(|part| {
            tail.insert_str(0, part);
            self.names.contains(&tail)
        });
        ends_in_name || parts.last().is_some_and(|last| self.is_joined(last))
    }

    /// Whether a part ends in a name of a script without blanks.
    fn is_joined(&self, part: &str) -> bool {
        if part.is_ascii() {
            return false;
        }
        let mut characters = part.char_indices().rev().take(JOINED_MAX);
        characters
            .by_ref()
            .take_while(|(_, character)| *character >= JOINED_FROM)
            .any(|(at, _)| self.names.contains(&part[at..]))
    }

    /// The mask of a call site's fields: bit i for field i, bit 63 for all from the 64th on.
    pub fn mask<'n>(&self, fields: impl IntoIterator<Item = &'n str>) -> u64 {
        let bits = fields.into_iter().enumerate().filter(|(_, name)| self.is_secret(name));
        bits.fold(0, |mask, (index, _)| mask | 1 << index.min(63))
    }
}

/// Parts of a name in lower case; only the last 16 count, which bounds the work for any name.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut was_lower, mut was_upper) = (false, false);
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        let ends_run = was_upper && characters.peek().is_some_and(|next| next.is_lowercase());
        let divides = matches!(character, '_' | '-' | '.' | '/' | ':') || character.is_whitespace();
        if divides || (character.is_uppercase() && (was_lower || ends_run)) {
            parts.push(String::new());
        }
        was_lower = character.is_lowercase() || character.is_ascii_digit();
        was_upper = character.is_uppercase();
        if let (false, Some(part)) = (divides, parts.last_mut()) {
            part.extend(character.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    let skip = parts.len().saturating_sub(16);
    parts.split_off(skip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_by_their_last_parts() {
        let table = SecretNames::with(["internal_token", "plan-b"]);
        for secret in [
            "password",
            "PASSWORD",
            "db_password",
            "user.password",
            "dbPassword",
            "DBPassword",
            "AWSSecretKey",
            "APIKey",
            "XApiKey",
            "X-Api-Key",
            "apikey",
            "apiKey",
            "API_KEY",
            "http.request.header.set-cookie",
            "Authorization",
            "aws_secret_access_key",
            "my_plan_b",
            "password_",
            "pin",
            "user_pin",
            "cardPin",
            "密码",
            "数据库密码",
            "db_口令",
            "API密钥",
        ] {
            assert!(table.is_secret(secret), "{secret}");
        }
        for plain in [
            "",
            "_",
            "user",
            "compass",
            "COMPASS",
            "tokens_used",
            "TokenCount",
            "password_changed_at",
            "author",
            "plan",
            "b",
            "spin",
            "pinned",
            "密码长度",
        ] {
            assert!(!table.is_secret(plain), "{plain}");
        }
        assert!(!SecretNames::none().is_secret("password"));
    }

    #[test]
    fn a_mask_has_a_bit_for_each_field() {
        let table = SecretNames::default();
        assert_eq!(table.mask(["a", "token", "b", "pwd"]), 0b1010);
        let many = (0..70).map(|index| if index == 69 { "pwd" } else { "a" });
        assert_eq!(table.mask(many), 1 << 63);
    }
}
