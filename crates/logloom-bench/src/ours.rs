//! Logloom as a [`Party`], through the library that applications use.
//!
//! As shipped: JSON lines, recovery on, rings in shared memory. `Block` instead of the default that
//! drops the oldest, and rings of the size that the others have; configuration files of the machine
//! are not read.

use std::time::Duration;

use logloom::settings::Policy;
use logloom::{Guard, Level};
use logloom_bench::workload::{Fields, Party, RING_BYTES, Setup};

/// Its name on the command line.
pub(crate) const NAME: &str = "logloom";
/// Longest wait for the last byte.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(120);

/// The running library.
pub(crate) struct Logloom {
    guard: Guard,
}

/// Starts it with the directory of the run.
pub(crate) fn start(setup: &Setup) -> Result<Logloom, String> {
    let guard = logloom::builder()
        .without_config_file()
        .service("logloom-bench")
        .dir(&setup.directory)
        .level(Level::Info)
        .overflow(Policy::Block)
        .flush_timeout(FLUSH_TIMEOUT)
        .settings(|settings| settings.ring.bytes_per_thread = RING_BYTES as u64)
        .init();
    guard.map(|guard| Logloom { guard }).map_err(|error| error.to_string())
}

impl Party for Logloom {
    #[inline(always)]
    fn fields(&self, fields: Fields) {
        logloom::info!(
            seq = fields.seq,
            delta = fields.delta,
            price = fields.price,
            client = fields.client,
            "order accepted"
        );
    }

    #[inline(always)]
    fn message(&self) {
        logloom::info!("order accepted");
    }

    #[inline(always)]
    fn disabled(&self, fields: Fields) {
        logloom::debug!(
            seq = fields.seq,
            delta = fields.delta,
            price = fields.price,
            client = fields.client,
            "order accepted"
        );
    }

    fn finish(self) -> Option<u64> {
        self.guard.flush();
        let dropped = logloom::metrics().dropped.iter().map(|dropped| dropped.count).sum();
        self.guard.stop();
        Some(dropped)
    }
}
