//! `logloom import` of one large file, beside rsyslog and syslog-ng on the same file.
//!
//! Two inputs are made: the system log as rsyslog itself writes it, and JSON lines of an HTTP
//! service. Each side starts as a fresh process on an empty directory; the time counts from the start
//! to the last byte in its file, and a side that has not written exactly as many lines as there are
//! is void. Ours alone runs once more on two files at a time, which is what a directory of logs is.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use logloom_bench::stats::median;

use super::peers::{self, Peer};
use super::{Options, Place, Row};
use crate::proof::dice::Dice;

/// Seconds since 1970 at which the inputs begin: 2026-03-01T00:00:00Z.
const BEGIN: i64 = 1_772_323_200;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// The system log as it lies in a file.
    Plain,
    /// JSON objects, one a line.
    Json,
}

impl Input {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Json => "json",
        }
    }

    /// Megabytes a second on two cores that are the aim.
    fn goal(self) -> f64 {
        match self {
            Self::Plain => 150.0,
            Self::Json => 250.0,
        }
    }
}

/// An input that was made.
pub(super) struct Made {
    pub(super) input: Input,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) lines: u64,
}

/// Runs all sides on both inputs.
pub(super) fn run(
    options: &Options,
    place: &Place,
    tell: &mut dyn FnMut(&Row) -> Result<(), String>,
) -> Result<(), String> {
    let folder = place.base.join(format!("import-{}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| format!("make {}: {error}", folder.display()))?;
    let peers = peers::find(&place.target);
    let outcome = [Input::Plain, Input::Json].into_iter().try_for_each(|input| {
        let bench = Bench { options, logloom: &place.logloom, folder: &folder, peers: &peers };
        bench.run(input, tell)
    });
    // What is left only takes space.
    let _ = fs::remove_dir_all(&folder);
    outcome
}

struct Bench<'a> {
    options: &'a Options,
    logloom: &'a Path,
    folder: &'a Path,
    peers: &'a [Peer],
}

impl Bench<'_> {
    fn run(
        &self,
        input: Input,
        tell: &mut dyn FnMut(&Row) -> Result<(), String>,
    ) -> Result<(), String> {
        let made = make(input, &self.folder.join(input.name()), self.options.megabytes, 1)?;
        let second = make(input, &self.folder.join("second"), self.options.megabytes, 2)?;
        let (mut single, mut double) = (Vec::new(), Vec::new());
        let mut theirs = vec![Vec::new(); self.peers.len()];
        for _ in 0..self.options.pairs {
            single.push(self.ours(&[&made])?);
            double.push(self.ours(&[&made, &second])?);
            for (peer, rates) in self.peers.iter().zip(&mut theirs) {
                match peer.run(&made, self.folder) {
                    Ok(elapsed) => rates.push(rate(made.bytes, elapsed)),
                    Err(text) => crate::proof::tell(&format!("{} is void: {text}", peer.name)),
                }
            }
        }
        let name = input.name();
        let goal = Told { peer: "goal", version: "", rates: &[input.goal()] };
        tell(&row(name.to_owned(), &single, &goal, &made))?;
        tell(&row(format!("{name}_two_files"), &double, &goal, &made))?;
        for (peer, rates) in self.peers.iter().zip(&theirs).filter(|(_, rates)| !rates.is_empty()) {
            let told = Told { peer: peer.name, version: &peer.version, rates };
            tell(&row(name.to_owned(), &single, &told, &made))?;
        }
        for path in [&made.path, &second.path] {
            fs::remove_file(path).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// Megabytes a second of ours.
    fn ours(&self, inputs: &[&Made]) -> Result<f64, String> {
        let log = self.folder.join("log");
        let _ = fs::remove_dir_all(&log);
        let begun = Instant::now();
        let status = Command::new(self.logloom)
            .args(["import", "--quiet", "--zone", "UTC", "--jobs"])
            .arg(inputs.len().to_string())
            .arg("--dir")
            .arg(&log)
            .args(inputs.iter().map(|made| &made.path))
            .status()
            .map_err(|error| format!("{}: {error}", self.logloom.display()))?;
        let elapsed = begun.elapsed();
        let expected: u64 = inputs.iter().map(|made| made.lines).sum();
        let found = lines_in(&log)?;
        if !status.success() || found != expected {
            return Err(format!("logloom import: {status}, {found} of {expected} lines"));
        }
        Ok(rate(inputs.iter().map(|made| made.bytes).sum(), elapsed))
    }
}

/// The other side of a row.
struct Told<'a> {
    peer: &'a str,
    version: &'a str,
    rates: &'a [f64],
}

fn row(metric: String, ours: &[f64], told: &Told<'_>, made: &Made) -> Row {
    let (ours_median, theirs) = (median(ours), median(told.rates));
    Row {
        bench: "import",
        metric,
        ours: ours_median,
        peer: told.peer.to_owned(),
        theirs,
        ratio: ours_median / theirs.max(0.001),
        unit: "MB/s",
        better: "higher",
        peer_version: told.version.to_owned(),
        lines: made.lines,
        pairs: ours.len(),
    }
}

fn rate(bytes: u64, elapsed: Duration) -> f64 {
    bytes as f64 / 1e6 / elapsed.as_secs_f64()
}

/// Lines of the day files.
fn lines_in(log: &Path) -> Result<u64, String> {
    let entries = fs::read_dir(log).map_err(|error| format!("{}: {error}", log.display()))?;
    let days = entries.flatten().map(|entry| entry.path());
    let days = days.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
    days.map(|path| peers::lines_of(&path)).sum()
}

/// Makes an input of this size; inputs of different seeds have nothing in common.
fn make(input: Input, path: &Path, megabytes: u64, seed: u64) -> Result<Made, String> {
    let doing = |error: std::io::Error| format!("write {}: {error}", path.display());
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).map_err(doing)?);
    let mut dice = Dice::new(seed);
    let mut made = Made { input, path: path.to_owned(), bytes: 0, lines: 0 };
    let mut line = String::new();
    while made.bytes < megabytes * 1_000_000 {
        line.clear();
        push_line(input, made.lines, &mut dice, &mut line);
        file.write_all(line.as_bytes()).map_err(doing)?;
        made.bytes += line.len() as u64;
        made.lines += 1;
    }
    file.flush().map_err(doing)?;
    Ok(made)
}

fn push_line(input: Input, number: u64, dice: &mut Dice, line: &mut String) {
    use std::fmt::Write;
    // One day whatever the size, so that each side writes one file.
    let micros = (number * 20) % 86_400_000_000;
    let second = BEGIN + (micros / 1_000_000) as i64;
    let (clock, user) =
        (logloom_record::time::format_rfc3339(second * 1_000_000_000, 0), dice.below(100_000));
    // Writing into a String cannot fail.
    let _ = match input {
        Input::Plain => writeln!(
            line,
            "Mar  1 {} web{} {}[{}]: Connection from 10.0.{}.{} port {} accepted for user {user} after {} ms",
            &clock[11..19],
            dice.below(4),
            ["sshd", "kernel", "cron", "systemd", "nginx", "postfix/smtp"][dice.below(6) as usize],
            dice.below(30_000),
            dice.below(250),
            dice.below(250),
            dice.below(60_000),
            dice.below(1_000)
        ),
        Input::Json => writeln!(
            line,
            "{{\"timestamp\":\"{}.{:06}Z\",\"level\":\"{}\",\"logger\":\"shop.{}\",\"message\":\"Request of user {user} \
             answered from the cache\",\"request_id\":\"{:016x}\",\"user_id\":{user},\"latency_ms\":{}.{:02},\
             \"path\":\"/api/v1/items/{}\",\"status\":{}}}",
            &clock[..19],
            micros % 1_000_000,
            ["debug", "info", "info", "warn"][dice.below(4) as usize],
            ["payments", "cart", "search"][dice.below(3) as usize],
            dice.below(u64::MAX),
            dice.below(100),
            dice.below(100),
            dice.below(1_000),
            [200, 200, 404, 500][dice.below(4) as usize]
        ),
    };
}
