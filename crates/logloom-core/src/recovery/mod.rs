//! Finishing the work of dead processes: every living process does it each second, every command
//! at its start.
//!
//! A dead writer's segment is drained by the very batch step that its own thread ran, under its
//! recovery lock, so two recoveries never meet and a recovery that is killed is simply repeated.

mod gone;
mod home;
mod lost;
mod memory;
mod orphan;
mod reconcile;
mod standing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use logloom_ring::memory::{MemorySystem, SharedMemory};
use logloom_ring::{Segment, process};
use logloom_store::steps::{Step as Mark, reached};
use logloom_store::{Adopted, Directory, SourcePosition, WriterView};

use logloom_store::sys::{LinuxPlatform, Platform};

use crate::metrics::Counters;
use crate::plant::{Fault, planted};
use crate::runtime;
use crate::settings::Settings;
use crate::writer::{Step, Writer};

pub use memory::Memory;
pub use orphan::tidy;

use home::Home;

/// What a sweep has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Dead writers whose records are all in the log now.
    pub writers: u64,
    /// Lines that were appended for them.
    pub lines: u64,
    /// Lines that an earlier start of the machine had brought into the log already, though the segment
    /// did not say so: they were not written again.
    pub skipped: u64,
    /// Writers whose memory is gone, each with a loss record.
    pub gone: u64,
    /// What could not be done, as sentences; it is tried again by the next sweep.
    pub problems: Vec<String>,
}

/// Why one writer could not be recovered now.
type Outcome = Result<(), String>;

/// Recovers every dead writer of the directory that nobody else is recovering.
///
/// Blocks for as long as their records take to write. Living writers are not touched.
pub fn sweep(directory: &Directory) -> Report {
    process::with_size_limit_as_error(|| sweep_all(directory))
}

fn sweep_all(directory: &Directory) -> Report {
    let mut report = Report::default();
    lost::register(directory, &mut report);
    let writers = match directory.writers() {
        Ok(writers) => writers,
        Err(error) => {
            report.problems.push(error.to_string());
            return report;
        }
    };
    for writer in writers.iter().filter(|writer| writer.life.is_dead()) {
        if writer.is_being_recovered {
            continue;
        }
        if let Err(problem) = recover(directory, writer, &mut report) {
            report.problems.push(problem);
        }
    }
    report
}

fn recover(directory: &Directory, view: &WriterView, report: &mut Report) -> Outcome {
    reached(Mark::RecoveryBegin);
    let adopted = directory.adopt(view.slot).map_err(|error| error.to_string())?;
    let Some(adopted) = adopted else { return Ok(()) };
    reached(Mark::RecoveryAdopted);
    let identity = adopted.identity().clone();
    match memory::look(&identity) {
        (Some(segment), _) => drain(directory, adopted, &segment, report),
        (None, Memory::Ended) => {
            report.gone += 1;
            gone::report(adopted)
        }
        (None, other) => Err(other.problem(&identity)),
    }
}

/// Runs the dead writer's batches until its rings are empty, then gives its place up.
fn drain(
    directory: &Directory,
    adopted: Adopted,
    segment: &Segment,
    report: &mut Report,
) -> Outcome {
    let adopted = Arc::new(adopted);
    let home = home::of(segment, directory);
    if home == Home::Copied {
        return Err(format!(
            "{} is a copy of {}, to which the records of process {} belong; run logloom recover \
             there, and remove .logloom from the copy",
            directory.path().display(),
            segment.log_dir().display(),
            segment.identity().pid
        ));
    }
    let skips = planted(Fault::FreeBeforeDrained);
    if !segment.is_drained() && home == Home::Here && !skips {
        run(directory, &adopted, segment, report)?;
        save_sources(directory, segment)?;
        report.writers += 1;
    }
    if home == Home::Here {
        segment.set_drained();
    }
    reached(Mark::RecoveryDrained);
    let adopted = Arc::into_inner(adopted).ok_or("the dead writer's place is still in use")?;
    adopted.free().map_err(|error| error.to_string())?;
    reached(Mark::RecoveryFreed);
    if segment.is_drained() {
        SharedMemory.remove(segment.path()).map_err(|error| error.to_string())?;
    }
    reached(Mark::RecoveryUnlinked);
    Ok(())
}

fn run(
    directory: &Directory,
    adopted: &Arc<Adopted>,
    segment: &Segment,
    report: &mut Report,
) -> Outcome {
    segment.take_staging().map_err(|error| error.to_string())?;
    let counters = Arc::new(Counters::default());
    let options = runtime::read_stage_config(&segment.config(), segment.identity().pid);
    let log = Box::new(adopted.clone());
    let limits = runtime::limits(&Settings::default());
    let mut writer = Writer::new(segment, log, options, limits, counters.clone());
    writer.set_foreign_day(runtime::read_foreign_day(&segment.config()));
    let (masks, truncator) = runtime::read_stages(&segment.config());
    writer.set_stages(masks, truncator);
    if segment.identity().boot_id != LinuxPlatform.boot_id() {
        writer.use_noted_clock();
        let found = reconcile::reconcile(directory, adopted, segment, &mut writer)?;
        report.lines += found.written;
        report.skipped += found.skipped;
    }
    writer.find_taken_numbers();
    writer.count_unfinished_drops();
    writer.count_unreadable();
    loop {
        match catch_unwind(AssertUnwindSafe(|| writer.step(true))) {
            Ok(Ok(Step::Idle)) => break,
            Ok(Ok(Step::Wrote { .. })) => {}
            Ok(Err(error)) => return Err(error.to_string()),
            // The record that causes it is set aside at its second time.
            Err(_) if writer.note_panic() => {}
            Err(_) => return Err(unreadable(segment)),
        }
    }
    report.lines += counters.lines.iter().map(|lines| lines.load(Ordering::Relaxed)).sum::<u64>();
    Ok(())
}

fn unreadable(segment: &Segment) -> String {
    format!(
        "the segment {} cannot be read: it stays as it is, with what it holds; to give that up, \
         remove it",
        segment.path().display()
    )
}

/// Keeps the positions of the sources that the dead process followed.
fn save_sources(directory: &Directory, segment: &Segment) -> Outcome {
    let entries: Vec<SourcePosition> = crate::sources::of(segment);
    if entries.is_empty() {
        return Ok(());
    }
    directory.save_sources(&entries).map_err(|error| error.to_string())
}
