//! How long recognition takes: nanoseconds a line and megabytes a second on one core, for each file
//! of the format tests, or for the files that are named.
//!
//!     cargo run --release -p logloom-intake --example speed [FILE...]
//!
//! Lines are in memory; what is measured is cutting them, finding their format and making records.
//! Time is that of the processor, so that other programs disturb it little.

#![allow(clippy::print_stdout)]

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use logloom_intake::{Defaults, LineAssembler, Recogniser};

/// Bytes that each file is repeated to.
const BYTES: usize = 16 << 20;

fn main() {
    let mut files: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if files.is_empty() {
        files = own_files();
    }
    for file in files {
        match std::fs::read(&file) {
            Ok(bytes) if !bytes.is_empty() => measure(&file, &bytes),
            Ok(_) => println!("{}: empty", file.display()),
            Err(error) => println!("{}: {error}", file.display()),
        }
    }
}

fn own_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "log"));
    files.sort();
    files
}

/// What this thread has used so far.
fn processor_seconds() -> f64 {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = times.split(' ').next().and_then(|used| used.parse::<f64>().ok());
    nanos.unwrap_or_default() / 1e9
}

fn measure(file: &Path, bytes: &[u8]) {
    let bytes = bytes.repeat(BYTES.div_ceil(bytes.len()));
    let defaults = Defaults {
        zone: Some(TimeZone::system()),
        arrival_ns: 1_795_255_200_000_000_000,
        ..Defaults::default()
    };
    let mut recogniser = Recogniser::default();
    let mut assembler = LineAssembler::new(0);
    let (mut lines, mut fields) = (0_u32, 0);
    let started = processor_seconds();
    for chunk in bytes.chunks(64 << 10) {
        assembler.push(chunk, &mut |line| {
            fields += recogniser.recognise_line(&line, &defaults).fields.len();
            lines += 1;
        });
    }
    let seconds = processor_seconds() - started;
    println!(
        "{:<24} {:>6.0} ns a line {:>6.0} MB/s  {} ({:.1} fields)",
        file.file_stem().unwrap_or_default().to_string_lossy(),
        seconds * 1e9 / f64::from(lines),
        bytes.len() as f64 / 1e6 / seconds,
        recogniser.format().unwrap_or("open"),
        f64::from(u32::try_from(fields).unwrap_or(u32::MAX)) / f64::from(lines),
    );
}
