//! Traces of .NET.
//!
//! Takes `Unhandled exception.` or the name of an exception, `   at` frames, ` ---> ` and the
//! lines of dashes; gives the outer exception with the inner ones as its causes. Frames of inner
//! exceptions come first and end with a line of dashes, innermost exception first.

use logloom_record::{Exception, Frame};

use super::grammar::{Before, Grammar};
use super::text::{chain, error_header, exception, frame, header};

pub(super) static GRAMMAR: Grammar =
    Grammar { name: "dotnet", opens, is_frame, continues, has_blank_lines: false, parse };

const UNHANDLED: [&str; 2] = ["Unhandled exception. ", "Unhandled Exception: "];
const INNER: &str = "---> ";
const END_OF_INNER: &str = "--- End of inner exception stack trace ---";
/// Second lines of messages that the library itself writes.
const MESSAGE_LINES: [&str; 3] = ["Parameter name: ", "Actual value was ", "File name: "];
const NAME: &[char] = &['.', '`', '+'];

fn opens(line: &str) -> bool {
    UNHANDLED.iter().any(|head| line.starts_with(head))
        || error_header(line, NAME).is_some_and(|(name, _)| name.contains('.'))
}

fn is_frame(line: &str) -> bool {
    line.starts_with("   ") && read_frame(line).is_some()
}

fn continues(_: &Before<'_>, line: &str) -> bool {
    let is_told = MESSAGE_LINES.iter().any(|head| line.starts_with(head));
    is_told || is_frame(line) || line.starts_with("--- End of ") || line.starts_with(INNER)
}

fn parse(text: &str) -> Option<Exception> {
    let mut links: Vec<Exception> = Vec::new();
    let mut open = 0;
    for line in text.split('\n') {
        let trimmed = line.trim();
        if trimmed == END_OF_INNER {
            open = usize::saturating_sub(open, 1);
        } else if let Some(frame) = read_frame(line) {
            match links.get_mut(open) {
                Some(link) => link.frames.push(frame),
                None => links.push(Exception { frames: vec![frame], ..Exception::default() }),
            }
        } else if links.is_empty() || trimmed.starts_with(INNER) {
            links.extend(named(trimmed));
            open = links.len().saturating_sub(1);
        } else if !trimmed.starts_with("--- ")
            && let Some(link) = links.get_mut(open).filter(|link| link.frames.is_empty())
        {
            link.message.push('\n');
            link.message.push_str(trimmed);
        }
    }
    chain(links)
}

/// All errors of one line: `Outer: message ---> Inner: message`.
fn named(line: &str) -> impl Iterator<Item = Exception> {
    let line = UNHANDLED.iter().find_map(|head| line.strip_prefix(head)).unwrap_or(line);
    let line = line.strip_prefix(INNER).unwrap_or(line);
    line.split(" ---> ").map(|part| {
        let numbered =
            part.strip_prefix("(Inner Exception #").and_then(|rest| rest.split_once(") "));
        let part = numbered.map_or(part, |(_, part)| part);
        exception(header(part, NAME).unwrap_or(("", part)))
    })
}

/// `   at Space.Type.Method(String name) in /src/File.cs:line 12`.
fn read_frame(line: &str) -> Option<Frame> {
    let rest = line.trim().strip_prefix("at ")?;
    let (called, source) = rest.split_once(" in ").unwrap_or((rest, ""));
    let (function, _) = called.strip_suffix(')')?.split_once('(')?;
    let is_name = function.contains('.') && !function.contains([' ', '/']);
    let (file, number) = source.rsplit_once(":line ").unwrap_or((source, ""));
    is_name.then(|| frame(function, ".", file, number.parse().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::check;

    #[test]
    fn an_unhandled_exception_with_inner_ones() {
        check(
            concat!(
                "Unhandled exception. System.InvalidOperationException: order failed\n",
                " ---> Shop.PaymentException: card refused\n",
                "   at Shop.Payments.Charge(Card card, Decimal sum) in /src/Payments.cs:line 40\n",
                "   --- End of inner exception stack trace ---\n",
                "   at Shop.Orders.Place(Order order) in /src/Orders.cs:line 12\n",
                "--- End of stack trace from previous location ---\n",
                "   at Shop.Program.Main(String[] args)"
            ),
            &[
                "System.InvalidOperationException|order failed|Shop.Orders.Place@/src/Orders.cs:12|Shop.Program.Main@:0",
                "Shop.PaymentException|card refused|Shop.Payments.Charge@/src/Payments.cs:40",
            ],
        );
    }

    #[test]
    fn the_older_form_has_the_inner_one_in_the_same_line() {
        check(
            concat!(
                "System.Exception: outer ---> System.TimeoutException: late\n",
                "   at A.B.C()\n",
                "   --- End of inner exception stack trace ---\n",
                "   at A.B.D(Int32 count)"
            ),
            &["System.Exception|outer|A.B.D@:0", "System.TimeoutException|late|A.B.C@:0"],
        );
        check(
            "System.ArgumentNullException: Value cannot be null.\nParameter name: key\n   at A.B.C(String key)",
            &["System.ArgumentNullException|Value cannot be null.\nParameter name: key|A.B.C@:0"],
        );
    }

    #[test]
    fn errors_of_several_tasks() {
        check(
            concat!(
                "System.AggregateException: One or more errors occurred. (late)\n",
                " ---> System.TimeoutException: late\n",
                "   at A.B.C()\n",
                "   --- End of inner exception stack trace ---\n",
                "   at A.B.D()\n",
                " ---> (Inner Exception #1) System.IO.IOException: gone<---\n"
            )
            .trim_end(),
            &[
                "System.AggregateException|One or more errors occurred. (late)|A.B.D@:0",
                "System.TimeoutException|late|A.B.C@:0",
                "System.IO.IOException|gone<---|",
            ],
        );
    }
}
