//! Settling a file whose lock is held: steps 21 to 23, always before appending or sealing.

use super::Bug;
use super::append::{commit_for, write_last, write_part};
use super::process::Turn;
use super::state::{NONE, Pending, Place};
use super::step::Action;

/// Takes one of the steps of this file; nothing when the place is another's.
pub(super) fn take(place: Place, turn: &mut Turn<'_>) -> Option<Action> {
    match place {
        Place::SettleLast => settle_last(turn),
        Place::SettlePending => settle_pending(turn),
        Place::RedoFirst => redo_first(turn),
        Place::RedoRest => redo_rest(turn),
        Place::SettleCommit => settle_commit(turn),
        Place::Cut => cut(turn),
        Place::CutClear => cut_clear(turn),
        _ => return None,
    }
    .into()
}

/// 21: its writer may have died between committing and saying done.
fn settle_last(turn: &mut Turn<'_>) -> Action {
    let (writer, number) = turn.file().last;
    if writer != NONE && !turn.bug(Bug::LastNotCarriedOver) {
        let done = &mut turn.state.writers[usize::from(writer)].done;
        *done = number.max(*done);
    }
    turn.go(Place::SettlePending);
    Action::SettleLast
}

/// 22: judges by the bytes alone whether the batch is whole.
fn settle_pending(turn: &mut Turn<'_>) -> Action {
    let pending = turn.file().pending;
    let next = match pending {
        None => settled(turn),
        Some(pending) if is_whole(turn, pending) => Place::SettleCommit,
        Some(_) => Place::RedoFirst,
    };
    turn.go(next);
    Action::SettlePending
}

/// Where a process goes on once the file is settled.
fn settled(turn: &mut Turn<'_>) -> Place {
    if turn.process().sealing { Place::Seal } else { Place::CheckDone }
}

/// What the checksum tells.
fn is_whole(turn: &mut Turn<'_>, pending: Pending) -> bool {
    let file = turn.file();
    let behind = file.bytes.as_slice().get(file.committed_bytes()..).unwrap_or_default();
    pending.bytes().eq(behind.iter().copied())
}

/// 23: the dead writer's segment cannot be opened from here. One's own, or the one that is being
/// recovered, is open.
pub(super) fn cut_instead(mut turn: Turn<'_>) -> Option<(Action, Turn<'_>)> {
    let pending = turn.file().pending?;
    let out_of_reach = turn.parameters.unreachable && pending.writer != turn.writer();
    if !out_of_reach || is_whole(&mut turn, pending) {
        return None;
    }
    turn.go(Place::Cut);
    Some((Action::SettlePending, turn))
}

fn redo_first(turn: &mut Turn<'_>) -> Action {
    if let Some(pending) = turn.file().pending {
        write_part(turn, pending);
    }
    turn.go(Place::RedoRest);
    Action::RedoFirst
}

fn redo_rest(turn: &mut Turn<'_>) -> Action {
    if let Some(pending) = turn.file().pending {
        write_last(turn, pending);
    }
    turn.go(Place::SettleCommit);
    Action::RedoRest
}

/// No space, or the device failed: what is written stays noted, and the file is released.
pub(super) fn redo_fails(mut turn: Turn<'_>) -> Option<(Action, Turn<'_>)> {
    turn.state.failures_left = turn.state.failures_left.checked_sub(1)?;
    let sealing = turn.process().sealing;
    turn.go(if sealing { Place::UnlockSealed } else { Place::UnlockRetry });
    Some((Action::WriteFails, turn))
}

/// The number is carried over by [`settle_last`], which therefore comes again.
fn settle_commit(turn: &mut Turn<'_>) -> Action {
    if let Some(pending) = turn.file().pending {
        commit_for(turn, pending);
    }
    turn.go(Place::SettleLast);
    Action::SettleCommit
}

fn cut(turn: &mut Turn<'_>) -> Action {
    let file = turn.file();
    file.bytes.truncate(file.committed_bytes());
    turn.go(Place::CutClear);
    Action::Cut
}

fn cut_clear(turn: &mut Turn<'_>) -> Action {
    let pending = turn.file().pending.take();
    if let (Some(pending), true) = (pending, turn.bug(Bug::CutWithoutRedo)) {
        turn.state.writers[usize::from(pending.writer)].done = pending.number;
    }
    let next = settled(turn);
    turn.go(next);
    Action::CutClear
}
