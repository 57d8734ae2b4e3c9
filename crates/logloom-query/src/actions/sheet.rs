//! Plain columns without borders, for lists of sessions and reports.
//!
//! Takes headings and rows, gives lines. On a terminal the columns that may give room are cut to
//! fit; nothing that a cell holds is obeyed by a terminal.

use std::collections::HashSet;

use super::screen::Screen;
use crate::show::{columns, padded, safe_line, shortened, shortened_within};

/// Between two columns.
const GAP: usize = 2;

/// The least that a column is cut to.
const LEAST: usize = 8;

pub(crate) struct Sheet {
    headings: Vec<String>,
    rows: Vec<Row>,
    right: Vec<usize>,
    gives: Vec<usize>,
    tells_apart: Vec<usize>,
}

struct Row {
    cells: Vec<String>,
    /// A column and its colour.
    paint: Option<(usize, &'static str)>,
}

impl Sheet {
    pub(crate) fn new(headings: &[&str]) -> Self {
        let headings = headings.iter().map(|heading| (*heading).to_owned()).collect();
        Self {
            headings,
            rows: Vec::new(),
            right: Vec::new(),
            gives: Vec::new(),
            tells_apart: Vec::new(),
        }
    }

    /// These columns are numbers and stand to the right.
    pub(crate) fn right(mut self, columns: &[usize]) -> Self {
        self.right = columns.to_vec();
        self
    }

    /// These columns give room, the first one first.
    pub(crate) fn gives(mut self, columns: &[usize]) -> Self {
        self.gives = columns.to_vec();
        self
    }

    /// In these columns texts that differ stay different when they are cut: their middle goes, and where that
    /// leaves two of them alike, none is cut.
    pub(crate) fn tells_apart(mut self, columns: &[usize]) -> Self {
        self.tells_apart = columns.to_vec();
        self
    }

    pub(crate) fn row(&mut self, cells: Vec<String>) {
        let cells = cells.iter().map(|cell| safe_line(cell).into_owned()).collect();
        self.rows.push(Row { cells, paint: None });
    }

    /// Gives a cell of the last row a colour.
    pub(crate) fn paint(&mut self, column: usize, colour: &'static str) {
        if let Some(row) = self.rows.last_mut() {
            row.paint = Some((column, colour));
        }
    }

    pub(crate) fn text(&self, screen: &Screen) -> String {
        let mut widths = self.widths(screen);
        let mut cuts = vec![None; widths.len()];
        for column in &self.tells_apart {
            let cut = self.cut(*column, widths[*column]);
            if cut.is_none() {
                let cells = self.rows.iter().map(|row| columns(&row.cells[*column]));
                widths[*column] = cells.fold(widths[*column], usize::max);
            }
            cuts[*column] = cut;
        }
        let mut out = String::new();
        out.push_str(screen.bold());
        out.push_str(&self.line(&self.headings, &widths, &[], None, screen));
        out.push_str(screen.off());
        out.push('\n');
        for row in &self.rows {
            out.push_str(&self.line(&row.cells, &widths, &cuts, row.paint, screen));
            out.push('\n');
        }
        out
    }

    fn widths(&self, screen: &Screen) -> Vec<usize> {
        let mut widths: Vec<usize> = self.headings.iter().map(|text| columns(text)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = (*width).max(columns(cell));
            }
        }
        if let Some(terminal) = screen.columns {
            for column in &self.gives {
                let taken = widths.iter().sum::<usize>() + GAP * (widths.len() - 1);
                let excess = taken.saturating_sub(terminal);
                widths[*column] =
                    widths[*column].saturating_sub(excess).max(LEAST.min(widths[*column]));
            }
        }
        widths
    }

    /// How many columns of a text stay at its end, so that all that differ still do when they are cut.
    fn cut(&self, column: usize, width: usize) -> Option<usize> {
        let all: HashSet<&str> = self.rows.iter().map(|row| row.cells[column].as_str()).collect();
        let rest = width.saturating_sub(1);
        // The end first: what makes ids different mostly stands there.
        let ends = [rest - rest / 3, rest / 2, rest, rest / 3, 0];
        ends.into_iter().find(|end| {
            let short: HashSet<String> =
                all.iter().map(|cell| shortened_within(cell, width, *end).into_owned()).collect();
            short.len() == all.len()
        })
    }

    fn line(
        &self,
        cells: &[String],
        widths: &[usize],
        cuts: &[Option<usize>],
        paint: Option<(usize, &'static str)>,
        screen: &Screen,
    ) -> String {
        let mut line = String::new();
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let cell = match cuts.get(column).copied().flatten() {
                Some(end) => shortened_within(cell, *width, end),
                None => shortened(cell, *width),
            };
            let shown = match self.right.contains(&column) {
                true => format!("{:1$}{cell}", "", width.saturating_sub(columns(&cell))),
                false => padded(&cell, *width),
            };
            match paint.filter(|(painted, colour)| *painted == column && !colour.is_empty()) {
                Some((_, colour)) => line.push_str(&format!("{colour}{shown}{}", screen.off())),
                None => line.push_str(&shown),
            }
            if column + 1 < cells.len() {
                line.push_str("  ");
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_cut() {
        let mut sheet = Sheet::new(&["Name", "Count", "Text"]).right(&[1]).gives(&[2]);
        sheet.row(vec!["工具".into(), "1,234".into(), "some long text that goes on".into()]);
        sheet.row(vec!["b".into(), "5".into(), "x\u{1b}[2J".into()]);
        let wide = sheet.text(&Screen::default());
        assert_eq!(
            wide,
            "Name  Count  Text\n工具  1,234  some long text that goes on\nb         5  x\\u{1b}[2J\n"
        );
        let narrow = sheet.text(&Screen { columns: Some(24), colours: false });
        assert!(narrow.lines().all(|line| columns(line) <= 24), "{narrow}");
        assert!(narrow.contains("some long \u{2026}"), "{narrow}");
    }

    #[test]
    fn names_that_differ_stay_different() {
        let shown = |names: &[&str]| {
            let mut sheet = Sheet::new(&["Name", "Count"]).gives(&[0]).tells_apart(&[0]);
            names.iter().for_each(|name| sheet.row(vec![(*name).to_owned(), "1".to_owned()]));
            let text = sheet.text(&Screen { columns: Some(20), colours: false });
            text.lines()
                .skip(1)
                .map(|line| line.trim_end_matches("  1").trim().to_owned())
                .collect()
        };
        let shown = |names: &[&str]| -> Vec<String> { shown(names) };
        let ends = ["session-20251121-1", "session-20251121-2", "session-20251121-1"];
        assert_eq!(
            shown(&ends),
            ["sess\u{2026}251121-1", "sess\u{2026}251121-2", "sess\u{2026}251121-1"]
        );
        let begins = ["a-session-of-a-day", "b-session-of-a-day", "short"];
        assert_eq!(shown(&begins)[..2], ["a-se\u{2026}of-a-day", "b-se\u{2026}of-a-day"]);
        // Only the middle tells these apart.
        let middles = ["same-beginning-1-same-ending-x", "same-beginning-2-same-ending-x"];
        assert_eq!(shown(&middles), middles);
    }
}
