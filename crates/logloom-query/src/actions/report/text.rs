//! A report as text for people and as one JSON object.

use std::fmt::Write;

use logloom_record::time::format_rfc3339;

use super::{Histogram, ModelUse, Report, Storm, ToolUse};
use crate::actions::days::Days;
use crate::actions::lang::Lang;
use crate::actions::screen::Screen;
use crate::actions::sheet::Sheet;
use crate::show::{counted, grouped, json_text, safe_line};

/// Tools and storms that the text lists; JSON has all.
const LISTED_MAX: usize = 15;

impl Report {
    /// The report for people.
    #[must_use]
    pub fn text(&self, days: &Days, lang: Lang, screen: &Screen) -> String {
        let mut out = self.head(days, lang, screen);
        self.models_text(lang, screen, &mut out);
        self.tools_text(lang, screen, &mut out);
        self.storms_text(lang, screen, &mut out);
        self.permissions_text(lang, &mut out);
        if !self.advice.is_empty() {
            let (bold, off) = (screen.bold(), screen.off());
            // Writing to a string cannot fail.
            let _ = writeln!(out, "\n{bold}{}{off}", lang.pick("Suggestions", "建议"));
            for advice in &self.advice {
                let _ = writeln!(out, "- {}", safe_line(&advice.text(lang)));
            }
        }
        out
    }

    fn head(&self, days: &Days, lang: Lang, screen: &Screen) -> String {
        let span = match *days {
            Days::ALL => lang.pick("all days", "全部日期").to_owned(),
            days => days.to_string(),
        };
        let (bold, off) = (screen.bold(), screen.off());
        let share = percent(self.errors, self.actions);
        let counts = [self.actions, self.sessions, self.errors];
        match lang {
            Lang::English => {
                let [actions, sessions, errors] = counts;
                format!(
                    "{bold}Report ({span}){off}: {} in {}, {} ({share})\n",
                    counted(actions, "action"),
                    counted(sessions, "session"),
                    counted(errors, "error")
                )
            }
            Lang::Chinese => {
                let [actions, sessions, errors] = counts.map(grouped);
                format!(
                    "{bold}报告 ({span}){off}：{sessions} 个会话中的 {actions} 个行动，{errors} \
                     个错误 ({share})\n"
                )
            }
        }
    }

    fn models_text(&self, lang: Lang, screen: &Screen, out: &mut String) {
        if self.models.is_empty() {
            return;
        }
        let headings = match lang {
            Lang::English => {
                ["Model", "Answers", "Errors", "Tokens in", "out", "Cost", "p50", "p95", "Longest"]
            }
            Lang::Chinese => {
                ["模型", "回答", "错误", "输入令牌", "输出", "费用", "p50", "p95", "最长"]
            }
        };
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
            cells.extend(spread(&model.durations, lang));
            sheet.row(cells);
            if model.errors > 0 {
                sheet.paint(2, screen.state("", true));
            }
        }
        out.push('\n');
        out.push_str(&sheet.text(screen));
    }

    fn tools_text(&self, lang: Lang, screen: &Screen, out: &mut String) {
        if self.tools.is_empty() {
            return;
        }
        let headings = match lang {
            Lang::English => {
                ["Tool", "Calls", "Errors", "", "p50", "p95", "Longest", "Time in all"]
            }
            Lang::Chinese => ["工具", "调用", "错误", "", "p50", "p95", "最长", "总用时"],
        };
        let mut sheet = Sheet::new(&headings).right(&[1, 2, 3, 4, 5, 6, 7]).gives(&[0]);
        for tool in self.tools.iter().take(LISTED_MAX) {
            let mut cells = vec![
                tool.name.clone(),
                grouped(tool.calls),
                grouped(tool.errors),
                percent(tool.errors, tool.calls),
            ];
            cells.extend(spread(&tool.durations, lang));
            cells.push(lang.duration(tool.durations.sum_ms));
            sheet.row(cells);
            if tool.errors > 0 {
                sheet.paint(2, screen.state("", true));
            }
        }
        out.push('\n');
        out.push_str(&sheet.text(screen));
        left_out(self.tools.len(), lang.pick("tool", "个工具"), lang, out);
    }

    fn storms_text(&self, lang: Lang, screen: &Screen, out: &mut String) {
        if self.storms.is_empty() {
            return;
        }
        let headings = match lang {
            Lang::English => ["Failed in a row", "Times", "Within", "Session", "Error"],
            Lang::Chinese => ["连续失败", "次数", "历时", "会话", "错误"],
        };
        let mut sheet = Sheet::new(&headings).right(&[1, 2]).gives(&[4, 3, 0]).tells_apart(&[3]);
        for storm in self.storms.iter().take(LISTED_MAX) {
            let within = storm.last_ns.saturating_sub(storm.first_ns) as f64 / 1e6;
            sheet.row(vec![
                storm.what.clone(),
                grouped(storm.failures),
                lang.duration(within.max(0.0)),
                storm.session_id.clone(),
                storm.error.clone(),
            ]);
        }
        out.push('\n');
        out.push_str(&sheet.text(screen));
        left_out(self.storms.len(), lang.pick("row", "项"), lang, out);
    }

    fn permissions_text(&self, lang: Lang, out: &mut String) {
        let asked = &self.permissions;
        if asked.asked == 0 {
            return;
        }
        let denied = grouped(asked.denied);
        *out += &match lang {
            Lang::English => {
                let times = counted(asked.asked, "time");
                format!("\nPermissions: asked {times}, denied {denied}")
            }
            Lang::Chinese => {
                format!("\n权限：询问 {} 次，拒绝 {denied} 次", grouped(asked.asked))
            }
        };
        if let Some(middle) = asked.waits.quantile_ms(0.5) {
            let [middle, longest, sum] =
                [middle, asked.waits.max_ms, asked.waits.sum_ms].map(|time| lang.duration(time));
            *out += &match lang {
                Lang::English => {
                    format!("; answers took {middle} (p50), {longest} at most, {sum} in all")
                }
                Lang::Chinese => {
                    format!("；答复用时 {middle} (p50)，最长 {longest}，共 {sum}")
                }
            };
        }
        out.push('\n');
    }

    /// The report as one JSON object, its suggestions in the language. What was not measured is
    /// absent.
    #[must_use]
    pub fn json(&self, days: &Days, lang: Lang) -> String {
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
            list(self.advice.iter().map(|advice| json_text(&advice.text(lang))).collect())
        )
    }
}

fn left_out(count: usize, noun: &str, lang: Lang, out: &mut String) {
    if count > LISTED_MAX {
        let more = (count - LISTED_MAX) as u64;
        *out += &match lang {
            Lang::English => format!("and {} more\n", counted(more, noun)),
            Lang::Chinese => format!("另有 {} {noun}\n", grouped(more)),
        };
    }
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1}%", part as f64 * 100.0 / whole.max(1) as f64)
}

/// Median, one in twenty, longest.
fn spread(durations: &Histogram, lang: Lang) -> [String; 3] {
    let shown = |time: Option<f64>| time.map_or_else(|| "-".to_owned(), |time| lang.duration(time));
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
