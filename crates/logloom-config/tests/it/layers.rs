//! Takes the same key from several layers, expects the right one to win and its origin to be told.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use logloom_config::{Origin, Sources, load, load_or_default, show};
use logloom_core::settings::Settings;
use logloom_record::Level;

/// Sources that see no file but `text`, and no environment but `variables`.
fn sources(directory: &Path, text: &str, variables: &[(&str, &str)]) -> Sources {
    let file = directory.join("logloom.yaml");
    std::fs::write(&file, text).expect("the file is written");
    let pair = |(name, value): &(&str, &str)| (OsString::from(name), OsString::from(value));
    let environment = variables.iter().map(pair).collect();
    Sources { file: Some(file), environment, ..Sources::default() }
}

#[test]
fn each_layer_goes_over_the_last() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = "service: file\ntime_digits: 9\nlevels: { default: WARN, a: DEBUG }\n\
                mask: { fields: [file] }\n";
    let variables = [
        ("LOGLOOM__SERVICE", "environment"),
        ("LOGLOOM__LEVELS__SHOP__PAYMENTS", "error"),
        ("LOGLOOM__BATCH__BATCH_SIZE", "7"),
        ("LOGLOOM__MASK__FIELDS", "pin, iban"),
    ];
    let mut sources = sources(directory.path(), file, &variables);
    sources.set("service", "code");
    sources.set("levels.\"b.c\"", "TRACE");
    sources.set("batch.batch_size", "8");
    sources.flag("--dir", "store.dir", "/x,/y");
    sources.flag("--batch", "batch.batch_size", "9");
    let resolved = load(&sources).expect("all layers are valid");
    let found = &resolved.settings;
    assert_eq!((found.service.as_str(), found.time_digits), ("code", 9));
    assert_eq!(found.batch.batch_size, 9);
    assert_eq!(found.mask.fields, ["pin", "iban"]);
    assert_eq!(found.store.dir, [PathBuf::from("/x"), PathBuf::from("/y")]);
    let level = |module| found.levels.level_for(module);
    assert_eq!(
        (level("x"), level("a.x"), level("b.c.d")),
        (Level::Warn, Level::Debug, Level::Trace)
    );
    assert_eq!(level("shop.payments"), Level::Error);

    let origin = |key: &str| resolved.origin(key).to_string();
    assert_eq!(origin("service"), "code");
    assert_eq!(origin("mask.fields"), "environment variable LOGLOOM__MASK__FIELDS");
    assert_eq!(origin("store.dir"), "option --dir");
    assert_eq!(origin("flush_timeout"), "default");
    assert!(origin("time_digits").ends_with("logloom.yaml:2:14"), "{}", origin("time_digits"));
}

#[test]
fn shown_values_tell_their_origin() {
    let directory = tempfile::tempdir().expect("a directory");
    let sources = sources(directory.path(), "levels: { a.b: DEBUG }", &[]);
    let resolved = load(&sources).expect("a good file");
    let shown = show(&resolved);
    let line = |key: &str| shown.iter().find(|line| line.key == key).expect("a known key");
    assert_eq!(line("levels.\"a.b\"").value, "DEBUG");
    assert!(matches!(line("levels.\"a.b\"").origin, Origin::File { line: 1, column: 16, .. }));
    assert_eq!(
        (line("ring.total").value.as_str(), &line("ring.total").origin),
        ("64MiB", &Origin::Default)
    );
    assert_eq!(line("console.enabled").value, "false");
}

#[test]
fn mistakes_outside_a_file_name_their_place() {
    let directory = tempfile::tempdir().expect("a directory");
    let variables = [("LOGLOOM__STORE__DRI", "/x"), ("LOGLOOM__TIME_DIGITS", "nine")];
    let mut sources = sources(directory.path(), "", &variables);
    sources.set("batch.batch_size", "0");
    sources.flag("--level", "levels.default", "LOUD");
    let report = load(&sources).expect_err("four mistakes");
    let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "environment variable LOGLOOM__STORE__DRI: store.dri: unknown key, did you mean \
             `dir`?",
            "environment variable LOGLOOM__TIME_DIGITS: time_digits: expected a whole number, \
             found the text `nine`",
            "option --level: levels.default: unknown level `LOUD`, expected TRACE, DEBUG, INFO, \
             WARN, ERROR or FATAL",
            "code: batch.batch_size: 0 is impossible, expected 1 to 1000000 records",
        ]
    );
}

#[test]
fn levels_fit_into_one_variable() {
    let directory = tempfile::tempdir().expect("a directory");
    let variables = [("LOGLOOM__LEVELS", "WARN, shop.payments=DEBUG")];
    let resolved = load(&sources(directory.path(), "", &variables)).expect("valid");
    assert_eq!(resolved.settings.levels.default, Level::Warn);
    assert_eq!(resolved.settings.levels.level_for("shop.payments"), Level::Debug);
}

#[test]
fn a_rule_has_one_origin_however_its_module_is_spelt() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut sources = sources(directory.path(), "levels: { \"a::b\": DEBUG, \"*\": WARN }", &[]);
    sources.set("levels.a.b", "ERROR");
    let resolved = load(&sources).expect("valid");
    let shown = show(&resolved);
    let rules: Vec<_> = shown.iter().filter(|line| line.key.starts_with("levels.")).collect();
    assert_eq!(rules.len(), 2, "{rules:?}");
    assert_eq!((rules[0].key.as_str(), rules[0].value.as_str()), ("levels.default", "WARN"));
    assert_eq!((rules[1].value.as_str(), &rules[1].origin), ("ERROR", &Origin::Code));
}

#[test]
fn a_variable_that_is_no_text_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut sources = sources(directory.path(), "", &[]);
    let value = OsString::from_vec(b"/log/\xff".to_vec());
    sources.environment.push(("LOGLOOM__STORE__DIR".into(), value));
    let report = load(&sources).expect_err("a broken path must not become another one");
    let expected = "environment variable LOGLOOM__STORE__DIR: store.dir: is not valid UTF-8";
    assert_eq!(report.problems[0].to_string(), expected);
}

#[test]
fn a_library_starts_with_an_unknown_level() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = "service: shop\nlevels: { default: LOUD, a: DEBUG, b: QUIET }";
    let (settings, warnings) = load_or_default(&sources(directory.path(), file, &[]));
    assert_eq!((settings.service.as_str(), settings.levels.default), ("shop", Level::Info));
    assert_eq!(settings.levels.level_for("a"), Level::Debug);
    let keys: Vec<&str> = warnings.iter().map(|warning| warning.key.as_str()).collect();
    assert_eq!(keys, ["levels.default", "levels.b"]);
    assert!(warnings[0].message.contains("; it is left as it was ("), "{}", warnings[0]);
}

#[test]
fn a_library_starts_with_a_broken_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let variables = [("LOGLOOM__TIME_DIGITS", "9")];
    let mut sources = sources(directory.path(), "service: [", &variables);
    sources.set("service", "code");
    let (settings, warnings) = load_or_default(&sources);
    assert_eq!((settings.service.as_str(), settings.time_digits), ("code", 9));
    let last = warnings.last().expect("the file is spoken of");
    assert_eq!(last.to_string(), "the configuration file is set aside");
}

#[test]
fn a_library_starts_whatever_happens() {
    let directory = tempfile::tempdir().expect("a directory");
    let variables = [("LOGLOOM__TIME_DIGITS", "7"), ("HOME", "/home/ann")];
    let mut broken = sources(directory.path(), "", &variables);
    broken.set("store.dir", "~/log");
    let (settings, warnings) = load_or_default(&broken);
    assert_eq!(settings.store.dir, [PathBuf::from("/home/ann/log")]);
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    broken.set("service", "");
    let (settings, warnings) = load_or_default(&broken);
    assert_eq!(settings, Settings::default());
    assert_eq!(warnings.last().expect("said").to_string(), "the defaults are used");
}
