//! A statement answered: filter, pipes, and all that is left out on the way.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use super::counts::{self, StandIn, Uses};
use super::read::Job;
use super::task::Task;
use super::{Budget, Engine, Report, Stop, gather};
use crate::pipes::{Chain, Flow, Limits, Next, PipeError, Row, Worker};
use crate::{Key, LogFile, Order, Statement};

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
        self.answer_in(Order::NewestFirst, files, statement, (limits, budget), out)
    }

    /// The same with rows of the log in this order, which pipes that count rows or put them in order see as well.
    ///
    /// # Errors
    /// As above.
    pub fn answer_in(
        &self,
        order: Order,
        files: &[LogFile],
        statement: &Statement,
        (limits, budget): (&Limits, &Budget),
        out: Next<'_>,
    ) -> Result<Report, PipeError> {
        let mut chain = statement.chain(limits);
        let budget = &budget.begun(self.platform.as_ref());
        if chain.gathers() {
            return self.answer_gathered(files, statement, chain, budget, out);
        }
        let mut outcome = Ok(());
        let mut report = self.rows(files, &statement.filter, order, budget, &mut |key, line| {
            match chain.push(Row::of_line(line, key), out) {
                Ok(Flow::Continue) => return ControlFlow::Continue(()),
                Ok(Flow::Enough) => {}
                Err(error) => outcome = Err(error),
            }
            ControlFlow::Break(())
        });
        outcome?;
        self.finish(chain, budget, &mut report, out)?;
        Ok(report)
    }

    /// Gives the rows that were held back, for as long as there is time.
    fn finish(
        &self,
        chain: Chain,
        budget: &Budget,
        report: &mut Report,
        out: Next<'_>,
    ) -> Result<(), PipeError> {
        // From the first row on: putting them in order has taken time, too.
        let mut until = None;
        chain.finish(&mut |row| {
            let platform = self.platform.as_ref();
            let until = *until.get_or_insert_with(|| budget.for_giving(platform));
            if until.is_some_and(|until| platform.monotonic_ns() > until) {
                report.stop.get_or_insert(Stop::Time);
                return Ok(Flow::Enough);
            }
            out(row)
        })
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
        let each =
            |gathered: &mut Gathered, key: Key, line: &[u8]| gathered.push(Row::of_line(line, key));
        let uses = Uses::of(statement);
        let reading = budget.for_reading(self.platform.as_ref());
        let (all, mut report) = loop {
            let mut all = Vec::new();
            let report = self.run(files, &statement.filter, &reading, &mut |job, tasks, report| {
                let (tasks, stand_ins) = match &uses {
                    Some(uses) => {
                        let learn =
                            &mut |parts: &[Task]| self.spans.minutes(files, parts, job.watch);
                        counts::count(job.sources, tasks, uses, &mut report.plan, learn)
                    }
                    None => (tasks, Vec::new()),
                };
                (all, report.stats) = gather::run(job, &tasks, make, each);
                let mut counted = make();
                report.stats.matched += counted.push_all(job, &stand_ins);
                all.push(counted);
            });
            if let Ok(report) = report {
                break (all, report);
            }
        };
        let mut chain = chain.into_inner().unwrap_or_else(PoisonError::into_inner);
        for gathered in all {
            gathered.error.map_or(Ok(()), Err)?;
            chain.absorb(gathered.worker)?;
        }
        self.finish(chain, budget, &mut report, out)?;
        Ok(report)
    }
}

/// What one thread has gathered, or why it could not.
pub(super) struct Gathered {
    worker: Worker,
    error: Option<PipeError>,
}

impl Gathered {
    /// Takes the lines that match and stand for others; how many these are.
    fn push_all(&mut self, job: &Job<'_>, stand_ins: &[StandIn]) -> u64 {
        let mut lines = 0;
        for StandIn { line, time_ns, times } in stand_ins {
            if job.matcher.matches(line) {
                lines += times;
                if self.push(Row::stand_in(line, *times, *time_ns)).is_break() {
                    break;
                }
            }
        }
        lines
    }

    fn push(&mut self, row: Row<'_>) -> ControlFlow<()> {
        match self.worker.push(row, &mut |_| Ok(Flow::Continue)) {
            Ok(Flow::Continue) => return ControlFlow::Continue(()),
            Ok(Flow::Enough) => {}
            Err(error) => self.error = Some(error),
        }
        ControlFlow::Break(())
    }
}
