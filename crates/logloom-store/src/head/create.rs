//! Opening `head`, and making it when there is none. In come the two directories and the settings of the
//! opener; out goes an open file with its header. A head of a later version is refused; one that is
//! damaged is moved to `.logloom/aside/`, never deleted, and a new one is made.

use std::io;
use std::sync::Arc;

use super::codec::{COPY_BYTES, Header, HeaderFault, seal_copy};
use super::lock::{LockTable, Region};
use super::slot::{Catalogue, StoreSettings};
use super::{CATALOGUE_OFFSET, FORMAT_VERSION, FORMAT_VERSION_SHORT, HEAD_SIZE, Head};
use crate::error::StoreError;
use crate::sys::{File, OpenMode};

const NAME: &str = "head";
const ATTEMPTS_MAX: u32 = 100;

/// An opened head.
pub(crate) struct HeadFile {
    pub(crate) head: Head,
    /// Whether this call made it.
    pub(crate) is_new: bool,
    /// Name of the damaged head that was set aside, beneath `.logloom/aside`.
    pub(crate) set_aside: Option<String>,
}

enum Found {
    Good(Box<Head>),
    Missing,
    Damaged(File),
}

/// Opens the head for writing, making it when it is missing or damaged.
pub(crate) fn open_for_append(
    control: &Arc<File>,
    settings: &StoreSettings,
) -> Result<HeadFile, StoreError> {
    let (mut is_new, mut set_aside) = (false, None);
    for _ in 0..ATTEMPTS_MAX {
        match find(control, OpenMode::ReadWrite)? {
            Found::Good(head) => return Ok(HeadFile { head: *head, is_new, set_aside }),
            Found::Missing => is_new = create(control, settings)?,
            Found::Damaged(file) => {
                if let Some(name) = move_aside(control, &file)? {
                    set_aside = Some(name);
                }
            }
        }
    }
    Err(StoreError::Busy { what: ".logloom/head".to_owned(), waited: Default::default() })
}

/// Opens the head for reading; `None` when there is none that can be read.
pub(crate) fn open_for_reading(control: &Arc<File>) -> Result<Option<Head>, StoreError> {
    match find(control, OpenMode::Read)? {
        Found::Good(head) => Ok(Some(*head)),
        Found::Missing | Found::Damaged(_) => Ok(None),
    }
}

fn find(control: &Arc<File>, mode: OpenMode) -> Result<Found, StoreError> {
    let file = match control.open(NAME, mode) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing),
        Err(error) => return Err(StoreError::io("open .logloom/head")(error)),
    };
    let stat = file.stat().map_err(StoreError::io("look at .logloom/head"))?;
    let mut bytes = [0; COPY_BYTES];
    let length = file.read_at(&mut bytes, 0).map_err(StoreError::io("read .logloom/head"))?;
    let header = match Header::decode(&bytes) {
        Err(HeaderFault::Newer(found)) => {
            return Err(StoreError::Version { found, supported: FORMAT_VERSION });
        }
        Ok(header) if length == COPY_BYTES && stat.size >= HEAD_SIZE => header,
        _ => return Ok(Found::Damaged(file)),
    };
    let head = Head {
        file,
        inode: stat.inode,
        store_id: header.store_id,
        settings: header.settings,
        locks: LockTable::default(),
        control: control.clone(),
    };
    match head.catalogue() {
        Ok(_) => Ok(Found::Good(Box::new(head))),
        Err(StoreError::CatalogueDamaged) => Ok(Found::Damaged(head.file)),
        Err(error) => Err(error),
    }
}

/// Builds a complete head under another name and gives it its own only if there is none.
fn create(control: &Arc<File>, settings: &StoreSettings) -> Result<bool, StoreError> {
    let platform = control.platform().clone();
    let unique = u128::from_le_bytes(platform.random());
    let temporary = format!("{NAME}.new-{unique:032x}");
    let built = build(control, &temporary, settings).and_then(|()| {
        platform.rename_new((control.handle(), &temporary), (control.handle(), NAME))
    });
    match built {
        Ok(()) => Ok(true),
        Err(error) => {
            let _ = platform.unlink_at(control.handle(), &temporary);
            match error.kind() {
                io::ErrorKind::AlreadyExists => Ok(false),
                _ => Err(StoreError::io("make .logloom/head")(error)),
            }
        }
    }
}

fn build(control: &Arc<File>, name: &str, settings: &StoreSettings) -> io::Result<()> {
    let platform = control.platform();
    let file = control.open(name, OpenMode::CreateNew)?;
    // Not a hole: a slot must be writable when the disk is full.
    file.allocate(HEAD_SIZE)?;
    let catalogue =
        Catalogue { boot_id: platform.boot_id(), next_birth: 1, files_used: 0, writers_used: 0 };
    file.write_at(&seal_copy(1, Some(&catalogue)), CATALOGUE_OFFSET)?;
    let header = Header { store_id: platform.random(), settings: settings.clone() };
    file.write_at(&header.encode(FORMAT_VERSION_SHORT), 0)
}

/// Moves a damaged head away, unless another process has done so. Returns its new name.
fn move_aside(control: &Arc<File>, file: &File) -> Result<Option<String>, StoreError> {
    let platform = control.platform();
    let locked = platform
        .try_lock(file.handle(), Region::Catalogue.offset())
        .map_err(StoreError::io("lock the damaged .logloom/head"))?;
    if !locked {
        platform.sleep(std::time::Duration::from_millis(1));
        return Ok(None);
    }
    let stat = file.stat().map_err(StoreError::io("look at .logloom/head"))?;
    match control.stat_at(NAME) {
        Ok(current) if current.inode == stat.inode => {}
        _ => return Ok(None),
    }
    let aside = open_aside(control)?;
    let name = format!("head.{}", platform.realtime_ns());
    platform
        .rename_new((control.handle(), NAME), (aside.handle(), &name))
        .map_err(StoreError::io("set the damaged .logloom/head aside"))?;
    Ok(Some(name))
}

/// The directory for what is damaged and kept, made when missing.
pub(crate) fn open_aside(control: &File) -> Result<File, StoreError> {
    control
        .platform()
        .make_directory_at(control.handle(), "aside")
        .and_then(|()| control.open("aside", OpenMode::Directory))
        .map_err(StoreError::io("make .logloom/aside"))
}
