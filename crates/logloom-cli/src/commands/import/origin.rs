//! One thing to import: a file, a member of an archive, or the standard input.
//!
//! Takes where it is, gives a reader of its unpacked bytes and what the file system says of it.
//! What it is packed with is told by its first bytes, never by its name. Archives are told apart
//! when a path is looked at, see `walk`; an archive inside a packed file, or a packed file inside an
//! archive, is not opened again, as bombs are nested, and is refused as binary.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use logloom_intake::unpack::{self, Packing, UnpackLimits, zip};

use crate::commands::intake::service_of;

/// What is to be read.
#[derive(Clone, Debug)]
pub(super) enum Place {
    File(PathBuf),
    Member { archive: PathBuf, member: zip::Member },
    Input,
}

/// What the file system says of a file: what differs when it was changed or is another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size: u64,
    pub(super) modified_ns: i64,
}

impl Container {
    pub(super) fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        let modified_ns = found.mtime().saturating_mul(1_000_000_000) + found.mtime_nsec();
        Ok(Self { device: found.dev(), inode: found.ino(), size: found.size(), modified_ns })
    }
}

/// A reader of unpacked bytes.
pub(super) struct Opened {
    pub(super) reader: Box<dyn Read>,
    pub(super) container: Container,
}

impl Place {
    /// The name it has in records and messages.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Member { archive, member } => format!("{}!{}", archive.display(), member.name),
            Self::Input => "-".to_owned(),
        }
    }

    /// The name of the file up to its first dot.
    pub(super) fn service(&self) -> String {
        let name = match self {
            Self::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Member { member, .. } => {
                Path::new(&member.name).file_name().map(|name| name.to_string_lossy().into_owned())
            }
            Self::Input => None,
        };
        service_of(&name.unwrap_or_default())
    }

    /// Opens it; `read` is advanced by each packed byte that is read from then on.
    pub(super) fn open(&self, limits: UnpackLimits, read: &Arc<AtomicU64>) -> io::Result<Opened> {
        match self {
            Self::File(path) => {
                let file = open_regular(path)?;
                let container = Container::of(&file)?;
                Ok(Opened { reader: unpacked(Metered::new(file, read), limits)?, container })
            }
            Self::Member { archive, member } => {
                let file = open_regular(archive)?;
                let container = Container::of(&file)?;
                let reader = zip::open(file, member, limits)?;
                // The directory says how long it is; the archive is sought in, not read through.
                read.fetch_add(member.packed, Ordering::Relaxed);
                Ok(Opened { reader, container })
            }
            Self::Input => {
                let input = io::stdin();
                let container = Container::default();
                Ok(Opened { reader: unpacked(Metered::new(input, read), limits)?, container })
            }
        }
    }

    /// What a file of xz that is cut short holds behind so many unpacked bytes; nothing where it
    /// cannot be opened again, or is a member of an archive.
    pub(super) fn rest_of_xz(&self, position: u64, limits: UnpackLimits) -> io::Result<Vec<u8>> {
        match self {
            Self::File(path) => unpack::rest_of_cut_xz(|| open_regular(path), position, limits),
            Self::Member { .. } | Self::Input => Ok(Vec::new()),
        }
    }

    /// Whether it can be opened again and read from its start.
    pub(super) fn is_lasting(&self) -> bool {
        !matches!(self, Self::Input)
    }
}

/// Opens without waiting: a pipe or a device that blocks must not hold up the others.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    // Asked first: a socket cannot be opened at all, and opening a device may have effects.
    check_regular(&std::fs::metadata(path)?)?;
    let file = File::options().read(true).custom_flags(nonblocking).open(path)?;
    check_regular(&file.metadata()?)?;
    Ok(file)
}

/// Names what is no file.
fn check_regular(found: &std::fs::Metadata) -> io::Result<()> {
    let kind = found.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () if kind.is_dir() => "a directory",
        () => "a device",
    };
    let text = format!("it is {what}, not a file");
    Err(io::Error::new(io::ErrorKind::InvalidInput, text))
}

/// The first bytes tell the packing; they are read again with the rest.
fn unpacked(mut packed: impl Read + 'static, limits: UnpackLimits) -> io::Result<Box<dyn Read>> {
    let mut head = [0; 6];
    let length = fill(&mut packed, &mut head)?;
    let packing = Packing::of(&head[..length]);
    if packing == Packing::Zip {
        let text = "a zip archive cannot be read from a stream: save it in a file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let whole = io::Cursor::new(head).take(length as u64).chain(packed);
    unpack::unpack(whole, packing, limits)
}

/// Reads until `into` is full or the source ends.
pub(super) fn fill(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < into.len() {
        match from.read(&mut into[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Counts what is read.
struct Metered<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R> Metered<R> {
    fn new(inner: R, read: &Arc<AtomicU64>) -> Self {
        Self { inner, read: read.clone() }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_after_files() {
        let check = |path: &str, expect: &str| {
            assert_eq!(Place::File(PathBuf::from(path)).service(), expect);
        };
        check("/var/log/dpkg.log.2.gz", "dpkg");
        check("/var/log/syslog.1", "syslog");
        check("app", "app");
        check("/x/.hidden.log", "hidden");
        check("/", "unknown");
        assert_eq!(Place::Input.service(), "unknown");
    }
}
