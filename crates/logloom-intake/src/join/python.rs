//! Traces of Python: plain, chained, of syntax errors and of exception groups.
//!
//! Takes `Traceback (most recent call last):`, its indented frames and the line that names the
//! exception; gives the last exception with those before it as its causes. Of an exception group
//! the group itself is read; its members stay in the text.

use logloom_record::{Exception, Frame};

use super::grammar::{Before, Grammar};
use super::text::{chain, exception, header, is_indented};

pub(super) static GRAMMAR: Grammar =
    Grammar { name: "python", opens, is_frame, continues, has_blank_lines: true, parse };

const TRACEBACK: &str = "Traceback (most recent call last):";
const CHAINED: [&str; 2] = [
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
];
/// What the lines of a group itself begin with; its members are deeper.
const GROUP_MARGIN: &str = "  | ";

fn opens(line: &str) -> bool {
    line.trim_end().ends_with(TRACEBACK)
        && ["Traceback", "+ Exception Group", "ERROR: "]
            .iter()
            .any(|head| line.trim_start().starts_with(head))
        || is_frame(line)
}

fn is_frame(line: &str) -> bool {
    line.starts_with("  ") && read_frame(line).is_some()
}

fn continues(before: &Before<'_>, line: &str) -> bool {
    let is_sentence = CHAINED.contains(&line.trim_end());
    if before.is_blank {
        return is_sentence || opens(line) && CHAINED.contains(&before.line.trim_end());
    }
    let is_named = header(line, &['.']).is_some();
    is_named && (is_indented(before.line) || before.line.trim_end().ends_with(TRACEBACK))
}

fn parse(text: &str) -> Option<Exception> {
    let mut links = Vec::new();
    let mut frames = Vec::new();
    for line in text.split('\n') {
        let line = line.strip_prefix(GROUP_MARGIN).unwrap_or(line);
        if line.trim_end().ends_with(TRACEBACK) {
            frames = Vec::new();
        } else if let Some(frame) = read_frame(line) {
            frames.push(frame);
        } else if !is_indented(line) && !CHAINED.contains(&line.trim_end()) {
            if let Some(named) = header(line, &['.']) {
                frames.reverse();
                let frames = std::mem::take(&mut frames);
                links.push(Exception { frames, ..exception(named) });
            } else if let Some(link) = links.last_mut().filter(|_| !line.is_empty()) {
                link.message.push('\n');
                link.message.push_str(line);
            }
        }
    }
    if links.is_empty() && !frames.is_empty() {
        frames.reverse();
        links.push(Exception { frames, ..Exception::default() });
    }
    links.reverse();
    chain(links)
}

/// `  File "a.py", line 12, in function`.
fn read_frame(line: &str) -> Option<Frame> {
    let (file, rest) = line.trim_start().strip_prefix("File \"")?.split_once("\", line ")?;
    let (number, function) = rest.trim_end().split_once(", in ").unwrap_or((rest.trim_end(), ""));
    let line = number.parse().ok()?;
    Some(Frame { function: function.to_owned(), file: file.to_owned(), line, ..Frame::default() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::check;

    #[test]
    fn plain_and_chained() {
        check(
            concat!(
                "Traceback (most recent call last):\n",
                "  File \"/srv/app/store.py\", line 12, in load\n",
                "    return cache[key]\n",
                "           ~~~~~^^^^^\n",
                "KeyError: 'user:7'\n",
                "\n",
                "During handling of the above exception, another exception occurred:\n",
                "\n",
                "Traceback (most recent call last):\n",
                "  File \"/srv/app/main.py\", line 40, in <module>\n",
                "    main()\n",
                "  [Previous line repeated 3 more times]\n",
                "  File \"/srv/app/main.py\", line 31, in main\n",
                "    raise app.LoadError(\"no user\")\n",
                "app.errors.LoadError: no user"
            ),
            &[
                "app.errors.LoadError|no user|main@/srv/app/main.py:31|<module>@/srv/app/main.py:40",
                "KeyError|'user:7'|load@/srv/app/store.py:12",
            ],
        );
        check(
            concat!(
                "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nValueError\n\n",
                "The above exception was the direct cause of the following exception:\n\n",
                "Traceback (most recent call last):\n  File \"a.py\", line 2, in g\nOSError: [Errno 2] x"
            ),
            &["OSError|[Errno 2] x|g@a.py:2", "ValueError||f@a.py:1"],
        );
    }

    #[test]
    fn syntax_errors_have_no_traceback() {
        check(
            "  File \"/srv/a.py\", line 3\n    print(\n         ^\nSyntaxError: '(' was never closed",
            &["SyntaxError|'(' was never closed|@/srv/a.py:3"],
        );
    }

    #[test]
    fn exception_groups() {
        check(
            concat!(
                "  + Exception Group Traceback (most recent call last):\n",
                "  |   File \"/srv/jobs.py\", line 9, in <module>\n",
                "  |     raise ExceptionGroup(\"jobs\", found)\n",
                "  | ExceptionGroup: jobs (2 sub-exceptions)\n",
                "  +-+---------------- 1 ----------------\n",
                "    | Traceback (most recent call last):\n",
                "    |   File \"/srv/jobs.py\", line 4, in one\n",
                "    | ValueError: one\n",
                "    +---------------- 2 ----------------\n",
                "    | TypeError: two\n",
                "    +------------------------------------"
            ),
            &["ExceptionGroup|jobs (2 sub-exceptions)|<module>@/srv/jobs.py:9"],
        );
    }
}
