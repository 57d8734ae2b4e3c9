//! Mistakes that can be planted in the model.
//!
//! Each is one a programmer could make with the protocol at hand. The explorer must find a
//! counterexample for every one of them, otherwise the invariants or the parameters are too weak.

use super::Parameters;

/// One planted mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Bug {
    /// The slot is committed before the bytes are written.
    CommitBeforeWrite,
    /// Ring space is freed before the batch is published as staged.
    RingAdvancedBeforeStaged,
    /// The file is used without settling what a dead process left.
    SettleSkipped,
    /// Settling a committed batch does not carry its number over to the writer's slot.
    LastNotCarriedOver,
    /// A torn batch is cut from the file and taken for done.
    CutWithoutRedo,
    /// The writer's slot says done before the bytes are written and committed.
    DoneBeforeCommit,
    /// Recovery appends to the newest file before it has settled the one the intent names.
    RecoveryTakesAnotherFile,
    /// Recovery sets ring positions from an intent that was never published.
    StaleIntentApplied,
    /// Recovery gives the writer's slot back after the staged batch, with records in the ring.
    SlotFreedBeforeDrained,
    /// The reader takes whole lines beyond what is committed.
    ReaderBeyondCommitted,
    /// After the lock is taken nobody looks whether the file was sealed meanwhile.
    SealNotRechecked,
    /// A file is sealed without being settled.
    SealWithoutSettle,
    /// A lock whose holder seems stuck is broken.
    LockBroken,
    /// Bytes are written without being noted as pending.
    PendingNotNoted,
    /// After a write that failed and could not be taken back, another file is taken.
    NamedFileForgotten,
}

impl Bug {
    /// Sizes that give every mistake its counterexample, tried in this order.
    pub const SIZES: &[Parameters] = &[
        Parameters { records: 1, ..Parameters::DEFAULT },
        Parameters { records: 1, kills: 1, seals: 0, failures: 1, ..Parameters::DEFAULT },
        Parameters::DEFAULT,
    ];

    /// Every mistake that can be planted.
    pub const ALL: &[Self] = &[
        Self::CommitBeforeWrite,
        Self::RingAdvancedBeforeStaged,
        Self::SettleSkipped,
        Self::LastNotCarriedOver,
        Self::CutWithoutRedo,
        Self::DoneBeforeCommit,
        Self::RecoveryTakesAnotherFile,
        Self::StaleIntentApplied,
        Self::SlotFreedBeforeDrained,
        Self::ReaderBeyondCommitted,
        Self::SealNotRechecked,
        Self::SealWithoutSettle,
        Self::LockBroken,
        Self::PendingNotNoted,
        Self::NamedFileForgotten,
    ];
}
