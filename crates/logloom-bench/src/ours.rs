//! Logloom as a [`Party`], through the library that applications use.
//!
//! As shipped: JSON lines, recovery on, rings in shared memory. `Block` instead of the default that
//! drops the oldest, and rings of the size that the others have; configuration files of the machine
//! are not read. Actions are logged as an agent with the settings of `templates/settings.json` does:
//! masks on, home directories included, long outputs cut.

use std::time::Duration;

use logloom::action::{Execution, PermissionLevel, Session, ToolCall};
use logloom::settings::Policy;
use logloom::{Guard, Level};
use logloom_bench::workload::action::{TEXTS, texts};
use logloom_bench::workload::{Fields, Party, RING_BYTES, Setup, Shape};

/// Its name on the command line.
pub(crate) const NAME: &str = "logloom";
/// Longest wait for the last byte.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(120);

/// The running library.
pub(crate) struct Logloom {
    guard: Guard,
    /// Where actions are logged.
    turn: Option<Execution>,
}

/// Starts it with the directory of the run.
pub(crate) fn start(setup: &Setup) -> Result<Logloom, String> {
    let is_action = setup.shape == Shape::Action;
    let settings = crate::built::root().join("templates/settings.json");
    let builder = match is_action {
        true => logloom::builder().settings_json(Some(settings)),
        false => logloom::builder().without_config_file().service("logloom-bench"),
    };
    let guard = builder
        .dir(&setup.directory)
        .level(Level::Info)
        .overflow(Policy::Block)
        .flush_timeout(FLUSH_TIMEOUT)
        .settings(|settings| settings.ring.bytes_per_thread = RING_BYTES as u64)
        .init();
    let guard = guard.map_err(|error| error.to_string())?;
    let session = || Session::builder().id(TEXTS.session).start().execution_of(TEXTS.execution);
    Ok(Logloom { guard, turn: is_action.then(session) })
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
    fn action(&self, seq: u64) {
        let Some(turn) = &self.turn else { return };
        let texts = texts();
        let (command, description) = (&texts.command, &texts.description);
        ToolCall::new(texts.tool, texts.tool_use)
            .arguments(&[("command", command), ("description", description), ("seq", &seq)])
            .permission_level(PermissionLevel::Normal)
            .log(turn);
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
