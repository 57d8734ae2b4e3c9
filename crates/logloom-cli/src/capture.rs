//! Lines in, records handed to the writer.
//!
//! Takes lines as they were assembled, finds their format, adds what the command knows, and hands
//! them over. Nothing is dropped and nothing is cut: a line that would be longer than a record
//! becomes numbered parts. Blocks while the log cannot be written.

use jiff::tz::TimeZone;
use logloom_core::emit;
use logloom_intake::{Defaults, Line, Part, Recogniser};
use logloom_record::{Record, SourcePosition, Value};
use logloom_ring::clock;

/// The longest record that the log takes, in bytes.
pub(crate) const RECORD_BYTES: u64 = 1 << 20;

/// The longest message of one record, in bytes as they are written; room is left for the fields.
const MESSAGE_BYTES: usize = (1 << 20) - (64 << 10);

/// Bytes that the longest escape of one byte takes.
const ESCAPE_BYTES: usize = 6;

/// Makes records of the lines of one source.
pub(crate) struct Capture {
    defaults: Defaults,
    recogniser: Recogniser,
    field: (&'static str, String),
    /// Parts of the line under way that were handed over.
    parts: u32,
}

impl Capture {
    /// For lines of `service`, each with one more field unless the line has one of that name.
    pub(crate) fn new(service: Option<String>, field: (&'static str, String)) -> Self {
        let defaults = Defaults { service, zone: Some(TimeZone::system()), ..Defaults::default() };
        Self { defaults, recogniser: Recogniser::default(), field, parts: 0 }
    }

    /// Hands over one line. With a position, everything up to its end is taken over once the
    /// record is in the log.
    pub(crate) fn take(&mut self, line: Line, end: Option<SourcePosition>) {
        self.defaults.arrival_ns = clock::real_time();
        let is_whole = line.part.is_none();
        if is_whole && line.text.len() <= MESSAGE_BYTES {
            let record = self.recogniser.recognise_line(&line, &self.defaults);
            if fits(&record.message) {
                return self.hand_over(record, end);
            }
        }
        self.take_in_parts(&line, end);
    }

    /// Only the last part has the position: a line is taken over as a whole.
    fn take_in_parts(&mut self, line: &Line, end: Option<SourcePosition>) {
        let is_end_of_line = line.part.is_none_or(|part| part.total.is_some());
        let mut rest = line.text.as_str();
        loop {
            let (piece, after) = rest.split_at(piece_bytes(rest));
            let is_last = after.is_empty();
            self.parts += 1;
            let total = (is_last && is_end_of_line).then_some(self.parts);
            let part = Some(Part { number: self.parts, total });
            let piece = Line { text: piece.to_owned(), part, end: line.end };
            let record = self.recogniser.recognise_line(&piece, &self.defaults);
            self.hand_over(record, end.filter(|_| is_last));
            if is_last {
                break;
            }
            rest = after;
        }
        if is_end_of_line {
            self.parts = 0;
        }
    }

    fn hand_over(&self, mut record: Record, end: Option<SourcePosition>) {
        let (name, value) = &self.field;
        if !record.fields.iter().any(|(known, _)| known == name) {
            record.fields.push(((*name).to_owned(), Value::Text(value.clone())));
        }
        record.source = end;
        emit::record(&record);
    }
}

fn fits(text: &str) -> bool {
    text.len() <= MESSAGE_BYTES / ESCAPE_BYTES || piece_bytes(text) == text.len()
}

/// How many bytes of the text make one message.
fn piece_bytes(text: &str) -> usize {
    let mut written = 0;
    for (at, character) in text.char_indices() {
        written += match character {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            '\u{0}'..='\u{1f}' | '\u{7f}' => ESCAPE_BYTES,
            _ => character.len_utf8(),
        };
        if written > MESSAGE_BYTES {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cut_where_the_written_message_is_full() {
        assert_eq!(piece_bytes("short"), 5);
        let plain = "x".repeat(MESSAGE_BYTES + 1);
        assert_eq!(piece_bytes(&plain), MESSAGE_BYTES);
        let escaped = "\0".repeat(MESSAGE_BYTES);
        assert_eq!(piece_bytes(&escaped), MESSAGE_BYTES / ESCAPE_BYTES);
        assert!(!fits(&escaped));
        assert!(fits(&"\0".repeat(MESSAGE_BYTES / ESCAPE_BYTES)));
        let wide = "\u{1f600}".repeat(MESSAGE_BYTES / 4 + 1);
        assert_eq!(piece_bytes(&wide), MESSAGE_BYTES / 4 * 4);
    }
}
