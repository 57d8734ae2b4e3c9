//! Orders of events that rotation brings about, played through on files in memory.

#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::super::{Found, SourceFile, SourceStat, SourceTree};
use super::{CLOSE_LOOKS, FollowOptions, FollowedLine, Follower, KnownSource, Polled, Start};

#[derive(Clone)]
struct MemoryFile {
    inode: u64,
    bytes: Rc<RefCell<Vec<u8>>>,
}

impl MemoryFile {
    fn append(&self, text: &str) {
        self.bytes.borrow_mut().extend_from_slice(text.as_bytes());
    }

    fn rewrite(&self, text: &str) {
        *self.bytes.borrow_mut() = text.as_bytes().to_vec();
    }
}

impl SourceFile for MemoryFile {
    fn stat(&self) -> io::Result<SourceStat> {
        let size = self.bytes.borrow().len() as u64;
        Ok(SourceStat { device: 1, inode: self.inode, size })
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let bytes = self.bytes.borrow();
        let rest = bytes.get(position as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

#[derive(Clone, Default)]
struct MemoryTree {
    files: Rc<RefCell<BTreeMap<PathBuf, MemoryFile>>>,
    next_inode: Rc<RefCell<u64>>,
}

impl MemoryTree {
    fn create(&self, path: &str, text: &str) -> MemoryFile {
        *self.next_inode.borrow_mut() += 1;
        let inode = *self.next_inode.borrow();
        let file = MemoryFile { inode, bytes: Rc::default() };
        file.append(text);
        self.files.borrow_mut().insert(PathBuf::from(path), file.clone());
        file
    }

    fn rename(&self, from: &str, to: &str) {
        let file = self.files.borrow_mut().remove(Path::new(from)).unwrap();
        self.files.borrow_mut().insert(PathBuf::from(to), file);
    }

    fn remove(&self, path: &str) {
        self.files.borrow_mut().remove(Path::new(path)).unwrap();
    }
}

impl SourceTree for MemoryTree {
    type File = MemoryFile;

    fn open(&self, path: &Path) -> io::Result<MemoryFile> {
        self.files.borrow().get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn look(&self, path: &Path) -> io::Result<Option<Found>> {
        if path == Path::new("/forbidden") {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let files = self.files.borrow();
        if files.keys().any(|file| file != path && file.starts_with(path)) {
            return Ok(Some(Found::Directory));
        }
        files.get(path).map(|file| file.stat().map(Found::File)).transpose()
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let files = self.files.borrow();
        let below = files.keys().filter_map(|file| file.strip_prefix(directory).ok());
        let mut entries: Vec<PathBuf> =
            below.filter_map(|file| Some(directory.join(file.components().next()?))).collect();
        entries.dedup();
        Ok(entries)
    }
}

struct Run {
    tree: MemoryTree,
    follower: Follower<MemoryTree>,
}

impl Run {
    fn new(paths: &[&str]) -> Self {
        Self::resumed(MemoryTree::default(), paths, &[], FollowOptions::default())
    }

    fn resumed(
        tree: MemoryTree,
        paths: &[&str],
        known: &[KnownSource],
        options: FollowOptions,
    ) -> Self {
        let paths = paths.iter().map(PathBuf::from).collect();
        Self { follower: Follower::new(tree.clone(), paths, known, options), tree }
    }

    fn poll(&mut self) -> (Vec<FollowedLine>, Polled) {
        let mut lines = Vec::new();
        let polled = self.follower.poll(&mut |line| lines.push(line));
        assert_eq!(polled.lines, lines.len() as u64);
        (lines, polled)
    }

    /// Lines of as many polls as it takes to come to rest.
    fn texts(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        for _ in 0..5 {
            texts.extend(self.poll().0.into_iter().map(|line| line.line.text));
        }
        texts
    }

    fn known(&self) -> Vec<KnownSource> {
        self.follower.sources.clone()
    }
}

#[test]
fn a_growing_file_gives_each_line_once() {
    let mut run = Run::new(&["/a.log"]);
    assert!(run.texts().is_empty());
    let file = run.tree.create("/a.log", "one\ntwo\nthr");
    assert_eq!(run.texts(), ["one", "two"]);
    file.append("ee\n");
    let (lines, polled) = run.poll();
    assert_eq!(lines[0].line.text, "three");
    assert_eq!(lines[0].line.end, 14);
    assert_eq!(polled.wait.as_millis(), 50);
    assert!(run.texts().is_empty());
    assert!(run.poll().1.wait.as_millis() > 50);
}

#[test]
fn a_renamed_file_is_finished_before_its_successor() {
    for paths in [&["/a.log"], &["/"]] {
        let mut run = Run::new(paths);
        let old = run.tree.create("/a.log", "old 1\n");
        assert_eq!(run.texts(), ["old 1"]);
        old.append("old 2\nold 3 unfini");
        run.tree.rename("/a.log", "/a.log.1");
        run.tree.create("/a.log", "new 1\n");
        assert_eq!(run.texts(), ["old 2", "old 3 unfini", "new 1"]);
        // Its writer still holds the old file.
        old.append("shed\nold 4\n");
        assert_eq!(run.texts(), ["shed", "old 4"]);
    }
}

#[test]
fn truncation_starts_again_under_a_new_number() {
    let mut run = Run::new(&["/a.log"]);
    let file = run.tree.create("/a.log", "before the cut\nrest");
    let first = run.poll().0;
    file.rewrite("after\n");
    let (lines, polled) = run.poll();
    let texts: Vec<&str> = lines.iter().map(|line| line.line.text.as_str()).collect();
    assert_eq!(texts, ["rest", "after"]);
    assert_eq!(polled.truncated, [PathBuf::from("/a.log")]);
    assert_eq!(lines[0].source, first[0].source);
    assert_ne!(lines[1].source, first[0].source);
    assert_eq!(lines[1].line.end, 6);
}

#[test]
fn a_file_written_anew_in_place_is_noticed_although_it_is_longer() {
    let mut run = Run::new(&["/a.log"]);
    let file = run.tree.create("/a.log", "short\n");
    assert_eq!(run.texts(), ["short"]);
    file.rewrite("another and much longer line\nand one more\n");
    assert_eq!(run.texts(), ["another and much longer line", "and one more"]);
}

#[test]
fn a_deleted_file_is_read_to_its_end_and_closed() {
    let mut run = Run::new(&["/a.log"]);
    let file = run.tree.create("/a.log", "one\n");
    assert_eq!(run.texts(), ["one"]);
    file.append("two\nlast words");
    run.tree.remove("/a.log");
    assert_eq!(run.texts(), ["two"]);
    let mut texts = Vec::new();
    for _ in 0..CLOSE_LOOKS {
        texts.extend(run.poll().0.into_iter().map(|line| line.line.text));
    }
    assert_eq!(texts, ["last words"]);
    assert_eq!(run.follower.open_files(), 0);
    run.tree.create("/a.log", "born again\n");
    assert_eq!(run.texts(), ["born again"]);
}

#[test]
fn a_restart_neither_skips_nor_repeats() {
    let mut run = Run::new(&["/logs"]);
    let file = run.tree.create("/logs/a.log", "one\ntwo\nhal");
    assert_eq!(run.texts(), ["one", "two"]);
    let known = run.known();
    file.append("f\nthree\n");
    run.tree.rename("/logs/a.log", "/logs/a.log.1");
    run.tree.create("/logs/a.log", "four\n");
    let mut resumed = Run::resumed(run.tree.clone(), &["/logs"], &known, FollowOptions::default());
    let mut texts = resumed.texts();
    texts.sort();
    assert_eq!(texts, ["four", "half", "three"]);
    assert!(
        Run::resumed(run.tree, &["/logs"], &resumed.known(), FollowOptions::default())
            .texts()
            .is_empty()
    );
}

#[test]
fn a_file_that_was_written_anew_resumes_in_its_present_life() {
    let mut run = Run::new(&["/a.log"]);
    let file = run.tree.create("/a.log", "first life\n");
    assert_eq!(run.texts(), ["first life"]);
    file.rewrite("2nd\n");
    assert_eq!(run.texts(), ["2nd"]);
    let mut known = run.known();
    assert_eq!(known.len(), 2);
    file.append("more\n");
    for _ in 0..2 {
        known.reverse();
        let tree = run.tree.clone();
        let mut resumed = Run::resumed(tree, &["/a.log"], &known, FollowOptions::default());
        assert_eq!(resumed.texts(), ["more"]);
    }
}

#[test]
fn an_inode_used_again_is_another_file() {
    let mut run = Run::new(&["/a.log"]);
    let file = run.tree.create("/a.log", "one\ntwo\n");
    assert_eq!(run.texts(), ["one", "two"]);
    let known = run.known();
    file.rewrite("quite another file\nwith more\n");
    let mut resumed = Run::resumed(run.tree, &["/a.log"], &known, FollowOptions::default());
    assert_eq!(resumed.texts(), ["quite another file", "with more"]);
}

#[test]
fn directories_leave_out_what_holds_no_text() {
    let mut run = Run::new(&["/logs"]);
    for (path, text) in [
        ("/logs/b.log", "b\n"),
        ("/logs/a.log", "a\n"),
        ("/logs/sub/c", "c\n"),
        ("/logs/old.log.2.GZ", "packed\n"),
        ("/logs/.hidden", "hidden\n"),
        ("/logs/wtmp", "\0\0binary\n"),
    ] {
        run.tree.create(path, text);
    }
    assert_eq!(run.texts(), ["a", "b", "c"]);
}

#[test]
fn starting_at_the_end_leaves_out_only_what_was_there() {
    let tree = MemoryTree::default();
    let file = tree.create("/a.log", "history\n");
    let options = FollowOptions { start: Start::End, ..FollowOptions::default() };
    let mut run = Run::resumed(tree, &["/a.log", "/b.log"], &[], options);
    assert!(run.texts().is_empty());
    file.append("now\n");
    run.tree.create("/b.log", "new file\n");
    assert_eq!(run.texts(), ["now", "new file"]);
}

#[test]
fn one_poll_reads_a_bounded_amount() {
    let options = FollowOptions { bytes_per_poll_max: 10, ..FollowOptions::default() };
    let tree = MemoryTree::default();
    tree.create("/a.log", "12345678\n12345678\n12345678\n");
    let mut run = Run::resumed(tree, &["/a.log"], &[], options);
    let (lines, polled) = run.poll();
    assert_eq!((lines.len(), polled.bytes, polled.more), (1, 10, true));
    assert!(polled.wait.is_zero());
    assert_eq!(run.texts().len(), 2);
}

#[test]
fn problems_are_told_once() {
    let mut run = Run::new(&["/forbidden", "/missing"]);
    let (_, polled) = run.poll();
    assert_eq!(polled.problems.len(), 1);
    assert_eq!(polled.problems[0].path, Path::new("/forbidden"));
    assert!(run.poll().1.problems.is_empty());
}

#[test]
fn the_end_gives_unfinished_lines_on_request() {
    let mut run = Run::new(&["/a.log"]);
    run.tree.create("/a.log", "one\ntail");
    assert_eq!(run.texts(), ["one"]);
    let mut lines = Vec::new();
    run.follower.finish(&mut |line| lines.push((line.line.text, line.line.end)));
    assert_eq!(lines, [("tail".to_owned(), 8)]);
}
