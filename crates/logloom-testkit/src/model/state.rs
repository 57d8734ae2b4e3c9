//! One state of the model: all that survives a kill, and where each process stands.
//!
//! Everything is small, of fixed size and copied by value. `committed_as` and `sealed_at` are known
//! to no process; they remember what was promised, for the invariants.

use super::{FILES_MAX, PROCESSES_MAX, Parameters, RECORDS_MAX, WRITERS_MAX};

/// No process, no file, no writer.
pub(super) const NONE: u8 = u8::MAX;

/// A record: its writer and its number within it.
pub(super) fn record(writer: u8, number: u8) -> u8 {
    writer * RECORDS_MAX as u8 + number
}

/// A short list of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct List<const N: usize> {
    items: [u8; N],
    length: u8,
}

impl<const N: usize> List<N> {
    pub(super) const fn empty() -> Self {
        Self { items: [0; N], length: 0 }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        &self.items[..usize::from(self.length)]
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Appends; a full list keeps what it has, which the invariants then report as a loss.
    pub(super) fn push(&mut self, item: u8) {
        if self.len() < N {
            self.items[self.len()] = item;
            self.length += 1;
        }
    }

    /// Cuts to a length; what is cut is zeroed, so that equal lists are equal.
    pub(super) fn truncate(&mut self, length: usize) {
        while self.len() > length {
            self.length -= 1;
            self.items[usize::from(self.length)] = 0;
        }
    }
}

/// What the writer, or who recovers it, is about to append.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Intent {
    /// Batch number; 0 is none.
    pub(super) number: u8,
    /// The file it goes to, once chosen.
    pub(super) file: u8,
    /// First record.
    pub(super) first: u8,
    /// Records; they end at the new ring position.
    pub(super) count: u8,
}

/// What lies in shared memory for one writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Segment {
    /// Records for which the call returned.
    pub(super) accepted: u8,
    /// Ring position: records before it have no place in the ring any more.
    pub(super) read: u8,
    pub(super) staged: u8,
    pub(super) applied: u8,
    /// The two staging buffers with their intents; batch n uses buffer n & 1.
    pub(super) intents: [Intent; 2],
    pub(super) drained: bool,
}

impl Segment {
    /// The intent of the batch that is staged.
    pub(super) fn intent(&mut self) -> &mut Intent {
        &mut self.intents[usize::from(self.staged & 1)]
    }
}

/// A writer's slot in the head, and whether the process that holds its life lock lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct WriterSlot {
    pub(super) in_use: bool,
    pub(super) alive: bool,
    pub(super) done: u8,
}

/// What a slot of a file says is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) writer: u8,
    pub(super) number: u8,
    pub(super) first: u8,
    pub(super) count: u8,
}

impl Pending {
    /// The bytes of the batch: two for each record, so that a record can be torn.
    pub(super) fn bytes(&self) -> impl Iterator<Item = u8> + use<> {
        let Self { writer, first, count, .. } = *self;
        (first..first + count)
            .map(move |number| record(writer, number))
            .flat_map(|record| [2 * record, 2 * record + 1])
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FileState {
    Absent,
    Open,
    Sealed,
}

/// A file: its slot in the head, its bytes, and what was promised about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct File {
    pub(super) state: FileState,
    /// Records up to `committed`.
    pub(super) committed: u8,
    /// Writer and number of the last batch committed.
    pub(super) last: (u8, u8),
    pub(super) pending: Option<Pending>,
    pub(super) bytes: List<{ 2 * RECORDS_MAX }>,
    /// The records as they were committed.
    pub(super) committed_as: List<RECORDS_MAX>,
    /// `committed` when it was sealed.
    pub(super) sealed_at: u8,
    /// What the reader has taken from it.
    pub(super) seen: List<RECORDS_MAX>,
}

impl File {
    /// Bytes up to `committed`.
    pub(super) fn committed_bytes(&self) -> usize {
        2 * usize::from(self.committed)
    }
}

/// The step a process takes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Idle,
    RecoverStart,
    Fill,
    Publish,
    Advance,
    Choose,
    LockCatalogue,
    Create,
    UnlockCatalogue,
    LockFile,
    SettleLast,
    SettlePending,
    RedoFirst,
    RedoRest,
    SettleCommit,
    Cut,
    CutClear,
    CheckDone,
    SetPending,
    WriteFirst,
    WriteRest,
    CutBack,
    ClearBack,
    Commit,
    SetDone,
    UnlockRetry,
    UnlockApplied,
    SetApplied,
    MarkDrained,
    FreeSlot,
    UnlockRecovery,
    SealLock,
    Seal,
    UnlockSealed,
}

/// Where a process stands. All of it is lost when the process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) place: Place,
    /// The writer it works for: its own, or the one it recovers.
    pub(super) writer: u8,
    pub(super) file: u8,
    pub(super) recovering: bool,
    pub(super) sealing: bool,
}

impl Process {
    pub(super) const IDLE: Self =
        Self { place: Place::Idle, writer: NONE, file: NONE, recovering: false, sealing: false };
}

/// Who holds which lock; [`NONE`] is free. The life locks are [`WriterSlot::alive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Locks {
    pub(super) catalogue: u8,
    pub(super) files: [u8; FILES_MAX],
    pub(super) recovery: [u8; WRITERS_MAX],
}

impl Locks {
    const FREE: Self =
        Self { catalogue: NONE, files: [NONE; FILES_MAX], recovery: [NONE; WRITERS_MAX] };

    /// What the kernel does when a process is gone.
    pub(super) fn release_all(&mut self, process: u8) {
        let all = self.files.iter_mut().chain(&mut self.recovery).chain([&mut self.catalogue]);
        for owner in all.filter(|owner| **owner == process) {
            *owner = NONE;
        }
    }
}

/// One state of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) writers: [WriterSlot; WRITERS_MAX],
    pub(super) segments: [Segment; WRITERS_MAX],
    pub(super) files: [File; FILES_MAX],
    pub(super) locks: Locks,
    pub(super) processes: [Process; PROCESSES_MAX],
    pub(super) kills_left: u8,
    pub(super) seals_left: u8,
    pub(super) failures_left: u8,
}

impl State {
    /// All writers registered, nothing accepted, no file yet.
    pub(super) fn initial(parameters: &Parameters) -> Self {
        let intent = Intent { number: 0, file: NONE, first: 0, count: 0 };
        let segment = Segment {
            accepted: 0,
            read: 0,
            staged: 0,
            applied: 0,
            intents: [intent; 2],
            drained: false,
        };
        let file = File {
            state: FileState::Absent,
            committed: 0,
            last: (NONE, 0),
            pending: None,
            bytes: List::empty(),
            committed_as: List::empty(),
            sealed_at: 0,
            seen: List::empty(),
        };
        let mut writers = [WriterSlot { in_use: false, alive: false, done: 0 }; WRITERS_MAX];
        for writer in writers.iter_mut().take(usize::from(parameters.writers)) {
            (writer.in_use, writer.alive) = (true, true);
        }
        Self {
            writers,
            segments: [segment; WRITERS_MAX],
            files: [file; FILES_MAX],
            locks: Locks::FREE,
            processes: [Process::IDLE; PROCESSES_MAX],
            kills_left: parameters.kills,
            seals_left: parameters.seals,
            failures_left: parameters.failures,
        }
    }

    /// The newest open split.
    pub(super) fn newest_open(&self) -> Option<u8> {
        self.files.iter().rposition(|file| file.state == FileState::Open).map(|at| at as u8)
    }

    /// The first slot without a file.
    pub(super) fn next_file(&self, parameters: &Parameters) -> Option<u8> {
        self.files[..usize::from(parameters.files)]
            .iter()
            .position(|file| file.state == FileState::Absent)
            .map(|at| at as u8)
    }
}
