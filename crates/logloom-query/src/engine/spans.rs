//! What reading a part once has taught, of files that have no index. In come parts; out go the spans of their rows'
//! times, and their lines by minute and level. Kept for as long as the engine is, by file and place, because lines
//! that are written stay as they are: of an open day only what is new is read again. Memory: some hundred bytes for
//! each megabyte of lines.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use logloom_filter::LineView;
use logloom_record::time::parse_timestamp;

use super::task::{Span, Task};
use super::threads;
use super::watch::Watch;
use crate::blocks::blocks;
use crate::run::time_of;
use crate::{LogFile, ReadAt};

/// Parts that are remembered; beyond it all are forgotten.
const PARTS_MAX: usize = 100_000;

const MINUTE_NS: i64 = 60_000_000_000;
const LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// A file that may have changed its name or content has another birth number.
type Place = (PathBuf, u64, u64, u64);

/// Lines of one minute by level: TRACE to FATAL, another text, none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Minute {
    pub(super) start_ns: i64,
    pub(super) lines: [u32; 8],
}

/// The minutes of a part in their order; `None` for one with lines that are no objects, or have another time.
pub(super) type Minutes = Option<Arc<[Minute]>>;

/// What was learned so far.
#[derive(Debug, Default)]
pub(super) struct Spans {
    spans: Mutex<HashMap<Place, Span>>,
    minutes: Mutex<HashMap<Place, Minutes>>,
}

impl Spans {
    /// Sets the spans of parts that have none. A part that cannot be read keeps any time.
    pub(super) fn measure(&self, files: &[LogFile], tasks: &mut [Task], watch: &Watch<'_>) {
        let is_unknown = |task: &&mut Task| task.block.is_none() && task.span == Span::ANY;
        let mut unknown: Vec<&mut Task> = tasks.iter_mut().filter(is_unknown).collect();
        let wanted: Vec<Task> = unknown.iter().map(|task| (**task).clone()).collect();
        let found = learn(&self.spans, files, &wanted, watch, &span);
        for (task, span) in unknown.iter_mut().zip(found) {
            task.span = span.unwrap_or(Span::ANY);
        }
    }

    /// The minutes of parts.
    pub(super) fn minutes(
        &self,
        files: &[LogFile],
        tasks: &[Task],
        watch: &Watch<'_>,
    ) -> Vec<Minutes> {
        let found = learn(&self.minutes, files, tasks, watch, &minutes);
        found.into_iter().map(Option::flatten).collect()
    }
}

/// Takes something out of a part.
type Learn<'a, T> = &'a (dyn Fn(&LogFile, &Task, &dyn ReadAt) -> io::Result<T> + Sync);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of these parts, or learned now; `None` for those that cannot be read.
fn learn<T: Clone + Send>(
    known: &Mutex<HashMap<Place, T>>,
    files: &[LogFile],
    tasks: &[Task],
    watch: &Watch<'_>,
    one: Learn<'_, T>,
) -> Vec<Option<T>> {
    let place = |task: &Task| {
        let file = &files[task.file];
        (file.path().to_owned(), file.birth(), task.range.start, task.range.end)
    };
    let mut all: Vec<Option<T>> = {
        let known = lock(known);
        tasks.iter().map(|task| known.get(&place(task)).cloned()).collect()
    };
    let missing: Vec<usize> = (0..tasks.len()).filter(|at| all[*at].is_none()).collect();
    let wanted: Vec<&Task> = missing.iter().map(|at| &tasks[*at]).collect();
    let found = read_all(files, &wanted, watch, one);
    let mut known = lock(known);
    if known.len() > PARTS_MAX {
        known.clear();
    }
    for (at, found) in missing.into_iter().zip(found) {
        // Without a number, another file may stand under this name the next time.
        if let Some(found) = found.as_ref().filter(|_| files[tasks[at].file].birth() > 0) {
            known.insert(place(&tasks[at]), found.clone());
        }
        all[at] = found;
    }
    all
}

fn read_all<T: Clone + Send>(
    files: &[LogFile],
    tasks: &[&Task],
    watch: &Watch<'_>,
    one: Learn<'_, T>,
) -> Vec<Option<T>> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(vec![None; tasks.len()]);
    let work = || {
        let mut open: Option<(usize, Box<dyn ReadAt>)> = None;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = tasks.get(index).filter(|_| !watch.is_over()) else { break };
            let file = &files[task.file];
            if open.as_ref().is_none_or(|(index, _)| *index != task.file) {
                open = file.open().ok().map(|reader| (task.file, reader));
            }
            let Some((_, reader)) = &open else { continue };
            if let Ok(learned) = one(file, task, reader.as_ref()) {
                lock(&found)[index] = Some(learned);
            }
        }
    };
    match threads(tasks.len()) {
        1 => work(),
        threads => std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work)))),
    }
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn each_line(
    file: &LogFile,
    task: &Task,
    reader: &dyn ReadAt,
    each: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
) -> io::Result<()> {
    blocks(reader, task.range.clone(), file.length(), &mut |_, bytes| {
        let mut start = 0;
        for feed in memchr::memchr_iter(b'\n', bytes) {
            each(&bytes[start..feed])?;
            start = feed + 1;
        }
        ControlFlow::Continue(())
    })?;
    Ok(())
}

fn span(file: &LogFile, task: &Task, reader: &dyn ReadAt) -> io::Result<Span> {
    let mut span = Span::EMPTY;
    each_line(file, task, reader, &mut |line| {
        span.add(time_of(line).unwrap_or_else(|| file.day_start_ns()));
        ControlFlow::Continue(())
    })?;
    Ok(span)
}

fn minutes(file: &LogFile, task: &Task, reader: &dyn ReadAt) -> io::Result<Minutes> {
    let mut minutes: Vec<Minute> = Vec::new();
    let mut is_told = true;
    each_line(file, task, reader, &mut |line| {
        is_told = note(line, &mut minutes).is_some();
        if is_told { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    if !is_told || !reader.damage().is_empty() {
        return Ok(None);
    }
    minutes.sort_by_key(|minute| minute.start_ns);
    Ok(Some(minutes.into()))
}

/// Counts a line; `None` where that is not enough to know it.
fn note(line: &[u8], minutes: &mut Vec<Minute>) -> Option<()> {
    let view = LineView::new(line);
    let text = view.get("timestamp")?.text();
    let is_usual = text.as_bytes().get(10) == Some(&b'T') && text.ends_with('Z');
    let time = parse_timestamp(&text).filter(|_| is_usual && view.is_well_formed())?;
    let start_ns = time.div_euclid(MINUTE_NS) * MINUTE_NS;
    let level = view.get("level").map(|level| level.text());
    let level =
        level.map_or(7, |level| LEVELS.iter().position(|known| *known == level).unwrap_or(6));
    // Lines mostly come in the order of their times.
    match minutes.iter_mut().rev().find(|minute| minute.start_ns == start_ns) {
        Some(minute) => minute.lines[level] += 1,
        None => {
            let mut lines = [0; 8];
            lines[level] = 1;
            minutes.push(Minute { start_ns, lines });
        }
    }
    Some(())
}
