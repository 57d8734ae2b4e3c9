//! Text in rows of so many columns: cut at spaces where there are any, within words where not.

use unicode_width::UnicodeWidthChar;

/// Columns from one place of a tabulator to the next.
const TAB_COLUMNS: usize = 4;

/// The rows of a text. Line feeds begin new ones; the indentation of a line stays.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    text.trim_end_matches('\n').lines().flat_map(|line| line_rows(line, width)).collect()
}

fn line_rows(line: &str, width: usize) -> Vec<String> {
    let (mut rows, mut row, mut column) = (Vec::new(), String::new(), 0);
    // Where the row can be cut: behind the last space.
    let mut space: Option<usize> = None;
    for character in line.chars() {
        let (shown, columns) = match character {
            '\t' => (' ', TAB_COLUMNS - column % TAB_COLUMNS),
            other => (other, other.width().unwrap_or(0)),
        };
        if column + columns > width && shown == ' ' {
            // A row may end here, and the next one need not begin with a gap.
            rows.push(std::mem::take(&mut row));
            (column, space) = (0, None);
            continue;
        }
        if column + columns > width {
            let rest = match space.filter(|at| row[..*at].trim() != "") {
                Some(at) => row.split_off(at),
                None => String::new(),
            };
            rows.push(std::mem::replace(&mut row, rest));
            column = row.chars().map(|c| c.width().unwrap_or(0)).sum();
            space = None;
        }
        let repeated = if character == '\t' { columns } else { 1 };
        (0..repeated).for_each(|_| row.push(shown));
        column += columns;
        if shown == ' ' {
            space = Some(row.len());
        }
    }
    rows.push(row);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::columns;

    #[test]
    fn rows_are_cut_at_spaces_and_long_words_anywhere() {
        assert_eq!(wrapped("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("  at f\n\n\tx", 20), ["  at f", "", "    x"]);
        assert_eq!(wrapped("\u{4f60}\u{597d}\u{5417}", 5), ["\u{4f60}\u{597d}", "\u{5417}"]);
        assert_eq!(wrapped("", 5), [""; 0]);
    }

    #[test]
    fn no_row_is_too_wide() {
        let text = "a \u{4f60}\tb  cc\u{1f600}ddd eeee\tf e\u{301}".repeat(3);
        for width in 2..40 {
            let rows = wrapped(&text, width);
            assert!(rows.iter().all(|row| columns(row) <= width), "{width}: {rows:?}");
            let kept: String = rows.concat().split_whitespace().collect();
            assert_eq!(kept, text.split_whitespace().collect::<String>(), "{width}");
        }
    }
}
