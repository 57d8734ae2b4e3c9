//! A log directory: opened, checked, repaired.
//!
//! In come a path and options; out goes a [`Directory`], through which everything else is done. A
//! directory in which others could replace files is refused, with the command that mends it.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::counts::KnownCounts;
use crate::error::StoreError;
use crate::head::slot::{FileSlot, StoreSettings};
use crate::head::{self, Head};
use crate::key::FileKey;
use crate::options::{Access, Options, Warning};
use crate::packed::{Codec, form_name};
use crate::read::snapshot::Measured;
use crate::split::OpenFiles;
use crate::sys::{File, Links, OpenMode, Platform, Stat, is_not_regular};
use crate::texts::TextPacker;

pub(crate) const CONTROL: &str = ".logloom";
/// Beneath `.logloom`: one file for each saved cursor.
pub(crate) const CURSORS: &str = "cursors";
const OPEN_FILES_MAX: usize = 32;
const WRITABLE_BY_OTHERS: u32 = 0o002;
const LEFTOVER_AGE_NS: i64 = 600_000_000_000;
const STICKY: u32 = 0o1000;

/// An open log directory. Cheap to clone; clones share everything.
///
/// Usable from any thread. Holds one descriptor of `.logloom/head`, on which all locks of this process are
/// taken. In a fork child it must not be used: see
/// [`WriterHandle::abandon_in_fork_child`](crate::WriterHandle::abandon_in_fork_child), then open the directory again.
#[derive(Clone)]
pub struct Directory {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) path: PathBuf,
    pub(crate) root: File,
    pub(crate) control: Arc<File>,
    pub(crate) options: Options,
    head: Mutex<Option<Arc<Head>>>,
    day_files: Mutex<HashMap<u32, (u64, Arc<File>)>>,
    pub(crate) open_files: Mutex<OpenFiles>,
    pub(crate) metadata_written_ns: Mutex<Option<u64>>,
    pub(crate) synced_births: Mutex<HashSet<u64>>,
    /// Files of which a sync failed: each is to become suspect as soon as it can be locked.
    pub(crate) failed_births: Mutex<HashSet<u64>>,
    pub(crate) measured: Mutex<Measured>,
    pub(crate) counts: Mutex<KnownCounts>,
    pub(crate) text_packer: Mutex<TextPacker>,
    warnings: Mutex<Vec<Warning>>,
}

/// Locks without minding a panic elsewhere: what these mutexes guard is changed in single steps.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Directory {
    /// Opens the log directory at `path`. `~` is not resolved.
    ///
    /// With [`Access::Append`] a missing directory is made (mode 0700), `.logloom/head` is made when
    /// missing, a damaged one is set aside, files of an earlier boot are repaired and unknown day files registered;
    /// [`Directory::warnings`] tells what was found. With [`Access::Read`] nothing is changed, and
    /// a directory without a head (a copy) is read up to each file's last newline.
    ///
    /// Blocks for as long as checking files of an earlier boot takes (about a second a gigabyte), and at
    /// most the lock deadline for each lock.
    ///
    /// # Errors
    /// The directory cannot be made or opened, is writable by others, or is of a later version.
    pub fn open(
        path: &Path,
        options: Options,
        platform: Arc<dyn Platform>,
    ) -> Result<Directory, StoreError> {
        let root = open_root(path, &options, &platform)?;
        let control = open_control(path, &root, &options)?;
        let directory = Directory::assemble(path, root, control, options);
        match directory.shared.options.access {
            Access::Append | Access::Join => directory.open_head()?,
            Access::Read => drop(directory.shared.reader_head()?),
        }
        Ok(directory)
    }

    fn assemble(path: &Path, root: File, control: File, options: Options) -> Directory {
        let shared = Shared {
            path: path.to_owned(),
            platform: root.platform().clone(),
            root,
            control: Arc::new(control),
            head: Mutex::new(None),
            day_files: Mutex::default(),
            open_files: Mutex::default(),
            metadata_written_ns: Mutex::new(None),
            synced_births: Mutex::default(),
            failed_births: Mutex::default(),
            measured: Mutex::default(),
            counts: Mutex::default(),
            text_packer: Mutex::default(),
            warnings: Mutex::default(),
            options,
        };
        Directory { shared: Arc::new(shared) }
    }

    /// Opens the same directory once more, wherever it was moved, with nothing shared: a thread of low priority
    /// that uses it cannot hold up those that use this one. Nothing is checked anew.
    ///
    /// # Errors
    /// The directory or its catalogue cannot be opened again.
    pub fn reopen(&self) -> Result<Directory, StoreError> {
        let shared = &self.shared;
        let doing = format!("open {} again", shared.path.display());
        let open = |name: &str| shared.root.open(name, OpenMode::Directory);
        let root = open(".").map_err(StoreError::io(doing.clone()))?;
        let control = open(CONTROL).map_err(StoreError::io(doing))?;
        let settings = self.settings()?;
        let options = Options { access: Access::Join, settings, ..shared.options.clone() };
        let directory = Directory::assemble(&shared.path, root, control, options);
        directory.open_head()?;
        Ok(directory)
    }

    /// The path it was opened with.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// The platform it was opened with.
    pub fn platform(&self) -> &Arc<dyn Platform> {
        &self.shared.platform
    }

    /// The settings that hold for every writer of this directory.
    ///
    /// # Errors
    /// There is no readable head, as in a copied directory.
    pub fn settings(&self) -> Result<StoreSettings, StoreError> {
        Ok(self.shared.head()?.settings.clone())
    }

    /// Random identity of the catalogue; a head that was made anew has another. `None` without one.
    pub fn store_id(&self) -> Option<[u8; 16]> {
        lock(&self.shared.head).as_ref().map(|head| head.store_id)
    }

    /// Takes what opening found and dealt with; a second call returns nothing.
    pub fn warnings(&self) -> Vec<Warning> {
        std::mem::take(&mut lock(&self.shared.warnings))
    }

    fn open_head(&self) -> Result<(), StoreError> {
        let shared = &self.shared;
        let opened = head::open_for_append(&shared.control, &shared.options.settings)?;
        let is_new = opened.is_new;
        shared.note_differences(&opened.head.settings);
        if let Some(name) = opened.set_aside {
            shared.warn(Warning::HeadSetAside { name });
        }
        *lock(&shared.head) = Some(Arc::new(opened.head));
        if !is_new {
            if self.was_checked()? {
                return Ok(());
            }
            self.new_boot_repair()?;
        }
        self.shared.remove_leftovers();
        self.check_writer_slots()?;
        self.register_unknown_files()
    }

    /// Whether a parent has done what opening does, in this boot.
    fn was_checked(&self) -> Result<bool, StoreError> {
        let (shared, is_child) = (&self.shared, self.shared.options.access == Access::Join);
        Ok(is_child && shared.head()?.catalogue()?.1.boot_id == shared.platform.boot_id())
    }
}

impl Shared {
    pub(crate) fn warn(&self, warning: Warning) {
        lock(&self.warnings).push(warning);
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.options.lock_deadline
    }

    /// The head of a directory opened for appending, or found by a reader.
    pub(crate) fn head(&self) -> Result<Arc<Head>, StoreError> {
        lock(&self.head).clone().ok_or_else(|| StoreError::Invalid {
            message: format!(
                "{} has no .logloom/head: open it for appending to make one",
                self.path.display()
            ),
        })
    }

    /// The head as a reader sees it now: found late, replaced, or missing.
    pub(crate) fn reader_head(&self) -> Result<Option<Arc<Head>>, StoreError> {
        let mut current = lock(&self.head);
        let stays = match current.as_ref() {
            Some(head) => head.check_inode().is_ok() || self.options.access != Access::Read,
            None => false,
        };
        if !stays {
            *current = match self.root.open(CONTROL, OpenMode::Directory) {
                Ok(control) => head::open_for_reading(&Arc::new(control))?.map(Arc::new),
                Err(error) if is_replaced(&error) || is_no_directory(&error) => None,
                Err(error) => return Err(StoreError::io("open .logloom")(error)),
            };
        }
        Ok(current.clone())
    }

    /// Removes what a process killed while replacing a small file left behind. Only old ones: a young
    /// one may be about to get its name.
    fn remove_leftovers(&self) {
        let oldest_kept = self.platform.realtime_ns() - LEFTOVER_AGE_NS;
        let cursors = self.control.open(CURSORS, OpenMode::Directory).ok();
        for directory in [&self.root, &*self.control].into_iter().chain(&cursors) {
            for name in self.platform.list(directory.handle()).unwrap_or_default() {
                let is_ours = name.starts_with("head.new-") || name.contains(".json.tmp-");
                let is_old =
                    || directory.stat_at(&name).is_ok_and(|stat| stat.modified_ns < oldest_kept);
                if is_ours && is_old() {
                    let _ = self.platform.unlink_at(directory.handle(), &name);
                }
            }
        }
    }

    fn note_differences(&self, store: &StoreSettings) {
        let asked = &self.options.settings;
        let pairs = [
            ("dialect", store.dialect.clone(), asked.dialect.clone()),
            ("max_file_size", store.max_file_size.to_string(), asked.max_file_size.to_string()),
        ];
        for (setting, store, asked) in pairs {
            if store != asked {
                self.warn(Warning::SettingDiffers { setting, store, asked });
            }
        }
    }

    /// The open day file of a slot; `None` when another file or none stands under its name.
    pub(crate) fn day_file(
        &self,
        number: u32,
        slot: &FileSlot,
    ) -> Result<Option<Arc<File>>, StoreError> {
        if let Some((birth, file)) = lock(&self.day_files).get(&number)
            && *birth == slot.birth
            && file.is_still_ours()
        {
            return Ok(Some(file.clone()));
        }
        let name = slot.key.file_name();
        let file = match self.root.open(&name, OpenMode::ReadWrite) {
            Ok(file) => file,
            Err(error) if is_replaced(&error) => return Ok(None),
            Err(error) => return Err(StoreError::io(format!("open {name}"))(error)),
        };
        let stat = file.stat().map_err(StoreError::io(format!("look at {name}")))?;
        if stat.inode != slot.inode && !crate::plant::planted(crate::plant::Bug::NoInodeCheck) {
            return Ok(None);
        }
        let file = Arc::new(file);
        let mut day_files = lock(&self.day_files);
        // A file that was compressed or deleted takes room for as long as somebody has it open.
        day_files.retain(|_, (_, file)| file.stat().is_ok_and(|stat| stat.links > 0));
        if day_files.len() >= OPEN_FILES_MAX {
            day_files.clear();
        }
        day_files.insert(number, (slot.birth, file.clone()));
        Ok(Some(file))
    }

    /// Closes the descriptor kept for a slot.
    pub(crate) fn forget_day_file(&self, number: u32) {
        lock(&self.day_files).remove(&number);
    }

    /// What stands under the file's name; `None` when nothing does.
    pub(crate) fn stat_day_file(&self, key: FileKey) -> Result<Option<Stat>, StoreError> {
        self.stat_form(key, None)
    }

    /// What stands under the name of one form of a file; `None` when nothing does.
    pub(crate) fn stat_form(
        &self,
        key: FileKey,
        codec: Option<Codec>,
    ) -> Result<Option<Stat>, StoreError> {
        let name = form_name(key, codec);
        match self.root.stat_at(&name) {
            Ok(stat) => Ok(Some(stat)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io(format!("look at {name}"))(error)),
        }
    }
}

// A missing file, or something put in its place that is none.
pub(crate) fn is_replaced(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || is_not_regular(error)
}

// What stands under the name is a file or a link.
fn is_no_directory(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOTDIR | libc::ELOOP))
}

fn open_root(
    path: &Path,
    options: &Options,
    platform: &Arc<dyn Platform>,
) -> Result<File, StoreError> {
    let doing = format!("open the log directory {}", path.display());
    let links = match platform.stat_path(path, Links::Refuse) {
        Ok(stat) if stat.is_symlink() => {
            check_link(path, &stat, platform)?;
            Links::Follow
        }
        Ok(_) => Links::Refuse,
        Err(error) if error.kind() == io::ErrorKind::NotFound && options.access != Access::Read => {
            let doing = format!("make the log directory {}", path.display());
            platform.make_path(path).map_err(StoreError::io(doing))?;
            Links::Refuse
        }
        Err(error) => return Err(StoreError::io(doing)(error)),
    };
    let handle = platform.open_directory(path, links).map_err(StoreError::io(doing.clone()))?;
    let root = File::new(platform.clone(), handle);
    let stat = root.stat().map_err(StoreError::io(doing))?;
    check_permissions(path, &stat, platform.user())?;
    Ok(root)
}

/// A link is followed only if nobody else could have put it there.
fn check_link(path: &Path, link: &Stat, platform: &Arc<dyn Platform>) -> Result<(), StoreError> {
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let doing = format!("look at {}", parent.display());
    let parent_stat = platform.stat_path(parent, Links::Follow).map_err(StoreError::io(doing))?;
    let is_ours = link.user == platform.user() || link.user == 0;
    if is_ours && parent_stat.mode & WRITABLE_BY_OTHERS == 0 {
        return Ok(());
    }
    Err(StoreError::Unsafe {
        message: format!(
            "{} is a symbolic link that others could change: name the directory it points to",
            path.display()
        ),
    })
}

fn check_permissions(path: &Path, stat: &Stat, user: u32) -> Result<(), StoreError> {
    let is_open = stat.mode & WRITABLE_BY_OTHERS != 0;
    let is_guarded = stat.mode & STICKY != 0 && stat.user == user;
    if !is_open || is_guarded {
        return Ok(());
    }
    Err(StoreError::Unsafe {
        message: format!(
            "{0} can be written by every user, who could replace log files: run `chmod go-w {0}`",
            path.display()
        ),
    })
}

fn open_control(path: &Path, root: &File, options: &Options) -> Result<File, StoreError> {
    let doing = format!("open {}/{CONTROL}", path.display());
    if options.access != Access::Read {
        root.platform()
            .make_directory_at(root.handle(), CONTROL)
            .map_err(StoreError::io(doing.clone()))?;
    }
    let control = match root.open(CONTROL, OpenMode::Directory) {
        Ok(control) => control,
        // A copied directory may lack it; the log directory itself then holds no head either.
        Err(error) if error.kind() == io::ErrorKind::NotFound && options.access == Access::Read => {
            return root.open(".", OpenMode::Directory).map_err(StoreError::io(doing));
        }
        Err(error) if is_no_directory(&error) => {
            let what = path.join(CONTROL);
            let message = format!(
                "{} is no directory (a link counts as none): move it away, then try again",
                what.display()
            );
            return Err(StoreError::Invalid { message });
        }
        Err(error) => return Err(StoreError::io(doing)(error)),
    };
    let stat = control.stat().map_err(StoreError::io(doing))?;
    check_permissions(&path.join(CONTROL), &stat, root.platform().user())?;
    Ok(control)
}
