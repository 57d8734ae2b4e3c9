//! Takes a file that changes under a running program, expects new settings only when the file is
//! whole and valid.

use std::path::{Path, PathBuf};
use std::time::Duration;

use logloom_config::{Change, Reloaded, Sources, Watcher, load};
use logloom_record::Level;

struct Running {
    file: PathBuf,
    watcher: Watcher,
    _directory: tempfile::TempDir,
}

fn running(text: &str) -> Running {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("logloom.yaml");
    std::fs::write(&file, text).expect("written");
    let mut sources = Sources { file: Some(file.clone()), ..Sources::default() };
    sources.set("time_digits", "9");
    let settings = load(&sources).expect("a good file").settings;
    Running { file, watcher: Watcher::new(sources, settings), _directory: directory }
}

/// Replaces the file as editors do, so that no look sees half of it.
fn replace(file: &Path, text: &str) {
    let temporary = file.with_extension("new");
    std::fs::write(&temporary, text).expect("written");
    std::fs::rename(&temporary, file).expect("renamed");
}

fn new(change: Change) -> Reloaded {
    match change {
        Change::New(reloaded) => *reloaded,
        other => panic!("expected new settings, got {other:?}"),
    }
}

#[test]
fn a_valid_change_takes_effect() {
    let mut running = running("levels: { default: INFO, a: DEBUG }");
    assert_eq!(running.watcher.poll(), Change::None);
    assert_eq!(running.watcher.poll(), Change::None);
    replace(&running.file, "levels: { default: WARN }\nmask: { fields: [pin] }");
    let reloaded = new(running.watcher.poll());
    assert_eq!(reloaded.settings.levels.default, Level::Warn);
    assert_eq!(reloaded.settings.time_digits, 9, "code still goes over the file");
    assert_eq!(reloaded.changed, ["levels.default", "mask.fields", "levels.a"]);
    assert_eq!(reloaded.warnings, []);
    assert_eq!(running.watcher.poll(), Change::None);
}

#[test]
fn a_file_rewritten_in_place_is_noticed() {
    let mut running = running("levels: { default: INFO }");
    assert_eq!(running.watcher.poll(), Change::None);
    for level in ["WARN", "INFO", "WARN", "INFO"] {
        // The same length, and likely the same tick of the file system's clock.
        std::fs::write(&running.file, format!("levels: {{ default: {level} }}")).expect("written");
        assert_eq!(new(running.watcher.poll()).settings.levels.default.as_str(), level);
    }
}

#[test]
fn a_broken_file_changes_nothing_and_is_said_once() {
    let mut running = running("levels: { default: INFO }");
    let before = running.watcher.settings().clone();
    replace(&running.file, "levels: { default: WARN }\nservice: [");
    let Change::Refused(report) = running.watcher.poll() else {
        panic!("a broken file is refused");
    };
    assert_eq!(report.problems.len(), 1);
    assert_eq!(running.watcher.settings(), &before);
    assert_eq!(running.watcher.poll(), Change::None);
    assert_eq!(running.watcher.poll(), Change::None);
    assert!(matches!(running.watcher.reload(), Change::Refused(_)), "asked for, said again");
    replace(&running.file, "levels: { default: ERROR }");
    assert_eq!(new(running.watcher.poll()).settings.levels.default, Level::Error);
}

#[test]
fn what_needs_a_restart_is_said_and_left() {
    let mut running = running("service: shop");
    replace(
        &running.file,
        "service: other\nbatch: { batch_timeout: 5ms }\nstore: { dir: /elsewhere }",
    );
    let reloaded = new(running.watcher.poll());
    assert_eq!(reloaded.changed, ["batch.batch_timeout"]);
    assert_eq!(
        (reloaded.settings.service.as_str(), reloaded.settings.batch.batch_timeout),
        ("shop", Duration::from_millis(5))
    );
    let lines: Vec<String> = reloaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "service: the new value takes effect with the next start of the program",
            "store.dir: the new value takes effect with the next start of the program",
        ]
    );
}

#[test]
fn a_file_that_goes_away_leaves_the_settings() {
    let mut running = running("levels: { default: WARN }");
    assert_eq!(running.watcher.poll(), Change::None);
    std::fs::remove_file(&running.file).expect("removed");
    assert!(matches!(running.watcher.poll(), Change::Refused(_)));
    assert_eq!(running.watcher.poll(), Change::None);
    assert_eq!(running.watcher.settings().levels.default, Level::Warn);
    replace(&running.file, "levels: { default: ERROR }");
    assert_eq!(new(running.watcher.poll()).settings.levels.default, Level::Error);
}

#[test]
fn a_file_that_appears_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let working_directory = directory.path().to_path_buf();
    let sources = Sources { working_directory, ..Sources::default() };
    let settings = load(&sources).expect("defaults").settings;
    let mut watcher = Watcher::new(sources, settings);
    assert_eq!(watcher.poll(), Change::None);
    let file = directory.path().join("logloom.yaml");
    replace(&file, "console: { format: json }");
    assert!(new(watcher.poll()).settings.console.is_some_and(|console| console.enabled));
    std::fs::remove_file(&file).expect("removed");
    let Change::Refused(report) = watcher.poll() else {
        panic!("the loss of a file is said");
    };
    assert!(report.to_string().contains("is gone; the settings stay as they are"), "{report}");
    replace(&file, "{}");
    let reloaded = new(watcher.poll());
    assert!(reloaded.settings.console.is_some_and(|console| !console.enabled));
}
