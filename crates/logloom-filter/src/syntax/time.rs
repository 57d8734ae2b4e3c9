//! Conditions on the time of a record: everything behind `_time:`.

use std::ops::Range;

use super::logic::Parser;
use super::moment::{Period, is_likely, period};
use super::{Compound, SyntaxError, TokenKind};
use crate::calendar::{DAYS, DayBound, DayRange, WeekRange};
use crate::quantity::duration_ns;
use crate::{Filter, Target};

const FORMS: &str = "write a duration (5m, 1h30m), a time (2026-11-21, 2026-11-21T10:00Z, now-1h), \
    [from, until) or a comparison (>=2026-11-21)";

impl Parser<'_, '_> {
    /// The condition behind `_time:`.
    pub(super) fn time(&mut self) -> Result<Filter, SyntaxError> {
        let token = self.lexer.peek().clone();
        if token.is_symbol("(") && !self.is_time_range() {
            self.lexer.take();
            return self.time_group();
        }
        if let Some(is_lower) = bracket(&token.text).filter(|_| token.kind == TokenKind::Symbol) {
            self.lexer.take();
            return self.time_between(is_lower);
        }
        match token.text.as_str() {
            "day_range" => return self.day_range(),
            "week_range" => return self.week_range(),
            "!" | "-" | "!=" if token.kind == TokenKind::Symbol => {
                if token.text != "!=" {
                    self.lexer.take();
                }
                return self.negated_time();
            }
            _ => {}
        }
        if token.is_keyword("not") {
            self.lexer.take();
            return self.negated_time();
        }
        if self.is_text_of_time() {
            return self.term(Some(&Target::Path("timestamp".to_owned())));
        }
        self.time_or_duration(&token.text)
    }

    /// Whether the text of the time is asked for: `~`, `in(...)`, `*`, `i(...)` and so on.
    fn is_text_of_time(&self) -> bool {
        let token = self.lexer.peek();
        let joined = |ahead: usize, sign: &str| {
            let next = self.lexer.peek_at(ahead);
            !next.is_apart && next.is_symbol(sign)
        };
        let is_call = token.kind == TokenKind::Word && joined(1, "(");
        let has_star = token.is_symbol("=") && joined(2, "*");
        is_call || has_star || token.is_symbol("*") || token.is_symbol("~") || token.is_symbol("!~")
    }

    fn negated_time(&mut self) -> Result<Filter, SyntaxError> {
        self.lexer.enter()?;
        if self.lexer.peek().is_symbol("!=") {
            let at = self.lexer.place();
            return Err(SyntaxError::new(at, "`!=` does not compare times")
                .with_hint("write !_time:2026-11-21"));
        }
        let filter = self.time()?.negated();
        self.lexer.leave();
        Ok(filter)
    }

    /// Whether the parenthesis that is next begins a range, which has a comma in it.
    fn is_time_range(&self) -> bool {
        for ahead in 1.. {
            let token = self.lexer.peek_at(ahead);
            if token.is_symbol(",") {
                return true;
            }
            if token.kind == TokenKind::End || token.is_symbol(")") || token.is_symbol("(") {
                return false;
            }
        }
        false
    }

    /// `_time:(5m or 2026-11-21)`.
    fn time_group(&mut self) -> Result<Filter, SyntaxError> {
        self.lexer.enter()?;
        let mut all = vec![self.time()?];
        while self.lexer.take_keyword("or") {
            all.push(self.time()?);
        }
        self.lexer.leave();
        self.lexer.expect_symbol(")")?;
        Ok(Filter::any_of(all))
    }

    /// A comparison, a period, a duration, or an offset alone.
    fn time_or_duration(&mut self, sign: &str) -> Result<Filter, SyntaxError> {
        let now = self.context.now_ns;
        if self.lexer.peek().is_keyword("offset") {
            let offset = self.time_offset()?;
            return Ok(times(None, Some(i128::from(now) - offset + 1)));
        }
        let is_comparison = matches!(sign, ">" | ">=" | "<" | "<=");
        if is_comparison || sign == "=" {
            self.lexer.take();
        }
        let value = self.lexer.value("a time")?;
        let (from, until) = match is_likely(&value.text) {
            true => compare(sign, &self.period(&value)?),
            false => compare_age(sign, now, &value)?,
        };
        self.shifted(from, until)
    }

    fn period(&self, value: &Compound) -> Result<Period, SyntaxError> {
        period(&value.text, self.context).ok_or_else(|| {
            SyntaxError::new(value.at.clone(), format!("`{}` is no time", value.text))
                .with_hint(FORMS)
        })
    }

    /// `[from, until)` in all its forms, behind the opening bracket.
    fn time_between(&mut self, is_lower_included: bool) -> Result<Filter, SyntaxError> {
        let lower = self.lexer.value("a time")?;
        let from = self.period(&lower)?;
        self.lexer.expect_symbol(",")?;
        let upper = self.lexer.value("a time")?;
        let until = self.period(&upper)?;
        let is_upper_included = self.closing()?;
        let from = i128::from(from.start) + i128::from(!is_lower_included);
        let until = if is_upper_included { until.end } else { until.start };
        self.shifted(Some(from), Some(i128::from(until)))
    }

    /// Takes the bracket that closes a range; `]` includes the end.
    pub(super) fn closing(&mut self) -> Result<bool, SyntaxError> {
        if self.lexer.take_symbol("]") {
            return Ok(true);
        }
        match self.lexer.take_symbol(")") {
            true => Ok(false),
            false => Err(self.lexer.unexpected("`]` or `)`")),
        }
    }

    /// The range, moved by the offset that may follow.
    fn shifted(&mut self, from: Option<i128>, until: Option<i128>) -> Result<Filter, SyntaxError> {
        let offset = match self.lexer.peek().is_keyword("offset") {
            true => self.time_offset()?,
            false => 0,
        };
        Ok(times(from.map(|from| from - offset), until.map(|until| until - offset)))
    }

    fn time_offset(&mut self) -> Result<i128, SyntaxError> {
        self.lexer.take();
        let value = self.lexer.value("a duration")?;
        duration(&value).map(i128::from)
    }

    /// `day_range[08:00, 18:00)`.
    fn day_range(&mut self) -> Result<Filter, SyntaxError> {
        let start = self.lexer.take().at.start;
        let (lower, from, until, upper) = self.bracketed()?;
        let range = DayRange {
            from: DayBound { minute: minute(&from)?, is_included: lower },
            until: DayBound { minute: minute(&until)?, is_included: upper },
            offset_ns: self.range_offset()?,
        };
        if range.from.minute > range.until.minute {
            let at = start..until.at.end;
            return Err(SyntaxError::new(at, "the day range ends before it begins").with_hint(
                "for a night write two: day_range[22:00, 24:00) or day_range[00:00, 06:00)",
            ));
        }
        Ok(Filter::DayRange(range))
    }

    /// `week_range[Mon, Fri]`.
    fn week_range(&mut self) -> Result<Filter, SyntaxError> {
        let start = self.lexer.take().at.start;
        let (lower, from, until, upper) = self.bracketed()?;
        let (first, last) = (weekday(&from)?, weekday(&until)?);
        let offset_ns = self.range_offset()?;
        if first > last {
            let at = start..until.at.end;
            return Err(SyntaxError::new(at, "the week range ends before it begins")
                .with_hint("a week begins with Sunday; write two ranges with `or` between them"));
        }
        let (first, last) = (first + u8::from(!lower), i16::from(last) - i16::from(!upper));
        Ok(match u8::try_from(last) {
            Ok(last) if first <= last => Filter::WeekRange(WeekRange { first, last, offset_ns }),
            _ => Filter::Or(Vec::new()),
        })
    }

    /// `[a, b)`: whether `a` is included, both, and whether `b` is.
    pub(super) fn bracketed(&mut self) -> Result<(bool, Compound, Compound, bool), SyntaxError> {
        let Some(lower) = bracket(&self.lexer.peek().text) else {
            return Err(self.lexer.unexpected("`[` or `(`"));
        };
        self.lexer.take();
        let from = self.lexer.value("the lower bound")?;
        self.lexer.expect_symbol(",")?;
        let until = self.lexer.value("the upper bound")?;
        Ok((lower, from, until, self.closing()?))
    }

    fn range_offset(&mut self) -> Result<i64, SyntaxError> {
        if !self.lexer.take_keyword("offset") {
            return Ok(0);
        }
        let value = self.lexer.value("a duration")?;
        duration(&value)
    }
}

/// Whether the bound behind this opening bracket is included.
fn bracket(sign: &str) -> Option<bool> {
    match sign {
        "[" => Some(true),
        "(" => Some(false),
        _ => None,
    }
}

type Bounds = (Option<i128>, Option<i128>);

/// The bounds of times that compare so with a period.
fn compare(sign: &str, period: &Range<i64>) -> Bounds {
    let (start, end) = (i128::from(period.start), i128::from(period.end));
    match sign {
        ">" => (Some(start + 1), None),
        ">=" => (Some(start), None),
        "<" => (None, Some(start)),
        "<=" => (None, Some(end)),
        _ => (Some(start), Some(end)),
    }
}

/// The bounds of times that are so old.
fn compare_age(sign: &str, now: i64, value: &Compound) -> Result<Bounds, SyntaxError> {
    let (now, age) = (i128::from(now), i128::from(duration(value)?).abs());
    Ok(match sign {
        ">" => (None, Some(now - age)),
        ">=" => (None, Some(now - age + 1)),
        "<=" => (Some(now - age), Some(now + 1)),
        _ => (Some(now - age + 1), Some(now + 1)),
    })
}

/// The filter of these bounds, cut to the moments that there are.
fn times(from: Option<i128>, until: Option<i128>) -> Filter {
    let cut = |bound: i128| bound.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
    Filter::TimeRange { from: from.map(cut), until: until.map(cut) }
}

fn duration(value: &Compound) -> Result<i64, SyntaxError> {
    duration_ns(&value.text).ok_or_else(|| {
        let message = format!("`{}` is neither a time nor a duration", value.text);
        SyntaxError::new(value.at.clone(), message).with_hint(FORMS)
    })
}

fn minute(value: &Compound) -> Result<u16, SyntaxError> {
    let read = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        let two = |digits: &str| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        let is_clock = two(hours) && two(minutes);
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        let minute = hours * 60 + minutes;
        (is_clock && minutes < 60 && minute <= 1440).then_some(minute)
    };
    read(&value.text).ok_or_else(|| {
        SyntaxError::new(value.at.clone(), format!("`{}` is no time of day", value.text))
            .with_hint("write hh:mm, from 00:00 to 24:00")
    })
}

fn weekday(value: &Compound) -> Result<u8, SyntaxError> {
    const LONG: [&str; 7] =
        ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let is_day = |names: [&str; 7]| {
        names.into_iter().position(|name| name.eq_ignore_ascii_case(&value.text))
    };
    match is_day(DAYS).or_else(|| is_day(LONG)) {
        Some(day) => Ok(day as u8),
        None => {
            let message = format!("`{}` is no day of the week", value.text);
            Err(SyntaxError::new(value.at.clone(), message).with_nearest(&value.text, &DAYS))
        }
    }
}
