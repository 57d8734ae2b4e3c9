//! A report as text for people and as one JSON object.

use std::fmt::Write;

use logloom_record::time::format_rfc3339;

use super::{Histogram, ModelUse, Report, Storm, ToolUse};
use crate::actions::days::Days;
use crate::actions::message::duration_text;
use crate::actions::screen::Screen;
use crate::actions::sheet::Sheet;
use crate::show::{grouped, json_text, safe_line};

/// Tools and storms that the text lists; JSON has all.
const LISTED_MAX: usize = 15;

impl Report {
    /// The report for people.
    #[must_use]
    pub fn text(&self, days: &Days, screen: &Screen) -> String {
        let mut out = String::new();
        let span = match *days {
            Days::ALL => "all days".to_owned(),
            days => days.to_string(),
        };
        let (bold, off) = (screen.bold(), screen.off());
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{bold}Report ({span}){off}: {} actions in {} sessions, {} errors ({})",
            grouped(self.actions),
            grouped(self.sessions),
            grouped(self.errors),
            percent(self.errors, self.actions)
        );
        self.models_text(screen, &mut out);
        self.tools_text(screen, &mut out);
        self.storms_text(screen, &mut out);
        self.permissions_text(&mut out);
        if !self.advice.is_empty() {
            let _ = writeln!(out, "\n{bold}Suggestions{off}");
            for sentence in &self.advice {
                let _ = writeln!(out, "- {}", safe_line(sentence));
            }
        }
        out
    }

    fn models_text(&self, screen: &Screen, out: &mut String) {
        if self.models.is_empty() {
            return;
        }
        let headings =
            ["Model", "Answers", "Errors", "Tokens in", "out", "Cost", "p50", "p95", "Longest"];
        let mut sheet = Sheet::new(&headings).right(&[1, 2, 3, 4, 5, 6, 7, 8]).gives(&[0]);
        for model in &self.models {
            let mut cells = vec![
                model.name.clone(),
                grouped(model.responses),
                grouped(model.errors),
                model.input_tokens.map_or_else(|| "-".to_owned(), grouped),
                model.output_tokens.map_or_else(|| "-".to_owned(), grouped),
                model.cost_usd.map_or_else(|| "-".to_owned(), |cost| format!("${cost:.2}")),
            ];
            cells.extend(spread(&model.durations));
            sheet.row(cells);
            if model.errors > 0 {
                sheet.paint(2, screen.state("", true));
            }
        }
        out.push('\n');
        out.push_str(&sheet.text(screen));
    }

    fn tools_text(&self, screen: &Screen, out: &mut String) {
        if self.tools.is_empty() {
            return;
        }
        let headings = ["Tool", "Calls", "Errors", "", "p50", "p95", "Longest", "Time in all"];
        let mut sheet = Sheet::new(&headings).right(&[1, 2, 3, 4, 5, 6, 7]).gives(&[0]);
        for tool in self.tools.iter().take(LISTED_MAX) {
            let mut cells = vec![
                tool.name.clone(),
                grouped(tool.calls),
                grouped(tool.errors),
                percent(tool.errors, tool.calls),
            ];
            cells.extend(spread(&tool.durations));
            cells.push(duration_text(tool.durations.sum_ms));
            sheet.row(cells);
            if tool.errors > 0 {
                sheet.paint(2, screen.state("", true));
            }
        }
        out.push('\n');
        out.push_str(&sheet.text(screen));
        left_out(self.tools.len(), "tools", out);
    }

    fn storms_text(&self, screen: &Screen, out: &mut String) {
        if self.storms.is_empty() {
            return;
        }
        let headings = ["Failed in a row", "Times", "Within", "Session", "Error"];
        let mut sheet = Sheet::new(&headings).right(&[1, 2]).gives(&[4, 3, 0]);
        for storm in self.storms.iter().take(LISTED_MAX) {
            let within = storm.last_ns.saturating_sub(storm.first_ns) as f64 / 1e6;
            sheet.row(vec![
                storm.what.clone(),
                grouped(storm.failures),
                duration_text(within.max(0.0)),
                storm.session_id.clone(),
                storm.error.clone(),
            ]);
        }
        out.push('\n');
        out.push_str(&sheet.text(screen));
        left_out(self.storms.len(), "rows", out);
    }

    fn permissions_text(&self, out: &mut String) {
        let asked = &self.permissions;
        if asked.asked == 0 {
            return;
        }
        let _ = write!(
            out,
            "\nPermissions: asked {} times, denied {}",
            grouped(asked.asked),
            grouped(asked.denied)
        );
        if let Some(middle) = asked.waits.quantile_ms(0.5) {
            let _ = write!(
                out,
                "; answers took {} (p50), {} at most, {} in all",
                duration_text(middle),
                duration_text(asked.waits.max_ms),
                duration_text(asked.waits.sum_ms)
            );
        }
        out.push('\n');
    }

    /// The report as one JSON object. What was not measured is absent.
    #[must_use]
    pub fn json(&self, days: &Days) -> String {
        let list = |all: Vec<String>| all.join(",");
        let permissions = &self.permissions;
        format!(
            "{{\"days\":{},\"actions\":{},\"sessions\":{},\"errors\":{},\"models\":[{}],\
             \"tools\":[{}],\"storms\":[{}],\"permissions\":{{\"asked\":{},\"denied\":{}{}}},\
             \"suggestions\":[{}]}}",
            json_text(&days.to_string()),
            self.actions,
            self.sessions,
            self.errors,
            list(self.models.iter().map(model_json).collect()),
            list(self.tools.iter().map(tool_json).collect()),
            list(self.storms.iter().map(storm_json).collect()),
            permissions.asked,
            permissions.denied,
            durations_json("wait", &permissions.waits),
            list(self.advice.iter().map(|sentence| json_text(sentence)).collect())
        )
    }
}

fn left_out(count: usize, noun: &str, out: &mut String) {
    if count > LISTED_MAX {
        let _ = writeln!(out, "and {} {noun} more", grouped((count - LISTED_MAX) as u64));
    }
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1}%", part as f64 * 100.0 / whole.max(1) as f64)
}

/// Median, one in twenty, longest.
fn spread(durations: &Histogram) -> [String; 3] {
    let shown = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), duration_text);
    let longest = (durations.count > 0).then_some(durations.max_ms);
    [durations.quantile_ms(0.5), durations.quantile_ms(0.95), longest].map(shown)
}

fn model_json(model: &ModelUse) -> String {
    let mut text = format!(
        "{{\"model\":{},\"requests\":{},\"responses\":{},\"errors\":{},\"rate_limits\":{}",
        json_text(&model.name),
        model.requests,
        model.responses,
        model.errors,
        model.rate_limits
    );
    for (name, count) in [
        ("input_tokens", model.input_tokens),
        ("cache_read_tokens", model.cache_read_tokens),
        ("output_tokens", model.output_tokens),
    ] {
        text += &count.map(|count| format!(",\"{name}\":{count}")).unwrap_or_default();
    }
    text += &model.cost_usd.map(|cost| format!(",\"cost_usd\":{cost:.6}")).unwrap_or_default();
    text + &durations_json("duration", &model.durations) + "}"
}

fn tool_json(tool: &ToolUse) -> String {
    format!(
        "{{\"tool\":{},\"calls\":{},\"errors\":{},\"asked\":{},\"denied\":{}{}}}",
        json_text(&tool.name),
        tool.calls,
        tool.errors,
        tool.asked,
        tool.denied,
        durations_json("duration", &tool.durations)
    )
}

fn storm_json(storm: &Storm) -> String {
    format!(
        "{{\"session_id\":{},\"what\":{},\"failures\":{},\"first\":\"{}\",\"last\":\"{}\",\
         \"error\":{}}}",
        json_text(&storm.session_id),
        json_text(&storm.what),
        storm.failures,
        format_rfc3339(storm.first_ns, 6),
        format_rfc3339(storm.last_ns, 6),
        json_text(&storm.error)
    )
}

/// Members for durations in milliseconds; nothing where none was measured.
fn durations_json(name: &str, durations: &Histogram) -> String {
    let (Some(p50), Some(p95)) = (durations.quantile_ms(0.5), durations.quantile_ms(0.95)) else {
        return String::new();
    };
    format!(
        ",\"{name}_ms\":{{\"count\":{},\"sum\":{:.3},\"p50\":{p50:.3},\"p95\":{p95:.3},\
         \"max\":{:.3}}}",
        durations.count, durations.sum_ms, durations.max_ms
    )
}
