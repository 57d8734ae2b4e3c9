//! Events and spans of `tracing`.

use std::fmt;

use log::Log;
use logloom::Level;
use logloom::context::Context;
use tracing::subscriber::with_default;
use tracing::{debug, error, info, info_span, warn};
use tracing_subscriber::layer::SubscriberExt;

use super::day_file::log;

/// Runs with the layer as the only one of this thread's subscriber.
fn traced(work: impl FnOnce()) {
    log();
    with_default(tracing_subscriber::registry().with(logloom::tracing_layer()), work);
}

#[test]
fn an_event_is_a_record_with_types() {
    traced(|| {
        let (count, name) = (3_u64, "ann");
        warn!(target: "web", mark = "tr-1", count, name, on = true, x = -1, r#type = 1.5, "hi {}", 7);
        info!(mark = "tr-2", shown = %name, debugged = ?Some(1), empty = tracing::field::Empty);
    });
    let record = log().find("\"tr-1\"");
    assert_eq!((&record["message"], &record["level"]), (&"hi 7".into(), &"WARN".into()));
    assert_eq!((&record["module"], &record["count"]), (&"web".into(), &3.into()));
    assert_eq!(
        (&record["name"], &record["on"], &record["x"]),
        (&"ann".into(), &true.into(), &(-1).into())
    );
    assert_eq!(record["type"], 1.5);
    let record = log().find("\"tr-2\"");
    assert_eq!((&record["shown"], &record["debugged"]), (&"ann".into(), &"Some(1)".into()));
    assert!(record["empty"].is_null() && record.get("message").is_none(), "{record}");
}

#[test]
fn fields_of_spans_are_context_and_inner_ones_win() {
    traced(|| {
        let _own = Context::new().session_id("s-7").enter();
        let outer = info_span!("request", trace_id = "t-7", step = 1, late = tracing::field::Empty);
        let _outer = outer.enter();
        info!(mark = "sp-1");
        let inner = info_span!("query", step = 2);
        inner.in_scope(|| info!(mark = "sp-2"));
        outer.record("late", "now");
        inner.in_scope(|| info!(mark = "sp-3"));
        info!(parent: None, mark = "sp-4", "no span");
    });
    let [one, two, three] = ["\"sp-1\"", "\"sp-2\"", "\"sp-3\""].map(|mark| log().find(mark));
    assert_eq!((&one["trace_id"], &one["session_id"]), (&"t-7".into(), &"s-7".into()));
    assert_eq!((&one["span"], &one["step"], one.get("late")), (&"request".into(), &1.into(), None));
    assert_eq!(
        (&two["span"], &two["step"], &two["trace_id"]),
        (&"query".into(), &2.into(), &"t-7".into())
    );
    assert_eq!((two.get("late"), &three["late"]), (None, &"now".into()));
}

#[test]
fn errors_are_exceptions() {
    traced(|| {
        let lost = std::io::Error::other("line is dead");
        error!(mark = "tr-err", error = &lost as &dyn std::error::Error, "failed");
    });
    assert!(log().find("\"tr-err\"")["error"].to_string().contains("line is dead"));
}

#[test]
fn levels_change_at_run_time_and_other_layers_are_left_alone() {
    let event = |mark: &str| debug!(target: "tr_levels", mark);
    traced(|| {
        logloom::set_level("tr_levels", Level::Info).unwrap();
        event("tr-lv-1");
        logloom::set_level("tr_levels", Level::Debug).unwrap();
        event("tr-lv-2");
    });
    assert_eq!(log().all("\"tr-lv-").len(), 1);
    assert_eq!(log().find("\"tr-lv-2\"")["level"], "DEBUG");
}

struct Unformatted;

impl fmt::Debug for Unformatted {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("must not be formatted")
    }
}

#[test]
fn masks_and_panics_hold() {
    traced(|| {
        info!(mark = "tr-mask", password = ?Unformatted, note = ?Unformatted);
        let span = info_span!("login", password = "hunter5");
        span.in_scope(|| info!(mark = "tr-mask-span"));
    });
    let record = log().find("\"tr-mask\"");
    assert!(record["password"].as_str().unwrap().starts_with("[MASKED"), "{record}");
    assert_eq!(record["note"], "<panicked>");
    assert!(log().find("\"tr-mask-span\"")["password"].as_str().unwrap().starts_with("[MASKED"));
    assert!(log().all("hunter5").is_empty());
}

#[test]
fn a_record_of_log_keeps_its_target() {
    // The shape in which `tracing-log` hands such records over.
    traced(|| {
        info!(target: "log", { log.target = "quiet.old", log.line = 7 }, "log-normal-1");
        warn!(target: "log", { log.target = "quiet.old", log.line = 7, kept = 1 }, "log-normal-2");
    });
    assert!(log().all("log-normal-1").is_empty());
    let record = log().find("log-normal-2");
    assert_eq!((&record["module"], &record["kept"]), (&"quiet.old".into(), &1.into()));
    assert!(record.get("log.line").is_none(), "{record}");
}

/// What the `log` crate calls when `tracing-subscriber` installs `tracing-log`, as by default.
fn logged(level: log::Level, target: &str, message: &str) {
    let arguments = format_args!("{message}");
    let record = log::Record::builder().level(level).target(target).args(arguments).build();
    tracing_log::LogTracer::new().log(&record);
}

#[test]
fn records_of_log_come_through_tracing_log() {
    let levels = [log::Level::Error, log::Level::Warn, log::Level::Info];
    traced(|| {
        levels.iter().for_each(|level| logged(*level, "quiet.module", "through-tracing-log"))
    });
    let records = log().all("through-tracing-log");
    let found: Vec<_> = records.iter().map(|record| record["level"].as_str().unwrap()).collect();
    assert_eq!(found, ["ERROR", "WARN"], "INFO is switched off there");
    assert!(records.iter().all(|record| record["module"] == "quiet.module"), "{records:?}");
}
