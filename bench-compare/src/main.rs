//! The same workloads on other loggers.
//!
//! Takes the name of a logger and of a workload, hands on one line of JSON with the raw results
//! (exit status 0), or with the reason why the run does not count (3); refuses what it does not
//! know (2). Each logger is set up as its own documentation advises; where a choice was needed, the
//! reason stands in its file.

mod slog_async;
mod spdlog;
mod ticklog;
mod tracing_appender;

use std::io::Write;
use std::process::ExitCode;

use logloom_bench::child::{Order, conclude, measure};

/// Names and versions, as `bench-compare --list` prints them.
const PEERS: &[(&str, &str)] = &[
    ("ticklog", "0.1.2"),
    ("tracing-appender", "0.2.5"),
    ("slog-async", "2.8.0"),
    ("spdlog", "of Debian"),
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).peekable();
    let done = match words.peek().map(String::as_str) {
        Some("--list") => list(),
        _ => Order::parse(words).and_then(|order| run(&order)),
    };
    done.unwrap_or_else(|error| {
        let usage = "NAME hotpath|throughput|disabled|idle --dir D [--shape fields|message|action] \
                     [--threads N] [--quick]";
        // A terminal that is gone must not hide the status.
        let _ = writeln!(std::io::stderr(), "bench-compare: {error}\nbench-compare {usage}");
        ExitCode::from(2)
    })
}

fn list() -> Result<ExitCode, String> {
    for (name, version) in PEERS {
        writeln!(std::io::stdout(), "{name} {version}").map_err(|error| error.to_string())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn run(order: &Order) -> Result<ExitCode, String> {
    let version = PEERS.iter().find(|(name, _)| *name == order.party).map(|(_, version)| *version);
    let setup = &order.setup;
    let raw = match order.party.as_str() {
        "ticklog" => measure(ticklog::start(setup)?, order),
        "tracing-appender" => measure(tracing_appender::start(setup)?, order),
        "slog-async" => measure(slog_async::start(setup)?, order),
        "spdlog" => {
            let (version, raw) = spdlog::measure(order)?;
            return conclude(order, &version, raw);
        }
        other => return Err(format!("there is no logger `{other}`; --list prints them")),
    }?;
    conclude(order, version.unwrap_or_default(), raw)
}
