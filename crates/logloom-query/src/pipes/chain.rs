//! Pipes at work, one behind the other.
//!
//! Takes rows, gives rows; a stage may hold rows back until the end. The order of rows counts for
//! `limit` and `offset` alone: whoever pushes gives the newest first. Several threads may each run
//! a [`Worker`]: the leading pipes that look at one row at a time, and their share of the first
//! pipe that gathers; the chain then absorbs the workers, in any order, with the same answer.

use std::any::Any;
use std::fmt;
use std::io;

use super::spill::Scratch;
use super::{Pipe, Role, Row};
use crate::show::bytes;

/// Whether more rows are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// No further row changes the answer.
    Enough,
}

/// What pipes may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of memory for rows and groups that are held back, all pipes and workers together;
    /// default 32 MiB. Beyond it sorted runs go to temporary files.
    pub memory: usize,
    /// Where temporary files go.
    pub scratch: Scratch,
}

impl Limits {
    /// The least memory that is of use: below it a query would go through the disk row by row.
    pub const MEMORY_MIN: usize = 1 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 32 << 20, scratch: Scratch::default() }
    }
}

/// Why there is no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum PipeError {
    /// Something that must be in memory as a whole does not fit.
    Memory {
        /// The pipe or function, as the query has it.
        what: String,
        /// The bytes that it may use.
        limit: usize,
        /// What to do about it.
        hint: &'static str,
    },
    /// A temporary file could not be written or read.
    Disk(io::Error),
}

impl fmt::Display for PipeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PipeError::Memory { what, limit, hint } => {
                let limit = bytes(*limit as u64);
                write!(f, "`{what}` needs more than the {limit} of memory that it has: {hint}")
            }
            PipeError::Disk(error) => write!(
                f,
                "what does not fit into memory cannot be kept in a temporary file: {error}; make \
                 room there, or name another folder with TMPDIR"
            ),
        }
    }
}

impl std::error::Error for PipeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PipeError::Disk(error) => Some(error),
            PipeError::Memory { .. } => None,
        }
    }
}

impl From<io::Error> for PipeError {
    fn from(error: io::Error) -> Self {
        PipeError::Disk(error)
    }
}

/// What becomes of a row that a stage gives.
pub type Next<'a> = &'a mut dyn FnMut(Row<'_>) -> Result<Flow, PipeError>;

/// A pipe at work.
pub(crate) trait Stage: Any + Send {
    /// Takes a row; may give rows at once.
    fn push(&mut self, row: Row<'_>, next: Next<'_>) -> Result<Flow, PipeError>;

    /// Gives what was held back. Nothing is pushed any more.
    fn finish(&mut self, next: Next<'_>) -> Result<Flow, PipeError> {
        let _ = next;
        Ok(Flow::Continue)
    }

    /// Takes over what another stage of the same pipe has gathered.
    fn absorb(&mut self, other: Box<dyn Any>) -> Result<(), PipeError> {
        drop(other);
        Ok(())
    }
}

/// The room of one stage.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub(crate) memory: usize,
    pub(crate) scratch: Scratch,
}

/// All pipes of a statement.
pub struct Chain {
    pipes: Vec<Pipe>,
    stages: Vec<Box<dyn Stage>>,
    room: Room,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").field("pipes", &self.pipes).finish_non_exhaustive()
    }
}

impl Chain {
    /// The pipes, ready for rows.
    #[must_use]
    pub fn new(pipes: &[Pipe], limits: &Limits) -> Self {
        let gathering = pipes.iter().filter(|pipe| pipe.role() == Role::Gather).count();
        let memory = limits.memory / gathering.max(1);
        let room = Room { memory, scratch: limits.scratch.clone() };
        let newest = newest(pipes);
        let stage = |(place, pipe): (usize, &Pipe)| match pipe {
            Pipe::Sort(sort) if Some(place) == newest => sort.stage(&room, true),
            other => other.stage(&room),
        };
        let stages = pipes.iter().enumerate().map(stage).collect();
        Self { pipes: pipes.to_vec(), stages, room }
    }

    /// Takes a row, the newest first.
    ///
    /// # Errors
    /// No room in memory or on disk.
    pub fn push(&mut self, row: Row<'_>, out: Next<'_>) -> Result<Flow, PipeError> {
        drive(&mut self.stages, row, out)
    }

    /// Gives what was held back.
    ///
    /// # Errors
    /// No room in memory or on disk.
    pub fn finish(mut self, out: Next<'_>) -> Result<(), PipeError> {
        finish(&mut self.stages, out)
    }

    /// A part of the work for one of so many threads.
    #[must_use]
    pub fn worker(&self, threads: usize) -> Worker {
        let head = self.head();
        let memory = self.room.memory / (threads + 1);
        let room = Room { memory, scratch: self.room.scratch.clone() };
        let gathers = self.gathers();
        let count = head + usize::from(gathers);
        let stages = self.pipes[..count].iter().map(|pipe| pipe.stage(&room)).collect();
        Worker { stages, gathers }
    }

    /// Whether workers gather, so that the order of rows does not count; else they give rows,
    /// which are to be handed on by [`Chain::push_worked`], the newest first.
    #[must_use]
    pub fn gathers(&self) -> bool {
        let is_gathering = |pipe: &Pipe| pipe.role() == Role::Gather;
        newest(&self.pipes).is_none() && self.pipes.get(self.head()).is_some_and(is_gathering)
    }

    /// Takes a row that a worker has given.
    ///
    /// # Errors
    /// No room in memory or on disk.
    pub fn push_worked(&mut self, row: Row<'_>, out: Next<'_>) -> Result<Flow, PipeError> {
        let head = self.head();
        drive(&mut self.stages[head..], row, out)
    }

    /// Takes over what a worker has gathered.
    ///
    /// # Errors
    /// No room in memory or on disk.
    pub fn absorb(&mut self, mut worker: Worker) -> Result<(), PipeError> {
        let head = self.head();
        match worker.stages.pop() {
            Some(gathered) if worker.gathers => self.stages[head].absorb(gathered),
            _ => Ok(()),
        }
    }

    /// How many leading pipes look at one row at a time.
    fn head(&self) -> usize {
        self.pipes.iter().take_while(|pipe| pipe.role() == Role::Row).count()
    }
}

/// The place of a pipe that asks for the newest rows of those that filters leave: they stand first
/// when rows come newest first, so that the others need not be seen.
fn newest(pipes: &[Pipe]) -> Option<usize> {
    let place = pipes.iter().position(|pipe| !matches!(pipe, Pipe::Filter(_)))?;
    match &pipes[place] {
        Pipe::Sort(sort) if sort.is_for_newest() => Some(place),
        _ => None,
    }
}

/// One thread's part of a chain.
pub struct Worker {
    stages: Vec<Box<dyn Stage>>,
    gathers: bool,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("gathers", &self.gathers).finish_non_exhaustive()
    }
}

impl Worker {
    /// Takes a row; gives rows at once unless it gathers.
    ///
    /// # Errors
    /// No room in memory or on disk.
    pub fn push(&mut self, row: Row<'_>, out: Next<'_>) -> Result<Flow, PipeError> {
        drive(&mut self.stages, row, out)
    }
}

fn drive(stages: &mut [Box<dyn Stage>], row: Row<'_>, out: Next<'_>) -> Result<Flow, PipeError> {
    match stages.split_first_mut() {
        None => out(row),
        Some((first, rest)) => first.push(row, &mut |row| drive(rest, row, out)),
    }
}

fn finish(stages: &mut [Box<dyn Stage>], out: Next<'_>) -> Result<(), PipeError> {
    let Some((first, rest)) = stages.split_first_mut() else { return Ok(()) };
    first.finish(&mut |row| drive(rest, row, out))?;
    finish(rest, out)
}
