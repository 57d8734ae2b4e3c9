//! The index of a closed file: how large it gets, how much processor time it takes on top of compressing, and how
//! long it takes to open and to ask.
//!
//! Takes a size or a file of JSON lines, hands on JSON lines (`bench, metric, value, unit, goal, holds`) or lines
//! for people. Files are made, compressed and indexed by the store itself in a directory of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;
use logloom_bench::clock::process_cpu;
use logloom_store::index::{Index, IndexSettings};
use logloom_store::life::LifeSettings;
use logloom_store::read::Order;
use logloom_store::sys::{LinuxPlatform, Platform};
use logloom_store::{Codec, Day, Directory, NoSegments};
use serde::Serialize;

/// What is run, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Size of the file that is indexed, in megabytes.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    megabytes: u64,
    /// JSON lines to be used in place of those of an agent.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Runs of each measurement; the best is told, since others use the machine too.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// Where the files lie while it runs [default: `bench` in the build folder].
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// One figure.
#[derive(Debug, Serialize)]
struct Row {
    bench: &'static str,
    metric: String,
    value: f64,
    unit: &'static str,
    /// What it may be at most; `None` where that is only told.
    goal: Option<f64>,
    holds: bool,
}

struct Bench<'a> {
    options: &'a Options,
    folder: PathBuf,
    all_hold: bool,
}

/// Runs everything; status 3 when a goal is missed.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let own = std::env::current_exe().map_err(|error| format!("this program: {error}"))?;
    let target = own.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    let base = options.dir.clone().unwrap_or_else(|| target.join("bench"));
    let folder = base.join(format!("index-{}", std::process::id()));
    let mut bench = Bench { options, folder, all_hold: true };
    let outcome = bench.run();
    // What is left only takes space.
    let _ = std::fs::remove_dir_all(&bench.folder);
    outcome?;
    Ok(if bench.all_hold { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

impl Bench<'_> {
    fn run(&mut self) -> Result<(), String> {
        let text = match &self.options.file {
            Some(path) => {
                std::fs::read(path).map_err(|error| format!("read {}: {error}", path.display()))?
            }
            None => crate::life::lines::actions(self.options.megabytes * 1_000_000),
        };
        let whole = self.gzip(&text)?;
        let (mut without, mut with) = (u64::MAX, u64::MAX);
        for _ in 0..self.options.runs {
            without = without.min(self.compress(&text, false)?.1);
            with = with.min(self.compress(&text, true)?.1);
        }
        let per_byte = |cpu: u64| cpu as f64 / text.len() as f64;
        self.tell("compressing", per_byte(without), "ns a byte", None)?;
        self.tell("compressing and indexing", per_byte(with), "ns a byte", None)?;
        let more = 100.0 * (with as f64 / without as f64 - 1.0);
        self.tell("indexing on top of compressing", more, "%", Some(35.0))?;
        let (directory, _) = self.compress(&text, true)?;
        self.sizes(&directory, text.len(), whole)?;
        self.questions(&directory)
    }

    fn tell(
        &mut self,
        metric: &str,
        value: f64,
        unit: &'static str,
        goal: Option<f64>,
    ) -> Result<(), String> {
        let holds = goal.is_none_or(|goal| value <= goal);
        self.all_hold &= holds;
        let row = Row { bench: "index", metric: metric.to_owned(), value, unit, goal, holds };
        let text = match self.options.json {
            true => serde_json::to_string(&row).map_err(|error| error.to_string())?,
            false => {
                let goal = goal.map_or(String::new(), |goal| format!(" (at most {goal})"));
                let missed = if holds { "" } else { " MISSED" };
                format!("{metric}: {value:.3} {unit}{goal}{missed}")
            }
        };
        crate::proof::say(&text);
        Ok(())
    }

    /// Bytes of the lines as one gzip member; `None` without gzip.
    fn gzip(&self, text: &[u8]) -> Result<Option<usize>, String> {
        let path = self.fresh("gzip")?.join("lines");
        write(&path, text)?;
        let packed =
            Command::new("gzip").args(["-6", "-c"]).arg(&path).stderr(Stdio::null()).output();
        Ok(packed.ok().filter(|output| output.status.success()).map(|output| output.stdout.len()))
    }

    /// Compresses a file of these lines; gives its directory and the processor time that took.
    fn compress(&self, text: &[u8], is_wanted: bool) -> Result<(Directory, u64), String> {
        let folder = self.fresh("store")?;
        let today = Day::from_unix_ns(LinuxPlatform.realtime_ns()).number();
        let day = today.checked_sub(20).and_then(Day::from_number).ok_or("the clock is not set")?;
        write(&folder.join(format!("{day}.jsonl")), text)?;
        let directory =
            Directory::open(&folder, logloom_store::Options::default(), Arc::new(LinuxPlatform))
                .map_err(|error| error.to_string())?;
        let settings = LifeSettings {
            compress_after_days: Some(0),
            codec: Codec::Gzip,
            index: IndexSettings { is_wanted, ..IndexSettings::default() },
            ..LifeSettings::none()
        };
        let before = process_cpu();
        let report = directory
            .keep_house(&settings, &NoSegments, &|| false)
            .map_err(|error| error.to_string())?;
        let cpu = process_cpu() - before;
        match report.compressed.len() == 1 && report.indexed.len() == usize::from(is_wanted) {
            true => Ok((directory, cpu)),
            false => Err(format!("{report:?}")),
        }
    }

    fn sizes(
        &mut self,
        directory: &Directory,
        raw: usize,
        whole: Option<usize>,
    ) -> Result<(), String> {
        let check = open(directory)?.check();
        if !check.damage.is_empty() {
            return Err(format!("the index is damaged: {:?}", check.damage));
        }
        let share = |bytes: u64| 100.0 * bytes as f64 / raw as f64;
        self.tell("size", share(check.bytes), "% of the lines", Some(3.9))?;
        for (name, bytes) in &check.sections {
            self.tell(&format!("size: {name}"), share(*bytes), "% of the lines", None)?;
        }
        for (name, keys) in ["words", "words of few digits", "values"].iter().zip(check.keys) {
            self.tell(&format!("different {name}"), keys as f64, "", None)?;
        }
        crate::proof::say(&format!("columns: {}", check.columns.join(" ")));
        crate::proof::say(&format!("left out: {}", check.left_out.join("; ")));
        if let Some(whole) = whole {
            let times = (check.stored + check.bytes) as f64 / whole as f64;
            self.tell("gz and index to plain gzip -6", times, "times", Some(1.35))?;
        }
        Ok(())
    }

    fn questions(&mut self, directory: &Directory) -> Result<(), String> {
        const TURNS: u32 = 1_000;
        let start = Instant::now();
        for _ in 0..TURNS {
            open(directory)?;
        }
        let micros = |start: Instant| start.elapsed().as_secs_f64() * 1e6 / f64::from(TURNS);
        self.tell("open", micros(start), "microseconds", None)?;
        let index = open(directory)?;
        let mut blocks = 0;
        let start = Instant::now();
        for turn in 0..TURNS {
            blocks += index.word(&format!("absent{turn:026x}")).len();
        }
        self.tell("a word that is nowhere", micros(start), "microseconds", None)?;
        self.tell("blocks named for it", f64::from(blocks) / f64::from(TURNS), "blocks", None)?;
        let start = Instant::now();
        for turn in 0..TURNS {
            index.pair("level", if turn % 2 == 0 { "ERROR" } else { "INFO" });
        }
        self.tell("a value of few", micros(start), "microseconds", None)
    }

    /// An empty folder.
    fn fresh(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.folder.join(name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("make {}: {error}", folder.display()))?;
        Ok(folder)
    }
}

fn open(directory: &Directory) -> Result<Index, String> {
    let snapshot = directory.snapshot(Order::OldestFirst).map_err(|error| error.to_string())?;
    let file = snapshot.files.first().ok_or("the file is gone")?;
    directory.open_index(file).map_err(|error| error.to_string())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|error| format!("write {}: {error}", path.display()))
}
