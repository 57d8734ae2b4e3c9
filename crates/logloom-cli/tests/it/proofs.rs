//! The proofs of `logloom-bench intake` in small: nothing skipped, nothing repeated, memory bounded.
//! How long anything takes is told there and judged nowhere here.

use std::path::Path;

use logloom_bench::takeover::lag::{self, Load};
use logloom_bench::takeover::{kills, memory};

/// What the manual promises, in bytes.
const MEMORY_MAX: u64 = 64 << 20;

fn logloom() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_logloom"))
}

#[test]
fn two_thousand_files_are_followed_and_no_line_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let load = Load { files: 2_000, rate: 2_000, seconds: 2 };
    let lag = lag::measure(logloom(), folder.path(), load).unwrap();
    assert_eq!(lag.lines, 4_000);
    eprintln!(
        "lag at {:.0} lines a second: p50 {:.1} ms, p99 {:.1} ms",
        lag.rate, lag.p50, lag.p99
    );
}

#[test]
fn kills_among_rotations_of_every_kind_skip_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let proof = kills::prove(logloom(), folder.path(), 60, 5).unwrap();
    let all = [proof.kills, proof.created, proof.cut, proof.packed];
    assert!(all.iter().all(|count| *count >= 5), "every kind has to occur: {proof:?}");
    assert!(proof.lines > 1_000, "{proof:?}");
    assert_eq!((proof.skipped, proof.repeated), (0, 0), "{proof:?}");
}

#[test]
fn a_line_of_64_megabytes_and_two_thousand_files_need_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let line = memory::of_a_long_line(logloom(), &folder.path().join("line"), 64).unwrap();
    let files = memory::of_many_files(logloom(), &folder.path().join("files"), 2_000).unwrap();
    assert!(line < MEMORY_MAX && files < MEMORY_MAX, "{line} and {files} bytes");
}

#[test]
fn a_packed_file_is_imported_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, lines) = memory::of_a_packed_import(logloom(), folder.path(), 96).unwrap();
    assert!(lines > 1_000_000 && bytes < MEMORY_MAX, "{bytes} bytes with {lines} lines");
}
