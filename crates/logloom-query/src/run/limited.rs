//! Queries with a limit: a bounded number of rows in memory, files in the order of their promise.

use std::ops::ControlFlow;

use logloom_filter::Matcher;

use super::{Row, key_of, note};
use crate::damage::Check;
use crate::order::Selection;
use crate::scan::{backward, forward};
use crate::{Keep, LogFile, Query, Stats};

pub(super) fn run(
    query: &Query,
    limit: usize,
    files: &[LogFile],
    give: &mut dyn FnMut(Row<'_>) -> ControlFlow<()>,
) -> Stats {
    let mut stats = Stats::default();
    let matcher = query.condition().compile();
    let mut selection = Selection::new(query.keep, limit);
    for index in by_promise(query, files) {
        let file = &files[index];
        if limit == 0 || !query.may_answer(file) || !can_improve(query.keep, &selection, file) {
            stats.files_skipped += 1;
            continue;
        }
        scan_file(query, index, file, &matcher, &mut selection, &mut stats);
    }
    for found in selection.into_rows(query.order) {
        let row = Row {
            file: &files[found.key.file],
            offset: found.key.offset,
            time_ns: found.key.time,
            line: &found.line,
        };
        if give(row).is_break() {
            break;
        }
    }
    stats
}

/// Files in the order in which they are likely to fill the answer; those with unknown times first,
/// since they can be left out on no account.
fn by_promise(query: &Query, files: &[LogFile]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..files.len()).collect();
    match query.keep {
        Keep::Newest => order.sort_by_key(|index| {
            std::cmp::Reverse(files[*index].times().map_or(i64::MAX, |(_, last)| last))
        }),
        Keep::Oldest => {
            order.sort_by_key(|index| files[*index].times().map_or(i64::MIN, |(first, _)| first))
        }
    }
    order
}

/// Whether the file may hold a row that is better than the worst one kept.
fn can_improve(keep: Keep, selection: &Selection, file: &LogFile) -> bool {
    let (Some(worst), Some((first, last))) = (selection.worst_time(), file.times()) else {
        return true;
    };
    match keep {
        Keep::Newest => last >= worst,
        Keep::Oldest => first <= worst,
    }
}

fn scan_file(
    query: &Query,
    index: usize,
    file: &LogFile,
    matcher: &Matcher,
    selection: &mut Selection,
    stats: &mut Stats,
) {
    let (mut lines, mut matched) = (0, 0);
    let check = Check::of_bytes(file.length());
    let reader = match file.open() {
        Ok(reader) => reader,
        Err(error) => return note(stats, file, Err(error)),
    };
    // The oldest lines come first then, and old ones say nothing about those that follow.
    let is_from_start = query.keep == Keep::Oldest || reader.is_sequential();
    let is_recent_last = query.keep == Keep::Newest && is_from_start;
    let mut recent = Recent::new(if is_recent_last { None } else { query.disorder_ns });
    let mut each = |offset: u64, line: &[u8]| {
        lines += 1;
        stats.note_damage(check, index, offset, line);
        // Whichever is cheaper goes first: while there is room most lines end at the filter, and
        // once the answer is full most lines end at their time.
        let is_known_match = selection.has_room();
        if is_known_match && !matcher.matches(line) {
            return ControlFlow::Continue(());
        }
        let key = key_of(index, file, offset, line);
        if selection.wants(key) && (is_known_match || matcher.matches(line)) {
            matched += 1;
            selection.add(key, line);
        }
        recent.look(key.time, selection.worst_time())
    };
    let outcome = match is_from_start {
        true => forward(reader.as_ref(), file.length(), &mut each),
        false => backward(reader.as_ref(), file.length(), &mut each),
    };
    stats.lines += lines;
    stats.matched += matched;
    note(stats, file, outcome);
}

/// Lines in a row that must be too old before a scan for the newest rows may stop.
const OLD_LINES: u32 = 1_000;

/// Decides when a file has nothing new to offer, given how far lines may be out of order.
struct Recent {
    disorder_ns: Option<i64>,
    old_lines: u32,
}

impl Recent {
    fn new(disorder_ns: Option<i64>) -> Self {
        Self { disorder_ns, old_lines: 0 }
    }

    fn look(&mut self, time: i64, worst: Option<i64>) -> ControlFlow<()> {
        let (Some(disorder), Some(worst)) = (self.disorder_ns, worst) else {
            return ControlFlow::Continue(());
        };
        let is_old = time.saturating_add(disorder) < worst;
        self.old_lines = if is_old { self.old_lines + 1 } else { 0 };
        if self.old_lines < OLD_LINES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}
