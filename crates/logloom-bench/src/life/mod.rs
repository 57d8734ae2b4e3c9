//! The life of closed files: how fast they are compressed and read again, how small they get, how long it
//! takes to delete thousands; how fast full texts are kept beside the log.
//!
//! Takes a size and a number of files, hands on figures (`goals`). Files are made, compressed and deleted by
//! the store itself in a directory of their own; `gzip -6` packs the same lines into one member for comparison.

pub(crate) mod lines;
mod texts;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use logloom_store::life::{LifeReport, LifeSettings};
use logloom_store::read::{Follow, Order, Start};
use logloom_store::{Codec, Directory, NoSegments};

use crate::goals::{self, Bench, Goal, day, open, write};

/// What is run, and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    common: goals::Common,
    /// Size of the file that is compressed, in megabytes.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    megabytes: u64,
    /// Files that are deleted.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    files: u32,
}

/// Runs everything; status 3 when a goal is missed.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    goals::run("life", &options.common, |bench| Measured { options, bench }.run())
}

struct Measured<'a> {
    options: &'a Options,
    bench: &'a mut Bench,
}

impl Measured<'_> {
    fn run(&mut self) -> Result<(), String> {
        let name = format!("{}.jsonl", day(20)?);
        let text = lines::actions(self.options.megabytes * 1_000_000);
        let whole = self.bench.gzip(&text)?;
        if let Some(whole) = whole {
            self.bench.tell("ratio of gzip -6", ratio(text.len(), whole), "times", Goal::None)?;
        }
        for codec in Codec::ALL {
            self.compress(codec, &name, &text, whole)?;
        }
        self.keep_texts(&text)?;
        self.delete()
    }

    fn compress(
        &mut self,
        codec: Codec,
        name: &str,
        text: &[u8],
        whole: Option<usize>,
    ) -> Result<(), String> {
        let settings = LifeSettings { compress_after_days: Some(0), codec, ..LifeSettings::none() };
        let (mut packing, mut reading) = (Duration::MAX, Duration::MAX);
        let mut packed = 0;
        for _ in 0..self.options.common.runs {
            let folder = self.bench.fresh(codec.name())?;
            write(&folder.join(name), text)?;
            let directory = open(&folder)?;
            let (time, report) = timed(|| keep(&directory, &settings))?;
            let [file] = &report.compressed[..] else { return Err(format!("{report:?}")) };
            (packing, packed) = (packing.min(time), file.after as usize);
            let (time, bytes) = timed(|| read(&directory))?;
            if bytes != text.len() {
                return Err(format!("{bytes} of {} bytes are read again", text.len()));
            }
            reading = reading.min(time);
        }
        let megabytes = text.len() as f64 / 1e6;
        let (name, is_gzip) = (codec.name(), codec == Codec::Gzip);
        let goal = |goal| if is_gzip { goal } else { Goal::None };
        let rate = megabytes / packing.as_secs_f64();
        self.bench.tell(
            &format!("{name}: packed a core"),
            rate,
            "MB/s",
            goal(Goal::AtLeast(90.0)),
        )?;
        let rate = megabytes / reading.as_secs_f64();
        self.bench.tell(&format!("{name}: read again"), rate, "MB/s", Goal::None)?;
        let times = ratio(text.len(), packed);
        self.bench.tell(&format!("{name}: ratio"), times, "times", Goal::None)?;
        if let Some(whole) = whole {
            let loss = 100.0 * (1.0 - whole as f64 / packed as f64);
            let metric = format!("{name}: ratio lost to one member of gzip -6");
            self.bench.tell(&metric, loss, "%", goal(Goal::AtMost(6.0)))?;
        }
        Ok(())
    }

    /// Many small files that are all too old; more than a catalogue is made with room for.
    fn delete(&mut self) -> Result<(), String> {
        let files = self.options.files;
        let (mut best, mut opening, mut listing) = (Duration::MAX, Duration::MAX, Duration::MAX);
        for _ in 0..self.options.common.runs {
            let folder = self.bench.fresh("delete")?;
            for back in 0..files {
                let (day, split) = (day(40 + back / 20)?, back % 20);
                let split = if split == 0 { String::new() } else { format!(".{split:03}") };
                write(&folder.join(format!("{day}{split}.jsonl")), b"{\"n\":1}\n")?;
            }
            let (time, directory) = timed(|| open(&folder))?;
            opening = opening.min(time);
            let listed =
                || directory.snapshot(Order::NewestFirst).map_err(|error| error.to_string());
            let (time, snapshot) = timed(listed)?;
            if snapshot.files.len() != files as usize {
                return Err(format!("{} of {files} files are listed", snapshot.files.len()));
            }
            listing = listing.min(time);
            let settings = LifeSettings { retention_days: Some(30), ..LifeSettings::none() };
            let (time, report) = timed(|| keep(&directory, &settings))?;
            if report.deleted.len() != files as usize {
                return Err(format!("{} of {files} files were deleted", report.deleted.len()));
            }
            best = best.min(time);
        }
        let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
        let metric = format!("{files} files taken into the catalogue");
        self.bench.tell(&metric, milliseconds(opening), "ms", Goal::None)?;
        let metric = format!("{files} files listed from the catalogue");
        self.bench.tell(&metric, milliseconds(listing), "ms", Goal::None)?;
        let metric = format!("{files} files deleted by age");
        self.bench.tell(&metric, best.as_secs_f64(), "s", Goal::AtMost(1.0))
    }
}

fn ratio(raw: usize, packed: usize) -> f64 {
    raw as f64 / packed.max(1) as f64
}

fn keep(directory: &Directory, settings: &LifeSettings) -> Result<LifeReport, String> {
    directory.keep_house(settings, &NoSegments, &|| false).map_err(|error| error.to_string())
}

/// Bytes that a follower gives.
fn read(directory: &Directory) -> Result<usize, String> {
    let failed = |error: logloom_store::StoreError| error.to_string();
    let mut follow = Follow::new(directory, Start::Beginning).map_err(failed)?;
    let mut bytes = 0;
    while let Some(batch) = follow.next_batch(Duration::ZERO).map_err(failed)? {
        bytes += batch.bytes.len();
    }
    Ok(bytes)
}

fn timed<T>(work: impl FnOnce() -> Result<T, String>) -> Result<(Duration, T), String> {
    let start = Instant::now();
    let done = work()?;
    Ok((start.elapsed(), done))
}
