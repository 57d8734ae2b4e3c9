//! `make run`, with the binaries of the tests.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Place, Running, errors, printed};

/// The folder of the tests' own binaries, the examples among them.
fn binaries() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_logloom")).parent().unwrap().to_owned();
    if !folder.join("examples/sample_service").exists()
        || !folder.join("examples/sample_files").exists()
    {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["build", "--quiet", "-p", "logloom-cli", "--examples"]);
        assert!(command.status().unwrap().success());
    }
    folder
}

/// The script, working beneath the place.
fn script(place: &Place) -> Command {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/run.sh");
    let mut command = Command::new(path);
    command.env("CARGO_TARGET_DIR", place.path("target")).env("LOGLOOM_RUN_BINARIES", binaries());
    command.stdin(Stdio::null());
    command
}

/// The same, where whoever starts it has set interrupts to be ignored, as a shell without a terminal
/// does for what it puts into the background; in a process group of its own.
fn background(place: &Place) -> Command {
    let inner = script(place);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' INT; exec \"$0\""]).arg(inner.get_program());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::null()).process_group(0);
    command
}

/// Processes that still work beneath this folder.
fn left_behind(folder: &Path) -> usize {
    let folder = folder.to_str().unwrap().as_bytes().to_vec();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| line.windows(folder.len()).any(|part| part == folder)).count()
}

#[test]
fn it_shows_live_records_and_ends_cleanly_by_itself() {
    let place = Place::new();
    let output = script(&place).env("LOGLOOM_RUN_SECONDS", "5").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let text = printed(&output);
    assert!(text.contains("sample-shop/shop.http: request received"), "{text}");
    assert!(text.contains("\nlost 0\n"), "{text}");
    assert!(text.contains("password=[MASKED]") && !text.contains("hunter2"), "{text}");
    assert_eq!(left_behind(&place.path("target")), 0);
}

#[test]
fn a_signal_ends_it_with_a_summary() {
    let place = Place::new();
    let mut command = script(&place);
    let mut running = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    running.read_until("request answered");
    running.signal("TERM");
    let text = running.read_until("lost 0\n");
    assert!(text.contains("records, "), "{text}");
    assert_eq!(running.end().code(), Some(0));
    assert_eq!(left_behind(&place.path("target")), 0);
}

#[test]
fn an_interrupt_that_only_its_service_hears_ends_all_with_a_summary() {
    let place = Place::new();
    let mut command = background(&place);
    let mut running = Running::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
    running.read_until("request answered");
    let group = format!("-{}", running.0.id());
    assert!(Command::new("kill").args(["-s", "INT", "--", &group]).status().unwrap().success());
    let text = running.read_until("lost 0\n");
    assert!(text.contains("records, "), "{text}");
    assert_eq!(running.end().code(), Some(0));
    assert_eq!(left_behind(&place.path("target")), 0);
}
