//! One action of the log, as far as readers ask for it.
//!
//! Takes a line, gives the fields that every action has, found in one walk over the line that ends
//! where the last of them is found. Everything else is looked up by name. A line without
//! `action_type` is no action, a damaged line is none either.

use std::borrow::Cow;

use logloom_filter::{LineView, RawValue};
use logloom_record::time::parse_timestamp;
use memchr::memmem;

use super::head::Head;
use crate::show::grouped;

/// The name of the field that makes a line an action.
const ACTION_TYPE: &[u8] = b"\"action_type\"";

/// The largest count that is written with a point or an exponent: beyond it not all whole numbers are told.
const COUNT_MAX: f64 = (1_u64 << 53) as f64;

/// One action.
#[derive(Clone, Copy, Debug)]
pub struct ActionView<'a> {
    line: LineView<'a>,
    timestamp: Option<RawValue<'a>>,
    action_type: RawValue<'a>,
    session_id: Option<RawValue<'a>>,
    action_number: Option<RawValue<'a>>,
    status: Option<RawValue<'a>>,
}

impl<'a> ActionView<'a> {
    /// The action of a line; `None` where the line is none.
    #[must_use]
    pub fn of(line: &'a [u8]) -> Option<Self> {
        let view = LineView::new(line);
        let (mut timestamp, mut action_type, mut session_id) = (None, None, None);
        let (mut action_number, mut status) = (None, None);
        for (key, value) in view.members() {
            let slot = match key.raw() {
                b"\"timestamp\"" => &mut timestamp,
                b"\"action_type\"" => &mut action_type,
                b"\"session_id\"" => &mut session_id,
                b"\"action_number\"" => &mut action_number,
                b"\"status\"" => &mut status,
                _ => continue,
            };
            // Of several the first in the line wins.
            slot.get_or_insert(value);
            if let (Some(_), Some(_), Some(_), Some(_), Some(_)) =
                (timestamp, action_type, session_id, action_number, status)
            {
                break;
            }
        }
        let action_type = action_type?;
        Some(Self { line: view, timestamp, action_type, session_id, action_number, status })
    }

    /// The line itself.
    #[must_use]
    pub fn line(&self) -> &'a [u8] {
        self.line.raw()
    }

    /// When it happened, nanoseconds since 1970; `None` when the line does not say.
    #[must_use]
    pub fn time_ns(&self) -> Option<i64> {
        parse_timestamp(&self.timestamp?.text())
    }

    /// Its type, as it is written.
    #[must_use]
    pub fn action_type(&self) -> Cow<'a, str> {
        self.action_type.text()
    }

    /// Its session; empty when it has none.
    #[must_use]
    pub fn session_id(&self) -> Cow<'a, str> {
        self.session_id.map(|value| value.text()).unwrap_or_default()
    }

    /// Its number within the session.
    #[must_use]
    pub fn action_number(&self) -> Option<u64> {
        self.action_number?.text().parse().ok()
    }

    /// Its status; empty when it has none.
    #[must_use]
    pub fn status(&self) -> Cow<'a, str> {
        match self.status {
            Some(status) if !status.equals_text("") => status.text(),
            _ => Cow::Borrowed(""),
        }
    }

    /// Whether it counts as an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        super::is_error(&self.action_type(), &self.status())
    }

    /// The text of a field; empty when it is absent or null.
    #[must_use]
    pub fn text(&self, path: &str) -> Cow<'a, str> {
        match self.line.get(path) {
            Some(value) if !value.equals_text("") => value.text(),
            _ => Cow::Borrowed(""),
        }
    }

    /// A number that is not negative: a duration, a count of tokens.
    #[must_use]
    pub fn number(&self, path: &str) -> Option<f64> {
        let number: f64 = self.line.get(path)?.text().parse().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number)
    }

    /// A whole number; `None` for one that is too large to count anything, as `1e30`.
    #[must_use]
    pub fn count(&self, path: &str) -> Option<u64> {
        let exact = self.line.get(path)?.text().parse().ok();
        exact.or_else(|| {
            let number = self.number(path).filter(|number| *number <= COUNT_MAX);
            number.map(|number| number as u64)
        })
    }

    /// A whole number for reading; what is given in its place where it is none.
    #[must_use]
    pub(crate) fn shown_count(&self, path: &str) -> Option<String> {
        self.count(path).map(grouped).or_else(|| {
            let given = self.text(path);
            (!given.is_empty()).then(|| given.into_owned())
        })
    }

    /// A field of any kind.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<RawValue<'a>> {
        self.line.get(path)
    }

    /// The fields of the line in their order.
    #[must_use]
    pub fn line_view(&self) -> LineView<'a> {
        self.line
    }
}

/// Finds out whether lines are actions, without taking them apart where that can be avoided.
#[derive(Clone, Debug)]
pub(crate) struct ActionTest {
    name: memmem::Finder<'static>,
}

impl ActionTest {
    pub(crate) fn new() -> Self {
        Self { name: memmem::Finder::new(ACTION_TYPE) }
    }

    /// Whether the line, which has this head, has a field `action_type` of its own.
    #[inline]
    pub(crate) fn is_action(&self, head: Option<Head<'_>>, line: &[u8]) -> bool {
        head.is_some_and(|head| head.is_action()) || self.has_action_type(line)
    }

    fn has_action_type(&self, line: &[u8]) -> bool {
        let Some(at) = self.name.find(line) else { return false };
        // Outside of nested values, behind a comma, it can be nothing but a name of the line's own:
        // a name or a text ends before each comma.
        let before = &line[..at];
        let is_plain = before.last() == Some(&b',')
            && memchr::memchr2(b'[', b'{', &before[1.min(before.len())..]).is_none();
        is_plain || LineView::new(line).get("action_type").is_some()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_fields_of_an_action() {
        let line = br#"{"timestamp":"2025-11-21T14:32:15.123456","action_number":1234,"action_type":"tool_call","session_id":"s","execution_id":"e","status":"success","n":-1,"d":1.5,"args":{"command":"ls"},"status":"x"}"#;
        let view = ActionView::of(line).unwrap();
        assert_eq!(view.action_type(), "tool_call");
        assert_eq!((view.session_id().as_ref(), view.status().as_ref()), ("s", "success"));
        assert_eq!(view.action_number(), Some(1234));
        assert_eq!(view.time_ns(), Some(1_763_735_535_123_456_000));
        assert_eq!(view.text("args.command"), "ls");
        assert_eq!((view.number("n"), view.number("d")), (None, Some(1.5)));
        let view = ActionView::of(br#"{"action_type":"x","status":null}"#).unwrap();
        assert_eq!((view.status().as_ref(), view.session_id().as_ref()), ("", ""));
        assert!(ActionView::of(br#"{"message":"x"}"#).is_none());
        assert!(ActionView::of(b"damaged").is_none());
    }

    #[test]
    fn only_a_field_of_the_line_itself_makes_it_an_action() {
        let test = ActionTest::new();
        let check = |line: &str, expect: bool| {
            assert_eq!(
                test.is_action(Head::of(line.as_bytes()), line.as_bytes()),
                expect,
                "{line}"
            );
        };
        check(r#"{"timestamp":"t","action_type":"x"}"#, true);
        check(
            r#"{"timestamp":"2025-11-21T14:32:15.123456Z","level":"INFO","action_type":"x"}"#,
            true,
        );
        check(r#"{"timestamp":"2025-11-21T14:32:15.123456Z","level":"INFO","message":"x"}"#, false);
        check(r#"{"action_type": "x"}"#, true);
        check(r#"{"a":{"b":1},"action_type":"x"}"#, true);
        check(r#"{"message":"[1]","action_type":"x"}"#, true);
        check(r#"{"a":1, "action_type" : "x"}"#, true);
        check(r#"{"a":{"b":1,"action_type":"x"}}"#, false);
        check(r#"{"a":["b","action_type"]}"#, false);
        check(r#"{"a":"action_type"}"#, false);
        check(r#"{"message":"no ,\"action_type\" of its own"}"#, false);
        check("", false);
    }
}
