//! PostgreSQL's `csvlog`: one row of 22 to 26 columns a record.
//!
//! Takes rows that stand on one line; a message with line feeds goes on below. Columns that are
//! empty are left out. Severities are mapped as in the text format.

use super::postgresql::level;
use super::scan::Scan;
use super::{Defaults, Format, Parsed, Starts};
use crate::clock::ISO;

pub(super) static FORMAT: Format = Format {
    name: "postgresql-csv",
    certainty: 97,
    starts: Starts::Digit,
    example: r#"2026-11-21 10:00:00.123 UTC,"app","shop",1234,"10.0.0.1:51234",6740f0a1.4d2,3,"SELECT",2026-11-21 09:59:00 UTC,3/7,0,ERROR,42P01,"relation ""missing"" does not exist",,,,,,"SELECT * FROM missing",15,,"psql","client backend",,0"#,
    parse,
};

/// Names of the columns behind the time; severity and message have places of their own.
const COLUMNS: &[&str] = &[
    "user",
    "database",
    "pid",
    "remote",
    "session_id",
    "line_number",
    "command",
    "session_start",
    "virtual_transaction",
    "transaction",
    "kind",
    "sql_state",
    "message",
    "detail",
    "hint",
    "internal_query",
    "internal_query_position",
    "context",
    "query",
    "query_position",
    "location",
    "application",
    "backend_type",
    "leader_pid",
    "query_id",
];

/// Columns that every version writes.
const COLUMNS_MIN: usize = 22;

fn parse(line: &str, defaults: &Defaults) -> Option<Parsed> {
    let mut scan = Scan::new(line);
    let time = scan.time(ISO)?;
    scan.literal(",")?;
    let row = cells(scan.rest())?;
    if !(COLUMNS_MIN..=COLUMNS.len()).contains(&row.len()) {
        return None;
    }
    let cell = |name: &str| COLUMNS.iter().position(|column| *column == name).map(|at| &row[at]);
    let level = level(cell("kind")?)?;
    let mut parsed = Parsed::new(time.settle(defaults), Some(level), cell("message")?);
    for (name, text) in COLUMNS.iter().zip(&row) {
        match *name {
            "message" => {}
            "pid" | "line_number" | "query_position" | "leader_pid" => {
                parsed = parsed.number(name, text);
            }
            _ => parsed = parsed.text(name, text),
        }
    }
    Some(parsed)
}

/// The cells of a row; quotes within quoted ones are doubled.
fn cells(row: &str) -> Option<Vec<String>> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = row.chars().peekable();
    while let Some(character) = characters.next() {
        let cell = cells.last_mut()?;
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => cell.push(other),
        }
        if cells.len() > COLUMNS.len() {
            return None;
        }
    }
    (!is_quoted).then_some(cells)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, refuses};
    use super::FORMAT;

    #[test]
    fn lines() {
        check(
            &FORMAT,
            FORMAT.example,
            "2026-11-21T10:00:00.123Z ERROR : relation \"missing\" does not exist {user='app' \
             database='shop' pid=1234 remote='10.0.0.1:51234' session_id='6740f0a1.4d2' \
             line_number=3 command='SELECT' session_start='2026-11-21 09:59:00 UTC' \
             virtual_transaction='3/7' transaction='0' kind='ERROR' sql_state='42P01' \
             query='SELECT * FROM missing' query_position=15 application='psql' \
             backend_type='client backend' query_id='0'}",
        );
        refuses(&FORMAT, r#"2026-11-21 10:00:00.123 UTC,"app","shop",1234"#);
        refuses(&FORMAT, &FORMAT.example.replace("ERROR", "LOUD"));
        refuses(&FORMAT, &format!("{},{}", FORMAT.example, "x,".repeat(10)));
    }
}
