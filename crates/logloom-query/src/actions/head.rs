//! The head of a line as this system writes it, told from its raw bytes.
//!
//! Takes a line, says which second it names and whether it is an action, where it begins like
//! `{"timestamp":"2025-11-21T14:32:15.123456Z","level":"INFO","action_number":7,"action_type":"`.
//! Of every other form it says nothing: such lines are taken apart.

use logloom_record::time::format_rfc3339;

/// Bytes of a line up to the point behind the second, and those of the fraction.
const SECOND_BYTES: usize = 34;
const FRACTION_BYTES: usize = 6;

/// `,"action_number":`
const NUMBER: &[u8] = b",\"action_number\":";

/// What stands behind the number.
const BEHIND_NUMBER: &[u8] = b",\"action_type\":\"";

/// `2025-11-21T14:32:15`
pub(crate) type Second = [u8; 19];

const TIMESTAMP: &[u8] = b"{\"timestamp\":\"";

/// A time and the quote behind it; zeros stand for digits.
const TIME_FORM: [u8; 28] = *b"0000-00-00T00:00:00.000000Z\"";

/// No name of a level is longer.
const LEVEL_BYTES_MAX: usize = 5;

/// The head of one line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    /// The second that the line names, as it stands there.
    pub(crate) second: &'a [u8],
    /// What follows the time.
    rest: &'a [u8],
}

/// The second of a moment as lines write it, where it is a whole one.
pub(crate) fn second_of(time_ns: i64) -> Option<Second> {
    let is_whole = time_ns.rem_euclid(1_000_000_000) == 0;
    let text = format_rfc3339(time_ns, 0);
    text.as_bytes().get(..19).filter(|_| is_whole && text.len() == 20)?.try_into().ok()
}

impl<'a> Head<'a> {
    /// The head of a line of the usual form; `None` for every other form.
    #[inline]
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        let time = line.strip_prefix(TIMESTAMP)?;
        let (time, rest) = time.split_first_chunk::<28>()?;
        // Without a branch for each byte, since this is asked of every line.
        let is_other = TIME_FORM.iter().zip(time).fold(false, |is_other, (form, byte)| {
            let differs = match form {
                b'0' => !byte.is_ascii_digit(),
                form => byte != form,
            };
            is_other | differs
        });
        (!is_other).then_some(Head { second: &time[..19], rest })
    }

    /// Whether the line is surely an action; where not, nothing is said.
    #[inline]
    pub(crate) fn is_action(&self) -> bool {
        self.action_type().is_some()
    }

    fn behind_level(&self) -> Option<&'a [u8]> {
        let level = self.rest.strip_prefix(b",\"level\":\"")?;
        let end = level.iter().take(LEVEL_BYTES_MAX + 1).position(|b| !b.is_ascii_uppercase())?;
        level[end..].strip_prefix(b"\"")
    }

    fn action_type(&self) -> Option<()> {
        let mut rest = self.behind_level()?;
        if let Some(number) = rest.strip_prefix(NUMBER) {
            let digits = number.iter().position(|byte| !byte.is_ascii_digit())?;
            rest = &number[digits..];
        }
        rest.starts_with(BEHIND_NUMBER).then_some(())
    }
}

/// The beginning of an action of the usual form: lines of the same second and level begin with the same
/// bytes, and are told by these alone, which takes a fraction of the time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Likeness<'a> {
    /// Up to the point behind the second.
    second: &'a [u8; SECOND_BYTES],
    /// From the end of the fraction to the number.
    level: &'a [u8],
}

impl<'a> Likeness<'a> {
    /// That of a line which begins like a numbered action.
    pub(crate) fn of(line: &'a [u8]) -> Option<Self> {
        let number = Head::of(line)?.behind_level()?.strip_prefix(NUMBER)?;
        let (second, rest) = line.split_first_chunk()?;
        let level = rest.get(FRACTION_BYTES..rest.len() - number.len())?;
        Some(Likeness { second, level })
    }

    /// Whether the line is an action of the same second and level.
    #[inline]
    pub(crate) fn is_that_of(&self, line: &[u8]) -> bool {
        let Some((second, rest)) = line.split_first_chunk() else { return false };
        let Some((fraction, rest)) = rest.split_first_chunk::<FRACTION_BYTES>() else {
            return false;
        };
        let is_number = fraction.iter().fold(true, |all, byte| all & byte.is_ascii_digit());
        if second != self.second || !is_number {
            return false;
        }
        let Some(number) = rest.strip_prefix(self.level) else { return false };
        let digits = number.iter().take_while(|byte| byte.is_ascii_digit()).count();
        number[digits..].starts_with(BEHIND_NUMBER)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn actions_of_the_usual_form_are_told() {
        let check = |rest: &str, expect: bool| {
            let line = format!("{{\"timestamp\":\"2025-11-21T14:32:15.123456Z\"{rest}");
            let head = Head::of(line.as_bytes());
            assert_eq!(head.map(|head| head.is_action()), Some(expect), "{line}");
        };
        check(r#","level":"INFO","action_number":12,"action_type":"tool_call"}"#, true);
        check(r#","level":"ERROR","action_type":"tool_error"}"#, true);
        check(r#","level":"INFO","service":"a","action_type":"x"}"#, false);
        check(r#","level":"INFO","action_number":"1","action_type":"x"}"#, false);
        check(r#","level":"\",\"action_type\":\"x"}"#, false);
        check(r#","level":"INFO"#, false);
        check(r#","a":{"level":"INFO","action_type":"x"}}"#, false);
        check("", false);
    }

    #[test]
    fn lines_alike_are_told_as_each_by_itself() {
        let line = |second: &str, rest: &str| {
            format!("{{\"timestamp\":\"2025-11-21T14:32:{second}.123456Z\"{rest}").into_bytes()
        };
        let usual = r#","level":"INFO","action_number":12,"action_type":"tool_call"}"#;
        let first = line("15", usual);
        let likeness = Likeness::of(&first).unwrap();
        for (other, is_alike) in [
            (line("15", usual), true),
            (line("15", &usual.replace("12", "7")), true),
            (line("15", &usual.replace("12", "x")), false),
            (line("15", &usual.replace("INFO", "WARN")), false),
            (line("15", &usual.replace("action_type", "action_typo")), false),
            (line("16", usual), false),
            (line("15", &usual.replace("\"action_number\":12,", "")), false),
            (line("15", ""), false),
            (Vec::new(), false),
        ] {
            let text = String::from_utf8_lossy(&other);
            assert_eq!(likeness.is_that_of(&other), is_alike, "{text}");
            let head = Head::of(&other);
            assert!(!is_alike || head.is_some_and(|head| head.is_action()), "{text}");
        }
        let mut other = first.clone();
        other[SECOND_BYTES + 5] = b'x';
        assert!(!likeness.is_that_of(&other));
        assert!(Likeness::of(&line("15", r#","level":"INFO","action_type":"x"}"#)).is_none());
        assert!(Likeness::of(&other).is_none());
    }

    #[test]
    fn what_is_no_time_of_this_form_is_no_head() {
        for time in [
            "2025-11-21T14:32:15Z",
            "2025-11-21T14:32:15.12345Z",
            "2025-11-21T14:32:15.\",\"b\":Z",
            "2025-11-21 14:32:15.123456Z",
        ] {
            let line = format!("{{\"timestamp\":\"{time}\",\"level\":\"INFO\"}}");
            assert!(Head::of(line.as_bytes()).is_none(), "{line}");
        }
        assert!(Head::of(b"{\"timestamp\":\"2025").is_none());
    }

    #[test]
    fn only_whole_seconds_of_four_digit_years_are_compared_as_text() {
        let day = 1_763_683_200_000_000_000;
        assert_eq!(second_of(day), Some(*b"2025-11-21T00:00:00"));
        assert_eq!(second_of(day + 1), None);
        assert_eq!(second_of(i64::MIN), None);
    }
}
