//! Damaged lines that were met on the way to an answer. In come lines, and where the damaged ones stand; out goes
//! a sentence for each file, with their numbers. They are left out of answers and never end one.
//!
//! Numbers are counted when they are told: the file is read once more, up to the last one that is.

use std::collections::BTreeSet;

use logloom_filter::LineView;

use crate::LogFile;
use crate::actions::Lang;
use crate::run::looks_malformed;
use crate::scan::BLOCK_BYTES;
use crate::show::{counted, grouped};

/// Up to this many bytes (64 MiB) every line is looked at as a whole, which takes a tenth of a second.
/// In more than that, damage in the middle of a line is seen only where the line is taken apart.
const THOROUGH_BYTES_MAX: u64 = 64 << 20;

/// Places that are kept of each file: a line is counted once, also where it is met again.
const PLACES_MAX: usize = 1_000;

/// Lines that are told by their numbers.
const TOLD_MAX: usize = 10;

/// Whether damage is looked for in the middle of lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    pub(crate) is_thorough: bool,
}

impl Check {
    /// For an answer out of so many bytes.
    pub(crate) fn of_bytes(bytes: u64) -> Self {
        Self { is_thorough: bytes <= THOROUGH_BYTES_MAX }
    }

    /// For an answer out of these files.
    pub(crate) fn of_files(files: &[LogFile]) -> Self {
        Self::of_bytes(files.iter().map(LogFile::length).sum())
    }

    /// Whether a line is damaged.
    #[inline]
    pub(crate) fn is_damaged(self, line: &[u8]) -> bool {
        looks_malformed(line) || (self.is_thorough && !LineView::new(line).is_well_formed())
    }
}

/// Damaged lines of files.
#[derive(Clone, Debug, Default)]
pub struct Damage {
    files: Vec<OfFile>,
}

/// The damaged lines of one file.
#[derive(Clone, Debug)]
struct OfFile {
    file: usize,
    /// The first ones.
    places: BTreeSet<u64>,
    /// Further ones.
    more: u64,
}

impl Damage {
    /// Notes the damaged line at an offset of a file.
    pub(crate) fn add(&mut self, file: usize, offset: u64) {
        self.of(file).add(offset);
    }

    /// Adds what another thread met.
    pub(crate) fn join(&mut self, other: &Damage) {
        for other in &other.files {
            let known = self.of(other.file);
            other.places.iter().for_each(|place| known.add(*place));
            known.more += other.more;
        }
    }

    /// How many lines there are.
    #[cfg(test)]
    pub(crate) fn count(&self) -> u64 {
        self.files.iter().map(|of| of.places.len() as u64 + of.more).sum()
    }

    fn of(&mut self, file: usize) -> &mut OfFile {
        let at = match self.files.iter().position(|known| known.file == file) {
            Some(at) => at,
            None => {
                self.files.push(OfFile { file, places: BTreeSet::new(), more: 0 });
                self.files.len() - 1
            }
        };
        &mut self.files[at]
    }

    /// A sentence for each file with damaged lines: how many, and which. `files` are those of the answer.
    #[must_use]
    pub fn sentences(&self, files: &[LogFile], lang: Lang) -> Vec<String> {
        let mut all: Vec<&OfFile> = self.files.iter().collect();
        all.sort_unstable_by_key(|of| of.file);
        all.iter().filter_map(|of| Some(of.sentence(files.get(of.file)?, lang))).collect()
    }
}

impl OfFile {
    fn add(&mut self, offset: u64) {
        if !self.places.insert(offset) || self.places.len() <= PLACES_MAX {
            return;
        }
        self.places.pop_last();
        self.more += 1;
    }

    fn sentence(&self, file: &LogFile, lang: Lang) -> String {
        let path = file.path().display();
        let count = self.places.len() as u64 + self.more;
        let told: Vec<u64> = self.places.iter().copied().take(TOLD_MAX).collect();
        let more = count - told.len() as u64;
        let numbers = numbers(file, &told);
        let list =
            |places: &[u64]| places.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
        let (are_lines, places) = match &numbers {
            Some(numbers) => (true, list(numbers)),
            None => (false, list(&told)),
        };
        match lang {
            Lang::English => {
                let one = if are_lines { "line" } else { "at byte" };
                let many = if told.len() > 1 && are_lines { "s" } else { "" };
                let more =
                    if more > 0 { format!(" and {} more", grouped(more)) } else { String::new() };
                format!(
                    "{path}: {} left out: {one}{many} {places}{more}; the file stays as it is, and \
                     once it is closed they may be corrected or deleted in it",
                    counted(count, "damaged line")
                )
            }
            Lang::Chinese => {
                let places = match are_lines {
                    true => format!("第 {places} 行"),
                    false => format!("字节 {places} 处"),
                };
                let more =
                    if more > 0 { format!("等 {} 行", grouped(count)) } else { String::new() };
                format!(
                    "{path}：略过 {} 行损坏的内容：{places}{more}；文件保持不变，待其关闭后可更正或删除这些行",
                    grouped(count)
                )
            }
        }
    }
}

/// The numbers of the lines that begin at these ascending offsets, counted from 1. `None` where the lines before
/// them cannot all be read.
fn numbers(file: &LogFile, places: &[u64]) -> Option<Vec<u64>> {
    let reader = file.open().ok()?;
    let mut buffer = vec![0u8; BLOCK_BYTES];
    let (mut at, mut feeds) = (0, 0u64);
    let mut numbers = Vec::with_capacity(places.len());
    for place in places {
        while at < *place {
            let wanted = (*place - at).min(BLOCK_BYTES as u64) as usize;
            let read = reader.read_at(&mut buffer[..wanted], at).ok().filter(|read| *read > 0)?;
            feeds += memchr::memchr_iter(b'\n', &buffer[..read]).count() as u64;
            at += read as u64;
        }
        numbers.push(feeds + 1);
    }
    reader.damage().is_empty().then_some(numbers)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sentences(places: &[u64], lang: Lang) -> String {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x.jsonl");
        std::fs::write(&path, "{}\n".repeat(200_000)).unwrap();
        let mut damage = Damage::default();
        places.iter().for_each(|place| damage.add(0, *place));
        let mut other = Damage::default();
        other.join(&damage);
        damage.join(&other);
        let text = damage.sentences(&[LogFile::of_path(&path).unwrap()], lang).join("\n");
        text.replace(path.to_str().unwrap(), "x")
    }

    #[test]
    fn lines_are_told_once_and_by_their_numbers() {
        let text = sentences(&[3, 599_997], Lang::English);
        assert!(text.starts_with("x: 2 damaged lines left out: lines 2, 200000; "), "{text}");
        let text = sentences(&[0], Lang::English);
        assert!(text.starts_with("x: 1 damaged line left out: line 1; "), "{text}");
        let text = sentences(&[0, 3], Lang::Chinese);
        assert!(text.starts_with("x：略过 2 行损坏的内容：第 1, 2 行；"), "{text}");
    }

    #[test]
    fn of_many_the_first_are_told() {
        let places: Vec<u64> = (0..1_100).rev().map(|number| number * 3).collect();
        let text = sentences(&places[..1_000], Lang::English);
        assert!(text.contains("1,000 damaged lines left out: lines 101, 102, "), "{text}");
        assert!(text.contains(", 110 and 990 more; "), "{text}");
    }

    #[test]
    fn what_cannot_be_counted_is_told_by_its_byte() {
        let text = sentences(&[600_000_000], Lang::English);
        assert!(text.starts_with("x: 1 damaged line left out: at byte 600000000; "), "{text}");
    }
}
