//! Rows in the order of their times, however the lines stand in their files.
//!
//! What is said here is for the newest first; the oldest first is the same with all keys turned over. In come
//! parts with the spans of their times; rows go out as soon as no part that is still to be read can hold a newer
//! one, so that whoever wants few rows has few parts read. Threads read ahead by a few parts. Memory: the rows of
//! these, and those of parts whose times overlap, within a limit: beyond it the oldest rows are given up and
//! found again in another pass, so that disorder costs time only.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::held::Held;
use super::plant::{Mistake, planted};
use super::read::{Job, Reader, add_stats};
use super::task::Task;
use super::threads;
use crate::Stats;
use crate::order::{Key, Order};

/// Parts that each thread reads ahead.
const AHEAD: usize = 2;

/// Takes a row; breaking ends the run.
pub(super) type Give<'a> = &'a mut dyn FnMut(Key, &[u8]) -> ControlFlow<()>;

/// Gives the rows of all parts that match, in order. Rows that wait take at most `held_max` bytes.
pub(super) fn run(
    job: &Job<'_>,
    mut tasks: Vec<Task>,
    order: Order,
    held_max: usize,
    give: Give<'_>,
) -> Stats {
    let turn: fn(Key) -> Key = match order {
        Order::NewestFirst => |key| key,
        Order::OldestFirst => turned,
    };
    if order == Order::OldestFirst {
        tasks.iter_mut().for_each(|task| task.span = task.span.turned());
    }
    let give: Give<'_> = &mut |key, line| give(turn(key), line);
    tasks.sort_by_key(|task| std::cmp::Reverse((task.span.last, task.file, task.range.start)));
    let mut stats = Stats::default();
    let mut ceiling = None;
    loop {
        let may_hold = |task: &&Task| ceiling.is_none_or(|key: Key| task.span.first <= key.time);
        let wanted: Vec<&Task> = tasks.iter().filter(may_hold).collect();
        job.watch.expect(wanted.iter().map(|task| task.bytes()).sum());
        let pass = Pass { job, tasks: wanted, turn, held_max, ceiling };
        match pass.run(&mut stats, give) {
            ControlFlow::Continue(Some(floor))
                if !job.watch.is_over() && !planted(Mistake::OnePass) =>
            {
                ceiling = Some(floor);
            }
            _ => return stats,
        }
    }
}

/// The key in an order of all keys that is the other way round.
fn turned(key: Key) -> Key {
    let Key { time, birth, file, offset } = key;
    Key { time: !time, birth: !birth, file: !file, offset: !offset }
}

/// One time through the parts.
struct Pass<'a> {
    job: &'a Job<'a>,
    /// By the latest time that they may hold, downwards.
    tasks: Vec<&'a Task>,
    turn: fn(Key) -> Key,
    held_max: usize,
    /// Newer rows were given before.
    ceiling: Option<Key>,
}

/// What threads share.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// The next part to be read.
    next: usize,
    /// Parts whose rows were taken.
    taken: usize,
    ready: BTreeMap<usize, Held>,
    /// Threads that may still bring rows.
    running: usize,
}

/// Tells that a thread has ended, however it did.
struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.changed.notify_all();
    }
}

impl Shared {
    /// Behind the first part, which is read before threads are started.
    fn new(threads: usize) -> Self {
        let state = State { next: 1, taken: 1, ready: BTreeMap::new(), running: threads };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// The rows of a part; `None` when nobody brings them any more.
    fn rows_of(&self, index: usize) -> Option<Held> {
        let mut state = self.lock();
        loop {
            if let Some(rows) = state.ready.remove(&index) {
                state.taken = index + 1;
                self.changed.notify_all();
                return Some(rows);
            }
            if state.running == 0 {
                return None;
            }
            state = self.wait(state);
        }
    }

    fn put(&self, index: usize, rows: Held) {
        self.lock().ready.insert(index, rows);
        self.changed.notify_all();
    }
}

impl Pass<'_> {
    /// Gives rows; the newest one that was given up is where the next pass begins.
    fn run(&self, stats: &mut Stats, give: Give<'_>) -> ControlFlow<(), Option<Key>> {
        let mut held = Held::new(self.held_max);
        let Some(first) = self.tasks.first() else { return ControlFlow::Continue(None) };
        // The answer may be complete with the first part: threads would only cost time.
        let mut reader = Reader::new(self.job);
        held.take(self.rows(&mut reader, first));
        add_stats(stats, reader.into_stats());
        self.release(&mut held, 1, give)?;
        if self.tasks.len() > 1 {
            self.go_on(&mut held, stats, give)?;
        }
        while let Some(row) = held.pop_newer(None) {
            give(row.key, &row.line)?;
        }
        ControlFlow::Continue(held.floor())
    }

    fn go_on(&self, held: &mut Held, stats: &mut Stats, give: Give<'_>) -> ControlFlow<()> {
        let threads = threads(self.tasks.len() - 1);
        let shared = Shared::new(threads);
        std::thread::scope(|scope| {
            let work = || self.work(&shared, threads * AHEAD);
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let outcome = self.collect(&shared, held, give);
            if outcome.is_break() {
                self.job.watch.finish();
                // Whoever waits has looked before, or looks after.
                drop(shared.lock());
                shared.changed.notify_all();
            }
            for thread in running {
                match thread.join() {
                    Ok(more) => add_stats(stats, more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            outcome
        })
    }

    /// What each thread does: parts in their order, not far ahead of those that were taken.
    fn work(&self, shared: &Shared, ahead: usize) -> Stats {
        let _ended = Ended(shared);
        let mut reader = Reader::new(self.job);
        while let Some(index) = self.next(shared, ahead) {
            let rows = self.rows(&mut reader, self.tasks[index]);
            shared.put(index, rows);
        }
        reader.into_stats()
    }

    fn next(&self, shared: &Shared, ahead: usize) -> Option<usize> {
        let mut state = shared.lock();
        loop {
            if state.next >= self.tasks.len() || self.job.watch.is_over() {
                return None;
            }
            if state.next < state.taken + ahead {
                state.next += 1;
                return Some(state.next - 1);
            }
            state = shared.wait(state);
        }
    }

    fn rows(&self, reader: &mut Reader<'_>, task: &Task) -> Held {
        let mut held = Held::new(self.held_max / 8);
        reader.read(task, &mut |key, line| {
            let key = (self.turn)(key);
            if self.ceiling.is_none_or(|ceiling| key <= ceiling) {
                held.add(key, line);
            }
            ControlFlow::Continue(())
        });
        held
    }

    fn collect(&self, shared: &Shared, held: &mut Held, give: Give<'_>) -> ControlFlow<()> {
        for index in 1..self.tasks.len() {
            let Some(rows) = shared.rows_of(index) else { break };
            held.take(rows);
            self.release(held, index + 1, give)?;
        }
        ControlFlow::Continue(())
    }

    /// Gives the rows that no part from `next` on can be ahead of.
    fn release(&self, held: &mut Held, next: usize, give: Give<'_>) -> ControlFlow<()> {
        let Some(next) = self.tasks.get(next) else { return ControlFlow::Continue(()) };
        let newer_than = match planted(Mistake::EarlyRows) {
            true => next.span.first,
            false => next.span.last,
        };
        while let Some(row) = held.pop_newer(Some(newer_than)) {
            give(row.key, &row.line)?;
        }
        ControlFlow::Continue(())
    }
}
