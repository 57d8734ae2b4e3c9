//! What a statement looks at, if so little that counts of values are enough. In comes a statement; out go the fields
//! and the moments that matter, or nothing where it looks at more than an index can stand in for.

use std::collections::BTreeSet;

use logloom_filter::words::words;
use logloom_filter::{Filter, Target, Test};

use crate::Statement;
use crate::pipes::{Bucket, By, Call, Names, Pipe, Stats};

const TIME: &str = "timestamp";
const MESSAGE: &str = "message";

/// What matters of a row: the values of these fields, and between which of these moments its time lies.
#[derive(Debug, Default)]
pub(in crate::engine) struct Uses {
    pub(super) fields: BTreeSet<String>,
    /// Moments at which the answer to a filter may change.
    pub(super) cuts: Vec<i64>,
    /// What times are rounded down to.
    pub(super) buckets: Vec<Bucket>,
    /// The word that all messages must have, where beside it and times nothing matters. `message` is then among the
    /// fields.
    pub(super) word: Option<String>,
}

impl Uses {
    /// What a statement looks at; `None` when counts are not enough.
    pub(in crate::engine) fn of(statement: &Statement) -> Option<Uses> {
        let (word, rest) = split(&statement.filter);
        let by_word = word.and_then(|word| {
            let mut uses = Uses::of_both(&rest, &statement.pipes)?;
            let is_alone = uses.fields.is_empty();
            uses.word = Some(word.to_owned());
            uses.path(MESSAGE)?;
            is_alone.then_some(uses)
        });
        by_word.or_else(|| Uses::of_both(&[&statement.filter], &statement.pipes))
    }

    fn of_both(filters: &[&Filter], pipes: &[Pipe]) -> Option<Uses> {
        let mut uses = Uses::default();
        filters.iter().try_for_each(|filter| uses.filter(filter))?;
        for pipe in pipes {
            match pipe {
                Pipe::Filter(filter) => uses.filter(filter)?,
                Pipe::Stats(stats) => return uses.stats(stats).map(|()| uses),
                Pipe::Top(top) => return uses.paths(&top.by).map(|()| uses),
                Pipe::Uniq(uniq) => return uses.paths(&uniq.by).map(|()| uses),
                _ => return None,
            }
        }
        None
    }

    /// Whether a moment matters at all.
    pub(super) fn has_times(&self) -> bool {
        !self.cuts.is_empty() || !self.buckets.is_empty()
    }

    /// Whether rows of these two times, and of all between them, are told apart by nothing here.
    pub(super) fn are_alike(&self, first: i64, last: i64) -> bool {
        last < self.alike_until(first)
    }

    /// The first moment after this one that is told apart from it, or the last there is.
    pub(super) fn alike_until(&self, time: i64) -> i64 {
        let cuts = self.cuts.iter().copied().filter(|cut| *cut > time);
        let ends = self.buckets.iter().map(|bucket| bucket.time_end(time));
        cuts.chain(ends).min().unwrap_or(i64::MAX)
    }

    /// Whether nothing matters but times and levels.
    pub(super) fn are_of_minutes(&self) -> bool {
        self.has_times() && self.fields.iter().all(|field| field == "level")
    }

    /// A time that is told apart from this one by nothing, and the same for as many as possible.
    pub(super) fn representative(&self, time: i64) -> i64 {
        let starts = self.buckets.iter().map(|bucket| bucket.time_start(time));
        let cuts = self.cuts.iter().copied().filter(|cut| *cut <= time);
        let before_all = || self.cuts.iter().min().map_or(time, |cut| cut.saturating_sub(1));
        starts.chain(cuts).max().unwrap_or_else(before_all)
    }

    fn path(&mut self, path: &str) -> Option<()> {
        (path != TIME).then(|| {
            self.fields.insert(path.to_owned());
        })
    }

    fn paths(&mut self, paths: &[String]) -> Option<()> {
        paths.iter().try_for_each(|path| self.path(path))
    }

    fn filter(&mut self, filter: &Filter) -> Option<()> {
        match filter {
            Filter::Always => Some(()),
            Filter::And(all) | Filter::Or(all) => all.iter().try_for_each(|one| self.filter(one)),
            Filter::Not(inner) => self.filter(inner),
            Filter::LevelAtLeast(_) | Filter::LevelIn(_) => self.path("level"),
            Filter::TimeRange { from, until } => {
                self.cuts.extend([from, until].into_iter().flatten());
                Some(())
            }
            Filter::Service(_) => self.path("service"),
            Filter::FieldEquals { path, .. }
            | Filter::FieldIn { path, .. }
            | Filter::FieldExists { path }
            | Filter::FieldPrefix { path, .. }
            | Filter::FieldContains { path, .. }
            | Filter::Test { target: Target::Path(path), .. } => self.path(path),
            _ => None,
        }
    }

    fn stats(&mut self, stats: &Stats) -> Option<()> {
        for By { field, bucket } in &stats.by {
            match bucket {
                Some(bucket) if field == TIME => self.buckets.push(bucket.clone()),
                _ => self.path(field)?,
            }
        }
        for function in &stats.functions {
            function.condition.as_ref().map_or(Some(()), |filter| self.filter(filter))?;
            // Of the others it matters how often and where a value stands.
            let fields = match &function.call {
                Call::Count(fields)
                | Call::CountEmpty(fields)
                | Call::CountUniq { fields, .. }
                | Call::Min(fields)
                | Call::Max(fields)
                | Call::UniqValues { fields, .. } => fields,
                _ => return None,
            };
            for name in fields {
                match name {
                    Names::One(path) => self.path(path)?,
                    Names::Prefix(_) => return None,
                }
            }
        }
        Some(())
    }
}

/// The only word that a filter asks of messages, and what else it asks.
fn split(filter: &Filter) -> (Option<&str>, Vec<&Filter>) {
    let all = match filter {
        Filter::And(all) => all.iter().collect(),
        single => vec![single],
    };
    let found = all.iter().find_map(|one| word_of(one));
    let rest = all.into_iter().filter(|one| word_of(one).is_none_or(|word| Some(word) != found));
    (found, rest.collect())
}

/// The word, if a filter asks for just one in messages.
fn word_of(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Test { target: Target::Path(path), test: Test::Phrase(text) }
            if path == MESSAGE =>
        {
            words(text).eq([text.as_str()]).then_some(text)
        }
        _ => None,
    }
}
