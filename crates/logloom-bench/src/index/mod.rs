//! The index of a closed file: how large it gets, how much processor time it takes on top of compressing, and how
//! long it takes to open and to ask.
//!
//! Takes a size or a file of JSON lines, hands on figures (`goals`). Files are made, compressed and indexed by
//! the store itself in a directory of their own.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use logloom_bench::clock::process_cpu;
use logloom_store::index::{Index, IndexSettings};
use logloom_store::life::LifeSettings;
use logloom_store::read::Order;
use logloom_store::{Codec, Directory, NoSegments};

use crate::goals::{self, Bench, Goal, day, write};

/// What is run, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    common: goals::Common,
    /// Size of the file that is indexed, in megabytes.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    megabytes: u64,
    /// JSON lines to be used in place of those of an agent.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs everything; status 3 when a goal is missed.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    goals::run("index", &options.common, |bench| Measured { options, bench }.run())
}

struct Measured<'a> {
    options: &'a Options,
    bench: &'a mut Bench,
}

impl Measured<'_> {
    fn run(&mut self) -> Result<(), String> {
        let text = match &self.options.file {
            Some(path) => {
                std::fs::read(path).map_err(|error| format!("read {}: {error}", path.display()))?
            }
            None => crate::life::lines::actions(self.options.megabytes * 1_000_000),
        };
        let whole = self.bench.gzip(&text)?;
        let (mut without, mut with) = (u64::MAX, u64::MAX);
        for _ in 0..self.options.common.runs {
            without = without.min(self.compress(&text, false)?.1);
            with = with.min(self.compress(&text, true)?.1);
        }
        let per_byte = |cpu: u64| cpu as f64 / text.len() as f64;
        self.bench.tell("compressing", per_byte(without), "ns a byte", Goal::None)?;
        self.bench.tell("compressing and indexing", per_byte(with), "ns a byte", Goal::None)?;
        let more = 100.0 * (with as f64 / without as f64 - 1.0);
        self.bench.tell("indexing on top of compressing", more, "%", Goal::AtMost(35.0))?;
        let (directory, _) = self.compress(&text, true)?;
        self.sizes(&directory, text.len(), whole)?;
        self.questions(&directory)
    }

    /// Compresses a file of these lines; gives its directory and the processor time that took.
    fn compress(&self, text: &[u8], is_wanted: bool) -> Result<(Directory, u64), String> {
        let folder = self.bench.fresh("store")?;
        write(&folder.join(format!("{}.jsonl", day(20)?)), text)?;
        let directory = goals::open(&folder)?;
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
        self.bench.tell("size", share(check.bytes), "% of the lines", Goal::AtMost(3.9))?;
        for (name, bytes) in &check.sections {
            self.bench.tell(
                &format!("size: {name}"),
                share(*bytes),
                "% of the lines",
                Goal::None,
            )?;
        }
        for (name, keys) in ["words", "words of few digits", "values"].iter().zip(check.keys) {
            self.bench.tell(&format!("different {name}"), keys as f64, "", Goal::None)?;
        }
        crate::proof::say(&format!("columns: {}", check.columns.join(" ")));
        crate::proof::say(&format!("left out: {}", check.left_out.join("; ")));
        if let Some(whole) = whole {
            let times = (check.stored + check.bytes) as f64 / whole as f64;
            self.bench.tell("gz and index to plain gzip -6", times, "times", Goal::AtMost(1.35))?;
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
        self.bench.tell("open", micros(start), "microseconds", Goal::None)?;
        let index = open(directory)?;
        let mut blocks = 0;
        let start = Instant::now();
        for turn in 0..TURNS {
            blocks += index.word(&format!("absent{turn:026x}")).len();
        }
        self.bench.tell("a word that is nowhere", micros(start), "microseconds", Goal::None)?;
        self.bench.tell(
            "blocks named for it",
            f64::from(blocks) / f64::from(TURNS),
            "blocks",
            Goal::None,
        )?;
        let start = Instant::now();
        for turn in 0..TURNS {
            index.pair("level", if turn % 2 == 0 { "ERROR" } else { "INFO" });
        }
        self.bench.tell("a value of few", micros(start), "microseconds", Goal::None)
    }
}

fn open(directory: &Directory) -> Result<Index, String> {
    let snapshot = directory.snapshot(Order::OldestFirst).map_err(|error| error.to_string())?;
    let file = snapshot.files.first().ok_or("the file is gone")?;
    directory.open_index(file).map_err(|error| error.to_string())
}
