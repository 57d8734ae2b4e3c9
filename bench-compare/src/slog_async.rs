//! slog with slog-async and slog-json.
//!
//! As their documentation shows: JSON drain, asynchronous drain around it, level filter outermost.
//! `Block` instead of the default that drops and reports; as many slots as lines fit Logloom's
//! rings. The file is buffered, which is to its advantage: unbuffered, its JSON drain writes each
//! token by itself.

use std::fs::File;
use std::io::BufWriter;

use logloom_bench::workload::action::{TYPE, texts};
use logloom_bench::workload::{Fields, Party, Setup};
use slog::{Drain, Level, LevelFilter, Logger};
use slog_async::{Async, AsyncGuard, OverflowStrategy};

/// The running logger.
pub(crate) struct Slog {
    logger: Logger,
    guard: AsyncGuard,
}

/// Starts it with a file in the directory.
pub(crate) fn start(setup: &Setup) -> Result<Slog, String> {
    let path = setup.directory.join("slog.log");
    let file = File::create(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let json = slog_json::Json::default(BufWriter::with_capacity(64 << 10, file)).fuse();
    let (drain, guard) = Async::new(json)
        .chan_size(setup.queue_lines())
        .overflow_strategy(OverflowStrategy::Block)
        .build_with_guard();
    let logger = Logger::root(LevelFilter::new(drain, Level::Info).fuse(), slog::o!());
    Ok(Slog { logger, guard })
}

impl Party for Slog {
    #[inline(always)]
    fn fields(&self, fields: Fields) {
        slog::info!(self.logger, "order accepted"; "seq" => fields.seq, "delta" => fields.delta,
            "price" => fields.price, "client" => fields.client);
    }

    #[inline(always)]
    fn message(&self) {
        slog::info!(self.logger, "order accepted");
    }

    #[inline(always)]
    fn action(&self, seq: u64) {
        let texts = texts();
        slog::info!(self.logger, ""; "action_type" => TYPE, "session_id" => texts.session,
            "execution_id" => texts.execution, "tool_name" => texts.tool,
            "tool_use_id" => texts.tool_use, "args.command" => texts.command,
            "args.description" => texts.description, "args.seq" => seq,
            "permission_level" => texts.permission);
    }

    #[inline(always)]
    fn disabled(&self, fields: Fields) {
        slog::debug!(self.logger, "order accepted"; "seq" => fields.seq, "delta" => fields.delta,
            "price" => fields.price, "client" => fields.client);
    }

    fn finish(self) -> Option<u64> {
        drop(self.logger);
        // The worker owns the buffered file; it is written out when the worker has ended.
        drop(self.guard);
        None
    }
}
