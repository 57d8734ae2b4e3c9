//! The files that are followed: where each is, how far it was read, which are open.
//!
//! Takes files as they are found and paths as they change; gives them by key and by path, and the
//! next one with something to read. At most so many are open: the one that was not read for the
//! longest time is closed, unless it could not be opened again.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};

use super::copies::Life;
use crate::Line;
use crate::source::{FileKey, SourceFile, SourceIdentity, SourceReader};

/// Whether a path leads to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A followed path leads to it.
    Followed,
    /// None does any more; it is read to its end.
    Leaving,
    /// Nothing is read of it: it looks binary, or is packed and was read, or damaged.
    Done,
}

/// One file.
pub(super) struct Tracked<F> {
    /// Where it was found last.
    pub(super) path: PathBuf,
    /// Where links lead, when it was found through one.
    pub(super) real: Option<PathBuf>,
    /// The path it was first found at, until its successor there was begun.
    pub(super) place: Option<PathBuf>,
    /// Most files are closed most of the time, hence the box.
    pub(super) reader: Option<Box<SourceReader<F>>>,
    /// Which file it is, and how far it was read, while it is not open.
    pub(super) identity: SourceIdentity,
    pub(super) position: u64,
    pub(super) number: Option<u32>,
    /// What stands before the place that reading began at, until the first line is given.
    pub(super) before: Box<[Line]>,
    /// Size and time of the last write at the last look.
    pub(super) seen: (u64, i64),
    pub(super) state: State,
    /// Whether another file was seen where this one was found first.
    pub(super) is_replaced: bool,
    pub(super) is_packed: bool,
    /// Whether it is packed and was read to the end of its last member: it may grow by another one.
    pub(super) is_read: bool,
    /// Whether it can be opened again by its path.
    pub(super) has_path: bool,
    /// Since when nothing new was found.
    pub(super) quiet_since_ns: i64,
    pub(super) looked_ns: i64,
    is_dirty: bool,
    /// Whether it was read since the search for something to close came by.
    is_recent: bool,
}

impl<F: SourceFile> Tracked<F> {
    pub(super) fn new(path: PathBuf, reader: SourceReader<F>, now_ns: i64) -> Self {
        Self {
            place: Some(path.clone()),
            real: None,
            path,
            identity: reader.identity(),
            position: reader.position(),
            reader: Some(Box::new(reader)),
            number: None,
            before: Box::default(),
            seen: (0, 0),
            state: State::Followed,
            is_replaced: false,
            is_packed: false,
            is_read: false,
            has_path: true,
            quiet_since_ns: now_ns,
            looked_ns: now_ns,
            is_dirty: false,
            is_recent: true,
        }
    }

    /// Which file it is.
    pub(super) fn identity(&self) -> SourceIdentity {
        self.reader.as_ref().map_or(self.identity, |reader| reader.identity())
    }

    /// How far its lines were given.
    pub(super) fn line_end(&self) -> u64 {
        match &self.reader {
            Some(reader) => reader.line_end().unwrap_or_else(|| reader.position()),
            None => self.position,
        }
    }

    /// Closes the file, to be opened again by its path. `false` where that would lose something.
    fn close(&mut self) -> bool {
        let Some(reader) = &self.reader else { return true };
        let Some(position) = reader.line_end() else { return false };
        // The last words of a file that is about to be forgotten are kept open.
        let is_at_rest = self.state == State::Followed || reader.position() == position;
        if !self.has_path || self.is_packed || !is_at_rest {
            return false;
        }
        self.identity = self.identity();
        self.position = position;
        self.reader = None;
        true
    }
}

/// All files.
pub(super) struct Table<F> {
    files: HashMap<FileKey, Tracked<F>>,
    by_path: HashMap<PathBuf, FileKey>,
    places: HashMap<PathBuf, FileKey>,
    leavers: BTreeSet<FileKey>,
    dirty: VecDeque<FileKey>,
    /// Open files, the next one to be closed in front.
    open: VecDeque<FileKey>,
    open_max: usize,
}

impl<F: SourceFile> Table<F> {
    pub(super) fn new(open_max: usize) -> Self {
        Self {
            files: HashMap::new(),
            by_path: HashMap::new(),
            places: HashMap::new(),
            leavers: BTreeSet::new(),
            dirty: VecDeque::new(),
            open: VecDeque::new(),
            open_max: open_max.max(1),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn open_files(&self) -> usize {
        self.open.len()
    }

    pub(super) fn keys(&self) -> Vec<FileKey> {
        self.files.keys().copied().collect()
    }

    pub(super) fn get(&self, key: FileKey) -> Option<&Tracked<F>> {
        self.files.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: FileKey) -> Option<&mut Tracked<F>> {
        self.files.get_mut(&key)
    }

    pub(super) fn at_path(&self, path: &Path) -> Option<FileKey> {
        self.by_path.get(path).copied()
    }

    /// The file that was first found at this path and has no successor yet.
    pub(super) fn at_place(&self, path: &Path) -> Option<FileKey> {
        self.places.get(path).copied()
    }

    pub(super) fn add(&mut self, key: FileKey, file: Tracked<F>) {
        self.by_path.insert(file.path.clone(), key);
        if let Some(place) = &file.place {
            self.places.insert(place.clone(), key);
        }
        if file.state == State::Leaving {
            self.leavers.insert(key);
        }
        let is_open = file.reader.is_some();
        self.files.insert(key, file);
        if is_open {
            self.note_opened(key);
        }
    }

    pub(super) fn remove(&mut self, key: FileKey) -> Option<Tracked<F>> {
        let file = self.files.remove(&key)?;
        let paths = [Some(&file.path), file.real.as_ref()];
        for path in paths.into_iter().flatten() {
            if self.by_path.get(path) == Some(&key) {
                self.by_path.remove(path);
            }
        }
        self.leave_place(file.place.as_deref(), key);
        self.leavers.remove(&key);
        self.open.retain(|open| *open != key);
        Some(file)
    }

    fn leave_place(&mut self, place: Option<&Path>, key: FileKey) {
        if let Some(place) = place
            && self.places.get(place) == Some(&key)
        {
            self.places.remove(place);
        }
    }

    /// The successor at its place may begin.
    pub(super) fn give_up_place(&mut self, key: FileKey) {
        let place = self.files.get_mut(&key).and_then(|file| file.place.take());
        self.leave_place(place.as_deref(), key);
    }

    /// The file stands at this path now.
    pub(super) fn set_path(&mut self, key: FileKey, path: &Path) {
        let Some(file) = self.files.get_mut(&key) else { return };
        if file.path != path {
            if self.by_path.get(&file.path) == Some(&key) {
                self.by_path.remove(&file.path);
            }
            file.path = path.to_owned();
        }
        file.has_path = true;
        if self.by_path.get(path) != Some(&key) {
            self.by_path.insert(path.to_owned(), key);
        }
    }

    /// Its content stands at this path, to which a link leads.
    pub(super) fn set_real(&mut self, key: FileKey, real: PathBuf) {
        if let Some(file) = self.files.get_mut(&key) {
            self.by_path.insert(real.clone(), key);
            file.real = Some(real);
        }
    }

    /// Directories that links lead into.
    pub(super) fn real_directories(&self) -> BTreeSet<PathBuf> {
        let real = self.files.values().filter_map(|file| file.real.as_deref()?.parent());
        real.map(Path::to_owned).collect()
    }

    /// Nothing is to be read of the file any more.
    pub(super) fn close_for_good(&mut self, key: FileKey) {
        if let Some(file) = self.files.get_mut(&key) {
            file.identity = file.identity();
            file.position = file.line_end();
            file.state = State::Done;
            file.reader = None;
            self.leavers.remove(&key);
            self.open.retain(|open| *open != key);
        }
    }

    /// A file got another name; `false` when none is known by the old one.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> bool {
        let Some(key) = self.by_path.get(from).copied() else { return false };
        self.set_path(key, to);
        self.mark(key);
        true
    }

    pub(super) fn set_state(&mut self, key: FileKey, state: State) {
        let Some(file) = self.files.get_mut(&key) else { return };
        file.state = state;
        if state == State::Leaving {
            self.leavers.insert(key);
        } else {
            self.leavers.remove(&key);
        }
    }

    pub(super) fn leavers(&self) -> Vec<FileKey> {
        self.leavers.iter().copied().collect()
    }

    /// Files that are read, as far as they were.
    pub(super) fn lives(&self) -> Vec<Life> {
        let read = self.files.values().filter(|file| file.state != State::Done);
        let read = read.filter(|file| !file.is_packed && file.line_end() > 0);
        read.map(|file| Life {
            identity: file.identity(),
            position: file.line_end(),
            path: file.path.clone(),
        })
        .collect()
    }

    pub(super) fn has_leavers(&self) -> bool {
        !self.leavers.is_empty()
    }

    /// There may be something to read.
    pub(super) fn mark(&mut self, key: FileKey) {
        if let Some(file) = self.files.get_mut(&key)
            && !file.is_dirty
            && file.state != State::Done
        {
            file.is_dirty = true;
            self.dirty.push_back(key);
        }
    }

    /// The file has changed; a packed one that was read to its end may have got another member.
    pub(super) fn mark_changed(&mut self, key: FileKey) {
        if let Some(file) = self.files.get_mut(&key)
            && std::mem::take(&mut file.is_read)
        {
            file.state = State::Followed;
        }
        self.mark(key);
    }

    pub(super) fn mark_path(&mut self, path: &Path) {
        if let Some(key) = self.at_path(path) {
            self.mark_changed(key);
        }
    }

    pub(super) fn has_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// Numbers of the sources that have something to read.
    pub(super) fn dirty_numbers(&self) -> Vec<u32> {
        let files = self.dirty.iter().filter_map(|key| self.files.get(key));
        files.filter_map(|file| file.number).collect()
    }

    pub(super) fn dirty(&self) -> usize {
        self.dirty.len()
    }

    /// The next file to read; it counts as read then.
    pub(super) fn take_dirty(&mut self) -> Option<FileKey> {
        while let Some(key) = self.dirty.pop_front() {
            if let Some(file) = self.files.get_mut(&key) {
                file.is_dirty = false;
                file.is_recent = true;
                if file.state != State::Done {
                    return Some(key);
                }
            }
        }
        None
    }

    /// The file has a reader now; another one may lose its own.
    pub(super) fn note_opened(&mut self, key: FileKey) {
        self.open.push_back(key);
        let mut tries = 2 * self.open.len();
        while self.open.len() > self.open_max && tries > 0 {
            tries -= 1;
            let Some(next) = self.open.pop_front() else { return };
            let Some(file) = self.files.get_mut(&next) else { continue };
            let is_spared = next == key || std::mem::take(&mut file.is_recent);
            if file.reader.is_some() && (is_spared || !file.close()) {
                self.open.push_back(next);
            }
        }
    }
}
