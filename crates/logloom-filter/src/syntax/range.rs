//! Regular expressions, comparisons and ranges of values.

use std::net::Ipv4Addr;

use super::logic::Parser;
use super::{Compound, SyntaxError};
use crate::quantity::Amount;
use crate::{Bound, Comparison, Filter, Pattern, Target, Test};

impl Parser<'_, '_> {
    /// `~"expression"`, behind the sign.
    pub(super) fn expression(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let expression = self.lexer.value("a regular expression")?;
        let message = Target::message();
        matches(target.unwrap_or(&message), &expression)
    }

    /// `>10KiB`, the sign being next.
    pub(super) fn comparison(&mut self, target: Option<&Target>) -> Result<Filter, SyntaxError> {
        let sign = self.lexer.take();
        let Some(order) = Comparison::parse(&sign.text) else {
            return Err(SyntaxError::new(sign.at, "expected a comparison"));
        };
        let bound = self.lexer.value("a value to compare with")?.text;
        let message = Target::message();
        Ok(Filter::test(target.unwrap_or(&message), Test::Compare { order, bound }))
    }

    /// `range[1, 10)`, behind the name.
    pub(super) fn range(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let (lower, from, until, upper) = self.bracketed()?;
        let from = Bound { text: amount(from)?, is_included: lower };
        let until = Bound { text: amount(until)?, is_included: upper };
        Ok(Filter::test(target, Test::Range { from, until }))
    }

    /// `string_range(a, b)`, behind the name.
    pub(super) fn string_range(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let [from, until] = self.fixed_arguments(["a first text", "a last text"])?;
        let (from, until) = (from.text, until.text);
        Ok(Filter::test(target, Test::StringRange { from, until }))
    }

    /// `len_range(5, 10)`, behind the name.
    pub(super) fn length_range(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let [min, max] = self.fixed_arguments(["a least length", "a greatest length"])?;
        let (min, max) = (length(&min)?, length(&max)?);
        Ok(Filter::test(target, Test::Length { min, max }))
    }

    /// `ipv4_range(1.2.3.0, 1.2.3.255)` or `ipv4_range("1.2.3.0/24")`, behind the name.
    pub(super) fn ipv4_range(&mut self, target: &Target) -> Result<Filter, SyntaxError> {
        let start = self.lexer.place();
        let values = self.arguments()?;
        let (first, last) = match values.as_slice() {
            [only] => network(only)?,
            [first, last] => (network(first)?.0, network(last)?.1),
            _ => {
                let error = SyntaxError::new(start, "expected one or two addresses");
                return Err(error.with_hint("write ipv4_range(10.0.0.0/8)"));
            }
        };
        Ok(Filter::test(target, Test::Ipv4Range { first, last }))
    }
}

/// The condition that an expression matches; one that is a plain text becomes a search for it.
pub(super) fn matches(target: &Target, expression: &Compound) -> Result<Filter, SyntaxError> {
    if matches!(expression.text.as_str(), "" | ".*") {
        return Ok(Filter::Always);
    }
    let pattern = Pattern::new(&expression.text).map_err(|error| {
        let message = format!("wrong regular expression: {error}");
        SyntaxError::new(expression.at.clone(), message)
            .with_hint("the syntax is that of RE2; put expressions into backquotes: ~`a\\.b`")
    })?;
    Ok(match (target, pattern.plain_text()) {
        (Target::Path(path), Some(text)) => {
            Filter::FieldContains { path: path.clone(), text: text.to_owned() }
        }
        (Target::Any, Some(text)) => Filter::Contains(text.to_owned()),
        (Target::Path(path), None) if expression.text == ".+" => {
            Filter::FieldExists { path: path.clone() }
        }
        (_, None) => Filter::test(target, Test::Matches(pattern)),
    })
}

fn amount(value: Compound) -> Result<String, SyntaxError> {
    match Amount::parse_bound(&value.text) {
        Some(_) => Ok(value.text),
        None => {
            let message = format!("`{}` is no number, duration, size, time or address", value.text);
            Err(SyntaxError::new(value.at, message)
                .with_hint("for texts write string_range(from, until)"))
        }
    }
}

fn length(value: &Compound) -> Result<u64, SyntaxError> {
    let number = match Amount::parse_bound(&value.text) {
        Some(Amount::Real(f64::INFINITY)) => Some(u64::MAX),
        Some(Amount::Whole(whole)) => u64::try_from(whole).ok(),
        _ => None,
    };
    number.ok_or_else(|| {
        SyntaxError::new(value.at.clone(), format!("`{}` is no number of characters", value.text))
            .with_hint("write a whole number, or inf for no bound")
    })
}

/// The addresses of a network (`10.0.0.0/8`), or a single one.
fn network(value: &Compound) -> Result<(u32, u32), SyntaxError> {
    let read = |text: &str| {
        let (address, bits) = text.split_once('/').unwrap_or((text, "32"));
        let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
        let bits = bits.parse::<u32>().ok().filter(|bits| *bits <= 32)?;
        let free = u32::MAX.checked_shr(bits).unwrap_or(0);
        Some((address & !free, address | free))
    };
    read(&value.text).ok_or_else(|| {
        SyntaxError::new(value.at.clone(), format!("`{}` is no IPv4 address", value.text))
            .with_hint("write 10.0.0.1 or 10.0.0.0/8")
    })
}
