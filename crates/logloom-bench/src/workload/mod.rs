//! Takes a logger as a [`Party`], hands on its figures; refuses nothing: whether the run counts is
//! decided afterwards from the files.
//!
//! One workload is one file, all of the same shape: what it measures, its sizes, `run`. A record is
//! the message [`MESSAGE`], alone or with four fields: an unsigned and a signed integer, a float
//! and a text of 16 characters. Or it is an action ([`action`]). The unsigned number is what is looked
//! for in the file afterwards.

pub mod action;
pub mod disabled;
pub mod hotpath;
pub mod idle;
mod pace;
pub mod throughput;

use std::hint::black_box;
use std::path::PathBuf;

pub use pace::Pace;

/// The text of every record.
pub const MESSAGE: &str = "order accepted";
/// Bits of a sequence number that count within a thread; those above are the thread.
pub const THREAD_SHIFT: u32 = 40;
/// Ring or queue of each calling thread, in bytes, where a logger lets it be set. It is the fixed
/// size of the one logger that does not.
pub const RING_BYTES: usize = 1 << 20;
/// Bytes that a queued line is taken for where a queue is sized in lines.
pub const LINE_BYTES: usize = 256;

/// Names of 16 characters for the field `client`.
const CLIENTS: [&str; 4] =
    ["client-00000alfa", "client-0000bravo", "client-0charlie1", "client-000delta2"];

/// How large a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Sizes of published figures.
    Full,
    /// Sizes that only show that everything works.
    Quick,
}

/// What each record carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The message alone.
    Message,
    /// The message and four fields.
    Fields,
    /// A `tool_call` of the action log.
    Action,
}

impl Shape {
    /// Every shape.
    const ALL: [Shape; 3] = [Shape::Message, Shape::Fields, Shape::Action];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Message => "message",
            Shape::Fields => "fields",
            Shape::Action => "action",
        }
    }

    /// The shape of that name.
    pub fn parse(name: &str) -> Option<Shape> {
        Shape::ALL.into_iter().find(|shape| shape.name() == name)
    }

    /// What every line of a record of this shape holds, and no other line.
    pub fn marker(self) -> &'static str {
        match self {
            Shape::Message | Shape::Fields => MESSAGE,
            Shape::Action => action::TYPE,
        }
    }
}

/// What a logger is started with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// An empty directory for its files.
    pub directory: PathBuf,
    /// Threads that will call.
    pub threads: usize,
    /// What each record will carry.
    pub shape: Shape,
    /// How large the run will be.
    pub scale: Scale,
}

impl Setup {
    /// Bytes of all queues together.
    pub fn queue_bytes(&self) -> usize {
        RING_BYTES * self.threads
    }

    /// The same in lines, for loggers whose queue is sized in lines.
    pub fn queue_lines(&self) -> usize {
        self.queue_bytes() / LINE_BYTES
    }
}

/// The values of one call.
#[derive(Clone, Copy, Debug)]
pub struct Fields {
    /// Sequence number: thread and number within it.
    pub seq: u64,
    /// A signed number.
    pub delta: i64,
    /// A float with two decimals.
    pub price: f64,
    /// 16 characters.
    pub client: &'static str,
}

impl Fields {
    /// The values of call `number` of `thread`, opaque to the optimiser, so that no logger has them
    /// folded into its code.
    #[inline(always)]
    pub fn of(thread: usize, number: u64) -> Self {
        black_box(Fields {
            seq: ((thread as u64) << THREAD_SHIFT) | number,
            delta: -3 * (number as i64 % 1_000_003),
            price: (number % 1_000_000) as f64 / 100.0,
            client: CLIENTS[(number & 3) as usize],
        })
    }
}

/// One logger, started and ready. Its calls are made from several threads at once.
pub trait Party: Sync + Sized {
    /// Called once on each thread before its first record.
    fn prepare_thread(&self) {}

    /// Logs [`MESSAGE`] with four fields at level INFO. Must be inlined into the measuring loop, as
    /// a macro at a real call site would be.
    fn fields(&self, fields: Fields);

    /// Logs [`MESSAGE`] alone at level INFO.
    fn message(&self);

    /// Logs a call of a tool at level INFO: the texts of [`action::TEXTS`] and a number among its
    /// arguments.
    fn action(&self, seq: u64);

    /// Logs [`MESSAGE`] with four fields at level DEBUG, which is switched off.
    fn disabled(&self, fields: Fields);

    /// Returns when every record is in the file. The logger's own count of dropped records, where
    /// it has one.
    fn finish(self) -> Option<u64>;
}

/// A call of one shape, so that measuring loops are compiled for it.
pub(crate) trait Call: Sync {
    fn call(&self, fields: Fields);
}

/// Calls with four fields.
pub(crate) struct WithFields<'a, P>(pub(crate) &'a P);
/// Calls that are actions.
pub(crate) struct AsAction<'a, P>(pub(crate) &'a P);
/// Calls without fields.
pub(crate) struct MessageOnly<'a, P>(pub(crate) &'a P);

impl<P: Party> Call for WithFields<'_, P> {
    #[inline(always)]
    fn call(&self, fields: Fields) {
        self.0.fields(fields);
    }
}

impl<P: Party> Call for AsAction<'_, P> {
    #[inline(always)]
    fn call(&self, fields: Fields) {
        self.0.action(fields.seq);
    }
}

impl<P: Party> Call for MessageOnly<'_, P> {
    #[inline(always)]
    fn call(&self, _fields: Fields) {
        self.0.message();
    }
}
