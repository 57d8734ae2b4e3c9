//! Traces of Java and of the other languages of its machine.
//!
//! Takes `Exception in thread …` or the name of an exception, `at` frames, `Caused by`,
//! `Suppressed` and `... n more`; gives the chain of causes. What was suppressed stays in the text
//! and is no part of the chain.

use logloom_record::{Exception, Frame};

use super::grammar::{Before, Grammar};
use super::text::{chain, error_header, exception, frame, header, indentation, place};

pub(super) static GRAMMAR: Grammar =
    Grammar { name: "java", opens, is_frame, continues, has_blank_lines: false, parse };

const IN_THREAD: &str = "Exception in thread \"";
const CAUSED_BY: &str = "Caused by: ";
const NAME: &[char] = &['.', '$'];

fn opens(line: &str) -> bool {
    line.starts_with(IN_THREAD) || named(line).is_some()
}

fn is_frame(line: &str) -> bool {
    read_frame(line).is_some()
}

fn continues(_: &Before<'_>, line: &str) -> bool {
    line.starts_with(CAUSED_BY) || is_frame(line)
}

/// An exception with its package: short names belong to too many languages.
fn named(line: &str) -> Option<(&str, &str)> {
    error_header(line, NAME).filter(|(name, _)| name.contains('.'))
}

fn parse(text: &str) -> Option<Exception> {
    let mut links: Vec<Exception> = Vec::new();
    // The indentation of what was suppressed: deeper lines and its own causes belong to it.
    let mut suppressed = None;
    for line in text.split('\n') {
        let depth = indentation(line);
        let is_cause = line[depth..].starts_with(CAUSED_BY);
        if suppressed.is_some_and(|outer| !is_cause || depth >= outer) {
            continue;
        }
        suppressed = None;
        if is_left_out(&line[depth..]) {
            continue;
        }
        if line[depth..].starts_with("Suppressed: ") {
            suppressed = Some(depth);
        } else if is_cause || links.is_empty() {
            links.push(link(line));
        } else if let (Some(frame), Some(link)) = (read_frame(line), links.last_mut()) {
            link.frames.push(frame);
        } else if let Some(link) = links.last_mut().filter(|link| link.frames.is_empty()) {
            link.message.push('\n');
            link.message.push_str(line);
        }
    }
    chain(links)
}

/// Frames that stand with the error before: `... 2 more`, `... 2 common frames omitted`.
fn is_left_out(line: &str) -> bool {
    let words = line.strip_prefix("... ").and_then(|rest| rest.split_once(' '));
    words.is_some_and(|(count, rest)| {
        let is_count = count.bytes().all(|byte| byte.is_ascii_digit());
        is_count && matches!(rest.trim_end(), "more" | "common frames omitted")
    })
}

fn link(line: &str) -> Exception {
    let line = line.trim();
    let line = line.strip_prefix(CAUSED_BY).unwrap_or(line);
    let after_thread = line.strip_prefix(IN_THREAD).and_then(|rest| rest.split_once("\" "));
    let line = after_thread.map_or(line, |(_, rest)| rest);
    if let Some(frame) = read_frame(line) {
        return Exception { frames: vec![frame], ..Exception::default() };
    }
    exception(header(line, NAME).unwrap_or(("", line)))
}

/// `at loader//package.Class.method(File.java:12) ~[some.jar:1.0]`.
fn read_frame(line: &str) -> Option<Frame> {
    let (function, rest) = line.trim_start().strip_prefix("at ")?.split_once('(')?;
    let (source, _) = rest.split_once(')')?;
    let function = function.rsplit('/').next().unwrap_or(function);
    let is_name = !function.is_empty() && !function.contains([' ', ':']) && function.contains('.');
    let (file, number) = place(source);
    let is_source = number > 0 && !file.contains('/')
        || matches!(source, "Native Method" | "Unknown Source" | "<generated>")
        || [".java", ".kt", ".scala", ".groovy", ".clj"].iter().any(|end| source.ends_with(end));
    (is_name && is_source).then(|| frame(function, ".", file, number))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::check;

    #[test]
    fn a_chain_with_what_was_suppressed() {
        check(
            concat!(
                "Exception in thread \"main\" com.shop.CheckoutException: order 17 failed\n",
                "\tat com.shop.Checkout.pay(Checkout.java:88)\n",
                "\tat java.base/java.lang.Thread.run(Thread.java:1583)\n",
                "\tSuppressed: java.io.IOException: close failed\n",
                "\t\tat com.shop.Connection.close(Connection.java:9)\n",
                "\tCaused by: java.io.EOFException\n",
                "\t\t... 2 more\n",
                "Caused by: java.sql.SQLException: no connection: timeout\n",
                "\tat com.shop.Pool$Lease.take(Pool.java:31) ~[shop.jar:1.2]\n",
                "\tat com.shop.Native.call(Native Method)\n",
                "\t... 1 more"
            ),
            &[
                "com.shop.CheckoutException|order 17 failed|com.shop.Checkout.pay@Checkout.java:88|java.lang.Thread.run@Thread.java:1583",
                "java.sql.SQLException|no connection: timeout|com.shop.Pool$Lease.take@Pool.java:31|com.shop.Native.call@Native Method:0",
            ],
        );
    }

    #[test]
    fn a_cause_without_frames_of_its_own_ends_at_its_line() {
        for left_out in ["... 2 more", "... 2 common frames omitted"] {
            check(
                &format!(
                    "java.lang.IllegalStateException: first\n\tat a.B.c(B.kt:1)\n\
                     Caused by: java.io.IOException: no\n\t{left_out}"
                ),
                &["java.lang.IllegalStateException|first|a.B.c@B.kt:1", "java.io.IOException|no|"],
            );
        }
    }

    #[test]
    fn messages_of_several_lines_and_no_message() {
        check(
            "java.lang.IllegalStateException: first\n  second\n\tat a.B.c(B.kt:1)",
            &["java.lang.IllegalStateException|first\n  second|a.B.c@B.kt:1"],
        );
        check(
            "java.lang.NullPointerException\n    at a.B.c(B.java:1)\n    at a.B.d(Unknown Source)",
            &["java.lang.NullPointerException||a.B.c@B.java:1|a.B.d@Unknown Source:0"],
        );
    }
}
