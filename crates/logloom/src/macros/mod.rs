//! The logging macros. Fields and a message come in, one call site and one record go out; what is
//! no field and no message is refused when compiling, with the forms there are.
//!
//! Each call expands to a `static` call site, one load of its word, and only when that says "on"
//! to the evaluation of the values. See [`crate::event!`] for the syntax.

mod parse;

/// Records at TRACE: the finest detail. The syntax is that of [`event!`](crate::event).
#[macro_export]
macro_rules! trace {
    ($($call:tt)*) => { $crate::event!($crate::Level::Trace, $($call)*) };
}

/// Records at DEBUG: what a developer wants to see. The syntax is that of
/// [`event!`](crate::event).
#[macro_export]
macro_rules! debug {
    ($($call:tt)*) => { $crate::event!($crate::Level::Debug, $($call)*) };
}

/// Records at INFO: what an operator wants to see. The syntax is that of
/// [`event!`](crate::event).
#[macro_export]
macro_rules! info {
    ($($call:tt)*) => { $crate::event!($crate::Level::Info, $($call)*) };
}

/// Records at WARN: something that may become a failure. The syntax is that of
/// [`event!`](crate::event).
#[macro_export]
macro_rules! warn {
    ($($call:tt)*) => { $crate::event!($crate::Level::Warn, $($call)*) };
}

/// Records at ERROR: something failed. Never dropped while a directory or stderr takes it; when
/// its ring is full, the call waits and finally writes the record itself. The syntax is that of
/// [`event!`](crate::event).
#[macro_export]
macro_rules! error {
    ($($call:tt)*) => { $crate::event!($crate::Level::Error, $($call)*) };
}

/// Records at FATAL: the program cannot go on. The program is not ended. As safe as
/// [`error!`](crate::error); the syntax is that of [`event!`](crate::event).
#[macro_export]
macro_rules! fatal {
    ($($call:tt)*) => { $crate::event!($crate::Level::Fatal, $($call)*) };
}

/// Records at a level that is a constant.
///
/// ```
/// use logloom::{Level, event, info};
/// # let (user_id, latency_ms, path) = (42, 7.5, std::path::Path::new("/a"));
/// # let error = std::io::Error::other("no such host");
/// event!(Level::Info, user_id = 42, "signed in");
/// info!("the message alone");
/// info!(user_id, latency_ms, "user {user_id} waited");  // variables of these names; the holes
///                                                       // name fields: `template` is kept
/// info!(path = %path.display(), error = ?error);        // % by Display, ? by Debug; no message
/// info!(http.method = "GET", "any key" = 1, r#type = 2); // dotted, any text, raw identifiers
/// info!(target: "shop.payments", paid = true, "paid");  // another name than the module's path
/// info!("{} of {total}", 3, total = 10);                // formatted by the caller
/// info!(error = error, "request failed");               // an error with all its causes
/// ```
///
/// A value is anything that implements [`Encode`](crate::Encode): numbers, booleans, text, times,
/// options, lists, maps and [`Value`](crate::Value), by value or reference. An error becomes its
/// type, text and causes. Anything else needs `%` or `?`, whose text is made before room is taken;
/// a `Display` or `Debug` that panics becomes `<panicked>` and the panic goes no further.
///
/// The values are evaluated only when the call's level is switched on for its module; what a mask
/// hides is evaluated, but neither formatted nor copied. A call that needs no formatting allocates
/// nothing, takes no lock and makes no system call. It blocks only when its ring is full and the
/// overflow policy of its level says so.
///
/// The message is a literal. Where all its holes `{name}` name fields, the writer fills them and
/// the record keeps the literal as `template`; every other literal is formatted by the caller.
#[macro_export]
macro_rules! event {
    (target: $target:expr, $level:expr $(, $($call:tt)*)?) => {
        $crate::__event!(@ ($level, $target) [] [] [] $($($call)*)?)
    };
    ($level:expr, target: $target:expr $(, $($call:tt)*)?) => {
        $crate::__event!(@ ($level, $target) [] [] [] $($($call)*)?)
    };
    ($level:expr $(, $($call:tt)*)?) => {
        $crate::__event!(@ ($level, ::core::module_path!()) [] [] [] $($($call)*)?)
    };
}
