//! The real file system behind the source traits.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::{Found, SourceFile, SourceStat, SourceTree};

/// Files of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalFiles;

impl SourceFile for File {
    fn stat(&self) -> io::Result<SourceStat> {
        Ok(stat_of(&self.metadata()?))
    }

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        loop {
            match FileExt::read_at(self, buffer, position) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

impl SourceTree for LocalFiles {
    type File = File;

    fn open(&self, path: &Path) -> io::Result<File> {
        // Opening a pipe would wait for its writer, so the path is looked at first.
        if !fs::metadata(path)?.is_file() {
            let text = "not a regular file; give it to the standard input of a command instead";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        File::open(path)
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

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect()
    }
}

fn stat_of(metadata: &fs::Metadata) -> SourceStat {
    SourceStat { device: metadata.dev(), inode: metadata.ino(), size: metadata.size() }
}
