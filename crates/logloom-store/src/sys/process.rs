//! What `/proc` says about this machine and its processes. In comes a process number; out go start
//! times and identities. Refuses nothing: what cannot be read is unknown, and a process of which nothing
//! is known counts as alive.

use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::brief;

/// More than 52 numbers and a name take.
const STAT_MAX: usize = 4 << 10;

/// The kernel's identity of this boot; all zero where `/proc` is missing.
pub(super) fn boot_id() -> [u8; 16] {
    let text = brief::read(Path::new("/proc/sys/kernel/random/boot_id"), 64).unwrap_or_default();
    std::str::from_utf8(&text).ok().and_then(|text| parse_uuid(text.trim())).unwrap_or([0; 16])
}

/// Field 22 of `/proc/PID/stat`: the start time in clock ticks since boot.
pub(super) fn start_time(process: u32) -> Option<u64> {
    parse_start_time(&read_stat(process).ok()?)
}

/// Whether the process with that start time runs. Only what `/proc` says tells that it does not: a reader
/// without a free descriptor must not take the living for dead.
pub(super) fn is_alive(process: u32, start_time: u64) -> bool {
    runs(read_stat(process), start_time)
}

fn read_stat(process: u32) -> io::Result<Vec<u8>> {
    brief::read(Path::new(&format!("/proc/{process}/stat")), STAT_MAX)
}

fn runs(stat: io::Result<Vec<u8>>, start_time: u64) -> bool {
    match stat {
        Ok(stat) => parse_start_time(&stat) == Some(start_time),
        Err(error) => !matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)),
    }
}

/// Inode of this process's pid namespace; 0 where it is unknown.
pub(super) fn pid_namespace() -> u64 {
    std::fs::metadata("/proc/self/ns/pid").map_or(0, |metadata| metadata.ino())
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    if digits.len() != 32 {
        return None;
    }
    let mut id = [0; 16];
    for (byte, pair) in id.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(id)
}

// The command name in field 2 may hold spaces and brackets, so counting starts after the last one.
// A zombie runs no more: its memory is gone and it appends nothing. Unless only its first thread has ended
// (field 20 counts the others too).
fn parse_start_time(stat: &[u8]) -> Option<u64> {
    let after_name = memchr::memrchr(b')', stat)? + 1;
    let text = std::str::from_utf8(&stat[after_name..]).ok()?;
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).copied();
    let is_ended = matches!(field(3)?, "Z" | "X");
    if is_ended && field(20)?.parse::<u32>().is_ok_and(|threads| threads <= 1) {
        return None;
    }
    field(22)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_time_survives_odd_command_names() {
        let stat = b"7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 99";
        assert_eq!(parse_start_time(stat), Some(4242));
        assert_eq!(parse_start_time(b""), None);
    }

    #[test]
    fn a_process_has_ended_when_its_last_thread_has() {
        let stat =
            |threads| format!("7 (x) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 {threads} 18 42");
        assert_eq!(parse_start_time(stat(1).as_bytes()), None);
        assert_eq!(parse_start_time(stat(2).as_bytes()), Some(42));
    }

    #[test]
    fn a_process_of_which_nothing_can_be_read_counts_as_alive() {
        let failed = |number| Err(io::Error::from_raw_os_error(number));
        assert!(runs(failed(libc::EMFILE), 1) && runs(failed(libc::EACCES), 1));
        assert!(!runs(failed(libc::ENOENT), 1) && !runs(failed(libc::ESRCH), 1));
        let own = start_time(std::process::id()).unwrap_or(0);
        assert!(is_alive(std::process::id(), own) && !is_alive(std::process::id(), own + 1));
    }

    #[test]
    fn own_process_is_known() {
        assert!(start_time(std::process::id()).is_some());
        assert_eq!(start_time(u32::MAX), None);
        assert_ne!(boot_id(), [0; 16]);
    }
}
