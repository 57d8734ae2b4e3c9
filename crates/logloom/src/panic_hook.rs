//! Panics as records, when asked for. A panic comes in, a FATAL record goes out, then the hook that
//! was there runs. A panic of a value's own `Display` is left out: it is caught, and the record it
//! belongs to says `<panicked>`.

use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use crate::scratch;

/// Puts the hook before the one that is there; once for each process.
pub(crate) fn install() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !scratch::is_rendering() {
                record(info);
            }
            before(info);
        }));
    });
}

#[cold]
fn record(info: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let thread_name = thread.name().unwrap_or("unnamed");
    let text = info.payload_as_str().unwrap_or("a panic without text");
    match info.location() {
        Some(location) => crate::fatal!(
            target: "panic",
            location = %location,
            thread_name,
            "panicked: {}",
            text
        ),
        None => crate::fatal!(target: "panic", thread_name, "panicked: {}", text),
    }
}
