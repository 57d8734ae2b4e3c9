//! What the proofs share: the processes that log, recover, read and seal, and the oracle that
//! judges what they left.
//!
//! In comes an [`Order`](party::Order), run by this program started again; out goes a
//! [`Verdict`](oracle::Verdict). The oracle is no part of the log: it has its own record of what
//! was asked for ([`board`]), its own reading of the day files ([`oracle`]), and knows from the
//! numbers alone what every record must look like ([`content`]).

pub(crate) mod board;
pub(crate) mod content;
pub(crate) mod followed;
pub(crate) mod oracle;
pub(crate) mod party;
pub(crate) mod roles;
pub(crate) mod stage;

use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

pub(crate) use logloom_bench::dice;

/// A proof that could not be run, as a sentence. What a proof finds is not an error of it.
pub(crate) type Outcome<T> = Result<T, String>;

/// Says what was being done when the system refused.
pub(crate) fn failed<E: std::fmt::Display>(doing: &str) -> impl Fn(E) -> String + '_ {
    move |error| format!("cannot {doing}: {error}")
}

/// One line on the standard output. A reader that is gone does not end the proof.
pub(crate) fn say(line: &impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// One line on the standard error.
pub(crate) fn tell(line: &impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A new folder beneath which a proof keeps its logs and segments: on a memory file system where
/// there is one, because rings belong there and thousands of processes come and go; else beneath
/// the build folder. Ours alone, under a name that nobody knows beforehand.
pub(crate) fn scratch(wanted: Option<PathBuf>, name: &str) -> Outcome<PathBuf> {
    let shared = PathBuf::from("/dev/shm");
    let base = wanted.unwrap_or(if shared.is_dir() { shared } else { PathBuf::from("target") });
    let path = base.join(format!("logloom-{name}-{:x}", dice::Dice::fresh_seed()));
    let doing = format!("make {}", path.display());
    std::fs::create_dir_all(&base).map_err(failed(&doing))?;
    std::fs::DirBuilder::new().mode(0o700).create(&path).map_err(failed(&doing))?;
    std::fs::canonicalize(path).map_err(failed(&doing))
}
