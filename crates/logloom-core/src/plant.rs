//! Faults that a test can ask for, to prove that it would notice them, or that they are survived.
//!
//! In comes a [`Fault`]; out goes whether `LOGLOOM_PLANT` names it. Without the cargo feature
//! `planted-bugs` the answer is always no, and the compiler removes the wrong behaviour.

/// A wrong behaviour of the writer, the runtime or recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Ring space is freed before the batch is staged.
    AdvanceBeforeStaged,
    /// A batch counts as applied before it is committed.
    AppliedBeforeCommit,
    /// A dead writer's place is freed with records left in its rings.
    FreeBeforeDrained,
    /// A segment of an earlier boot is recovered without a look at the files.
    NoComparison,
    /// Rendering a record whose module is `planted` panics: to be survived.
    RenderPanic,
    /// The writer's thread cannot be started: to be survived.
    NoThread,
}

impl Fault {
    /// The wrong behaviours that a proof must catch. The others are to be survived.
    pub const BUGS: &'static [Fault] =
        &[Fault::AdvanceBeforeStaged, Fault::AppliedBeforeCommit, Fault::FreeBeforeDrained];

    /// The name by which `LOGLOOM_PLANT` chooses the fault.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Fault::AdvanceBeforeStaged => "advance-before-staged",
            Fault::AppliedBeforeCommit => "applied-before-commit",
            Fault::FreeBeforeDrained => "free-before-drained",
            Fault::NoComparison => "no-comparison",
            Fault::RenderPanic => "render-panic",
            Fault::NoThread => "no-thread",
        }
    }
}

#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
pub(crate) fn planted(_fault: Fault) -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
pub(crate) fn planted(fault: Fault) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| std::env::var("LOGLOOM_PLANT").ok());
    chosen.as_deref() == Some(fault.name())
}
