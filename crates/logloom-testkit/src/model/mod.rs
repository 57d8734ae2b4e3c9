//! The protocol from ring to day file as an executable model.
//!
//! In come [`Parameters`]: how many writers, records, kills, files, and whether a [`Bug`] is planted.
//! Out comes a [`Report`]: how many states there are and, where an invariant breaks, the shortest
//! way there. The model is the protocol of `docs/protocol.md` step by step, without I/O, threads or
//! time. [`explore`] goes through every order of the steps and through a kill after every one of
//! them, recovery and recovery of a recovery included, so what it finds right is right for these
//! numbers and not only for the orders that happened to occur.
//!
//! What the model leaves out: how a writer registers, threads within a process, fork, power loss,
//! compression, days (all records belong to one), the reuse of a writer's slot, and inode checks. A
//! write to a slot of the head is one step, because its two copies make it so.

mod append;
mod bug;
mod explore;
mod invariants;
mod process;
mod recover;
mod settle;
mod state;
mod step;
#[cfg(test)]
mod tests;

pub use bug::Bug;
pub use explore::{Counterexample, Report, explore};
pub use step::{Action, Step};

/// Most writers a model may have.
pub const WRITERS_MAX: usize = 3;
/// Most processes a model may have, writers included.
pub const PROCESSES_MAX: usize = 4;
/// Most files a model may have.
pub const FILES_MAX: usize = 3;
/// Most records of all writers together.
pub const RECORDS_MAX: usize = 6;

/// How large the model is. Everything is counted; nothing has a unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Processes with a segment of their own, at most [`WRITERS_MAX`].
    pub writers: u8,
    /// Processes without one: they recover and seal. With the writers at most [`PROCESSES_MAX`].
    pub helpers: u8,
    /// Records each writer is asked to accept; in total at most [`RECORDS_MAX`].
    pub records: u8,
    /// Records a ring has room for; at least 1.
    pub ring: u8,
    /// Most records in one batch; at least 1.
    pub batch: u8,
    /// How many kills may happen, at any states.
    pub kills: u8,
    /// How many times a file may be sealed. Sealing needs a file more than it seals.
    pub seals: u8,
    /// How many writes may fail, for want of space or by fault of the device.
    pub failures: u8,
    /// How many splits the day may have, at most [`FILES_MAX`]; where a writer finds the newest
    /// locked by another and no split is left, it waits.
    pub files: u8,
    /// Whether a process may find itself unable to open a dead writer's segment.
    pub unreachable: bool,
    /// Whether a reader follows.
    pub reader: bool,
    /// The planted mistake, if any.
    pub bug: Option<Bug>,
    /// Give up after so many states; the report then says that it is not exhaustive.
    pub states_max: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Parameters {
    /// Two writers with two records each, two kills, two files of which one may be sealed, segments
    /// out of reach, and a reader.
    pub const DEFAULT: Self = Self {
        writers: 2,
        helpers: 0,
        records: 2,
        ring: 2,
        batch: 2,
        kills: 2,
        seals: 1,
        failures: 0,
        files: 2,
        unreachable: true,
        reader: true,
        bug: None,
        states_max: 20_000_000,
    };

    /// Sizes for a thorough run, each explored whole: 26 million states, a minute of one core and
    /// 0.7 GB of memory. `logloom-bench steps --thorough` explores them.
    pub const THOROUGH: [Self; 2] =
        [Self::DEFAULT, Self { writers: 3, records: 1, seals: 0, ..Self::DEFAULT }];

    /// The number of processes.
    fn processes(&self) -> usize {
        usize::from(self.writers + self.helpers)
    }

    /// What is wrong with these parameters, if anything.
    ///
    /// # Errors
    /// A sentence that names the limit that is passed.
    pub fn check(&self) -> Result<(), String> {
        let limits = [
            ("writers", usize::from(self.writers), 1, WRITERS_MAX),
            ("processes", self.processes(), 1, PROCESSES_MAX),
            ("records", usize::from(self.writers) * usize::from(self.records), 1, RECORDS_MAX),
            ("files", usize::from(self.files), usize::from(self.seals) + 1, FILES_MAX),
            ("ring", usize::from(self.ring), 1, RECORDS_MAX),
            ("batch", usize::from(self.batch), 1, RECORDS_MAX),
        ];
        for (name, value, least, most) in limits {
            if value < least || value > most {
                return Err(format!("{name} is {value}; the model takes {least} to {most}"));
            }
        }
        Ok(())
    }
}
