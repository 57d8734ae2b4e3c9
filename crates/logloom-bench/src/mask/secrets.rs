//! Secrets to plant: made from the vendors' formats as the reference lists them, and not from the
//! masker's own table, so that a mistake there is not repeated here.
//!
//! Random numbers come in, a secret goes out, with the part of it that nobody may read.

use crate::proof::dice::Dice;

/// A secret with what stands around it by its nature.
#[derive(Clone, Debug)]
pub(super) struct Secret {
    pub(super) kind: &'static str,
    /// The whole text.
    pub(super) text: String,
    /// The part of the text that must not be readable.
    pub(super) body: String,
    /// The name it is known by, for those that have no shape of their own.
    pub(super) name: Option<&'static str>,
}

/// A format: text, and in braces a letter for the alphabet with the number of characters.
struct Format(&'static str, &'static str);

/// Formats with a prefix of their own.
const PREFIXED: &[Format] = &[
    Format("anthropic api", "sk-ant-api03-{w93}AA"),
    Format("anthropic admin", "sk-ant-admin01-{w93}AA"),
    Format("anthropic oauth", "sk-ant-oat01-{w93}AA"),
    Format("anthropic session", "sk-ant-sid01-{w93}AA"),
    Format("openai project", "sk-proj-{w58}T3BlbkFJ{w58}"),
    Format("openai project 74", "sk-proj-{w74}T3BlbkFJ{w74}"),
    Format("openai project short", "sk-proj-{w48}"),
    Format("openai service", "sk-svcacct-{w58}T3BlbkFJ{w58}"),
    Format("openai admin", "sk-admin-{w58}T3BlbkFJ{w58}"),
    Format("openai legacy", "sk-{a20}T3BlbkFJ{a20}"),
    Format("aws AKIA", "AKIA{B16}"),
    Format("aws ASIA", "ASIA{B16}"),
    Format("aws ABIA", "ABIA{B16}"),
    Format("aws ACCA", "ACCA{B16}"),
    Format("aws bedrock", "ABSK{b120}"),
    Format("github classic", "ghp_{a36}"),
    Format("github oauth", "gho_{a36}"),
    Format("github user", "ghu_{a36}"),
    Format("github server", "ghs_{a36}"),
    Format("github refresh", "ghr_{a36}"),
    Format("github fine-grained", "github_pat_{a22}_{a59}"),
    Format("gitlab", "glpat-{w20}"),
    Format("gitlab routable", "glpat-{w27}.{l2}{l7}"),
    Format("slack bot", "xoxb-{d12}-{d12}-{a24}"),
    Format("slack user", "xoxp-{d12}-{d12}-{d12}-{h32}"),
    Format("slack refresh", "xoxe-1-{a120}"),
    Format("slack app", "xapp-1-A{U10}-{d13}-{h64}"),
    Format("slack webhook", "https://hooks.slack.com/services/T{U8}/B{U8}/{a24}"),
    Format("google api", "AIza{w35}"),
    Format("google oauth", "ya29.{w120}"),
    Format("stripe live", "sk_live_{a24}"),
    Format("stripe test", "sk_test_{a99}"),
    Format("stripe restricted", "rk_prod_{a24}"),
    Format("stripe webhook", "whsec_{a32}"),
    Format("npm", "npm_{a36}"),
    Format("pypi", "pypi-AgEIcHlwaS5vcmc{w90}"),
    Format("hugging face", "hf_{L34}"),
    Format("sendgrid", "SG.{w22}.{w43}"),
    Format("digitalocean", "dop_v1_{h64}"),
    Format("shopify access", "shpat_{h32}"),
    Format("shopify custom", "shpca_{h32}"),
    Format("shopify private", "shppa_{h32}"),
    Format("shopify shared", "shpss_{h32}"),
    Format("vault service", "hvs.{w95}"),
    Format("vault batch", "hvb.{w140}"),
    Format("perplexity", "pplx-{a48}"),
    Format("notion", "ntn_{d11}{a35}"),
    Format("linear", "lin_api_{a40}"),
    Format("grafana service", "glsa_{a32}_{h8}"),
    Format("grafana cloud", "glc_{b60}"),
    Format("sentry user", "sntryu_{h64}"),
    Format("sentry org", "sntrys_eyJ{a80}_{b43}"),
    Format("databricks", "dapi{h32}"),
    Format("postman", "PMAK-{h24}-{h34}"),
    Format("alibaba", "LTAI{a20}"),
    Format("age", "AGE-SECRET-KEY-1{U58}"),
    Format("1password", "ops_eyJ{b260}"),
    Format("azure client", "{a3}8Q~{z34}"),
    Format("openrouter", "sk-or-v1-{h64}"),
    Format("groq", "gsk_{a52}"),
    Format("xai", "xai-{a80}"),
    Format("replicate", "r8_{a37}"),
    Format("nvidia", "nvapi-{w64}"),
    Format("llamacloud", "llx-{a48}"),
    Format("supabase", "sbp_{h40}"),
    Format("tavily", "tvly-{a32}"),
    Format("fireworks", "fw_{a24}"),
    Format("deepseek", "sk-{h32}"),
    Format("moonshot", "sk-{a48}"),
    Format("tencent", "AKID{a32}"),
    Format("discord webhook", "https://discord.com/api/webhooks/{d18}/{w68}"),
    Format(
        "feishu webhook",
        "https://open.feishu.cn/open-apis/bot/v2/hook/{h8}-{h4}-{h4}-{h4}-{h12}",
    ),
    Format(
        "wecom webhook",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={h8}-{h4}-{h4}-{h4}-{h12}",
    ),
    Format("bcrypt", "$2b$12${a53}"),
    Format("aws signature", "https://b.s3.amazonaws.com/x?X-Amz-Signature={h64}"),
];

/// Formats that are known by the name they stand beside.
const NAMED: &[(Format, &str)] = &[
    (Format("aws secret", "{b40}"), "aws_secret_access_key"),
    (Format("telegram", "{e9}:AA{w33}"), "telegram_bot_token"),
    (Format("wechat", "{h32}"), "appsecret"),
    (Format("azure storage", "{b86}=="), "AccountKey"),
    (Format("generic api key", "{a32}"), "api_key"),
    (Format("password", "{a6}!{d2}{a3}"), "db_password"),
];

/// How many kinds there are.
pub(super) fn kinds() -> usize {
    PREFIXED.len() + NAMED.len() + 4
}

/// A secret of the kind with this number.
pub(super) fn secret(number: usize, dice: &mut Dice) -> Secret {
    if let Some(Format(kind, format)) = PREFIXED.get(number) {
        let (text, body) = fill(format, dice);
        return Secret { kind, text, body, name: None };
    }
    let number = number - PREFIXED.len();
    if let Some((Format(kind, format), name)) = NAMED.get(number) {
        let (text, _) = fill(format, dice);
        return Secret { kind, body: text.clone(), text, name: Some(name) };
    }
    match number - NAMED.len() {
        0 => json_web_token(dice),
        1 => private_key(dice),
        2 => {
            let (body, _) = fill("{a9}-{d2}{a4}", dice);
            let text = format!("postgres://app:{body}@db.internal:5432/orders");
            Secret { kind: "url password", text, body, name: None }
        }
        _ => {
            let (body, _) = fill("{a40}", dice);
            Secret { kind: "bearer", text: format!("Bearer {body}"), body, name: None }
        }
    }
}

fn json_web_token(dice: &mut Dice) -> Secret {
    let header = base64(br#"{"alg":"HS256","typ":"JWT"}"#);
    let (subject, _) = fill("{d10}", dice);
    let claims = base64(format!(r#"{{"sub":"{subject}","iat":1763795100}}"#).as_bytes());
    let (signature, _) = fill("{w43}", dice);
    let body = format!("{claims}.{signature}");
    Secret { kind: "jwt", text: format!("{header}.{body}"), body, name: None }
}

fn private_key(dice: &mut Dice) -> Secret {
    let lines: Vec<String> = (0..12).map(|_| fill("{b64}", dice).0).collect();
    let body = lines.join("\n");
    let title = ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY"][dice.below(3) as usize];
    let text = format!("-----BEGIN {title}-----\n{body}\n-----END {title}-----");
    Secret { kind: "private key", text, body, name: None }
}

/// The format filled in, and what stands from its first random character on.
fn fill(format: &str, dice: &mut Dice) -> (String, String) {
    let mut text = String::new();
    let mut body_at = None;
    let mut rest = format;
    while let Some((before, behind)) = rest.split_once('{') {
        let (field, after) = behind.split_once('}').unwrap_or((behind, ""));
        text.push_str(before);
        body_at.get_or_insert(text.len());
        let (letter, count) = field.split_at(1);
        let letters = alphabet(letter);
        let character = |_| char::from(letters[dice.below(letters.len() as u64) as usize]);
        text.extend((0..count.parse().unwrap_or(0)).map(character));
        rest = after;
    }
    text.push_str(rest);
    let body = text[body_at.unwrap_or(0)..].to_owned();
    (text, body)
}

fn alphabet(letter: &str) -> &'static [u8] {
    match letter {
        "w" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-",
        "z" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~.-",
        "a" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        "b" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "L" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "l" => b"abcdefghijklmnopqrstuvwxyz0123456789",
        "U" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "B" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "h" => b"0123456789abcdef",
        "e" => b"123456789",
        _ => b"0123456789",
    }
}

fn base64(bytes: &[u8]) -> String {
    let letters = alphabet("w");
    let bit = |at: usize| bytes.get(at / 8).map_or(0, |byte| usize::from(byte >> (7 - at % 8) & 1));
    // Of the two alphabets only letters and digits come up in the text of a header.
    let group = |from: usize| (0..6).fold(0, |value, at| value << 1 | bit(from + at));
    (0..bytes.len() * 8).step_by(6).map(|from| char::from(letters[group(from)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_filled_in() {
        let mut dice = Dice::new(1);
        let (text, body) = fill("key-{h4}_{d2}x", &mut dice);
        assert_eq!((text.len(), &text[..4]), (12, "key-"));
        assert_eq!(body, text[4..]);
        assert!(kinds() >= 60);
        for kind in 0..kinds() {
            let secret = secret(kind, &mut dice);
            assert!(secret.text.contains(&secret.body), "{}", secret.kind);
        }
    }

    #[test]
    fn a_header_is_base64() {
        assert_eq!(
            base64(b"{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
        );
    }
}
