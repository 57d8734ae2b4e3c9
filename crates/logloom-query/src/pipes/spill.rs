//! Sorted runs on disk for what does not fit into memory, and their merge.
//!
//! Takes records of bytes in some order, writes them to a temporary file that has no name, reads
//! all runs at once in that order. However many runs there are, few files are open: as soon as there
//! are [`TIER_RUNS`] of about one size they are merged into one. The files are gone when they are
//! dropped, however the process ends. A full disk is an error of the query, never a shorter answer.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Bytes of a buffer of one run.
const BUFFER_BYTES: usize = 64 << 10;

/// Runs of one tier; as many become one of the next.
const TIER_RUNS: usize = 16;

/// Runs that are merged at once; more are merged into one first.
const RUNS_MAX: usize = 64;

/// Where temporary files go.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// The folder; default that of the system (`TMPDIR`).
    pub folder: Option<PathBuf>,
}

impl Scratch {
    fn file(&self) -> io::Result<File> {
        match &self.folder {
            Some(folder) => tempfile::tempfile_in(folder),
            None => tempfile::tempfile(),
        }
    }
}

/// The order of records.
pub(crate) trait RecordOrder {
    /// A record, read once for all comparisons.
    type Item;

    fn read(&self, record: &[u8]) -> io::Result<Self::Item>;

    fn compare(&self, one: &Self::Item, other: &Self::Item) -> Ordering;
}

/// Sorted runs.
#[derive(Debug)]
pub(crate) struct Runs<O: RecordOrder> {
    scratch: Scratch,
    order: O,
    /// The first tier has the runs that were written last; in each the oldest stands first.
    tiers: Vec<Vec<File>>,
}

impl<O: RecordOrder> Runs<O> {
    pub(crate) fn new(scratch: Scratch, order: O) -> Self {
        Self { scratch, order, tiers: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tiers.iter().all(Vec::is_empty)
    }

    /// Takes the runs of another over, behind its own.
    pub(crate) fn append(&mut self, other: Runs<O>) {
        let mut all = self.take();
        all.extend(other.in_order());
        // Where they stand counts, and no more are written as a rule.
        self.tiers = vec![Vec::new(), all];
    }

    /// Writes one run: records that are in order.
    pub(crate) fn write(&mut self, records: &mut dyn Iterator<Item = Vec<u8>>) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, self.scratch.file()?);
        for record in records {
            push(&mut out, &record)?;
        }
        let mut run = finished(out)?;
        for tier in 0.. {
            if self.tiers.len() <= tier {
                self.tiers.push(Vec::new());
            }
            self.tiers[tier].push(run);
            if self.tiers[tier].len() < TIER_RUNS {
                break;
            }
            let full = std::mem::take(&mut self.tiers[tier]);
            run = self.merged(full)?;
        }
        Ok(())
    }

    /// Gives all records in order; equal ones in the order of their runs.
    pub(crate) fn merge(mut self, each: Each<'_, O::Item>) -> io::Result<()> {
        let mut files = self.take();
        while files.len() > RUNS_MAX {
            let rest = files.split_off(RUNS_MAX);
            files = vec![self.merged(files)?];
            files.extend(rest);
        }
        merge(files, &self.order, &mut |item, _| each(item))
    }

    fn merged(&self, files: Vec<File>) -> io::Result<File> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, self.scratch.file()?);
        merge(files, &self.order, &mut |_, record| push(&mut out, record).map(|()| true))?;
        finished(out)
    }

    /// All runs, the oldest first.
    fn take(&mut self) -> Vec<File> {
        std::mem::take(&mut self.tiers).into_iter().rev().flatten().collect()
    }

    fn in_order(mut self) -> Vec<File> {
        self.take()
    }
}

/// What is done with a record; false ends the merge.
pub(crate) type Each<'a, I> = &'a mut dyn FnMut(I) -> io::Result<bool>;

/// As above, with the bytes of the record.
type EachRecord<'a, I> = &'a mut dyn FnMut(I, &[u8]) -> io::Result<bool>;

fn push(out: &mut impl Write, record: &[u8]) -> io::Result<()> {
    let length = u32::try_from(record.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(record)
}

/// A written file, to be read from its start.
fn finished(out: BufWriter<File>) -> io::Result<File> {
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

struct Reader {
    file: BufReader<File>,
    record: Vec<u8>,
}

impl Reader {
    /// Reads the next record; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        let mut length = [0; 4];
        match self.file.read_exact(&mut length) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            other => other?,
        }
        self.record.resize(u32::from_le_bytes(length) as usize, 0);
        self.file.read_exact(&mut self.record)?;
        Ok(true)
    }
}

/// A run on its way, with its next record.
struct Head<I> {
    reader: Reader,
    item: I,
    /// Its place among the runs.
    run: usize,
}

fn merge<O: RecordOrder>(
    files: Vec<File>,
    order: &O,
    each: EachRecord<'_, O::Item>,
) -> io::Result<()> {
    let capacity = (BUFFER_BYTES * 16 / files.len().max(1)).clamp(4 << 10, BUFFER_BYTES);
    let mut heads = Vec::with_capacity(files.len());
    for (run, file) in files.into_iter().enumerate() {
        let file = BufReader::with_capacity(capacity, file);
        let mut reader = Reader { file, record: Vec::new() };
        if reader.next()? {
            let item = order.read(&reader.record)?;
            heads.push(Head { reader, item, run });
        }
    }
    let is_before = |one: &Head<O::Item>, other: &Head<O::Item>| {
        order.compare(&one.item, &other.item).then(one.run.cmp(&other.run)).is_lt()
    };
    for place in (0..heads.len() / 2).rev() {
        sink(&mut heads, place, &is_before);
    }
    while let Some(head) = heads.first_mut() {
        let Head { reader, item, .. } = head;
        let record = std::mem::take(&mut reader.record);
        let is_more = reader.next()?;
        let next = is_more.then(|| order.read(&reader.record)).transpose()?;
        let is_wanted = match next {
            Some(next) => each(std::mem::replace(item, next), &record)?,
            None => each(heads.swap_remove(0).item, &record)?,
        };
        if !is_wanted {
            return Ok(());
        }
        sink(&mut heads, 0, &is_before);
    }
    Ok(())
}

/// Moves a head down to where all below it stand behind it.
fn sink<I>(
    heads: &mut [Head<I>],
    mut place: usize,
    is_before: &dyn Fn(&Head<I>, &Head<I>) -> bool,
) {
    loop {
        let mut first = place;
        for child in [2 * place + 1, 2 * place + 2] {
            if child < heads.len() && is_before(&heads[child], &heads[first]) {
                first = child;
            }
        }
        if first == place {
            return;
        }
        heads.swap(first, place);
        place = first;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// By the first four bytes.
    struct ByHead;

    impl RecordOrder for ByHead {
        type Item = String;

        fn read(&self, record: &[u8]) -> io::Result<String> {
            String::from_utf8(record.to_vec()).map_err(io::Error::other)
        }

        fn compare(&self, one: &String, other: &String) -> Ordering {
            one[..4].cmp(&other[..4])
        }
    }

    fn merged(runs: Runs<ByHead>) -> Vec<String> {
        let mut merged = Vec::new();
        let mut take = |record| {
            merged.push(record);
            Ok(true)
        };
        runs.merge(&mut take).unwrap();
        merged
    }

    #[test]
    fn runs_are_merged_in_order_however_many_they_are() {
        for count in [0, 1, 3, TIER_RUNS + 1, 600] {
            let mut runs = Runs::new(Scratch::default(), ByHead);
            for run in 0..count {
                let mut records = (0..7).map(|n| format!("{:04}", n * count + run).into_bytes());
                runs.write(&mut records).unwrap();
                let open: usize = runs.tiers.iter().map(Vec::len).sum();
                assert!(open < 3 * TIER_RUNS, "{open} files are open");
            }
            let expect: Vec<String> = (0..7 * count).map(|n| format!("{n:04}")).collect();
            assert_eq!(merged(runs), expect);
        }
    }

    #[test]
    fn equal_records_stand_in_the_order_of_their_runs() {
        let runs = |from: usize, to: usize| {
            let mut runs = Runs::new(Scratch::default(), ByHead);
            for run in from..to {
                let mut records =
                    ["aaaa", "bbbb"].map(|head| format!("{head}{run:04}").into_bytes());
                runs.write(&mut records.iter_mut().map(std::mem::take)).unwrap();
            }
            runs
        };
        let mut all = runs(0, 300);
        all.append(runs(300, 350));
        let expect =
            ["aaaa", "bbbb"].map(|head| (0..350).map(move |run| format!("{head}{run:04}")));
        assert_eq!(merged(all), expect.into_iter().flatten().collect::<Vec<_>>());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch { folder: Some(folder.path().join("no")) };
        assert!(Runs::new(scratch, ByHead).write(&mut std::iter::empty()).is_err());
    }
}
