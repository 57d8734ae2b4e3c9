//! tracing with its JSON layer and tracing-appender's non-blocking writer.
//!
//! As its README shows: a rolling file behind `non_blocking`, the guard kept until the end. Lossless
//! instead of the lossy default, and a buffer of as many lines as fit Logloom's rings, so that both
//! sides hold the same.

use logloom_bench::workload::action::{TYPE, texts};
use logloom_bench::workload::{Fields, Party, Setup};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};

/// The running logger.
pub(crate) struct Tracing {
    guard: WorkerGuard,
    errors: ErrorCounter,
}

/// Starts it with a daily file in the directory.
pub(crate) fn start(setup: &Setup) -> Result<Tracing, String> {
    let file = tracing_appender::rolling::daily(&setup.directory, "tracing.log");
    let (writer, guard) = NonBlockingBuilder::default()
        .lossy(false)
        .buffered_lines_limit(setup.queue_lines())
        .finish(file);
    let errors = writer.error_counter();
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::INFO)
        .with_writer(writer)
        .try_init()
        .map_err(|error| error.to_string())?;
    Ok(Tracing { guard, errors })
}

impl Party for Tracing {
    #[inline(always)]
    fn fields(&self, fields: Fields) {
        tracing::info!(
            seq = fields.seq,
            delta = fields.delta,
            price = fields.price,
            client = fields.client,
            "order accepted"
        );
    }

    #[inline(always)]
    fn message(&self) {
        tracing::info!("order accepted");
    }

    #[inline(always)]
    fn action(&self, seq: u64) {
        let texts = texts();
        tracing::info!(
            action_type = TYPE,
            session_id = texts.session,
            execution_id = texts.execution,
            tool_name = texts.tool,
            tool_use_id = texts.tool_use,
            args.command = texts.command,
            args.description = texts.description,
            args.seq = seq,
            permission_level = texts.permission,
        );
    }

    #[inline(always)]
    fn disabled(&self, fields: Fields) {
        tracing::debug!(
            seq = fields.seq,
            delta = fields.delta,
            price = fields.price,
            client = fields.client,
            "order accepted"
        );
    }

    fn finish(self) -> Option<u64> {
        drop(self.guard);
        Some(self.errors.dropped_lines() as u64)
    }
}
