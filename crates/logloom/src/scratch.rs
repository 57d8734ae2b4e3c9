//! Text that a caller's `Display` or `Debug` makes, in strings that are used again. User code comes
//! in, text goes out; a panic in that code is refused: it becomes `<panicked>`.
//!
//! The text is made before room in a ring is taken, so that code which logs itself, waits or
//! panics disturbs no record. Each thread keeps a few strings, so that a call which formats
//! allocates only until the strings have grown to the usual size.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use logloom_record::Encode;
use logloom_record::wire::Encoder;

/// What stands for the text of code that panicked.
pub(crate) const PANICKED: &str = "<panicked>";
/// Strings that a thread keeps.
const KEPT: usize = 8;
/// A string that has grown beyond this many bytes is not kept.
const KEPT_BYTES: usize = 16 << 10;

thread_local! {
    static POOL: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static RENDERING: Cell<u32> = const { Cell::new(0) };
}

/// A text from the pool; goes back there when dropped.
pub struct Scratch(String);

impl Scratch {
    /// The `Display` of a value, or nothing when it is masked.
    pub fn display<T: fmt::Display + ?Sized>(value: &T, masked: bool) -> Scratch {
        Scratch::unless(masked, format_args!("{value}"))
    }

    /// The `Debug` of a value, or nothing when it is masked.
    pub fn debug<T: fmt::Debug + ?Sized>(value: &T, masked: bool) -> Scratch {
        Scratch::unless(masked, format_args!("{value:?}"))
    }

    /// A formatted message; when it would show a masked field, the literal stands for it.
    pub fn message(masked: bool, literal: &str, arguments: fmt::Arguments<'_>) -> Scratch {
        match masked {
            true => Scratch::unless(false, format_args!("{literal}")),
            false => Scratch::unless(false, arguments),
        }
    }

    /// An empty text to be filled.
    pub fn empty() -> Scratch {
        let string = POOL.try_with(|pool| pool.try_borrow_mut().ok().and_then(|mut p| p.pop()));
        Scratch(string.ok().flatten().unwrap_or_default())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Appends what is formatted, or [`PANICKED`].
    pub fn push(&mut self, arguments: fmt::Arguments<'_>) {
        if let Some(text) = arguments.as_str() {
            return self.0.push_str(text);
        }
        render(&mut self.0, arguments);
    }

    fn unless(masked: bool, arguments: fmt::Arguments<'_>) -> Scratch {
        let mut scratch = Scratch::empty();
        if !masked {
            scratch.push(arguments);
        }
        scratch
    }
}

/// Whether this thread is running a `Display` or `Debug` whose panic will be caught here.
pub(crate) fn is_rendering() -> bool {
    RENDERING.try_with(|depth| depth.get() > 0).unwrap_or(false)
}

/// Not inlined: code of the program runs here, so nothing is won at the call.
#[inline(never)]
fn render(out: &mut String, arguments: fmt::Arguments<'_>) {
    let start = out.len();
    let _ = RENDERING.try_with(|depth| depth.set(depth.get() + 1));
    let done = catch_unwind(AssertUnwindSafe(|| {
        // An error of the formatter leaves a shorter text, which is still text.
        let _ = out.write_fmt(arguments);
    }));
    let _ = RENDERING.try_with(|depth| depth.set(depth.get() - 1));
    if let Err(payload) = done {
        forget_payload(payload);
        out.truncate(start);
        out.push_str(PANICKED);
    }
}

/// Drops what was thrown; a payload whose own drop panics is given up.
#[cold]
fn forget_payload(payload: Box<dyn std::any::Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        let _ = Box::into_raw(again);
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.0.capacity() == 0 || self.0.capacity() > KEPT_BYTES {
            return;
        }
        let mut string = std::mem::take(&mut self.0);
        string.clear();
        let _ = POOL.try_with(|pool| {
            if let Ok(mut pool) = pool.try_borrow_mut()
                && pool.len() < KEPT
            {
                pool.push(string);
            }
        });
    }
}

impl Encode for Scratch {
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        self.0.as_str().encoded_len()
    }

    #[inline(always)]
    fn encode(&self, out: &mut Encoder<'_>) {
        self.0.as_str().encode(out);
    }
}

impl fmt::Display for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The text as it is: it was made by `Debug` where that was asked for.
impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Panics;

    impl fmt::Display for Panics {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            assert!(!is_rendering(), "on purpose");
            Ok(())
        }
    }

    #[test]
    fn a_panic_becomes_text_and_goes_no_further() {
        assert_eq!(Scratch::display(&Panics, false).as_str(), PANICKED);
        assert_eq!(Scratch::message(false, "", format_args!("a {Panics}")).as_str(), PANICKED);
        assert!(!is_rendering());
    }

    #[test]
    fn what_is_masked_is_not_even_formatted() {
        assert_eq!(Scratch::display(&Panics, true).as_str(), "");
        let message = Scratch::message(true, "a {b}", format_args!("a {Panics}"));
        assert_eq!(message.as_str(), "a {b}");
    }

    #[test]
    fn strings_are_used_again() {
        let text = "x".repeat(100);
        let first = Scratch::display(&text, false);
        let address = first.as_str().as_ptr();
        drop(first);
        let second = Scratch::display(&text[..50], false);
        assert_eq!(second.as_str().as_ptr(), address);
    }
}
