//! What an action costs its caller: a `tool_call` of six fields and 256 bytes of values, and what each
//! byte beyond costs.
//!
//! Takes sizes, hands on percentiles of single calls and of means of 20 beside an empty pair of clock
//! readings, means of 20 calls with longer values, and the rate from the first of a million calls to the
//! last line in the file; as JSON or as a table. Exit status 3 when a number is missing in the file.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use logloom::action::{Execution, PermissionLevel, Session, ToolCall};
use logloom::settings::Policy;
use logloom_bench::clock::Ticker;
use logloom_bench::stats::{median, percentiles};
use logloom_bench::workload::Pace;

use crate::args::Options;
use crate::compare;

/// Single calls and their pace in nanoseconds; means of 20, also for each longer value; calls at full
/// rate.
struct Sizes {
    singles: u64,
    pace: u64,
    means: u64,
    long_means: u64,
    rate: u64,
}

const GROUP: u64 = 20;
/// With session, execution, names and level, the values of a call have 256 bytes.
const COMMAND_BYTES: usize = 144;
/// Further bytes of values.
const BEYOND_BYTES: [usize; 4] = [256, 1024, 4096, 16_384];
/// The writer is given so long for each byte: no ring is ever full.
const WRITER_NS_BYTE: u64 = 10;
const DESCRIPTION: &str = "List all files of the project";

/// Measures an action beside other loggers, then what only ours is asked for: longer values.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let beside = compare::action(options)?;
    let alone = alone(options)?;
    Ok(if beside == ExitCode::SUCCESS { alone } else { beside })
}

fn alone(options: &Options) -> Result<ExitCode, String> {
    let sizes = match options.quick {
        true => Sizes { singles: 5_000, pace: 5_000, means: 500, long_means: 50, rate: 50_000 },
        false => {
            Sizes { singles: 200_000, pace: 5_000, means: 5_000, long_means: 500, rate: 1_000_000 }
        }
    };
    let dir = crate::proof::scratch(options.dir.clone(), "action")?;
    let guard = logloom::builder()
        .without_config_file()
        .dir(&dir)
        .overflow(Policy::Block)
        .flush_timeout(std::time::Duration::from_secs(120))
        .settings(|settings| settings.ring.bytes_per_thread = 8 << 20)
        .init()
        .map_err(|error| error.to_string())?;
    let session = Session::builder().id("session-20251121143210-123456").start();
    let turn = session.execution_of("exec-0123456789abcdef");
    let mut metrics = measure(&sizes, &turn);
    let began = Instant::now();
    let command = "x".repeat(COMMAND_BYTES);
    (0..sizes.rate).for_each(|_| call(&turn, &command));
    let called = began.elapsed();
    let left = guard.flush();
    let written = began.elapsed();
    metrics.insert("call_rate".to_owned(), sizes.rate as f64 / called.as_secs_f64());
    metrics.insert("written_rate".to_owned(), sizes.rate as f64 / written.as_secs_f64());
    let expected = session.totals().actions;
    guard.stop();
    let last = last_number(&dir).map_err(|error| error.to_string())?;
    let _ = std::fs::remove_dir_all(&dir);
    report(options, &metrics, expected, last)?;
    let is_whole = left.is_empty() && last == expected;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

#[inline(always)]
fn call(turn: &Execution, command: &str) {
    ToolCall::new("bash", "toolu_0123456789abcdef")
        .arguments(&[("command", &command), ("description", &DESCRIPTION)])
        .permission_level(PermissionLevel::Normal)
        .log(turn);
}

fn measure(sizes: &Sizes, turn: &Execution) -> BTreeMap<String, f64> {
    let ticker = Ticker::calibrate();
    let pace = Pace::of(1, Ticker::calibrate());
    let command = "x".repeat(COMMAND_BYTES);
    let (mut empty, mut single, mut mean) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..sizes.singles {
        pace.wait(sizes.pace);
        let times = [ticker.now(), ticker.now()];
        empty.push(ticker.nanoseconds(times[1].wrapping_sub(times[0])));
        let start = ticker.now();
        call(turn, &command);
        single.push(ticker.nanoseconds(ticker.now().wrapping_sub(start)));
    }
    for _ in 0..sizes.means {
        pace.wait(40 * sizes.pace);
        let start = ticker.now();
        (0..GROUP).for_each(|_| call(turn, &command));
        mean.push(ticker.nanoseconds(ticker.now().wrapping_sub(start)) / GROUP as f64);
    }
    let mut metrics = BTreeMap::new();
    percentiles("empty", &mut empty, &mut metrics);
    percentiles("single", &mut single, &mut metrics);
    percentiles("mean20", &mut mean, &mut metrics);
    beyond(sizes, turn, &ticker, &pace, &mut metrics);
    metrics
}

/// What a call costs with longer values, and what each further byte does.
fn beyond(
    sizes: &Sizes,
    turn: &Execution,
    ticker: &Ticker,
    pace: &Pace,
    metrics: &mut BTreeMap<String, f64>,
) {
    let mut least = 0.0;
    for further in [0].into_iter().chain(BEYOND_BYTES) {
        let command = "x".repeat(COMMAND_BYTES + further);
        let mut means = Vec::new();
        for _ in 0..sizes.long_means {
            pace.wait(40 * sizes.pace + GROUP * command.len() as u64 * WRITER_NS_BYTE);
            let start = ticker.now();
            (0..GROUP).for_each(|_| call(turn, &command));
            means.push(ticker.nanoseconds(ticker.now().wrapping_sub(start)) / GROUP as f64);
        }
        let p50 = median(&means);
        if further == 0 {
            least = p50;
            continue;
        }
        metrics.insert(format!("mean20_p50_{further}_beyond"), p50);
        metrics.insert(format!("byte_beyond_{further}"), (p50 - least) / further as f64);
    }
}

/// The greatest number in the log; 0 when a line has none or one is missing.
fn last_number(dir: &std::path::Path) -> std::io::Result<u64> {
    let (mut count, mut last) = (0, 0);
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "jsonl") {
            for line in std::fs::read_to_string(&path)?.lines() {
                let number = line.split("\"action_number\":").nth(1);
                let number = number.and_then(|rest| rest.split(',').next()?.parse().ok());
                last = last.max(number.unwrap_or(0));
                count += 1;
            }
        }
    }
    Ok(if count == last { last } else { 0 })
}

fn report(
    options: &Options,
    metrics: &BTreeMap<String, f64>,
    expected: u64,
    last: u64,
) -> Result<(), String> {
    let mut out = std::io::stdout();
    let written = if options.json {
        let line = serde_json::json!({
            "bench": "action", "fields": 6, "value_bytes": 256, "actions": expected, "numbered": last,
            "metrics": metrics,
        });
        writeln!(out, "{line}")
    } else {
        metrics.iter().try_for_each(|(name, value)| writeln!(out, "{name:>26} {value:.2}"))
    };
    written.map_err(|error| error.to_string())
}
