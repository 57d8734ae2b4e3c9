//! Takes the place a value was written at, hands it on in words; refuses to guess a place that is
//! not known.

use std::fmt;
use std::sync::Arc;

use logloom_core::terminal::is_harmful;

/// Where the value of a key comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Nobody set it.
    #[default]
    Default,
    /// A configuration file.
    File {
        /// Name of the file as it was given or found.
        file: Arc<str>,
        /// Line, from 1; 0 when it concerns the file as a whole.
        line: u32,
        /// Column in characters, from 1.
        column: u32,
    },
    /// An environment variable.
    Environment {
        /// Name of the variable.
        variable: String,
    },
    /// The program that uses the library.
    Code,
    /// An option on the command line.
    Flag {
        /// The option as it is typed, for example `--dir`.
        flag: String,
    },
}

impl Origin {
    /// The file as a whole, when no line is to blame.
    pub(crate) fn whole_file(file: &str) -> Origin {
        Origin::File { file: file.into(), line: 0, column: 0 }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => formatter.write_str("default"),
            Origin::File { file, line: 0, .. } => formatter.write_str(&visible(file)),
            Origin::File { file, line, column } => {
                write!(formatter, "{}:{line}:{column}", visible(file))
            }
            Origin::Environment { variable } => {
                write!(formatter, "environment variable {}", visible(variable))
            }
            Origin::Code => formatter.write_str("code"),
            Origin::Flag { flag } => write!(formatter, "option {}", visible(flag)),
        }
    }
}

/// `text` with every control character written as an escape, so that a file cannot speak to the
/// terminal that shows its errors.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => out.push(' '),
            character if character == '\n' || is_harmful(character) => {
                out.extend(character.escape_unicode())
            }
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_read_as_a_person_would_say_them() {
        let file: Arc<str> = "logloom.yaml".into();
        let variable = "LOGLOOM__SERVICE".to_owned();
        let cases = [
            (Origin::Default, "default"),
            (Origin::File { file: file.clone(), line: 3, column: 5 }, "logloom.yaml:3:5"),
            (Origin::File { file, line: 0, column: 0 }, "logloom.yaml"),
            (Origin::Environment { variable }, "environment variable LOGLOOM__SERVICE"),
            (Origin::Code, "code"),
            (Origin::Flag { flag: "--dir".to_owned() }, "option --dir"),
        ];
        for (origin, expected) in cases {
            assert_eq!(origin.to_string(), expected);
        }
    }

    #[test]
    fn a_terminal_is_not_spoken_to() {
        assert_eq!(visible("a\u{1b}[31mb\tc\n\u{202e}"), "a\\u{1b}[31mb c\\u{a}\\u{202e}");
    }
}
