//! The names of the steps, for traces.
//!
//! Each is one atomic transition; the number in front is the step of `docs/protocol.md`.

use std::fmt;

use super::state::NONE;

/// What was done in one transition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// A caller's record is in the ring.
    Accept,
    /// The process is killed; its locks are free, its segment stays.
    Kill,
    /// The reader takes what it may.
    Read,
    /// The writer's thread begins a batch.
    Begin,
    /// A dead writer's recovery lock is taken.
    LockRecovery,
    /// The catalogue lock is taken, to seal.
    BeginSeal,
    /// A lock is found held until the deadline; the next split is wanted.
    Deadline,
    /// A lock that another process holds is taken from it.
    BreakLock,
    /// Recovery looks at the segment.
    RecoverStart,
    /// The batch is rendered and its intent filled.
    Fill,
    /// `staged` is published.
    Publish,
    /// Ring positions are set from the intent.
    Advance,
    /// The newest open split is chosen.
    Choose,
    /// The catalogue lock is taken, to create a split.
    LockCatalogue,
    /// A split is created.
    Create,
    /// The catalogue lock is released.
    UnlockCatalogue,
    /// The file is locked.
    LockFile,
    /// The number of the last batch is carried over to its writer.
    SettleLast,
    /// What is pending is judged.
    SettlePending,
    /// A dead writer's staged bytes are written, all but the last.
    RedoFirst,
    /// The last of them is written.
    RedoRest,
    /// The batch is committed for the dead writer.
    SettleCommit,
    /// The file is cut to what is committed.
    Cut,
    /// Pending is cleared after a cut.
    CutClear,
    /// Is the batch done already, is the file still open; the intent names the file.
    CheckDone,
    /// The slot notes what is about to be written.
    SetPending,
    /// All but the last byte is written.
    WriteFirst,
    /// The last byte is written.
    WriteRest,
    /// A write fails: no space, or the device says so.
    WriteFails,
    /// The file is cut back to what is committed.
    CutBack,
    /// Pending is cleared; the batch stays staged.
    ClearBack,
    /// The slot is committed.
    Commit,
    /// The writer's slot says done.
    SetDone,
    /// The file is released; another is tried, or the same again where the batch may be in part.
    UnlockRetry,
    /// The file is released; the batch is in it.
    UnlockApplied,
    /// `applied` follows `staged`.
    SetApplied,
    /// The segment is marked as drained.
    MarkDrained,
    /// The writer's slot is given back.
    FreeSlot,
    /// The recovery lock is released.
    UnlockRecovery,
    /// The file is locked, to seal.
    SealLock,
    /// The slot says sealed.
    Seal,
    /// File and catalogue are released.
    UnlockSealed,
}

impl Action {
    fn text(self) -> &'static str {
        match self {
            Self::Accept => "   a record is accepted into the ring of",
            Self::Kill => "   KILLED; its locks are free, its segment stays;",
            Self::Read => "29 the reader takes lines",
            Self::Begin => " 9 begins a batch of",
            Self::LockRecovery => "24 takes the recovery lock of",
            Self::BeginSeal => "31 takes the catalogue lock to seal",
            Self::Deadline => "13 waits for the lock until the deadline:",
            Self::BreakLock => "13 BREAKS the lock of",
            Self::RecoverStart => "25 looks at the segment of",
            Self::Fill => "10 renders the next run, fills the intent of",
            Self::Publish => "10 publishes staged of",
            Self::Advance => "11 sets the ring positions of",
            Self::Choose => "12 chooses a file for",
            Self::LockCatalogue => "12 takes the catalogue lock for",
            Self::Create => "12 has a split for",
            Self::UnlockCatalogue => "12 releases the catalogue lock for",
            Self::LockFile => "13 locks the file for",
            Self::SettleLast => "21 carries done over from the last batch, for",
            Self::SettlePending => "22 judges what is pending, for",
            Self::RedoFirst => "22 writes the dead writer's staged bytes in part, for",
            Self::RedoRest => "22 writes the rest of them, for",
            Self::SettleCommit => "22 commits for the dead writer, for",
            Self::Cut => "23 cuts the file, for",
            Self::CutClear => "23 clears pending, for",
            Self::CheckDone => "14 checks done and state, for",
            Self::SetPending => "16 notes pending of",
            Self::WriteFirst => "17 writes bytes in part of",
            Self::WriteRest => "17 writes the rest of",
            Self::WriteFails => "17 FAILS to write for",
            Self::CutBack => "17 cuts back what it wrote for",
            Self::ClearBack => "17 clears pending of",
            Self::Commit => "18 commits the batch of",
            Self::SetDone => "19 sets done of",
            Self::UnlockRetry => "14 releases the file to try again, for",
            Self::UnlockApplied => "19 releases the file, for",
            Self::SetApplied => "20 sets applied of",
            Self::MarkDrained => "27 marks the segment drained of",
            Self::FreeSlot => "27 frees the slot of",
            Self::UnlockRecovery => "27 releases the recovery lock of",
            Self::SealLock => "31 locks the file to seal",
            Self::Seal => "31 seals",
            Self::UnlockSealed => "31 releases the locks of",
        }
    }
}

/// One transition: who did what, for which writer, to which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The process, from 0; 255 for the reader.
    pub process: u8,
    /// What it did.
    pub action: Action,
    /// The writer it works for; 255 for none.
    pub writer: u8,
    /// The file it works on; 255 for none.
    pub file: u8,
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.process == NONE {
            write!(out, "reader    ")?;
        } else {
            write!(out, "process {} ", self.process)?;
        }
        write!(out, " {}", self.action.text())?;
        if self.writer != NONE {
            write!(out, " writer {}", self.writer)?;
        }
        if self.file != NONE {
            write!(out, " (file {})", self.file)?;
        }
        Ok(())
    }
}
