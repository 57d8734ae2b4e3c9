//! `math`: numbers worked out of fields.

use std::fmt;

use super::each::{Change, Outcome};
use super::number;
use super::text::{List, Name};
use super::{Row, Value};

/// An operator between two values, from the one that binds most on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `^`
    Power,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `%`
    Modulo,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `&`
    And,
    /// `xor`
    Xor,
    /// `or`
    Or,
    /// `default`
    Default,
}

impl Operator {
    /// All of them, with how they are written.
    pub(crate) const ALL: &'static [(&'static str, Operator)] = &[
        ("^", Operator::Power),
        ("*", Operator::Times),
        ("/", Operator::Over),
        ("%", Operator::Modulo),
        ("+", Operator::Plus),
        ("-", Operator::Minus),
        ("&", Operator::And),
        ("xor", Operator::Xor),
        ("or", Operator::Or),
        ("default", Operator::Default),
    ];

    /// The smaller, the more it binds.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Operator::Power => 1,
            Operator::Times | Operator::Over | Operator::Modulo => 2,
            Operator::Plus | Operator::Minus => 3,
            Operator::And => 4,
            Operator::Xor => 5,
            Operator::Or => 6,
            Operator::Default => 7,
        }
    }

    fn apply(self, one: f64, other: f64) -> f64 {
        let bits = |work: fn(u64, u64) -> u64| match one.is_nan() || other.is_nan() {
            true => f64::NAN,
            false => work(one as u64, other as u64) as f64,
        };
        match self {
            Operator::Power => one.powf(other),
            Operator::Times => one * other,
            Operator::Over => one / other,
            Operator::Modulo => one % other,
            Operator::Plus => one + other,
            Operator::Minus => one - other,
            Operator::And => bits(|one, other| one & other),
            Operator::Xor => bits(|one, other| one ^ other),
            Operator::Or => bits(|one, other| one | other),
            Operator::Default if one.is_nan() => other,
            Operator::Default => one,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = Self::ALL.iter().find(|(_, operator)| operator == self);
        f.write_str(written.map_or("", |(written, _)| written))
    }
}

/// A function of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mathematic {
    /// Without its sign.
    Abs,
    /// Up to a whole number.
    Ceil,
    /// e to the power.
    Exp,
    /// Down to a whole number.
    Floor,
    /// The natural logarithm.
    Ln,
    /// The greatest.
    Max,
    /// The least.
    Min,
    /// To the nearest whole number, or to the nearest multiple of the second one.
    Round,
}

impl Mathematic {
    /// All of them, with their names and the most arguments.
    pub(crate) const ALL: &'static [(&'static str, Mathematic, usize)] = &[
        ("abs", Mathematic::Abs, 1),
        ("ceil", Mathematic::Ceil, 1),
        ("exp", Mathematic::Exp, 1),
        ("floor", Mathematic::Floor, 1),
        ("ln", Mathematic::Ln, 1),
        ("max", Mathematic::Max, usize::MAX),
        ("min", Mathematic::Min, usize::MAX),
        ("round", Mathematic::Round, 2),
    ];

    fn apply(self, values: &[f64]) -> f64 {
        let first = values.first().copied().unwrap_or(f64::NAN);
        let known = values.iter().copied().filter(|value| !value.is_nan());
        match self {
            Mathematic::Abs => first.abs(),
            Mathematic::Ceil => first.ceil(),
            Mathematic::Exp => first.exp(),
            Mathematic::Floor => first.floor(),
            Mathematic::Ln => first.ln(),
            Mathematic::Max => known.reduce(f64::max).unwrap_or(f64::NAN),
            Mathematic::Min => known.reduce(f64::min).unwrap_or(f64::NAN),
            Mathematic::Round => match values.get(1) {
                None => first.round(),
                Some(nearest) => round_to(first, *nearest),
            },
        }
    }
}

/// The nearest multiple, to as many digits as the step has.
fn round_to(value: f64, nearest: f64) -> f64 {
    let digits = number::show(nearest).split_once('.').map_or(0, |(_, digits)| digits.len());
    let scale = 10f64.powi(digits.min(15) as i32);
    let rounded = (value / nearest).round() * nearest;
    (rounded * scale).round() / scale
}

impl fmt::Display for Mathematic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::ALL.iter().find(|(_, function, _)| function == self);
        f.write_str(named.map_or("", |(name, ..)| name))
    }
}

/// What is worked out.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// The value of a field: a number, a duration in nanoseconds, a size in bytes, an address as a
    /// number, a time in nanoseconds since 1970; `NaN` for all else.
    Field(String),
    /// A number, and how it was written.
    Number(f64, String),
    /// Two values.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// Without its sign, or with it.
    Negative(Box<Expression>),
    /// A function of values.
    Call(Mathematic, Vec<Expression>),
}

impl Expression {
    fn value(&self, row: &Row<'_>) -> f64 {
        match self {
            Expression::Number(number, _) => *number,
            Expression::Field(field) => of_text(&row.text(field)),
            Expression::Negative(inner) => -inner.value(row),
            Expression::Binary(operator, one, other) => {
                operator.apply(one.value(row), other.value(row))
            }
            Expression::Call(function, values) => {
                let values: Vec<f64> = values.iter().map(|value| value.value(row)).collect();
                function.apply(&values)
            }
        }
    }
}

/// What a text is worth in an expression.
pub(crate) fn of_text(text: &str) -> f64 {
    let number = number::number_with_unit(text);
    number.or_else(|| number::time(text).map(|time| time as f64)).unwrap_or(f64::NAN)
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expression::Field(field) => write!(f, "{}", Name(field)),
            Expression::Number(_, written) => f.write_str(written),
            Expression::Negative(inner) => write!(f, "-({inner})"),
            Expression::Binary(operator, one, other) => {
                write!(f, "{} {operator} {}", Inner(one), Inner(other))
            }
            Expression::Call(function, values) => write!(f, "{function}({})", List(values)),
        }
    }
}

/// An expression within another.
struct Inner<'a>(&'a Expression);

impl fmt::Display for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expression::Binary(..) => write!(f, "({})", self.0),
            _ => write!(f, "{}", self.0),
        }
    }
}

/// An expression and the field that gets its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Calculation {
    /// What is worked out.
    pub expression: Expression,
    /// The field.
    pub name: String,
}

impl fmt::Display for Calculation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {}", self.expression, Name(&self.name))
    }
}

/// The pipe at work.
pub(super) struct Calculating(pub(super) Vec<Calculation>);

impl Change for Calculating {
    fn apply<'a>(&self, mut row: Row<'a>) -> Outcome<'a> {
        for result in &self.0 {
            let value = number::show(result.expression.value(&row));
            row.set(&result.name, Value::worked_out(value));
        }
        Outcome::Row(row)
    }
}
