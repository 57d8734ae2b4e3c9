//! The files of this machine, each of which only one process follows into a log directory.
//!
//! Everything is that of [`WatchedFiles`], but for who may follow a file, which [`Claims`] says.

use std::cell::RefCell;
use std::io;
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use logloom_intake::{Entry, Found, LocalFile, News, SourceStat, SourceTree, WatchedFiles};

use super::claims::{Claim, Claims};

/// Files with notifications and claims.
pub(super) struct ClaimedFiles {
    files: WatchedFiles,
    claims: RefCell<Claims>,
}

impl ClaimedFiles {
    pub(super) fn new(files: WatchedFiles, claims: Claims) -> Self {
        Self { files, claims: RefCell::new(claims) }
    }

    /// Readable when there are news.
    pub(super) fn events(&self) -> Option<BorrowedFd<'_>> {
        self.files.events()
    }

    /// Whether a file is free by now that another process followed.
    pub(super) fn is_freed(&self) -> bool {
        self.claims.borrow().is_freed()
    }
}

impl SourceTree for ClaimedFiles {
    type File = LocalFile;

    fn open(&self, path: &Path) -> io::Result<LocalFile> {
        self.files.open(path)
    }

    fn open_packed(&self, path: &Path) -> io::Result<LocalFile> {
        self.files.open_packed(path)
    }

    fn look(&self, path: &Path) -> io::Result<Option<Found>> {
        self.files.look(path)
    }

    fn list(&self, directory: &Path, give: &mut dyn FnMut(Entry) -> bool) -> io::Result<()> {
        self.files.list(directory, give)
    }

    fn real_path(&self, path: &Path) -> Option<PathBuf> {
        self.files.real_path(path)
    }

    fn watch(&self, directory: &Path) -> bool {
        self.files.watch(directory)
    }

    fn claim(&self, file: &SourceStat) -> io::Result<()> {
        let text = match self.claims.borrow_mut().claim((file.device, file.inode))? {
            Claim::Own => return Ok(()),
            Claim::Held(pid) => format!(
                "process {pid} follows it into this log already, and it is gone on with here once that \
                 one ends; to have it in two logs, choose another directory with --dir"
            ),
            Claim::Freed => {
                "the process that followed it has let go of it; it is gone on with here".to_owned()
            }
        };
        Err(io::Error::new(io::ErrorKind::ResourceBusy, text))
    }

    fn release(&self, device: u64, inode: u64) {
        self.claims.borrow_mut().release((device, inode));
    }

    fn news(&self) -> Vec<News> {
        self.files.news()
    }
}
