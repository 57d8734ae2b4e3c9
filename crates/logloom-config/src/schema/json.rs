//! Takes a small tree, hands on indented JSON; refuses nothing, since only the schema writes it.

/// A JSON value that keeps the order of its members.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Text(String),
    Number(u32),
    Switch(bool),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The value with two spaces for each depth and a newline at its end.
    pub(crate) fn indented(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, 0);
        out.push('\n');
        out
    }

    fn write(&self, out: &mut String, depth: usize) {
        match self {
            Json::Text(text) => write_text(out, text),
            Json::Number(number) => out.push_str(&number.to_string()),
            Json::Switch(switch) => out.push_str(&switch.to_string()),
            Json::List(items) => {
                write_all(out, depth, ['[', ']'], items, |out, item| item.write(out, depth + 1));
            }
            Json::Object(members) => {
                write_all(out, depth, ['{', '}'], members, |out, (name, value)| {
                    write_text(out, name);
                    out.push_str(": ");
                    value.write(out, depth + 1);
                });
            }
        }
    }
}

fn write_all<T>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    items: &[T],
    mut write: impl FnMut(&mut String, &T),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(depth + 1));
        write(out, item);
    }
    if !items.is_empty() {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    }
    out.push(close);
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            character if character.is_control() => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_json() {
        let text = "quote \" slash \\ line\nend".to_owned();
        let json = Json::Object(vec![
            ("a".to_owned(), Json::List(vec![Json::Text(text.clone()), Json::Number(6)])),
            ("b".to_owned(), Json::Object(vec![])),
        ]);
        let read: serde_json::Value = serde_json::from_str(&json.indented()).expect("valid JSON");
        assert_eq!(read, serde_json::json!({ "a": [text, 6], "b": {} }));
    }
}
