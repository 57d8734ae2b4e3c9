//! What happens around a kill at one step: who else is there, who is killed, who goes on.
//!
//! In every scenario a follower reads along with a cursor, is killed itself and starts again; at the
//! end everything is recovered by fresh processes, and the oracle judges.

use std::path::Path;
use std::time::{Duration, Instant};

use logloom_store::steps::Step;

use crate::proof::followed;
use crate::proof::oracle::Verdict;
use crate::proof::party::{End, Order, Party, Role};
use crate::proof::stage::{PATIENCE, Stage};
use crate::proof::{Outcome, board::Board};

mod meddle;

/// How long a process is given to reach its step, at least.
const REACH: Duration = Duration::from_millis(900);
/// Records that are accepted meanwhile, however slow the machine is: several times as many as fill
/// a file.
const REACH_RECORDS: u64 = 1_000;
/// Records that the others log after a kill, before they end.
const GOES_ON: u64 = 40;
/// Dead writers that a recovery finds.
const DEAD: usize = 5;
/// Between two looks at what is waited for.
const LOOK: Duration = Duration::from_micros(500);

/// Who is there and who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scenario {
    /// Two writers, one of them killed, while a third process recovers all the time.
    Writers,
    /// Five dead writers; the recovery is killed, then the recovery of that recovery.
    Recovery,
    /// A dead writer in the midst of an append; a second writer is killed while it settles what the
    /// first left.
    Settling,
    /// A dead writer in the midst of an append, whose segment nobody can open; a second writer is
    /// killed while it settles what the first left. Then the segment can be had again.
    OutOfReach,
    /// Two writers, one killed in the midst of an append; a process that seals is killed.
    Seal,
    /// A writer killed in the midst of an append; then the machine starts anew, and the process that
    /// repairs is killed, twice.
    Boot,
    /// A day file is moved away and another put in its place, as a rotation by others does.
    Replaced,
}

impl Scenario {
    pub(super) fn name(self) -> &'static str {
        match self {
            Scenario::Writers => "writers",
            Scenario::Recovery => "recovery",
            Scenario::Settling => "settling",
            Scenario::OutOfReach => "out_of_reach",
            Scenario::Seal => "seal",
            Scenario::Boot => "boot",
            Scenario::Replaced => "replaced",
        }
    }
}

/// One kill, or none where the step is not reached.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    pub(super) scenario: Scenario,
    pub(super) step: Step,
    pub(super) time: u32,
    pub(super) planted: Option<&'static str>,
}

/// What is wrong after a case, and how many kills fell at the step.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) kills: u64,
    pub(super) verdict: Verdict,
    /// Lines that the follower missed or saw otherwise.
    pub(super) reader: u64,
    /// Processes that hung, ended badly, or were not recovered.
    pub(super) stuck: u64,
    pub(super) notes: Vec<String>,
}

impl Findings {
    pub(super) fn is_clean(&self) -> bool {
        self.verdict.is_clean() && self.reader == 0 && self.stuck == 0
    }

    /// The first fault as a sentence.
    pub(super) fn fault(&self) -> Option<String> {
        let first = self.verdict.examples.first().or(self.notes.first());
        let counts = format!(
            "{} lost, {} doubled, {} torn, {} false losses, {} seen otherwise, {} stuck",
            self.verdict.lost,
            self.verdict.duplicated,
            self.verdict.torn,
            self.verdict.false_losses,
            self.reader,
            self.stuck
        );
        let first = first.map_or(String::new(), |first| format!("; {first}"));
        (!self.is_clean()).then(|| counts + &first)
    }

    pub(super) fn add(&mut self, other: Findings) {
        self.kills += other.kills;
        self.verdict.add(&other.verdict);
        self.reader += other.reader;
        self.stuck += other.stuck;
        self.notes.extend(other.notes);
    }

    /// The other writer logs on and then ends in order.
    fn expect_to_go_on(&mut self, order: &Order, other: &mut Party) -> Outcome<()> {
        if !await_progress(order, other, GOES_ON)? {
            self.stuck += 1;
            self.notes.push("the other writer does not go on".to_owned());
        }
        self.expect_well("the other writer", other.finish(PATIENCE));
        Ok(())
    }

    fn expect_well(&mut self, who: &str, end: End) {
        if end != End::Well {
            self.stuck += 1;
            self.notes.push(format!("{who} ended: {end:?}"));
        }
    }

    /// Counts a kill at the step; a process that was not killed must have ended well.
    fn expect_killed_or_well(&mut self, who: &str, end: End) {
        match end {
            End::Killed => self.kills += 1,
            other => self.expect_well(who, other),
        }
    }
}

impl Case {
    /// Plays it beneath `scratch`. What was left stays there when anything is wrong.
    pub(super) fn run(&self, scratch: &Path) -> Outcome<Findings> {
        let planted = self.planted.unwrap_or("sound");
        let (scenario, step) = (self.scenario.name(), self.step.name());
        let name = format!("{planted}-{scenario}-{step}-{}", self.time);
        let mut stage = Stage::new(scratch, &name)?;
        stage.planted = self.planted;
        let mut findings = Findings::default();
        let mut follower = Follower::start(&mut stage)?;
        match self.scenario {
            Scenario::Writers => self.writers(&mut stage, &mut follower, &mut findings)?,
            Scenario::Recovery => self.recovery(&mut stage, &mut findings)?,
            Scenario::Settling => self.settling(&mut stage, &mut findings)?,
            Scenario::OutOfReach => self.out_of_reach(&mut stage, &mut findings)?,
            Scenario::Seal => self.seal(&mut stage, &mut findings)?,
            Scenario::Boot => self.boot(&mut stage, &mut findings)?,
            Scenario::Replaced => self.replaced(&mut stage, &mut findings)?,
        }
        if !stage.recover_all()? {
            findings.stuck += 1;
            findings.notes.push("some writer is not recovered".to_owned());
        }
        findings.verdict = stage.judge()?;
        if self.scenario != Scenario::Replaced {
            follower.judge(&mut stage, &mut findings)?;
        }
        drop(follower);
        if findings.is_clean() || self.planted.is_some() {
            stage.remove();
        } else {
            findings.notes.push(format!("{scenario}, killed at {step}:{}: {}", self.time, name));
        }
        Ok(findings)
    }

    fn kill_at(&self) -> String {
        format!("{}:{}", self.step.name(), self.time)
    }

    fn writers(
        &self,
        stage: &mut Stage,
        follower: &mut Follower,
        findings: &mut Findings,
    ) -> Outcome<()> {
        let order = stage.order(Role::Sweep);
        let mut sweeper = stage.start(&order, None)?;
        sweeper.wait_ready(PATIENCE);
        let other_order = stage.order(Role::Write);
        let mut other = stage.start(&other_order, None)?;
        other.wait_ready(PATIENCE);
        let order = stage.order(Role::Write);
        let mut victim = stage.start(&order, Some(&self.kill_at()))?;
        await_step(&mut victim, &order, REACH)?;
        findings.expect_killed_or_well("the writer", victim.finish(PATIENCE));
        follower.again(stage)?;
        findings.expect_to_go_on(&other_order, &mut other)?;
        findings.expect_well("the recovery", sweeper.finish(PATIENCE));
        Ok(())
    }

    fn recovery(&self, stage: &mut Stage, findings: &mut Findings) -> Outcome<()> {
        let mut dying = Vec::new();
        for step in preludes(self.step) {
            let order = stage.order(Role::Write);
            dying.push((stage.start(&order, Some(&format!("{}:20", step.name())))?, step));
        }
        for (mut victim, step) in dying {
            await_death(&mut victim, step)?;
        }
        let end = stage.recover(Some(&self.kill_at()))?;
        findings.expect_killed_or_well("the recovery", end);
        if end == End::Killed {
            let again = stage.recover(Some(&format!("{}:1", self.step.name())))?;
            findings.expect_killed_or_well("the second recovery", again);
        }
        Ok(())
    }

    fn settling(&self, stage: &mut Stage, findings: &mut Findings) -> Outcome<()> {
        dead_at(stage, preludes(self.step)[DEAD - 1])?;
        self.second_writer(stage, findings)
    }

    fn out_of_reach(&self, stage: &mut Stage, findings: &mut Findings) -> Outcome<()> {
        let id = dead_at(stage, Step::AppendHalf)?;
        let hidden = meddle::hide_segment(stage, id)?;
        self.second_writer(stage, findings)?;
        hidden.show()
    }

    /// A writer is killed at the step; another goes on.
    fn second_writer(&self, stage: &mut Stage, findings: &mut Findings) -> Outcome<()> {
        let order = stage.order(Role::Write);
        let mut victim = stage.start(&order, Some(&self.kill_at()))?;
        await_step(&mut victim, &order, REACH / 4)?;
        findings.expect_killed_or_well("the writer", victim.finish(PATIENCE));
        let other_order = stage.order(Role::Write);
        let mut other = stage.start(&other_order, None)?;
        findings.expect_to_go_on(&other_order, &mut other)
    }

    fn seal(&self, stage: &mut Stage, findings: &mut Findings) -> Outcome<()> {
        let other_order = stage.order(Role::Write);
        let mut other = stage.start(&other_order, None)?;
        other.wait_ready(PATIENCE);
        dead_at(stage, Step::AppendHalf)?;
        let order = stage.order(Role::Seal);
        let mut sealer = stage.start(&order, Some(&self.kill_at()))?;
        sealer.wait_ready(PATIENCE);
        await_step(&mut sealer, &other_order, REACH / 2)?;
        findings.expect_killed_or_well("the sealing process", sealer.finish(PATIENCE));
        findings.expect_to_go_on(&other_order, &mut other)
    }

    fn boot(&self, stage: &mut Stage, findings: &mut Findings) -> Outcome<()> {
        dead_at(stage, Step::AppendHalf)?;
        let order = stage.order(Role::Boot);
        for who in ["the repair", "the second repair"] {
            let end = stage.start(&order, Some(&self.kill_at()))?.wait(PATIENCE);
            findings.expect_killed_or_well(who, end);
        }
        let end = stage.start(&order, None)?.wait(PATIENCE);
        findings.expect_well("the last repair", end);
        Ok(())
    }

    fn replaced(&self, stage: &mut Stage, findings: &mut Findings) -> Outcome<()> {
        let order = stage.order(Role::Write);
        let mut first = stage.start(&order, Some(&self.kill_at()))?;
        findings.expect_killed_or_well("the writer", first.wait(PATIENCE));
        meddle::replace_day_files(stage)?;
        let other_order = stage.order(Role::Write);
        let mut other = stage.start(&other_order, None)?;
        findings.expect_to_go_on(&other_order, &mut other)
    }
}

/// Where the dead writers of a recovery died, so that it has the step's work to do.
fn preludes(step: Step) -> [Step; DEAD] {
    match step {
        Step::SettleDone => [Step::AppendCommitted; DEAD],
        Step::SettleRedone | Step::SettleCommitted => [Step::AppendHalf; DEAD],
        _ => [
            Step::StageBeforeStaged,
            Step::StageAfterStaged,
            Step::RingAdvancePartial,
            Step::AppendWritten,
            Step::AppendHalf,
        ],
    }
}

/// A writer that was killed at the third time of a step; its process id.
fn dead_at(stage: &mut Stage, step: Step) -> Outcome<u32> {
    let order = stage.order(Role::Write);
    let mut victim = stage.start(&order, Some(&format!("{}:3", step.name())))?;
    await_death(&mut victim, step)?;
    Ok(victim.id())
}

/// Waits until a writer is killed at its step, which it must reach.
fn await_death(victim: &mut Party, step: Step) -> Outcome<()> {
    match victim.wait(PATIENCE) {
        End::Killed => Ok(()),
        other => Err(format!("a writer to be killed at {} ended: {other:?}", step.name())),
    }
}

/// Waits until `party` has ended or has had its time to reach a step: `least`, and as long as the
/// writer of `order` needs to get on.
fn await_step(party: &mut Party, order: &Order, least: Duration) -> Outcome<()> {
    let start = Instant::now();
    // One that ended did so at its step, or is found to have ended badly.
    await_progress(order, party, REACH_RECORDS)?;
    while !party.has_ended() && start.elapsed() < least {
        std::thread::park_timeout(LOOK);
    }
    Ok(())
}

/// Waits until the writer of `order` has had `records` more accepted; `false` when `party` ended
/// before that, or nothing of it came to pass in [`PATIENCE`].
fn await_progress(order: &Order, party: &mut Party, records: u64) -> Outcome<bool> {
    let board = Board::open(&order.board)?;
    let (start, before) = (Instant::now(), board.accepted(order.threads));
    while board.accepted(order.threads) < before + records {
        if party.has_ended() || start.elapsed() > PATIENCE {
            return Ok(false);
        }
        std::thread::park_timeout(LOOK);
    }
    Ok(true)
}

/// A process that reads along.
struct Follower {
    order: Order,
    party: Party,
}

impl Follower {
    fn start(stage: &mut Stage) -> Outcome<Follower> {
        let order = stage.order(Role::Follow);
        let party = stage.start(&order, None)?;
        Ok(Follower { order, party })
    }

    /// Is killed and starts again where its cursor says.
    fn again(&mut self, stage: &mut Stage) -> Outcome<()> {
        self.party.kill();
        self.party = stage.start(&self.order, None)?;
        Ok(())
    }

    /// Reads to the end; compares what it saw with the files.
    fn judge(&mut self, stage: &mut Stage, findings: &mut Findings) -> Outcome<()> {
        findings.expect_well("the follower", self.party.finish(PATIENCE));
        let (mut faults, mut first) = followed::faults(&stage.log(), &self.order.board)?;
        if faults > 0 {
            // Perhaps it was only late: once more, with the time that the slowest look takes.
            self.order.limit = 1_500;
            self.again(stage)?;
            findings.expect_well("the follower", self.party.finish(PATIENCE));
            (faults, first) = followed::faults(&stage.log(), &self.order.board)?;
        }
        findings.reader += faults;
        findings.notes.extend(first);
        Ok(())
    }
}
