//! Sorted runs on disk for what does not fit into memory, and their merge.
//!
//! Takes records of bytes in some order, writes them to a temporary file that has no name, reads
//! all runs at once in that order. The files are gone when they are dropped, however the process
//! ends. A full disk is an error of the query, never a shorter answer.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Bytes of a buffer of one run.
const BUFFER_BYTES: usize = 64 << 10;

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

/// How two records compare.
pub(crate) type Compare<'a> = &'a (dyn Fn(&[u8], &[u8]) -> std::cmp::Ordering + 'a);

/// Sorted runs.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    scratch: Scratch,
    files: Vec<File>,
}

impl Runs {
    pub(crate) fn new(scratch: Scratch) -> Self {
        Self { scratch, files: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Takes the runs of another over.
    pub(crate) fn append(&mut self, other: Runs) {
        self.files.extend(other.files);
    }

    /// Writes one run: records that are in order.
    pub(crate) fn write(&mut self, records: &mut dyn Iterator<Item = Vec<u8>>) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(BUFFER_BYTES, self.scratch.file()?);
        for record in records {
            push(&mut out, &record)?;
        }
        self.files.push(finished(out)?);
        Ok(())
    }

    /// Gives all records in order; equal ones in the order of their runs.
    pub(crate) fn merge(mut self, compare: Compare<'_>, each: Each<'_>) -> io::Result<()> {
        while self.files.len() > RUNS_MAX {
            let rest = self.files.split_off(RUNS_MAX);
            let mut out = BufWriter::with_capacity(BUFFER_BYTES, self.scratch.file()?);
            merge(self.files, compare, &mut |record| push(&mut out, record).map(|_| true))?;
            self.files = vec![finished(out)?];
            self.files.extend(rest);
        }
        merge(self.files, compare, each)
    }
}

/// What is done with a record; false ends the merge.
pub(crate) type Each<'a> = &'a mut dyn FnMut(&[u8]) -> io::Result<bool>;

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

fn merge(files: Vec<File>, compare: Compare<'_>, each: Each<'_>) -> io::Result<()> {
    let capacity = (BUFFER_BYTES * 16 / files.len().max(1)).clamp(4 << 10, BUFFER_BYTES);
    let mut readers = Vec::with_capacity(files.len());
    for file in files {
        let file = BufReader::with_capacity(capacity, file);
        let mut reader = Reader { file, record: Vec::new() };
        if reader.next()? {
            readers.push(reader);
        }
    }
    // At most some dozens: the least one is found by looking at all of them.
    while !readers.is_empty() {
        let mut least = 0;
        for (index, reader) in readers.iter().enumerate().skip(1) {
            if compare(&reader.record, &readers[least].record).is_lt() {
                least = index;
            }
        }
        if !each(&readers[least].record)? {
            return Ok(());
        }
        if !readers[least].next()? {
            readers.remove(least);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn runs_are_merged_in_order_however_many_they_are() {
        for count in [0, 1, 3, 2 * RUNS_MAX + 5] {
            let mut runs = Runs::new(Scratch::default());
            for run in 0..count {
                let mut records = (0..20).map(|n| format!("{:04}", n * count + run).into_bytes());
                runs.write(&mut records).unwrap();
            }
            let mut merged = Vec::new();
            runs.merge(&|one, other| one.cmp(other), &mut |record| {
                merged.push(String::from_utf8(record.to_vec()).unwrap());
                Ok(true)
            })
            .unwrap();
            let expect: Vec<String> = (0..20 * count).map(|n| format!("{n:04}")).collect();
            assert_eq!(merged, expect);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = Scratch { folder: Some(folder.path().join("no")) };
        assert!(Runs::new(scratch).write(&mut std::iter::empty()).is_err());
    }
}
