//! The real machine, in another start of it: everything is handed on but the boot id.

use std::io;
use std::path::Path;
use std::time::Duration;

use logloom_store::sys::{Handle, Links, LinuxPlatform, OpenMode, Platform, Stat, Watch};

/// This machine, started at another time: its boot id is the one given.
#[derive(Debug, Clone, Copy)]
pub struct OtherBoot(pub [u8; 16]);

macro_rules! hand_on {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)*) => {
        impl Platform for OtherBoot {
            $(fn $name(&self, $($argument: $kind),*) -> $result {
                LinuxPlatform.$name($($argument),*)
            })*

            fn boot_id(&self) -> [u8; 16] {
                self.0
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
