//! Counts of the actions: by type, by status, errors, sessions, and what the files take on disk.
//!
//! One pass by several threads. Memory: the distinct names, [`NAMES_MAX`] at most of each kind, and
//! eight bytes and some for each session, [`SESSIONS_MAX`] at most; beyond that the number of
//! sessions is a lower bound and is marked so.

use std::collections::HashSet;
use std::fmt::Write;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::ControlFlow;

use logloom_filter::Filter;

use super::days::Days;
use super::head::Head;
use super::lang::Lang;
use super::scan::{Range, each_line};
use super::view::{ActionTest, ActionView};
use crate::damage::Damage;
use crate::parallel::{self, Block};
use crate::show::{bytes, grouped, json_text, safe_line};
use crate::{LogFile, Order};

/// Distinct types or statuses that are counted apart.
const NAMES_MAX: usize = 500;

/// Sessions that are told apart.
const SESSIONS_MAX: usize = 1_000_000;

/// The name of what has none, or is one too many.
const OTHER: &str = "-";

/// What the actions add up to.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ActionSummary {
    /// Actions.
    pub actions: u64,
    /// Sessions.
    pub sessions: u64,
    /// Actions that are errors, see [`is_error`](super::is_error).
    pub errors: u64,
    /// Actions of each type, most first.
    pub by_type: Vec<(String, u64)>,
    /// Actions of each status, most first; `-` stands for none.
    pub by_status: Vec<(String, u64)>,
    /// Errors of each type, most first.
    pub error_types: Vec<(String, u64)>,
    /// Bytes on disk of the files that hold these days.
    pub day_bytes: u64,
    /// Bytes on disk of all files.
    pub all_bytes: u64,
    /// Days that have a file.
    pub days: u64,
    /// Files that could not be read, and damaged lines, a sentence each.
    pub problems: Vec<String>,
    /// Whether a file could not be read, so that the counts are too low.
    pub is_incomplete: bool,
    /// Bytes that were read.
    pub read_bytes: u64,
}

/// Names and how often they came.
#[derive(Debug, Default)]
struct Counter {
    /// As they stand in the lines; few enough to be compared one by one.
    names: Vec<(Vec<u8>, u64)>,
    other: u64,
}

impl Counter {
    fn add(&mut self, name: &[u8], count: u64) {
        if let Some((_, known)) = self.names.iter_mut().find(|(known, _)| known == name) {
            *known += count;
        } else if self.names.len() < NAMES_MAX {
            self.names.push((name.to_vec(), count));
        } else {
            self.other += count;
        }
    }

    fn join(&mut self, other: Counter) {
        other.names.iter().for_each(|(name, count)| self.add(name, *count));
        self.other += other.other;
    }

    /// Most first, then by name.
    fn sorted(self) -> Vec<(String, u64)> {
        let text = |name: Vec<u8>| match name.is_empty() {
            true => OTHER.to_owned(),
            false => String::from_utf8_lossy(&name).into_owned(),
        };
        let mut all: Vec<(String, u64)> =
            self.names.into_iter().map(|(name, count)| (text(name), count)).collect();
        match all.iter_mut().find(|(name, _)| name == OTHER) {
            Some((_, count)) => *count += self.other,
            None if self.other > 0 => all.push((OTHER.to_owned(), self.other)),
            None => {}
        }
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        all
    }
}

/// What one thread has counted.
#[derive(Default)]
struct Counts {
    types: Counter,
    statuses: Counter,
    errors: Counter,
    sessions: HashSet<u64>,
    /// Lines of one session mostly stand together.
    last_session: Vec<u8>,
    actions: u64,
    damage: Damage,
}

impl Counts {
    fn action(&mut self, action: &ActionView<'_>) {
        self.actions += 1;
        let (name, status) = (action.action_type(), action.status());
        self.types.add(name.as_bytes(), 1);
        self.statuses.add(status.as_bytes(), 1);
        if super::is_error(&name, &status) {
            self.errors.add(name.as_bytes(), 1);
        }
        let session = action.session_id();
        if !session.is_empty() && session.as_bytes() != self.last_session {
            self.last_session = session.as_bytes().to_vec();
            if self.sessions.len() < SESSIONS_MAX {
                let hasher = BuildHasherDefault::<DefaultHasher>::default();
                self.sessions.insert(hasher.hash_one(session.as_ref()));
            }
        }
    }
}

impl ActionSummary {
    /// Counts the actions of these bounds that satisfy the condition.
    pub(crate) fn of(
        files: &[LogFile],
        bounds: (Option<i64>, Option<i64>),
        condition: &Filter,
        lang: Lang,
    ) -> Self {
        let range = Range::new(files, bounds);
        let matcher = range.resolve(condition.clone()).compile();
        let is_all = matches!(condition, Filter::FieldExists { path } if path == "action_type");
        let test = ActionTest::new();
        let look = |counts: &mut Counts, block: &Block<'_>| {
            each_line(block, &mut |offset, line| {
                if range.is_damaged(line) {
                    counts.damage.add(block.file, offset);
                    return;
                }
                let head = Head::of(line);
                let is_wanted = test.is_action(head, line) && range.holds(block.file, head, line);
                if is_wanted
                    && (is_all || (matcher.may_match(line) && matcher.matches(line)))
                    && let Some(action) = ActionView::of(line)
                {
                    counts.action(&action);
                }
            });
            ControlFlow::Continue(())
        };
        let indexes = range.indexes();
        let (all, stats) =
            parallel::run(files, &indexes, Order::OldestFirst, Counts::default, look);
        let mut summary = joined(all, files, lang);
        summary.read_bytes = stats.bytes;
        summary.is_incomplete = !stats.problems.is_empty();
        summary.problems.extend(stats.problems.iter().map(|problem| lang.problem(problem)));
        let of_days = files.iter().filter(|file| range.is_of_days(file));
        summary.day_bytes = of_days.map(LogFile::disk_bytes).sum();
        summary.all_bytes = files.iter().map(LogFile::disk_bytes).sum();
        let mut days: Vec<_> = files.iter().filter_map(|file| Some(file.key()?.day)).collect();
        days.sort_unstable();
        days.dedup();
        summary.days = days.len() as u64;
        summary
    }

    /// The summary for people, in the form of the document.
    #[must_use]
    pub fn text(&self, days: &Days, lang: Lang) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(days, lang, &mut out);
        out
    }

    fn write(&self, days: &Days, lang: Lang, out: &mut String) -> std::fmt::Result {
        let pick = |english, chinese| lang.pick(english, chinese);
        let title = pick("Log summary", "日志统计摘要");
        writeln!(out, "=== {title} ({}) ===\n", span(days, lang))?;
        for (english, chinese, count) in [
            ("Total actions", "总行动数", self.actions),
            ("Sessions", "会话数", self.sessions),
            ("Errors", "错误数", self.errors),
        ] {
            writeln!(out, "{}: {}", pick(english, chinese), grouped(count))?;
        }
        self.distribution(pick("By type", "按类型分布"), &self.by_type, true, out)?;
        self.distribution(pick("By status", "按状态分布"), &self.by_status, true, out)?;
        self.distribution(pick("Error types", "错误类型"), &self.error_types, false, out)?;
        let today = match (days.is_one(), lang) {
            (true, Lang::English) => "Log size of the day",
            (true, Lang::Chinese) => "今日日志大小",
            (false, Lang::English) => "Log size of these days",
            (false, Lang::Chinese) => "所选日期日志大小",
        };
        let unit = match (lang, self.days) {
            (Lang::Chinese, _) => "天",
            (Lang::English, 1) => "day",
            (Lang::English, _) => "days",
        };
        writeln!(out, "\n{}:", pick("Disk use", "磁盘使用"))?;
        writeln!(out, "- {today}: {}", bytes(self.day_bytes))?;
        let all = pick("Log size in all", "总日志大小");
        writeln!(out, "- {all}: {} ({} {unit})", bytes(self.all_bytes), grouped(self.days))
    }

    fn distribution(
        &self,
        title: &str,
        counts: &[(String, u64)],
        has_shares: bool,
        out: &mut String,
    ) -> std::fmt::Result {
        if counts.is_empty() {
            return Ok(());
        }
        writeln!(out, "\n{title}:")?;
        for (name, count) in counts {
            write!(out, "- {}: {}", safe_line(name), grouped(*count))?;
            match has_shares {
                true => writeln!(out, " ({})", share(*count, self.actions))?,
                false => writeln!(out)?,
            }
        }
        Ok(())
    }

    /// The summary as one JSON object.
    #[must_use]
    pub fn json(&self, days: &Days) -> String {
        let map = |counts: &[(String, u64)]| {
            let members: Vec<String> =
                counts.iter().map(|(name, n)| format!("{}:{n}", json_text(name))).collect();
            format!("{{{}}}", members.join(","))
        };
        format!(
            "{{\"days\":{},\"actions\":{},\"sessions\":{},\"errors\":{},\"by_type\":{},\
             \"by_status\":{},\"error_types\":{},\"day_bytes\":{},\"all_bytes\":{},\
             \"days_with_files\":{}}}",
            json_text(&days.to_string()),
            self.actions,
            self.sessions,
            self.errors,
            map(&self.by_type),
            map(&self.by_status),
            map(&self.error_types),
            self.day_bytes,
            self.all_bytes,
            self.days
        )
    }
}

fn joined(all: Vec<Counts>, files: &[LogFile], lang: Lang) -> ActionSummary {
    let mut sum = Counts::default();
    for counts in all {
        sum.types.join(counts.types);
        sum.statuses.join(counts.statuses);
        sum.errors.join(counts.errors);
        sum.sessions.extend(counts.sessions);
        sum.actions += counts.actions;
        sum.damage.join(&counts.damage);
    }
    let error_types = sum.errors.sorted();
    ActionSummary {
        actions: sum.actions,
        sessions: sum.sessions.len() as u64,
        errors: error_types.iter().map(|(_, count)| count).sum(),
        by_type: sum.types.sorted(),
        by_status: sum.statuses.sorted(),
        error_types,
        problems: sum.damage.sentences(files, lang),
        ..ActionSummary::default()
    }
}

fn span(days: &Days, lang: Lang) -> String {
    match (days.first, days.last) {
        (None, None) => lang.pick("all days", "全部日期").to_owned(),
        _ => days.to_string(),
    }
}

/// A part in whole percent; what is less than one and not nothing is told as that.
fn share(part: u64, whole: u64) -> String {
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    match part {
        1.. if percent < 0.5 => "<1%".to_owned(),
        _ => format!("{percent:.0}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_counted_and_sorted() {
        let mut counter = Counter::default();
        for name in ["b", "a", "b", "", "c", "a"] {
            counter.add(name.as_bytes(), 1);
        }
        let sorted: Vec<String> =
            counter.sorted().into_iter().map(|(name, n)| format!("{name}{n}")).collect();
        assert_eq!(sorted, ["a2", "b2", "-1", "c1"]);
        let mut counter = Counter::default();
        (0..2 * NAMES_MAX).for_each(|n| counter.add(n.to_string().as_bytes(), 1));
        assert_eq!(counter.sorted()[0], ("-".to_owned(), NAMES_MAX as u64));
    }

    #[test]
    fn shares_are_whole_percents() {
        let shares = [share(456, 1_234), share(12, 1_234), share(1, 1_234), share(0, 0)];
        assert_eq!(shares, ["37%", "1%", "<1%", "0%"]);
    }

    #[test]
    fn the_text_is_that_of_the_document() {
        let counts = |list: &[(&str, u64)]| {
            list.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect::<Vec<_>>()
        };
        let summary = ActionSummary {
            actions: 1_234,
            sessions: 3,
            errors: 12,
            by_type: counts(&[("tool_call", 456), ("agent_state_change", 421)]),
            by_status: counts(&[("success", 1_222), ("error", 12)]),
            error_types: counts(&[("tool_error", 8), ("llm_error", 3), ("system_error", 1)]),
            day_bytes: 2_300_000,
            all_bytes: 45_600_000,
            days: 30,
            ..ActionSummary::default()
        };
        let days = Days::one(jiff::civil::date(2025, 11, 21));
        assert_eq!(
            summary.text(&days, Lang::Chinese),
            "=== 日志统计摘要 (2025-11-21) ===\n\n总行动数: 1,234\n会话数: 3\n错误数: 12\n\n\
             按类型分布:\n- tool_call: 456 (37%)\n- agent_state_change: 421 (34%)\n\n\
             按状态分布:\n- success: 1,222 (99%)\n- error: 12 (1%)\n\n\
             错误类型:\n- tool_error: 8\n- llm_error: 3\n- system_error: 1\n\n\
             磁盘使用:\n- 今日日志大小: 2.3 MB\n- 总日志大小: 45.6 MB (30 天)\n"
        );
        let english = summary.text(&days, Lang::English);
        assert!(english.starts_with("=== Log summary (2025-11-21) ===\n\nTotal actions: 1,234\n"));
        assert!(english.ends_with("- Log size in all: 45.6 MB (30 days)\n"), "{english}");
    }
}
