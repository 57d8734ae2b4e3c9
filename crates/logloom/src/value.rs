//! What a macro makes of a value before it is written. Any value comes in; an error goes out as its
//! type, text and causes, everything else as it is. Nothing is refused here: a type that is no
//! value is refused by [`crate::__private::encodable`].
//!
//! The choice is made when compiling, by method lookup through one reference more or less: first
//! [`ViaErrorLike`], then [`ViaError`], then [`ViaValue`].

use std::any::type_name;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use logloom_record::wire::Encoder;
use logloom_record::{Encode, Exception};

use crate::scratch::Scratch;

/// Causes that are followed.
const CAUSES_MAX: usize = 64;

/// A value as it was given to a macro.
pub struct Given<'v, T: ?Sized>(pub &'v T);

/// An error, made into data before room is taken, since its `Display` is the program's own code.
pub struct Failure<'v, T: ?Sized> {
    shown: &'v T,
    exception: Option<Exception>,
}

/// Boxed errors and optional ones, which are no errors themselves.
pub trait ErrorLike {
    /// The error within.
    fn exception(&self) -> Option<Exception>;
}

impl ErrorLike for Box<dyn Error> {
    fn exception(&self) -> Option<Exception> {
        Some(exception(&**self, ""))
    }
}

impl ErrorLike for Box<dyn Error + Send> {
    fn exception(&self) -> Option<Exception> {
        Some(exception(&**self, ""))
    }
}

impl ErrorLike for Box<dyn Error + Send + Sync> {
    fn exception(&self) -> Option<Exception> {
        Some(exception(&**self, ""))
    }
}

impl<E: Error> ErrorLike for Option<E> {
    fn exception(&self) -> Option<Exception> {
        self.as_ref().map(|error| exception(error, type_name::<E>()))
    }
}

impl<T: ErrorLike + ?Sized> ErrorLike for &T {
    fn exception(&self) -> Option<Exception> {
        (**self).exception()
    }
}

impl<T: ErrorLike + ?Sized> ErrorLike for Arc<T> {
    fn exception(&self) -> Option<Exception> {
        (**self).exception()
    }
}

/// First choice.
pub trait ViaErrorLike<'v, T: ?Sized> {
    /// The error as data; nothing of it when masked.
    fn logloom_value(&self, masked: impl FnOnce() -> bool) -> Failure<'v, T>;
}

impl<'v, T: ErrorLike + ?Sized> ViaErrorLike<'v, T> for &&Given<'v, T> {
    fn logloom_value(&self, masked: impl FnOnce() -> bool) -> Failure<'v, T> {
        let exception = if masked() { None } else { self.0.exception() };
        Failure { shown: self.0, exception }
    }
}

/// Second choice.
pub trait ViaError<'v, T: ?Sized> {
    /// The error as data; nothing of it when masked.
    fn logloom_value(&self, masked: impl FnOnce() -> bool) -> Failure<'v, T>;
}

impl<'v, T: Error + ?Sized> ViaError<'v, T> for &Given<'v, T> {
    fn logloom_value(&self, masked: impl FnOnce() -> bool) -> Failure<'v, T> {
        let exception = (!masked()).then(|| exception(self.0, type_name::<T>()));
        Failure { shown: self.0, exception }
    }
}

/// Third choice.
pub trait ViaValue<'v, T: ?Sized> {
    /// The value itself; whether it is masked is left to the encoder, which asks anyway.
    fn logloom_value(&self, masked: impl FnOnce() -> bool) -> &'v T;
}

impl<'v, T: ?Sized> ViaValue<'v, T> for Given<'v, T> {
    #[inline(always)]
    fn logloom_value(&self, _masked: impl FnOnce() -> bool) -> &'v T {
        self.0
    }
}

/// An error and its causes as data.
pub(crate) fn exception<E: Error + ?Sized>(error: &E, type_name: &str) -> Exception {
    let mut messages = vec![text(error)];
    let mut source = error.source();
    while let Some(cause) = source.filter(|_| messages.len() < CAUSES_MAX) {
        messages.push(text(cause));
        source = cause.source();
    }
    let mut cause = None;
    while let Some(message) = messages.pop() {
        cause = Some(Box::new(Exception { message, cause, ..Exception::default() }));
    }
    let mut first = cause.map(|first| *first).unwrap_or_default();
    first.type_name = plain_type(type_name).to_owned();
    first
}

fn text<E: fmt::Display + ?Sized>(error: &E) -> String {
    Scratch::display(error, false).as_str().to_owned()
}

/// The type's name without references; empty for one that is known at run time only.
fn plain_type(name: &str) -> &str {
    let name = name.trim_start_matches('&');
    if name.contains("dyn ") { "" } else { name }
}

impl<T: ?Sized> Encode for Failure<'_, T> {
    fn encoded_len(&self) -> usize {
        self.exception.encoded_len()
    }

    fn encode(&self, out: &mut Encoder<'_>) {
        self.exception.encode(out);
    }
}

impl<T: fmt::Display + ?Sized> fmt::Display for Failure<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(f)
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for Failure<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::needless_borrow, reason = "the references choose the method")]
    use super::*;

    #[derive(Debug)]
    struct Outer(std::io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("outer")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[test]
    fn an_error_is_taken_with_type_and_causes() {
        let outer = Outer(std::io::Error::other("inner"));
        let found = (&&&Given(&outer)).logloom_value(|| false).exception.unwrap_or_default();
        assert!(found.type_name.ends_with("::Outer"), "{}", found.type_name);
        let cause = found.cause.unwrap_or_default();
        assert_eq!((&*found.message, &*cause.message, cause.cause), ("outer", "inner", None));
    }

    #[test]
    fn boxed_optional_and_borrowed_errors_are_errors() {
        let boxed: Box<dyn Error + Send + Sync> = "boxed".into();
        let text = |exception: Option<Exception>| exception.map(|found| found.message);
        assert_eq!(
            text((&&&Given(&boxed)).logloom_value(|| false).exception),
            Some("boxed".into())
        );
        assert_eq!(
            text((&&&Given(&&boxed)).logloom_value(|| false).exception),
            Some("boxed".into())
        );
        assert_eq!(
            text((&&&Given(&&*boxed)).logloom_value(|| false).exception),
            Some("boxed".into())
        );
        let none: Option<std::io::Error> = None;
        assert_eq!(text((&&&Given(&none)).logloom_value(|| false).exception), None);
        assert_eq!(text((&&&Given(&boxed)).logloom_value(|| true).exception), None);
    }

    #[test]
    fn other_values_stay_what_they_are() {
        assert_eq!((&&&Given(&42)).logloom_value(|| false).encoded_len(), 9);
        assert_eq!((&&&Given("text")).logloom_value(|| false).encoded_len(), 9);
        assert_eq!((&&&Given(&Some(1.5))).logloom_value(|| false).encoded_len(), 9);
    }
}
