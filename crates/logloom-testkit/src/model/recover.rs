//! Recovery of a dead writer (steps 24 to 27) and sealing (step 31).

use super::Bug;
use super::process::Turn;
use super::state::{FileState, NONE, Place, Process};
use super::step::Action;

/// Takes one of the steps of this file; nothing when the place is another's or the process waits.
pub(super) fn take(place: Place, turn: &mut Turn<'_>) -> Option<Action> {
    match place {
        Place::RecoverStart => recover_start(turn),
        Place::MarkDrained => mark_drained(turn),
        Place::FreeSlot => free_slot(turn),
        Place::UnlockRecovery => unlock_recovery(turn),
        Place::SealLock => return seal_lock(turn),
        Place::Seal => seal(turn),
        Place::UnlockSealed => unlock_sealed(turn),
        _ => return None,
    }
    .into()
}

/// 25: what is staged and not applied comes first.
fn recover_start(turn: &mut Turn<'_>) -> Action {
    let positions_first = turn.bug(Bug::StaleIntentApplied);
    let segment = turn.segment();
    let next = if segment.drained {
        Place::FreeSlot
    } else if segment.staged > segment.applied || positions_first {
        Place::Advance
    } else {
        Place::Fill
    };
    turn.go(next);
    Action::RecoverStart
}

fn mark_drained(turn: &mut Turn<'_>) -> Action {
    turn.segment().drained = true;
    turn.go(Place::FreeSlot);
    Action::MarkDrained
}

fn free_slot(turn: &mut Turn<'_>) -> Action {
    let writer = usize::from(turn.writer());
    turn.state.writers[writer].in_use = false;
    turn.go(Place::UnlockRecovery);
    Action::FreeSlot
}

fn unlock_recovery(turn: &mut Turn<'_>) -> Action {
    let writer = usize::from(turn.writer());
    turn.state.locks.recovery[writer] = NONE;
    *turn.process() = Process::IDLE;
    Action::UnlockRecovery
}

fn seal_lock(turn: &mut Turn<'_>) -> Option<Action> {
    if !turn.lock_file() {
        return None;
    }
    let unsettled = turn.bug(Bug::SealWithoutSettle);
    turn.go(if unsettled { Place::Seal } else { Place::SettleLast });
    Some(Action::SealLock)
}

fn seal(turn: &mut Turn<'_>) -> Action {
    let file = turn.file();
    file.state = FileState::Sealed;
    file.sealed_at = file.committed;
    turn.go(Place::UnlockSealed);
    Action::Seal
}

fn unlock_sealed(turn: &mut Turn<'_>) -> Action {
    turn.unlock_file();
    turn.state.locks.catalogue = NONE;
    *turn.process() = Process::IDLE;
    Action::UnlockSealed
}
