//! Signals, on a thread of their own.
//!
//! Takes the signals to watch and what to do with each, and tells who sent it: a signal that the
//! terminal sends reaches every process of the foreground at once and must not be handed on.

use std::io;

use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;

/// A signal that came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    /// Its number.
    pub(crate) number: i32,
    /// Whether a process sent it, and not the terminal.
    pub(crate) is_from_process: bool,
}

/// Calls `act` for each of these signals, which then end nothing by themselves. The watch lasts as
/// long as the process.
pub(crate) fn watch(
    signals: &[i32],
    mut act: impl FnMut(Received) + Send + 'static,
) -> io::Result<()> {
    let mut incoming = SignalsInfo::<WithOrigin>::new(signals)?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for origin in incoming.forever() {
            act(Received { number: origin.signal, is_from_process: origin.process.is_some() });
        }
    })?;
    Ok(())
}
