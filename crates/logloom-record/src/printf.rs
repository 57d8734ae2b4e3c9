//! Literals with conversions as `%d` or `%.2f`, as the logging of Python has them. A literal comes in,
//! its pieces go out; values come in, the text of Python's own `%` goes out. What is not supported is
//! refused when the literal is read, so that the caller makes its message itself.

use std::fmt::Write as _;

use crate::wire::{ValueView, text};

/// Widest padding and greatest precision that are supported.
const MOST: u16 = 128;

/// What a conversion makes of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `%s`: any text, number, truth value or nothing, as Python's `str` shows it.
    Text,
    /// `%d`, `%i`, `%u`: integers.
    Integer,
    /// `%x`: integers of up to 64 bits.
    Hex,
    /// `%f`: numbers of up to 64 bits.
    Fixed,
}

/// One conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// What it makes of its value.
    pub kind: Kind,
    is_left: bool,
    is_zero_padded: bool,
    width: u16,
    precision: Option<u16>,
}

impl Conversion {
    /// A plain `%s`.
    pub const TEXT: Conversion = Conversion {
        kind: Kind::Text,
        is_left: false,
        is_zero_padded: false,
        width: 0,
        precision: None,
    };
}

/// One piece of a literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text, without the doubling of `%`.
    Text(String),
    /// Takes the next value.
    Conversion(Conversion),
}

/// Splits a literal into its pieces. `None` where it has something that is not supported: a name in
/// parentheses, `*`, the flags `#`, `+` and space, other conversions, a `%` at the end.
#[must_use]
pub fn pieces(literal: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let (mut plain, mut rest) = (String::new(), literal);
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('%') {
            plain.push('%');
            rest = behind;
            continue;
        }
        let (conversion, behind) = conversion(rest)?;
        if !plain.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
        }
        pieces.push(Piece::Conversion(conversion));
        rest = behind;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        pieces.push(Piece::Text(plain));
    }
    Some(pieces)
}

/// Reads what stands behind a `%`; returns what follows as well.
fn conversion(spec: &str) -> Option<(Conversion, &str)> {
    let mut read = Conversion::TEXT;
    let mut rest = spec;
    loop {
        match rest.as_bytes().first()? {
            b'-' => read.is_left = true,
            b'0' => read.is_zero_padded = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    (read.width, rest) = number(rest)?;
    if let Some(behind) = rest.strip_prefix('.') {
        let precision;
        (precision, rest) = number(behind)?;
        read.precision = Some(precision);
    }
    read.kind = match rest.as_bytes().first()? {
        b's' => Kind::Text,
        b'd' | b'i' | b'u' if read.precision.is_none() => Kind::Integer,
        b'x' if read.precision.is_none() => Kind::Hex,
        b'f' => Kind::Fixed,
        _ => return None,
    };
    Some((read, &rest[1..]))
}

/// Reads digits, 0 where there are none; `None` beyond [`MOST`].
fn number(text: &str) -> Option<(u16, &str)> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.is_empty() {
        return Some((0, rest));
    }
    digits.parse().ok().filter(|number| *number <= MOST).map(|number| (number, rest))
}

impl Conversion {
    /// Whether it makes of this value what Python makes of it.
    #[must_use]
    pub fn takes(&self, value: &ValueView<'_>) -> bool {
        match self.kind {
            Kind::Text => is_plain(value),
            Kind::Integer => matches!(
                value,
                ValueView::I64(_)
                    | ValueView::U64(_)
                    | ValueView::BigInteger(_)
                    | ValueView::Bool(_)
            ),
            Kind::Hex => matches!(value, ValueView::I64(_) | ValueView::U64(_)),
            Kind::Fixed => matches!(value, ValueView::F64(_) | ValueView::I64(_)),
        }
    }

    /// Appends the value's text. `false`, with nothing appended, for a value that it does not take.
    pub fn format(&self, value: ValueView<'_>, out: &mut String) -> bool {
        if !self.takes(&value) {
            return false;
        }
        let mut shown = String::new();
        match (self.kind, value) {
            (Kind::Integer, ValueView::Bool(value)) => shown.push(if value { '1' } else { '0' }),
            (Kind::Hex, ValueView::I64(value)) => {
                let sign = if value < 0 { "-" } else { "" };
                // A formatter that writes to a string does not fail.
                let _ = write!(shown, "{sign}{:x}", value.unsigned_abs());
            }
            (Kind::Hex, ValueView::U64(value)) => {
                let _ = write!(shown, "{value:x}");
            }
            (Kind::Fixed, value) => push_fixed(&value, self.precision.unwrap_or(6), &mut shown),
            (_, value) => push_plain(&value, &mut shown),
        }
        if let (Kind::Text, Some(limit)) = (self.kind, self.precision) {
            let end = shown.char_indices().nth(usize::from(limit)).map(|(at, _)| at);
            shown.truncate(end.unwrap_or(shown.len()));
        }
        self.pad(&shown, out);
        true
    }

    fn pad(&self, shown: &str, out: &mut String) {
        let missing = usize::from(self.width).saturating_sub(shown.chars().count());
        let pad = |out: &mut String, with: char| out.extend(std::iter::repeat_n(with, missing));
        let is_number = shown.ends_with(|last: char| last.is_ascii_hexdigit());
        if self.is_left {
            out.push_str(shown);
            pad(out, ' ');
        } else if self.is_zero_padded && self.kind != Kind::Text && is_number {
            let sign = usize::from(shown.starts_with('-'));
            out.push_str(&shown[..sign]);
            pad(out, '0');
            out.push_str(&shown[sign..]);
        } else {
            pad(out, ' ');
            out.push_str(shown);
        }
    }
}

/// Whether `str` of the value is known here.
fn is_plain(value: &ValueView<'_>) -> bool {
    matches!(
        value,
        ValueView::Text(_)
            | ValueView::I64(_)
            | ValueView::U64(_)
            | ValueView::BigInteger(_)
            | ValueView::F64(_)
            | ValueView::Bool(_)
            | ValueView::Null
    )
}

fn push_plain(value: &ValueView<'_>, out: &mut String) {
    let _ = match *value {
        ValueView::Text(bytes) | ValueView::BigInteger(bytes) => out.write_str(&text(bytes)),
        ValueView::I64(value) => write!(out, "{value}"),
        ValueView::U64(value) => write!(out, "{value}"),
        ValueView::Bool(true) => out.write_str("True"),
        ValueView::Bool(false) => out.write_str("False"),
        ValueView::Null => out.write_str("None"),
        ValueView::F64(value) => {
            push_float(value, out);
            Ok(())
        }
        _ => Ok(()),
    };
}

/// A double as `repr` of Python shows it: the shortest digits that give it back, with an exponent
/// below 1e-4 and from 1e16 on.
fn push_float(value: f64, out: &mut String) {
    if !value.is_finite() {
        out.push_str(if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        });
        return;
    }
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let _ = if (-4..16).contains(&exponent) {
        let shown = format!("{value}");
        let tail = if shown.contains('.') { "" } else { ".0" };
        write!(out, "{shown}{tail}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "{digits}e{sign}{:02}", exponent.unsigned_abs())
    };
}

fn push_fixed(value: &ValueView<'_>, precision: u16, out: &mut String) {
    let number = match *value {
        ValueView::F64(value) => value,
        ValueView::I64(value) => value as f64,
        _ => return,
    };
    if number.is_finite() {
        let _ = write!(out, "{number:.*}", usize::from(precision));
    } else {
        push_float(number, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(literal: &str, values: &[ValueView<'_>]) -> Option<String> {
        let mut values = values.iter();
        let mut out = String::new();
        for piece in pieces(literal)? {
            match piece {
                Piece::Text(text) => out.push_str(&text),
                Piece::Conversion(conversion) => {
                    conversion.format(*values.next()?, &mut out).then_some(())?;
                }
            }
        }
        Some(out)
    }

    #[test]
    fn messages_are_those_of_python() {
        use ValueView::{BigInteger, Bool, F64, I64, Null, Text, U64};
        for (literal, values, expected) in [
            ("100%%", &[][..], "100%"),
            ("%s is %d", &[Text("é".as_bytes()), I64(-7)], "é is -7"),
            ("%s %s %s", &[Bool(true), Null, F64(1e16)], "True None 1e+16"),
            ("%s %s %s", &[F64(0.1), F64(1e-5), F64(3.0)], "0.1 1e-05 3.0"),
            ("%s %s", &[F64(123_456_789.125), F64(1e15)], "123456789.125 1000000000000000.0"),
            ("%s %s", &[F64(f64::NAN), F64(f64::NEG_INFINITY)], "nan -inf"),
            ("%.2f|%f", &[F64(2.675), I64(3)], "2.67|3.000000"),
            ("%8.3f|%-8.1f|", &[F64(-1.5), F64(2.25)], "  -1.500|2.2     |"),
            ("%05d|%5d|%-5d|", &[I64(-42), I64(42), I64(42)], "-0042|   42|42   |"),
            ("%x %08x", &[U64(255), I64(-255)], "ff -00000ff"),
            ("%.2s|%5s", &[Text("éàü".as_bytes()), Text(b"ab")], "éà|   ab"),
            ("%d %d", &[BigInteger(b"99999999999999999999"), Bool(true)], "99999999999999999999 1"),
        ] {
            assert_eq!(message(literal, values).as_deref(), Some(expected), "{literal}");
        }
    }

    #[test]
    fn what_is_not_supported_is_refused() {
        for literal in ["%(name)s", "%*d", "%#x", "%+d", "% d", "%r", "%g", "50%", "%.3d", "%999s"]
        {
            assert_eq!(pieces(literal), None, "{literal}");
        }
        assert_eq!(message("%d", &[ValueView::Text(b"x")]), None);
        assert_eq!(message("%x", &[ValueView::F64(1.0)]), None);
    }
}
