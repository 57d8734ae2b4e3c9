//! Writes log files as other programs do, and rotates them, for `make run` on a machine where
//! nothing else is logged.
//!
//! An access log as plain lines and an application log of JSON lines with a stack trace now and
//! then, about 20 lines a second together. The access log is rotated every 200 lines, three
//! generations are kept. Ends on SIGINT or SIGTERM.
//!
//! `sample_files FOLDER`

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use signal_hook::consts::{SIGINT, SIGTERM};

const LINES_PER_FILE: u64 = 200;
const GENERATIONS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: sample_files FOLDER")?;
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    let mut access = open(&folder.join("access.log"))?;
    let mut application = open(&folder.join("billing.log"))?;
    let mut number = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let now = Timestamp::now();
        let status = if number.is_multiple_of(23) { 502 } else { 200 };
        writeln!(access, "{now} INFO GET /products/{} {status} {}ms", number % 40, number % 90)?;
        writeln!(application, "{}", billing(number, now))?;
        if number.is_multiple_of(LINES_PER_FILE) {
            rotate(&folder)?;
            access = open(&folder.join("access.log"))?;
        }
        std::thread::park_timeout(PAUSE);
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// One line of the JSON log.
fn billing(number: u64, now: Timestamp) -> String {
    if number.is_multiple_of(40) {
        return format!(
            r#"{{"ts":"{now}","level":"error","msg":"invoice {number} failed","stack":"ValueError: no address\n  at invoice (billing.py:42)"}}"#
        );
    }
    format!(
        r#"{{"ts":"{now}","level":"info","msg":"invoice {number} sent","customer":{}}}"#,
        number % 7
    )
}

fn rotate(folder: &Path) -> io::Result<()> {
    let generation = |number: u32| match number {
        0 => folder.join("access.log"),
        number => folder.join(format!("access.log.{number}")),
    };
    for number in (0..GENERATIONS).rev() {
        match std::fs::rename(generation(number), generation(number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
