//! The log directory: is it there, whose is it, can it be written, is there space.

use std::path::Path;

use logloom_store::Directory;
use logloom_store::read::Order;
use rustix::fs::{Access, access, statvfs};

use super::Finding;
use crate::output::{self, counted};
use crate::place;

/// Free space below which a warning is given, in bytes: 1 GiB.
const SPACE_LOW: u64 = 1 << 30;

/// Free space below which logging is about to fail, in bytes: 64 MiB.
const SPACE_NONE: u64 = 64 << 20;

pub(super) fn examine(path: &Path, findings: &mut Vec<Finding>) {
    let shown = path.display();
    let existing = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("."));
    if existing != path {
        findings.push(to_be_made(path, existing));
    } else {
        match place::open_reader(path) {
            Ok(directory) => findings.push(contents(path, &directory)),
            Err(error) => {
                let remedy = "mend it, or choose another directory with --dir or store.dir";
                findings.push(Finding::fails("directory", error.to_string(), remedy));
                return;
            }
        }
        findings.push(match access(path, Access::WRITE_OK | Access::EXEC_OK) {
            Ok(()) => Finding::fine("permissions", format!("{shown} can be written")),
            Err(error) => Finding::fails(
                "permissions",
                format!("{shown} cannot be written: {error}"),
                format!("run as its owner, or: chmod u+wx {shown}"),
            ),
        });
    }
    findings.push(space(existing));
}

fn to_be_made(path: &Path, existing: &Path) -> Finding {
    let (shown, parent) = (path.display(), existing.display());
    match access(existing, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Finding::fine("directory", format!("{shown} will be made by the first record")),
        Err(error) => Finding::fails(
            "directory",
            format!("{shown} cannot be made in {parent}: {error}"),
            "choose another directory with --dir or store.dir",
        ),
    }
}

fn contents(path: &Path, directory: &Directory) -> Finding {
    let shown = path.display();
    let snapshot = match directory.snapshot(Order::OldestFirst) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            let remedy = "any program that logs there mends it at its next start";
            return Finding::fails("directory", error.to_string(), remedy);
        }
    };
    let files = snapshot.files.len() as u64;
    let bytes: u64 = snapshot.files.iter().map(|file| file.committed).sum();
    let records: u64 = snapshot.files.iter().map(|file| file.lines).sum();
    if directory.store_id().is_none() {
        let text = format!("{shown} is a copy without a catalogue: {}", counted(files, "file"));
        return Finding::fine("directory", text);
    }
    Finding::fine(
        "directory",
        format!(
            "{shown}: {} in {}, {}",
            counted(records, "record"),
            counted(files, "file"),
            output::bytes(bytes)
        ),
    )
}

fn space(path: &Path) -> Finding {
    let shown = path.display();
    let system = match statvfs(path) {
        Ok(system) => system,
        Err(error) => {
            let text = format!("free space of {shown} cannot be told: {error}");
            return Finding::warning("space", text, "look with df");
        }
    };
    let free = system.f_bavail.saturating_mul(system.f_frsize);
    let text = format!("{:.1} GB free where {shown} is", free as f64 / 1e9);
    let remedy = "make room, or set store.retention.max_total_size";
    match free {
        0..SPACE_NONE => Finding::fails("space", text, remedy),
        SPACE_NONE..SPACE_LOW => Finding::warning("space", text, remedy),
        _ if system.f_files > 0 && system.f_favail == 0 => {
            let text = format!("no file can be made where {shown} is: all inodes are in use");
            Finding::fails("space", text, "delete files that nobody needs")
        }
        _ => Finding::fine("space", text),
    }
}
