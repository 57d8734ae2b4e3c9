//! A statement answered: filter, pipes, and all that is left out on the way.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use super::{Budget, Engine, Report};
use crate::pipes::{Chain, Flow, Limits, Next, PipeError, Row, Worker};
use crate::{LogFile, Statement};

impl Engine {
    /// Gives the rows of a statement. Those of the log come newest first; those that pipes make in the order of
    /// the pipes. Queries within filters must be resolved before.
    ///
    /// # Errors
    /// Pipes need more memory than they may have, or room for temporary files is missing.
    pub fn answer(
        &self,
        files: &[LogFile],
        statement: &Statement,
        limits: &Limits,
        budget: &Budget,
        out: Next<'_>,
    ) -> Result<Report, PipeError> {
        let chain = statement.chain(limits);
        match chain.gathers() {
            true => self.answer_gathered(files, statement, chain, budget, out),
            false => self.answer_newest(files, statement, chain, budget, out),
        }
    }

    fn answer_newest(
        &self,
        files: &[LogFile],
        statement: &Statement,
        mut chain: Chain,
        budget: &Budget,
        out: Next<'_>,
    ) -> Result<Report, PipeError> {
        let mut outcome = Ok(());
        let report = self.newest(files, &statement.filter, budget, &mut |key, line| {
            match chain.push(Row::of_line(line, key), out) {
                Ok(Flow::Continue) => return ControlFlow::Continue(()),
                Ok(Flow::Enough) => {}
                Err(error) => outcome = Err(error),
            }
            ControlFlow::Break(())
        });
        outcome?;
        chain.finish(out)?;
        Ok(report)
    }

    fn answer_gathered(
        &self,
        files: &[LogFile],
        statement: &Statement,
        chain: Chain,
        budget: &Budget,
        out: Next<'_>,
    ) -> Result<Report, PipeError> {
        let threads = super::threads(usize::MAX);
        let chain = Mutex::new(chain);
        let lock = || chain.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Gathered { worker: lock().worker(threads), error: None };
        let (all, report) = self.gather(
            files,
            &statement.filter,
            budget,
            make,
            |gathered: &mut Gathered, key, line| gathered.push(Row::of_line(line, key)),
        );
        let mut chain = chain.into_inner().unwrap_or_else(PoisonError::into_inner);
        for gathered in all {
            gathered.error.map_or(Ok(()), Err)?;
            chain.absorb(gathered.worker)?;
        }
        chain.finish(out)?;
        Ok(report)
    }
}

/// What one thread has gathered, or why it could not.
pub(super) struct Gathered {
    worker: Worker,
    error: Option<PipeError>,
}

impl Gathered {
    fn push(&mut self, row: Row<'_>) -> ControlFlow<()> {
        match self.worker.push(row, &mut |_| Ok(Flow::Continue)) {
            Ok(Flow::Continue) => return ControlFlow::Continue(()),
            Ok(Flow::Enough) => {}
            Err(error) => self.error = Some(error),
        }
        ControlFlow::Break(())
    }
}
