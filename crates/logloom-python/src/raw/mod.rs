//! The few calls of the interpreter that PyO3 has no safe form for: methods that take their arguments
//! as they lie on the stack, and the frame of the caller. All `unsafe` of the package stands here.
//!
//! Raw pointers come in, PyO3's references with their lifetimes go out. A method hands nothing on but
//! `None` or an exception; a panic ends in `None`, since logging must not end a program.

#![allow(unsafe_code, reason = "what PyO3 has no safe form for stands here and nowhere else")]

pub(crate) mod foreign;

use std::cell::Cell;
use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::slice;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};
use pyo3::{PyTypeInfo, ffi};

/// The arguments of a call, where the interpreter has them.
#[derive(Clone, Copy)]
pub(crate) struct Arguments<'a, 'py> {
    py: Python<'py>,
    values: &'a [*mut ffi::PyObject],
    positional: usize,
    /// Names of the arguments behind the positional ones.
    pub(crate) names: Option<&'a Bound<'py, PyTuple>>,
}

impl<'a, 'py> Arguments<'a, 'py> {
    /// How many have no name.
    pub(crate) fn positional(&self) -> usize {
        self.positional
    }

    /// How many there are, those with a name included.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// An argument; those with a name follow the others.
    pub(crate) fn get(&self, index: usize) -> Option<&'a Bound<'py, PyAny>> {
        let pointer = self.values.get(index)?;
        // SAFETY: the interpreter keeps the arguments of a call alive until it returns, which is
        // later than 'a, and none is null.
        Some(unsafe { Bound::ref_from_ptr(self.py, pointer) })
    }

    /// The same without the first `count` positional ones.
    pub(crate) fn skip(&self, count: usize) -> Arguments<'a, 'py> {
        let count = count.min(self.positional);
        let (values, positional) = (&self.values[count..], self.positional - count);
        Arguments { values, positional, ..*self }
    }
}

/// Most positional arguments that are handed on from a tuple.
pub(crate) const OF_TUPLE_MAX: usize = 8;

impl<'a, 'py> Arguments<'a, 'py> {
    /// The elements of a tuple as positional arguments; `None` where they are more than there is room.
    pub(crate) fn of_tuple(
        tuple: &'a Bound<'py, PyTuple>,
        room: &'a mut [*mut ffi::PyObject; OF_TUPLE_MAX],
    ) -> Option<Arguments<'a, 'py>> {
        let positional = tuple.len();
        for (index, pointer) in room.get_mut(..positional)?.iter_mut().enumerate() {
            // SAFETY: a tuple and an index within it; it keeps its elements for 'a, since it never changes.
            *pointer = unsafe { ffi::PyTuple_GetItem(tuple.as_ptr(), index as ffi::Py_ssize_t) };
        }
        Some(Arguments { py: tuple.py(), values: &room[..positional], positional, names: None })
    }
}

/// What a method does. Never waits for a lock that is held while Python code runs.
pub(crate) trait Method {
    /// The work. An error becomes the exception of the call.
    fn call<'py>(
        py: Python<'py>,
        this: &Bound<'py, PyAny>,
        arguments: Arguments<'_, 'py>,
    ) -> PyResult<()>;
}

unsafe extern "C" fn enter<M: Method>(
    this: *mut ffi::PyObject,
    values: *const *mut ffi::PyObject,
    positional: ffi::Py_ssize_t,
    names: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: the interpreter calls methods on threads that are attached to it.
    let py = unsafe { Python::assume_attached() };
    let work = || {
        // SAFETY: the interpreter hands over a valid object, for as long as the call lasts.
        let this = unsafe { Bound::ref_from_ptr(py, &this) };
        let names = (!names.is_null()).then(|| {
            // SAFETY: not null, and a tuple by the rules of the calling convention.
            unsafe { Bound::ref_from_ptr(py, &names).cast_unchecked::<PyTuple>() }
        });
        let positional = usize::try_from(positional).unwrap_or(0);
        let count = positional + names.map_or(0, |names| names.len());
        let values = match count {
            0 => &[][..],
            // SAFETY: by the calling convention so many pointers lie there until the call returns.
            _ => unsafe { slice::from_raw_parts(values, count) },
        };
        M::call(py, this, Arguments { py, values, positional, names })
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Err(error)) => {
            error.restore(py);
            std::ptr::null_mut()
        }
        _ => py.None().into_ptr(),
    }
}

/// Gives `class` a method of this name. `owner` says whose instances it takes: all others are refused
/// by the interpreter.
pub(crate) fn add_method<M: Method>(
    class: &Bound<'_, PyType>,
    owner: &Bound<'_, PyType>,
    name: &'static CStr,
    text: &'static CStr,
) -> PyResult<()> {
    let py = class.py();
    // The interpreter keeps a pointer to it for as long as the class lives: until the end.
    let definition = Box::leak(Box::new(ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: enter::<M> },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: text.as_ptr(),
    }));
    // SAFETY: both pointers are valid, and the function has the type that the flags say.
    let descriptor = unsafe {
        let made = ffi::PyDescr_NewMethod(owner.as_type_ptr(), definition);
        Bound::from_owned_ptr_or_err(py, made)?
    };
    class.setattr(name.to_string_lossy(), descriptor)
}

/// Runs work that may drop references, so that PyO3 knows that this thread is attached. At the end of the
/// interpreter, when it counts as not initialised any more, PyO3 would refuse: then they are dropped late. So they
/// are in a sub-interpreter, whose thread would wait for itself if it asked for the main interpreter's state.
pub(crate) fn attached<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: it may be asked at any time.
    if unsafe { ffi::Py_IsInitialized() } == 0 || is_in_sub_interpreter() {
        return work();
    }
    Python::attach(|_| work())
}

thread_local! {
    /// The thread holds the interpreter, and does nothing with it.
    static HOLDS: Cell<bool> = const { Cell::new(false) };
}

/// Hands a record over, which may wait for room; the interpreter is let go of then.
#[inline(always)]
pub(crate) fn holding(work: impl FnOnce()) {
    HOLDS.set(true);
    work();
    HOLDS.set(false);
}

/// Runs a wait within [`holding`] without the interpreter.
pub(crate) fn around_wait(wait: &mut dyn FnMut()) {
    if !HOLDS.replace(false) {
        return wait();
    }
    // SAFETY: the thread is attached, and nothing of Python is touched until it is again, by the same state.
    let state = unsafe { ffi::PyEval_SaveThread() };
    wait();
    // SAFETY: the state that was saved above.
    unsafe { ffi::PyEval_RestoreThread(state) };
    HOLDS.set(true);
}

fn is_in_sub_interpreter() -> bool {
    // SAFETY: this thread is attached, so both may be asked; nothing is done with the pointers but to compare them.
    unsafe { ffi::PyGILState_GetThisThreadState() != ffi::PyThreadState_Get() }
}

/// The object as one of this very type, not of a subclass.
#[inline(always)]
pub(crate) fn exactly<'a, 'py, T: PyTypeInfo>(
    object: &'a Bound<'py, PyAny>,
) -> Option<&'a Bound<'py, T>> {
    // SAFETY: it is an instance of that type.
    object.is_exact_instance_of::<T>().then(|| unsafe { object.cast_unchecked::<T>() })
}

/// Where a record was logged.
pub(crate) struct Place<'py> {
    /// The Python code, or the name of its file.
    pub(crate) code: Bound<'py, PyAny>,
    pub(crate) line: u32,
}

impl Place<'_> {
    /// The name of the file.
    pub(crate) fn file(&self) -> Option<String> {
        match exactly::<PyString>(&self.code) {
            Some(name) => name.extract().ok(),
            None => self.code.getattr("co_filename").ok()?.extract().ok(),
        }
    }
}

/// Some values of a dictionary, by their numbers. `None` unless its keys are these very objects in this order,
/// followed by none but those of `also`.
pub(crate) fn in_order<'py, const N: usize>(
    dictionary: &Bound<'py, PyDict>,
    order: &[Py<PyAny>],
    also: &[Py<PyAny>],
    wanted: [usize; N],
) -> Option<[Bound<'py, PyAny>; N]> {
    let (mut place, mut index) = (0, 0);
    let mut found = [std::ptr::null_mut(); N];
    let (mut key, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: attached, and nothing runs between two steps that could change the dictionary.
    while unsafe { ffi::PyDict_Next(dictionary.as_ptr(), &mut place, &mut key, &mut value) } != 0 {
        let is_known = match order.get(index) {
            Some(name) => name.as_ptr() == key,
            None => also.iter().any(|name| name.as_ptr() == key),
        };
        if !is_known {
            return None;
        }
        if let Some(at) = wanted.iter().position(|wanted| *wanted == index) {
            found[at] = value;
        }
        index += 1;
    }
    if index < order.len() || found.iter().any(|value| value.is_null()) {
        return None;
    }
    // SAFETY: borrowed from the dictionary a moment ago, none is null.
    Some(found.map(|value| unsafe { Bound::from_borrowed_ptr(dictionary.py(), value) }))
}

/// Whether a dictionary has this very object under a name; `None` for no object at all.
#[inline]
pub(crate) fn holds(
    dictionary: &Bound<'_, PyDict>,
    name: &Py<PyAny>,
    object: Option<&Py<PyAny>>,
) -> bool {
    // SAFETY: attached, both valid; the result is borrowed and only compared. The name is a text of Python's
    // own, so that looking it up raises nothing and runs no code.
    let found = unsafe { ffi::PyDict_GetItemWithError(dictionary.as_ptr(), name.as_ptr()) };
    found == object.map_or(std::ptr::null_mut(), Py::as_ptr)
}

/// Where the innermost Python frame is. `None` where no Python code runs.
#[inline]
pub(crate) fn caller(py: Python<'_>) -> Option<Place<'_>> {
    // SAFETY: attached; the frame is borrowed from the thread and runs while we do.
    let frame = unsafe { ffi::PyEval_GetFrame() };
    if frame.is_null() {
        return None;
    }
    // SAFETY: a valid frame; its code comes back as a reference that is ours, never null.
    let (code, line) = unsafe {
        let code = ffi::PyFrame_GetCode(frame).cast::<ffi::PyObject>();
        (Bound::from_owned_ptr_or_opt(py, code)?, ffi::PyFrame_GetLineNumber(frame))
    };
    Some(Place { code, line: u32::try_from(line).unwrap_or(0) })
}

/// The innermost Python frame itself.
pub(crate) fn frame(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    // SAFETY: attached; a borrowed frame or null.
    unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetFrame().cast()) }
}
