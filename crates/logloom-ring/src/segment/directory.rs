//! Where segments live: a memory file system by default, because a disk-backed mapping stalls
//! callers for microseconds to hundreds of milliseconds under write-back.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::Identity;

/// Where to put segments.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RingDirectory {
    /// `$XDG_RUNTIME_DIR/logloom`, else `/dev/shm/logloom-UID`, else the log directory's own
    /// `.logloom/ring`; the latter first in a container whose log directory is a mount.
    #[default]
    Automatic,
    /// This directory.
    At(PathBuf),
}

/// The directories where a segment may be made, in the order to try them. A later one serves when
/// an earlier one is not ours, or has no room (containers often get 64 MiB of `/dev/shm`).
#[must_use]
pub fn candidates(wanted: &RingDirectory, log_dir: &Path) -> Vec<PathBuf> {
    let own = log_dir.join(".logloom/ring");
    match wanted {
        RingDirectory::At(path) => vec![path.clone()],
        RingDirectory::Automatic if in_container() && is_mount(log_dir) => vec![own],
        RingDirectory::Automatic => {
            let shared = PathBuf::from(format!("/dev/shm/logloom-{}", user()));
            let mut list = vec![shared, own];
            let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
            // One that is empty or relative does not count, as its specification says.
            if let Some(runtime) = runtime.filter(|path| path.is_absolute()) {
                list.insert(0, runtime.join("logloom"));
            }
            list
        }
    }
}

/// Makes the directory (0700) or checks that an existing one is ours and closed to others.
///
/// # Errors
/// It cannot be made, is no directory, belongs to another user or can be written by others.
pub fn prepare(path: &Path) -> io::Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).recursive(true).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = std::fs::symlink_metadata(path)?;
    let text = path.display();
    if !found.is_dir() {
        return Err(io::Error::other(format!("{text} is not a directory")));
    }
    if found.uid() != user() {
        return Err(io::Error::other(format!("{text} belongs to another user")));
    }
    if found.permissions().mode() & 0o022 != 0 {
        return Err(io::Error::other(format!("others can write {text}; run: chmod go-w {text}")));
    }
    Ok(())
}

/// Name of a segment: boot, process and a part of the uuid, so that it is never used twice.
#[must_use]
pub fn file_name(identity: &Identity) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!(
        "{}-{}-{}-{}.llr",
        hex(&identity.boot_id[..4]),
        identity.pid,
        identity.start_time,
        hex(&identity.uuid)
    )
}

fn user() -> u32 {
    // SAFETY: no arguments, no failure.
    unsafe { libc::geteuid() }
}

/// Whether this process runs in a container, by the marks that engines leave.
#[must_use]
pub fn in_container() -> bool {
    let marks = ["/.dockerenv", "/run/.containerenv"];
    marks.iter().any(|mark| Path::new(mark).exists())
        || std::env::var_os("KUBERNETES_SERVICE_HOST").is_some()
}

/// Whether `path` lies on another file system than its parent.
#[must_use]
pub fn is_mount(path: &Path) -> bool {
    let device = |path: &Path| std::fs::metadata(path).map(|found| found.dev());
    match (device(path), path.parent().map(device)) {
        (Ok(own), Some(Ok(parent))) => own != parent,
        _ => false,
    }
}

/// Whether `path` lies on a memory file system.
#[must_use]
pub fn is_memory(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt;
    const TMPFS: i64 = 0x0102_1994;
    const RAMFS: i64 = 0x8584_58F6;
    let Ok(name) = std::ffi::CString::new(path.as_os_str().as_bytes()) else { return false };
    let mut found = std::mem::MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: the name is NUL-terminated and the buffer large enough.
    if unsafe { libc::statfs(name.as_ptr(), found.as_mut_ptr()) } != 0 {
        return false;
    }
    // SAFETY: statfs succeeded.
    let kind = unsafe { found.assume_init() }.f_type;
    kind == TMPFS || kind == RAMFS
}
