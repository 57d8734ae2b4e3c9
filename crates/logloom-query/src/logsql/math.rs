//! Expressions of `math`.
//!
//! Names of fields are words or texts in quotes here: `-` and `/` are operators.

use logloom_filter::syntax::{SyntaxError, TokenKind, canonical_field};

use super::reader::Reader;
use crate::pipes::{Calculation, Expression, Mathematic, Operator, Pipe, number_of};

pub(super) fn math(reader: &mut Reader<'_, '_>) -> Result<Vec<Pipe>, SyntaxError> {
    let mut results = Vec::new();
    loop {
        let expression = expression(reader, u8::MAX)?;
        let name = reader.result_name()?.unwrap_or_else(|| expression.to_string());
        results.push(Calculation { expression, name });
        if !reader.lexer.take_symbol(",") {
            reader.end("an operator, as")?;
            return Ok(vec![Pipe::Math(results)]);
        }
    }
}

/// An expression of operators that bind as much as this or more.
fn expression(reader: &mut Reader<'_, '_>, rank: u8) -> Result<Expression, SyntaxError> {
    reader.lexer.enter()?;
    let mut left = operand(reader)?;
    while let Some(operator) = next_operator(reader).filter(|operator| operator.rank() <= rank) {
        reader.lexer.take();
        // Equal ones are taken from left to right, powers from right to left.
        let inner = if operator == Operator::Power { 1 } else { operator.rank() - 1 };
        let right = expression(reader, inner)?;
        left = Expression::Binary(operator, Box::new(left), Box::new(right));
    }
    reader.lexer.leave();
    Ok(left)
}

fn next_operator(reader: &Reader<'_, '_>) -> Option<Operator> {
    let token = reader.lexer.peek();
    let is_this = |written: &str| token.is_symbol(written) || token.is_keyword(written);
    Operator::ALL.iter().find(|(written, _)| is_this(written)).map(|(_, operator)| *operator)
}

fn operand(reader: &mut Reader<'_, '_>) -> Result<Expression, SyntaxError> {
    if reader.lexer.take_symbol("-") {
        // A minus binds more than any operator but the power.
        let inner = expression(reader, Operator::Power.rank())?;
        return Ok(Expression::Negative(Box::new(inner)));
    }
    if reader.lexer.take_symbol("(") {
        let inner = expression(reader, u8::MAX)?;
        reader.lexer.expect_symbol(")")?;
        return Ok(inner);
    }
    let is_call = reader.lexer.peek_at(1).is_symbol("(") && !reader.lexer.peek_at(1).is_apart;
    let token = reader.lexer.peek().clone();
    match token.kind {
        TokenKind::Word if is_call => call(reader),
        TokenKind::Word | TokenKind::Quoted => {
            reader.lexer.take();
            Ok(match number_of(&token.text) {
                number if number.is_nan() => {
                    Expression::Field(canonical_field(&token.text).to_owned())
                }
                number => Expression::Number(number, written(&token.text)),
            })
        }
        _ => Err(reader.lexer.unexpected("a field, a number or `(`")),
    }
}

/// A number as it can be read again.
fn written(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    if text.chars().all(is_word) { text.to_owned() } else { format!("\"{text}\"") }
}

fn call(reader: &mut Reader<'_, '_>) -> Result<Expression, SyntaxError> {
    let token = reader.lexer.take();
    let name = token.text.to_ascii_lowercase();
    reader.lexer.expect_symbol("(")?;
    if name == "now" {
        reader.lexer.expect_symbol(")")?;
        let now = reader.context.now_ns;
        return Ok(Expression::Number(now as f64, now.to_string()));
    }
    let known = Mathematic::ALL.iter().find(|(known, ..)| *known == name);
    let Some((_, function, most)) = known else {
        let names: Vec<&str> = Mathematic::ALL.iter().map(|(name, ..)| *name).collect();
        let error = SyntaxError::new(token.at, format!("there is no function `{}`", token.text));
        return Err(error.with_nearest(&name, &names));
    };
    let mut values = vec![expression(reader, u8::MAX)?];
    while reader.lexer.take_symbol(",") {
        values.push(expression(reader, u8::MAX)?);
    }
    reader.lexer.expect_symbol(")")?;
    if values.len() > *most {
        let text = format!("`{name}` takes {most} values at most, not {}", values.len());
        return Err(SyntaxError::new(token.at, text));
    }
    Ok(Expression::Call(*function, values))
}
