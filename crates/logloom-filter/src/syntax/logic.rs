//! `and`, `or`, `not` and parentheses.
//!
//! `not` binds closest, then `and`, which may be left out, then `or`. Lists of the same kind are
//! joined, so that the tree of a text is the tree of its printed form.

use super::{Context, Lexer, SyntaxError, TokenKind};
use crate::{Filter, Target};

/// Reads a filter and stops before `|`, `)` or the end.
///
/// # Errors
/// What is no filter, with its place. Nothing at all is refused too.
pub fn parse_filter(lexer: &mut Lexer<'_>, context: &Context) -> Result<Filter, SyntaxError> {
    if lexer.peek().is_keyword("options") && lexer.peek_at(1).is_symbol("(") {
        return Err(SyntaxError::new(lexer.place(), "a query has no options here")
            .with_hint("put the word into quotes to search for it"));
    }
    Parser { lexer, context }.any(None)
}

/// Reads from `lexer`. The target of the methods is the field in front of a parenthesis, which
/// counts for all that stands in it.
pub(super) struct Parser<'l, 'q> {
    pub(super) lexer: &'l mut Lexer<'q>,
    pub(super) context: &'l Context,
}

impl Parser<'_, '_> {
    /// Filters joined by `or`.
    pub(super) fn any(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let mut all = Vec::new();
        loop {
            match self.all(target)? {
                Filter::Or(inner) if !inner.is_empty() => all.extend(inner),
                other => all.push(other),
            }
            if !self.lexer.take_keyword("or") {
                return Ok(Filter::any_of(all));
            }
        }
    }

    /// Filters joined by `and` or by nothing.
    fn all(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let mut joined = self.term(target)?;
        while !self.is_after_all() {
            self.lexer.take_keyword("and");
            joined = joined.and(self.term(target)?);
        }
        Ok(joined)
    }

    fn is_after_all(&self) -> bool {
        let token = self.lexer.peek();
        token.kind == TokenKind::End
            || token.is_keyword("or")
            || token.is_symbol("|")
            || token.is_symbol(")")
    }

    /// `(a or b)`, behind the opening parenthesis.
    pub(super) fn group(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        self.lexer.enter()?;
        let inner = self.any(target)?;
        self.lexer.leave();
        if !self.lexer.take_symbol(")") {
            let error = self.lexer.unexpected("`)`");
            return Err(match self.lexer.is_end() {
                true => error.with_hint("close the parenthesis"),
                false => error,
            });
        }
        Ok(inner)
    }

    /// `!a`, behind the sign.
    pub(super) fn negation(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        self.lexer.enter()?;
        let inner = self.term(target)?;
        self.lexer.leave();
        Ok(inner.negated())
    }
}
