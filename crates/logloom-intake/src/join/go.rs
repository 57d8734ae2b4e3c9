//! Panics, fatal errors and goroutine dumps of Go.
//!
//! Takes `panic:`, `fatal error:` or `goroutine n [state]:` and the pairs of function and file
//! below; gives what the panic says with the frames of the first goroutine. The other goroutines
//! stay in the text.

use logloom_record::{Exception, Frame};

use super::grammar::{Before, Grammar};
use super::text::{exception, place};

pub(super) static GRAMMAR: Grammar =
    Grammar { name: "go", opens, is_frame, continues, has_blank_lines: true, parse };

const HEADS: [&str; 2] = ["panic", "fatal error"];

fn opens(line: &str) -> bool {
    head(line).is_some() || is_goroutine(line)
}

fn is_frame(line: &str) -> bool {
    is_goroutine(line)
}

fn continues(before: &Before<'_>, line: &str) -> bool {
    if is_goroutine(line) || line.starts_with("[signal ") || is_register(line) {
        return true;
    }
    if before.is_blank {
        return line.starts_with("exit status ") || line.starts_with("runtime stack:");
    }
    let is_call = line.starts_with("created by ") || is_call(line);
    let is_after_frame = is_goroutine(before.line)
        || before.line.starts_with('\t')
        || before.line.starts_with("runtime stack:");
    is_after_frame && (is_call || line.starts_with("...") || line.starts_with("exit status "))
}

/// `panic: message` in its two parts.
fn head(line: &str) -> Option<(&str, &str)> {
    let name = HEADS.into_iter().find(|name| line.starts_with(name))?;
    Some((name, line[name.len()..].strip_prefix(": ")?))
}

/// `goroutine 12 [running]:`.
fn is_goroutine(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("goroutine ") else { return false };
    rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains(" [") && rest.ends_with("]:")
}

/// `path/package.(*Type).Method(0x1, 0x2)`, and `panic(...)` as the only one without a package.
fn is_call(line: &str) -> bool {
    let Some((name, _)) = line.strip_suffix(')').and_then(|line| line.split_once('(')) else {
        return false;
    };
    name == "panic" || name.contains('.') && !name.contains(' ')
}

/// `rax    0x0`: processor registers at the end of a dump.
fn is_register(line: &str) -> bool {
    let Some((name, value)) = line.split_once(' ') else { return false };
    (2..=6).contains(&name.len()) && value.trim_start().starts_with("0x") && !name.contains(':')
}

fn parse(text: &str) -> Option<Exception> {
    let first = text.split('\n').next()?;
    let mut found = exception(head(first).unwrap_or_default());
    let mut goroutines = 0;
    let mut function = None;
    for line in text.split('\n') {
        goroutines += usize::from(is_goroutine(line));
        if goroutines > 1 {
            break;
        }
        match (line.strip_prefix('\t'), function) {
            (Some(place), Some(called)) if goroutines == 1 => {
                found.frames.push(frame(called, place));
                function = None;
            }
            _ => function = Some(line),
        }
    }
    Some(found)
}

/// `path/package.(*Type).Method(0x1, 0x2)` and `/src/file.go:12 +0x1d`.
fn frame(called: &str, place_text: &str) -> Frame {
    let created = called.strip_prefix("created by ");
    let called = created.map_or(called, |rest| rest.split(" in goroutine ").next().unwrap_or(rest));
    let end =
        if created.is_some() { called.len() } else { called.rfind('(').unwrap_or(called.len()) };
    let called = &called[..end];
    let package_start = called.rfind('/').map_or(0, |slash| slash + 1);
    let dot = called[package_start..].find('.').map(|dot| package_start + dot);
    let (module, function) = dot.map_or(("", called), |dot| (&called[..dot], &called[dot + 1..]));
    let (file, line) = place(place_text.split(" +0x").next().unwrap_or(place_text).trim());
    Frame { function: function.to_owned(), module: module.to_owned(), file: file.to_owned(), line }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::check;

    #[test]
    fn a_panic_with_several_goroutines() {
        check(
            concat!(
                "panic: runtime error: index out of range [5] with length 3\n",
                "\n",
                "goroutine 1 [running]:\n",
                "panic({0x1, 0x2})\n",
                "\t/go/panic.go:884 +0x2\n",
                "example.com/shop/cart.(*Cart).Item(...)\n",
                "\t/src/cart/cart.go:21\n",
                "main.main()\n",
                "\t/src/main.go:9 +0x1d\n",
                "created by example.com/shop/work.Start in goroutine 7\n",
                "\t/src/work/work.go:5 +0x2e\n",
                "\n",
                "goroutine 18 [chan receive, 2 minutes]:\n",
                "main.worker(0xc000010000)\n",
                "\t/src/main.go:30 +0x45\n",
                "exit status 2"
            ),
            &[
                "panic|runtime error: index out of range [5] with length 3|panic@/go/panic.go:884|example.com/shop/cart.(*Cart).Item@/src/cart/cart.go:21|main.main@/src/main.go:9|example.com/shop/work.Start@/src/work/work.go:5",
            ],
        );
    }

    #[test]
    fn signals_dumps_and_fatal_errors() {
        check(
            concat!(
                "panic: first [recovered]\n\tpanic: second\n",
                "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x48f3e1]\n\n",
                "goroutine 1 [running]:\nmain.f({0x1, 0x2})\n\t/src/f.go:3 +0x18"
            ),
            &["panic|first [recovered]|main.f@/src/f.go:3"],
        );
        check(
            "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [select (no cases)]:\nmain.main()\n\t/src/m.go:4 +0x1\n\nrax    0x0\nrbx    0x1f",
            &["fatal error|all goroutines are asleep - deadlock!|main.main@/src/m.go:4"],
        );
    }
}
