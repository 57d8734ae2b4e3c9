//! Takes directories with and without files, expects the right one to be found and read.

use std::ffi::OsString;
use std::path::Path;

use logloom_config::{Colours, Sources, check, load};

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    std::fs::write(path, text).expect("the file is written");
}

fn service(sources: &Sources) -> String {
    load(sources).expect("a good file").settings.service
}

#[test]
fn the_nearest_file_wins() {
    let directory = tempfile::tempdir().expect("a directory");
    let (home, work) = (directory.path().join("home"), directory.path().join("work"));
    std::fs::create_dir_all(&work).expect("a directory");
    let mut sources = Sources { working_directory: work.clone(), ..Sources::default() };
    sources.environment.push(("HOME".into(), home.clone().into_os_string()));
    write(&home.join(".config/logloom/logloom.yaml"), "service: home");
    assert_eq!(service(&sources), "home");
    write(&directory.path().join("xdg/logloom/logloom.yaml"), "service: xdg");
    let xdg = directory.path().join("xdg").into_os_string();
    sources.environment.push(("XDG_CONFIG_HOME".into(), xdg));
    assert_eq!(service(&sources), "xdg");
    write(&work.join("logloom.yaml"), "service: work");
    assert_eq!(service(&sources), "work");
    let named = directory.path().join("named.yaml");
    write(&named, "service: variable");
    sources.environment.push(("LOGLOOM_CONFIG".into(), named.into_os_string()));
    assert_eq!(service(&sources), "variable");
    let asked = directory.path().join("asked.yaml");
    write(&asked, "service: asked");
    sources.file = Some(asked);
    assert_eq!(service(&sources), "asked");
}

#[test]
fn without_a_file_the_defaults_count() {
    let directory = tempfile::tempdir().expect("a directory");
    let environment: Vec<(OsString, OsString)> = Vec::new();
    let working_directory = directory.path().to_path_buf();
    let sources = Sources { working_directory, environment, ..Sources::default() };
    let resolved = load(&sources).expect("defaults");
    assert_eq!(resolved.file, None);
    assert!(resolved.origins.is_empty());
}

#[test]
fn what_cannot_be_read_is_said() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("large.yaml"), "#".repeat((1 << 20) + 1)).expect("written");
    std::fs::write(path("latin.yaml"), b"service: \xe9\n").expect("written");
    std::fs::create_dir(path("directory.yaml")).expect("made");
    let cases = [
        ("missing.yaml", "cannot be read: No such file or directory (os error 2)"),
        ("large.yaml", "is larger than 1 MiB, which no configuration needs"),
        ("latin.yaml", "is not valid UTF-8 at byte 9; save it as UTF-8"),
        ("directory.yaml", "is not an ordinary file"),
    ];
    for (name, message) in cases {
        let path = path(name);
        let expected = format!("error: {}: {message}\n1 error\n", path.display());
        assert_eq!(check(&path).text(Colours::Plain), expected);
        let sources = Sources { file: Some(path), ..Sources::default() };
        assert!(load(&sources).is_err(), "{name} was asked for, so it must be read");
    }
}

#[test]
fn a_good_file_has_nothing_to_say() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("logloom.yaml");
    write(&path, "service: shop\n");
    let report = check(&path);
    assert!(report.is_ok());
    assert_eq!(report.text(Colours::Ansi), "");
}

#[test]
fn a_stray_file_of_another_user_is_not_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("logloom.yaml");
    write(&path, "service: planted");
    if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
        println!("skipped: only root can give a file away");
        return;
    }
    let working_directory = directory.path().to_path_buf();
    let sources = Sources { working_directory, ..Sources::default() };
    let resolved = load(&sources).expect("the file is passed over");
    assert_ne!(resolved.settings.service, "planted");
    let warning = resolved.warnings.first().expect("it is said").to_string();
    assert!(warning.contains("belongs to another user"), "{warning}");
    let sources = Sources { file: Some(path), ..Sources::default() };
    assert_eq!(service(&sources), "planted", "a named file is read");
}
