//! ticklog: private binary ring of each thread, text made by a thread of its own.
//!
//! As its README shows: a `FileSink`, `warm_up` on each calling thread. Its ring is fixed at 1 MiB.
//! It writes text, no JSON, and its rings die with the process. `Block` instead of the default
//! `Drop`, because it drops without counting; the two differ only when a ring is full.

#![allow(missing_docs, reason = "macros that `configure!` makes carry no documentation")]

use logloom_bench::workload::action::texts;
use logloom_bench::workload::{Fields, Party, Setup};
use ticklog::{Backpressure, FileSink, Guard, Level};

// `configure!` answers its calling macros through two macros at the root of the crate, where calls
// from a module do not find them. These say the same: constants, decided when compiling.
macro_rules! __ticklog_max_level {
    () => {
        Level::Info
    };
}
macro_rules! __ticklog_backpressure {
    () => {
        Backpressure::Block
    };
}

/// The running logger.
pub(crate) struct Ticklog {
    _guard: Guard,
}

/// Starts it with a file in the directory.
pub(crate) fn start(setup: &Setup) -> Result<Ticklog, String> {
    let path = setup.directory.join("ticklog.log");
    let sink = FileSink::new(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let guard = ticklog::configure! {
        sink: sink,
        max_level: Level::Info,
        backpressure: Backpressure::Block,
    };
    guard.map(|guard| Ticklog { _guard: guard }).map_err(|error| error.to_string())
}

impl Party for Ticklog {
    fn prepare_thread(&self) {
        // It fails only before the start, which lies behind us.
        let _ = ticklog::warm_up();
    }

    #[inline(always)]
    fn fields(&self, fields: Fields) {
        ticklog::info!(
            "order accepted seq={} delta={} price={} client={}",
            fields.seq,
            fields.delta,
            fields.price,
            fields.client
        );
    }

    #[inline(always)]
    fn message(&self) {
        ticklog::info!("order accepted");
    }

    #[inline(always)]
    fn action(&self, seq: u64) {
        let texts = texts();
        ticklog::info!(
            "tool_call session_id={} execution_id={} tool_name={} tool_use_id={} command={} \
             description={} seq={} permission_level={}",
            texts.session,
            texts.execution,
            texts.tool,
            texts.tool_use,
            texts.command,
            texts.description,
            seq,
            texts.permission
        );
    }

    #[inline(always)]
    fn disabled(&self, fields: Fields) {
        ticklog::debug!(
            "order accepted seq={} delta={} price={} client={}",
            fields.seq,
            fields.delta,
            fields.price,
            fields.client
        );
    }

    fn finish(self) -> Option<u64> {
        None
    }
}
