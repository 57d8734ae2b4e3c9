//! What is wrong with a file of patterns, for a person.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternProblem {
    /// Line in the file, from 1; 0 where it is about the file as a whole.
    pub line: u64,
    /// Column in the line, from 1.
    pub column: u64,
    /// Path of the key, such as `patterns[0].time`; empty where it is about no key.
    pub key: String,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Everything that is wrong with one file, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternProblems {
    /// The file, as the caller calls it.
    pub file: String,
    /// At least one.
    pub problems: Vec<PatternProblem>,
}

impl fmt::Display for PatternProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            let PatternProblem { line, column, key, message } = problem;
            f.write_str(if number > 0 { "\n" } else { "" })?;
            f.write_str(&self.file)?;
            if *line > 0 {
                write!(f, ":{line}:{column}")?;
            }
            f.write_str(": ")?;
            if !key.is_empty() {
                write!(f, "{key}: ")?;
            }
            f.write_str(message)?;
        }
        Ok(())
    }
}

impl std::error::Error for PatternProblems {}
