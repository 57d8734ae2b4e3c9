//! Files of at most 800 lines, functions of at most 70.
//!
//! In comes the tree; the habit is 100 to 300 lines a file and 25 a function, the rule is the outer
//! limit. Exceptions stand in [`FILES`] and [`FUNCTIONS`] with the length they have; they may
//! shrink and then must be lowered here.

use crate::functions::functions;
use crate::source::part;
use crate::{Findings, Tree};

/// Longest source file, in lines.
pub const FILE_LINES_MAX: usize = 800;
/// Longest function, in lines from `fn` to the closing brace.
pub const FUNCTION_LINES_MAX: usize = 70;

/// Files above the limit: path and lines.
pub const FILES: &[(&str, usize)] = &[];
/// Functions above the limit: path, name and lines.
pub const FUNCTIONS: &[(&str, &str, usize)] = &[];

/// Runs the rule for files: Rust, Python, TypeScript, C, C++ and shell sources.
pub fn check_files(tree: &Tree) -> Findings {
    let kinds = [".rs", ".py", ".ts", ".tsx", ".c", ".h", ".cpp", ".sh"];
    let mut findings = Findings::new();
    for file in tree.files.iter().filter(|file| kinds.iter().any(|kind| file.path.ends_with(kind)))
    {
        let lines = file.text.lines().count();
        let limit = FILES.iter().find(|(path, _)| *path == file.path).map(|(_, limit)| *limit);
        if lines > limit.unwrap_or(FILE_LINES_MAX) {
            findings.push(format!(
                "{}: {lines} lines; split it by feature, {FILE_LINES_MAX} is the limit",
                file.path
            ));
        } else if limit.is_some_and(|limit| lines < limit) {
            findings.push(lower(&file.path, lines));
        }
    }
    findings
}

/// Runs the rule for functions.
pub fn check_functions(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for file in tree.rust() {
        for function in functions(&part(&file.text).code) {
            let place = format!("{}:{}: fn {}", file.path, function.line, function.name);
            let limit = FUNCTIONS
                .iter()
                .find(|(path, name, _)| *path == file.path && *name == function.name)
                .map(|(_, _, limit)| *limit);
            if function.length > limit.unwrap_or(FUNCTION_LINES_MAX) {
                findings.push(format!(
                    "{place}: {} lines; give its steps names of their own, {FUNCTION_LINES_MAX} \
                     is the limit",
                    function.length
                ));
            } else if limit.is_some_and(|limit| function.length < limit) {
                findings.push(lower(&place, function.length));
            }
        }
    }
    findings
}

fn lower(place: &str, lines: usize) -> String {
    format!("{place}: now {lines} lines; lower or delete its exception in {}", file!())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_a_finding() {
        let text = "// x\n".repeat(FILE_LINES_MAX + 1);
        assert_eq!(check_files(&Tree::of(&[("a.rs", &text)])).len(), 1);
        assert!(check_files(&Tree::of(&[("a.rs", &text[5..]), ("a.md", &text)])).is_empty());
    }

    #[test]
    fn a_long_function_is_a_finding() {
        let body = "    x();\n".repeat(FUNCTION_LINES_MAX - 1);
        let text = format!("fn long() {{\n{body}}}\nfn short() {{}}\n");
        let findings = check_functions(&Tree::of(&[("a.rs", &text)]));
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("a.rs:1: fn long: 71 lines"), "{findings:?}");
    }
}
