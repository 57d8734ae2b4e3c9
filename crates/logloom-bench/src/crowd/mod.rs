//! Many processes on one directory, a program that forks, and a disk that stands still.
//!
//! In come the sizes; out goes one JSON line for each proof, or for each overflow policy, and exit
//! status 1 when a record was lost without being told, doubled or torn, or a process hung or failed.

mod disk;
pub(crate) mod forks;
pub(crate) mod stall;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::proof::board::Board;
use crate::proof::dice::Dice;
use crate::proof::party::{End, Order, Party, Role};
use crate::proof::stage::{PATIENCE, Stage};
use crate::proof::{Outcome, say, scratch, tell};

/// Processes on the directory.
const PROCESSES: usize = 8;
/// Between two kills.
const KILL_EVERY: Duration = Duration::from_millis(100);
/// One in so many rounds stops a process, for half as many.
const STOP_EVERY: u64 = 7;
/// A process that has nothing accepted for this long, and is not stopped, hangs.
const HANGS: Duration = Duration::from_secs(10);

/// How the crowd is run.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Options {
    /// Print JSON lines (the only form there is).
    #[arg(long)]
    pub(crate) json: bool,
    /// How long, in seconds; for `stall` the standstill under each policy.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) seconds: Option<u64>,
    /// Fork children, for `forks`.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub(crate) forks: u64,
    /// Only this overflow policy, for `stall`.
    #[arg(long, value_parser = stall::POLICIES)]
    pub(crate) policy: Option<String>,
    /// Seed of the moments.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
    /// Where the logs lie while it runs [default: a memory file system].
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
}

/// Runs the crowd.
pub(crate) fn run(options: &Options) -> Outcome<ExitCode> {
    let seconds = options.seconds.unwrap_or(30);
    let seed = options.seed.unwrap_or_else(Dice::fresh_seed);
    let stage = Stage::new(&scratch(options.dir.clone(), "crowd")?, "crowd")?;
    let mut crowd = Crowd::gather(stage, seed)?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(seconds) {
        std::thread::sleep(KILL_EVERY);
        crowd.round()?;
    }
    crowd.conclude(seconds, seed)
}

struct Member {
    order: Order,
    party: Party,
    stopped_until: Option<u64>,
    accepted: (u64, Instant),
}

struct Crowd {
    stage: Stage,
    dice: Dice,
    members: Vec<Member>,
    rounds: u64,
    kills: u64,
    stops: u64,
    hung: u64,
    /// Processes that failed before they could be killed.
    ended_alone: u64,
}

impl Crowd {
    fn gather(stage: Stage, seed: u64) -> Outcome<Crowd> {
        let mut crowd = Crowd {
            stage,
            dice: Dice::new(seed),
            members: Vec::new(),
            rounds: 0,
            kills: 0,
            stops: 0,
            hung: 0,
            ended_alone: 0,
        };
        for _ in 0..PROCESSES {
            let member = crowd.join()?;
            crowd.members.push(member);
        }
        Ok(crowd)
    }

    fn join(&mut self) -> Outcome<Member> {
        let mut order = self.stage.order(Role::Write);
        order.pause_us = 2_000;
        order.max_file_size = 8 << 20;
        let party = self.stage.start(&order, None)?;
        Ok(Member { order, party, stopped_until: None, accepted: (0, Instant::now()) })
    }

    /// Kills and replaces one process, now and then stops another, looks whether all go on.
    fn round(&mut self) -> Outcome<()> {
        self.rounds += 1;
        let victim = self.dice.below(PROCESSES as u64) as usize;
        let end = self.members[victim].party.kill();
        if end != End::Killed {
            let run = self.members[victim].order.run;
            tell(&format!("run {run} ended by itself: {end:?}"));
            self.ended_alone += 1;
        }
        self.kills += 1;
        self.members[victim] = self.join()?;
        if self.rounds.is_multiple_of(STOP_EVERY) {
            let index = self.dice.below(PROCESSES as u64) as usize;
            self.members[index].party.stop(true);
            self.members[index].stopped_until = Some(self.rounds + STOP_EVERY / 2);
            self.stops += 1;
        }
        for member in &mut self.members {
            if member.stopped_until.is_some_and(|until| until <= self.rounds) {
                member.party.stop(false);
                member.stopped_until = None;
                member.accepted.1 = Instant::now();
            }
        }
        self.watch()
    }

    fn watch(&mut self) -> Outcome<()> {
        for member in self.members.iter_mut().filter(|member| member.stopped_until.is_none()) {
            let accepted = Board::open(&member.order.board)?.accepted(member.order.threads);
            if accepted > member.accepted.0 {
                member.accepted = (accepted, Instant::now());
            } else if member.accepted.1.elapsed() > HANGS {
                tell(&format!("run {} has logged nothing for 10 s", member.order.run));
                self.hung += 1;
                member.accepted.1 = Instant::now();
            }
        }
        Ok(())
    }

    fn conclude(mut self, seconds: u64, seed: u64) -> Outcome<ExitCode> {
        for member in &mut self.members {
            member.party.stop(false);
            member.party.tell_to_end();
        }
        for member in &mut self.members {
            self.hung += u64::from(member.party.wait(PATIENCE) != End::Well);
        }
        let recovered = self.stage.recover_all()?;
        let verdict = self.stage.judge()?;
        say(&serde_json::json!({
            "bench": "crowd", "seconds": seconds, "seed": seed, "processes": PROCESSES,
            "kills": self.kills, "stops": self.stops, "acknowledged": verdict.acknowledged,
            "lost": verdict.lost, "duplicated": verdict.duplicated, "torn": verdict.torn,
            "hung": self.hung, "ended_alone": self.ended_alone, "recovered": recovered,
        }));
        verdict.examples.iter().for_each(tell);
        self.members.clear();
        let holds = verdict.is_clean() && recovered && self.hung + self.ended_alone == 0;
        Ok(end(self.stage, holds))
    }
}

/// Removes what is in order; keeps and names what is not.
fn end(stage: Stage, holds: bool) -> ExitCode {
    if holds {
        let scratch = stage.base.parent().map(PathBuf::from);
        stage.remove();
        if let Some(scratch) = scratch {
            // Only when nothing else is in it.
            let _ = std::fs::remove_dir(scratch);
        }
        return ExitCode::SUCCESS;
    }
    tell(&format!("what was left is in {}", stage.base.display()));
    ExitCode::FAILURE
}
