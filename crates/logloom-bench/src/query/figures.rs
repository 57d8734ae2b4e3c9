//! What is told beside the questions: how large everything is, how fast lines are looked at, what indexing costs, the
//! memory of a query, and what an open day adds.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use logloom_store::Options;
use logloom_store::life::LifeSettings;
use rustix::time::{ClockId, clock_gettime};
use wait4::Wait4;

use super::ours::{self, Ours};
use super::questions::{self, Question};
use super::{Bench, Goal, generate, note, store};
use crate::proof::failed;

/// Bytes of the open day.
const OPEN_DAY_BYTES: u64 = 300_000_000;
/// Questions that are asked again with an open day.
const WITH_OPEN_DAY: [&str; 3] = ["absent id", "newest 100", "histogram by level"];

/// A figure, or some that are told together.
type Tell = fn(&mut Bench<'_>) -> Result<(), String>;

const ALL: [(&str, Tell); 5] = [
    ("sizes", sizes),
    ("rates", rates),
    ("indexing", indexing),
    ("memory", memory),
    ("open day", open_day),
];

/// Tells all figures, or those of a name.
pub(super) fn tell_all(bench: &mut Bench<'_>) -> Result<(), String> {
    let only = bench.options.only.clone().unwrap_or_default();
    let mut wanted = ALL.iter().filter(|(name, _)| name.contains(&only));
    wanted.try_for_each(|(_, tell)| tell(bench))
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

fn sizes(bench: &mut Bench<'_>) -> Result<(), String> {
    let (mut raw, mut gzip, mut packed, mut index) = (0, 0, 0, 0);
    for day in &bench.made.days {
        if let Some(bytes) = day.gzip {
            let path = bench.made.store().join(format!("{}.gz", day.name));
            raw += day.bytes;
            gzip += bytes;
            packed += length(&path);
            index += length(&path.with_extension("gz.idx"));
        }
    }
    bench.figure("lines", bench.made.lines() as f64, "", Goal::None)?;
    bench.figure("bytes of lines", bench.made.bytes() as f64, "", Goal::None)?;
    if gzip > 0 {
        let gzip = gzip as f64;
        bench.figure("ratio of gzip -6", raw as f64 / gzip, "times", Goal::None)?;
        bench.figure(
            "index of lines",
            100.0 * index as f64 / raw as f64,
            "%",
            Goal::AtMost(3.9),
        )?;
        let both = (packed + index) as f64 / gzip;
        bench.figure("gz and index of gzip -6", both, "times", Goal::AtMost(1.35))?;
    }
    Ok(())
}

/// How fast lines are looked at where nothing can be left out.
fn rates(bench: &mut Bench<'_>) -> Result<(), String> {
    for (name, metric, goal) in [
        ("regular expression", "regular expression, sealed", 500.0),
        ("numeric comparison, plain", "numeric comparison, plain", 1_000.0),
    ] {
        let question = one(bench, name)?;
        let found = ours::measure(&bench.folder(&question), &question)?;
        let rate = found.report.plan.bytes_all as f64 / 1e6 / (found.warm_ms / 1e3);
        bench.figure(metric, rate, "MB/s", Goal::AtLeast(goal))?;
    }
    Ok(())
}

fn one(bench: &Bench<'_>, name: &str) -> Result<Question, String> {
    let all = questions::all(&bench.made);
    all.into_iter().find(|question| question.name == name).ok_or(format!("no question {name}"))
}

/// Processor time of compressing one day with an index, beside that without.
fn indexing(bench: &mut Bench<'_>) -> Result<(), String> {
    let folder = bench.made.store().with_file_name("indexing");
    let mut times = [Duration::MAX; 2];
    for _ in 0..3 {
        for (place, is_wanted) in [false, true].into_iter().enumerate() {
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).map_err(failed("make a folder"))?;
            let Some(from) = bench.made.plain_files().pop() else { return Ok(()) };
            let name = from.file_name().ok_or("no name")?;
            fs::copy(&from, folder.join(name)).map_err(failed("copy a day"))?;
            let mut settings =
                LifeSettings { compress_after_days: Some(0), ..LifeSettings::none() };
            settings.index.is_wanted = is_wanted;
            let before = processor_time();
            store::pack_with(&folder, &settings)?;
            times[place] = times[place].min(processor_time().saturating_sub(before));
        }
    }
    let _ = fs::remove_dir_all(&folder);
    let more = 100.0 * (times[1].as_secs_f64() / times[0].as_secs_f64() - 1.0);
    bench.figure("indexing on top of compressing", more, "% processor time", Goal::AtMost(35.0))
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The most memory of whole commands, and what the command adds to the engine's time.
fn memory(bench: &mut Bench<'_>) -> Result<(), String> {
    let target = crate::built::target()?;
    let program = crate::built::release("logloom-cli", "logloom", &target)?;
    let store = bench.made.store();
    let run = |text: &str| -> Result<(f64, f64), String> {
        let mut command = Command::new(&program);
        command.args(["query", "--dir"]).arg(&store).arg(text).args(["--format", "jsonl"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn().map_err(failed("start logloom"))?;
        let ended = child.wait4().map_err(failed("wait for logloom"))?;
        let time = ours::millis(begun.elapsed());
        // Status 1 says that there is nothing.
        match ended.status.code() {
            Some(0 | 1) => Ok((time, ended.rusage.maxrss as f64 / 1_048_576.0)),
            _ => Err(format!("`logloom query {text}` ended with {:?}", ended.status)),
        }
    };
    for (name, text) in [
        ("sort of all lines", "* | sort by (duration_ms desc) | limit 10"),
        ("distinct ids of all lines", "* | stats count_uniq(trace_id) ids"),
        ("groups by id of all lines", "* | stats by (trace_id) count() hits | limit 10"),
        ("all lines of a level", "level:warn"),
    ] {
        let (_, memory) = run(text)?;
        bench.figure(&format!("memory, {name}"), memory, "MiB", Goal::AtMost(64.0))?;
    }
    let question = one(bench, "absent id")?;
    let found = ours::measure(&store, &question)?;
    let mut times = Vec::new();
    for _ in 0..11 {
        times.push(run(&question.text)?.0);
    }
    let more = logloom_bench::stats::median(&times) - found.warm_ms;
    bench.figure("added by the command", more, "ms", Goal::AtMost(15.0))
}

/// The fastest questions with a day beside the sealed ones that is still written to: what is more. Its lines are
/// indexed as far as a pass of the store does that.
fn open_day(bench: &mut Bench<'_>) -> Result<(), String> {
    note("an open day is written");
    let mut before = Vec::new();
    for name in WITH_OPEN_DAY {
        let question = one(bench, name)?;
        before.push(ours::measure(&bench.made.store(), &question)?.warm_ms);
    }
    let open = store::write_open_day(&bench.made.store(), generate::DAYS, OPEN_DAY_BYTES)?;
    let outcome = WITH_OPEN_DAY.into_iter().zip(before).try_for_each(|(name, before)| {
        let question = one(bench, name)?;
        let statement = ours::parse(&question.text)?;
        let ours = Ours::open(&bench.made.store())?;
        ours.ask(&statement, question.answer)?;
        let times: Vec<f64> = (0..11)
            .map(|_| ours.ask(&statement, question.answer).map(|asked| ours::millis(asked.time)))
            .collect::<Result<_, _>>()?;
        let more = logloom_bench::stats::median(&times) - before;
        bench.figure(&format!("{name}, more with an open day"), more, "ms", Goal::AtMost(30.0))
    });
    for path in open {
        let _ = fs::remove_file(path);
    }
    // The catalogue notes that it is gone.
    drop(store::open(&bench.made.store(), Options::default())?);
    outcome
}
