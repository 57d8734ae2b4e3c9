//! Records for reading: time, level, who, message, then the fields; further lines of a message
//! and the frames of an error are indented below.

use logloom_filter::{Kind, RawValue};

use super::record::{Shown, value_text};
use super::time::{Clock, Stamp};
use crate::terminal::{Paint, clipped, safe_line, safe_text};

/// What further lines of a record begin with.
const INDENT: &str = "    ";

/// Causes of an error that are shown.
const CAUSES_MAX: usize = 64;

pub(super) struct Pretty {
    clock: Clock,
    paint: Paint,
    /// Columns of a row, where rows are cut.
    columns: Option<usize>,
}

impl Pretty {
    pub(super) fn new(clock: Clock, paint: Paint) -> Self {
        Self { clock, paint, columns: None }
    }

    pub(super) fn clip(&mut self, columns: usize) {
        self.columns = Some(columns);
    }

    pub(super) fn row(&self, line: &[u8], out: &mut Vec<u8>) {
        let mut text = String::with_capacity(line.len() + 64);
        match Shown::of(line) {
            Some(shown) => self.record(&shown, &mut text),
            None => self.damaged(line, &mut text),
        }
        match self.columns {
            None => out.extend_from_slice(text.as_bytes()),
            Some(columns) => text.lines().for_each(|line| {
                out.extend_from_slice(clipped(line, columns).as_bytes());
                out.push(b'\n');
            }),
        }
    }

    fn record(&self, shown: &Shown<'_>, out: &mut String) {
        let paint = self.paint;
        let time = shown.time(&self.clock).unwrap_or_else(|| "-".to_owned());
        let (width, level) = (self.clock.width(), safe_line(&shown.level));
        out.push_str(&format!("{}{time:<width$}{} ", paint.dim(), paint.off()));
        out.push_str(&format!("{}{level:<5}{} ", paint.level(&level), paint.off()));
        self.speaker(shown, out);
        let message = safe_text(&shown.message);
        let mut lines = message.lines();
        let first = lines.next().unwrap_or("");
        match &*level {
            "ERROR" | "FATAL" => out.push_str(&format!("{}{first}{}", paint.bold(), paint.off())),
            _ => out.push_str(first),
        }
        self.fields(shown, out);
        out.push('\n');
        for line in lines {
            out.push_str(&format!("{INDENT}{}|{} {line}\n", paint.dim(), paint.off()));
        }
        for (name, value) in &shown.below {
            if is_told(&message, value) {
                continue;
            }
            let lead =
                if name.is_empty() { String::new() } else { format!("{}: ", safe_line(name)) };
            self.exception(value, &lead, out);
        }
    }

    /// Service and module.
    fn speaker(&self, shown: &Shown<'_>, out: &mut String) {
        let paint = self.paint;
        let (service, module) = (safe_line(&shown.service), safe_line(&shown.module));
        if !service.is_empty() {
            out.push_str(&format!("{}{service}{}", paint.service(), paint.off()));
        }
        if !module.is_empty() {
            let between = if service.is_empty() { "" } else { "/" };
            out.push_str(&format!("{}{between}{module}{}", paint.dim(), paint.off()));
        }
        if !(service.is_empty() && module.is_empty()) {
            out.push_str(&format!("{}:{} ", paint.dim(), paint.off()));
        }
    }

    fn fields(&self, shown: &Shown<'_>, out: &mut String) {
        if shown.fields.is_empty() {
            return;
        }
        out.push_str("  ");
        out.push_str(self.paint.dim());
        for (index, (key, value)) in shown.fields.iter().enumerate() {
            let between = if index > 0 { " " } else { "" };
            out.push_str(&format!("{between}{}={}", safe_line(key), value_text(value)));
        }
        out.push_str(self.paint.off());
    }

    /// Type and message, the frames, then what caused it.
    fn exception(&self, exception: &RawValue<'_>, name: &str, out: &mut String) {
        let mut link = Some(*exception);
        for depth in 0..CAUSES_MAX {
            let Some(current) = link else { break };
            let lead = if depth == 0 { name } else { "caused by " };
            link = self.exception_link(&current, lead, out);
        }
    }

    /// One error; gives its cause.
    fn exception_link<'a>(
        &self,
        link: &RawValue<'a>,
        lead: &str,
        out: &mut String,
    ) -> Option<RawValue<'a>> {
        if link.kind() != Kind::Object {
            let text = link.text();
            for (index, line) in safe_text(&text).lines().enumerate() {
                let lead = if index == 0 { lead } else { "" };
                out.push_str(&format!("{INDENT}{lead}{line}\n"));
            }
            return None;
        }
        let member = |name: &str| member(link, name);
        let text = |name: &str| member(name).map(|value| safe_line(&value.text()).into_owned());
        let kind = text("type").unwrap_or_default();
        let message = text("message").unwrap_or_default();
        let colon = if kind.is_empty() || message.is_empty() { "" } else { ": " };
        let (bad, off) = (self.paint.bad(), self.paint.off());
        out.push_str(&format!("{INDENT}{lead}{bad}{kind}{off}{colon}{message}\n"));
        if let Some(frames) = member("frames").as_ref().and_then(RawValue::elements) {
            frames.for_each(|frame| self.frame(&frame, out));
        }
        member("cause")
    }

    fn frame(&self, frame: &RawValue<'_>, out: &mut String) {
        let text =
            |name: &str| member(frame, name).map(|value| safe_line(&value.text()).into_owned());
        let function = text("function").or_else(|| text("module")).unwrap_or_else(|| "?".into());
        let place = match (text("file"), text("line")) {
            (Some(file), Some(line)) => format!(" ({file}:{line})"),
            (Some(file), None) => format!(" ({file})"),
            _ => String::new(),
        };
        let (dim, off) = (self.paint.dim(), self.paint.off());
        out.push_str(&format!("{INDENT}  {dim}at {function}{place}{off}\n"));
    }

    fn damaged(&self, line: &[u8], out: &mut String) {
        let (bad, off) = (self.paint.bad(), self.paint.off());
        let text = String::from_utf8_lossy(line);
        out.push_str(&format!("{bad}damaged line:{off} {}\n", safe_line(&text)));
    }
}

/// An error with its frames and causes as lines without colours; the first of them has this name before it.
pub(crate) fn told_exception(exception: &RawValue<'_>, name: &str) -> String {
    let pretty = Pretty::new(Clock::new(true, Stamp::Date), Paint::new(false));
    let lead = if name.is_empty() { String::new() } else { format!("{}: ", safe_line(name)) };
    let mut out = String::new();
    pretty.exception(exception, &lead, &mut out);
    out
}

/// Whether the message is the trace that the error was read from: nobody wants it twice. Frames alone
/// name neither a type nor a text; then it is the first of them that the message has to have.
fn is_told(message: &str, error: &RawValue<'_>) -> bool {
    let text_of = |object: &RawValue<'_>, name: &str| {
        let text = member(object, name).map(|text| safe_line(&text.text()).into_owned());
        text.filter(|text| !text.is_empty())
    };
    let told = |text: String| message.lines().skip(1).any(|line| line.contains(&text));
    if let Some(kind) = text_of(error, "type") {
        return told(kind);
    }
    let frames = member(error, "frames");
    let first = frames.as_ref().and_then(RawValue::elements).and_then(|mut frames| frames.next());
    text_of(error, "message").is_none()
        && first.is_some_and(|first| text_of(&first, "function").is_some_and(told))
}

fn member<'a>(object: &RawValue<'a>, name: &str) -> Option<RawValue<'a>> {
    object.members()?.find(|(key, _)| key.text() == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shown(line: &str) -> String {
        let pretty = Pretty::new(Clock::new(true, Stamp::Time), Paint::new(false));
        let mut out = Vec::new();
        pretty.row(line.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn records_are_lines() {
        let line = r#"{"timestamp":"2020-11-21T10:00:00.250000Z","level":"INFO","service":"shop","module":"pay","message":"signed in","user_id":42,"name":"A B","template":"t"}"#;
        assert_eq!(
            shown(line),
            "2020-11-21    INFO  shop/pay: signed in  user_id=42 name=\"A B\"\n"
        );
        assert_eq!(shown("{}"), format!("{:<20}\n", "-"));
        let old = line.replace("\"user_id\":42", "\"time_source\":\"arrival\"");
        assert!(shown(&old).starts_with("~2020-11-21   INFO"), "{}", shown(&old));
    }

    #[test]
    fn levels_of_others_are_spelt_as_ours() {
        let paint = Paint::new(true);
        let pretty = Pretty::new(Clock::new(true, Stamp::Time), paint);
        let mut out = Vec::new();
        for level in ["error", "warning", "urgent"] {
            let line = format!(r#"{{"level":"{level}","message":"m"}}"#);
            pretty.row(line.as_bytes(), &mut out);
        }
        let text = String::from_utf8(out).unwrap();
        let [error, warning, other] = text.lines().collect::<Vec<_>>()[..] else {
            panic!("{text}")
        };
        let (off, bold) = (paint.off(), paint.bold());
        assert!(error.ends_with(&format!("{}ERROR{off} {bold}m{off}", paint.level("ERROR"))));
        assert!(warning.ends_with(&format!("{}WARN {off} m", paint.level("WARN"))), "{warning:?}");
        assert!(other.ends_with(&format!("urgent{off} m")), "{other:?}");
    }

    #[test]
    fn further_lines_and_errors_are_indented() {
        let line = r#"{"level":"ERROR","message":"a\nb","exception":{"type":"E","message":"m","frames":[{"function":"f","file":"x.rs","line":3}],"cause":{"message":"c"}}}"#;
        let text = shown(line);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines, ["    | b", "    E: m", "      at f (x.rs:3)", "    caused by c"]);
        let text = shown(r#"{"error":{"type":"E","message":"m"},"stack":"a\n  b","k":1}"#);
        assert!(text.ends_with("k=1\n    error: E: m\n    stack: a\n      b\n"), "{text}");
        assert!(shown(r#"{"exception":"one\ntwo"}"#).ends_with("    one\n    two\n"));
    }

    #[test]
    fn a_trace_is_shown_once() {
        let line = r#"{"message":"failed\nTraceback (most recent call last):\nValueError: m","exception":{"type":"ValueError","message":"m"}}"#;
        let text = shown(line);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert_eq!(text.matches("ValueError").count(), 1, "{text}");
        let line = r#"{"message":"lone\n\tat a.App.main(App.java:12)","exception":{"frames":[{"function":"main","module":"a.App","file":"App.java","line":12}]}}"#;
        let text = shown(line);
        assert_eq!((text.lines().count(), text.matches("main").count()), (2, 1), "{text}");
        let other = shown(&line.replace("App.main(", "App.run("));
        assert_eq!(other.matches("main").count(), 1, "{other}");
    }

    #[test]
    fn every_row_of_a_record_is_cut() {
        let mut pretty = Pretty::new(Clock::new(true, Stamp::Time), Paint::new(false));
        pretty.clip(24);
        let mut out = Vec::new();
        let long = "x".repeat(100);
        let line = format!(r#"{{"message":"{long}\n{long}","exception":{{"message":"{long}"}}}}"#);
        pretty.row(line.as_bytes(), &mut out);
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 24), "{text}");
    }

    #[test]
    fn nothing_acts_on_the_terminal() {
        let line = r#"{"level":"\u001b[2J","service":"\u0007","message":"x\u001b]0;t\u0007\r","\u001b":"\u009b","exception":"\u001bc"}"#;
        let text = shown(line);
        assert!(text.chars().all(|c| c == '\n' || !logloom_query::show::is_harmful(c)), "{text:?}");
        let text = shown("{\"message\":\"ad\u{200b}min\\u2066\",\"k\u{feff}\":\"\u{2060}\"}");
        assert!(text.ends_with("ad\\u{200b}min\\u{2066}  k\\u{feff}=\\u{2060}\n"), "{text:?}");
        let text = shown("broken \u{1b}[31m");
        assert!(text.starts_with("damaged line: broken \\u{1b}"), "{text:?}");
    }
}
