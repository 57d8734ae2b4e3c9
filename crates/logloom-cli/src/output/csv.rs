//! Rows as values with commas between (RFC 4180), under a head of names.
//!
//! The first rows are held back to find the names; a later row's further fields have no column,
//! which is told at the end. Objects have a column for each of their fields.

use logloom_query::Key;
use logloom_query::pipes::Row;

use crate::exit::say;

/// Rows that are held back to find the names.
const SAMPLE_ROWS: usize = 1000;

#[derive(Default)]
pub(super) struct Csv {
    waiting: Vec<Vec<u8>>,
    names: Vec<String>,
    /// Columns that were asked for, whether rows have them or not.
    asked: Vec<String>,
    is_begun: bool,
    /// Rows with fields that have no column.
    lost: u64,
}

impl Csv {
    pub(super) fn row(&mut self, line: &[u8], out: &mut Vec<u8>) {
        if self.is_begun {
            return self.push(line, out);
        }
        self.waiting.push(line.to_vec());
        if self.waiting.len() >= SAMPLE_ROWS {
            self.flush(out);
        }
    }

    /// Writes the rows that were held back.
    pub(super) fn flush(&mut self, out: &mut Vec<u8>) {
        let waiting = std::mem::take(&mut self.waiting);
        if !self.is_begun && !waiting.is_empty() {
            self.is_begun = true;
            self.names = self.ordered(names(&waiting));
            push_cells(self.names.iter().map(String::as_str), out);
        }
        waiting.iter().for_each(|line| self.push(line, out));
    }

    /// Names columns that are there even if no row has them.
    pub(super) fn name_columns(&mut self, names: Vec<String>) {
        self.asked = names;
    }

    /// The columns that were asked for, those of objects as their members, then all others.
    fn ordered(&self, found: Vec<String>) -> Vec<String> {
        let mut ordered = Vec::new();
        for asked in &self.asked {
            let is_of = |name: &&String| {
                name.strip_prefix(asked.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let members: Vec<String> = found.iter().filter(is_of).cloned().collect();
            ordered.extend(if members.is_empty() { vec![asked.clone()] } else { members });
        }
        let others: Vec<String> =
            found.into_iter().filter(|name| !ordered.contains(name)).collect();
        ordered.extend(others);
        ordered
    }

    /// Says what had no column.
    pub(super) fn tell_lost(&self) {
        if self.lost > 0 {
            let have = if self.lost == 1 { "row has" } else { "rows have" };
            say(format_args!(
                "{} {have} fields that the first {SAMPLE_ROWS} had not, and which have no \
                 column; name the columns with `| fields a, b`",
                self.lost
            ));
        }
    }

    fn push(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let row = Row::of_line(line, Key::default());
        let leaves = row.leaves();
        let cells: Vec<String> = self
            .names
            .iter()
            .map(|name| {
                let leaf = leaves.iter().find(|leaf| leaf.name == name.as_str());
                leaf.map_or_else(String::new, |leaf| leaf.value.text().into_owned())
            })
            .collect();
        let is_known = |name: &str| self.names.iter().any(|known| known == name);
        self.lost += u64::from(leaves.iter().any(|leaf| !is_known(&leaf.name)));
        push_cells(cells.iter().map(String::as_str), out);
    }
}

/// All names in the order in which they come.
pub(super) fn names(lines: &[Vec<u8>]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in lines {
        for leaf in Row::of_line(line, Key::default()).leaves() {
            if !names.iter().any(|name| *name == leaf.name) {
                names.push(leaf.name.into_owned());
            }
        }
    }
    names
}

fn push_cells<'c>(cells: impl Iterator<Item = &'c str>, out: &mut Vec<u8>) {
    for (position, cell) in cells.enumerate() {
        if position > 0 {
            out.push(b',');
        }
        let is_plain = !cell.contains([',', '"', '\n', '\r']) && cell.trim() == cell;
        match is_plain {
            true => out.extend_from_slice(cell.as_bytes()),
            false => out.extend_from_slice(format!("\"{}\"", cell.replace('"', "\"\"")).as_bytes()),
        }
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let (mut csv, mut out) = (Csv::default(), Vec::new());
        for line in [r#"{"a":1,"o":{"b":"x, \"y\"\n"}}"#, r#"{"c":" s","a":null}"#, "damaged"] {
            csv.row(line.as_bytes(), &mut out);
        }
        assert!(out.is_empty());
        csv.flush(&mut out);
        csv.row(br#"{"d":1,"a":2}"#, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "a,o.b,c\r\n1,\"x, \"\"y\"\"\n\",\r\n,,\" s\"\r\n,,\r\n2,,\r\n");
        assert_eq!(csv.lost, 1);
    }
}
