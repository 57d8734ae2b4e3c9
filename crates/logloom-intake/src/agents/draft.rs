//! An action under way: the common fields apart, the others in their order.

use logloom_record::{Level, Record, Value};

use super::object::as_written;
use crate::Defaults;

/// One action before it has its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) time_ns: Option<i64>,
    pub(super) session_id: Option<String>,
    pub(super) execution_id: Option<String>,
    /// Of an agent within the agent.
    pub(super) is_sidechain: bool,
    pub(super) action_type: &'static str,
    pub(super) status: Option<&'static str>,
    pub(super) fields: Vec<(String, Value)>,
}

impl Draft {
    /// An action of this type; times and sessions are those of `base`.
    pub(super) fn new(base: &Draft, action_type: &'static str) -> Self {
        Self { action_type, status: None, fields: Vec::new(), ..base.clone() }
    }

    /// A line that has no place among the action types: what it is, and all of it.
    pub(super) fn other(base: &Draft, reason: &str, extra: Option<String>) -> Self {
        Draft::new(base, "agent_state_change").text("reason", Some(reason.to_owned())).extra(extra)
    }

    /// Whether it begins a session.
    pub(super) fn is_start(&self) -> bool {
        self.action_type == "session_start"
    }

    pub(super) fn status(mut self, status: &'static str) -> Self {
        self.status = Some(status);
        self
    }

    pub(super) fn field(mut self, name: &str, value: Option<Value>) -> Self {
        self.fields.extend(value.map(|value| (name.to_owned(), value)));
        self
    }

    pub(super) fn text(self, name: &str, text: Option<String>) -> Self {
        self.field(name, text.map(Value::Text))
    }

    pub(super) fn count(self, name: &str, count: Option<u64>) -> Self {
        self.field(name, count.map(Value::U64))
    }

    /// A number that may have a fraction, such as a duration; whole ones are written as such.
    pub(super) fn number(self, name: &str, number: Option<f64>) -> Self {
        let whole = |number: f64| number.fract() == 0.0 && number.abs() < 9e15;
        self.field(
            name,
            number.filter(|number| number.is_finite()).map(|number| match whole(number) {
                true => Value::I64(number as i64),
                false => Value::F64(number),
            }),
        )
    }

    /// A value as it was written.
    pub(super) fn raw(self, name: &str, raw: Option<&str>) -> Self {
        self.field(name, raw.map(as_written))
    }

    /// What has no place of its own.
    pub(super) fn extra(self, members: Option<String>) -> Self {
        self.raw("extra", members.as_deref())
    }

    pub(super) fn into_record(
        self,
        module: &str,
        number: Option<u64>,
        defaults: &Defaults,
    ) -> Record {
        let is_error = self.action_type.ends_with("_error") || self.status == Some("error");
        let level = match self.action_type {
            _ if is_error => Level::Error,
            "system_warning" => Level::Warn,
            _ => defaults.level,
        };
        let mut record = Record::new(level, module, "");
        record.time_ns = self.time_ns;
        record.session_id = self.session_id;
        let mut push = |name: &str, value: Option<Value>| {
            record.fields.extend(value.map(|value| (name.to_owned(), value)));
        };
        push("execution_id", self.execution_id.map(Value::Text));
        push("action_type", Some(Value::Text(self.action_type.to_owned())));
        push("action_number", number.map(Value::U64));
        push("status", self.status.map(|status| Value::Text(status.to_owned())));
        record.fields.extend(self.fields);
        record
    }
}
