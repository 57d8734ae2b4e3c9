//! What the counts of a report suggest, in plain words. Each sentence names its figure; where there
//! is too little to say anything, nothing is said.

use super::{Report, ToolUse};
use crate::actions::message::duration_text;
use crate::show::grouped;

/// Fewer calls than this say nothing about a tool.
const CALLS_MIN: u64 = 5;

/// Suggestions that are given, the weightiest first.
const SENTENCES_MAX: usize = 10;

pub(super) fn of(report: &Report) -> Vec<String> {
    let mut all = Vec::new();
    storms(report, &mut all);
    failing_tools(report, &mut all);
    slow_tool(report, &mut all);
    waits(report, &mut all);
    models(report, &mut all);
    all.truncate(SENTENCES_MAX);
    all
}

fn storms(report: &Report, all: &mut Vec<String>) {
    let Some(worst) = report.storms.first() else { return };
    let what = match worst.what.as_str() {
        "model" => "a request to the model".to_owned(),
        tool => format!("the same call of {tool}"),
    };
    all.push(format!(
        "{what} failed {} times in a row in {}: limit retries, or give the reason back to the model",
        grouped(worst.failures),
        worst.session_id
    ));
}

fn failing_tools(report: &Report, all: &mut Vec<String>) {
    let fails = |tool: &&ToolUse| tool.calls >= CALLS_MIN && tool.errors * 5 >= tool.calls;
    for tool in report.tools.iter().filter(fails).take(3) {
        all.push(format!(
            "{} fails in {} of {} calls: see logloom log --tool-name {} --status error",
            tool.name,
            grouped(tool.errors),
            grouped(tool.calls),
            tool.name
        ));
    }
}

fn slow_tool(report: &Report, all: &mut Vec<String>) {
    let sum: f64 = report.tools.iter().map(|tool| tool.durations.sum_ms).sum();
    let Some(slowest) = report.tools.first().filter(|_| report.tools.len() > 1) else { return };
    let own = &slowest.durations;
    if own.count >= CALLS_MIN && own.sum_ms * 2.0 >= sum {
        let p95 = own.quantile_ms(0.95).map(duration_text).unwrap_or_default();
        all.push(format!(
            "{} takes {:.0}% of the time of all tools (one call in twenty takes {p95} or more)",
            slowest.name,
            own.sum_ms * 100.0 / sum
        ));
    }
}

fn waits(report: &Report, all: &mut Vec<String>) {
    let approved = |tool: &&ToolUse| tool.asked >= CALLS_MIN && tool.denied == 0;
    if let Some(tool) = report.tools.iter().filter(approved).max_by_key(|tool| tool.asked) {
        all.push(format!(
            "the user was asked {} times about {} and always agreed: it could be allowed for good",
            grouped(tool.asked),
            tool.name
        ));
    }
    let waits = &report.permissions.waits;
    if waits.count >= CALLS_MIN && waits.sum_ms >= 60_000.0 {
        all.push(format!(
            "{} were spent waiting for {} answers of the user",
            duration_text(waits.sum_ms),
            grouped(waits.count)
        ));
    }
}

fn models(report: &Report, all: &mut Vec<String>) {
    for model in &report.models {
        let name = if model.name == "-" { "a model" } else { &model.name };
        if model.rate_limits >= 3 {
            all.push(format!(
                "{} refused {} requests because of its limits: ask less often, or wait longer",
                name,
                grouped(model.rate_limits)
            ));
        }
        let (input, output) = (model.input_tokens.unwrap_or(0), model.output_tokens.unwrap_or(0));
        if model.responses >= CALLS_MIN && output > 0 && input / output >= 50 {
            all.push(format!(
                "{} reads {} tokens for each that it writes: a shorter context, or a cache, \
                 would save most of them",
                name,
                grouped(input / output)
            ));
        }
    }
}
