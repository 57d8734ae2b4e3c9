//! Conditions that are written as a call: `in(...)`, `i(...)`, `seq(...)`.

use super::logic::Parser;
use super::range::matches;
use super::term::{level_of, plain_exact};
use super::{Compound, SyntaxError, Token, canonical_field};
use crate::{FieldComparison, Filter, Target, Test};

/// The names that may stand before a bracket.
const FUNCTIONS: &[&str] = &[
    "contains_all",
    "contains_any",
    "eq_field",
    "exact",
    "i",
    "in",
    "ipv4_range",
    "le_field",
    "len_range",
    "lt_field",
    "range",
    "re",
    "seq",
    "string_range",
];

impl Parser<'_, '_> {
    /// A call; its name is the next word.
    pub(super) fn function(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let name = self.lexer.take();
        let message = Target::message();
        let target = target.unwrap_or(&message);
        match name.text.to_ascii_lowercase().as_str() {
            "contains_all" => self.texts(target, Test::ContainsAll),
            "contains_any" => self.texts(target, Test::ContainsAny),
            "eq_field" => self.other_field(target, FieldComparison::Equal),
            "exact" => self.exact_call(target),
            "i" => self.any_case(target),
            "in" => self.one_of(target),
            "ipv4_range" => self.ipv4_range(target),
            "le_field" => self.other_field(target, FieldComparison::LessOrEqual),
            "len_range" => self.length_range(target),
            "lt_field" => self.other_field(target, FieldComparison::Less),
            "range" => self.range(target),
            "re" => self.expression_call(target),
            "seq" => self.texts(target, Test::Sequence),
            "string_range" => self.string_range(target),
            other => Err(unknown(&name, other)),
        }
    }

    /// `(text)` or `(beginning*)`.
    fn text_argument(&mut self) -> Result<(Compound, bool), SyntaxError> {
        self.lexer.expect_symbol("(")?;
        if self.lexer.take_symbol("*") {
            let at = self.lexer.place();
            self.lexer.expect_symbol(")")?;
            return Ok((Compound { text: String::new(), is_quoted: false, at }, true));
        }
        let text = self.lexer.compound(&["*", ",", "(", ")", "|"], "a text")?;
        let is_prefix = self.take_star()?;
        self.lexer.expect_symbol(")")?;
        Ok((text, is_prefix))
    }

    /// `exact("text")`: also where `=` compares by something else than the text.
    fn exact_call(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let (text, is_prefix) = self.text_argument()?;
        Ok(plain_exact(target, text.text, is_prefix))
    }

    /// `i(word)`: in upper and lower case.
    fn any_case(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let (text, is_prefix) = self.text_argument()?;
        Ok(match (target, text.text.is_empty(), is_prefix) {
            (Target::Path(path), true, true) => Filter::FieldExists { path: path.clone() },
            (Target::Any, true, true) => Filter::Always,
            (_, true, false) => plain_exact(target, String::new(), false),
            (_, _, true) => Filter::test(target, Test::PrefixAnyCase(text.text)),
            (_, _, false) => Filter::test(target, Test::PhraseAnyCase(text.text)),
        })
    }

    /// `contains_all(a, "b c")` and others that take texts.
    fn texts(
        &mut self,
        target: &Target,
        test: fn(Vec<String>) -> Test,
    ) -> Result<Filter, SyntaxError> {
        if self.is_subquery() {
            let error = SyntaxError::new(self.lexer.place(), "a query is taken by `in` only");
            return Err(error.with_hint("write field:in(filter | fields field)"));
        }
        let texts = self.arguments()?;
        if is_star(&texts) {
            return Ok(Filter::Always);
        }
        Ok(Filter::test(target, test(texts.into_iter().map(|text| text.text).collect())))
    }

    /// `re("expression")`.
    fn expression_call(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let [expression] = self.fixed_arguments(["an expression"])?;
        matches(target, &expression)
    }

    /// `eq_field(other)`.
    fn other_field(
        &mut self,
        target: &Target,
        order: FieldComparison,
    ) -> Result<Filter, SyntaxError> {
        let start = self.lexer.place();
        let [other] = self.fixed_arguments(["a field name"])?;
        let other = canonical_field(&other.text).to_owned();
        match target {
            Target::Path(path) => Ok(Filter::CompareFields { path: path.clone(), order, other }),
            Target::Any => Err(SyntaxError::new(start, "a comparison of fields needs a field")
                .with_hint(format!("write field:{}(other)", order.as_str()))),
        }
    }

    /// So many values between parentheses, as `wanted` names them.
    pub(super) fn fixed_arguments<const COUNT: usize>(
        &mut self,
        wanted: [&str; COUNT],
    ) -> Result<[Compound; COUNT], SyntaxError> {
        let start = self.lexer.place();
        let values = self.arguments()?;
        values.try_into().map_err(|values: Vec<Compound>| {
            let message =
                format!("expected {}, found {} values", wanted.join(" and "), values.len());
            SyntaxError::new(start, message)
        })
    }

    /// `in(a, b)`, `in(*)` or `in(filter | fields name)`.
    fn one_of(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        if self.is_subquery() {
            return self.one_of_query(target);
        }
        let values = self.arguments()?;
        if is_star(&values) {
            return Ok(Filter::Always);
        }
        let levels: Option<Vec<_>> =
            values.iter().map(|value| level_of(target, &value.text)).collect();
        if let Some(mut levels) = levels.filter(|levels| !levels.is_empty()) {
            levels.sort_unstable();
            levels.dedup();
            return Ok(Filter::LevelIn(levels));
        }
        let values: Vec<String> = values.into_iter().map(|value| value.text).collect();
        Ok(match target {
            Target::Path(path) => Filter::FieldIn { path: path.clone(), values },
            Target::Any => Filter::any_of(
                values.into_iter().map(|value| plain_exact(target, value, false)).collect(),
            ),
        })
    }

    /// The values between parentheses, with commas between them.
    pub(super) fn arguments(&mut self) -> Result<Vec<Compound>, SyntaxError> {
        self.lexer.expect_symbol("(")?;
        let mut values = Vec::new();
        while !self.lexer.take_symbol(")") {
            values.push(self.argument()?);
            if !self.lexer.peek().is_symbol(")") && !self.lexer.take_symbol(",") {
                return Err(self.lexer.unexpected("`,` or `)`"));
            }
        }
        Ok(values)
    }

    fn argument(&mut self) -> Result<Compound, SyntaxError> {
        let star = self.lexer.peek();
        if star.is_symbol("*") {
            let (text, at) = (star.text.clone(), star.at.clone());
            self.lexer.take();
            return Ok(Compound { text, is_quoted: false, at });
        }
        let value = self.lexer.compound(&["*", ",", "(", ")", "|"], "a value")?;
        match self.lexer.peek().is_symbol("*") {
            false => Ok(value),
            true => Err(SyntaxError::new(self.lexer.place(), "whole values are wanted here")
                .with_hint("put the value into quotes, or write field:=beginning*")),
        }
    }

    /// Whether a pipe stands in the parentheses that open next.
    fn is_subquery(&self) -> bool {
        let mut depth = 0_usize;
        for ahead in 0.. {
            let token = self.lexer.peek_at(ahead);
            if token.kind == super::TokenKind::End {
                return false;
            }
            depth += usize::from(token.is_symbol("("));
            if token.is_symbol("|") && depth == 1 {
                return true;
            }
            if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return false;
                }
            }
        }
        false
    }

    fn one_of_query(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let start = self.lexer.place();
        let (of, field) = self.subquery()?;
        match target {
            Target::Path(path) => Ok(Filter::FieldOf { path: path.clone(), of, field }),
            Target::Any => {
                let error = SyntaxError::new(start, "a query within a query needs a field");
                Err(error.with_hint("write field:in(filter | fields field)"))
            }
        }
    }

    /// `(filter | fields name)` or `(filter | uniq by (name))`.
    fn subquery(&mut self) -> Result<(Box<Filter>, String), SyntaxError> {
        self.lexer.expect_symbol("(")?;
        self.lexer.enter()?;
        let of = self.any(None)?;
        self.lexer.leave();
        self.lexer.expect_symbol("|")?;
        let field = if self.lexer.take_keyword("fields") || self.lexer.take_keyword("keep") {
            self.lexer.value("a field name")?
        } else if self.lexer.take_keyword("uniq") {
            self.lexer.take_keyword("by");
            self.lexer.expect_symbol("(")?;
            let field = self.lexer.value("a field name")?;
            self.lexer.expect_symbol(")")?;
            field
        } else {
            return Err(self.lexer.unexpected("`fields`").with_hint(SUBQUERY_HINT));
        };
        if !self.lexer.take_symbol(")") {
            return Err(self.lexer.unexpected("`)`").with_hint(SUBQUERY_HINT));
        }
        Ok((Box::new(of), canonical_field(&field.text).to_owned()))
    }
}

/// Whether the only value is `*`, which stands for every text.
fn is_star(values: &[Compound]) -> bool {
    matches!(values, [only] if only.text == "*" && !only.is_quoted)
}

fn unknown(name: &Token, lower: &str) -> SyntaxError {
    let error = SyntaxError::new(name.at.clone(), format!("there is no function `{}`", name.text));
    if lower == "value_type" {
        return error.with_hint("values have no stored types here; compare with :~ or :range");
    }
    match super::nearest(lower, FUNCTIONS) {
        Some(_) => error.with_nearest(lower, FUNCTIONS),
        None => error.with_hint("a group needs white space before it: word (a or b)"),
    }
}

const SUBQUERY_HINT: &str = "a query within a query ends with `| fields name` and one name";
