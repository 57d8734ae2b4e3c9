//! Mistakes that a test can ask for, to prove that it would notice them.
//!
//! In comes a [`Mistake`]; out goes whether `LOGLOOM_PLANT` names it. Without the cargo feature `planted-bugs` the
//! answer is always no, and the compiler removes the wrong behaviour.

/// A wrong behaviour of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistake {
    /// A block whose last rows are of the first day that counts is left out.
    EarlyTimes,
    /// Rows go out although a part that is still to be read may hold one that is newer.
    EarlyRows,
    /// What a full memory has given up is not looked for again.
    OnePass,
    /// Blocks whose lines are counted are taken for uniform in time.
    BlindCounts,
    /// What stands behind the last index of an open file is not read.
    BlindTail,
}

impl Mistake {
    /// Every mistake.
    pub const ALL: &'static [Mistake] = &[
        Mistake::EarlyTimes,
        Mistake::EarlyRows,
        Mistake::OnePass,
        Mistake::BlindCounts,
        Mistake::BlindTail,
    ];

    /// The name by which `LOGLOOM_PLANT` chooses it.
    pub const fn name(self) -> &'static str {
        match self {
            Mistake::EarlyTimes => "early-times",
            Mistake::EarlyRows => "early-rows",
            Mistake::OnePass => "one-pass",
            Mistake::BlindCounts => "blind-counts",
            Mistake::BlindTail => "blind-tail",
        }
    }
}

#[cfg(not(feature = "planted-bugs"))]
#[inline(always)]
pub(super) fn planted(_mistake: Mistake) -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
pub(super) fn planted(mistake: Mistake) -> bool {
    static CHOSEN: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let chosen = CHOSEN.get_or_init(|| std::env::var("LOGLOOM_PLANT").ok());
    chosen.as_deref() == Some(mistake.name())
}
