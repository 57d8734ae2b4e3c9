//! One pass over the days that were chosen: how many actions there are, and where those stand that
//! were asked for.
//!
//! Takes files, bounds and a condition; gives totals and the places of the rows that a limit
//! keeps, 40 bytes each, never the rows themselves. Lines are taken apart only where the raw text
//! leaves it open that they are wanted. Damaged lines are counted and told, and are no actions.

use std::collections::{BinaryHeap, HashSet};
use std::ops::ControlFlow;

use logloom_filter::{Filter, LineView, Matcher};
use memchr::memchr;

use super::head::{Head, Likeness, Second, second_of};
use super::view::ActionTest;
use crate::damage::{Check, Damage};
use crate::order::Key;
use crate::parallel::{self, Block};
use crate::run::time_of;
use crate::{Keep, LogFile, Order, QueryProblem};

/// Values that are looked up in other records are kept up to this number, some 60 bytes each.
const VALUES_MAX: usize = 1_000_000;

/// A day: how far the days of files whose times are unknown may lie from those of the viewer.
const DAY_NS: i64 = 86_400_000_000_000;

/// The days as moments, and the files that may hold something of them.
pub(crate) struct Range<'a> {
    pub(crate) files: &'a [LogFile],
    /// Nanoseconds since 1970; the first moment that counts.
    pub(crate) from: i64,
    /// The first moment that counts no more.
    pub(crate) until: i64,
    /// What is looked for in lines.
    check: Check,
    /// Both bounds as lines write them, where they are whole seconds of four-digit years.
    seconds: Option<(Second, Second)>,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) key: Key,
    pub(crate) length: u32,
}

/// What a pass counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    /// Every action of the chosen days.
    All,
    /// Those that it has to look at: of more than 64 MiB, blocks in which nothing can match are passed over.
    Looked,
}

/// What one pass found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Actions of the chosen days.
    pub(crate) total: u64,
    /// The rows that the limit keeps, oldest first.
    pub(crate) places: Vec<Place>,
    /// Damaged lines.
    pub(crate) damage: Damage,
    /// Files that could not be read.
    pub(crate) problems: Vec<QueryProblem>,
}

impl<'a> Range<'a> {
    pub(crate) fn new(files: &'a [LogFile], bounds: (Option<i64>, Option<i64>)) -> Self {
        let (from, until) = bounds;
        let (from, until) = (from.unwrap_or(i64::MIN), until.unwrap_or(i64::MAX));
        let seconds = second_of(from).zip(second_of(until));
        let mut range = Self { files, from, until, check: Check::of_bytes(0), seconds };
        let bytes: u64 = range.indexes().iter().map(|index| files[*index].length()).sum();
        range.check = Check::of_bytes(bytes);
        range
    }

    /// Whether a line is damaged.
    pub(crate) fn is_damaged(&self, line: &[u8]) -> bool {
        self.check.is_damaged(line)
    }

    /// The same range with one day more before it.
    pub(crate) fn with_day_before(&self) -> Range<'a> {
        Range { from: self.from.saturating_sub(DAY_NS), seconds: None, ..*self }
    }

    /// The files that may hold a record of the range. Files whose times nobody knows are told by
    /// the day of their name, one day to either side.
    pub(crate) fn indexes(&self) -> Vec<usize> {
        let may_hold = |file: &LogFile| {
            if file.length() == 0 && !file.is_unpackable_to_nothing() {
                return false;
            }
            match (file.times(), file.key()) {
                (Some((first, last)), _) => last >= self.from && first < self.until,
                (None, Some(key)) => {
                    let start = key.day.start_ns();
                    let end = start.saturating_add(2 * DAY_NS);
                    end > self.from && start.saturating_sub(DAY_NS) < self.until
                }
                (None, None) => true,
            }
        };
        (0..self.files.len()).filter(|index| may_hold(&self.files[*index])).collect()
    }

    /// Whether the day of the file's name meets the range.
    pub(crate) fn is_of_days(&self, file: &LogFile) -> bool {
        file.key().is_some_and(|key| {
            let start = key.day.start_ns();
            start.saturating_add(DAY_NS) > self.from && start < self.until
        })
    }

    /// The time of a line, where it lies in the range. A line without a time has that of its day.
    pub(crate) fn time(&self, file: usize, line: &[u8]) -> Option<i64> {
        let time = time_of(line).unwrap_or_else(|| self.files[file].day_start_ns());
        (self.from <= time && time < self.until).then_some(time)
    }

    /// Whether a line lies in the range. Lines as this system writes them are told by the text of
    /// their time alone.
    #[inline]
    pub(crate) fn holds(&self, file: usize, head: Option<Head<'_>>, line: &[u8]) -> bool {
        match (head, &self.seconds) {
            (Some(head), Some((from, until))) => {
                from.as_slice() <= head.second && head.second < until.as_slice()
            }
            _ => self.time(file, line).is_some(),
        }
    }

    /// What tells of further lines that they are neither damaged nor outside of the range, as this one is
    /// not, if the ends of lines and their seconds tell that.
    fn likeness<'l>(&self, line: &'l [u8]) -> Option<Likeness<'l>> {
        let is_told = self.seconds.is_some() && !self.check.is_thorough;
        if is_told { Likeness::of(line) } else { None }
    }

    /// Counts the actions of the range and finds those that match. Without a limit the places of
    /// all are kept.
    pub(crate) fn scan(
        &self,
        condition: &Filter,
        limit: Option<usize>,
        keep: Keep,
        counting: Counting,
    ) -> Scan {
        let condition = self.resolve(condition.clone());
        let matcher = condition.compile();
        let test = ActionTest::new();
        let order = match keep {
            Keep::Newest => Order::NewestFirst,
            Keep::Oldest => Order::OldestFirst,
        };
        let looks_at_all = counting == Counting::All || self.check.is_thorough;
        let make = || Gathered::new(limit.unwrap_or(usize::MAX), keep);
        let look = |gathered: &mut Gathered, block: &Block<'_>| {
            let may_match = matcher.may_match(block.bytes);
            if !may_match && !looks_at_all {
                return ControlFlow::Continue(());
            }
            let matcher = may_match.then_some(&matcher);
            gathered.block(self, block, &test, matcher);
            ControlFlow::Continue(())
        };
        let (all, stats) = parallel::run(self.files, &self.indexes(), order, make, look);
        let mut scan = Scan { problems: stats.problems, ..Scan::default() };
        let mut best = Best::new(limit.unwrap_or(usize::MAX), keep);
        for gathered in all {
            scan.total += gathered.total;
            scan.damage.join(&gathered.damage);
            gathered.best.places.into_iter().for_each(|ranked| best.add(ranked.place));
        }
        scan.places = best.places.into_iter().map(|ranked| ranked.place).collect();
        scan.places.sort_unstable();
        scan
    }

    /// The condition with the values of other records in place.
    pub(crate) fn resolve(&self, condition: Filter) -> Filter {
        condition.resolve(&mut |of, field| self.with_day_before().values(of, field))
    }

    /// The values that the matching records have in a field, each once, [`VALUES_MAX`] at most.
    fn values(&self, of: &Filter, field: &str) -> Vec<String> {
        let matcher = of.compile();
        let look = |values: &mut HashSet<String>, block: &Block<'_>| {
            if !matcher.may_match(block.bytes) {
                return ControlFlow::Continue(());
            }
            each_line(block, &mut |_, line| {
                if values.len() < VALUES_MAX && matcher.may_match(line) && matcher.matches(line) {
                    let value = LineView::new(line).get(field);
                    values.extend(value.map(|value| value.text().into_owned()));
                }
            });
            ControlFlow::Continue(())
        };
        let order = Order::OldestFirst;
        let (all, _) = parallel::run(self.files, &self.indexes(), order, HashSet::new, look);
        let mut values = HashSet::new();
        all.into_iter().for_each(|more| values.extend(more));
        let mut values: Vec<String> = values.into_iter().take(VALUES_MAX).collect();
        values.sort_unstable();
        values
    }
}

/// Gives each line of a block with its offset, without its line feed.
pub(crate) fn each_line<'b>(block: &Block<'b>, each: &mut dyn FnMut(u64, &'b [u8])) {
    let mut rest = block.bytes;
    let mut offset = block.offset;
    while let Some(feed) = memchr(b'\n', rest) {
        each(offset, &rest[..feed]);
        rest = &rest[feed + 1..];
        offset += feed as u64 + 1;
    }
}

/// What one thread has found.
struct Gathered {
    total: u64,
    damage: Damage,
    best: Best,
}

impl Gathered {
    fn new(limit: usize, keep: Keep) -> Self {
        Self { total: 0, damage: Damage::default(), best: Best::new(limit, keep) }
    }

    /// Counts the actions of a block, and keeps those that match; without a matcher none does.
    fn block(
        &mut self,
        range: &Range<'_>,
        block: &Block<'_>,
        test: &ActionTest,
        matcher: Option<&Matcher>,
    ) {
        let file = &range.files[block.file];
        let mut usual = None::<Likeness<'_>>;
        each_line(block, &mut |offset, line| {
            let is_usual =
                usual.is_some_and(|usual| usual.is_that_of(line) && line.ends_with(b"}"));
            if !is_usual {
                if range.is_damaged(line) {
                    self.damage.add(block.file, offset);
                    return;
                }
                let head = Head::of(line);
                if !test.is_action(head, line) || !range.holds(block.file, head, line) {
                    return;
                }
                usual = range.likeness(line);
            }
            self.total += 1;
            let Some(matcher) = matcher.filter(|matcher| matcher.may_match(line)) else { return };
            let Some(time) = range.time(block.file, line) else { return };
            let key = Key { time, birth: file.birth(), file: block.file, offset };
            let place = Place { key, length: line.len() as u32 };
            if self.best.wants(place) && matcher.matches(line) {
                self.best.add(place);
            }
        });
    }
}

/// The best places so far, at most so many.
struct Best {
    limit: usize,
    keep: Keep,
    places: BinaryHeap<Ranked>,
}

/// Orders so that the greatest is the one to give up first.
#[derive(PartialEq, Eq)]
struct Ranked {
    place: Place,
    keep: Keep,
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match self.keep {
            Keep::Oldest => self.place.cmp(&other.place),
            Keep::Newest => other.place.cmp(&self.place),
        }
    }
}

impl Best {
    fn new(limit: usize, keep: Keep) -> Self {
        Self { limit, keep, places: BinaryHeap::new() }
    }

    /// Whether a row at this place would be kept.
    fn wants(&self, place: Place) -> bool {
        if self.places.len() < self.limit {
            return true;
        }
        let ranked = Ranked { place, keep: self.keep };
        self.places.peek().is_some_and(|worst| ranked < *worst)
    }

    fn add(&mut self, place: Place) {
        if !self.wants(place) {
            return;
        }
        if self.places.len() >= self.limit {
            self.places.pop();
        }
        self.places.push(Ranked { place, keep: self.keep });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::super::head::Head;
    use super::{ActionTest, Gathered, Range};
    use crate::parallel::Block;
    use crate::{Keep, LogFile};

    /// 2025-11-21T00:00:00Z
    const DAY: i64 = 1_763_683_200_000_000_000;

    fn gathered(range: &Range<'_>, bytes: &[u8]) -> (u64, u64) {
        let mut gathered = Gathered::new(usize::MAX, Keep::Oldest);
        let block = Block { file: 0, offset: 0, bytes };
        gathered.block(range, &block, &ActionTest::new(), None);
        (gathered.total, gathered.damage.count())
    }

    /// Lines of different seconds, levels and forms, whole and damaged.
    const LINES: [&str; 12] = [
        r#"{"timestamp":"2025-11-21T00:00:07.000001Z","level":"INFO","action_number":1,"action_type":"a"}"#,
        r#"{"timestamp":"2025-11-21T00:00:07.100002Z","level":"INFO","action_number":22,"action_type":"b","x":{}}"#,
        r#"{"timestamp":"2025-11-21T00:00:07.100002Z","level":"INFO","action_number":22,"action_type":"b"} "#,
        r#"{"timestamp":"2025-11-21T00:00:07.100002Z","level":"INFO","action_number":22,"action_type":"b""#,
        r#"{"timestamp":"2025-11-21T00:00:07.100002Z","level":"INFO","action_number":22,"x":1}"#,
        r#"{"timestamp":"2025-11-21T00:00:07.100002Z","level":"INFO","message":"no"}"#,
        r#"{"timestamp":"2025-11-21T00:00:07.100002Z","level":"WARN","action_number":3,"action_type":"c"}"#,
        r#"{"timestamp":"2025-11-21T00:00:08.000001Z","level":"INFO","action_number":4,"action_type":"a"}"#,
        r#"{"timestamp":"2025-11-20T23:59:59.000001Z","level":"INFO","action_number":5,"action_type":"a"}"#,
        r#"{"timestamp":"2025-11-21T00:00:07.00000xZ","level":"INFO","action_number":1,"action_type":"a"}"#,
        r#"{"action_type":"a"}"#,
        "",
    ];

    proptest! {
        #[test]
        fn many_lines_at_once_count_as_each_by_itself(
            chosen in prop::collection::vec((0..LINES.len(), 1_usize..4), 0..30),
            is_thorough in any::<bool>(),
            has_seconds in any::<bool>(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("2025-11-21.jsonl");
            std::fs::write(&path, "").unwrap();
            let files = [LogFile::of_path(&path).unwrap()];
            let from = if has_seconds { DAY } else { DAY + 1 };
            let mut range = Range::new(&files, (Some(from), Some(DAY + 60_000_000_000)));
            range.check.is_thorough = is_thorough;
            let lines = chosen.iter().flat_map(|(line, times)| [LINES[*line]].repeat(*times));
            let lines: Vec<String> = lines.map(|line| format!("{line}\n")).collect();
            let (mut total, mut damaged) = (0, 0);
            for line in &lines {
                let (count, damage) = gathered(&range, line.as_bytes());
                total += count;
                damaged += damage;
            }
            let (count, damage) = gathered(&range, lines.concat().as_bytes());
            prop_assert_eq!(count, total);
            prop_assert_eq!(damage, damaged);
        }
    }

    #[test]
    fn times_that_are_only_compared_are_told_as_those_that_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("2025-11-21.jsonl");
        std::fs::write(&path, "").unwrap();
        let files = [LogFile::of_path(&path).unwrap()];
        let second = 1_000_000_000;
        let range = Range::new(&files, (Some(DAY), Some(DAY + 60 * second)));
        for (time, is_quick) in [
            ("2025-11-20T23:59:59.999999Z", true),
            ("2025-11-21T00:00:00.000000Z", true),
            ("2025-11-21T00:00:59.999999Z", true),
            ("2025-11-21T00:01:00.000000Z", true),
            ("2025-11-21T00:00:30Z", false),
            ("2025-11-21T01:00:30.000000+01:00", false),
            ("2025-11-21 00:00:30.000000Z", false),
            ("2025-11-21T00:00:3x.000000Z", false),
        ] {
            let line = format!("{{\"timestamp\":\"{time}\",\"a\":1}}");
            let line = line.as_bytes();
            let head = Head::of(line);
            assert_eq!(head.is_some(), is_quick, "{time}");
            assert_eq!(range.holds(0, head, line), range.time(0, line).is_some(), "{time}");
        }
    }
}
