//! `limit` and `offset`: so many rows, or all but so many, in the order in which they come.

use super::Row;
use super::chain::{Flow, Next, PipeError, Stage};

/// Gives so many rows.
pub(super) struct Limiting {
    pub(super) left: u64,
}

impl Stage for Limiting {
    fn push(&mut self, row: Row<'_>, next: Next<'_>) -> Result<Flow, PipeError> {
        if self.left == 0 {
            return Ok(Flow::Enough);
        }
        self.left -= 1;
        let flow = next(row)?;
        Ok(if self.left == 0 { Flow::Enough } else { flow })
    }
}

/// Passes over so many rows.
pub(super) struct Skipping {
    pub(super) left: u64,
}

impl Stage for Skipping {
    fn push(&mut self, row: Row<'_>, next: Next<'_>) -> Result<Flow, PipeError> {
        if self.left == 0 {
            return next(row);
        }
        self.left -= 1;
        Ok(Flow::Continue)
    }
}
