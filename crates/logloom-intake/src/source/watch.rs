//! The real file system with notifications, so that a change is known as soon as it happens.
//!
//! Takes directories to watch, one watch each however many files are in it; gives what happened in
//! them. Refuses directories of file systems that other machines write to, which tell nobody here.
//! Where the kernel allows no (more) watches, `watch` says so and the caller looks by itself.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

use super::{Entry, Found, LocalFile, LocalFiles, News, SourceTree};

/// Bytes of events that are taken at once: about a thousand.
const BUFFER_BYTES: usize = 64 * 1024;

/// File systems that are written from elsewhere, or by programs that tell nobody: NFS, SMB (three
/// generations), 9P, FUSE, AFS, Ceph, Lustre, GPFS, VirtualBox shares.
const UNTOLD: &[u64] = &[
    0x6969,
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x0102_1997,
    0x6573_5546,
    0x5346_414f,
    0x00c3_6400,
    0x0bd0_0bd0,
    0x4750_4653,
    0x786f_4256,
];

/// Files of this machine with notifications.
#[derive(Debug)]
pub struct WatchedFiles {
    /// `None` where the system tells nothing: then every change is looked for.
    events: Option<OwnedFd>,
    state: RefCell<State>,
}

#[derive(Debug, Default)]
struct State {
    directories: HashMap<i32, PathBuf>,
    watches: HashMap<PathBuf, Option<i32>>,
    /// The first halves of moves, by the number that joins both.
    moves: HashMap<u32, PathBuf>,
    /// Watches of directories that have another path by now.
    stale: Vec<i32>,
}

impl WatchedFiles {
    /// Ready to watch. Where the system has no notifications, or this user has used up theirs,
    /// nothing is told, and all that follows looks by itself.
    #[must_use]
    pub fn new() -> Self {
        let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok();
        Self { events, state: RefCell::default() }
    }

    /// Never told of anything.
    #[must_use]
    pub fn untold() -> Self {
        Self { events: None, state: RefCell::default() }
    }

    /// Readable when there are news; `None` where there never are.
    #[must_use]
    pub fn events(&self) -> Option<BorrowedFd<'_>> {
        self.events.as_ref().map(AsFd::as_fd)
    }

    fn add(&self, directory: &Path) -> Option<i32> {
        let events = self.events.as_ref()?;
        let type_number = rustix::fs::statfs(directory).ok()?.f_type.cast_unsigned();
        if UNTOLD.contains(&(type_number & 0xffff_ffff)) {
            return None;
        }
        let flags = WatchFlags::MODIFY
            | WatchFlags::CREATE
            | WatchFlags::MOVE
            | WatchFlags::DELETE
            | WatchFlags::ATTRIB
            | WatchFlags::ONLYDIR
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF;
        inotify::add_watch(events, directory, flags).ok()
    }
}

impl Default for WatchedFiles {
    fn default() -> Self {
        Self::new()
    }
}

impl SourceTree for WatchedFiles {
    type File = LocalFile;

    fn open(&self, path: &Path) -> io::Result<LocalFile> {
        LocalFiles.open(path)
    }

    fn open_packed(&self, path: &Path) -> io::Result<LocalFile> {
        LocalFiles.open_packed(path)
    }

    fn look(&self, path: &Path) -> io::Result<Option<Found>> {
        LocalFiles.look(path)
    }

    fn list(&self, directory: &Path, give: &mut dyn FnMut(Entry) -> bool) -> io::Result<()> {
        LocalFiles.list(directory, give)
    }

    fn real_path(&self, path: &Path) -> Option<PathBuf> {
        LocalFiles.real_path(path)
    }

    fn watch(&self, directory: &Path) -> bool {
        if let Some(Some(_)) = self.state.borrow().watches.get(directory) {
            return true;
        }
        let watch = self.add(directory);
        let mut state = self.state.borrow_mut();
        state.watches.insert(directory.to_owned(), watch);
        if let Some(number) = watch {
            state.directories.insert(number, directory.to_owned());
        }
        watch.is_some()
    }

    fn news(&self) -> Vec<News> {
        let Some(events) = &self.events else { return Vec::new() };
        let mut buffer = [MaybeUninit::uninit(); BUFFER_BYTES];
        let mut reader = inotify::Reader::new(events, &mut buffer);
        let mut news = Vec::new();
        let mut state = self.state.borrow_mut();
        // An empty queue, or one that cannot be read, has nothing to tell.
        while let Ok(event) = reader.next() {
            let name = event.file_name().map(|name| name.to_bytes());
            state.note(event.wd(), event.events(), event.cookie(), name, &mut news);
            if reader.is_buffer_empty() && news.len() >= BUFFER_BYTES / 64 {
                break;
            }
        }
        state.moves.clear();
        for watch in std::mem::take(&mut state.stale) {
            // One that is gone already needs no removal.
            let _ = inotify::remove_watch(events, watch);
        }
        news
    }
}

impl State {
    fn note(
        &mut self,
        watch: i32,
        events: ReadFlags,
        cookie: u32,
        name: Option<&[u8]>,
        news: &mut Vec<News>,
    ) {
        if events.contains(ReadFlags::QUEUE_OVERFLOW) {
            return news.push(News::Missed);
        }
        if events.contains(ReadFlags::IGNORED) {
            if let Some(directory) = self.directories.remove(&watch) {
                self.watches.remove(&directory);
            }
            return news.push(News::Arranged);
        }
        if events.contains(ReadFlags::MOVE_SELF) {
            // Its path leads elsewhere by now: another watch is made for what stands there.
            if let Some(directory) = self.directories.remove(&watch) {
                self.watches.remove(&directory);
                self.stale.push(watch);
            }
            return news.push(News::Arranged);
        }
        let Some(directory) = self.directories.get(&watch) else { return };
        let Some(name) = name else { return };
        let path = directory.join(OsStr::from_bytes(name));
        if events.intersects(ReadFlags::MODIFY) {
            return news.push(News::Written(path));
        }
        if events.contains(ReadFlags::MOVED_FROM) {
            self.moves.insert(cookie, path);
        } else if events.contains(ReadFlags::MOVED_TO)
            && let Some(from) = self.moves.remove(&cookie)
        {
            news.push(News::Moved { from, to: path });
        }
        news.push(News::Arranged);
    }
}
