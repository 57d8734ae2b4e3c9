//! How long each function is.
//!
//! In comes the code part of a Rust file; out come its functions with their first line and their
//! length, from the line of `fn` to the line of the closing brace. Declarations without a body are
//! left out.

use crate::source::{is_word, item_end, line_of, words};

/// One function with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name, without the type it belongs to.
    pub name: String,
    /// Line of the word `fn`, from 1.
    pub line: usize,
    /// Lines from `fn` to the closing brace, both counted.
    pub length: usize,
}

/// Lists the functions of a file from its code part (see [`crate::source::part`]).
pub fn functions(code: &str) -> Vec<Function> {
    words(code, "fn").filter_map(|at| function(code, at)).collect()
}

fn function(code: &str, at: usize) -> Option<Function> {
    let after = code[at + 2..].trim_start();
    let name: String =
        after.chars().take_while(|&c| c.is_alphabetic() || is_word(c as u8)).collect();
    if name.is_empty() {
        // A function pointer type, such as `fn(u8) -> u8`.
        return None;
    }
    let end = item_end(code, at);
    if !code[at..end].ends_with('}') {
        return None;
    }
    let line = line_of(code, at);
    Some(Function { name, line, length: line_of(code, end) - line + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_the_word_to_the_closing_brace() {
        let code = "fn a(x: [u8; 4]) {\n  if x { y() }\n}\n\ntrait T { fn b(); }\nfn c() {}\n";
        let found = functions(code);
        let lengths: Vec<_> = found.iter().map(|f| (f.name.as_str(), f.line, f.length)).collect();
        assert_eq!(lengths, [("a", 1, 3), ("c", 6, 1)]);
    }

    #[test]
    fn a_pointer_type_is_no_function() {
        assert!(functions("type F = fn(u8) -> u8;").is_empty());
    }
}
