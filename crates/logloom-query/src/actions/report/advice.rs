//! What the counts of a report suggest, in plain words. Each sentence names its figure; where there
//! is too little to say anything, nothing is said.

use super::{Report, ToolUse};
use crate::actions::lang::Lang;
use crate::show::grouped;

/// Fewer calls than this say nothing about a tool.
const CALLS_MIN: u64 = 5;

/// Suggestions that are given, the weightiest first.
const ADVICE_MAX: usize = 10;

/// One thing that could be done.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// The same call, or a request to the model, failed again and again.
    FewerRetries {
        /// The tool; `model` for a request.
        what: String,
        /// Failures in a row.
        failures: u64,
        /// Where.
        session_id: String,
    },
    /// A tool fails often.
    FailingTool {
        /// The tool.
        tool: String,
        /// Calls that failed.
        errors: u64,
        /// All calls.
        calls: u64,
    },
    /// One tool takes most of the time.
    SlowTool {
        /// The tool.
        tool: String,
        /// Its part of the time of all tools, in percent.
        percent: f64,
        /// One call in twenty takes as long or longer, in milliseconds.
        p95_ms: f64,
    },
    /// The user agreed each time.
    AllowForGood {
        /// The tool.
        tool: String,
        /// How often the user was asked.
        asked: u64,
    },
    /// Much time went by until the user answered.
    LongWaits {
        /// In all, in milliseconds.
        waited_ms: f64,
        /// Answers that were waited for.
        answers: u64,
    },
    /// A provider refused requests because of its limits.
    RateLimits {
        /// The model; `-` where none was said.
        model: String,
        /// Refusals.
        refusals: u64,
    },
    /// A model reads much more than it writes.
    LongContext {
        /// The model; `-` where none was said.
        model: String,
        /// Tokens read for each that was written.
        read_per_written: u64,
    },
}

pub(super) fn of(report: &Report) -> Vec<Advice> {
    let mut all = Vec::new();
    storms(report, &mut all);
    failing_tools(report, &mut all);
    slow_tool(report, &mut all);
    waits(report, &mut all);
    models(report, &mut all);
    all.truncate(ADVICE_MAX);
    all
}

impl Advice {
    /// The sentence for people.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        match lang {
            Lang::English => self.english(),
            Lang::Chinese => self.chinese(),
        }
    }

    fn english(&self) -> String {
        match self {
            Advice::FewerRetries { what, failures, session_id } => {
                let what = match what.as_str() {
                    "model" => "a request to the model".to_owned(),
                    tool => format!("the same call of {tool}"),
                };
                let times = grouped(*failures);
                format!(
                    "{what} failed {times} times in a row in {session_id}: limit retries, or give \
                     the reason back to the model"
                )
            }
            Advice::FailingTool { tool, errors, calls } => {
                let (errors, calls) = (grouped(*errors), grouped(*calls));
                format!("{tool} fails in {errors} of {calls} calls: see {}", see(tool))
            }
            Advice::SlowTool { tool, percent, p95_ms } => format!(
                "{tool} takes {percent:.0}% of the time of all tools (one call in twenty takes {} \
                 or more)",
                Lang::English.duration(*p95_ms)
            ),
            Advice::AllowForGood { tool, asked } => format!(
                "the user was asked {} times about {tool} and always agreed: it could be allowed \
                 for good",
                grouped(*asked)
            ),
            Advice::LongWaits { waited_ms, answers } => format!(
                "{} were spent waiting for {} answers of the user",
                Lang::English.duration(*waited_ms),
                grouped(*answers)
            ),
            Advice::RateLimits { model, refusals } => format!(
                "{} refused {} requests because of its limits: ask less often, or wait longer",
                named(model, "a model"),
                grouped(*refusals)
            ),
            Advice::LongContext { model, read_per_written } => format!(
                "{} reads {} tokens for each that it writes: a shorter context, or a cache, would \
                 save most of them",
                named(model, "a model"),
                grouped(*read_per_written)
            ),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Advice::FewerRetries { what, failures, session_id } => {
                let what = match what.as_str() {
                    "model" => "对模型的同一请求".to_owned(),
                    tool => format!("对 {tool} 的同一调用"),
                };
                let times = grouped(*failures);
                format!("{what}在 {session_id} 中连续失败 {times} 次：请限制重试，或把原因告诉模型")
            }
            Advice::FailingTool { tool, errors, calls } => {
                let (errors, calls) = (grouped(*errors), grouped(*calls));
                format!("{tool} 的 {calls} 次调用中有 {errors} 次失败：参见 {}", see(tool))
            }
            Advice::SlowTool { tool, percent, p95_ms } => format!(
                "{tool} 占全部工具用时的 {percent:.0}%（每二十次调用有一次不少于 {}）",
                Lang::Chinese.duration(*p95_ms)
            ),
            Advice::AllowForGood { tool, asked } => {
                format!("就 {tool} 询问用户 {} 次，每次都获同意：可以长期允许", grouped(*asked))
            }
            Advice::LongWaits { waited_ms, answers } => format!(
                "等待用户的 {} 次答复共用去 {}",
                grouped(*answers),
                Lang::Chinese.duration(*waited_ms)
            ),
            Advice::RateLimits { model, refusals } => format!(
                "{} 因限额拒绝了 {} 次请求：请降低频率，或等待更久",
                named(model, "某个模型"),
                grouped(*refusals)
            ),
            Advice::LongContext { model, read_per_written } => format!(
                "{} 每写一个令牌要读 {} 个：缩短上下文或使用缓存可以省去其中大部分",
                named(model, "某个模型"),
                grouped(*read_per_written)
            ),
        }
    }
}

/// The command that shows what went wrong with a tool.
fn see(tool: &str) -> String {
    format!("logloom log --tool-name {tool} --status error")
}

fn named<'a>(model: &'a str, other: &'a str) -> &'a str {
    if model == "-" { other } else { model }
}

fn storms(report: &Report, all: &mut Vec<Advice>) {
    all.extend(report.storms.first().map(|worst| Advice::FewerRetries {
        what: worst.what.clone(),
        failures: worst.failures,
        session_id: worst.session_id.clone(),
    }));
}

fn failing_tools(report: &Report, all: &mut Vec<Advice>) {
    let fails = |tool: &&ToolUse| tool.calls >= CALLS_MIN && tool.errors * 5 >= tool.calls;
    for tool in report.tools.iter().filter(fails).take(3) {
        all.push(Advice::FailingTool {
            tool: tool.name.clone(),
            errors: tool.errors,
            calls: tool.calls,
        });
    }
}

fn slow_tool(report: &Report, all: &mut Vec<Advice>) {
    let sum: f64 = report.tools.iter().map(|tool| tool.durations.sum_ms).sum();
    let Some(slowest) = report.tools.first().filter(|_| report.tools.len() > 1) else { return };
    let own = &slowest.durations;
    if own.count >= CALLS_MIN && own.sum_ms * 2.0 >= sum {
        all.push(Advice::SlowTool {
            tool: slowest.name.clone(),
            percent: own.sum_ms * 100.0 / sum,
            p95_ms: own.quantile_ms(0.95).unwrap_or(own.max_ms),
        });
    }
}

fn waits(report: &Report, all: &mut Vec<Advice>) {
    let approved = |tool: &&ToolUse| tool.asked >= CALLS_MIN && tool.denied == 0;
    if let Some(tool) = report.tools.iter().filter(approved).max_by_key(|tool| tool.asked) {
        all.push(Advice::AllowForGood { tool: tool.name.clone(), asked: tool.asked });
    }
    let waits = &report.permissions.waits;
    if waits.count >= CALLS_MIN && waits.sum_ms >= 60_000.0 {
        all.push(Advice::LongWaits { waited_ms: waits.sum_ms, answers: waits.count });
    }
}

fn models(report: &Report, all: &mut Vec<Advice>) {
    for model in &report.models {
        if model.rate_limits >= 3 {
            all.push(Advice::RateLimits { model: model.name.clone(), refusals: model.rate_limits });
        }
        let (input, output) = (model.input_tokens.unwrap_or(0), model.output_tokens.unwrap_or(0));
        if model.responses >= CALLS_MIN && output > 0 && input / output >= 50 {
            all.push(Advice::LongContext {
                model: model.name.clone(),
                read_per_written: input / output,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sentence_names_its_figure_in_both_languages() {
        let text = |text: &str| text.to_owned();
        let all = [
            Advice::FewerRetries { what: text("bash"), failures: 1_234, session_id: text("s") },
            Advice::FailingTool { tool: text("bash"), errors: 1_234, calls: 5_000 },
            Advice::SlowTool { tool: text("bash"), percent: 1_234.0, p95_ms: 5.0 },
            Advice::AllowForGood { tool: text("bash"), asked: 1_234 },
            Advice::LongWaits { waited_ms: 9e4, answers: 1_234 },
            Advice::RateLimits { model: text("-"), refusals: 1_234 },
            Advice::LongContext { model: text("m"), read_per_written: 1_234 },
        ];
        for advice in all {
            let (english, chinese) = (advice.text(Lang::English), advice.text(Lang::Chinese));
            assert!(english.is_ascii() && english.replace(',', "").contains("1234"), "{english}");
            assert!(!chinese.is_ascii() && chinese.replace(',', "").contains("1234"), "{chinese}");
        }
    }
}
