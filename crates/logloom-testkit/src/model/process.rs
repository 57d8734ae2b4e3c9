//! Everything that can happen next.
//!
//! In comes a state; out go all states one transition away, each with its step. A process that
//! waits for a lock has no transition of its own; one whose deadline may pass has two.

use super::state::{File, FileState, NONE, Place, Process, Segment, State};
use super::step::{Action, Step};
use super::{Bug, Parameters, append, recover, settle};

/// One process about to take a step in a copy of the state.
pub(super) struct Turn<'a> {
    pub(super) parameters: &'a Parameters,
    pub(super) state: State,
    pub(super) me: u8,
}

impl Turn<'_> {
    pub(super) fn bug(&self, bug: Bug) -> bool {
        self.parameters.bug == Some(bug)
    }

    pub(super) fn process(&mut self) -> &mut Process {
        &mut self.state.processes[usize::from(self.me)]
    }

    pub(super) fn writer(&self) -> u8 {
        self.state.processes[usize::from(self.me)].writer
    }

    pub(super) fn file_number(&self) -> u8 {
        self.state.processes[usize::from(self.me)].file
    }

    pub(super) fn segment(&mut self) -> &mut Segment {
        &mut self.state.segments[usize::from(self.writer())]
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.state.files[usize::from(self.file_number())]
    }

    pub(super) fn go(&mut self, place: Place) {
        self.process().place = place;
    }

    /// Takes a free lock; false when another holds it.
    pub(super) fn lock_file(&mut self) -> bool {
        let owner = &mut self.state.locks.files[usize::from(self.process().file)];
        let free = *owner == NONE;
        if free {
            *owner = self.me;
        }
        free
    }

    pub(super) fn unlock_file(&mut self) {
        let me = self.me;
        let owner = &mut self.state.locks.files[usize::from(self.process().file)];
        if *owner == me {
            *owner = NONE;
        }
    }

    pub(super) fn lock_catalogue(&mut self) -> bool {
        let free = self.state.locks.catalogue == NONE;
        if free {
            self.state.locks.catalogue = self.me;
        }
        free
    }

    fn into(self, action: Action, before: &Process) -> (Step, State) {
        let after = self.state.processes[usize::from(self.me)];
        let writer = if before.writer == NONE { after.writer } else { before.writer };
        let file = if after.file == NONE { before.file } else { after.file };
        (Step { process: self.me, action, writer, file }, self.state)
    }
}

/// All transitions of a state. Kills come last; their number is returned.
pub(super) fn successors(
    parameters: &Parameters,
    state: &State,
    out: &mut Vec<(Step, State)>,
) -> usize {
    for me in 0..parameters.processes() as u8 {
        let turn = || Turn { parameters, state: *state, me };
        let before = state.processes[usize::from(me)];
        accept(turn(), out);
        if before.place == Place::Idle {
            begin(parameters, state, me, out);
            continue;
        }
        let mut next = turn();
        if let Some(action) = take(before.place, &mut next) {
            out.push(next.into(action, &before));
        }
        for (action, alternative) in alternatives(before.place, turn) {
            out.push(alternative.into(action, &before));
        }
    }
    if parameters.reader {
        read(parameters, state, out);
    }
    kills(parameters, state, out)
}

/// Takes the step a process stands before; nothing when it waits.
fn take(place: Place, turn: &mut Turn<'_>) -> Option<Action> {
    append::take(place, turn)
        .or_else(|| settle::take(place, turn))
        .or_else(|| recover::take(place, turn))
}

/// What a process may do instead of its ordinary step.
fn alternatives<'a>(place: Place, turn: impl Fn() -> Turn<'a>) -> Vec<(Action, Turn<'a>)> {
    match place {
        Place::LockFile => append::deadline(turn()).into_iter().collect(),
        Place::WriteFirst | Place::WriteRest => append::write_fails(turn()).into_iter().collect(),
        Place::CutBack => vec![append::stays_noted(turn())],
        Place::RedoFirst | Place::RedoRest => settle::redo_fails(turn()).into_iter().collect(),
        Place::SettlePending => settle::cut_instead(turn()).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Callers run beside the writer's thread, at any of its steps.
fn accept(mut turn: Turn<'_>, out: &mut Vec<(Step, State)>) {
    let parameters = *turn.parameters;
    let writer = turn.me;
    if writer >= parameters.writers || !turn.state.writers[usize::from(writer)].alive {
        return;
    }
    let segment = &mut turn.state.segments[usize::from(writer)];
    let room = segment.accepted - segment.read < parameters.ring;
    if room && segment.accepted < parameters.records {
        segment.accepted += 1;
        out.push((
            Step { process: writer, action: Action::Accept, writer, file: NONE },
            turn.state,
        ));
    }
}

/// What a process without work may begin.
fn begin(parameters: &Parameters, state: &State, me: u8, out: &mut Vec<(Step, State)>) {
    for writer in 0..parameters.writers {
        let slot = state.writers[usize::from(writer)];
        let segment = state.segments[usize::from(writer)];
        let mut turn = Turn { parameters, state: *state, me };
        *turn.process() = Process { writer, ..Process::IDLE };
        if slot.alive && writer == me && segment.accepted > segment.read {
            turn.go(Place::Fill);
            out.push(turn.into(Action::Begin, &Process::IDLE));
        } else if !slot.alive && slot.in_use {
            let owner = &mut turn.state.locks.recovery[usize::from(writer)];
            if *owner == NONE {
                *owner = me;
                turn.process().recovering = true;
                turn.go(Place::RecoverStart);
                out.push(turn.into(Action::LockRecovery, &Process::IDLE));
            }
        }
    }
    for file in 0..parameters.files {
        let open = state.files[usize::from(file)].state == FileState::Open;
        let mut turn = Turn { parameters, state: *state, me };
        if open && state.seals_left > 0 && turn.lock_catalogue() {
            turn.state.seals_left -= 1;
            *turn.process() =
                Process { place: Place::SealLock, file, sealing: true, ..Process::IDLE };
            out.push(turn.into(Action::BeginSeal, &Process::IDLE));
        }
    }
}

/// The reader takes all it may of one file.
fn read(parameters: &Parameters, state: &State, out: &mut Vec<(Step, State)>) {
    for number in 0..parameters.files {
        let file = &state.files[usize::from(number)];
        let whole = file.bytes.len() / 2;
        let beyond = parameters.bug == Some(Bug::ReaderBeyondCommitted);
        let until = if beyond { whole } else { whole.min(usize::from(file.committed)) };
        if file.seen.len() >= until {
            continue;
        }
        let mut next = *state;
        for at in file.seen.len()..until {
            next.files[usize::from(number)].seen.push(file.bytes.as_slice()[2 * at] / 2);
        }
        let step = Step { process: NONE, action: Action::Read, writer: NONE, file: number };
        out.push((step, next));
    }
}

/// Kills every process that has something to lose; returns how many could be.
fn kills(parameters: &Parameters, state: &State, out: &mut Vec<(Step, State)>) -> usize {
    if state.kills_left == 0 {
        return 0;
    }
    let before = out.len();
    for me in 0..parameters.processes() as u8 {
        let alive = me < parameters.writers && state.writers[usize::from(me)].alive;
        let Process { place, writer, file, .. } = state.processes[usize::from(me)];
        if !alive && place == Place::Idle {
            continue;
        }
        let mut next = *state;
        next.kills_left -= 1;
        next.processes[usize::from(me)] = Process::IDLE;
        next.locks.release_all(me);
        if alive {
            next.writers[usize::from(me)].alive = false;
        }
        out.push((Step { process: me, action: Action::Kill, writer, file }, next));
    }
    out.len() - before
}
