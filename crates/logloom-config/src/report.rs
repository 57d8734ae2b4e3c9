//! Takes what was found wrong, hands on text for a person; refuses to stop at the first problem.

use std::fmt;

use logloom_core::settings::Warning;

use crate::origin::{Origin, visible};
use crate::value::Place;

/// Characters of a source line that an excerpt shows; of a longer line, those around the mark.
const EXCERPT_CHARACTERS_MAX: usize = 100;

/// One thing that is wrong, or that somebody should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands.
    pub origin: Origin,
    /// Path of the key, for example `store.max_file_size`; empty when it concerns no single key.
    pub key: String,
    /// What is wrong and what is expected.
    pub message: String,
    /// The source line and the characters meant, when it stands in a file.
    pub excerpt: Option<Excerpt>,
}

/// A line of a configuration file with a mark under part of it, already safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line without its end, or the part of a long one around the mark; at most 100
    /// characters of the file.
    pub line: String,
    /// Characters before the mark.
    pub before: usize,
    /// Characters marked, at least 1.
    pub width: usize,
}

impl Excerpt {
    /// The part of `line` around the `width` characters from `column` (from 1) on.
    pub(crate) fn new(line: &str, column: u32, width: usize) -> Excerpt {
        let at = usize::try_from(column).unwrap_or(usize::MAX).saturating_sub(1);
        let far = at >= EXCERPT_CHARACTERS_MAX / 2;
        let start = if far { at - EXCERPT_CHARACTERS_MAX / 4 } else { 0 };
        let shown = || line.chars().skip(start).take(EXCERPT_CHARACTERS_MAX);
        let before: String = shown().take(at - start).collect();
        let marked: String = shown().skip(at - start).take(width).collect();
        let text: String = shown().collect();
        Excerpt {
            line: visible(&text).trim_end().to_owned(),
            before: visible(&before).chars().count(),
            width: visible(&marked).chars().count().max(1),
        }
    }
}

impl Problem {
    /// A problem at a place of `text`, the file it may stand in.
    pub(crate) fn at(place: &Place, key: &str, message: String, text: &str) -> Problem {
        let excerpt = match place.origin {
            Origin::File { line, column, .. } if line > 0 => {
                let index = usize::try_from(line - 1).unwrap_or(usize::MAX);
                text.lines().nth(index).map(|line| Excerpt::new(line, column, place.width))
            }
            _ => None,
        };
        Problem { origin: place.origin.clone(), key: key.to_owned(), message, excerpt }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: ", self.origin)?;
        if !self.key.is_empty() {
            write!(formatter, "{}: ", visible(&self.key))?;
        }
        formatter.write_str(&visible(&self.message))
    }
}

impl From<&Problem> for Warning {
    fn from(problem: &Problem) -> Warning {
        let message = format!("{} ({})", visible(&problem.message), problem.origin);
        Warning { key: problem.key.clone(), message }
    }
}

/// Whether text is coloured. The caller knows whether it goes to a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// Plain text.
    Plain,
    /// With ANSI escape sequences.
    Ansi,
}

/// Everything that was found in one look at a configuration, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What makes the configuration unusable.
    pub problems: Vec<Problem>,
    /// What does not, but should be known.
    pub warnings: Vec<Problem>,
}

impl Report {
    /// Whether the configuration can be used as it is.
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// The report for a person: every problem, then every warning, each with its source line, then
    /// a line that counts them. Ends in a newline; empty when there is nothing to say.
    pub fn text(&self, colours: Colours) -> String {
        let mut out = String::new();
        for problem in &self.problems {
            write_problem(&mut out, problem, &Paint::new("error", "31", colours));
        }
        for warning in &self.warnings {
            write_problem(&mut out, warning, &Paint::new("warning", "33", colours));
        }
        let counts =
            [counted(self.problems.len(), "error"), counted(self.warnings.len(), "warning")];
        let counts: Vec<String> = counts.into_iter().flatten().collect();
        if !counts.is_empty() {
            out.push_str(&counts.join(", "));
            out.push('\n');
        }
        out
    }

    /// Puts problems and warnings into the order of the file; those of no file come after.
    pub(crate) fn sorted(mut self) -> Report {
        let place = |problem: &Problem| match problem.origin {
            Origin::File { line, column, .. } => (line, column),
            _ => (u32::MAX, 0),
        };
        self.problems.sort_by_key(place);
        self.warnings.sort_by_key(place);
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(Colours::Plain))
    }
}

impl std::error::Error for Report {}

fn counted(count: usize, noun: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{count} {noun}s")),
    }
}

/// Colours of one kind of problem.
struct Paint {
    word: &'static str,
    strong: String,
    faint: &'static str,
    off: &'static str,
}

impl Paint {
    fn new(word: &'static str, colour: &str, colours: Colours) -> Paint {
        match colours {
            Colours::Plain => Paint { word, strong: String::new(), faint: "", off: "" },
            Colours::Ansi => Paint {
                word,
                strong: format!("\u{1b}[1;{colour}m"),
                faint: "\u{1b}[2m",
                off: "\u{1b}[0m",
            },
        }
    }
}

fn write_problem(out: &mut String, problem: &Problem, paint: &Paint) {
    let Paint { word, strong, off, .. } = paint;
    out.push_str(&format!("{strong}{word}{off}: {problem}\n"));
    let (Some(excerpt), Origin::File { line, .. }) = (&problem.excerpt, &problem.origin) else {
        return;
    };
    let Excerpt { line: text, before, width } = excerpt;
    let number = line.to_string();
    let margin = " ".repeat(number.len());
    let Paint { faint, .. } = paint;
    out.push_str(&format!("{faint} {margin} |{off}\n"));
    out.push_str(&format!("{faint} {number} |{off} {text}\n"));
    let (gap, mark) = (" ".repeat(*before), "^".repeat(*width));
    out.push_str(&format!("{faint} {margin} |{off} {gap}{strong}{mark}{off}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str, column: u32, width: usize) -> Problem {
        Problem {
            origin: Origin::File { file: "logloom.yaml".into(), line: 12, column },
            key: "store.dri".to_owned(),
            message: "unknown key".to_owned(),
            excerpt: Some(Excerpt::new(line, column, width)),
        }
    }

    #[test]
    fn the_mark_stands_under_what_is_meant() {
        let report = Report { problems: vec![problem("  dri: x", 3, 3)], warnings: vec![] };
        let expected = "error: logloom.yaml:12:3: store.dri: unknown key\n    |\n 12 |   dri: \
                        x\n    |   ^^^\n1 error\n";
        assert_eq!(report.text(Colours::Plain), expected);
    }

    #[test]
    fn colours_are_the_callers_choice() {
        let report = Report { problems: vec![], warnings: vec![problem("  dri: x", 3, 3)] };
        assert!(!report.text(Colours::Plain).contains('\u{1b}'));
        assert!(report.text(Colours::Ansi).starts_with("\u{1b}[1;33mwarning\u{1b}[0m: "));
    }

    #[test]
    fn long_lines_show_the_part_around_the_mark() {
        let line = format!("{}dri{}", "x".repeat(500), "y".repeat(500));
        let report = Report { problems: vec![problem(&line, 501, 3)], warnings: vec![] };
        let text = report.text(Colours::Plain);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2].len(), " 12 | ".len() + 100);
        assert_eq!(lines[3].find('^'), lines[2].find("dri"));
    }
}
