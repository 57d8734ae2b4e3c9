//! Uncaught exceptions of PHP.
//!
//! Takes `Fatal error: Uncaught …`, `Stack trace:`, numbered frames, `Next …` and `thrown in`,
//! and the `[stacktrace]` that frameworks put below a line of the log;
//! gives the last exception with those before it as its causes, as PHP prints the cause first.

use logloom_record::{Exception, Frame};

use super::grammar::{Before, Grammar};
use super::text::{chain, error_header, exception, header, is_number, place};

pub(super) static GRAMMAR: Grammar =
    Grammar { name: "php", opens, is_frame, continues, has_blank_lines: true, parse };

const NAME: &[char] = &['\\'];
const TITLES: [&str; 2] = ["Stack trace:", "[stacktrace]"];

fn opens(line: &str) -> bool {
    let is_fatal = ["PHP Fatal error:", "Fatal error:", "PHP Warning:", "Warning:"]
        .iter()
        .any(|head| line.starts_with(head));
    is_fatal && line.contains("Uncaught ")
        || error_header(line, NAME).is_some() && line.contains(" in ")
}

fn is_frame(line: &str) -> bool {
    is_title(line) || read_frame(line).is_some()
}

fn continues(before: &Before<'_>, line: &str) -> bool {
    let is_end = line.starts_with('#') && line.ends_with(" {main}");
    is_end
        || is_frame(line)
        || line.trim_end() == "\"}" && before.line.ends_with(" {main}")
        || line.starts_with("Next ") && before.line.ends_with(" {main}")
        || line.starts_with("thrown in ")
}

fn is_title(line: &str) -> bool {
    TITLES.contains(&line.trim_end())
}

fn parse(text: &str) -> Option<Exception> {
    let mut links: Vec<Exception> = Vec::new();
    for line in text.split('\n') {
        if let Some(frame) = read_frame(line) {
            match links.last_mut() {
                Some(link) => link.frames.push(frame),
                None => links.push(Exception { frames: vec![frame], ..Exception::default() }),
            }
        } else if links.is_empty() && !is_title(line) || line.starts_with("Next ") {
            links.push(link(line));
        }
    }
    links.reverse();
    chain(links)
}

/// `PHP Fatal error:  Uncaught Name: message in /file.php:12`, also `in file on line 12`.
fn link(line: &str) -> Exception {
    let line = line.split_once("Uncaught ").map_or(line, |(_, rest)| rest);
    let line = line.strip_prefix("Next ").unwrap_or(line);
    let (named, source) = line.rsplit_once(" in ").unwrap_or((line, ""));
    let mut link = exception(header(named, NAME).unwrap_or(("", named)));
    let (file, number) = place(source);
    if number > 0 {
        link.frames.push(Frame { file: file.to_owned(), line: number, ..Frame::default() });
    }
    link
}

/// `#0 /file.php(12): Space\Type->method('x')` or `#1 [internal function]: name()`.
fn read_frame(line: &str) -> Option<Frame> {
    let (number, rest) = line.strip_prefix('#')?.split_once(' ')?;
    let (source, called) = rest.split_once(": ")?;
    let (file, line) = match source.strip_suffix(')').and_then(|source| source.rsplit_once('(')) {
        Some((file, line)) if is_number(line) => (file, line.parse().unwrap_or(0)),
        _ if source == "[internal function]" => ("", 0),
        _ => return None,
    };
    let called = called.split('(').next().unwrap_or(called);
    let (module, function) = ["->", "::"]
        .iter()
        .find_map(|separator| called.rsplit_once(separator))
        .unwrap_or(("", called));
    is_number(number).then(|| Frame {
        function: function.to_owned(),
        module: module.to_owned(),
        file: file.to_owned(),
        line,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::check;

    #[test]
    fn uncaught_exceptions() {
        check(
            concat!(
                "PHP Fatal error:  Uncaught App\\StockException: none left in /srv/Stock.php:12\n",
                "Stack trace:\n",
                "#0 /srv/Cart.php(33): App\\Stock->take('book', Array)\n",
                "#1 [internal function]: App\\Cart::add(1)\n",
                "#2 {main}\n",
                "\n",
                "Next RuntimeException: cart: failed in /srv/Cart.php:35\n",
                "Stack trace:\n",
                "#0 /srv/index.php(3): run()\n",
                "#1 {main}\n",
                "  thrown in /srv/Cart.php on line 35"
            ),
            &[
                "RuntimeException|cart: failed|@/srv/Cart.php:35|run@/srv/index.php:3",
                "App\\StockException|none left|@/srv/Stock.php:12|App\\Stock.take@/srv/Cart.php:33|App\\Cart.add@:0",
            ],
        );
    }
}
