//! What a language's traces look like, and which language a trace is of.
//!
//! Each language gives one [`Grammar`], all of the same shape: which line opens a trace, which
//! line is a frame beyond doubt, which line continues one, and how to read the whole. Headers of
//! some languages look alike (`Error: x`); the candidates are kept, and the first line that only
//! one of them knows decides.

use std::fmt;

use logloom_record::Exception;

use super::text::{is_blank, is_indented};
use super::{dotnet, go, java, node, php, python, ruby, rust};

/// The words of a line that are tried as the beginning of a header.
const HEADER_WORDS: usize = 64;

/// What came before a line.
pub(super) struct Before<'a> {
    /// The last line that is not blank.
    pub(super) line: &'a str,
    /// Whether a blank line stands between.
    pub(super) is_blank: bool,
}

/// The traces of one language. All functions take time linear in their lines.
pub(super) struct Grammar {
    /// For people who debug.
    pub(super) name: &'static str,
    /// Whether a line is the first of a trace.
    pub(super) opens: fn(&str) -> bool,
    /// Whether a line can be nothing but a frame, so that it makes a trace of what is before it.
    pub(super) is_frame: fn(&str) -> bool,
    /// Whether a line goes on with a trace; indented lines do anyway.
    pub(super) continues: fn(&Before<'_>, &str) -> bool,
    /// Whether single blank lines stand within traces.
    pub(super) has_blank_lines: bool,
    /// Reads a trace from its header on.
    pub(super) parse: fn(&str) -> Option<Exception>,
}

/// Those with the stricter frames come first.
static GRAMMARS: [&Grammar; 8] = [
    &java::GRAMMAR,
    &python::GRAMMAR,
    &go::GRAMMAR,
    &node::GRAMMAR,
    &rust::GRAMMAR,
    &dotnet::GRAMMAR,
    &php::GRAMMAR,
    &ruby::GRAMMAR,
];

/// A trace under way.
#[derive(Clone, Copy)]
pub(super) struct Trace {
    grammar: &'static Grammar,
    /// Which of [`GRAMMARS`] the header is possible in, a bit each.
    candidates: u8,
    /// Where the trace begins within the text of its group.
    from: usize,
    /// Whether nothing but the header was seen, so that its message may go on.
    is_message_open: bool,
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} trace from {}", self.grammar.name, self.from)
    }
}

impl Trace {
    /// A trace whose language is known by a frame.
    pub(super) fn of(grammar: &'static Grammar, from: usize) -> Self {
        Self { grammar, candidates: 0, from, is_message_open: false }
    }

    /// A trace that the line is the header of.
    pub(super) fn opened_by(line: &str, from: usize) -> Option<Self> {
        let mut candidates = 0;
        for (bit, grammar) in GRAMMARS.iter().enumerate() {
            if (grammar.opens)(line) {
                candidates |= 1 << bit;
            }
        }
        let grammar = *GRAMMARS.get(u8::trailing_zeros(candidates) as usize)?;
        Some(Self { grammar, candidates, from, is_message_open: true })
    }

    /// The trace with one more line; `None` when the line does not belong to it.
    pub(super) fn with(self, before: &Before<'_>, line: &str) -> Option<Self> {
        if (self.grammar.continues)(before, line) {
            return Some(Self { is_message_open: false, ..self });
        }
        if let Some(grammar) = self.other(before, line) {
            return Some(Self { grammar, is_message_open: false, ..self });
        }
        let is_within = if is_blank(line) {
            self.grammar.has_blank_lines && !before.is_blank
        } else {
            is_indented(line)
        };
        is_within.then_some(self)
    }

    /// Whether a line can be nothing but one of this trace, whatever else is under way.
    pub(super) fn knows(&self, before: &Before<'_>, line: &str) -> bool {
        (self.grammar.is_frame)(line)
            || (self.grammar.continues)(before, line)
            || line.trim_start().starts_with("... ")
    }

    /// Whether a line that is no part of a trace by itself can be more of the header's message.
    pub(super) fn is_message_open(&self) -> bool {
        self.is_message_open
    }

    /// Another language with the same header that knows the line.
    fn other(self, before: &Before<'_>, line: &str) -> Option<&'static Grammar> {
        let mut possible = GRAMMARS
            .iter()
            .enumerate()
            .filter(|(bit, _)| self.candidates & (1 << bit) != 0)
            .map(|(_, grammar)| *grammar);
        possible.find(|grammar| (grammar.continues)(before, line))
    }

    pub(super) fn parse(self, text: &str) -> Option<Exception> {
        (self.grammar.parse)(text.get(self.from..)?)
    }
}

/// The language that the line is a frame of.
pub(super) fn of_frame(line: &str) -> Option<&'static Grammar> {
    GRAMMARS.iter().copied().find(|grammar| (grammar.is_frame)(line))
}

/// Whether a line of the log names no error that frames could follow on.
pub(super) fn has_no_header(line: &str) -> bool {
    GRAMMARS.iter().all(|grammar| header_within(grammar, line).is_none())
}

/// Where the header of a trace begins within a line of the log.
pub(super) fn header_within(grammar: &Grammar, line: &str) -> Option<usize> {
    let after_spaces = line.match_indices(' ').map(|(at, _)| at + 1);
    std::iter::once(0)
        .chain(after_spaces)
        .take(HEADER_WORDS)
        .find(|&start| (grammar.opens)(&line[start..]))
}
