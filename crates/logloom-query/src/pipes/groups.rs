//! Groups of rows by the values of some fields, each with a state, within a limit of memory.
//!
//! Takes values and what they do to the state of their group, gives the groups in the order of
//! their values. Beyond the limit all groups go to disk as a sorted run, and equal ones of several
//! runs are merged at the end. One group must fit into memory.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::io;

use super::chain::{PipeError, Room};
use super::codec::{Reader, put_bytes};
use super::order::{compare_all, rank};
use super::spill::{RecordOrder, Runs};

/// Memory of an entry beside its key and its state.
const ENTRY_BYTES: usize = 64;

/// What is gathered of a group.
pub(crate) trait Kind: Clone + Send + 'static {
    /// What is known of one group.
    type State: Send;

    /// Takes over what another has gathered of the same group.
    fn merge(&self, own: &mut Self::State, other: Self::State);

    /// Bytes of memory, about.
    fn memory(&self, state: &Self::State) -> usize;

    fn encode(&self, state: &Self::State, out: &mut Vec<u8>);

    fn decode(&self, bytes: &mut Reader<'_>) -> io::Result<Self::State>;
}

/// How many rows there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hits;

impl Kind for Hits {
    type State = u64;

    fn merge(&self, own: &mut u64, other: u64) {
        *own += other;
    }

    fn memory(&self, _: &u64) -> usize {
        8
    }

    fn encode(&self, hits: &u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&hits.to_le_bytes());
    }

    fn decode(&self, bytes: &mut Reader<'_>) -> io::Result<u64> {
        Ok(u64::from_le_bytes(bytes.array()?))
    }
}

impl Groups<Hits> {
    /// Counts so many rows of this group.
    pub(crate) fn count(&mut self, key: &GroupKey, rows: u64) -> Result<(), PipeError> {
        self.update(
            key,
            || 0,
            |hits| {
                *hits += rows;
                0
            },
        )
    }
}

/// The values of a group, as one text of bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupKey(Vec<u8>);

impl GroupKey {
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn push(&mut self, value: &str) {
        put_bytes(&mut self.0, value.as_bytes());
    }
}

/// The values of an encoded key.
pub(crate) fn values(key: &[u8]) -> impl Iterator<Item = &str> {
    let mut reader = Reader(key);
    std::iter::from_fn(move || reader.text().ok())
}

/// What is done with a group in the end; false ends it.
pub(crate) type EachGroup<'a, S> = &'a mut dyn FnMut(&[&str], S) -> Result<bool, PipeError>;

/// All groups.
pub(crate) struct Groups<K: Kind> {
    kind: K,
    what: String,
    room: Room,
    map: HashMap<Box<[u8]>, K::State>,
    memory: usize,
    runs: Runs<ByKey>,
}

impl<K: Kind> Groups<K> {
    /// No groups yet; `what` is told where memory is short.
    pub(crate) fn new(kind: K, what: String, room: &Room) -> Self {
        let runs = Runs::new(room.scratch.clone(), ByKey);
        Self { kind, what, room: room.clone(), map: HashMap::new(), memory: 0, runs }
    }

    /// What is gathered.
    pub(crate) fn kind(&self) -> &K {
        &self.kind
    }

    /// Changes the state of a group by `update`, which gives the bytes that it has grown by.
    pub(crate) fn update(
        &mut self,
        key: &GroupKey,
        make: impl FnOnce() -> K::State,
        update: impl FnOnce(&mut K::State) -> usize,
    ) -> Result<(), PipeError> {
        match self.map.get_mut(key.0.as_slice()) {
            Some(state) => self.memory += update(state),
            None => {
                let mut state = make();
                update(&mut state);
                self.insert(key.0.clone().into_boxed_slice(), state);
            }
        }
        self.keep_within()
    }

    pub(crate) fn absorb(&mut self, other: Groups<K>) -> Result<(), PipeError> {
        self.runs.append(other.runs);
        for (key, state) in other.map {
            match self.map.get_mut(&key) {
                Some(own) => {
                    let before = self.kind.memory(own);
                    self.kind.merge(own, state);
                    let after = self.memory + self.kind.memory(own);
                    self.memory = after.saturating_sub(before);
                }
                None => self.insert(key, state),
            }
            self.keep_within()?;
        }
        Ok(())
    }

    /// Gives all groups in the order of their values.
    pub(crate) fn finish(mut self, each: EachGroup<'_, K::State>) -> Result<(), PipeError> {
        if self.runs.is_empty() {
            for (key, state) in sorted(std::mem::take(&mut self.map)) {
                if !each(&values(&key).collect::<Vec<_>>(), state)? {
                    break;
                }
            }
            return Ok(());
        }
        self.spill()?;
        let (kind, limit, what) = (self.kind, self.room.memory, self.what);
        let mut merging = Merging { kind, current: None, limit, what, each, failure: None };
        self.runs.merge(&mut |record| merging.take(&record.bytes))?;
        merging.end()
    }

    fn insert(&mut self, key: Box<[u8]>, state: K::State) {
        self.memory += key.len() + self.kind.memory(&state) + ENTRY_BYTES;
        self.map.insert(key, state);
    }

    fn keep_within(&mut self) -> Result<(), PipeError> {
        if self.memory <= self.room.memory {
            return Ok(());
        }
        let is_one = self.map.len() == 1;
        if is_one && self.map.values().all(|state| self.kind.memory(state) > self.room.memory) {
            return Err(too_much(&self.what, self.room.memory));
        }
        self.spill()?;
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let groups = sorted(std::mem::take(&mut self.map));
        self.memory = 0;
        let mut records = groups.map(|(key, state)| {
            let mut record = Vec::with_capacity(key.len() + 16);
            put_bytes(&mut record, &key);
            self.kind.encode(&state, &mut record);
            record
        });
        // One record at a time is in memory twice.
        self.runs.write(&mut records)
    }
}

fn too_much(what: &str, limit: usize) -> PipeError {
    let hint = "ask for a shorter time, give the function a limit, or count distinct values with \
                `uniq by (...) | stats count()`, which may use the disk";
    PipeError::Memory { what: what.to_owned(), limit, hint }
}

/// Groups in the order of their values. That of the first values settles most comparisons.
fn sorted<S>(map: HashMap<Box<[u8]>, S>) -> impl ExactSizeIterator<Item = (Box<[u8]>, S)> {
    let ranked = |(key, state): (Box<[u8]>, S)| (rank_of(&key), key, state);
    let mut groups: Vec<_> = map.into_iter().map(ranked).collect();
    groups.sort_unstable_by(|one, other| {
        one.0.cmp(&other.0).then_with(|| compare_keys(&one.1, &other.1))
    });
    groups.into_iter().map(|(_, key, state)| (key, state))
}

fn compare_keys(one: &[u8], other: &[u8]) -> Ordering {
    compare_all(values(one), values(other))
}

/// Records of groups by their values.
struct ByKey;

struct Record {
    rank: u64,
    bytes: Box<[u8]>,
}

impl Record {
    fn key(&self) -> &[u8] {
        Reader(&self.bytes).bytes().unwrap_or_default()
    }
}

impl RecordOrder for ByKey {
    type Item = Record;

    fn read(&self, record: &[u8]) -> io::Result<Record> {
        let key = Reader(record).bytes()?;
        Ok(Record { rank: rank_of(key), bytes: record.into() })
    }

    fn compare(&self, one: &Record, other: &Record) -> Ordering {
        let ranks = one.rank.cmp(&other.rank);
        ranks.then_with(|| compare_keys(one.key(), other.key()))
    }
}

/// How the first value of a key stands to others.
fn rank_of(key: &[u8]) -> u64 {
    values(key).next().map_or(0, rank)
}

/// Equal groups of several runs on their way to one.
struct Merging<'a, K: Kind> {
    kind: K,
    current: Option<(Vec<u8>, K::State)>,
    limit: usize,
    what: String,
    each: EachGroup<'a, K::State>,
    failure: Option<PipeError>,
}

impl<K: Kind> Merging<'_, K> {
    /// Takes the next record; whether more are wanted.
    fn take(&mut self, record: &[u8]) -> io::Result<bool> {
        let mut reader = Reader(record);
        let key = reader.bytes()?;
        let state = self.kind.decode(&mut reader)?;
        match &mut self.current {
            Some((own, merged)) if own.as_slice() == key => {
                self.kind.merge(merged, state);
                if self.kind.memory(merged) > self.limit {
                    self.failure = Some(too_much(&self.what, self.limit));
                }
            }
            _ => {
                let is_wanted = self.give();
                self.current = is_wanted.then(|| (key.to_vec(), state));
            }
        }
        Ok(self.failure.is_none() && self.current.is_some())
    }

    /// Gives the group that is complete; whether more are wanted.
    fn give(&mut self) -> bool {
        let Some((key, state)) = self.current.take() else { return true };
        match (self.each)(&values(&key).collect::<Vec<_>>(), state) {
            Ok(is_wanted) => is_wanted,
            Err(error) => {
                self.failure = Some(error);
                false
            }
        }
    }

    fn end(mut self) -> Result<(), PipeError> {
        if self.failure.is_none() {
            self.give();
        }
        self.failure.map_or(Ok(()), Err)
    }
}
