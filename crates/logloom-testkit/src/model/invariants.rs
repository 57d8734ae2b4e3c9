//! What must hold in every state, and what must hold where nothing can happen any more.
//!
//! In comes a state; out goes the first promise it breaks, as a sentence.

use super::Parameters;
use super::state::{File, FileState, NONE, Place, State, record};

/// The first promise a state breaks.
pub(super) fn broken(parameters: &Parameters, state: &State) -> Option<String> {
    doubled(state)
        .or_else(|| state.files.iter().enumerate().find_map(|(number, file)| damaged(number, file)))
        .or_else(|| lost(parameters, state))
        .or_else(|| wrong_length(parameters, state))
        .or_else(|| read_wrong(state))
}

/// A record committed a second time.
fn doubled(state: &State) -> Option<String> {
    let mut known = 0_u64;
    for record in state.files.iter().flat_map(|file| file.committed_as.as_slice()) {
        if known & (1 << record) != 0 {
            return Some(format!("{} is committed twice", name(*record)));
        }
        known |= 1 << record;
    }
    None
}

/// Bytes below `committed` that are not what was committed, or a sealed file that grew.
fn damaged(number: usize, file: &File) -> Option<String> {
    let promised =
        file.committed_as.as_slice().iter().flat_map(|record| [2 * record, 2 * record + 1]);
    let bytes = file.bytes.as_slice().iter().copied().take(file.committed_bytes());
    if !promised.eq(bytes) {
        return Some(format!("file {number}: a line below `committed` is torn or has changed"));
    }
    if file.state == FileState::Sealed && file.committed != file.sealed_at {
        return Some(format!("file {number} was appended to after it was sealed"));
    }
    None
}

/// An accepted record that is neither committed nor where recovery finds it.
fn lost(parameters: &Parameters, state: &State) -> Option<String> {
    for writer in 0..parameters.writers {
        let mut segment = state.segments[usize::from(writer)];
        let reachable = state.writers[usize::from(writer)].in_use;
        let intent = *segment.intent();
        for number in 0..segment.accepted {
            let in_ring = reachable && number >= segment.read;
            let redo = intent.first..intent.first + intent.count;
            let staged = reachable && segment.staged > segment.applied && redo.contains(&number);
            let record = record(writer, number);
            if !in_ring && !staged && !is_committed(state, record) {
                return Some(format!(
                    "{} is accepted, and neither in the ring, nor staged, nor committed",
                    name(record)
                ));
            }
        }
    }
    None
}

fn is_committed(state: &State, record: u8) -> bool {
    state.files.iter().any(|file| file.committed_as.as_slice().contains(&record))
}

/// A settled file about to be appended to ends at `committed`.
fn wrong_length(parameters: &Parameters, state: &State) -> Option<String> {
    let appending = [Place::SetPending, Place::CheckDone];
    let processes = &state.processes[..parameters.processes()];
    processes.iter().filter(|process| appending.contains(&process.place)).find_map(|process| {
        let file = &state.files[usize::from(process.file)];
        (file.bytes.len() != file.committed_bytes()).then(|| {
            format!("file {}: bytes of an unknown batch lie behind `committed`", process.file)
        })
    })
}

/// The reader has each record once, and the records of a file in the file's order.
fn read_wrong(state: &State) -> Option<String> {
    let mut known = 0_u64;
    for (number, file) in state.files.iter().enumerate() {
        for record in file.seen.as_slice() {
            if known & (1 << record) != 0 {
                return Some(format!("the reader saw {} twice", name(*record)));
            }
            known |= 1 << record;
        }
        let mut both = file.seen.as_slice().iter().zip(file.committed_as.as_slice());
        if let Some((seen, now)) = both.find(|(seen, now)| seen != now) {
            return Some(format!(
                "file {number}: the reader saw {}, where now {} is",
                name(*seen),
                name(*now)
            ));
        }
    }
    None
}

/// The first promise broken by a state in which nothing but a kill can happen.
pub(super) fn broken_at_end(parameters: &Parameters, state: &State) -> Option<String> {
    if let Some(process) = state.processes.iter().position(|process| process.place != Place::Idle) {
        return Some(format!("process {process} waits for ever"));
    }
    for writer in 0..parameters.writers {
        let segment = state.segments[usize::from(writer)];
        let slot = state.writers[usize::from(writer)];
        if !slot.alive && slot.in_use {
            return Some(format!("writer {writer} is dead and nobody recovers it"));
        }
        let missing = (0..segment.accepted)
            .map(|number| record(writer, number))
            .find(|record| !is_committed(state, *record));
        if let Some(record) = missing {
            return Some(format!("{} is in no file at the end", name(record)));
        }
    }
    let held = state.locks.files.iter().chain(&state.locks.recovery);
    if held.chain([&state.locks.catalogue]).any(|owner| *owner != NONE) {
        return Some("a lock is held at the end".to_owned());
    }
    let unread = |file: &File| parameters.reader && file.seen != file.committed_as;
    state
        .files
        .iter()
        .position(unread)
        .map(|number| format!("file {number}: the reader has not what the file has"))
}

fn name(record: u8) -> String {
    let of_writer = super::RECORDS_MAX as u8;
    format!("record {} of writer {}", record % of_writer, record / of_writer)
}
