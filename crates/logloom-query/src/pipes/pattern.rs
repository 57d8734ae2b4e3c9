//! Patterns such as `ip=<ip> <_> "<q:name>"`: text with places for fields.
//!
//! `extract` reads them out of a text, `format` fills them in. `&lt;` `&gt;` `&amp;` `&quot;` and
//! `&#39;` stand for the signs themselves.

use std::borrow::Cow;

use logloom_filter::RawValue;

/// A piece of text and the field that follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) text: String,
    /// Empty where the field is passed over, or where nothing follows.
    pub(crate) field: String,
    /// What stands before the name, as `q` in `<q:name>`.
    pub(crate) option: String,
}

/// Takes a pattern apart.
///
/// # Errors
/// A `<` without its `>`.
pub(crate) fn steps(pattern: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = pattern;
    while let Some((text, behind)) = rest.split_once('<') {
        let (inside, behind) = behind
            .split_once('>')
            .ok_or_else(|| "there is no `>` to this `<`; write `&lt;` for the sign".to_owned())?;
        let (option, name) = inside.split_once(':').unwrap_or(("", inside));
        let name = if matches!(name, "_" | "*") { "" } else { name.trim() };
        let field = logloom_filter::syntax::canonical_field(name).to_owned();
        steps.push(Step { text: unescaped(text), field, option: option.trim().to_owned() });
        rest = behind;
    }
    if !rest.is_empty() {
        let (field, option) = (String::new(), String::new());
        steps.push(Step { text: unescaped(rest), field, option });
    }
    Ok(steps)
}

fn unescaped(text: &str) -> String {
    const SIGNS: &[(&str, &str)] =
        &[("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    SIGNS.iter().fold(text.to_owned(), |text, (written, sign)| text.replace(written, sign))
}

/// The values of a pattern's fields in a text, empty ones from where it does not fit on.
pub(crate) fn read<'t>(steps: &[Step], text: &'t str) -> Vec<Cow<'t, str>> {
    let mut found = vec![Cow::Borrowed(""); steps.len()];
    let Some(first) = steps.first() else { return found };
    let Some(start) = text.find(&first.text) else { return found };
    let mut rest = &text[start + first.text.len()..];
    for (index, step) in steps.iter().enumerate() {
        let next = steps.get(index + 1).map_or("", |next| next.text.as_str());
        if let Some((value, behind)) = quoted(rest).filter(|_| step.option != "plain") {
            found[index] = value;
            let Some(behind) = behind.strip_prefix(next) else { return found };
            rest = behind;
        } else if next.is_empty() {
            found[index] = Cow::Borrowed(rest);
            return found;
        } else {
            let Some((value, behind)) = rest.split_once(next) else { return found };
            found[index] = Cow::Borrowed(value);
            rest = behind;
        }
    }
    found
}

/// The inside of a quoted text at the head of another, and what follows it.
pub(crate) fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    if let Some(rest) = text.strip_prefix('`') {
        let (inside, behind) = rest.split_once('`')?;
        return Some((Cow::Borrowed(inside), behind));
    }
    let body = text.strip_prefix('"')?;
    let mut is_escaped = false;
    for (at, character) in body.char_indices() {
        match character {
            '"' if !is_escaped => {
                let end = at + 2;
                return Some((RawValue::new(&text.as_bytes()[..end]).text(), &text[end..]));
            }
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(pattern: &str, text: &str, expect: &[&str]) {
        let steps = steps(pattern).unwrap();
        let found = read(&steps, text);
        let named: Vec<&str> = steps
            .iter()
            .zip(&found)
            .filter(|(step, _)| !step.field.is_empty())
            .map(|(_, value)| value.as_ref())
            .collect();
        assert_eq!(named, expect, "{pattern} in {text}");
    }

    #[test]
    fn fields_are_read_as_documented() {
        let line = r#"1.2.3.4 GET /foo/bar?baz 404 "Mozilla \"x\" bar" some tail here"#;
        let expect = ["1.2.3.4", "/foo/bar?baz", r#"Mozilla "x" bar"#];
        check("<ip> <_> <path> <_> <user_agent>", line, &expect);
        check("<ip> <_> <path> <_> <user_agent> some", line, &expect);
        check("ip=<ip> ", "error ip=1.2.3.4 from user_id=42", &["1.2.3.4"]);
        check("ip=<ip> ", "no address", &[""]);
        check("a=<a> b=<b> c", "a=1 b=2 d", &["1", ""]);
        check("<left> &lt; <right>", "a < b", &["a", "b"]);
        check("[<plain:list>]", r#"x ["a","b"] y"#, &[r#""a","b""#]);
        check(r#""message":<msg>"#, r#"{"message":"a\nb","x":1}"#, &["a\nb"]);
        check("`<x>`", "`a`", &["a"]);
        check("x=<x>", "x=\"open", &["\"open"]);
        assert!(steps("a<b").is_err());
    }
}
