//! Limits on the size of files: an error that is told, and not the end of the process.

use std::process::{Command, Output};

use crate::support::{Place, errors};

/// The command with files of at most so many bytes; `None` where the limit cannot be set.
fn limited(place: &Place, bytes: u32, arguments: &[&str]) -> Option<Output> {
    Command::new("prlimit").arg("--version").output().ok()?;
    let mut command = place.command_of("prlimit");
    command.arg(format!("--fsize={bytes}")).arg(env!("CARGO_BIN_EXE_logloom")).args(arguments);
    Some(command.output().unwrap())
}

#[test]
fn a_limit_on_the_size_of_files_is_told() {
    let place = Place::new();
    place.run_script("echo before");
    for arguments in
        [&["run", "--dir", "new", "--", "true"][..], &["follow", "--dir", "other", "/nowhere"]]
    {
        let Some(output) = limited(&place, 1_000, arguments) else {
            eprintln!("skipped: there is no prlimit");
            return;
        };
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {output:?}");
        assert!(errors(&output).contains("File too large"), "{}", errors(&output));
    }
    for command in ["recover", "query", "stats"] {
        let Some(output) = limited(&place, 1_000, &[command, "--dir", "log"]) else { return };
        assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
    }
}
