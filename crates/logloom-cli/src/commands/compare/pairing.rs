//! Records of two sides, in the order of their times, made into pairs.
//!
//! A record waits for its like for as long as the tolerance lasts; then it is alone. So memory holds the records of
//! twice the tolerance, however long the logs are, and what is listed in the end.

use std::collections::{BTreeMap, HashMap, VecDeque};

/// Records without a like that are looked through for a shift of time.
const SHIFT_SAMPLE: usize = 1000;

/// One of the two logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Old,
    New,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Old => Side::New,
            Side::New => Side::Old,
        }
    }
}

/// What is compared of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) time_ns: i64,
    pub(super) level: String,
    pub(super) text: String,
}

/// A kind of difference: how many there are, and the first of them.
#[derive(Debug, Default)]
pub(super) struct Differences<T> {
    pub(super) count: u64,
    pub(super) first: Vec<T>,
}

impl<T> Differences<T> {
    fn add(&mut self, one: T, limit: usize) {
        self.count += 1;
        if self.first.len() < limit {
            self.first.push(one);
        }
    }
}

/// The records of one side.
#[derive(Debug, Default)]
pub(super) struct Half {
    pub(super) records: u64,
    pub(super) first_ns: Option<i64>,
    pub(super) last_ns: Option<i64>,
    /// Without a like on the other side.
    pub(super) alone: Differences<Entry>,
    /// In the order of their times and then of their coming.
    waiting: BTreeMap<(i64, u64), Entry>,
    by_text: HashMap<String, VecDeque<(i64, u64)>>,
    /// The first that were alone, for a shift of time.
    sample: HashMap<String, i64>,
}

impl Half {
    fn note(&mut self, time_ns: i64) {
        self.records += 1;
        self.first_ns = self.first_ns.or(Some(time_ns));
        self.last_ns = Some(time_ns);
    }

    fn wait(&mut self, entry: Entry) {
        let place = (entry.time_ns, self.records);
        self.by_text.entry(entry.text.clone()).or_default().push_back(place);
        self.waiting.insert(place, entry);
    }

    /// The like of a record: one of its level if there is one, and the oldest of them.
    fn take(&mut self, entry: &Entry) -> Option<Entry> {
        let places = self.by_text.get_mut(&entry.text)?;
        let is_like = |place: &(i64, u64)| {
            self.waiting.get(place).is_some_and(|waiting| waiting.level == entry.level)
        };
        let index = places.iter().position(is_like).unwrap_or(0);
        let place = places.remove(index)?;
        if places.is_empty() {
            self.by_text.remove(&entry.text);
        }
        self.waiting.remove(&place)
    }

    /// Those before a moment wait no more.
    fn give_up_before(&mut self, moment_ns: i64, limit: usize) {
        while let Some(oldest) = self.waiting.first_entry()
            && oldest.key().0 < moment_ns
        {
            let (place, entry) = oldest.remove_entry();
            if let Some(places) = self.by_text.get_mut(&entry.text) {
                places.retain(|other| *other != place);
                if places.is_empty() {
                    self.by_text.remove(&entry.text);
                }
            }
            if self.sample.len() < SHIFT_SAMPLE {
                self.sample.entry(entry.text.clone()).or_insert(entry.time_ns);
            }
            self.alone.add(entry, limit);
        }
    }
}

/// Two logs on the way to be compared.
#[derive(Debug)]
pub(super) struct Pairing {
    tolerance_ns: i64,
    limit: usize,
    pub(super) old: Half,
    pub(super) new: Half,
    pub(super) pairs: u64,
    /// Those of a pair whose levels differ, that of the old side first.
    pub(super) levels: Differences<(Entry, Entry)>,
}

impl Pairing {
    pub(super) fn new(tolerance_ns: i64, limit: usize) -> Self {
        Self {
            tolerance_ns,
            limit,
            old: Half::default(),
            new: Half::default(),
            pairs: 0,
            levels: Differences::default(),
        }
    }

    fn half(&mut self, side: Side) -> &mut Half {
        match side {
            Side::Old => &mut self.old,
            Side::New => &mut self.new,
        }
    }

    /// The next record by time of both sides.
    pub(super) fn push(&mut self, side: Side, entry: Entry) {
        let limit = self.limit;
        let over = entry.time_ns.saturating_sub(self.tolerance_ns);
        self.old.give_up_before(over, limit);
        self.new.give_up_before(over, limit);
        self.half(side).note(entry.time_ns);
        let Some(like) = self.half(side.other()).take(&entry) else {
            self.half(side).wait(entry);
            return;
        };
        self.pairs += 1;
        if like.level != entry.level {
            let pair = if side == Side::New { (like, entry) } else { (entry, like) };
            self.levels.add(pair, limit);
        }
    }

    /// No more records come.
    pub(super) fn end(&mut self) {
        self.old.give_up_before(i64::MAX, self.limit);
        self.new.give_up_before(i64::MAX, self.limit);
    }

    /// Whether both sides hold the same, and anything at all.
    pub(super) fn is_same(&self) -> bool {
        let alone = self.old.alone.count + self.new.alone.count;
        self.pairs > 0 && alone == 0 && self.levels.count == 0
    }

    /// How much later the new side is by, in whole seconds, where most of what is alone has its like at one and the
    /// same distance: a clock or a zone was misunderstood.
    pub(super) fn shift_s(&self) -> Option<i64> {
        let mut distances: HashMap<i64, usize> = HashMap::new();
        for (text, old_ns) in &self.old.sample {
            if let Some(new_ns) = self.new.sample.get(text) {
                let seconds = (new_ns.saturating_sub(*old_ns) as f64 / 1e9).round();
                *distances.entry(seconds as i64).or_default() += 1;
            }
        }
        let (seconds, count) = distances.into_iter().max_by_key(|(_, count)| *count)?;
        let smaller = self.old.sample.len().min(self.new.sample.len());
        (seconds != 0 && count * 2 > smaller).then_some(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000_000;

    fn entry(time_s: i64, level: &str, text: &str) -> Entry {
        Entry { time_ns: time_s * SECOND, level: level.to_owned(), text: text.to_owned() }
    }

    fn paired(records: Vec<(Side, Entry)>) -> Pairing {
        let mut pairing = Pairing::new(SECOND, 2);
        for (side, entry) in records {
            pairing.push(side, entry);
        }
        pairing.end();
        pairing
    }

    #[test]
    fn each_record_has_one_like() {
        use Side::{New, Old};
        let pairing = paired(vec![
            (Old, entry(1, "INFO", "a")),
            (Old, entry(1, "INFO", "a")),
            (New, entry(1, "INFO", "a")),
            (New, entry(2, "INFO", "b")),
            (Old, entry(3, "INFO", "b")),
            (Old, entry(9, "INFO", "c")),
            (New, entry(11, "INFO", "c")),
        ]);
        assert_eq!((pairing.pairs, pairing.old.records, pairing.new.records), (2, 4, 3));
        assert_eq!(pairing.old.alone.first, [entry(1, "INFO", "a"), entry(9, "INFO", "c")]);
        assert_eq!(pairing.new.alone.first, [entry(11, "INFO", "c")]);
        assert!(!pairing.is_same());
    }

    #[test]
    fn the_like_of_the_same_level_goes_first() {
        use Side::{New, Old};
        let pairing = paired(vec![
            (Old, entry(1, "WARN", "a")),
            (Old, entry(1, "INFO", "a")),
            (New, entry(1, "INFO", "a")),
            (New, entry(1, "ERROR", "a")),
        ]);
        assert_eq!((pairing.pairs, pairing.levels.count), (2, 1));
        assert_eq!(pairing.levels.first, [(entry(1, "WARN", "a"), entry(1, "ERROR", "a"))]);
    }

    #[test]
    fn what_is_listed_is_limited_and_all_is_counted() {
        let all = (0..100).map(|second| (Side::Old, entry(second, "INFO", "a"))).collect();
        let pairing = paired(all);
        assert_eq!((pairing.old.alone.count, pairing.old.alone.first.len()), (100, 2));
        assert!(pairing.old.waiting.is_empty() && pairing.old.by_text.is_empty());
    }

    #[test]
    fn two_empty_logs_are_not_the_same() {
        assert!(!paired(Vec::new()).is_same());
    }

    #[test]
    fn a_shift_of_time_is_found() {
        let mut all: Vec<(Side, Entry)> = Vec::new();
        for number in 0..10 {
            let text = format!("record {number}");
            all.push((Side::Old, entry(number, "INFO", &text)));
            all.push((Side::New, entry(number + 3600, "INFO", &text)));
        }
        all.sort_by_key(|(_, entry)| entry.time_ns);
        assert_eq!(paired(all).shift_s(), Some(3600));
        assert_eq!(paired(vec![(Side::Old, entry(1, "INFO", "a"))]).shift_s(), None);
    }
}
