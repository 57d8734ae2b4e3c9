//! A file system of its own for a log directory, which can be made to stand still. Needs to be root.
//!
//! `freeze`: ext4 in a file on a loop device; frozen, its writes wait. `full`: a small memory file
//! system; filled to the last byte, its writes fail. Nothing is left mounted at the end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::proof::{Outcome, failed};

/// Bytes of the file system.
const SIZE: u64 = 4 << 30;
const SMALL: &str = "size=512m";

/// A mounted file system.
pub(super) struct Disk {
    target: PathBuf,
    image: Option<PathBuf>,
}

impl Disk {
    /// Mounts one on `target`, the kind that can be frozen if possible.
    ///
    /// # Errors
    /// Why neither kind can be had.
    pub(super) fn mount(target: &Path) -> Outcome<Disk> {
        let image = target.with_extension("image");
        let (target, freezes) = (target.to_owned(), command("fsfreeze", &["--help"]).is_ok());
        if freezes && make_image(&image).is_ok() {
            let words = ["-o", "loop", &text(&image), &text(&target)];
            if command("mount", &words).is_ok() {
                return Ok(Disk { target, image: Some(image) });
            }
        }
        // Perhaps it was never made.
        let _ = std::fs::remove_file(&image);
        command("mount", &["-t", "tmpfs", "-o", SMALL, "none", &text(&target)])?;
        Ok(Disk { target, image: None })
    }

    /// How it stands still.
    pub(super) fn method(&self) -> &'static str {
        if self.image.is_some() { "freeze" } else { "full" }
    }

    /// Stops it or lets it go.
    pub(super) fn stall(&self, stalled: bool) -> Outcome<()> {
        if self.image.is_some() {
            let flag = if stalled { "-f" } else { "-u" };
            return command("fsfreeze", &[flag, &text(&self.target)]);
        }
        let ballast = self.target.join("ballast");
        if !stalled {
            return std::fs::remove_file(&ballast).map_err(failed("free the disk"));
        }
        let mut zeros = std::io::repeat(0);
        let mut file = std::fs::File::create(&ballast).map_err(failed("fill the disk"))?;
        // Ends with the error that is wanted: no space.
        let _ = std::io::copy(&mut zeros, &mut file);
        Ok(())
    }

    /// Copies what it holds to `kept`.
    pub(super) fn keep(&self, kept: &Path) -> Outcome<()> {
        command("cp", &["-r", &text(&self.target), &text(kept)])
    }

    /// Takes it away; the directory is empty then.
    pub(super) fn unmount(&self) {
        let target = text(&self.target);
        if self.image.is_some() {
            // It may not be frozen any more.
            let _ = command("fsfreeze", &["-u", &target]);
        }
        // A second one finds nothing to do.
        let _ = command("umount", &[&target]);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount();
        if let Some(image) = &self.image {
            // The scratch folder is removed or named as a whole.
            let _ = std::fs::remove_file(image);
        }
    }
}

fn make_image(image: &Path) -> Outcome<()> {
    let file = std::fs::File::create(image).map_err(failed("make a disk image"))?;
    file.set_len(SIZE).map_err(failed("size a disk image"))?;
    command("mkfs.ext4", &["-q", "-F", &text(image)])
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn command(name: &str, words: &[&str]) -> Outcome<()> {
    let mut command = Command::new(name);
    command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let doing = format!("run {name}");
    let output = command.output().map_err(failed(&doing))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(format!("{name} {}: {said}", words.join(" ")))
}
