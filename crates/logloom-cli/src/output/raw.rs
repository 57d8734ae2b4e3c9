//! The messages of records alone, for other programs; of rows without any, their values with
//! tabulators between. On a terminal what is no visible character is spelt out.

use std::io::{self, IsTerminal};

use logloom_query::Key;
use logloom_query::pipes::Row;

use crate::terminal::safe_text;

/// Appends a row with its line feed.
pub(super) fn push(line: &[u8], out: &mut Vec<u8>) {
    let row = Row::of_line(line, Key::default());
    let text = match row.value("message") {
        Some(message) => message.into_text().into_owned(),
        None if row.fields().is_empty() => String::from_utf8_lossy(line).into_owned(),
        None => {
            let leaves = row.leaves();
            let values: Vec<_> = leaves.iter().map(|leaf| leaf.value.text()).collect();
            values.join("\t")
        }
    };
    match io::stdout().is_terminal() {
        true => out.extend_from_slice(safe_text(&text).as_bytes()),
        false => out.extend_from_slice(text.as_bytes()),
    }
    out.push(b'\n');
}
