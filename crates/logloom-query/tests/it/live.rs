//! Queries over a directory that a writer appends to, with its catalogue.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use logloom_filter::Filter;
use logloom_query::{Keep, LogFile, Query, Tail};
use logloom_store::read::Start;
use logloom_store::sys::{LinuxPlatform, Platform};
use logloom_store::{
    Day, Directory, FileKey, NoSegments, Options, Redo, Tally, WriterHandle, WriterIdentity,
};

use crate::common::line;

const DAY: i64 = 1_795_219_200;

struct Batch {
    number: u64,
    bytes: Vec<u8>,
    seconds: Vec<i64>,
    file: Cell<Option<FileKey>>,
}

impl Redo for Batch {
    fn batch(&self) -> u64 {
        self.number
    }
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }
    fn crc32(&self) -> u32 {
        crc32fast::hash(&self.bytes)
    }
    fn tally(&self) -> Tally {
        let nanoseconds = |second: &i64| second * 1_000_000_000;
        let first = self.seconds.iter().map(nanoseconds).min().unwrap();
        let last = self.seconds.iter().map(nanoseconds).max().unwrap();
        let lines = self.seconds.len() as u64;
        Tally { lines, levels: [0, 0, lines, 0, 0, 0], times: Some((first, last)) }
    }
    fn day(&self) -> Day {
        Day::from_unix_ns(self.seconds[0] * 1_000_000_000)
    }
    fn file(&self) -> Option<FileKey> {
        self.file.get()
    }
    fn set_file(&self, file: Option<FileKey>) {
        self.file.set(file);
    }
}

pub(crate) struct Writer {
    handle: WriterHandle,
    batches: u64,
}

impl Writer {
    pub(crate) fn new(path: &Path) -> (Directory, Writer) {
        let platform = Arc::new(LinuxPlatform);
        let identity = WriterIdentity {
            uuid: [7; 16],
            boot_id: platform.boot_id(),
            pid: platform.process_id(),
            start_time: platform.process_start_time(platform.process_id()).unwrap(),
            pid_namespace: 0,
            segment_path: String::new(),
            segment_inode: 0,
        };
        let directory = Directory::open(path, Options::default(), platform).unwrap();
        let handle = directory.register(identity).unwrap();
        (directory, Writer { handle, batches: 0 })
    }

    pub(crate) fn append(&mut self, seconds: &[i64]) {
        self.batches += 1;
        let text = |second: &i64| line(*second, "INFO", "live") + "\n";
        let batch = Batch {
            number: self.batches,
            bytes: seconds.iter().map(text).collect::<String>().into_bytes(),
            seconds: seconds.to_vec(),
            file: Cell::new(None),
        };
        self.handle.append(&batch, &NoSegments).unwrap();
    }
}

#[test]
fn files_whose_times_hold_no_answer_are_left_out() {
    let path = tempfile::tempdir().unwrap();
    let (directory, mut writer) = Writer::new(path.path());
    writer.append(&[DAY - 10, DAY - 20]);
    writer.append(&[DAY + 30, DAY + 10]);
    writer.append(&[DAY + 20]);
    let files = LogFile::of_directory(&directory).unwrap();
    assert_eq!(files.len(), 2);
    let check = |query: Query, expect: &[i64], skipped: u64| {
        let mut times = Vec::new();
        let stats = query.run(&files, &mut |row| {
            times.push(row.time_ns / 1_000_000_000 - DAY);
            ControlFlow::Continue(())
        });
        assert_eq!(times, expect);
        assert_eq!(stats.files_skipped, skipped, "{query:?}");
    };
    check(Query::default(), &[-20, -10, 10, 20, 30], 0);
    check(Query { limit: Some(2), ..Query::default() }, &[20, 30], 1);
    check(Query { limit: Some(4), ..Query::default() }, &[-10, 10, 20, 30], 0);
    check(Query { limit: Some(2), keep: Keep::Oldest, ..Query::default() }, &[-20, -10], 1);
    check(Query { since: Some(DAY * 1_000_000_000), ..Query::default() }, &[10, 20, 30], 1);
    check(Query { until: Some(DAY * 1_000_000_000), ..Query::default() }, &[-20, -10], 1);
}

#[test]
fn files_that_overlap_in_time_are_merged() {
    let path = tempfile::tempdir().unwrap();
    let (directory, mut writer) = Writer::new(path.path());
    writer.append(&[DAY - 10, DAY + 25]);
    writer.append(&[DAY + 30, DAY + 10]);
    let files = LogFile::of_directory(&directory).unwrap();
    let check = |limit: usize, keep: Keep, expect: &[i64]| {
        let mut times = Vec::new();
        Query { limit: Some(limit), keep, ..Query::default() }.run(&files, &mut |row| {
            times.push(row.time_ns / 1_000_000_000 - DAY);
            ControlFlow::Continue(())
        });
        assert_eq!(times, expect);
    };
    check(2, Keep::Newest, &[25, 30]);
    check(2, Keep::Oldest, &[-10, 10]);
}

#[test]
fn a_query_sees_one_moment_of_a_growing_log() {
    let path = tempfile::tempdir().unwrap();
    let (directory, mut writer) = Writer::new(path.path());
    writer.append(&[DAY + 1]);
    let files = LogFile::of_directory(&directory).unwrap();
    writer.append(&[DAY + 2]);
    for limit in [None, Some(10)] {
        let mut rows = 0;
        Query { limit, ..Query::default() }.run(&files, &mut |_| {
            rows += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(rows, 1);
    }
}

#[test]
fn a_tail_gives_each_matching_line_once_and_goes_on_at_its_cursor() {
    let path = tempfile::tempdir().unwrap();
    let (directory, mut writer) = Writer::new(path.path());
    writer.append(&[DAY + 1]);
    let query = Query {
        filter: Filter::Contains("live".into()),
        since: Some((DAY + 3) * 1_000_000_000),
        ..Query::default()
    };
    let mut offsets = Vec::new();
    let mut tail = Tail::new(&directory, Start::Beginning, &query).unwrap();
    let mut take = |tail: &mut Tail| {
        while tail.next(Duration::ZERO, &mut |line| offsets.push((line.file, line.offset))).unwrap()
            > 0
        {}
        offsets.len()
    };
    assert_eq!(take(&mut tail), 0);
    writer.append(&[DAY + 2, DAY + 3]);
    assert_eq!(take(&mut tail), 1);
    let mut resumed = Tail::new(&directory, Start::Cursor(tail.cursor()), &query).unwrap();
    writer.append(&[DAY + 4, DAY + 86_400]);
    assert_eq!(take(&mut resumed), 3);
}
