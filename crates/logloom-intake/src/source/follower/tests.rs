//! Orders of events that rotation brings about, played through on files in memory.

#![allow(clippy::unwrap_used)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{CLOSE_NS, FollowOptions, Follower, KnownSource, Links, Polled, Start};
use crate::source::{Entry, Found, News, SourceFile, SourceStat, SourceTree};

mod restarts;

#[derive(Clone)]
struct MemoryFile {
    inode: u64,
    bytes: Rc<RefCell<Vec<u8>>>,
    written: Rc<Cell<i64>>,
}

impl MemoryFile {
    fn append(&self, text: &str) {
        self.bytes.borrow_mut().extend_from_slice(text.as_bytes());
        self.written.set(self.written.get() + 1);
    }

    fn rewrite(&self, text: &str) {
        *self.bytes.borrow_mut() = text.as_bytes().to_vec();
        self.written.set(self.written.get() + 1);
    }
}

impl SourceFile for MemoryFile {
    fn stat(&self) -> io::Result<SourceStat> {
        let size = self.bytes.borrow().len() as u64;
        let written_ns = self.written.get();
        Ok(SourceStat { device: 1, inode: self.inode, size, written_ns })
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
    /// What is told; `None` where nothing is.
    news: Rc<RefCell<Option<Vec<News>>>>,
    opened: Rc<Cell<usize>>,
    /// Names of symbolic links.
    links: Rc<RefCell<Vec<PathBuf>>>,
}

impl MemoryTree {
    fn create(&self, path: &str, text: &str) -> MemoryFile {
        *self.next_inode.borrow_mut() += 1;
        let inode = *self.next_inode.borrow();
        let file = MemoryFile { inode, bytes: Rc::default(), written: Rc::default() };
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
        self.opened.set(self.opened.get() + 1);
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

    fn list(&self, directory: &Path, give: &mut dyn FnMut(Entry) -> bool) -> io::Result<()> {
        let files = self.files.borrow();
        let below = files.keys().filter_map(|file| file.strip_prefix(directory).ok());
        let mut entries: Vec<PathBuf> =
            below.filter_map(|file| Some(directory.join(file.components().next()?))).collect();
        entries.dedup();
        for path in entries {
            let is_link = self.links.borrow().contains(&path);
            if !give(Entry { path, is_link }) {
                break;
            }
        }
        Ok(())
    }

    fn watch(&self, _: &Path) -> bool {
        self.news.borrow().is_some()
    }

    fn news(&self) -> Vec<News> {
        self.news.borrow_mut().as_mut().map(std::mem::take).unwrap_or_default()
    }
}

/// One line as it was given.
#[derive(Debug)]
struct Given {
    text: String,
    end: u64,
    number: u32,
}

/// Time between two polls: longer than a successor waits in two of them.
const STEP_NS: i64 = 60_000_000;

struct Run {
    tree: MemoryTree,
    follower: Follower<MemoryTree>,
    now_ns: i64,
    known: Vec<KnownSource>,
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
        let follower = Follower::new(tree.clone(), paths, known, options);
        Self { follower, tree, now_ns: 1_000_000_000_000, known: known.to_vec() }
    }

    fn poll(&mut self) -> (Vec<Given>, Polled) {
        let mut lines = Vec::new();
        let known = &mut self.known;
        self.now_ns += STEP_NS;
        let polled = self.follower.poll(self.now_ns, &mut |line| {
            known.retain(|source| source.identity != line.source.identity);
            known.push(line.source.clone());
            let end = line.line.end;
            lines.push(Given { text: line.line.text, end, number: line.number });
        });
        assert_eq!(polled.lines, lines.len() as u64);
        self.known.extend(polled.left_out.iter().cloned());
        (lines, polled)
    }

    /// Lines of as many polls as it takes to come to rest.
    fn texts(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        for _ in 0..12 {
            texts.extend(self.poll().0.into_iter().map(|line| line.text));
        }
        texts
    }

    fn known(&self) -> Vec<KnownSource> {
        self.known.clone()
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
    assert_eq!(lines[0].text, "three");
    assert_eq!(lines[0].end, 14);
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
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, ["rest", "after"]);
    assert_eq!(polled.truncated, [PathBuf::from("/a.log")]);
    assert_eq!(lines[0].number, first[0].number);
    assert_ne!(lines[1].number, first[0].number);
    assert_eq!(lines[1].end, 6);
}

#[test]
fn lines_that_carriage_returns_end_are_given_each_at_the_end_of_a_file() {
    let mut run = Run::new(&["/a.log"]);
    let file = run.tree.create("/a.log", "alpha\rbeta\rgamma");
    assert_eq!(run.texts(), ["alpha"]);
    file.rewrite("delta\reps");
    assert_eq!(run.texts(), ["beta", "gamma"]);
    run.tree.remove("/a.log");
    assert!(run.texts().is_empty());
    run.now_ns += CLOSE_NS;
    assert_eq!(run.texts(), ["delta", "eps"]);
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
    run.now_ns += CLOSE_NS;
    assert_eq!(run.texts(), ["last words"]);
    assert_eq!((run.follower.open_files(), run.follower.files()), (0, 0));
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
    assert_eq!(polled.missing, [Path::new("/missing")]);
    let (_, polled) = run.poll();
    assert!(polled.problems.is_empty() && polled.missing.is_empty());
}

#[test]
fn paths_that_lead_to_nothing_are_told() {
    let mut run = Run::new(&["/none.log", "/d/*.txt", "/d/{a,x}.log", "/e"]);
    run.tree.create("/d/a.log", "a\n");
    run.tree.create("/e/none.gz", "packed");
    let missing = run.poll().1.missing;
    assert_eq!(missing, [Path::new("/none.log"), Path::new("/e"), Path::new("/d/*.txt")]);
    let follows = ["/none.log", "/d/x.log", "/e/b", "/d/b.log", "/x.log"];
    let follows = follows.map(|path| run.follower.holds(Path::new(path)));
    assert_eq!(follows, [true, true, true, false, false]);
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

#[test]
fn patterns_are_looked_at_again_and_again() {
    let mut run = Run::new(&["/logs/**/*.log"]);
    run.tree.create("/logs/a.log", "a\n");
    run.tree.create("/logs/b/c/d.log", "d\n");
    run.tree.create("/logs/b/note.txt", "none\n");
    assert_eq!(run.texts(), ["a", "d"]);
    run.tree.create("/logs/b/new.log", "new\n");
    run.tree.create("/logs/old.log.gz", "packed\n");
    assert_eq!(run.texts(), ["new"]);
}

#[test]
fn only_so_many_files_are_open() {
    let options = FollowOptions { open_files_max: 3, ..FollowOptions::default() };
    let tree = MemoryTree::default();
    let files: Vec<MemoryFile> =
        (0..20).map(|number| tree.create(&format!("/d/{number:02}.log"), "first\n")).collect();
    let mut run = Run::resumed(tree, &["/d"], &[], options);
    assert_eq!(run.texts().len(), 20);
    for round in 0..3 {
        files.iter().for_each(|file| file.append(&format!("half{round}")));
        assert!(run.texts().is_empty());
        files.iter().for_each(|file| file.append(" and whole\n"));
        let texts = run.texts();
        assert_eq!(texts, vec![format!("half{round} and whole"); 20]);
        assert!(run.follower.open_files() <= 3);
    }
    // Closed files are found again under the names that they have.
    run.tree.rename("/d/00.log", "/d/00.log.1");
    files[0].append("after\n");
    assert_eq!(run.texts(), ["after"]);
    assert!(run.tree.opened.get() > 20);
}

#[test]
fn a_closed_file_that_no_path_leads_to_any_more_is_read_to_its_end() {
    let options = FollowOptions { open_files_max: 1, ..FollowOptions::default() };
    let tree = MemoryTree::default();
    let file = tree.create("/a.log", "one\n");
    tree.create("/b.log", "one\n");
    let mut run = Run::resumed(tree, &["/a.log", "/b.log"], &[], options);
    assert_eq!(run.texts().len(), 2);
    file.append("two\n");
    run.tree.rename("/a.log", "/a.log.1");
    assert_eq!(run.texts(), ["two"]);
    file.append("three\n");
    assert_eq!(run.texts(), ["three"]);
}

/// Lines that are long enough to tell one file from another by its beginning.
fn long(word: &str, count: usize) -> String {
    (0..count).map(|number| format!("{word} {number} {}\n", "x".repeat(40))).collect()
}

#[test]
fn a_copy_made_before_the_original_is_cut_is_not_read_again() {
    for paths in [&["/d"], &["/d/a.log*"]] {
        let mut run = Run::new(paths);
        let file = run.tree.create("/d/a.log", &long("old", 20));
        assert_eq!(run.texts().len(), 20);
        // The copy grows while we look at it, and the original goes on meanwhile.
        let copy = run.tree.create("/d/a.log.1", "");
        assert!(run.texts().is_empty());
        copy.append(&long("old", 20)[..100]);
        assert!(run.texts().is_empty());
        copy.rewrite(&long("old", 20));
        assert!(run.texts().is_empty());
        file.append("late\n");
        copy.append("late\nnever seen in the original\n");
        file.rewrite("new\n");
        let mut texts = run.texts();
        texts.sort();
        assert_eq!(texts, ["late", "never seen in the original", "new"]);
        let known = run.known();
        let mut again = Run::resumed(run.tree, paths, &known, FollowOptions::default());
        assert!(again.texts().is_empty());
    }
}

#[test]
fn a_copy_is_found_by_who_only_follows_the_name() {
    let mut run = Run::new(&["/d/a.log"]);
    let file = run.tree.create("/d/a.log", &long("old", 10));
    assert_eq!(run.texts().len(), 10);
    run.tree.create("/d/a.log.1", &format!("{}late\n", long("old", 10)));
    file.rewrite("new\n");
    let mut texts = run.texts();
    texts.sort();
    assert_eq!(texts, ["late", "new"]);
}

#[test]
fn a_copy_that_was_made_while_nobody_looked_is_gone_on_with() {
    let mut run = Run::new(&["/d"]);
    let file = run.tree.create("/d/a.log", &long("old", 20));
    assert_eq!(run.texts().len(), 20);
    let known = run.known();
    run.tree.create("/d/a.log.1", &format!("{}late\n", long("old", 20)));
    file.rewrite("new\n");
    let tree = run.tree.clone();
    let mut resumed = Run::resumed(tree, &["/d"], &known, FollowOptions::default());
    let mut texts = resumed.texts();
    texts.sort();
    assert_eq!(texts, ["late", "new"]);
    let known = resumed.known();
    let mut again = Run::resumed(run.tree, &["/d"], &known, FollowOptions::default());
    assert!(again.texts().is_empty());
}

#[test]
fn files_that_begin_alike_are_no_copies() {
    let mut run = Run::new(&["/d"]);
    let banner = long("banner", 10);
    run.tree.create("/d/app.log", &format!("{banner}first\n"));
    assert_eq!(run.texts().len(), 11);
    run.tree.create("/d/app.log.1", &format!("{banner}another\n"));
    run.tree.create("/d/app-2.log", &banner);
    assert_eq!(run.texts().len(), 21);
}

#[test]
fn a_copy_that_outlives_its_original_is_not_read_again() {
    let mut run = Run::new(&["/d"]);
    run.tree.create("/d/a.log", &long("old", 10));
    assert_eq!(run.texts().len(), 10);
    let copy = run.tree.create("/d/a.log.bak", &long("old", 10));
    assert!(run.texts().is_empty());
    run.tree.remove("/d/a.log");
    run.tree.create("/d/a.log", "new\n");
    assert_eq!(run.texts(), ["new"]);
    copy.append("more\n");
    assert_eq!(run.texts(), ["more"]);
}

#[test]
fn what_is_told_is_read_without_looking_at_everything() {
    let tree = MemoryTree::default();
    *tree.news.borrow_mut() = Some(Vec::new());
    let file = tree.create("/a.log", "one\n");
    let mut run = Run::resumed(tree, &["/a.log"], &[], FollowOptions::default());
    assert_eq!(run.texts(), ["one"]);
    file.append("two\n");
    assert!(run.texts().is_empty());
    let tell = |news: News| run.tree.news.borrow_mut().as_mut().unwrap().push(news);
    tell(News::Written("/a.log".into()));
    assert_eq!(run.texts(), ["two"]);
    // What was not told is found by a look at everything.
    file.append("three\n");
    run.now_ns += super::RESCAN_NS;
    assert_eq!(run.texts(), ["three"]);
}

#[test]
fn a_file_that_was_renamed_before_it_was_seen_is_read() {
    let tree = MemoryTree::default();
    *tree.news.borrow_mut() = Some(Vec::new());
    let mut run = Run::resumed(tree, &["/a.log"], &[], FollowOptions::default());
    assert!(run.texts().is_empty());
    run.tree.create("/a.log.2", "short life\n");
    run.tree.create("/a.log", "new\n");
    let moves = [("/a.log", "/a.log.1"), ("/a.log.1", "/a.log.2")];
    for (from, to) in moves {
        let news = News::Moved { from: from.into(), to: to.into() };
        run.tree.news.borrow_mut().as_mut().unwrap().extend([news, News::Arranged]);
    }
    let mut texts = run.texts();
    texts.sort();
    assert_eq!(texts, ["new", "short life"]);
}

#[test]
fn links_are_left_out_where_that_is_asked_for() {
    for (links, expect) in [(Links::Follow, 2), (Links::Skip, 1)] {
        let tree = MemoryTree::default();
        tree.create("/d/a.log", "a\n");
        tree.create("/d/b.log", "b\n");
        tree.links.borrow_mut().push("/d/b.log".into());
        let options = FollowOptions { links, ..FollowOptions::default() };
        assert_eq!(Run::resumed(tree, &["/d"], &[], options).texts().len(), expect);
    }
}

#[test]
fn binary_files_are_named_once() {
    let mut run = Run::new(&["/d"]);
    run.tree.create("/d/wtmp", "\0\0");
    run.tree.create("/d/wide", "\u{feff}");
    let line = "x".repeat(600);
    run.tree.create("/d/database", &format!("{line}\0\u{1}").repeat(5));
    run.tree.create("/d/cut.log", &format!("{line}\n{}more\n", "\0".repeat(500)));
    let binary = ["/d/database", "/d/wtmp"].map(PathBuf::from);
    assert_eq!(run.poll().1.binary, binary);
    assert!(run.poll().1.binary.is_empty());
    let mut named = Run::resumed(run.tree, &["/d/wtmp"], &[], FollowOptions::default());
    assert!(named.poll().1.binary.is_empty());
}

#[test]
fn files_beyond_the_limit_are_told_of() {
    let options = FollowOptions { files_max: 3, ..FollowOptions::default() };
    let tree = MemoryTree::default();
    (0..5).for_each(|number| drop(tree.create(&format!("/d/{number}.log"), "x\n")));
    let mut run = Run::resumed(tree, &["/d"], &[], options);
    let (lines, polled) = run.poll();
    assert_eq!((lines.len(), polled.problems.len()), (3, 1));
    assert!(run.poll().1.problems.is_empty());
}

#[test]
fn finished_sources_are_told() {
    let mut run = Run::new(&["/a.log"]);
    let file = run.tree.create("/a.log", "one\n");
    let number = run.poll().0[0].number;
    let finished =
        |run: &mut Run| (0..10).flat_map(|_| run.poll().1.finished).collect::<Vec<u32>>();
    file.rewrite("");
    assert_eq!(finished(&mut run), [number]);
    file.append("two\n");
    assert!(finished(&mut run).is_empty());
    run.tree.remove("/a.log");
    assert!(finished(&mut run).is_empty());
    run.now_ns += CLOSE_NS;
    assert_eq!(finished(&mut run), [number + 1]);
}

/// Up to 12,000 files are followed, and their table has room for up to twice as many.
#[test]
fn what_is_kept_of_a_file_stays_small() {
    let bytes = size_of::<super::table::Tracked<crate::source::LocalFile>>();
    assert!(bytes <= 176, "a file takes {bytes} bytes");
}
