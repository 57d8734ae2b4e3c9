//! How a formatted message shows a field. Any field's value comes in, something that can be
//! formatted goes out: by `Display`, else by `Debug`, else as `{..}`. Nothing is refused.
//!
//! A literal may name fields of any type, and most such messages are rendered by the writer; their
//! formatting code is compiled all the same and thrown away, so it has to compile.

use std::fmt;

/// A field's value.
pub struct Captured<'v, T: ?Sized>(pub &'v T);

/// Shows a value by its `Debug`, whichever way it is asked for.
pub struct ByDebug<'v, T: ?Sized>(&'v T);

/// Shows that there is a value.
pub struct Opaque;

/// First choice.
pub trait ViaDisplay<'v, T: ?Sized> {
    /// The value itself.
    fn logloom_capture(&self) -> &'v T;
}

impl<'v, T: fmt::Display + ?Sized> ViaDisplay<'v, T> for &&Captured<'v, T> {
    fn logloom_capture(&self) -> &'v T {
        self.0
    }
}

/// Second choice.
pub trait ViaDebug<'v, T: ?Sized> {
    /// The value, shown by `Debug`.
    fn logloom_capture(&self) -> ByDebug<'v, T>;
}

impl<'v, T: fmt::Debug + ?Sized> ViaDebug<'v, T> for &Captured<'v, T> {
    fn logloom_capture(&self) -> ByDebug<'v, T> {
        ByDebug(self.0)
    }
}

/// Last choice.
pub trait ViaNothing {
    /// A mark.
    fn logloom_capture(&self) -> Opaque;
}

impl<T: ?Sized> ViaNothing for Captured<'_, T> {
    fn logloom_capture(&self) -> Opaque {
        Opaque
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Display for ByDebug<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for ByDebug<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{..}")
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{..}")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::needless_borrow, reason = "the references choose the method")]
    use super::*;

    struct Silent;

    #[test]
    fn every_value_can_be_shown() {
        let (text, list) = ("a", vec![1, 2]);
        assert_eq!(format!("{:?}", (&&&Captured(text)).logloom_capture()), "\"a\"");
        assert_eq!((&&&Captured(&7.5)).logloom_capture().to_string(), "7.5");
        assert_eq!(format!("{:>4}", (&&&Captured(&7)).logloom_capture()), "   7");
        assert_eq!((&&&Captured(&list)).logloom_capture().to_string(), "[1, 2]");
        assert_eq!((&&&Captured(&Silent)).logloom_capture().to_string(), "{..}");
    }
}
