//! A process that believes the machine has started anew: every boot id it is told is another.

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use logloom_store::sys::{Handle, Links, LinuxPlatform, OpenMode, Platform, Stat, Watch};
use logloom_store::{Directory, Options};

use super::super::party::Order;
use super::super::{Outcome, failed};

/// Opens the directory, which repairs the files of the boot before.
pub(super) fn run(order: &Order) -> Outcome<ExitCode> {
    let platform = Arc::new(LaterBoot { inner: LinuxPlatform, run: order.run });
    Directory::open(&order.dir, Options::default(), platform)
        .map_err(failed("open the log directory"))?;
    Ok(ExitCode::SUCCESS)
}

/// The real platform but for its boot id.
struct LaterBoot {
    inner: LinuxPlatform,
    run: u64,
}

macro_rules! hand_on {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        impl Platform for LaterBoot {
            $(fn $name(&self, $($argument: $kind),*) -> $result {
                self.inner.$name($($argument),*)
            })*

            fn boot_id(&self) -> [u8; 16] {
                let mut id = self.inner.boot_id();
                id.iter_mut().zip(self.run.to_le_bytes()).for_each(|(byte, other)| *byte ^= other);
                id
            }
        }
    };
}

hand_on! {
    open_directory(path: &Path, links: Links) -> io::Result<Handle>;
    stat_path(path: &Path, links: Links) -> io::Result<Stat>;
    make_path(path: &Path) -> io::Result<()>;
    open_at(directory: Handle, name: &str, mode: OpenMode) -> io::Result<Handle>;
    close(handle: Handle) -> ();
    read_at(handle: Handle, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
    write_at(handle: Handle, bytes: &[u8], offset: u64) -> io::Result<()>;
    truncate(handle: Handle, size: u64) -> io::Result<()>;
    stat(handle: Handle) -> io::Result<Stat>;
    stat_at(directory: Handle, name: &str) -> io::Result<Stat>;
    sync_data(handle: Handle) -> io::Result<()>;
    rename_at(directory: Handle, from: &str, to: &str) -> io::Result<()>;
    rename_new(from: (Handle, &str), to: (Handle, &str)) -> io::Result<()>;
    unlink_at(directory: Handle, name: &str) -> io::Result<()>;
    make_directory_at(directory: Handle, name: &str) -> io::Result<()>;
    list(directory: Handle) -> io::Result<Vec<String>>;
    try_lock(handle: Handle, offset: u64) -> io::Result<bool>;
    unlock(handle: Handle, offset: u64) -> io::Result<()>;
    is_lockable(handle: Handle, offset: u64) -> io::Result<bool>;
    watch(handle: Handle) -> Option<Box<dyn Watch>>;
    realtime_ns() -> i64;
    monotonic_ns() -> u64;
    random() -> [u8; 16];
    process_id() -> u32;
    process_start_time(process: u32) -> Option<u64>;
    pid_namespace() -> u64;
    user() -> u32;
    sleep(duration: Duration) -> ();
}
