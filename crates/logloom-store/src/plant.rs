//! Bugs that a test can ask for, to prove that it would notice them.
//!
//! In comes a [`Bug`]; out goes whether `LOGLOOM_PLANT` names it. Without the cargo feature
//! `planted-bugs` the answer is always no, and the compiler removes the wrong behaviour.

/// A wrong behaviour of append, settle or numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bug {
    /// The slot is committed before the bytes are written.
    CommitBeforeWrite,
    /// Nothing is settled before an append.
    SkipSettle,
    /// A pending batch is always cut away and its writer's `done` moved past it.
    CutWithoutRedo,
    /// `done` is written before the batch is committed.
    DoneBeforeCommit,
    /// The day file's identity, links and length are not looked at.
    NoInodeCheck,
    /// Numbers that were taken for a batch which was never staged count as used.
    KeepUnstagedNumbers,
}

impl Bug {
    /// Every bug of append and settle; that of numbers is caught by who takes them.
    pub const ALL: &'static [Bug] = &[
        Bug::CommitBeforeWrite,
        Bug::SkipSettle,
        Bug::CutWithoutRedo,
        Bug::DoneBeforeCommit,
        Bug::NoInodeCheck,
    ];

    /// The name by which `LOGLOOM_PLANT` chooses the bug.
    pub const fn name(self) -> &'static str {
        match self {
            Bug::CommitBeforeWrite => "commit-before-write",
            Bug::SkipSettle => "skip-settle",
            Bug::CutWithoutRedo => "cut-without-redo",
            Bug::DoneBeforeCommit => "done-before-commit",
            Bug::NoInodeCheck => "no-inode-check",
            Bug::KeepUnstagedNumbers => "keep-unstaged-numbers",
        }
    }
}

#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
pub(crate) fn planted(_bug: Bug) -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
pub(crate) fn planted(bug: Bug) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| std::env::var("LOGLOOM_PLANT").ok());
    chosen.as_deref() == Some(bug.name())
}
