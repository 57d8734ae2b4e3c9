//! Full texts of lines that were cut: how fast a writer keeps them, which it does before each batch.
//!
//! In come the lines of the other measurements, cut into texts of 8 KiB; out go rows.

use logloom_store::sys::LinuxPlatform;
use logloom_store::{Append, TextId, WriterIdentity};

use super::{Measured, timed};
use crate::goals::{Goal, open};

const TEXT_BYTES: usize = 8 << 10;
/// Enough for a second's work.
const TEXTS: usize = 10_000;
const ROOM: u64 = 1 << 30;

impl Measured<'_> {
    /// Texts that are new, then the same ones again.
    pub(super) fn keep_texts(&mut self, lines: &[u8]) -> Result<(), String> {
        let directory = open(&self.bench.fresh("texts")?)?;
        let identity = WriterIdentity::of_this_process(&LinuxPlatform, String::new(), 0);
        let writer = directory.register(identity).map_err(|error| error.to_string())?;
        let texts: Vec<&[u8]> = lines.chunks(TEXT_BYTES).take(TEXTS).collect();
        let keep = || {
            let mut texts = texts.iter();
            texts.try_for_each(|text| writer.keep_text(&TextId::of(text), text, ROOM))
        };
        for metric in ["full texts of 8 KiB: kept", "full texts of 8 KiB: known already"] {
            let (time, ()) = timed(|| keep().map_err(|error| error.to_string()))?;
            let each = time.as_secs_f64() * 1e6 / texts.len() as f64;
            self.bench.tell(metric, each, "us each", Goal::None)?;
        }
        Ok(())
    }
}
