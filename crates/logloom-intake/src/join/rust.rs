//! Panics of Rust, with and without a backtrace, and errors that `main` returned.
//!
//! Takes `thread 'x' panicked at …` in its old and its new form, or `Error: …` with `Caused by:`;
//! gives the panic with the frames that the backtrace names, or the chain of causes.

use logloom_record::{Exception, Frame};

use super::grammar::{Before, Grammar};
use super::text::{chain, exception, frame, is_number, place_with_column};

pub(super) static GRAMMAR: Grammar =
    Grammar { name: "rust", opens, is_frame, continues, has_blank_lines: true, parse };

const PANICKED: &str = " panicked at ";

fn opens(line: &str) -> bool {
    is_panic(line) || line.starts_with("Error: ")
}

fn is_frame(_: &str) -> bool {
    false
}

fn is_panic(line: &str) -> bool {
    line.starts_with("thread '") && line.contains(PANICKED)
}

fn continues(before: &Before<'_>, line: &str) -> bool {
    let is_title = matches!(
        line.trim_end(),
        "stack backtrace:" | "Stack backtrace:" | "Caused by:" | "Location:"
    );
    let is_note = line.starts_with("note: run with `RUST_BACKTRACE")
        || line.starts_with("note: Some details are omitted");
    // In the new form the message has the next line for itself.
    let is_message = is_panic(before.line) && before.line.ends_with(':') && !before.is_blank;
    is_title || is_note || is_message
}

fn parse(text: &str) -> Option<Exception> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let Some(message) = first.strip_prefix("Error: ") {
        return returned(message, rest);
    }
    let (_, after) = first.split_once(PANICKED)?;
    let (message, at) = match after.strip_suffix(':').and_then(place_with_column) {
        Some(at) => (message_below(rest), Some(at)),
        None => quoted(after),
    };
    let mut panic = exception(("panic", message.as_str()));
    panic.frames = frames(rest);
    if panic.frames.is_empty()
        && let Some((file, line)) = at
    {
        panic.frames.push(Frame { file: file.to_owned(), line, ..Frame::default() });
    }
    Some(panic)
}

/// The old form: `'message', src/main.rs:2:5`.
fn quoted(after: &str) -> (String, Option<(&str, u32)>) {
    let (message, at) = after.rsplit_once(", ").unwrap_or((after, ""));
    (message.trim_matches('\'').to_owned(), place_with_column(at))
}

fn message_below(rest: &str) -> String {
    let is_message =
        |line: &&str| !line.starts_with("stack backtrace:") && !line.starts_with("note: ");
    rest.split('\n').take_while(is_message).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// `0: name` and below it `at file:line:column`.
fn frames(rest: &str) -> Vec<Frame> {
    let mut frames: Vec<Frame> = Vec::new();
    for line in rest.split('\n') {
        let line = line.trim();
        if let Some((_, name)) = numbered(line) {
            frames.push(frame(name, "::", "", 0));
        } else if let Some(at) = line.strip_prefix("at ").and_then(place_with_column)
            && let Some(frame) = frames.last_mut()
        {
            (frame.file, frame.line) = (at.0.to_owned(), at.1);
        }
    }
    frames
}

fn numbered(line: &str) -> Option<(&str, &str)> {
    line.split_once(": ").filter(|(number, _)| is_number(number))
}

/// `Caused by:` with one cause, or several that are numbered.
fn returned(message: &str, rest: &str) -> Option<Exception> {
    let (head, trace) = rest.split_once("tack backtrace:\n").unwrap_or((rest, ""));
    let causes = head.split_once("Caused by:\n").map_or("", |(_, causes)| causes);
    let causes = causes.split('\n').map(str::trim).take_while(|line| !line.is_empty());
    let causes = causes.map(|line| numbered(line).map_or(line, |(_, cause)| cause));
    let mut links: Vec<_> =
        std::iter::once(message).chain(causes).map(|text| exception(("", text))).collect();
    links[0].frames = frames(trace);
    chain(links)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::check;

    #[test]
    fn panics_of_both_forms() {
        check(
            "thread 'main' (4711) panicked at src/main.rs:4:9:\nindex out of bounds: the len is 3\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
            &["panic|index out of bounds: the len is 3|@src/main.rs:4"],
        );
        check(
            "thread 'worker-3' panicked at 'no, never', src/pool.rs:17:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
            &["panic|no, never|@src/pool.rs:17"],
        );
        check(
            "thread 'main' panicked at src/a.rs:2:5:\nassertion `left == right` failed\n  left: 1\n right: 2",
            &["panic|assertion `left == right` failed\n  left: 1\n right: 2|@src/a.rs:2"],
        );
    }

    #[test]
    fn a_backtrace() {
        check(
            concat!(
                "thread 'main' panicked at src/main.rs:4:9:\n",
                "boom\n",
                "stack backtrace:\n",
                "   0: rust_begin_unwind\n",
                "             at /rustc/9fc6b431/library/std/src/panicking.rs:665:5\n",
                "   1: shop::cart::total\n",
                "             at ./src/main.rs:4:9\n",
                "note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace."
            ),
            &[
                "panic|boom|rust_begin_unwind@/rustc/9fc6b431/library/std/src/panicking.rs:665|shop::cart.total@./src/main.rs:4",
            ],
        );
    }

    #[test]
    fn errors_that_main_returned() {
        check(
            "Error: cannot start\n\nCaused by:\n    0: reading shop.toml\n    1: No such file or directory (os error 2)",
            &["|cannot start|", "|reading shop.toml|", "|No such file or directory (os error 2)|"],
        );
    }
}
