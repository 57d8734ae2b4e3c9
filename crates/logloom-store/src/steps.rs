//! Marked steps of the protocol, where a test can kill the process.
//!
//! In comes the step just reached; out goes nothing. Without the cargo feature `steps` the call is
//! empty. With it, `LOGLOOM_KILL_AT=name` kills the process with SIGKILL at the first time that step
//! is reached, `name:nth` at the nth time (counted from 1). An unknown name is refused by exiting
//! with status 64 and a message, so that a misspelt test cannot pass.

macro_rules! steps {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A step of the protocol after which a kill leaves a state of its own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Step {
            $($(#[$doc])* $variant,)*
        }

        impl Step {
            /// Every step.
            pub const ALL: &'static [Step] = &[$(Step::$variant,)*];

            /// The name by which `LOGLOOM_KILL_AT` chooses the step.
            pub const fn name(self) -> &'static str {
                match self { $(Step::$variant => $name,)* }
            }
        }
    };
}

steps! {
    /// A lock on the file is held, nothing is looked at yet.
    AppendLocked = "append_locked",
    /// The file is settled.
    AppendSettled = "append_settled",
    /// The file was found closed and the intent's file cleared.
    AppendIntentCleared = "append_intent_cleared",
    /// The intent names the file, the slot does not know of the batch.
    AppendIntent = "append_intent",
    /// The slot names the batch as pending, no byte is written.
    AppendPending = "append_pending",
    /// The first half of the bytes is written (only reached with this feature).
    AppendHalf = "append_half",
    /// All bytes are written, the batch is not committed.
    AppendWritten = "append_written",
    /// The batch is committed, the writer's `done` is not.
    AppendCommitted = "append_committed",
    /// `done` is written, the lock is held.
    AppendDone = "append_done",
    /// The lock is released.
    AppendUnlocked = "append_unlocked",
    /// `done` of another writer was brought up to its last batch.
    SettleDone = "settle_done",
    /// Missing bytes of a pending batch were written.
    SettleRedone = "settle_redone",
    /// A pending batch was committed for its writer.
    SettleCommitted = "settle_committed",
    /// The file was cut back to its committed length, the pending batch is still noted.
    SettleCut = "settle_cut",
    /// The pending batch was forgotten.
    SettleCleared = "settle_cleared",
    /// A place in the catalogue is reserved for a new file.
    SplitReserved = "split_reserved",
    /// The new file exists, its slot is empty.
    SplitCreated = "split_created",
    /// The new file's slot is written.
    SplitSlot = "split_slot",
    /// Sealing: catalogue and file are locked and settled.
    SealSettled = "seal_settled",
    /// Sealing: the state is written.
    SealState = "seal_state",
    /// Compressing: the new file is whole and on the device, under another name.
    LifePacked = "life_packed",
    /// Compressing: the new file has its name, the plain one counts.
    LifeNamed = "life_named",
    /// Compressing: the new file counts, the plain one is still there.
    LifeCompressed = "life_compressed",
    /// Compressing: the plain file is removed.
    LifeRemoved = "life_removed",
    /// Deleting: the file is removed, its slot is as before.
    LifeDeleted = "life_deleted",
    /// The index of a closed file stands under its temporary name.
    LifeIndexWritten = "life_index_written",
    /// It has its name.
    LifeIndexed = "life_indexed",
    /// A piece of the index of an open file is written, but for its head.
    HotWritten = "life_hot_written",
    /// Deleting: the slot says that the file is gone.
    LifeGone = "life_gone",
    /// Registering: a slot is chosen and its life lock held.
    RegisterLocked = "register_locked",
    /// Registering: the slot is written.
    RegisterSlot = "register_slot",
    /// Recovery: the dead writer's recovery lock is held.
    AdoptLocked = "adopt_locked",
    /// Recovery: the dead writer's slot is free.
    FreeSlot = "free_slot",
    /// New boot: a file is cut to its valid lines, its slot still says open.
    RepairCut = "repair_cut",
    /// New boot: a file is sealed.
    RepairSealed = "repair_sealed",
    /// New boot: the catalogue carries the new boot.
    RepairBoot = "repair_boot",
    /// The segment says for which sessions numbers are about to be taken.
    NumbersNoted = "numbers_noted",
    /// The file of a session exists and is empty.
    NumbersCreated = "numbers_created",
    /// Numbers of a session are taken for a batch, which is not staged.
    NumbersReserved = "numbers_reserved",
    /// Numbers of a batch that was never staged are given back.
    NumbersReturned = "numbers_returned",
    /// The file of all silent sessions is replaced, theirs are still there.
    NumbersPacked = "numbers_packed",
    /// The file of a silent session is removed.
    NumbersForgotten = "numbers_forgotten",
    /// A batch is rendered, `staged` is not published.
    StageBeforeStaged = "stage_before_staged",
    /// `staged` is published.
    StageAfterStaged = "stage_after_staged",
    /// Some of the batch's rings are advanced.
    RingAdvancePartial = "ring_advance_partial",
    /// All of the batch's rings are advanced.
    RingAdvanced = "ring_advanced",
    /// The batch is appended, `applied` is not published.
    AppliedBefore = "applied_before",
    /// `applied` is published.
    AppliedAfter = "applied_after",
    /// Recovery found a dead writer.
    RecoveryBegin = "recovery_begin",
    /// Recovery took the dead writer's place.
    RecoveryAdopted = "recovery_adopted",
    /// The dead writer's rings are empty.
    RecoveryDrained = "recovery_drained",
    /// The dead writer's slot is free, its segment still has a name.
    RecoveryFreed = "recovery_freed",
    /// The dead writer's segment is removed.
    RecoveryUnlinked = "recovery_unlinked",
}

/// Marks that `step` was reached. Empty without the feature `steps`.
#[cfg(not(feature = "steps"))]
#[inline(always)]
pub fn reached(_step: Step) {}

/// Marks that `step` was reached, and kills this process where the environment asks for it.
#[cfg(feature = "steps")]
pub fn reached(step: Step) {
    if let Some(plan) = plan::chosen()
        && plan.is_due(step)
    {
        crate::sys::kill_self();
    }
}

#[cfg(feature = "steps")]
mod plan {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::Step;

    pub(super) struct Plan {
        step: Step,
        remaining: AtomicU64,
    }

    impl Plan {
        pub(super) fn is_due(&self, step: Step) -> bool {
            step == self.step && self.remaining.fetch_sub(1, Ordering::Relaxed) == 1
        }
    }

    pub(super) fn chosen() -> Option<&'static Plan> {
        static PLAN: OnceLock<Option<Plan>> = OnceLock::new();
        PLAN.get_or_init(|| {
            let text = std::env::var("LOGLOOM_KILL_AT").ok().filter(|text| !text.is_empty())?;
            let plan = parse(&text);
            if plan.is_none() {
                use std::io::Write;
                let _ = writeln!(std::io::stderr(), "LOGLOOM_KILL_AT: no step named {text:?}");
                std::process::exit(64);
            }
            plan
        })
        .as_ref()
    }

    fn parse(text: &str) -> Option<Plan> {
        let (name, nth) = text.split_once(':').unwrap_or((text, "1"));
        let step = *Step::ALL.iter().find(|step| step.name() == name)?;
        let nth = nth.parse().ok().filter(|nth| *nth > 0)?;
        Some(Plan { step, remaining: AtomicU64::new(nth) })
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_nth_time_is_due_once() {
            let plan = parse("append_written:2");
            let due: Vec<bool> = plan
                .iter()
                .flat_map(|plan| (0..4).map(|_| plan.is_due(Step::AppendWritten)))
                .collect();
            assert_eq!(due, [false, true, false, false]);
        }

        #[test]
        fn unknown_names_and_counts_are_refused() {
            for text in ["", "append", "append_written:0", "append_written:x"] {
                assert!(parse(text).is_none(), "{text}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let names: std::collections::HashSet<_> = Step::ALL.iter().map(|s| s.name()).collect();
        assert_eq!(names.len(), Step::ALL.len());
    }
}
