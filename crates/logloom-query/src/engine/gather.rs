//! All parts by several threads, in any order, where the order of rows does not count. In come parts and what a
//! thread does with a row; out goes what each thread has gathered. Blocks until all is read.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::read::{Job, Reader, add_stats};
use super::task::Task;
use super::threads;
use crate::Stats;
use crate::order::Key;

/// Hands each row that matches to some thread's `each`, with what that thread has gathered. Breaking ends the
/// run of all threads.
pub(super) fn run<S: Send>(
    job: &Job<'_>,
    tasks: &[Task],
    make: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, Key, &[u8]) -> ControlFlow<()> + Sync,
) -> (Vec<S>, Stats) {
    job.watch.expect(tasks.iter().map(Task::bytes).sum());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut reader = Reader::new(job);
        let mut gathered = make();
        // The newest first: of a run that may not look at all lines they count most.
        let take = || tasks.iter().rev().nth(next.fetch_add(1, Ordering::Relaxed));
        while let Some(task) = take() {
            let mut outcome = ControlFlow::Continue(());
            reader.read(task, &mut |key, line| {
                outcome = each(&mut gathered, key, line);
                outcome
            });
            if outcome.is_break() {
                job.watch.finish();
            }
            if job.watch.is_over() {
                break;
            }
        }
        (gathered, reader.into_stats())
    };
    let mut stats = Stats::default();
    let mut all = Vec::new();
    let mut add = |(gathered, other): (S, Stats)| {
        add_stats(&mut stats, other);
        all.push(gathered);
    };
    match threads(tasks.len()) {
        1 => add(work()),
        threads => std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for thread in running {
                match thread.join() {
                    Ok(done) => add(done),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        }),
    }
    (all, stats)
}
