//! The section as the document has it, and as people get it wrong.

#![allow(clippy::unwrap_used)]

use std::time::Duration;

use logloom_core::action::{ActionType, Status};
use logloom_core::settings::{Housekeeping, Policy, Retention, TruncateSettings};
use logloom_record::Level;

use super::*;
use crate::report::Colours;

fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.environment.push(("HOME".into(), "/home/x".into()));
    sources
}

fn of(text: &str) -> Outcome {
    read("settings.json", text, &sources())
}

fn messages(text: &str) -> Vec<String> {
    of(text).report.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn the_template_holds_the_defaults_and_nothing_is_wrong_with_it() {
    let template = include_str!("../../../../templates/settings.json");
    let outcome = of(template);
    assert_eq!(outcome.report.text(Colours::Plain), "");
    assert_eq!(outcome.agent, Outcome::defaults(&sources()).agent);
    for text in ["{}", "{\"logging\":{}}", "{\"logging\":{\"enabled\":true}}"] {
        assert_eq!(of(text).agent, outcome.agent, "{text}");
    }
}

#[test]
fn the_defaults_are_the_documents() {
    let agent = of("{}").agent;
    let settings = &agent.settings;
    assert!(settings.enabled && settings.mask.enabled && !settings.actions.waits);
    assert_eq!(settings.store.dir, [PathBuf::from("/home/x/.tiny-claude-code/logs")]);
    let retention = Retention { days: Some(30), max_total_size: Some(1 << 30) };
    assert_eq!(settings.store.retention, retention);
    assert_eq!(settings.store.compress_after_days, Some(7));
    assert_eq!(settings.ring.bytes_per_thread, 512 << 10);
    assert_eq!(settings.batch.batch_size, 100);
    assert_eq!(settings.batch.batch_timeout, Duration::from_secs(1));
    let fields = vec!["output".to_owned()];
    let truncate =
        TruncateSettings { max_chars: Some(1000), fields, ..TruncateSettings::default() };
    assert_eq!(settings.truncate, truncate);
    assert_eq!(settings.store.housekeeping, Housekeeping::Always);
    assert!(settings.mask.home_paths);
    let off: Vec<_> =
        ActionType::ALL.iter().filter(|kind| !settings.actions.records(**kind)).collect();
    assert_eq!(off, [&ActionType::AgentThinking, &ActionType::HookExecute]);
    assert_eq!(settings.overflow.policy_for(Level::Info), Policy::DropOldest);
    assert_eq!(settings.overflow.policy_for(Level::Error), Policy::BlockWithTimeout);
    assert_eq!(settings.overflow.timeout, Duration::from_secs(3));
    assert!(settings.validate().is_empty());
}

#[test]
fn every_key_has_its_place() {
    let outcome = of(r#"{ "model": {"x": "\ud83d\ude00"}, "logging": {
        "enabled": false, "log_dir": "~/logs", "async_logging": false, "queue_size": 5000,
        "batch_size": 7, "batch_timeout_sec": 0.25, "mask_sensitive_data": false,
        "custom_sensitive_fields": ["internal_token"], "mask_thinking": true,
        "truncate_large_output": false, "max_output_chars": 50, "retention_days": 3,
        "max_total_size_mb": 2, "cleanup_on_startup": false, "compress_after_days": 0,
	"action_types": { "agent_thinking": true, "tool_call": false },
        "queue_full_strategy": { "default": "discard",
            "critical_levels": ["warn", "timeout", "user_input", "error"],
            "critical_strategy": "block", "critical_timeout_sec": 1.5 } } }"#);
    assert_eq!(outcome.report.text(Colours::Plain), "");
    let AgentSettings { settings, .. } = outcome.agent;
    assert!(!settings.enabled && settings.actions.waits && !settings.mask.enabled);
    assert_eq!(settings.store.dir, [PathBuf::from("/home/x/logs")]);
    assert_eq!(settings.ring.bytes_per_thread, 4 << 20);
    assert_eq!(settings.batch.batch_size, 7);
    assert_eq!(settings.batch.batch_timeout, Duration::from_millis(250));
    assert_eq!(settings.mask.fields, ["internal_token"]);
    assert!(settings.actions.mask_thinking);
    assert_eq!(settings.store.housekeeping, Housekeeping::Hourly);
    assert_eq!(settings.truncate.max_chars, None);
    let retention = Retention { days: Some(3), max_total_size: Some(2 << 20) };
    assert_eq!(settings.store.retention, retention);
    assert_eq!(settings.store.compress_after_days, Some(0));
    assert!(settings.actions.records(ActionType::AgentThinking));
    assert!(!settings.actions.records(ActionType::ToolCall));
    assert_eq!(settings.actions.critical_types, [ActionType::UserInput]);
    assert_eq!(settings.actions.critical_statuses, [Status::Timeout, Status::Error]);
    let policies =
        [Level::Info, Level::Warn, Level::Error].map(|l| settings.overflow.policy_for(l));
    assert_eq!(policies, [Policy::Discard, Policy::Block, Policy::Block]);
    assert_eq!(settings.overflow.timeout, Duration::from_millis(1500));
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_the_default_stays() {
    let text = "{\n  \"logging\": {\n    \"enabeld\": false,\n    \"queue_size\": -1,\n    \"batch_timeout_sec\": \"1\",\n    \
        \"action_types\": { \"tool_cal\": false, \"tool_call\": 1 },\n    \
        \"queue_full_strategy\": { \"critical_levels\": [\"eror\"], \"defalt\": 1 }\n  }\n}";
    assert_eq!(
        messages(text),
        [
            "settings.json:3:5: logging.enabeld: unknown key, did you mean `enabled`?",
            "settings.json:4:19: logging.queue_size: expected a whole number from 1 to 100000000, found the number -1",
            "settings.json:5:26: logging.batch_timeout_sec: expected seconds from 0.001 to 60, found the text `1`",
            "settings.json:6:23: logging.action_types.tool_cal: `tool_cal` is no action type, did you mean `tool_call`?",
            "settings.json:6:55: logging.action_types.tool_call: expected true or false, found the number 1",
            "settings.json:7:50: logging.queue_full_strategy.critical_levels: `eror` is no level, status or action type, did you mean `error`?",
            "settings.json:7:59: logging.queue_full_strategy.defalt: unknown key, did you mean `default`?",
        ]
    );
    assert_eq!(of(text).agent, of("{}").agent);
    assert_eq!(
        messages("{ \"logging\": {\n} "),
        ["settings.json:2:3: is no JSON: expected `,` or `}` here"]
    );
    assert_eq!(messages("{ \"logging\": 1 }").len(), 1);
}

#[test]
fn a_file_is_found_by_name_by_variable_and_by_chance() {
    let dir = tempfile::tempdir().unwrap();
    let mut sources = sources();
    sources.working_directory = dir.path().to_owned();
    assert_eq!(settings_json_find(&sources, None), None);
    let here = dir.path().join("settings.json");
    std::fs::write(&here, "{\"logging\":{\"batch_size\":5,\"x\":1}}").unwrap();
    assert_eq!(settings_json_find(&sources, None), Some(here.clone()));
    let (agent, warnings) = settings_json_load(&sources, None);
    assert_eq!((agent.settings.batch.batch_size, warnings.len()), (5, 1));
    assert!(settings_json_resolve(&sources, None).is_err());
    assert_eq!(crate::check(&here).problems.len(), 1);
    sources.environment.push((SETTINGS_VARIABLE.into(), "/none".into()));
    assert_eq!(settings_json_find(&sources, None), Some("/none".into()));
    assert_eq!(settings_json_load(&sources, None).1.len(), 1);
    assert_eq!(settings_json_find(&sources, Some(&here)), Some(here));
}

#[test]
fn environment_and_code_go_over_the_file() {
    let mut sources = sources();
    sources.set("store.dir", "/elsewhere");
    let (agent, warnings) = settings_json_load(&sources, None);
    assert_eq!(agent.settings.store.dir, [PathBuf::from("/elsewhere")]);
    assert!(warnings.is_empty(), "{warnings:?}");
}
