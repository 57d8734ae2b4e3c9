//! Signals, on a thread of their own.
//!
//! Takes the signals to watch and what to do with each, and tells who sent it: a signal that the
//! terminal sends reaches every process of the foreground at once and must not be handed on.
//! Signals that whoever started us has set to be ignored (`nohup`, the background of a script) stay
//! ignored, here and in the programs that we start.

use std::io;

use rustix::process::{getpid, getsid};
use signal_hook::consts::SIGHUP;
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

impl Received {
    /// Whether nobody but us got it. A terminal sends what is typed to all of the foreground, but
    /// tells only the leader of its session that it has hung up.
    pub(crate) fn is_for_us_alone(self) -> bool {
        self.is_from_process || self.is_hang_up_of_our_session()
    }

    fn is_hang_up_of_our_session(self) -> bool {
        self.number == SIGHUP && getsid(None) == Ok(getpid())
    }
}

/// Calls `act` for each of these signals that is not ignored; they end nothing by themselves then.
/// The watch lasts as long as the process.
pub(crate) fn watch(
    signals: &[i32],
    mut act: impl FnMut(Received) + Send + 'static,
) -> io::Result<()> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = ignored(&status);
    let signals = signals.iter().filter(|signal| ignored >> (**signal - 1) & 1 == 0);
    let mut incoming = SignalsInfo::<WithOrigin>::new(signals)?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for origin in incoming.forever() {
            act(Received { number: origin.signal, is_from_process: origin.process.is_some() });
        }
    })?;
    Ok(())
}

/// The ignored signals of a process, one bit each from the lowest on, as the system tells them.
fn ignored(status: &str) -> u64 {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_as_the_system_shows_them() {
        assert_eq!(ignored("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t02\n"), 0x1001);
        assert_eq!(ignored(""), 0);
    }
}
