//! One condition: a word, a text, or a field with what is asked of it.
//!
//! Without a field, the message is meant; `*:` means every value of a record.

use logloom_record::Level;

use super::logic::Parser;
use super::{Compound, SyntaxError, TokenKind, canonical_field};
use crate::{Filter, Target, Test};

/// Signs at which a word ends that may turn out to be a field.
const WORD_STOPS: &[&str] = &["*", ",", "(", ")", "[", "]", "|", ":"];

/// Signs at which a word behind `field:` ends.
const VALUE_STOPS: &[&str] = &["*", ",", "(", ")", "[", "]", "|"];

impl Parser<'_, '_> {
    /// One condition, negated or in parentheses perhaps.
    pub(super) fn term(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let token = self.lexer.peek().clone();
        if token.kind == TokenKind::Symbol {
            return self.symbol(&token.text, target);
        }
        if token.is_keyword("not") {
            self.lexer.take();
            return self.negation(target);
        }
        if token.kind == TokenKind::Word && self.is_call() {
            return self.function(target);
        }
        if token.is_keyword("and") || token.is_keyword("or") || token.kind == TokenKind::End {
            return Err(self.missing());
        }
        self.word(target)
    }

    /// Whether the next word has an opening bracket right behind it.
    fn is_call(&self) -> bool {
        let bracket = self.lexer.peek_at(1);
        !bracket.is_apart && (bracket.is_symbol("(") || bracket.is_symbol("["))
    }

    fn missing(&self) -> SyntaxError {
        self.lexer.unexpected("a filter").with_hint(
            "write a word, \"a text\" or field:value; words such as `or` stand in quotes",
        )
    }

    /// A condition that begins with a sign.
    fn symbol(&mut self, sign: &str, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        match sign {
            "|" | ")" | "," | "]" | "[" | "}" => return Err(self.missing()),
            "{" => return Err(no_streams(self.lexer.place())),
            "=~" => {
                let error = SyntaxError::new(self.lexer.place(), "`=~` is no operator");
                return Err(error.with_hint("write field:~\"expression\""));
            }
            ">" | ">=" | "<" | "<=" => return self.comparison(target),
            ":" | "(" | "!" | "-" | "*" | "=" | "!=" | "~" | "!~" => {}
            _ => return self.word(target),
        }
        self.lexer.take();
        match sign {
            ":" => self.behind_colon(target),
            "(" => self.group(target),
            "!" | "-" => self.negation(target),
            "*" => self.star(target),
            "=" => self.exact(target),
            "~" => self.expression(target),
            "!~" => Ok(self.expression(target)?.negated()),
            _ => Ok(self.exact(target)?.negated()),
        }
    }

    /// A condition with a colon and no field before it: the field is the one that is meant anyway.
    fn behind_colon(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        self.lexer.enter()?;
        let filter = match target {
            Some(target) => self.value(target)?,
            None => self.term(None)?,
        };
        self.lexer.leave();
        Ok(filter)
    }

    /// A condition behind a colon, where `and` and `or` are words to search for.
    fn value(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let next = self.lexer.peek();
        match next.is_keyword("and") || next.is_keyword("or") {
            true => self.word(Some(target)),
            false => self.term(Some(target)),
        }
    }

    /// Behind a `*` that stands alone: every record, every value (`*:`), or a field that is there.
    fn star(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let next = self.lexer.peek();
        if target.is_none() && next.is_symbol(":") && !next.is_apart {
            self.lexer.take();
            return self.field(Target::Any);
        }
        let is_joined = matches!(next.kind, TokenKind::Word | TokenKind::Quoted);
        if is_joined && !next.is_apart {
            let error = SyntaxError::new(self.lexer.place(), "`*` cannot stand before a word");
            return Err(error.with_hint("find a part of a word by ~\"part\""));
        }
        Ok(match target {
            None | Some(Target::Any) => Filter::Always,
            Some(Target::Path(path)) => Filter::FieldExists { path: path.clone() },
        })
    }

    /// A word, a text, the beginning of one, or a field name with its condition.
    fn word(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let stops = if target.is_none() { WORD_STOPS } else { VALUE_STOPS };
        let word = self.lexer.compound(stops, "a filter")?;
        if target.is_none() && self.lexer.take_symbol(":") {
            return self.named_field(&word);
        }
        let is_prefix = self.take_star()?;
        let message = Target::message();
        phrase(target.unwrap_or(&message), word, is_prefix)
    }

    /// Takes the `*` right behind a word.
    pub(super) fn take_star(&mut self) -> Result<bool, SyntaxError> {
        let star = self.lexer.peek();
        if star.is_apart || !star.is_symbol("*") {
            return Ok(false);
        }
        self.lexer.take();
        let next = self.lexer.peek();
        let is_joined = matches!(next.kind, TokenKind::Word | TokenKind::Quoted);
        if !next.is_apart && (is_joined || next.is_symbol(":")) {
            let error = SyntaxError::new(next.at.clone(), "`*` must be the end of a word");
            return Err(error.with_hint("for more than a beginning, write ~\"first.*second\""));
        }
        Ok(true)
    }

    fn named_field(&mut self, name: &Compound) -> Result<Filter, SyntaxError> {
        match name.text.as_str() {
            "_stream" | "_stream_id" => Err(no_streams(name.at.clone())),
            other => self.field(Target::Path(canonical_field(other).to_owned())),
        }
    }

    /// The condition behind `field:`.
    fn field(&mut self, target: Target) -> Result<Filter, SyntaxError> {
        self.lexer.enter()?;
        let filter = match &target {
            Target::Path(path) if path == "timestamp" => self.time()?,
            Target::Path(path) if path == "level" => match self.level_comparison()? {
                Some(filter) => filter,
                None => self.value(&target)?,
            },
            _ => self.value(&target)?,
        };
        self.lexer.leave();
        Ok(filter)
    }

    /// `level:>=warn`: compared by severity.
    fn level_comparison(&mut self) -> Result<Option<Filter>, SyntaxError> {
        let sign = self.lexer.peek().text.clone();
        let is_wanted: fn(&Level, &Level) -> bool = match sign.as_str() {
            ">" => |level, bound| level > bound,
            ">=" => |level, bound| level >= bound,
            "<" => |level, bound| level < bound,
            "<=" => |level, bound| level <= bound,
            _ => return Ok(None),
        };
        self.lexer.take();
        let name = self.lexer.value("a level")?;
        let bound = Level::parse(&name.text).map_err(|unknown| {
            SyntaxError::new(name.at.clone(), format!("`{}` is no level", name.text))
                .with_hint(format!("did you mean {}?", unknown.nearest))
        })?;
        let levels: Vec<Level> =
            Level::ALL.into_iter().filter(|level| is_wanted(level, &bound)).collect();
        Ok(Some(match levels.as_slice() {
            [] => Filter::Or(Vec::new()),
            [least, .., Level::Fatal] => Filter::LevelAtLeast(*least),
            [Level::Fatal] => Filter::LevelAtLeast(Level::Fatal),
            _ => Filter::LevelIn(levels),
        }))
    }

    /// `="text"` and `="beginning"*`, behind the sign.
    fn exact(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let value = self.lexer.compound(&["*", ",", "(", ")", "|"], "a value")?;
        let is_prefix = self.take_star()?;
        let message = Target::message();
        Ok(exact(target.unwrap_or(&message), value.text, is_prefix))
    }
}

/// The condition of a word or text behind a field.
fn phrase(target: &Target, word: Compound, is_prefix: bool) -> Result<Filter, SyntaxError> {
    if let (Some(level), false) = (level_of(target, &word.text), is_prefix) {
        return Ok(Filter::LevelIn(vec![level]));
    }
    let filter = match (target, word.text.is_empty(), is_prefix) {
        (Target::Path(path), true, true) => Filter::FieldExists { path: path.clone() },
        (Target::Path(path), true, false) => {
            Filter::FieldEquals { path: path.clone(), value: String::new() }
        }
        (Target::Any, true, true) => Filter::Always,
        (_, _, true) => Filter::test(target, Test::Prefix(word.text)),
        (_, _, false) => Filter::test(target, Test::Phrase(word.text)),
    };
    Ok(filter)
}

fn exact(target: &Target, value: String, is_prefix: bool) -> Filter {
    if let (Some(level), false) = (level_of(target, &value), is_prefix) {
        return Filter::LevelIn(vec![level]);
    }
    plain_exact(target, value, is_prefix)
}

/// The comparison of whole texts, for levels too.
pub(super) fn plain_exact(target: &Target, value: String, is_prefix: bool) -> Filter {
    match (target, is_prefix) {
        (Target::Path(path), false) => Filter::FieldEquals { path: path.clone(), value },
        (Target::Path(path), true) => Filter::FieldPrefix { path: path.clone(), prefix: value },
        (Target::Any, false) => Filter::test(target, Test::Equals(value)),
        (Target::Any, true) => Filter::test(target, Test::StartsWith(value)),
    }
}

/// The level that a text in the field of levels names.
pub(super) fn level_of(target: &Target, text: &str) -> Option<Level> {
    match target {
        Target::Path(path) if path == "level" => Level::from_name(text),
        _ => None,
    }
}

fn no_streams(at: std::ops::Range<usize>) -> SyntaxError {
    SyntaxError::new(at, "there are no streams here")
        .with_hint("write field:=\"value\", for example service:=\"shop\"")
}
