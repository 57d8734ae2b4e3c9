//! The command line as one text for the records, as a shell would take it, without its secrets.
//!
//! Takes the program and its arguments, and the names that are secret. Masked are the values of
//! `--password=x`, `--password x` and `PASSWORD=x`, what follows `Authorization:` and the like in an
//! argument, and the password in `scheme://user:password@host`. A secret that stands beside no name,
//! as in `-px`, cannot be known for one.

use std::ffi::OsString;

use logloom_record::names::SecretNames;

/// The longest text, in bytes; the rest is left out with a mark.
const BYTES_MAX: usize = 8 << 10;

/// What stands in the place of a secret.
const MASK: &str = "[MASKED]";

/// The command line, masked.
pub(super) fn shown(command: &[OsString], secrets: &SecretNames) -> String {
    let mut text = String::new();
    let mut is_value = false;
    for argument in command {
        let argument = argument.to_string_lossy();
        let masked = if is_value && !argument.starts_with("--") {
            is_value = false;
            MASK.to_owned()
        } else {
            let (masked, is_flag) = masked(&argument, secrets);
            is_value = is_flag;
            masked
        };
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&quoted(&masked));
        if text.len() > BYTES_MAX {
            text.truncate(text.floor_char_boundary(BYTES_MAX));
            text.push('\u{2026}');
            break;
        }
    }
    text
}

/// One argument without its secrets, and whether the next one is the value of a secret flag.
fn masked(argument: &str, secrets: &SecretNames) -> (String, bool) {
    let mut out = String::with_capacity(argument.len());
    let mut rest = argument;
    let is_separator = |c: char| c == ':' || c == '=' || c.is_whitespace();
    while let Some((at, separator)) = rest.char_indices().find(|(_, c)| is_separator(*c)) {
        let (head, tail) = rest.split_at(at + separator.len_utf8());
        let before = &rest[..at];
        out.push_str(head);
        rest = tail;
        let is_secret = secrets.is_secret(name(before));
        match separator {
            ':' if rest.starts_with("//") => rest = mask_address(rest, &mut out),
            // A header or a member: its value ends where the argument does.
            ':' if is_secret => return (out + MASK, false),
            '=' if is_secret => rest = mask_value(rest, &mut out),
            ':' | '=' => {}
            _ if is_secret && is_flag(before) => rest = mask_value(rest, &mut out),
            _ => {}
        }
    }
    out.push_str(rest);
    (out, is_flag(rest) && secrets.is_secret(name(rest)))
}

/// The name that a text ends with, behind dashes and quotes.
fn name(text: &str) -> &str {
    let text = text.trim_end_matches(['"', '\'']);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let start = text.char_indices().rev().take_while(|(_, c)| is_part(*c)).last();
    start.map_or("", |(at, _)| text[at..].trim_start_matches('-'))
}

fn is_flag(word: &str) -> bool {
    word.trim_start_matches(['"', '\'']).starts_with('-')
}

/// Masks a value up to its closing quote, or to the next space; gives what follows.
fn mask_value<'a>(text: &'a str, out: &mut String) -> &'a str {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\''));
    let (lead, body) = text.split_at(quote.map_or(0, char::len_utf8));
    let ends = |c: char| match quote {
        Some(quote) => c == quote,
        None => c.is_whitespace() || matches!(c, '"' | '\''),
    };
    let end = body.find(ends).unwrap_or(body.len());
    out.push_str(lead);
    if end > 0 {
        out.push_str(MASK);
    }
    &body[end..]
}

/// Takes `//user:password@` with the password masked, if it is there; gives what follows.
fn mask_address<'a>(text: &'a str, out: &mut String) -> &'a str {
    let body = &text[2..];
    let end = body.find(|c: char| c == '/' || c.is_whitespace()).unwrap_or(body.len());
    let user = body[..end].rfind('@').and_then(|at| body[..at].find(':').map(|colon| (colon, at)));
    out.push_str("//");
    let Some((colon, at)) = user else { return body };
    out.push_str(&body[..=colon]);
    out.push_str(MASK);
    &body[at..]
}

/// A text as a shell would have to be given it.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+[]\u{2026}".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_wherever_a_name_tells() {
        let secrets = SecretNames::with(["internal_code"]);
        let check = |command: &[&str], expect: &str| {
            let command: Vec<OsString> = command.iter().map(OsString::from).collect();
            assert_eq!(shown(&command, &secrets), expect);
        };
        check(&["ls", "-l", "a b", ""], "ls -l 'a b' ''");
        check(&["x", "--password=hunter2", "--user=ann"], "x --password=[MASKED] --user=ann");
        check(&["x", "--db-password", "hunter2", "y"], "x --db-password [MASKED] y");
        check(&["x", "--token", "--verbose"], "x --token --verbose");
        check(&["env", "API_KEY=k", "A=b", "cmd"], "env API_KEY=[MASKED] A=b cmd");
        check(&["x", "--internal-code=7"], "x --internal-code=[MASKED]");
        check(&["curl", "-H", "Authorization: Bearer abc"], "curl -H Authorization:[MASKED]");
        check(&["x", r#"{"n":1,"secret":"s","b":2}"#], r#"x '{"n":1,"secret":[MASKED]'"#);
        check(
            &["sh", "-c", "TOKEN='a b' mysql --password hunter2 -u ann --pwd=\"x y\""],
            r#"sh -c 'TOKEN='\''[MASKED]'\'' mysql --password [MASKED] -u ann --pwd="[MASKED]"'"#,
        );
        check(
            &["psql", "postgres://ann:hunter2@db:5432/shop?sslmode=off"],
            "psql 'postgres://ann:[MASKED]@db:5432/shop?sslmode=off'",
        );
        check(&["wget", "http://h:80/a?token=abc&b=c"], "wget 'http://h:80/a?token=[MASKED]'");
        check(&["x", "12:30:00", "a:b=c"], "x 12:30:00 a:b=c");
    }

    #[test]
    fn very_long_command_lines_are_cut() {
        let command = vec![OsString::from("\u{e9}".repeat(5_000)); 3];
        let text = shown(&command, &SecretNames::none());
        assert!(text.len() <= BYTES_MAX + 3 && text.ends_with('\u{2026}'), "{}", text.len());
        assert_eq!(shown(&["--token=x".into()], &SecretNames::none()), "--token=x");
    }
}
