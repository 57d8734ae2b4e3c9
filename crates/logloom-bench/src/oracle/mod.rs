//! Random questions to random logs, answered by the engine and by a plain reading of every line.
//!
//! Takes a number of comparisons, hands on JSON lines: how many were made in which state of the directory, and every
//! one in which the two differ. The plain reading has the lines as they were made, no index, one thread and no order
//! but its own; both share the matcher and the pipes, whose meaning other tests look at.

mod lines;
mod statements;
mod world;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use logloom_filter::syntax::Context;
use logloom_query::engine::plant::Mistake;
use logloom_query::engine::{Budget, Engine, Sizes};
use logloom_query::pipes::{Chain, Flow, Limits, Row};
use logloom_query::{Key, LogFile, Statement};
use logloom_store::sys::LinuxPlatform;

use crate::proof::dice::Dice;
use crate::proof::{failed, say, scratch};
use world::{State, World};

/// Statements that are asked of one directory in each of its states.
const STATEMENTS: usize = 60;
/// Answers within which a planted mistake must show.
const PLANTED_CASES: u64 = 5_000;
/// Makes the directories and statements for planted mistakes: each shows among the first ones. Others would now
/// and then not ask where a mistake lies.
const PLANTED_SEED: u64 = 4;
/// Directories that are gone through at once.
const THREADS_MAX: usize = 4;
/// Differences of a directory that are told; more are counted.
const TOLD_MAX: usize = 10;

/// How it is run.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// How many answers are compared.
    #[arg(long, default_value_t = 20_000)]
    cases: u64,
    /// Makes the same lines and statements again [default: another one each time].
    #[arg(long)]
    seed: Option<u64>,
    /// Then plants mistakes in the engine, each of which must make answers differ.
    #[arg(long)]
    planted: bool,
    /// Where the logs lie while it runs [default: a memory file system].
    #[arg(long)]
    dir: Option<PathBuf>,
}

#[derive(Default)]
struct Tally {
    cases: u64,
    differing: u64,
    rows: u64,
    told: usize,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.cases += other.cases;
        self.differing += other.differing;
        self.rows += other.rows;
        self.told += other.told;
    }
}

/// Compares; status 3 when an answer differs.
pub(crate) fn run(options: &Options) -> Result<ExitCode, String> {
    let folder = scratch(options.dir.clone(), "oracle")?;
    let seed = options.seed.unwrap_or_else(Dice::fresh_seed);
    let outcome = compare_all(options, &folder, seed);
    // What is left only takes space.
    let _ = std::fs::remove_dir_all(&folder);
    let tally = outcome?;
    let (cases, differing, rows) = (tally.cases, tally.differing, tally.rows);
    say(&serde_json::json!({
        "bench": "oracle", "seed": seed, "cases": cases, "rows": rows, "differing": differing
    }));
    let is_right = differing == 0 && (!options.planted || plant_all(options)?);
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::from(3) })
}

/// Runs this program again with each mistake; whether all were noticed.
fn plant_all(options: &Options) -> Result<bool, String> {
    let own = std::env::current_exe().map_err(failed("find this program"))?;
    let mut are_noticed = true;
    for mistake in Mistake::ALL {
        let mut command = Command::new(&own);
        let (cases, seed) = (PLANTED_CASES.to_string(), PLANTED_SEED.to_string());
        command.args(["oracle", "--json", "--cases", &cases, "--seed", &seed]);
        if let Some(path) = &options.dir {
            command.arg("--dir").arg(path);
        }
        command.env("LOGLOOM_PLANT", mistake.name()).stdout(Stdio::null());
        let status = command.status().map_err(failed("start this program"))?;
        let is_noticed = status.code() == Some(3);
        are_noticed &= is_noticed;
        say(&serde_json::json!({
            "bench": "oracle", "planted": mistake.name(), "noticed": is_noticed
        }));
    }
    Ok(are_noticed)
}

/// Goes through directories until there are as many answers as are wanted, several directories at once.
fn compare_all(options: &Options, folder: &Path, seed: u64) -> Result<Tally, String> {
    let tally = Mutex::new(Tally::default());
    let lock = || tally.lock().unwrap_or_else(PoisonError::into_inner);
    let next = AtomicU64::new(0);
    let work = || -> Result<(), String> {
        loop {
            let is_enough = {
                let tally = lock();
                tally.cases >= options.cases || tally.told >= TOLD_MAX
            };
            if is_enough {
                return Ok(());
            }
            let number = next.fetch_add(1, Ordering::Relaxed);
            let place = folder.join(number.to_string());
            let found = compare_one(&place, &mut Dice::new(seed.wrapping_add(number)))?;
            lock().add(&found);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut outcomes = running.into_iter().map(|thread| thread.join());
        outcomes.try_for_each(|one| one.map_err(|_| "a thread has failed".to_owned())?)
    })?;
    Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Asks one directory in all its states.
fn compare_one(place: &Path, dice: &mut Dice) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let world = World::new(place, dice)?;
    let statements = statements(dice)?;
    let part = 1_000 + dice.below(30_000);
    let sizes = Sizes { part, held: 2_000 + dice.below(100_000) as usize };
    let engine = Engine::with_sizes(Arc::new(LinuxPlatform), sizes);
    let mut expected = Expected::default();
    for state in State::ALL {
        if state == State::Grown {
            moving(&engine, &world, &statements, Mover::Grow(dice.next()), &mut tally)?;
        }
        if state == State::Indexed {
            moving(&engine, &world, &statements, Mover::Compress, &mut tally)?;
        }
        world.enter(state, dice)?;
        let files = world.files()?;
        expected.learn(world.rows(&files), &statements)?;
        for (number, statement) in statements.iter().enumerate() {
            let rows = &expected.answers[number];
            compare(&engine, &files, rows, statement, &format!("{state:?}"), &mut tally)?;
        }
    }
    moving(&engine, &world, &statements, Mover::Delete, &mut tally)?;
    let _ = std::fs::remove_dir_all(place);
    Ok(tally)
}

/// What another thread does with the files that a snapshot was taken of.
#[derive(Clone, Copy, Debug)]
enum Mover {
    /// Appends, with this randomness.
    Grow(u64),
    Compress,
    Delete,
}

/// Compares while another thread is at work.
fn moving(
    engine: &Engine,
    world: &World,
    statements: &[Statement],
    mover: Mover,
    tally: &mut Tally,
) -> Result<(), String> {
    let how = match mover {
        Mover::Grow(_) => "appended",
        Mover::Compress => "compressed",
        Mover::Delete => "deleted",
    };
    let files = world.files()?;
    let mut expected = Expected::default();
    expected.learn(world.rows(&files), statements)?;
    std::thread::scope(|scope| {
        let mover = scope.spawn(|| match mover {
            Mover::Grow(seed) => world.grow(&mut Dice::new(seed)),
            Mover::Compress => world.pack(true),
            Mover::Delete => world.delete(),
        });
        for (number, statement) in statements.iter().enumerate() {
            compare(engine, &files, &expected.answers[number], statement, how, tally)?;
        }
        mover.join().map_err(|_| "the other thread has failed".to_owned())?
    })
}

fn statements(dice: &mut Dice) -> Result<Vec<Statement>, String> {
    let context = Context { now_ns: lines::DAY_NS, ..Context::default() };
    let mut parsed = Vec::new();
    for _ in 0..STATEMENTS {
        let text = statements::statement(dice);
        parsed.push(
            Statement::parse(&text, &context)
                .map_err(|error| format!("{text}: {}", error.render(&text)))?,
        );
    }
    Ok(parsed)
}

fn compare(
    engine: &Engine,
    files: &[LogFile],
    expected: &[String],
    statement: &Statement,
    state: &str,
    tally: &mut Tally,
) -> Result<(), String> {
    let mut found = Vec::new();
    let report = engine
        .answer(files, statement, &Limits::default(), &Budget::default(), &mut |row| {
            found.push(shown(&row));
            Ok(Flow::Continue)
        })
        .map_err(|error| error.to_string())?;
    tally.cases += 1;
    tally.rows += found.len() as u64;
    // Rows that are gone cannot be given; that must be told.
    let is_told = state == "deleted" && !report.stats.problems.is_empty();
    let is_whole = report.stop.is_none() && report.stats.problems.is_empty();
    if !is_told && (found != expected || !is_whole) {
        tally.differing += 1;
        tell(statement, state, expected, &found, &format!("{report:?}"), tally);
    }
    Ok(())
}

/// What every statement finds by reading every line.
#[derive(Default)]
struct Expected {
    places: Vec<Key>,
    answers: Vec<Vec<String>>,
}

impl Expected {
    /// Reads anew if the lines stand elsewhere than before.
    fn learn(&mut self, rows: Vec<(Key, &[u8])>, statements: &[Statement]) -> Result<(), String> {
        let places: Vec<Key> = rows.iter().map(|row| row.0).collect();
        if self.answers.is_empty() || self.places != places {
            self.answers = statements
                .iter()
                .map(|statement| plainly(&rows, statement))
                .collect::<Result<_, _>>()?;
            self.places = places;
        }
        Ok(())
    }
}

/// The answer by reading every line.
fn plainly(rows: &[(Key, &[u8])], statement: &Statement) -> Result<Vec<String>, String> {
    let matcher = statement.filter.compile();
    let mut chain = Chain::new(&statement.pipes, &Limits::default());
    let mut found = Vec::new();
    let mut out = |row: Row<'_>| {
        found.push(shown(&row));
        Ok(Flow::Continue)
    };
    for (key, line) in rows.iter().filter(|(_, line)| matcher.matches(line)) {
        match chain.push(Row::of_line(line, *key), &mut out).map_err(|error| error.to_string())? {
            Flow::Continue => {}
            Flow::Enough => break,
        }
    }
    chain.finish(&mut out).map_err(|error| error.to_string())?;
    Ok(found)
}

fn shown(row: &Row<'_>) -> String {
    String::from_utf8_lossy(&row.line()).into_owned()
}

fn tell(
    statement: &Statement,
    state: &str,
    expected: &[String],
    found: &[String],
    report: &str,
    tally: &mut Tally,
) {
    if tally.told >= TOLD_MAX {
        return;
    }
    tally.told += 1;
    let place = expected.iter().zip(found).position(|(one, other)| one != other);
    let place = place.unwrap_or(expected.len().min(found.len()));
    let short =
        |rows: &[String]| rows.get(place).map(|row| row.chars().take(300).collect::<String>());
    say(&serde_json::json!({
        "bench": "oracle", "state": state, "statement": statement.to_string(),
        "expected": expected.len(), "found": found.len(), "place": place,
        "expected_row": short(expected), "found_row": short(found), "report": report,
    }));
}
