//! The exhaustive explorer.
//!
//! In come [`Parameters`]; every state reachable is visited once, breadth first, so that a
//! counterexample is as short as one can be. A visited state is remembered by a fingerprint of 64
//! bits: with n states the chance that one is overlooked is about n² / 2⁶⁵, for ten million states
//! one in 370,000. The frontier and eight bytes a state for the way back are held in memory.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::invariants::{broken, broken_at_end};
use super::process::successors;
use super::state::{Place, State};
use super::{Action, Parameters, Step};

/// What an exploration found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// What was explored.
    pub parameters: Parameters,
    /// Different states visited.
    pub states: u64,
    /// Transitions taken, those to states already known included.
    pub transitions: u64,
    /// States in which nothing but a kill could happen.
    pub ends: u64,
    /// Steps of the longest shortest way to a state.
    pub depth: u32,
    /// Different kinds of steps taken, of those in [`Action`].
    pub actions: u32,
    /// Different steps before which some process was killed, of [`Report::PLACES`]; a process at
    /// rest counts as one.
    pub killed_before: u32,
    /// Whether every reachable state was visited.
    pub exhaustive: bool,
    /// The shortest way to a broken promise, if there is one.
    pub counterexample: Option<Counterexample>,
}

impl Report {
    /// Steps a process can stand before, rest included.
    pub const PLACES: u32 = Place::UnlockSealed as u32 + 1;
}

/// A broken promise and the way there.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The promise that is broken.
    pub broken: String,
    /// The steps from the start.
    pub steps: Vec<Step>,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} after {} steps:", self.broken, self.steps.len())?;
        self.steps.iter().try_for_each(|step| writeln!(out, "  {step}"))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parameters { writers, helpers, records, kills, seals, failures, files, .. } =
            self.parameters;
        write!(
            out,
            "{writers} writers, {helpers} helpers, {records} records each, {kills} kills, {seals} \
             seals, {failures} failed writes, {files} files: {} states, {} transitions, {} ends, \
             depth {}, killed before {} of {} steps, {}",
            self.states,
            self.transitions,
            self.ends,
            self.depth,
            self.killed_before,
            Self::PLACES,
            if self.exhaustive { "exhaustive" } else { "NOT exhaustive" }
        )?;
        match &self.counterexample {
            None => write!(out, ", every promise kept"),
            Some(counterexample) => write!(out, "\n{counterexample}"),
        }
    }
}

/// Explores every order of steps, and a kill after every step.
///
/// Stops at the first broken promise. Takes about a microsecond a transition and blocks nothing.
///
/// # Errors
/// Parameters beyond the limits of the model, as a sentence that names the limit.
pub fn explore(parameters: Parameters) -> Result<Report, String> {
    parameters.check()?;
    let mut explorer = Explorer::new(parameters);
    explorer.run();
    Ok(explorer.report)
}

/// How a state was reached: the number of the state before it, and the step.
type Origin = (u32, Option<Step>);

struct Explorer {
    report: Report,
    visited: HashSet<u64, BuildHasherDefault<Identity>>,
    origins: Vec<Origin>,
    frontier: Vec<(u32, State)>,
    next: Vec<(u32, State)>,
    actions: u64,
    killed_before: u64,
}

impl Explorer {
    fn new(parameters: Parameters) -> Self {
        let start = State::initial(&parameters);
        let report = Report {
            parameters,
            states: 1,
            transitions: 0,
            ends: 0,
            depth: 0,
            actions: 0,
            killed_before: 0,
            exhaustive: false,
            counterexample: None,
        };
        Self {
            report,
            visited: HashSet::from_iter([fingerprint(&start)]),
            origins: vec![(0, None)],
            frontier: vec![(0, start)],
            next: Vec::new(),
            actions: 0,
            killed_before: 0,
        }
    }

    fn run(&mut self) {
        self.search();
        self.report.actions = self.actions.count_ones();
        self.report.killed_before = self.killed_before.count_ones();
    }

    fn search(&mut self) {
        let mut steps = Vec::new();
        while !self.frontier.is_empty() {
            for (number, state) in std::mem::take(&mut self.frontier) {
                if !self.expand(number, &state, &mut steps) {
                    return;
                }
            }
            std::mem::swap(&mut self.frontier, &mut self.next);
            self.report.depth += u32::from(!self.frontier.is_empty());
        }
        self.report.exhaustive = true;
    }

    /// Visits what is one step away; false to stop.
    fn expand(&mut self, number: u32, state: &State, steps: &mut Vec<(Step, State)>) -> bool {
        steps.clear();
        let kills = successors(&self.report.parameters, state, steps);
        self.report.transitions += steps.len() as u64;
        if steps.len() == kills {
            self.report.ends += 1;
            if let Some(promise) = broken_at_end(&self.report.parameters, state) {
                return self.stop(promise, number);
            }
        }
        for (step, after) in steps.iter() {
            self.note(step, state);
            if !self.visited.insert(fingerprint(after)) {
                continue;
            }
            let found = self.origins.len() as u32;
            self.origins.push((number, Some(*step)));
            self.report.states += 1;
            if let Some(promise) = broken(&self.report.parameters, after) {
                return self.stop(promise, found);
            }
            self.next.push((found, *after));
        }
        self.report.states < u64::from(self.report.parameters.states_max)
    }

    /// Keeps which steps were taken, and before which a kill fell.
    fn note(&mut self, step: &Step, before: &State) {
        self.actions |= 1 << step.action as u32;
        if step.action == Action::Kill {
            let place = before.processes[usize::from(step.process)].place;
            self.killed_before |= 1 << place as u32;
        }
    }

    fn stop(&mut self, broken: String, mut number: u32) -> bool {
        let mut steps = Vec::new();
        while let (before, Some(step)) = self.origins[number as usize] {
            steps.push(step);
            number = before;
        }
        steps.reverse();
        self.report.counterexample = Some(Counterexample { broken, steps });
        false
    }
}

fn fingerprint(state: &State) -> u64 {
    let mut hasher = Folded { hash: 0x9e37_79b9_7f4a_7c15, piece: 0, filled: 0 };
    state.hash(&mut hasher);
    hasher.finish()
}

/// A hash for states: eight bytes at a time, a folded product of 128 bits for each piece. A state
/// always feeds the same number of bytes but for the slots' options, which say what follows.
struct Folded {
    hash: u64,
    piece: u64,
    filled: u32,
}

impl Folded {
    fn fold(hash: u64, piece: u64) -> u64 {
        let product = u128::from(hash ^ piece) * u128::from(0xa076_1d64_78bd_642f_u64);
        (product as u64) ^ ((product >> 64) as u64) ^ 0x9e37_79b9_7f4a_7c15
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u8(*byte));
    }

    fn write_u8(&mut self, byte: u8) {
        self.piece = self.piece << 8 | u64::from(byte);
        self.filled += 1;
        if self.filled == 8 {
            self.hash = Self::fold(self.hash, self.piece);
            (self.piece, self.filled) = (0, 0);
        }
    }

    /// Which variant of an enumeration it is; none has more than 256.
    fn write_isize(&mut self, variant: isize) {
        self.write_u8(variant as u8);
    }

    /// The length of an array, which is always the same.
    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        Self::fold(Self::fold(self.hash, self.piece), u64::from(self.filled))
    }
}

/// Fingerprints are hashes already.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
