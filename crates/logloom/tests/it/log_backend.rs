//! Records of the `log` crate.

use std::sync::Once;

use logloom::context::Context;

use super::day_file::log;

fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        log();
        logloom::log_backend::install().unwrap();
    });
}

#[test]
fn records_come_with_target_values_and_context() {
    install();
    let _scope = Context::new().trace_id("t-9").field("user", "ann").enter();
    log::warn!(target: "old.crate", count = 3, ratio = 0.5, on = true, text:% = "x"; "log-mark-1 {}", 7);
    log::error!(user = "bob"; "log-mark-2");
    let record = log().find("log-mark-1");
    assert_eq!(record["message"], "log-mark-1 7");
    assert_eq!((&record["level"], &record["module"]), (&"WARN".into(), &"old.crate".into()));
    assert_eq!((&record["count"], &record["ratio"]), (&3.into(), &0.5.into()));
    assert_eq!((&record["on"], &record["text"]), (&true.into(), &"x".into()));
    assert_eq!((&record["trace_id"], &record["user"]), (&"t-9".into(), &"ann".into()));
    assert_eq!(log().find("log-mark-2")["user"], "bob");
}

#[test]
fn levels_and_masks_hold() {
    install();
    log::info!(target: "quiet.part", "log-off-1");
    log::debug!(target: "loud", password = "hunter4"; "log-off-2");
    assert!(log().all("log-off-1").is_empty() && log().all("hunter4").is_empty());
    assert!(log().find("log-off-2")["password"].as_str().unwrap().starts_with("[MASKED"));
}

#[test]
fn a_second_logger_is_refused() {
    install();
    assert!(logloom::log_backend::install().is_err());
}
