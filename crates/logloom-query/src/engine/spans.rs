//! When the rows of parts are, of files that nothing is known of. In come parts; out go the same with the spans
//! of their rows' times, by reading them once. Kept for as long as the engine is, by file and place, because
//! lines that are written stay as they are: of an open day only what is new is read again. Memory: 32 bytes for
//! each megabyte of lines.

use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::task::{Span, Task};
use super::threads;
use super::watch::Watch;
use crate::blocks::blocks;
use crate::run::time_of;
use crate::{LogFile, ReadAt};

/// A file that may have changed its name or content has another birth number.
type Place = (PathBuf, u64, u64, u64);

/// What was measured so far.
#[derive(Debug, Default)]
pub(super) struct Spans {
    known: Mutex<HashMap<Place, Span>>,
}

impl Spans {
    /// Sets the spans of parts that have none. A part that cannot be read keeps any time.
    pub(super) fn measure(&self, files: &[LogFile], tasks: &mut [Task], watch: &Watch<'_>) {
        let mut unknown: Vec<&mut Task> = tasks
            .iter_mut()
            .filter(|task| task.block.is_none() && task.span == Span::ANY)
            .filter_map(|task| match self.known(&files[task.file], task) {
                Some(span) => {
                    task.span = span;
                    None
                }
                None => Some(task),
            })
            .collect();
        let wanted: Vec<Task> = unknown.iter().map(|task| (**task).clone()).collect();
        let spans = measure_all(files, &wanted, watch);
        for (task, span) in unknown.iter_mut().zip(spans) {
            if let Some(span) = span {
                self.keep(&files[task.file], task, span);
                task.span = span;
            }
        }
    }

    fn known(&self, file: &LogFile, task: &Task) -> Option<Span> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&place(file, task)).copied()
    }

    fn keep(&self, file: &LogFile, task: &Task, span: Span) {
        // Without a number, another file may stand under this name the next time.
        if file.birth() > 0 {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(place(file, task), span);
        }
    }
}

fn place(file: &LogFile, task: &Task) -> Place {
    (file.path().to_owned(), file.birth(), task.range.start, task.range.end)
}

fn measure_all(files: &[LogFile], tasks: &[Task], watch: &Watch<'_>) -> Vec<Option<Span>> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(vec![None; tasks.len()]);
    let work = || {
        let mut open: Option<(usize, Box<dyn ReadAt>)> = None;
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(task) = tasks.get(index).filter(|_| !watch.is_over()) else { break };
            if let Ok(span) = measure(files, task, &mut open) {
                found.lock().unwrap_or_else(PoisonError::into_inner)[index] = Some(span);
            }
        }
    };
    match threads(tasks.len()) {
        1 => work(),
        threads => std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work)))),
    }
    found.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn measure(
    files: &[LogFile],
    task: &Task,
    open: &mut Option<(usize, Box<dyn ReadAt>)>,
) -> io::Result<Span> {
    let file = &files[task.file];
    if open.as_ref().is_none_or(|(index, _)| *index != task.file) {
        *open = Some((task.file, file.open()?));
    }
    let Some((_, reader)) = open else { return Ok(Span::ANY) };
    let mut span = Span::EMPTY;
    blocks(reader.as_ref(), task.range.clone(), file.length(), &mut |_, bytes| {
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            span.add(time_of(line).unwrap_or_else(|| file.day_start_ns()));
        }
        ControlFlow::Continue(())
    })?;
    // Empty lines are rows without a time.
    span.add(file.day_start_ns());
    Ok(span)
}
