//! The action log searched and summed up, beside `rg FILE | jq` and its like.
//!
//! Takes a size, hands on JSON lines or lines for people: seconds, gigabytes scanned a second and
//! the most memory of `logloom log` over one plain day, with what the usual tools take for the same
//! answer. A run whose answer is not the one that the input was made for does not count and ends
//! the bench. The file is in memory when the clocks start, for all sides alike.

mod input;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use clap::Args;
use logloom_bench::stats::median;
use serde::Serialize;
use wait4::Wait4;

use input::{DAY, KEYWORD, Made};

/// How it is run.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Runs of each side, in turns; the medians are told.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pairs: u32,
    /// Size of the day, in megabytes.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1..=20_000))]
    megabytes: u64,
    /// Where the day lies while it runs [default: `bench` in the build folder].
    #[arg(long)]
    dir: Option<PathBuf>,
    /// The command to measure [default: a release build of it].
    #[arg(long)]
    logloom: Option<PathBuf>,
}

/// One side's figures for one question.
#[derive(Debug, Serialize)]
struct Row {
    bench: &'static str,
    question: &'static str,
    side: String,
    seconds: f64,
    gigabytes_per_second: f64,
    max_rss_mib: f64,
    runs: usize,
    bytes: u64,
    lines: u64,
}

/// A question with every way to answer it.
struct Question {
    name: &'static str,
    sides: Vec<Side>,
}

/// A program, and what its answer must hold.
struct Side {
    name: String,
    command: Vec<String>,
    expected: String,
}

/// One run.
struct Run {
    seconds: f64,
    max_rss_mib: f64,
}

/// Makes the day and asks every side.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let target = crate::built::target()?;
    let logloom = match &options.logloom {
        Some(path) => path.clone(),
        None => crate::built::release("logloom-cli", "logloom", &target)?,
    };
    let base = options.dir.clone().unwrap_or_else(|| target.join("bench"));
    let folder = base.join(format!("scan-{}", std::process::id()));
    let outcome = input::make(&folder, options.megabytes).and_then(|made| {
        questions(&logloom, &folder, &made)
            .iter()
            .try_for_each(|question| ask(question, options, &made))
    });
    // What is left only takes space.
    let _ = std::fs::remove_dir_all(&folder);
    outcome.map(|()| ExitCode::SUCCESS)
}

fn ask(question: &Question, options: &Options, made: &Made) -> Result<(), String> {
    let mut seconds = vec![Vec::new(); question.sides.len()];
    let mut memory = vec![0.0f64; question.sides.len()];
    for round in 0..=options.pairs {
        for (place, side) in question.sides.iter().enumerate() {
            let run = side.run().map_err(|error| format!("{}: {error}", side.name))?;
            // The first round only brings the file into memory.
            if round > 0 {
                seconds[place].push(run.seconds);
                memory[place] = memory[place].max(run.max_rss_mib);
            }
        }
    }
    for (place, side) in question.sides.iter().enumerate() {
        let middle = median(&seconds[place]);
        tell(
            options,
            &Row {
                bench: "scan",
                question: question.name,
                side: side.name.clone(),
                seconds: middle,
                gigabytes_per_second: made.bytes as f64 / 1e9 / middle,
                max_rss_mib: memory[place],
                runs: seconds[place].len(),
                bytes: made.bytes,
                lines: made.lines,
            },
        )?;
    }
    Ok(())
}

fn tell(options: &Options, row: &Row) -> Result<(), String> {
    let text = match options.json {
        true => serde_json::to_string(row).map_err(|error| error.to_string())?,
        false => format!(
            "{:<8} {:<24} {:>7.3} s {:>6.2} GB/s {:>7.1} MiB",
            row.question, row.side, row.seconds, row.gigabytes_per_second, row.max_rss_mib
        ),
    };
    crate::proof::say(&text);
    Ok(())
}

/// What is asked of whom.
fn questions(logloom: &Path, folder: &Path, made: &Made) -> Vec<Question> {
    let directory = folder.display().to_string();
    let file = made.path.display().to_string();
    let ours = |flags: &[&str], expected: String| {
        let head = [logloom.to_str().unwrap_or_default(), "log", "--dir", &directory];
        let day = ["--utc", "--date", DAY];
        let words = [&head[..], &day, flags].concat();
        let command = words.iter().map(|word| (*word).to_owned()).collect();
        Side { name: "logloom log".to_owned(), command, expected }
    };
    let shell = |name: &str, script: String, expected: String| Side {
        name: name.to_owned(),
        command: ["sh", "-c", &script].map(str::to_owned).to_vec(),
        expected,
    };
    let found = format!("\"{KEYWORD} {}", made.planted - 1);
    let select = format!("jq -c 'select(.action_type != null)' | tail -n {}", made.planted);
    let mut keyword =
        vec![ours(&["--keyword", KEYWORD, "--format", "json", "--tail", "1000"], found.clone())];
    for tool in ["rg -F", "grep -F"] {
        if has(tool.split(' ').next().unwrap_or_default()) {
            let script = format!("{tool} {KEYWORD} {file} | {select}");
            keyword.push(shell(&format!("{tool} | jq -c"), script, found.clone()));
        }
    }
    let total = format!("Total actions: {}", grouped(made.lines));
    let mut summary = vec![ours(&["--format", "summary"], total)];
    if has("jq") {
        let script =
            format!("jq -rn 'reduce inputs as $a ({{}}; .[$a.action_type] += 1) | add' {file}");
        summary.push(shell("jq reduce", script, made.lines.to_string()));
    }
    vec![Question { name: "keyword", sides: keyword }, Question { name: "summary", sides: summary }]
}

/// Whether a program is here; one that is not is left out and told.
fn has(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok();
    if !found {
        crate::proof::tell(&format!("{program} is not here and is left out"));
    }
    found
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut parts: Vec<&str> = Vec::new();
    if head > 0 {
        parts.push(&digits[..head]);
    }
    parts.extend((head..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    parts.join(",")
}

impl Side {
    /// One run from the start of the program to its end.
    fn run(&self) -> Result<Run, String> {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).stdin(Stdio::null()).stdout(Stdio::piped());
        let begun = Instant::now();
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let mut answer = String::new();
        let mut out = child.stdout.take().ok_or("no output")?;
        out.read_to_string(&mut answer).map_err(|error| error.to_string())?;
        let ended = child.wait4().map_err(|error| error.to_string())?;
        let seconds = begun.elapsed().as_secs_f64();
        if !ended.status.success() || !answer.contains(&self.expected) {
            let head: String = answer.chars().take(300).collect();
            return Err(format!("{:?} is not in the answer: {head}", self.expected));
        }
        Ok(Run { seconds, max_rss_mib: ended.rusage.maxrss as f64 / 1_048_576.0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        assert_eq!([7, 123, 1_234, 1_234_567].map(grouped), ["7", "123", "1,234", "1,234,567"]);
    }
}
