//! The words, quoted texts and signs of a query.
//!
//! Takes the whole text once and refuses what is too long, or holds a quote that is not closed;
//! afterwards it hands out [`Token`]s with their places, and cannot fail. Words are runs of letters,
//! digits, `_` and `.`; everything else is a sign of one character, except `!=`, `!~`, `=~`, `>=`
//! and `<=`. White space and comments (`#` to the end of the line) stand between tokens.
//!
//! Values such as `2026-11-21T10:00` or `/api/v1` are several tokens without white space between
//! them: [`Lexer::compound`] takes them as one.

use std::ops::Range;
use std::sync::Arc;

use super::SyntaxError;
use super::quote::unquote;

/// The longest query text, in bytes.
pub const QUERY_BYTES_MAX: usize = 64 * 1024;

/// How deep parentheses and queries within queries may be nested.
pub const NESTING_MAX: usize = 128;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind {
    /// Letters, digits, `_` and `.`.
    Word,
    /// A text in quotes.
    Quoted,
    /// A sign.
    Symbol,
    /// The end of the query.
    End,
}

/// One token and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// What it stands for: the inside of a quoted text with its escapes replaced, else the token
    /// itself; empty at the end.
    pub text: String,
    /// Its bytes in the query.
    pub at: Range<usize>,
    /// Whether white space, a comment or the start of the query stands before it.
    pub is_apart: bool,
}

impl Token {
    /// Whether this is the given sign.
    #[must_use]
    pub fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == TokenKind::Symbol && self.text == symbol
    }

    /// Whether this is the given word, in any case and not in quotes.
    #[must_use]
    pub fn is_keyword(&self, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// What a message calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self.kind {
            TokenKind::End => "the end of the query".to_owned(),
            TokenKind::Quoted => format!("the text \"{}\"", shortened(&self.text)),
            _ => format!("`{}`", shortened(&self.text)),
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Several tokens without white space between them, taken as one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compound {
    /// The text of a single token, else the bytes of the query, inner quotes left in.
    pub text: String,
    /// Whether it was a single quoted text.
    pub is_quoted: bool,
    /// Its bytes in the query.
    pub at: Range<usize>,
}

/// The tokens of a query, one after the other. Cloning keeps a place to go back to.
#[derive(Clone, Debug)]
pub struct Lexer<'a> {
    query: &'a str,
    tokens: Arc<[Token]>,
    next: usize,
    depth: usize,
}

impl<'a> Lexer<'a> {
    /// Reads all tokens of `query`.
    ///
    /// # Errors
    /// A text beyond [`QUERY_BYTES_MAX`], a quote that is not closed, an unknown escape.
    pub fn new(query: &'a str) -> Result<Self, SyntaxError> {
        if query.len() > QUERY_BYTES_MAX {
            let message = format!(
                "the query has {} bytes, and at most {QUERY_BYTES_MAX} are taken",
                query.len()
            );
            return Err(SyntaxError::new(0..0, message));
        }
        let mut tokens = Vec::new();
        let mut position = 0;
        loop {
            let start = skip_space(query, position);
            let token = token_at(query, start, start > position || position == 0)?;
            position = token.at.end;
            let is_end = token.kind == TokenKind::End;
            tokens.push(token);
            if is_end {
                return Ok(Self { query, tokens: tokens.into(), next: 0, depth: 0 });
            }
        }
    }

    /// The text that is read.
    #[must_use]
    pub fn query(&self) -> &'a str {
        self.query
    }

    /// The next token.
    #[must_use]
    pub fn peek(&self) -> &Token {
        self.peek_at(0)
    }

    /// The token `ahead` places behind the next one, or the end.
    #[must_use]
    pub fn peek_at(&self, ahead: usize) -> &Token {
        // The last token is the end, and there is always one.
        &self.tokens[(self.next + ahead).min(self.tokens.len() - 1)]
    }

    /// The place of the next token.
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        self.peek().at.clone()
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.peek().kind == TokenKind::End
    }

    /// Takes the next token. At the end it stays there.
    pub fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes the given sign if it is next.
    pub fn take_symbol(&mut self, symbol: &str) -> bool {
        let is_next = self.peek().is_symbol(symbol);
        if is_next {
            self.take();
        }
        is_next
    }

    /// Takes the given word if it is next, in any case and not in quotes.
    pub fn take_keyword(&mut self, word: &str) -> bool {
        let is_next = self.peek().is_keyword(word);
        if is_next {
            self.take();
        }
        is_next
    }

    /// Takes the given sign.
    ///
    /// # Errors
    /// When something else is next.
    pub fn expect_symbol(&mut self, symbol: &str) -> Result<(), SyntaxError> {
        match self.take_symbol(symbol) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{symbol}`"))),
        }
    }

    /// The error that something else is next than `wanted`.
    #[must_use]
    pub fn unexpected(&self, wanted: &str) -> SyntaxError {
        let token = self.peek();
        SyntaxError::new(token.at.clone(), format!("expected {wanted}, found {}", token.name()))
    }

    /// Takes the tokens up to white space or to one of the signs in `stops`, as one text. A quoted
    /// text alone gives its inside.
    ///
    /// # Errors
    /// When there is none; `what` says what is missing ("a field name").
    pub fn compound(&mut self, stops: &[&str], what: &str) -> Result<Compound, SyntaxError> {
        let is_stop = |token: &Token| {
            token.kind == TokenKind::End
                || token.kind == TokenKind::Symbol && stops.contains(&token.text.as_str())
        };
        if is_stop(self.peek()) {
            return Err(self.unexpected(what));
        }
        let first = self.take();
        let mut at = first.at.clone();
        while !self.peek().is_apart && !is_stop(self.peek()) {
            at.end = self.take().at.end;
        }
        let is_single = at == first.at;
        let text = if is_single { first.text } else { self.query[at.clone()].to_owned() };
        Ok(Compound { text, is_quoted: is_single && first.kind == TokenKind::Quoted, at })
    }

    /// Takes a value among others: up to white space, a comma, a bracket or a pipe.
    ///
    /// # Errors
    /// When there is none.
    pub fn value(&mut self, what: &str) -> Result<Compound, SyntaxError> {
        self.compound(&[",", "(", ")", "[", "]", "|"], what)
    }

    /// Goes one level deeper; [`Lexer::leave`] goes back.
    ///
    /// # Errors
    /// Beyond [`NESTING_MAX`] levels.
    pub fn enter(&mut self) -> Result<(), SyntaxError> {
        if self.depth >= NESTING_MAX {
            let message = format!("the query is nested deeper than {NESTING_MAX} levels");
            return Err(SyntaxError::new(self.place(), message));
        }
        self.depth += 1;
        Ok(())
    }

    /// Goes back one level.
    pub fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}

/// Past white space and comments.
fn skip_space(query: &str, mut position: usize) -> usize {
    loop {
        let rest = &query[position..];
        let space = rest.len() - rest.trim_start().len();
        if !rest[space..].starts_with('#') {
            return position + space;
        }
        position += rest[space..].find('\n').map_or(rest.len(), |feed| space + feed + 1);
    }
}

fn token_at(query: &str, start: usize, is_apart: bool) -> Result<Token, SyntaxError> {
    let rest = &query[start..];
    let token = |kind, text: &str, length: usize| Token {
        kind,
        text: text.to_owned(),
        at: start..start + length,
        is_apart,
    };
    let Some(first) = rest.chars().next() else {
        return Ok(token(TokenKind::End, "", 0));
    };
    let is_inner = |character: char| !is_word_character(character) && character != '.';
    let word = rest.find(is_inner).unwrap_or(rest.len());
    if word > 0 {
        return Ok(token(TokenKind::Word, &rest[..word], word));
    }
    if matches!(first, '"' | '\'' | '`') {
        let unquoted = unquote(query, start)?;
        return Ok(token(TokenKind::Quoted, &unquoted.text, unquoted.length));
    }
    let long = ["!=", "!~", "=~", ">=", "<="].into_iter().find(|long| rest.starts_with(long));
    let length = long.map_or(first.len_utf8(), str::len);
    Ok(token(TokenKind::Symbol, &rest[..length], length))
}

/// Whether a character belongs to a word: letters and digits of all scripts, and `_`.
#[must_use]
pub fn is_word_character(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Lexer, NESTING_MAX, QUERY_BYTES_MAX, TokenKind};

    fn tokens(query: &str) -> Vec<String> {
        let mut lexer = Lexer::new(query).unwrap();
        let mut all = Vec::new();
        while !lexer.is_end() {
            let token = lexer.take();
            let apart = if token.is_apart { "" } else { "+" };
            let mark = if token.kind == TokenKind::Quoted { "q" } else { "" };
            all.push(format!("{apart}{mark}{}", token.text));
        }
        all
    }

    #[test]
    fn queries_come_apart() {
        let check = |query: &str, expect: &[&str]| assert_eq!(tokens(query), expect, "{query}");
        check("", &[]);
        check("a.b:c_1", &["a.b", "+:", "+c_1"]);
        check("x:>=10KiB y:<5", &["x", "+:", "+>=", "+10KiB", "y", "+:", "+<", "+5"]);
        check("\"a b\"* | 'c'", &["qa b", "+*", "|", "qc"]);
        check("a # b | c\n| d", &["a", "|", "d"]);
        check("a#b", &["a"]);
        check("!= !~ =~ = !", &["!=", "!~", "=~", "=", "!"]);
        check("\u{10d3}\u{10dd}:\u{3c4}", &["\u{10d3}\u{10dd}", "+:", "+\u{3c4}"]);
        check("a\u{a0}b", &["a", "b"]);
    }

    #[test]
    fn compounds_end_where_they_should() {
        let mut lexer = Lexer::new("2026-11-21T10:00, \"a b\" x-'y' /api/v1|").unwrap();
        let mut value = || {
            let value = lexer.value("a value").unwrap();
            lexer.take_symbol(",");
            (value.text, value.is_quoted)
        };
        assert_eq!(value(), ("2026-11-21T10:00".to_owned(), false));
        assert_eq!(value(), ("a b".to_owned(), true));
        assert_eq!(value(), ("x-'y'".to_owned(), false));
        assert_eq!(value(), ("/api/v1".to_owned(), false));
        let error = lexer.value("a value").unwrap_err();
        assert_eq!(error.message, "expected a value, found `|`");
    }

    #[test]
    fn the_end_stays_the_end() {
        let mut lexer = Lexer::new("a").unwrap();
        lexer.take();
        for _ in 0..3 {
            assert_eq!(lexer.take().kind, TokenKind::End);
        }
        assert_eq!(lexer.peek_at(5).at, 1..1);
    }

    #[test]
    fn limits_are_kept() {
        assert!(Lexer::new(&"a".repeat(QUERY_BYTES_MAX)).is_ok());
        assert!(Lexer::new(&"a".repeat(QUERY_BYTES_MAX + 1)).is_err());
        let mut lexer = Lexer::new("").unwrap();
        for _ in 0..NESTING_MAX {
            lexer.enter().unwrap();
        }
        assert!(lexer.enter().is_err());
        lexer.leave();
        assert!(lexer.enter().is_ok());
    }
}
