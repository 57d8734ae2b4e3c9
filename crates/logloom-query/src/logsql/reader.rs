//! What pipes are made of: names, lists of them, numbers, filters in parentheses.

use std::ops::Range;

use logloom_filter::Filter;
use logloom_filter::syntax::{
    Context, Lexer, SyntaxError, TokenKind, canonical_field, parse_filter,
};

use crate::pipes::{Names, Overwrite, written};

/// Signs at which a name ends.
const NAME_STOPS: &[&str] = &[",", "(", ")", "[", "]", "|", ":", "*"];

/// Reads the parts of pipes.
pub(super) struct Reader<'l, 'q> {
    pub(super) lexer: &'l mut Lexer<'q>,
    pub(super) context: &'l Context,
}

impl Reader<'_, '_> {
    /// A filter, up to a pipe or a closing parenthesis.
    pub(super) fn filter(&mut self) -> Result<Filter, SyntaxError> {
        parse_filter(self.lexer, self.context)
    }

    /// `if (filter)`, where it stands here.
    pub(super) fn condition(&mut self) -> Result<Option<Filter>, SyntaxError> {
        if !self.lexer.take_keyword("if") {
            return Ok(None);
        }
        self.lexer.expect_symbol("(")?;
        let filter = self.filter()?;
        self.lexer.expect_symbol(")")?;
        Ok(Some(filter))
    }

    /// Whether the pipe ends here.
    pub(super) fn is_over(&self) -> bool {
        let token = self.lexer.peek();
        token.kind == TokenKind::End || token.is_symbol("|") || token.is_symbol(")")
    }

    /// Whether a word or a quoted text is next.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.lexer.peek().kind, TokenKind::Word | TokenKind::Quoted)
    }

    /// Whether one of these words is next.
    pub(super) fn is_keyword(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.lexer.peek().is_keyword(word))
    }

    /// The name of one field.
    pub(super) fn name(&mut self) -> Result<String, SyntaxError> {
        if self.lexer.peek().is_symbol("*") {
            let text = "one field is wanted here, not all";
            return Err(SyntaxError::new(self.lexer.place(), text));
        }
        let name = self.lexer.compound(NAME_STOPS, "a field name")?;
        let star = self.lexer.peek();
        if star.is_symbol("*") && !star.is_apart {
            let text = "one field is wanted here, not all that begin with this";
            return Err(SyntaxError::new(name.at.start..star.at.end, text));
        }
        Ok(canonical_field(&name.text).to_owned())
    }

    /// The name of one field, or the beginning of several with `*` behind it.
    pub(super) fn names_item(&mut self) -> Result<Names, SyntaxError> {
        if self.lexer.take_symbol("*") {
            return Ok(Names::Prefix(String::new()));
        }
        let name = self.lexer.compound(NAME_STOPS, "a field name")?;
        let is_prefix = self.lexer.peek().is_symbol("*") && !self.lexer.peek().is_apart;
        if is_prefix {
            self.lexer.take();
            return Ok(Names::Prefix(name.text));
        }
        Ok(Names::One(canonical_field(&name.text).to_owned()))
    }

    /// Names with commas between, one at least.
    pub(super) fn names(&mut self) -> Result<Vec<Names>, SyntaxError> {
        let mut all = vec![self.names_item()?];
        while self.lexer.take_symbol(",") {
            all.push(self.names_item()?);
        }
        Ok(all)
    }

    /// Names in parentheses; none at all where `may_be_empty`.
    pub(super) fn names_in_parentheses(
        &mut self,
        may_be_empty: bool,
    ) -> Result<Vec<Names>, SyntaxError> {
        self.expect_fields()?;
        if may_be_empty && self.lexer.take_symbol(")") {
            return Ok(Vec::new());
        }
        let names = self.names()?;
        self.lexer.expect_symbol(")")?;
        Ok(names)
    }

    /// The bracket before names of fields.
    fn expect_fields(&mut self) -> Result<(), SyntaxError> {
        let opened = self.lexer.expect_symbol("(");
        opened.map_err(|error| error.with_hint("fields stand in brackets: `(service, level)`"))
    }

    /// Single fields in parentheses, one at least.
    pub(super) fn fields_in_parentheses(&mut self) -> Result<Vec<String>, SyntaxError> {
        self.expect_fields()?;
        let mut fields = vec![self.name()?];
        while self.lexer.take_symbol(",") {
            fields.push(self.name()?);
        }
        self.lexer.expect_symbol(")")?;
        Ok(fields)
    }

    /// `as name`, `name`, or nothing.
    pub(super) fn result_name(&mut self) -> Result<Option<String>, SyntaxError> {
        if self.lexer.take_keyword("as") || self.is_text() {
            self.name().map(Some)
        } else {
            Ok(None)
        }
    }

    /// A text in quotes, or a word.
    pub(super) fn text(&mut self, what: &str) -> Result<(String, Range<usize>), SyntaxError> {
        let value = self.lexer.value(what)?;
        Ok((value.text, value.at))
    }

    /// A number that may have a unit.
    pub(super) fn number(
        &mut self,
        what: &str,
    ) -> Result<(f64, String, Range<usize>), SyntaxError> {
        let value = self.lexer.value(what)?;
        match written(&value.text) {
            Some(number) => Ok((number, value.text, value.at)),
            None => {
                Err(SyntaxError::new(value.at, format!("expected {what}, found `{}`", value.text)))
            }
        }
    }

    /// A whole number from 0 on.
    pub(super) fn count(&mut self, what: &str) -> Result<u64, SyntaxError> {
        let (number, text, at) = self.number(what)?;
        match number >= 0.0 && number.fract() == 0.0 && number <= 9e15 {
            true => Ok(number as u64),
            false => Err(SyntaxError::new(at, format!("{what} is a whole number, not `{text}`"))),
        }
    }

    /// Whether a number is next.
    pub(super) fn is_number(&self) -> bool {
        let token = self.lexer.peek();
        token.kind == TokenKind::Word && token.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// `limit N`, where it stands here.
    pub(super) fn limit(&mut self) -> Result<Option<u64>, SyntaxError> {
        match self.lexer.take_keyword("limit") {
            true => self.count("the limit").map(Some),
            false => Ok(None),
        }
    }

    /// `keep_original_fields` and `skip_empty_results`, where they stand here.
    pub(super) fn overwrite(&mut self) -> Overwrite {
        let mut overwrite = Overwrite::default();
        loop {
            if self.lexer.take_keyword("keep_original_fields") {
                overwrite.keeps_original = true;
            } else if self.lexer.take_keyword("skip_empty_results") {
                overwrite.skips_empty = true;
            } else {
                return overwrite;
            }
        }
    }

    /// The field behind a word such as `from`; the message where there is none.
    pub(super) fn field_behind(&mut self, word: &str) -> Result<String, SyntaxError> {
        if self.lexer.take_keyword(word) { self.name() } else { Ok("message".to_owned()) }
    }

    /// Refuses what is left of a pipe.
    pub(super) fn end(&self, wanted: &str) -> Result<(), SyntaxError> {
        if self.is_over() {
            return Ok(());
        }
        let words: Vec<&str> = wanted.split(", ").collect();
        let error = self.lexer.unexpected(&format!("{wanted}, `|` or the end"));
        Err(error.with_nearest(&self.lexer.peek().text.to_ascii_lowercase(), &words))
    }
}
