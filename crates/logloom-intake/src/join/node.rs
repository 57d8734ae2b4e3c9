//! Traces of Node and of other machines with V8.
//!
//! Takes the place and the source line before an uncaught error, its name, `    at` frames, the
//! properties in braces with `[cause]`, and the version line; gives the error and its causes.

use logloom_record::{Exception, Frame};

use super::grammar::{Before, Grammar};
use super::text::{chain, error_header, exception, frame, is_indented, place, place_with_column};

pub(super) static GRAMMAR: Grammar =
    Grammar { name: "node", opens, is_frame, continues, has_blank_lines: true, parse };

const CAUSE: &str = "[cause]: ";

fn opens(line: &str) -> bool {
    named(line).is_some() || is_place(line)
}

fn is_frame(line: &str) -> bool {
    read_frame(line).is_some()
}

fn continues(before: &Before<'_>, line: &str) -> bool {
    if is_frame(line) {
        return true;
    }
    if before.is_blank {
        return line.starts_with("Node.js v")
            || named(line).is_some() && before.line.ends_with('^');
    }
    matches!(line.trim_end(), "}" | "]" | "},") && is_indented(before.line)
        || is_place(before.line) && !line.is_empty() && !is_place(line)
}

/// `TypeError: x`, `Error [ERR_CODE]: x`, `Uncaught TypeError: x`.
fn named(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix("Uncaught ").unwrap_or(line);
    if let Some(found) = error_header(line, &['.', '$']) {
        return Some(found);
    }
    let end = line.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, rest) = line.split_at(end);
    let (_, message) = rest.strip_prefix(" [")?.split_once("]: ")?;
    name.ends_with("Error").then_some((name, message))
}

/// `/app/index.js:10`, the line above the source line of an uncaught error.
fn is_place(line: &str) -> bool {
    let is_path = ["/", "file://", "node:"].iter().any(|head| line.starts_with(head));
    let (file, number) = place(line);
    let is_source = file.starts_with("node:")
        || [".js", ".mjs", ".cjs", ".ts", ".jsx", ".tsx"].iter().any(|end| file.ends_with(end));
    is_path && is_source && !line.contains(' ') && number > 0
}

fn parse(text: &str) -> Option<Exception> {
    let mut links: Vec<Exception> = Vec::new();
    for line in text.split('\n') {
        let line = line.trim();
        if let Some(cause) = line.strip_prefix(CAUSE) {
            links.push(exception(named(cause).unwrap_or(("", cause))));
        } else if let Some(frame) = read_frame(line) {
            match links.last_mut() {
                Some(link) => link.frames.push(frame),
                None => links.push(Exception { frames: vec![frame], ..Exception::default() }),
            }
        } else if links.is_empty()
            && let Some(named) = named(line)
        {
            links.push(exception(named));
        }
    }
    chain(links)
}

/// `at async Type.function (file:12:5)` or `at file:12:5`.
fn read_frame(line: &str) -> Option<Frame> {
    let rest = line.trim().strip_prefix("at ")?.trim_end_matches(" {");
    let Some((function, place)) = rest.strip_suffix(')').and_then(|rest| rest.rsplit_once(" ("))
    else {
        let (file, line) = place_with_column(rest.strip_prefix("async ").unwrap_or(rest))?;
        return Some(frame("", ".", file, line));
    };
    let function = function.strip_prefix("async ").unwrap_or(function);
    let (file, line) = match place_with_column(place) {
        Some(found) => found,
        None if matches!(place, "<anonymous>" | "native") => (place, 0),
        None if place.starts_with("index ") => (place, 0),
        None => return None,
    };
    Some(frame(function, ".", file, line))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::check;

    #[test]
    fn an_uncaught_error_with_its_cause() {
        check(
            concat!(
                "/srv/app/index.js:10\n",
                "    throw new TypeError('no user', { cause });\n",
                "    ^\n",
                "\n",
                "TypeError: no user\n",
                "    at Users.find (/srv/app/users.js:31:11)\n",
                "    at async Promise.all (index 0)\n",
                "    at node:internal/main/run_main_module:28:49 {\n",
                "  code: 'E_USER',\n",
                "  [cause]: Error: timeout\n",
                "      at connect (file:///srv/app/db.mjs:7:3)\n",
                "}\n",
                "\n",
                "Node.js v22.11.0"
            ),
            &[
                "TypeError|no user|Users.find@/srv/app/users.js:31|Promise.all@index 0:0|@node:internal/main/run_main_module:28",
                "Error|timeout|connect@file:///srv/app/db.mjs:7",
            ],
        );
    }

    #[test]
    fn logged_errors() {
        check(
            "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)",
            &[
                "Error|connect ECONNREFUSED 127.0.0.1:5432|TCPConnectWrap.afterConnect [as oncomplete]@node:net:1607",
            ],
        );
        check(
            "Error [ERR_HTTP_HEADERS_SENT]: Cannot set headers\n    at ServerResponse.setHeader (node:_http_outgoing:652:11)",
            &["Error|Cannot set headers|ServerResponse.setHeader@node:_http_outgoing:652"],
        );
    }
}
