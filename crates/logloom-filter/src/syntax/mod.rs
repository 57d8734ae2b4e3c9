//! The filter half of the query language: text in, [`Filter`] or [`SyntaxError`] out.
//!
//! [`Lexer`] makes tokens, which the pipes behind a filter are read from as well; [`parse_filter`]
//! takes those of the filter and stops before `|`, a closing parenthesis or the end. Text of any
//! kind gives a filter or an error with a place, and never a panic: length and nesting are limited.
//! What the language has is told in `docs/query-language.md`.

mod context;
mod error;
mod function;
mod lexer;
mod logic;
mod moment;
mod quote;
mod range;
mod term;
mod time;

pub use context::{Context, WallClock, Zone};
pub use error::{SyntaxError, nearest};
pub use lexer::{
    Compound, Lexer, NESTING_MAX, QUERY_BYTES_MAX, Token, TokenKind, is_word_character,
};
pub use logic::parse_filter;
pub use quote::{Name, Quoted};

use crate::Filter;

impl Filter {
    /// Reads a filter that is the whole text. An empty text matches every record.
    ///
    /// # Errors
    /// What is no filter, with its place; pipes are refused here.
    pub fn parse(text: &str, context: &Context) -> Result<Filter, SyntaxError> {
        let mut lexer = Lexer::new(text)?;
        if lexer.is_end() {
            return Ok(Filter::Always);
        }
        let filter = parse_filter(&mut lexer, context)?;
        match lexer.is_end() {
            true => Ok(filter),
            false if lexer.peek().is_symbol("|") => {
                Err(SyntaxError::new(lexer.place(), "a filter is wanted here, without pipes"))
            }
            false => Err(lexer.unexpected("the end of the filter")),
        }
    }
}

/// The name by which our files have the field that a query calls `name`.
#[must_use]
pub fn canonical_field(name: &str) -> &str {
    match name {
        "_msg" => "message",
        "_time" => "timestamp",
        other => other,
    }
}

#[cfg(test)]
mod tests;
