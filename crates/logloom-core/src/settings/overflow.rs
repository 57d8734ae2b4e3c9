//! Takes the policy names of every dialect, hands on what happens to a record that finds no room;
//! refuses names it does not know, with the nearest one.

use std::fmt;
use std::time::Duration;

use logloom_record::Level;

use super::names::nearest;

/// What happens to a record whose ring is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// The new record is dropped and counted. The caller never waits.
    Discard,
    /// The caller waits until there is room, for as long as that takes. Nothing is lost.
    Block,
    /// INFO and below: as [`Policy::Discard`]. WARN and above: as [`Policy::Block`].
    DiscardLowLevel,
    /// The oldest record that is not yet being written is dropped and counted. The caller never
    /// waits.
    DropOldest,
    /// The caller waits up to the timeout; then the new record is dropped and counted, or, for
    /// ERROR and FATAL, the caller writes it itself.
    BlockWithTimeout,
}

impl Policy {
    /// The name in `logloom.yaml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Policy::Discard => "discard",
            Policy::Block => "block",
            Policy::DiscardLowLevel => "discard_low_level",
            Policy::DropOldest => "drop_oldest",
            Policy::BlockWithTimeout => "block_with_timeout",
        }
    }

    /// The policy of that name in any dialect of [`POLICY_NAMES`], ignoring case.
    ///
    /// # Errors
    /// [`UnknownPolicy`] with the nearest name.
    pub fn parse(name: &str) -> Result<Policy, UnknownPolicy> {
        let found = POLICY_NAMES.iter().find(|entry| entry.name.eq_ignore_ascii_case(name));
        found.map(|entry| entry.policy).ok_or_else(|| UnknownPolicy::new(name))
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The dialect that a policy's name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyOrigin {
    /// `overflow` in `logloom.yaml`.
    Logloom,
    /// `full_policy` of the asynchronous handler.
    FullPolicy,
    /// `queue_full_strategy` of `settings.json`.
    QueueFullStrategy,
}

/// One line of the table of names.
#[derive(Clone, Copy, Debug)]
pub struct PolicyName {
    /// The name as that dialect spells it.
    pub name: &'static str,
    /// What it means here.
    pub policy: Policy,
    /// Where it is in use.
    pub origin: PolicyOrigin,
}

const fn entry(name: &'static str, policy: Policy, origin: PolicyOrigin) -> PolicyName {
    PolicyName { name, policy, origin }
}

/// Every name of a policy in every dialect: the one table that maps them onto each other.
pub const POLICY_NAMES: &[PolicyName] = &[
    entry("discard", Policy::Discard, PolicyOrigin::Logloom),
    entry("block", Policy::Block, PolicyOrigin::Logloom),
    entry("discard_low_level", Policy::DiscardLowLevel, PolicyOrigin::Logloom),
    entry("drop_oldest", Policy::DropOldest, PolicyOrigin::Logloom),
    entry("block_with_timeout", Policy::BlockWithTimeout, PolicyOrigin::Logloom),
    entry("Discard", Policy::Discard, PolicyOrigin::FullPolicy),
    entry("Block", Policy::Block, PolicyOrigin::FullPolicy),
    entry("DiscardLowLevel", Policy::DiscardLowLevel, PolicyOrigin::FullPolicy),
    entry("DropOldest", Policy::DropOldest, PolicyOrigin::FullPolicy),
    entry("BlockWithTimeout", Policy::BlockWithTimeout, PolicyOrigin::FullPolicy),
    entry("drop", Policy::Discard, PolicyOrigin::QueueFullStrategy),
    entry("drop_newest", Policy::Discard, PolicyOrigin::QueueFullStrategy),
    entry("drop_oldest", Policy::DropOldest, PolicyOrigin::QueueFullStrategy),
    entry("block", Policy::Block, PolicyOrigin::QueueFullStrategy),
    entry("block_with_timeout", Policy::BlockWithTimeout, PolicyOrigin::QueueFullStrategy),
];

/// A policy's name that no dialect has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPolicy {
    /// The name as it was given, at most 64 characters of it.
    pub given: String,
    /// The nearest policy, as `logloom.yaml` spells it.
    pub nearest: Option<&'static str>,
}

impl UnknownPolicy {
    fn new(name: &str) -> Self {
        let meant = nearest(name, POLICY_NAMES.iter().map(|entry| entry.name));
        let entry = POLICY_NAMES.iter().find(|entry| Some(entry.name) == meant);
        UnknownPolicy {
            given: name.chars().take(64).collect(),
            nearest: entry.map(|entry| entry.policy.as_str()),
        }
    }
}

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unknown overflow policy `{}`", self.given)?;
        match self.nearest {
            Some(name) => write!(formatter, ", did you mean `{name}`?"),
            None => formatter.write_str(
                ", expected discard, block, discard_low_level, drop_oldest or block_with_timeout",
            ),
        }
    }
}

impl std::error::Error for UnknownPolicy {}

/// What happens, by level, to records that find no room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverflowSettings {
    /// Policy of TRACE to WARN where no other is set. Default [`Policy::DropOldest`].
    pub default: Policy,
    /// Policies by level, TRACE first; `None`: the default. ERROR and FATAL have their own ring
    /// and are never dropped while a directory or stderr takes them, so they may only be
    /// [`Policy::Block`] or [`Policy::BlockWithTimeout`] (their default).
    pub by_level: [Option<Policy>; 6],
    /// Longest wait of [`Policy::BlockWithTimeout`]. Default 3 s, limit 1 hour.
    pub timeout: Duration,
}

impl Default for OverflowSettings {
    fn default() -> Self {
        OverflowSettings {
            default: Policy::DropOldest,
            by_level: [None; 6],
            timeout: Duration::from_secs(3),
        }
    }
}

impl OverflowSettings {
    /// The policy of `level`. Never [`Policy::DiscardLowLevel`], which is resolved here, and for
    /// ERROR and FATAL never one that drops, whatever the fields hold.
    pub fn policy_for(&self, level: Level) -> Policy {
        let chosen = self.by_level[slot(level)];
        if level >= Level::Error {
            return match chosen {
                Some(Policy::Block) => Policy::Block,
                _ => Policy::BlockWithTimeout,
            };
        }
        match chosen.unwrap_or(self.default) {
            Policy::DiscardLowLevel if level <= Level::Info => Policy::Discard,
            Policy::DiscardLowLevel => Policy::Block,
            policy => policy,
        }
    }

    /// Sets the policy of one level.
    pub fn set(&mut self, level: Level, policy: Policy) {
        self.by_level[slot(level)] = Some(policy);
    }
}

/// Place of a level in `by_level`.
fn slot(level: Level) -> usize {
    usize::from(level as u8 - Level::Trace as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVELS: [Level; 6] =
        [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Fatal];

    #[test]
    fn every_dialect_maps_onto_the_same_policies() {
        for entry in POLICY_NAMES {
            assert_eq!(Policy::parse(entry.name), Ok(entry.policy), "{}", entry.name);
        }
        assert_eq!(Policy::parse("DISCARD_LOW_LEVEL"), Ok(Policy::DiscardLowLevel));
    }

    #[test]
    fn each_policy_has_a_name_of_ours_that_reads_back() {
        for entry in POLICY_NAMES.iter().filter(|entry| entry.origin == PolicyOrigin::Logloom) {
            assert_eq!(entry.policy.as_str(), entry.name);
        }
    }

    #[test]
    fn an_unknown_policy_names_the_nearest() {
        let unknown = Policy::parse("dropoldest_").expect_err("no such policy");
        assert_eq!(
            unknown.to_string(),
            "unknown overflow policy `dropoldest_`, did you mean `drop_oldest`?"
        );
        let unknown = Policy::parse("explode").expect_err("no such policy");
        assert!(unknown.to_string().contains("expected discard, block"), "{unknown}");
    }

    #[test]
    fn error_and_fatal_are_never_dropped() {
        for entry in POLICY_NAMES {
            let mut settings = OverflowSettings { default: entry.policy, ..Default::default() };
            for level in LEVELS {
                settings.set(level, entry.policy);
            }
            for level in [Level::Error, Level::Fatal] {
                let policy = settings.policy_for(level);
                assert!(matches!(policy, Policy::Block | Policy::BlockWithTimeout), "{policy}");
            }
        }
    }

    #[test]
    fn discard_low_level_is_resolved() {
        let settings = OverflowSettings { default: Policy::DiscardLowLevel, ..Default::default() };
        let policies = LEVELS.map(|level| settings.policy_for(level));
        let (discard, block) = (Policy::Discard, Policy::Block);
        let timed = Policy::BlockWithTimeout;
        assert_eq!(policies, [discard, discard, discard, block, timed, timed]);
    }
}
