//! Code of the program that runs while one of its calls logs: how a value shows itself, how it is iterated.
//! Work comes in, its result goes out; the record that is under way keeps its context, and such code that
//! logs itself is not nested without end.

use std::cell::{Cell, RefCell};

use pyo3::intern;
use pyo3::prelude::*;

use crate::context;
use crate::raw::{self, foreign};

/// How deep objects whose own code logs may be nested before their code is no longer called.
const DEPTH_MAX: usize = 4;

/// Code under way: its number, and the address of the frame that it was called from, 0 without one.
type Running = (u64, usize);

thread_local! {
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
    static NEXT: Cell<u64> = const { Cell::new(0) };
}

/// Ends what is under way, whatever was begun and ended since: greenlets share a thread.
struct Entry(u64);

impl Entry {
    fn new(py: Python<'_>) -> Entry {
        let frame = raw::frame(py).map_or(0, |frame| frame.as_ptr() as usize);
        let number = NEXT.get();
        NEXT.set(number + 1);
        RUNNING.with_borrow_mut(|running| running.push((number, frame)));
        Entry(number)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let forget = |running: &mut Vec<Running>| {
            if let Some(at) = running.iter().rposition(|(number, _)| *number == self.0) {
                running.remove(at);
            }
        };
        RUNNING.with_borrow_mut(forget);
    }
}

/// Runs code that may be the program's; `None` as the error where such code is nested too deep.
pub(crate) fn run<T>(
    py: Python<'_>,
    work: impl FnOnce() -> PyResult<T>,
) -> Result<T, Option<PyErr>> {
    if RUNNING.with_borrow(Vec::len) >= DEPTH_MAX && depth(py) >= DEPTH_MAX {
        return Err(None);
    }
    let entry = Entry::new(py);
    let entered = context::entered();
    let result = work();
    context::enter_again(entered);
    drop(entry);
    result.map_err(Some)
}

/// How much of what is under way on this thread was called from the frames of this call, and not from those
/// of another greenlet.
#[cold]
fn depth(py: Python<'_>) -> usize {
    let running = RUNNING.with_borrow(Clone::clone);
    let mut depth = running.iter().filter(|(_, frame)| *frame == 0).count();
    let mut next = raw::frame(py);
    while let Some(frame) = next.filter(|frame| !frame.is_none()) {
        let address = frame.as_ptr() as usize;
        depth += running.iter().filter(|(_, from)| *from == address).count();
        next = foreign::get(&frame, intern!(py, "f_back")).ok();
    }
    depth
}
