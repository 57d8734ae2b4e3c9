//! The real file system behind the source traits.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::packed::Packed;
use super::{Entry, Found, SourceFile, SourceStat, SourceTree};

/// Files of this machine, without notifications.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalFiles;

/// An open file of this machine.
#[derive(Debug)]
pub struct LocalFile(Content);

#[derive(Debug)]
enum Content {
    Plain(File),
    Packed(Box<Packed>),
}

impl SourceFile for LocalFile {
    fn stat(&self) -> io::Result<SourceStat> {
        match &self.0 {
            Content::Plain(file) => Ok(stat_of(&file.metadata()?)),
            Content::Packed(packed) => packed.stat(),
        }
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let file = match &self.0 {
            Content::Plain(file) => file,
            Content::Packed(packed) => return packed.read_at(buffer, position),
        };
        loop {
            match FileExt::read_at(file, buffer, position) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // Some files of the system look regular and still have nothing to give yet.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
                other => return other,
            }
        }
    }
}

impl SourceTree for LocalFiles {
    type File = LocalFile;

    fn open(&self, path: &Path) -> io::Result<LocalFile> {
        open_regular(path).map(|file| LocalFile(Content::Plain(file)))
    }

    fn open_packed(&self, path: &Path) -> io::Result<LocalFile> {
        let packed = Packed::open(open_regular(path)?)?;
        Ok(LocalFile(Content::Packed(Box::new(packed))))
    }

    fn look(&self, path: &Path) -> io::Result<Option<Found>> {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => Ok(Some(Found::File(stat_of(&metadata)))),
            Ok(metadata) if metadata.is_dir() => Ok(Some(Found::Directory)),
            Ok(_) => Ok(Some(Found::Other)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, directory: &Path, give: &mut dyn FnMut(Entry) -> bool) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if !give(Entry { path: entry.path(), is_link }) {
                break;
            }
        }
        Ok(())
    }

    fn real_path(&self, path: &Path) -> Option<PathBuf> {
        fs::canonicalize(path).ok()
    }
}

fn open_regular(path: &Path) -> io::Result<File> {
    // Whatever stands there by now, opening and reading it must not wait.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path);
    match file {
        Ok(file) if file.metadata()?.is_file() => Ok(file),
        Ok(_) => Err(not_regular()),
        // A socket.
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => {
            Err(not_regular())
        }
        Err(error) => Err(error),
    }
}

fn not_regular() -> io::Error {
    let text = "not a regular file; give it to the standard input of a command instead";
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

pub(super) fn stat_of(metadata: &fs::Metadata) -> SourceStat {
    let written_ns = metadata.mtime().saturating_mul(1_000_000_000) + metadata.mtime_nsec();
    SourceStat { device: metadata.dev(), inode: metadata.ino(), size: metadata.size(), written_ns }
}
