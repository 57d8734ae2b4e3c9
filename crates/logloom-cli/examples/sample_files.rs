//! Writes log files as other programs do, and rotates them, for `make run` on a machine where
//! nothing else is logged.
//!
//! Six files in six formats, about 20 lines a second together, with a traceback of several lines
//! now and then. The access log is rotated every 200 lines, three generations are kept. Ends on
//! SIGINT or SIGTERM.
//!
//! `sample_files FOLDER`

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Zoned;
use signal_hook::consts::{SIGINT, SIGTERM};

const LINES_PER_FILE: u64 = 200;
const GENERATIONS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);
const ROTATED: &str = "access.log";

/// A program that writes a file of its own.
struct Program {
    file: &'static str,
    /// It writes in every so manieth round.
    every: u64,
    write: fn(u64, &Zoned) -> String,
}

const PROGRAMS: [Program; 6] = [
    Program { file: ROTATED, every: 1, write: access },
    Program { file: "billing.log", every: 3, write: billing },
    Program { file: "worker.log", every: 4, write: worker },
    Program { file: "gateway.log", every: 5, write: gateway },
    Program { file: "database.log", every: 9, write: database },
    Program { file: "mail.log", every: 11, write: mail },
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("usage: sample_files FOLDER")?;
    let folder = PathBuf::from(folder);
    std::fs::create_dir_all(&folder)?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    let open = |program: &Program| open(&folder.join(program.file));
    let mut files = PROGRAMS.iter().map(open).collect::<io::Result<Vec<_>>>()?;
    let mut round = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        round += 1;
        let now = Zoned::now();
        for (program, file) in PROGRAMS.iter().zip(&mut files) {
            if round.is_multiple_of(program.every) {
                writeln!(file, "{}", (program.write)(round, &now))?;
            }
        }
        if round.is_multiple_of(LINES_PER_FILE) {
            rotate(&folder)?;
            files[0] = self::open(&folder.join(ROTATED))?;
        }
        std::thread::park_timeout(PAUSE);
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// A web server's access log in the combined form.
fn access(round: u64, now: &Zoned) -> String {
    let time = now.strftime("%d/%b/%Y:%H:%M:%S %z");
    let status = if round.is_multiple_of(23) { 502 } else { 200 };
    format!(
        r#"10.0.0.{} - - [{time}] "GET /products/{} HTTP/1.1" {status} {} "-" "curl/8.5.0""#,
        round % 9 + 1,
        round % 40,
        500 + round % 900,
    )
}

/// A service that writes JSON.
fn billing(round: u64, now: &Zoned) -> String {
    let time = now.timestamp();
    if round.is_multiple_of(60) {
        return format!(
            r#"{{"ts":"{time}","level":"error","msg":"invoice {round} failed","reason":"no address"}}"#
        );
    }
    let customer = round % 7;
    format!(
        r#"{{"ts":"{time}","level":"info","msg":"invoice {round} sent","customer":{customer}}}"#
    )
}

/// A Python program with the usual format of its logging module.
fn worker(round: u64, now: &Zoned) -> String {
    let time = now.strftime("%Y-%m-%d %H:%M:%S,%3f");
    if round.is_multiple_of(80) {
        return format!(
            "{time} - shop.worker - ERROR - job {round} failed\n\
             Traceback (most recent call last):\n  \
             File \"/srv/worker.py\", line 42, in run\n    \
             raise ValueError(\"no such product\")\n\
             ValueError: no such product"
        );
    }
    format!("{time} - shop.worker - INFO - job {round} done")
}

/// A service that writes key=value pairs.
fn gateway(round: u64, now: &Zoned) -> String {
    let time = now.timestamp();
    let level = if round.is_multiple_of(50) { "warn" } else { "info" };
    let latency = round % 180;
    format!(
        "time={time} level={level} msg=\"request forwarded\" upstream=shop latency_ms={latency}"
    )
}

/// A PostgreSQL server.
fn database(round: u64, now: &Zoned) -> String {
    let time = now.timestamp().strftime("%Y-%m-%d %H:%M:%S%.3f UTC").to_string();
    let duration = round % 700;
    format!("{time} [4711] LOG:  duration: {duration}.120 ms  statement: SELECT * FROM orders")
}

/// A mail server through the system's log.
fn mail(round: u64, now: &Zoned) -> String {
    let time = now.strftime("%b %e %H:%M:%S");
    format!("{time} shop postfix/smtp[812]: {round:08X}: to=<ann@example.org>, status=sent")
}

fn rotate(folder: &Path) -> io::Result<()> {
    let generation = |number: u32| match number {
        0 => folder.join(ROTATED),
        number => folder.join(format!("{ROTATED}.{number}")),
    };
    for number in (0..GENERATIONS).rev() {
        match std::fs::rename(generation(number), generation(number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
