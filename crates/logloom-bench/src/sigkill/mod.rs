//! Kills at random moments: a program logs from eight threads, is killed, a fresh process recovers,
//! and the oracle compares.
//!
//! In come a number of kills and a seed; out go JSON lines: the seed, how many kills fell where, and
//! as the last line what was acknowledged, lost, doubled and torn. The exit status is 1 when
//! anything was, or when a process ended by itself that was to be killed. Rings and files are small, so that a few milliseconds wrap the rings and begin new
//! files; one kill in eight hits a recovery, which another recovery then finishes.

mod place;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::proof::dice::Dice;
use crate::proof::oracle::Verdict;
use crate::proof::party::{End, Order, Role};
use crate::proof::stage::{PATIENCE, Stage};
use crate::proof::{Outcome, board::Board, say, scratch, tell};
use place::{Known, Places};

/// Kills in one directory before a fresh one is made.
const KILLS_A_DIRECTORY: u64 = 25;

/// How the kills are run.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// Number of kills, 1 to 1,000,000.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    kills: u64,
    /// Print JSON lines (the only form there is).
    #[arg(long)]
    json: bool,
    /// Seed of the moments; printed, so that a run can be repeated.
    #[arg(long)]
    seed: Option<u64>,
    /// Threads that log.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=64))]
    threads: u64,
    /// Latest moment of a kill, in milliseconds after the first call.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    within_ms: u64,
    /// Where the logs lie while it runs [default: a memory file system].
    #[arg(long)]
    dir: Option<PathBuf>,
}

/// Runs all kills.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let seed = options.seed.unwrap_or_else(Dice::fresh_seed);
    let scratch = scratch(options.dir.clone(), "sigkill")?;
    say(&serde_json::json!({ "bench": "sigkill", "seed": seed, "threads": options.threads }));
    let begun = Instant::now();
    let mut proof = Proof {
        options,
        dice: Dice::new(seed),
        places: Places::default(),
        total: Verdict::default(),
        unrecovered: 0,
        ended_alone: 0,
        kills: 0,
    };
    let kept = proof.all(&scratch)?;
    proof.report(begun.elapsed());
    if kept.is_empty() {
        // An empty folder that stays is no harm.
        let _ = std::fs::remove_dir_all(&scratch);
        return Ok(ExitCode::SUCCESS);
    }
    proof.total.examples.iter().for_each(tell);
    let kept: Vec<String> = kept.iter().map(|path| path.display().to_string()).collect();
    tell(&format!("kept as they were left: {}", kept.join(" ")));
    let (kills, threads, within) = (options.kills, options.threads, options.within_ms);
    tell(&format!(
        "again: logloom-bench sigkill --kills {kills} --threads {threads} --within-ms {within} \
         --seed {seed} --json"
    ));
    Ok(ExitCode::FAILURE)
}

struct Proof<'a> {
    options: &'a Options,
    dice: Dice,
    places: Places,
    total: Verdict,
    unrecovered: u64,
    /// Processes that failed before they could be killed.
    ended_alone: u64,
    kills: u64,
}

impl Proof<'_> {
    /// Goes from directory to directory; returns those that were kept because of a fault.
    fn all(&mut self, scratch: &Path) -> Outcome<Vec<PathBuf>> {
        let mut kept = Vec::new();
        while self.kills < self.options.kills {
            let mut stage = Stage::new(scratch, &format!("{:06}", self.kills))?;
            let until = (self.kills + KILLS_A_DIRECTORY).min(self.options.kills);
            let (mut recovered, before) = (true, self.ended_alone);
            while self.kills < until {
                recovered &= self.one(&mut stage, until)?;
            }
            let verdict = stage.judge()?;
            self.unrecovered += u64::from(!recovered);
            self.total.add(&verdict);
            if verdict.is_clean() && recovered && self.ended_alone == before {
                stage.remove();
            } else {
                kept.push(stage.base.clone());
            }
        }
        Ok(kept)
    }

    /// Kills one program, perhaps its recovery too, and recovers it.
    fn one(&mut self, stage: &mut Stage, until: u64) -> Outcome<bool> {
        let order = self.order(stage);
        let before = Known::of(stage);
        let mut victim = stage.start(&order, None)?;
        if self.dice.chance(15, 16) {
            victim.wait_ready(PATIENCE);
            self.pause(self.options.within_ms * 1000);
        } else {
            self.pause(4_000);
        }
        // It logs until it is told to end, which it never is.
        self.expect("a program", victim.kill(), &[End::Killed]);
        self.kills += 1;
        let entries = Board::open(&order.board)?.read(order.threads);
        self.places.note(stage, &before, &entries);
        while self.kills < until && self.dice.chance(1, 8) {
            let order = stage.order(Role::Recover);
            let mut recovery = stage.start(&order, None)?;
            self.pause(6_000);
            let end = recovery.kill();
            self.expect("a recovery", end, &[End::Killed, End::Well]);
            self.kills += 1;
            self.places.note_recovery(end == End::Killed);
        }
        stage.recover_all()
    }

    fn order(&mut self, stage: &mut Stage) -> Order {
        let mut order = stage.order(Role::Write);
        order.threads = self.options.threads;
        order.burst = 1 + self.dice.below(8);
        order.pause_us = [0, 0, 50, 500][self.dice.below(4) as usize];
        order.batch = [4 << 10, 32 << 10, 256 << 10][self.dice.below(3) as usize];
        order.max_file_size = 64 << 10;
        order.days = self.dice.chance(1, 3);
        order
    }

    fn expect(&mut self, who: &str, end: End, expected: &[End]) {
        if !expected.contains(&end) {
            self.ended_alone += 1;
            tell(&format!("{who} ended by itself: {end:?}"));
        }
    }

    /// Waits for a random while; short ones are as likely as long ones.
    fn pause(&mut self, most_us: u64) {
        let most = if self.dice.chance(1, 2) { most_us } else { most_us / 8 };
        std::thread::sleep(Duration::from_micros(self.dice.below(most.max(1))));
    }

    fn report(&self, took: Duration) {
        self.places.say();
        let total = &self.total;
        say(&serde_json::json!({
            "bench": "sigkill", "seconds": took.as_secs_f64().round(),
            "found": total.found, "unrecovered": self.unrecovered, "ended_alone": self.ended_alone,
            "told_losses": total.told, "false_losses": total.false_losses,
        }));
        // Written by hand: the order of the names is promised.
        say(&format!(
            "{{\"kills\":{},\"acknowledged\":{},\"lost\":{},\"duplicated\":{},\"torn\":{}}}",
            self.kills, total.acknowledged, total.lost, total.duplicated, total.torn
        ));
    }
}
