//! A service under load that logs through the library, for `make run`.
//!
//! Plays requests of a shop on several threads: each has a trace, several levels, and now and then
//! an error with its causes. Ends on SIGINT or SIGTERM, or after `--seconds`.
//!
//! `sample_service DIRECTORY [--rate RECORDS_PER_SECOND] [--seconds SECONDS]`

use std::error::Error;
use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use logloom::context::Context;
use logloom::{Level, debug, error, info, warn};
use signal_hook::consts::{SIGINT, SIGTERM};

const WORKERS: u64 = 4;

/// Records of one request, on average.
const RECORDS_PER_REQUEST: f64 = 3.6;

const PATHS: [&str; 4] = ["/cart", "/checkout", "/products/17", "/login"];
const NAMES: [&str; 4] = ["Ann", "Bob", "\u{674e}\u{96f7}", "Zo\u{eb}"];

/// What the card company said.
#[derive(Debug)]
struct Declined {
    source: std::io::Error,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the card was declined")
    }
}

impl Error for Declined {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

/// What was asked for on the command line.
struct Load {
    directory: String,
    records_per_second: f64,
    seconds: Option<f64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let load = load()?;
    let log = logloom::builder()
        .service("sample-shop")
        .dir(&load.directory)
        .level(Level::Debug)
        .without_config_file()
        .init()?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    info!(target: "shop", pid = std::process::id(), "the shop is open");
    let requests = AtomicU64::new(0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (stop, requests, load) = (&stop, &requests, &load);
            scope.spawn(move || work(worker, load, stop, requests, start));
        }
    });
    let requests = requests.load(Ordering::Relaxed);
    info!(target: "shop", requests, "the shop is closed after {requests} requests");
    log.stop();
    Ok(())
}

fn load() -> Result<Load, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: sample_service DIRECTORY [--rate RECORDS_PER_SECOND] [--seconds SECONDS]";
    let directory = arguments.next().ok_or(usage)?;
    let mut load = Load { directory, records_per_second: 500.0, seconds: None };
    while let Some(flag) = arguments.next() {
        let value: f64 = arguments.next().ok_or(usage)?.parse()?;
        match flag.as_str() {
            "--rate" if (0.1..=1e6).contains(&value) => load.records_per_second = value,
            "--seconds" if (0.0..=1e6).contains(&value) => load.seconds = Some(value),
            _ => {
                let _ = writeln!(std::io::stderr(), "{usage}");
                std::process::exit(2);
            }
        }
    }
    Ok(load)
}

/// Serves requests at the worker's share of the rate.
fn work(worker: u64, load: &Load, stop: &AtomicBool, requests: &AtomicU64, start: Instant) {
    let pause = WORKERS as f64 * RECORDS_PER_REQUEST / load.records_per_second;
    let mut random = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(worker + 1);
    for turn in 0_u64.. {
        let due = start + Duration::from_secs_f64(pause * (turn as f64 + 1.0));
        while let Some(rest) = due.checked_duration_since(Instant::now()) {
            std::thread::park_timeout(rest.min(Duration::from_millis(100)));
            if stop.load(Ordering::Relaxed) {
                return;
            }
        }
        let is_over = load.seconds.is_some_and(|limit| start.elapsed().as_secs_f64() > limit);
        if is_over || stop.load(Ordering::Relaxed) {
            return;
        }
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        request(random);
        requests.fetch_add(1, Ordering::Relaxed);
    }
}

/// One request, all of whose records belong to one trace.
fn request(random: u64) {
    let pick = |bits: u32| (random >> bits) as usize % 4;
    let (path, name) = (PATHS[pick(3)], NAMES[pick(9)]);
    let user_id = 1_000 + random % 97;
    let _scope = Context::new_trace().field("user_id", user_id).enter();
    info!(target: "shop.http", http.method = "POST", path, "request received");
    debug!(target: "shop.stock", sku = "A-17", left = random % 50, "looked at the shelf");
    let latency_ms = (random % 9_000) as f64 / 100.0;
    if latency_ms > 85.0 {
        warn!(target: "shop.http", path, latency_ms, "slow answer on {path}");
    }
    if random.is_multiple_of(151) {
        let source = std::io::Error::new(std::io::ErrorKind::ConnectionReset, "bank hung up");
        let error = Declined { source };
        error!(target: "shop.payments", error = error, amount = 49.9, "payment failed");
    } else if path == "/checkout" {
        info!(target: "shop.payments", name, amount = 49.9, "paid by {name}");
    }
    info!(target: "shop.http", status = 200, latency_ms, "request answered");
    if path == "/login" {
        info!(target: "shop.accounts", name, password = "hunter2", "signed in");
    }
}
