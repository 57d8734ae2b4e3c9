//! Staging and appending one batch: steps 9 to 20.
//!
//! The same steps serve the writer itself and whoever recovers it; a recoverer differs in
//! [`advance`] (it goes to the file the intent names before any other) and at the end.

use super::Bug;
use super::process::Turn;
use super::state::{FileState, Intent, NONE, Pending, Place, Process};
use super::step::Action;

/// Takes one of the steps of this file; nothing when the place is another's or the process waits.
pub(super) fn take(place: Place, turn: &mut Turn<'_>) -> Option<Action> {
    match place {
        Place::Fill => fill(turn),
        Place::Publish => publish(turn),
        Place::Advance => advance(turn),
        Place::Choose => choose(turn),
        Place::LockCatalogue => return lock_catalogue(turn),
        Place::Create => create(turn),
        Place::UnlockCatalogue => unlock_catalogue(turn),
        Place::LockFile => return lock_file(turn),
        Place::CheckDone => check_done(turn),
        Place::SetPending => set_pending(turn),
        Place::WriteFirst => write_first(turn),
        Place::WriteRest => write_rest(turn),
        Place::CutBack => cut_back(turn),
        Place::ClearBack => clear_back(turn),
        Place::Commit => commit(turn),
        Place::SetDone => set_done(turn),
        Place::UnlockRetry => unlock_retry(turn),
        Place::UnlockApplied => unlock_applied(turn),
        Place::SetApplied => set_applied(turn),
        _ => return None,
    }
    .into()
}

/// 9, 10: with nothing staged, the next run goes into the other buffer.
fn fill(turn: &mut Turn<'_>) -> Action {
    let batch = turn.parameters.batch;
    let early = turn.bug(Bug::RingAdvancedBeforeStaged);
    let segment = turn.segment();
    let count = batch.min(segment.accepted - segment.read);
    if count == 0 {
        finish(turn);
        return Action::Fill;
    }
    let number = segment.staged + 1;
    segment.intents[usize::from(number & 1)] =
        Intent { number, file: NONE, first: segment.read, count };
    turn.go(if early { Place::Advance } else { Place::Publish });
    Action::Fill
}

/// The ring is empty: a writer rests, a recoverer gives the segment back.
fn finish(turn: &mut Turn<'_>) {
    if turn.process().recovering {
        turn.go(Place::MarkDrained);
    } else {
        *turn.process() = Process::IDLE;
    }
}

fn publish(turn: &mut Turn<'_>) -> Action {
    turn.segment().staged += 1;
    let early = turn.bug(Bug::RingAdvancedBeforeStaged);
    turn.go(if early { Place::Choose } else { Place::Advance });
    Action::Publish
}

/// 11, and for recovery 9 and 25.
fn advance(turn: &mut Turn<'_>) -> Action {
    let recovering = turn.process().recovering;
    let early = turn.bug(Bug::RingAdvancedBeforeStaged) && !recovering;
    let stale = turn.bug(Bug::StaleIntentApplied) && recovering;
    let segment = turn.segment();
    let mut intent = *segment.intent();
    if early || stale {
        let [first, second] = segment.intents;
        intent = if first.number > second.number { first } else { second };
    }
    if early || stale || intent.number == segment.staged {
        segment.read = intent.first + intent.count;
    }
    let named = segment.intent().file;
    let idle = segment.staged == segment.applied;
    let own_file = recovering && named != NONE && !turn.bug(Bug::RecoveryTakesAnotherFile);
    turn.go(match (early, idle, own_file) {
        (true, ..) => Place::Publish,
        (_, true, _) => Place::Fill,
        (.., true) => Place::LockFile,
        _ => Place::Choose,
    });
    turn.process().file = if own_file && !idle { named } else { NONE };
    Action::Advance
}

/// 12: reading the slots takes no lock.
fn choose(turn: &mut Turn<'_>) -> Action {
    match turn.state.newest_open() {
        Some(file) => {
            turn.process().file = file;
            turn.go(Place::LockFile);
        }
        None => {
            turn.process().file = NONE;
            turn.go(Place::LockCatalogue);
        }
    }
    Action::Choose
}

fn lock_catalogue(turn: &mut Turn<'_>) -> Option<Action> {
    if !turn.lock_catalogue() {
        return None;
    }
    turn.go(Place::Create);
    Some(Action::LockCatalogue)
}

/// 12, 13: under the catalogue lock, unless another made one meanwhile.
fn create(turn: &mut Turn<'_>) -> Action {
    let stuck = turn.file_number();
    let newer = turn.state.newest_open().filter(|&open| stuck == NONE || open > stuck);
    if let Some(file) = newer {
        turn.process().file = file;
    } else if let Some(file) = turn.state.next_file(turn.parameters) {
        turn.state.files[usize::from(file)].state = FileState::Open;
        turn.process().file = file;
    }
    turn.go(Place::UnlockCatalogue);
    Action::Create
}

fn unlock_catalogue(turn: &mut Turn<'_>) -> Action {
    turn.state.locks.catalogue = NONE;
    turn.go(if turn.file_number() == NONE { Place::Choose } else { Place::LockFile });
    Action::UnlockCatalogue
}

fn lock_file(turn: &mut Turn<'_>) -> Option<Action> {
    if !turn.lock_file() {
        return None;
    }
    let skip = turn.bug(Bug::SettleSkipped);
    turn.go(if skip { Place::CheckDone } else { Place::SettleLast });
    Some(Action::LockFile)
}

/// 13: the holder is stuck. Who has a file in its intent waits for that one, however long.
pub(super) fn deadline(mut turn: Turn<'_>) -> Option<(Action, Turn<'_>)> {
    let file = turn.file_number();
    if turn.state.locks.files[usize::from(file)] == NONE {
        return None;
    }
    if turn.bug(Bug::LockBroken) {
        turn.state.locks.files[usize::from(file)] = turn.me;
        turn.go(Place::SettleLast);
        return Some((Action::BreakLock, turn));
    }
    let takes_another = match turn.process().recovering {
        true => turn.bug(Bug::RecoveryTakesAnotherFile),
        false => turn.bug(Bug::NamedFileForgotten),
    };
    let must_wait = turn.segment().intent().file == file && !takes_another;
    let newer = turn.state.newest_open().is_some_and(|open| open > file);
    if must_wait || !(newer || turn.state.next_file(turn.parameters).is_some()) {
        return None;
    }
    turn.go(Place::LockCatalogue);
    Some((Action::Deadline, turn))
}

/// 14 and 16's first half: decisions on what the lock keeps still, then one write.
fn check_done(turn: &mut Turn<'_>) -> Action {
    let file = turn.file_number();
    let done = turn.state.writers[usize::from(turn.writer())].done;
    let open = turn.file().state == FileState::Open || turn.bug(Bug::SealNotRechecked);
    let noted = !turn.bug(Bug::PendingNotNoted);
    if done >= turn.segment().staged {
        turn.go(Place::UnlockApplied);
    } else if !open {
        turn.segment().intent().file = NONE;
        turn.go(Place::UnlockRetry);
    } else {
        turn.segment().intent().file = file;
        turn.go(if noted { Place::SetPending } else { Place::WriteFirst });
    }
    Action::CheckDone
}

/// What the slot says about the batch that is staged.
fn pending(turn: &mut Turn<'_>) -> Pending {
    let writer = turn.writer();
    let Intent { number, first, count, .. } = *turn.segment().intent();
    Pending { writer, number, first, count }
}

fn set_pending(turn: &mut Turn<'_>) -> Action {
    turn.file().pending = Some(pending(turn));
    let next = match turn.parameters.bug {
        Some(Bug::CommitBeforeWrite) => Place::Commit,
        Some(Bug::DoneBeforeCommit) => Place::SetDone,
        _ => Place::WriteFirst,
    };
    turn.go(next);
    Action::SetPending
}

fn write_first(turn: &mut Turn<'_>) -> Action {
    let pending = pending(turn);
    write_part(turn, pending);
    turn.go(Place::WriteRest);
    Action::WriteFirst
}

/// Writes all but the last byte of a batch behind what is committed.
pub(super) fn write_part(turn: &mut Turn<'_>, pending: Pending) {
    let file = turn.file();
    file.bytes.truncate(file.committed_bytes());
    let length = 2 * usize::from(pending.count);
    pending.bytes().take(length - 1).for_each(|byte| file.bytes.push(byte));
}

/// Writes the last byte of a batch.
pub(super) fn write_last(turn: &mut Turn<'_>, pending: Pending) {
    if let Some(last) = pending.bytes().last() {
        turn.file().bytes.push(last);
    }
}

fn write_rest(turn: &mut Turn<'_>) -> Action {
    let pending = pending(turn);
    write_last(turn, pending);
    turn.go(Place::Commit);
    Action::WriteRest
}

/// 17: no space, or the device failed. What is staged stays staged and is tried again.
pub(super) fn write_fails(mut turn: Turn<'_>) -> Option<(Action, Turn<'_>)> {
    turn.state.failures_left = turn.state.failures_left.checked_sub(1)?;
    turn.go(Place::CutBack);
    Some((Action::WriteFails, turn))
}

fn cut_back(turn: &mut Turn<'_>) -> Action {
    let file = turn.file();
    file.bytes.truncate(file.committed_bytes());
    turn.go(Place::ClearBack);
    Action::CutBack
}

/// 17: not even that could be taken back. The note stays, and so does the file in the intent.
pub(super) fn stays_noted(mut turn: Turn<'_>) -> (Action, Turn<'_>) {
    turn.go(Place::UnlockRetry);
    (Action::WriteFails, turn)
}

fn clear_back(turn: &mut Turn<'_>) -> Action {
    turn.file().pending = None;
    turn.go(Place::UnlockRetry);
    Action::ClearBack
}

fn commit(turn: &mut Turn<'_>) -> Action {
    let pending = pending(turn);
    commit_for(turn, pending);
    let done_already = turn.bug(Bug::DoneBeforeCommit);
    turn.go(if done_already { Place::UnlockApplied } else { Place::SetDone });
    Action::Commit
}

/// 18: one write of the slot.
pub(super) fn commit_for(turn: &mut Turn<'_>, pending: Pending) {
    let file = turn.file();
    file.committed += pending.count;
    file.last = (pending.writer, pending.number);
    file.pending = None;
    pending.bytes().step_by(2).for_each(|byte| file.committed_as.push(byte / 2));
}

fn set_done(turn: &mut Turn<'_>) -> Action {
    let staged = turn.segment().staged;
    let writer = usize::from(turn.writer());
    turn.state.writers[writer].done = staged;
    let early = turn.bug(Bug::DoneBeforeCommit);
    turn.go(if early { Place::WriteFirst } else { Place::UnlockApplied });
    Action::SetDone
}

/// Where a batch may be in a file in part, that file comes first at the next try, as in recovery.
fn unlock_retry(turn: &mut Turn<'_>) -> Action {
    if turn.file().pending.is_none() {
        turn.segment().intent().file = NONE;
    }
    turn.unlock_file();
    let named = turn.segment().intent().file;
    if named == NONE || turn.bug(Bug::NamedFileForgotten) {
        turn.process().file = NONE;
        turn.go(Place::Choose);
    } else {
        turn.process().file = named;
        turn.go(Place::LockFile);
    }
    Action::UnlockRetry
}

fn unlock_applied(turn: &mut Turn<'_>) -> Action {
    turn.unlock_file();
    turn.process().file = NONE;
    turn.go(Place::SetApplied);
    Action::UnlockApplied
}

fn set_applied(turn: &mut Turn<'_>) -> Action {
    let segment = turn.segment();
    segment.applied = segment.staged;
    let too_soon = turn.bug(Bug::SlotFreedBeforeDrained) && turn.process().recovering;
    turn.go(if too_soon { Place::FreeSlot } else { Place::Fill });
    Action::SetApplied
}
