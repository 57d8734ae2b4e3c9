//! spdlog's asynchronous logger, a C++ program beside this one.
//!
//! Takes an order, passes its sizes to `spdlog-bench` (see `scripts/build-spdlog.sh`), hands on the
//! figures made from its raw ticks; refuses to run where that program has not been built. Its queue
//! has as many slots as fit Logloom's rings; each slot holds a whole message.

use std::path::{Path, PathBuf};
use std::process::Command;

use logloom_bench::child::{Order, Raw};
use logloom_bench::clock::Ticker;
use logloom_bench::stats::median;
use logloom_bench::workload::{Pace, Shape, disabled, hotpath, idle, throughput};

/// Runs one workload; the version that was compiled in stands beside what it brought.
pub(crate) fn measure(order: &Order) -> Result<(String, Raw), String> {
    let mut run = Run { order, program: program()?, ticker: Ticker::calibrate(), version: 0 };
    let raw = match order.bench.as_str() {
        "hotpath" => run.hotpath(),
        "throughput" => run.throughput(),
        "disabled" => run.disabled(),
        "idle" => run.idle(),
        other => Err(format!("there is no workload `{other}`")),
    }?;
    Ok((spelled(run.version), raw))
}

/// 11000 is version 1.10.0.
fn spelled(version: u64) -> String {
    format!("{}.{}.{}", version / 10_000, version / 100 % 100, version % 100)
}

struct Run<'a> {
    order: &'a Order,
    program: PathBuf,
    ticker: Ticker,
    /// As its header numbers it; known when it has run.
    version: u64,
}

/// Lines of `name value` that the program printed.
struct Answer(Vec<(String, f64)>);

impl Answer {
    fn all(&self, name: &str) -> Vec<f64> {
        self.0.iter().filter(|(found, _)| found == name).map(|(_, value)| *value).collect()
    }

    fn one(&self, name: &str) -> Result<f64, String> {
        self.all(name).first().copied().ok_or_else(|| format!("spdlog-bench told no `{name}`"))
    }

    fn dropped(&self) -> Option<u64> {
        self.all("dropped").first().map(|&count| count as u64)
    }
}

impl Run<'_> {
    fn hotpath(&mut self) -> Result<Raw, String> {
        let setup = &self.order.setup;
        let pace = Pace::of(setup.threads, self.ticker);
        let sizes = hotpath::Sizes::of(setup.scale, pace.spins());
        let wait =
            |nanoseconds| if pace.spins() { self.ticker.ticks(nanoseconds) } else { nanoseconds };
        let samples = setup.directory.join("samples");
        std::fs::create_dir(&samples).map_err(|error| format!("{}: {error}", samples.display()))?;
        let answer = self.start(&[
            ("samples", samples.display().to_string()),
            ("spins", u64::from(pace.spins()).to_string()),
            ("warm_up", sizes.warm_up.to_string()),
            ("singles", sizes.singles.to_string()),
            ("single_pace", wait(sizes.single_pace).to_string()),
            ("means", sizes.means.to_string()),
            ("mean_pace", wait(sizes.mean_pace).to_string()),
            ("bursts", sizes.bursts.to_string()),
            ("idle_min", hotpath::IDLE_MIN.to_string()),
            ("idle_max", hotpath::IDLE_MAX.to_string()),
        ])?;
        let mut found = self.samples(&samples)?;
        found.faults = answer.all("faults_count").iter().sum::<f64>() as u64;
        let records = vec![sizes.records(); setup.threads];
        Ok(Raw { metrics: found.metrics(), records, dropped: answer.dropped() })
    }

    fn throughput(&mut self) -> Result<Raw, String> {
        let records = throughput::records(&self.order.setup);
        let each = records.first().copied().unwrap_or(0);
        let answer = self.start(&[("records", each.to_string())])?;
        let spent = throughput::Spent {
            calling: answer.one("calling")?,
            whole: answer.one("whole")?,
            callers_cpu: answer.one("callers_cpu")?,
            process_cpu: answer.one("process_cpu")?,
        };
        let metrics = spent.metrics(records.iter().sum());
        Ok(Raw { metrics, records, dropped: answer.dropped() })
    }

    fn disabled(&mut self) -> Result<Raw, String> {
        let calls = disabled::calls(self.order.setup.scale);
        let answer =
            self.start(&[("chunks", disabled::CHUNKS.to_string()), ("calls", calls.to_string())])?;
        let ticks = median(&answer.all("chunk"));
        let call = self.ticker.nanoseconds(ticks as u64) / calls as f64;
        let metrics = [("call".to_owned(), call)].into();
        Ok(Raw { metrics, records: vec![0], dropped: answer.dropped() })
    }

    fn idle(&mut self) -> Result<Raw, String> {
        let seconds = idle::span(self.order.setup.scale).as_secs();
        let answer = self.start(&[("seconds", seconds.to_string())])?;
        let names = ["silent_percent", "one_a_second_percent"];
        let metrics = names.map(|name| answer.one(name).map(|value| (name.to_owned(), value)));
        let metrics = metrics.into_iter().collect::<Result<_, _>>()?;
        Ok(Raw { metrics, records: vec![seconds + 1], dropped: answer.dropped() })
    }

    fn start(&mut self, sizes: &[(&str, String)]) -> Result<Answer, String> {
        let setup = &self.order.setup;
        if setup.shape == Shape::Action {
            return Err("spdlog is not set up for actions: its lines have no fields".to_owned());
        }
        let mut command = Command::new(&self.program);
        command.arg(&self.order.bench);
        command.arg(format!("file={}", setup.directory.join("spdlog.log").display()));
        command.arg(format!("shape={}", setup.shape.name()));
        command.arg(format!("threads={}", setup.threads));
        command.arg(format!("queue_bytes={}", setup.queue_bytes()));
        command.arg(format!("cycles={}", u64::from(self.ticker.counts_cycles())));
        command.args(sizes.iter().map(|(name, value)| format!("{name}={value}")));
        let output =
            command.output().map_err(|error| format!("{}: {error}", self.program.display()))?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            return Err(format!("spdlog-bench: {}: {}", output.status, told.trim()));
        }
        let lines = String::from_utf8_lossy(&output.stdout);
        let answer = Answer(lines.lines().filter_map(pair).collect());
        self.version = answer.one("version")? as u64;
        Ok(answer)
    }

    fn samples(&self, folder: &Path) -> Result<hotpath::Samples, String> {
        let mut samples = hotpath::Samples::default();
        for thread in 0..self.order.setup.threads {
            let read = |kind: &str| self.ticks(&folder.join(format!("{kind}.{thread}")));
            samples.first.append(&mut read("first")?);
            samples.empty.append(&mut read("empty")?);
            samples.single.append(&mut read("single")?);
            samples.burst.append(&mut read("burst")?);
            let means = read("mean20")?;
            samples.mean20.extend(means.iter().map(|sum| sum / hotpath::GROUP as f64));
        }
        Ok(samples)
    }

    /// A file of ticks, 32 bits each, as nanoseconds.
    fn ticks(&self, path: &Path) -> Result<Vec<f64>, String> {
        let bytes = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (words, _) = bytes.as_chunks::<4>();
        let ticks = words.iter().map(|word| u64::from(u32::from_le_bytes(*word)));
        Ok(ticks.map(|ticks| self.ticker.nanoseconds(ticks)).collect())
    }
}

fn pair(line: &str) -> Option<(String, f64)> {
    let (name, value) = line.split_once(' ')?;
    Some((name.to_owned(), value.parse().ok()?))
}

/// `spdlog-bench` in the folder above this program's own.
fn program() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let target = own.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    let program = target.join("spdlog-bench");
    if program.is_file() {
        return Ok(program);
    }
    Err(format!("{} is missing; build it with scripts/build-spdlog.sh", program.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_by_name() {
        let answer = Answer(
            ["chunk 4", "chunk 6", "whole 10", "no number"]
                .map(pair)
                .into_iter()
                .flatten()
                .collect(),
        );
        assert_eq!(answer.all("chunk"), [4.0, 6.0]);
        assert_eq!(answer.one("whole"), Ok(10.0));
        assert!(answer.one("calling").is_err());
        assert_eq!(answer.dropped(), None);
        assert_eq!(spelled(11_000), "1.10.0");
    }
}
