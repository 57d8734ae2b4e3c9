//! Takes rows, hands on JSON lines or a table for a terminal; refuses nothing.

use std::fmt::Write;

use super::Outcome;
use super::rows::Row;

/// One object a line.
pub(crate) fn json(rows: &[Row]) -> Result<String, String> {
    let mut text = String::new();
    for row in rows {
        text += &serde_json::to_string(row).map_err(|error| error.to_string())?;
        text.push('\n');
    }
    Ok(text)
}

/// A heading and a line for each figure.
pub(crate) fn text(outcome: &Outcome) -> String {
    let mut text = format!("{}; against {}", outcome.job, outcome.peer);
    let Some(first) = outcome.rows.first() else {
        return text + &format!(": no pair counts, {} void\n\n", outcome.void);
    };
    // Writing into a String cannot fail.
    let _ = writeln!(
        text,
        " {}, {} pairs, {} void, {} records of ours, all found",
        first.peer_version, first.pairs, first.void, first.records
    );
    let _ = writeln!(text, "  {:<28}{:>12}{:>12}{:>9}  unit", "figure", "ours", "theirs", "ratio");
    for row in &outcome.rows {
        let ratio = row.ratio.map_or("-".to_owned(), |ratio| format!("{ratio:.3}"));
        let _ = writeln!(
            text,
            "  {:<28}{:>12}{:>12}{:>9}  {}",
            row.metric,
            number(row.ours),
            number(row.theirs),
            ratio,
            row.unit
        );
    }
    text + "\n"
}

/// A figure with as many decimals as say something.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => grouped(value.round() as i64),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Thousands apart, for people.
fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::from(if value < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let told: Vec<String> =
            [0.031, 9.87, 23.44, 999.6, 1_234_567.0, -1500.0].map(number).into();
        assert_eq!(told, ["0.03", "9.87", "23.4", "1,000", "1,234,567", "-1,500"]);
    }
}
