//! Records as they are committed, by a thread for each log directory, for as long as a plan counts.
//!
//! Where the screen follows, the last records of each batch come with their places, so that those
//! which are found in the files as well are known to be the same; else they are counted only.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use logloom_filter::LineView;
use logloom_query::pipes::{Chain, Limits};
use logloom_query::{Query, Statement, TailedLine};
use logloom_record::time::parse_timestamp;

use super::super::entry::Place;
use super::Shared;
use super::pager::through;
use super::protocol::{Answer, Plan};
use crate::commands::tail::source::Source;

/// How often it is looked whether the plan still counts.
const TICK: Duration = Duration::from_millis(250);

/// Rows of a batch that are shown; of more no screen shows any.
const ROWS_MAX: usize = 500;

/// Begins behind what is committed now.
pub(super) fn start(
    shared: &Arc<Shared>,
    plan: &Arc<Plan>,
    statement: &Statement,
) -> Result<(), String> {
    let files = shared.files()?;
    for (number, directory) in shared.directories.iter().enumerate() {
        let query = Query { filter: statement.filter.clone(), ..Query::default() };
        let source = Source::new(directory, &query).map_err(|error| error.to_string())?;
        let watch = Watch {
            shared: shared.clone(),
            plan: plan.clone(),
            number,
            births: files.births(number),
            chain: Chain::new(&statement.pipes, &Limits::default()),
        };
        let named = std::thread::Builder::new().name("live".to_owned());
        named.spawn(move || watch.run(source)).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// One directory that is kept up with.
struct Watch {
    shared: Arc<Shared>,
    plan: Arc<Plan>,
    number: usize,
    births: HashMap<u64, u64>,
    chain: Chain,
}

/// A line of a batch: file, offset, text.
type Line = (u64, u64, Vec<u8>);

impl Watch {
    fn run(mut self, mut source: Source) {
        let mut told = None;
        while !self.plan.cancel.is_cancelled() {
            let (mut count, mut lines) = (0, Vec::new());
            let is_followed = self.shared.is_followed.load(Ordering::Acquire);
            let outcome = source.next(TICK, &mut |found| {
                count += 1;
                if is_followed {
                    keep(&mut lines, &found);
                }
            });
            if let Err(error) = outcome {
                let text = error.to_string();
                if told.as_ref() != Some(&text) {
                    told = Some(text.clone());
                    let generation = self.plan.generation;
                    self.shared.tell(Answer::Failed { generation, text });
                }
                // The next attempt goes on at the same place.
                std::thread::park_timeout(Duration::from_secs(1));
            }
            if count > 0 && !self.tell(count, lines) {
                return;
            }
        }
    }

    fn tell(&mut self, count: usize, lines: Vec<Line>) -> bool {
        let is_whole = lines.len() == count;
        let mut rows = Vec::with_capacity(lines.len());
        for (file, offset, line) in lines {
            let place = self.place(file, offset, &line);
            rows.extend(through(&mut self.chain, place, &line));
        }
        let generation = self.plan.generation;
        self.shared.tell(Answer::Live { generation, count, rows, is_whole })
    }

    fn place(&mut self, file: u64, offset: u64, line: &[u8]) -> Place {
        if !self.births.contains_key(&file)
            && let Ok(files) = self.shared.files()
        {
            self.births = files.births(self.number);
        }
        let birth = self.births.get(&file).copied().unwrap_or_default();
        let time =
            LineView::new(line).get("timestamp").and_then(|time| parse_timestamp(&time.text()));
        let time = time.unwrap_or_else(|| start_of_day(file));
        Place { time, birth, directory: self.number, file, offset }
    }
}

/// The first moment of the day of a file, as the engine takes it for lines without a time.
fn start_of_day(file: u64) -> i64 {
    logloom_store::FileKey::from_word(file).map_or(0, |key| key.day.start_ns())
}

/// Keeps the last lines of a batch.
fn keep(lines: &mut Vec<Line>, found: &TailedLine<'_>) {
    if lines.len() >= 2 * ROWS_MAX {
        lines.drain(..ROWS_MAX);
    }
    lines.push((found.file.to_word(), found.offset, found.line.to_vec()));
}
