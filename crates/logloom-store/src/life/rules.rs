//! Which closed files are deleted. In come the files of a directory, rules and the time; out go the files to
//! delete, each with its reason. Touches nothing. An open file counts where files and bytes are counted, and
//! is never chosen.

use super::glob::Glob;
use crate::key::FileKey;

const NS_A_DAY: i64 = 86_400_000_000_000;

/// When a closed file is deleted. All conditions of a rule must hold; one without conditions chooses nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeleteRule {
    /// What the file's name must fit, `*` and `?` as in a shell. Default: any.
    pub name: Option<Glob>,
    /// Whole days since the end of its day; since it was made, where that is later (an import). Default: any.
    pub older_than_days: Option<u32>,
    /// Bytes that it must take on the disk at least. Default: any.
    pub at_least_bytes: Option<u64>,
    /// Of the files that fit so far, so many of the newest are kept. Default: none.
    pub keep_files: Option<u32>,
    /// Of the files that fit so far, the newest are kept up to so many bytes on the disk. Default: none.
    pub keep_bytes: Option<u64>,
    /// Tells what would be deleted, and deletes nothing. Default: `false`.
    pub is_test: bool,
}

/// A file as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) key: FileKey,
    /// Its name in its present form.
    pub(crate) name: String,
    /// Bytes on the disk.
    pub(crate) bytes: u64,
    pub(crate) created_ns: i64,
    pub(crate) is_open: bool,
    /// Whether it is sealed and plain, and holds a line.
    pub(crate) is_packable: bool,
}

/// A file to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Its number among the candidates.
    pub(crate) index: usize,
    /// Number of the rule.
    pub(crate) rule: usize,
}

impl DeleteRule {
    fn is_empty(&self) -> bool {
        let DeleteRule {
            name,
            older_than_days,
            at_least_bytes,
            keep_files,
            keep_bytes,
            is_test: _,
        } = self;
        name.is_none()
            && older_than_days.is_none()
            && at_least_bytes.is_none()
            && keep_files.is_none()
            && keep_bytes.is_none()
    }

    /// Why the rule chooses a file, for people.
    pub fn reason(&self) -> String {
        let mut parts = Vec::new();
        if let Some(name) = &self.name {
            parts.push(format!("named like {name}"));
        }
        if let Some(days) = self.older_than_days {
            parts.push(format!("older than {}", counted(u64::from(days), "day")));
        }
        if let Some(bytes) = self.at_least_bytes {
            parts.push(format!("at least {}", counted(bytes, "byte")));
        }
        if let Some(files) = self.keep_files {
            parts.push(format!("beyond the newest {}", counted(u64::from(files), "file")));
        }
        if let Some(bytes) = self.keep_bytes {
            parts.push(format!("beyond the newest {}", counted(bytes, "byte")));
        }
        parts.join(", ")
    }

    fn fits(&self, file: &Candidate, now_ns: i64) -> bool {
        self.name.as_ref().is_none_or(|glob| glob.fits(&file.name))
            && self.older_than_days.is_none_or(|days| age_days(file, now_ns) >= i64::from(days))
            && self.at_least_bytes.is_none_or(|bytes| file.bytes >= bytes)
    }
}

/// Whole days since a file could last grow: since the end of its day, or since it was made where that is
/// later. Negative for a day in the future.
pub(crate) fn age_days(file: &Candidate, now_ns: i64) -> i64 {
    let end = file.key.day.start_ns().saturating_add(NS_A_DAY).max(file.created_ns);
    now_ns.saturating_sub(end).div_euclid(NS_A_DAY)
}

/// What the rules choose, in the order of the rules, oldest first within each. `files` are ordered by key;
/// those in `chosen` are gone already.
pub(crate) fn choose(
    files: &[Candidate],
    rules: &[DeleteRule],
    now_ns: i64,
    chosen: &mut [bool],
) -> Vec<Choice> {
    let mut choices = Vec::new();
    for (number, rule) in rules.iter().enumerate().filter(|(_, rule)| !rule.is_empty()) {
        let mut found = chosen_by(rule, files, now_ns, chosen);
        found.reverse();
        if !rule.is_test {
            found.iter().for_each(|index| chosen[*index] = true);
        }
        choices.extend(found.into_iter().map(|index| Choice { index, rule: number }));
    }
    choices
}

/// `1 day`, `2 days`.
fn counted(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Newest first.
fn chosen_by(rule: &DeleteRule, files: &[Candidate], now_ns: i64, chosen: &[bool]) -> Vec<usize> {
    let fitting = || {
        let present = files.iter().enumerate().filter(|(index, _)| !chosen[*index]);
        present.filter(|(_, file)| rule.fits(file, now_ns)).rev()
    };
    // Open files stay whatever their day is, so they are counted first.
    let open = fitting().filter(|(_, file)| file.is_open);
    let (mut count, mut bytes) = open.fold((0u32, 0u64), |(count, bytes), (_, file)| {
        (count.saturating_add(1), bytes.saturating_add(file.bytes))
    });
    let mut found = Vec::new();
    for (index, file) in fitting().filter(|(_, file)| !file.is_open) {
        count = count.saturating_add(1);
        bytes = bytes.saturating_add(file.bytes);
        let is_kept = match (rule.keep_files, rule.keep_bytes) {
            (None, None) => false,
            (files, size) => {
                files.is_none_or(|files| count <= files) && size.is_none_or(|size| bytes <= size)
            }
        };
        if !is_kept {
            found.push(index);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Ten files of 100 bytes, 2026-11-01 to 2026-11-10, the last one open.
    fn files() -> Vec<Candidate> {
        let file = |day: u32| {
            let name = format!("2026-11-{day:02}.jsonl");
            let key = FileKey::from_file_name(&name).unwrap();
            let is_open = day == 10;
            Candidate { key, name, bytes: 100, created_ns: 0, is_open, is_packable: !is_open }
        };
        (1..=10).map(file).collect()
    }

    /// Noon of 2026-11-10.
    fn now() -> i64 {
        crate::time::parse("2026-11-10T12:00:00Z").unwrap()
    }

    fn check(rules: &[DeleteRule], expected: &[&str]) {
        let files = files();
        let choices = choose(&files, rules, now(), &mut vec![false; files.len()]);
        let names: Vec<&str> =
            choices.iter().map(|choice| &files[choice.index].name[8..10]).collect();
        assert_eq!(names, expected, "{rules:?}");
    }

    #[test]
    fn each_condition_chooses_the_oldest() {
        let none = DeleteRule::default();
        check(std::slice::from_ref(&none), &[]);
        check(&[DeleteRule { older_than_days: Some(7), ..none.clone() }], &["01", "02"]);
        check(&[DeleteRule { keep_files: Some(7), ..none.clone() }], &["01", "02", "03"]);
        check(&[DeleteRule { keep_bytes: Some(850), ..none.clone() }], &["01", "02"]);
        check(&[DeleteRule { keep_bytes: Some(1000), ..none.clone() }], &[]);
        let all_closed = ["01", "02", "03", "04", "05", "06", "07", "08", "09"];
        check(&[DeleteRule { keep_bytes: Some(0), ..none.clone() }], &all_closed);
        check(&[DeleteRule { at_least_bytes: Some(101), ..none.clone() }], &[]);
        let name = Some(Glob::new("*-0[35]*").unwrap());
        check(&[DeleteRule { name, ..none }], &["03", "05"]);
    }

    #[test]
    fn conditions_add_up_and_rules_follow_each_other() {
        let rule =
            DeleteRule { older_than_days: Some(3), keep_files: Some(4), ..Default::default() };
        check(&[rule], &["01", "02"]);
        let age = DeleteRule { older_than_days: Some(8), ..Default::default() };
        let size = DeleteRule { keep_bytes: Some(800), ..Default::default() };
        check(&[age.clone(), size.clone()], &["01", "02"]);
        let test = DeleteRule { is_test: true, ..age };
        check(&[test, size], &["01", "01", "02"]);
    }

    #[test]
    fn a_day_in_the_future_and_a_clock_set_back_delete_nothing() {
        let files = files();
        let rules = [DeleteRule { older_than_days: Some(1), ..Default::default() }];
        for now in [0, i64::MIN, crate::time::parse("2026-10-01T00:00:00Z").unwrap()] {
            assert_eq!(choose(&files, &rules, now, &mut [false; 10]), []);
        }
    }

    #[test]
    fn an_imported_file_is_as_old_as_its_import() {
        let mut files = files();
        files[0].created_ns = now() - 2 * NS_A_DAY;
        assert_eq!(age_days(&files[0], now()), 2);
        assert_eq!(age_days(&files[1], now()), 7);
    }
}
