//! The short forms in which a filter on one field is written on a command line.
//!
//! | written | means |
//! |---|---|
//! | `key=value` | the field has this value |
//! | `key^=text` | the field begins with this text |
//! | `key~=text` | the field contains this text |
//!
//! The value begins after the first `=` and may hold anything. A text without `=`, or without a
//! key, is refused.

use std::fmt;

use crate::Filter;

/// A short form that names no field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFlagError {
    given: String,
}

impl fmt::Display for FieldFlagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no filter on a field: write key=value, key^=beginning or key~=part",
            self.given.escape_debug()
        )
    }
}

impl std::error::Error for FieldFlagError {}

impl Filter {
    /// Reads `key=value`, `key^=beginning` or `key~=part`.
    ///
    /// # Errors
    /// When there is no `=` or nothing before it.
    pub fn parse_field(flag: &str) -> Result<Filter, FieldFlagError> {
        let refused = || FieldFlagError { given: flag.to_owned() };
        let (key, value) = flag.split_once('=').ok_or_else(refused)?;
        let value = value.to_owned();
        let (path, operator) = match key.as_bytes().last().ok_or_else(refused)? {
            operator @ (b'^' | b'~') => (&key[..key.len() - 1], *operator),
            _ => (key, b'='),
        };
        if path.is_empty() {
            return Err(refused());
        }
        let path = path.to_owned();
        Ok(match operator {
            b'^' => Filter::FieldPrefix { path, prefix: value },
            b'~' => Filter::FieldContains { path, text: value },
            _ => Filter::FieldEquals { path, value },
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::Filter;

    #[test]
    fn short_forms_are_read() {
        let check = |flag: &str, expect: Filter| {
            assert_eq!(Filter::parse_field(flag), Ok(expect), "{flag}");
        };
        let equals = |path: &str, value: &str| Filter::FieldEquals {
            path: path.to_owned(),
            value: value.to_owned(),
        };
        check("k=v", equals("k", "v"));
        check("a.b=c=d", equals("a.b", "c=d"));
        check("k=", equals("k", ""));
        check("k=~v", equals("k", "~v"));
        check("k^=v", Filter::FieldPrefix { path: "k".into(), prefix: "v".into() });
        check("k~=v", Filter::FieldContains { path: "k".into(), text: "v".into() });
    }

    #[test]
    fn what_names_no_field_is_refused() {
        for flag in ["", "k", "=v", "^=v", "~=v", "="] {
            let error = Filter::parse_field(flag).unwrap_err().to_string();
            assert!(error.contains("key=value"), "{error}");
        }
    }
}
