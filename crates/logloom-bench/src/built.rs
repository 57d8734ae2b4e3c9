//! The programs that are measured: takes a package of this repository, makes its release build.
//!
//! Refuses a package that cannot be built and was never built before; an older build is used with a
//! note.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::proof::tell;

/// The build folder: the one that this program lies in.
pub(crate) fn target() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
    Ok(own.parent().and_then(Path::parent).unwrap_or(Path::new(".")).to_owned())
}

/// The root of the repository this program was built from.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Builds the program `name` of `package`; cargo does nothing when it is fresh.
pub(crate) fn release(package: &str, name: &str, target: &Path) -> Result<PathBuf, String> {
    let program = target.join("release").join(name);
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--release", "-p", package, "--target-dir"])
        .arg(target)
        .current_dir(root())
        .stdin(Stdio::null())
        .status();
    match built {
        Ok(status) if status.success() => Ok(program),
        outcome if program.is_file() => {
            tell(&format!("{name} could not be rebuilt ({outcome:?}); the old one is used"));
            Ok(program)
        }
        Ok(status) => Err(format!("cargo build -p {package} ended with {status}")),
        Err(error) => Err(format!("cargo build -p {package}: {error}")),
    }
}
