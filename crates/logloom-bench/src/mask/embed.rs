//! Where secrets stand: the ways in which they get into logs.
//!
//! A secret comes in, a piece of text goes out; names around it tell nothing unless the secret is one
//! that is known by its name.

use super::secrets::Secret;

/// A way of writing a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Embedding {
    Plain,
    Json,
    JsonInString,
    Url,
    Header,
    Environment,
    Yaml,
    Traceback,
    Lines,
    Dictionary,
}

/// All ways.
pub(super) const EMBEDDINGS: &[Embedding] = &[
    Embedding::Plain,
    Embedding::Json,
    Embedding::JsonInString,
    Embedding::Url,
    Embedding::Header,
    Embedding::Environment,
    Embedding::Yaml,
    Embedding::Traceback,
    Embedding::Lines,
    Embedding::Dictionary,
];

/// The secret in a text, and how the part of it that must be hidden is written there. `None` where it
/// cannot stand: a key of several lines in a URL or a header.
pub(super) fn embed(secret: &Secret, way: Embedding) -> Option<(String, String)> {
    let is_long = secret.text.contains('\n');
    let single = matches!(way, Embedding::Url | Embedding::Header);
    if is_long && single {
        return None;
    }
    let write = writer(way);
    let (text, body) = (write(&secret.text), write(&secret.body));
    let name = |plain: &'static str| secret.name.unwrap_or(plain);
    let whole = match way {
        Embedding::Plain => match secret.name {
            Some(name) => format!("starting the worker with {name}={text} on host-7"),
            None => format!("the upstream call used {text} and was refused"),
        },
        Embedding::Json => format!(
            "{{\"level\":\"INFO\",\"message\":\"call\",\"{}\":\"{text}\",\"attempt\":3}}",
            name("value")
        ),
        Embedding::JsonInString => format!(
            "{{\"event\":\"request\",\"body\":\"{{\\\"id\\\":17,\\\"{}\\\":\\\"{text}\\\",\\\"dry\\\":false}}\"}}",
            name("value")
        ),
        Embedding::Url => {
            format!("GET https://api.example.com/v2/items?page=2&{}={text}&sort=asc 200", name("k"))
        }
        Embedding::Header => format!("> {}: {text}", name("X-Upstream-Id")),
        Embedding::Environment => {
            format!("export {}={text}", name("UPSTREAM_VALUE").to_uppercase())
        }
        Embedding::Yaml if is_long => {
            format!("data:\n  value: |\n    {}\n  mode: 1", text.replace('\n', "\n    "))
        }
        Embedding::Yaml => format!("data:\n  {}: \"{text}\"\n  mode: 1", name("value")),
        Embedding::Traceback => match secret.name {
            Some(name) => format!(
                "Traceback (most recent call last):\n  File \"/app/client.py\", line 42, in call\n\
                 ValueError: refused {name}='{text}'"
            ),
            None => format!(
                "Traceback (most recent call last):\n  File \"/app/client.py\", line 42, in call\n\
                 ApiError: refused: {text}"
            ),
        },
        Embedding::Lines => {
            format!("$ cat settings\nregion = west\n{} = {text}\nretries = 5", name("value"))
        }
        Embedding::Dictionary => {
            format!("request failed: {{'id': 17, '{}': '{text}', 'dry': False}}", name("value"))
        }
    };
    let body = match way {
        Embedding::Yaml if is_long => body.replace('\n', "\n    "),
        _ => body,
    };
    Some((whole, body))
}

/// How a text is written there.
fn writer(way: Embedding) -> fn(&str) -> String {
    match way {
        Embedding::Json | Embedding::Dictionary | Embedding::Environment => {
            |text| text.replace('\n', "\\n")
        }
        Embedding::JsonInString => |text| text.replace('\n', "\\\\n"),
        Embedding::Url => percent,
        _ => str::to_owned,
    }
}

fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'+' | b'/' | b'=' | b':' | b'@' | b' ' | b'!' => out.push_str(&format!("%{byte:02X}")),
            _ => out.push(char::from(byte)),
        }
    }
    out
}
