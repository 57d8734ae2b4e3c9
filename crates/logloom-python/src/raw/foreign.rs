//! Calls of the interpreter in which Python code of the program may run, and the interpreter may be let go of.
//!
//! Before Python 3.14 an interpreter that comes to its end ends the daemon threads that ask for it again, by
//! `pthread_exit`. That unwinds the thread's stack, and a stack with frames of Rust in which calls are declared
//! never to unwind ends the process instead. So these calls are declared to unwind, and a guard keeps such a
//! thread where it is, as Python 3.14 does by itself: it waits for the end of the process, holding nothing.

use std::hint::black_box;
use std::mem::{self, ManuallyDrop};

use pyo3::BoundObject;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

/// Keeps a thread whose stack is unwound by the end of the interpreter.
struct Keeper;

impl Drop for Keeper {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

/// Runs nothing but a call that is declared to unwind.
#[inline]
fn kept<T>(call: impl FnOnce() -> T) -> T {
    let keeper = Keeper;
    let result = call();
    // The call has returned: nothing is left to keep.
    let _ = ManuallyDrop::new(keeper);
    result
}

/// A function of the interpreter, declared to unwind. What it really is stays hidden from the compiler, which
/// would hold that against what PyO3 declares.
macro_rules! unwinding {
    ($function:path, ($($argument:ty),+) -> $result:ty) => {{
        type Known = unsafe extern "C" fn($($argument),+) -> $result;
        type Unwinding = unsafe extern "C-unwind" fn($($argument),+) -> $result;
        // SAFETY: the two conventions differ in nothing but that the second may unwind.
        black_box(unsafe { mem::transmute::<Known, Unwinding>($function) })
    }};
}

/// What `str` says of a value.
pub(crate) fn text<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyString>> {
    let function = unwinding!(ffi::PyObject_Str, (*mut PyObject) -> *mut PyObject);
    // SAFETY: attached, a valid object; the result is a reference of ours, or null with an exception.
    let made = unsafe {
        let made = kept(|| function(value.as_ptr()));
        Bound::from_owned_ptr_or_err(value.py(), made)?
    };
    Ok(made.cast_into::<PyString>()?)
}

/// An attribute.
pub(crate) fn get<'py>(
    value: &Bound<'py, PyAny>,
    name: impl IntoPyObject<'py, Target = PyString, Error: Into<PyErr>>,
) -> PyResult<Bound<'py, PyAny>> {
    let name = name.into_pyobject(value.py()).map_err(Into::into)?.into_any();
    let name = name.as_borrowed();
    let function =
        unwinding!(ffi::PyObject_GetAttr, (*mut PyObject, *mut PyObject) -> *mut PyObject);
    // SAFETY: attached, valid objects; the result is a reference of ours, or null with an exception.
    unsafe {
        let made = kept(|| function(value.as_ptr(), name.as_ptr()));
        Bound::from_owned_ptr_or_err(value.py(), made)
    }
}

/// What a call returns.
pub(crate) fn call<'py>(
    function: &Bound<'py, PyAny>,
    values: &Bound<'py, PyTuple>,
    named: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let named = named.map_or(std::ptr::null_mut(), |named| named.as_ptr());
    let call = unwinding!(
        ffi::PyObject_Call,
        (*mut PyObject, *mut PyObject, *mut PyObject) -> *mut PyObject
    );
    // SAFETY: attached, valid objects, `named` may be null; the result is a reference of ours, or null with
    // an exception.
    unsafe {
        let made = kept(|| call(function.as_ptr(), values.as_ptr(), named));
        Bound::from_owned_ptr_or_err(function.py(), made)
    }
}

/// What a method returns.
pub(crate) fn method<'py>(
    value: &Bound<'py, PyAny>,
    name: &str,
    values: &Bound<'py, PyTuple>,
) -> PyResult<Bound<'py, PyAny>> {
    call(&get(value, name)?, values, None)
}

/// What a method without arguments returns.
pub(crate) fn method0<'py>(value: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    method(value, name, &PyTuple::empty(value.py()))
}

/// What `len` says of a value.
pub(crate) fn length(value: &Bound<'_, PyAny>) -> PyResult<usize> {
    let function = unwinding!(ffi::PyObject_Size, (*mut PyObject) -> ffi::Py_ssize_t);
    // SAFETY: attached, a valid object; negative with an exception.
    let length = unsafe { kept(|| function(value.as_ptr())) };
    usize::try_from(length).map_err(|_| PyErr::fetch(value.py()))
}

/// Whether a value counts as true.
pub(crate) fn truth(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let function = unwinding!(ffi::PyObject_IsTrue, (*mut PyObject) -> std::ffi::c_int);
    // SAFETY: attached, a valid object; negative with an exception.
    match unsafe { kept(|| function(value.as_ptr())) } {
        truth @ 0.. => Ok(truth > 0),
        _ => Err(PyErr::fetch(value.py())),
    }
}

/// An iterator over a value.
pub(crate) fn iterator<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let function = unwinding!(ffi::PyObject_GetIter, (*mut PyObject) -> *mut PyObject);
    // SAFETY: attached, a valid object; the result is an iterator of ours, or null with an exception.
    unsafe {
        let made = kept(|| function(value.as_ptr()));
        Bound::from_owned_ptr_or_err(value.py(), made)
    }
}

/// The next element of what [`iterator`] has given; `None` at its end.
pub(crate) fn next<'py>(iterator: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let function = unwinding!(ffi::PyIter_Next, (*mut PyObject) -> *mut PyObject);
    // SAFETY: attached, an iterator; the result is a reference of ours, or null at the end and with an exception.
    let element = unsafe {
        let made = kept(|| function(iterator.as_ptr()));
        Bound::from_owned_ptr_or_opt(iterator.py(), made)
    };
    match element {
        None => PyErr::take(iterator.py()).map_or(Ok(None), Err),
        element => Ok(element),
    }
}
