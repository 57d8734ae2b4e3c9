//! The store that is asked. In come a folder, a size and a seed; out go thirty sealed and compressed days,
//! the newest ones as plain files too, and a note of what they are. Days that an earlier run has made are
//! taken as they are, so that a run that was ended goes on, and a large store is made once.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use logloom_store::index::IndexSettings;
use logloom_store::life::LifeSettings;
use logloom_store::read::Order;
use logloom_store::sys::LinuxPlatform;
use logloom_store::{Directory, FileState, NoSegments, Options, StoreError};
use serde::{Deserialize, Serialize};

use super::generate::{self, DAYS};
use crate::open_day::OpenDay;
use crate::proof::{failed, tell};

/// Changes when the same seed gives other lines.
const VERSION: u32 = 1;
const SEED: u64 = 2026;
/// Days that `gzip -6` packs as well, for comparison.
const COMPARED_DAYS: [u32; 3] = [2, 14, 26];
/// The day in which the id stands that is looked for.
const KNOWN_DAY: u32 = 11;

/// What was made.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Made {
    version: u32,
    seed: u64,
    size: u64,
    /// The days, oldest first.
    pub(crate) days: Vec<MadeDay>,
    /// The id of a request on some day.
    pub(crate) known_id: String,
    #[serde(skip)]
    folder: PathBuf,
}

/// One day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MadeDay {
    /// Name of its plain file.
    pub(crate) name: String,
    pub(crate) lines: u64,
    pub(crate) bytes: u64,
    /// What `gzip -6` makes of it; only of some days.
    pub(crate) gzip: Option<u64>,
    pub(crate) is_plain_too: bool,
}

impl Made {
    /// The log directory with compressed days.
    pub(crate) fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// The log directory with the newest days as plain files.
    pub(crate) fn plain(&self) -> PathBuf {
        self.folder.join("plain")
    }

    /// Paths of the compressed days, oldest first.
    pub(crate) fn packed_files(&self) -> Vec<PathBuf> {
        self.days.iter().map(|day| self.store().join(format!("{}.gz", day.name))).collect()
    }

    /// Paths of the plain days, oldest first.
    pub(crate) fn plain_files(&self) -> Vec<PathBuf> {
        let days = self.days.iter().filter(|day| day.is_plain_too);
        days.map(|day| self.plain().join(&day.name)).collect()
    }

    /// Bytes of all lines.
    pub(crate) fn bytes(&self) -> u64 {
        self.days.iter().map(|day| day.bytes).sum()
    }

    /// How many lines there are.
    pub(crate) fn lines(&self) -> u64 {
        self.days.iter().map(|day| day.lines).sum()
    }

    fn note(&self) -> PathBuf {
        self.folder.join("made.json")
    }

    fn save(&self) -> Result<(), String> {
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        fs::write(self.note(), text).map_err(failed("write what was made"))
    }
}

/// Makes what is missing in `folder`. Of the plain lines about `plain` bytes are kept.
pub(crate) fn make(folder: &Path, size: u64, plain: u64) -> Result<Made, String> {
    let mut made = begin(folder, size)?;
    for path in [made.store(), made.plain()] {
        fs::create_dir_all(&path).map_err(failed(&format!("make {}", path.display())))?;
    }
    let mut newest = 0;
    let first_plain = (0..DAYS).rev().find(|number| {
        newest += generate::lines_of(*number, size) * generate::LINE_BYTES;
        newest >= plain
    });
    for number in made.days.len() as u32..DAYS {
        let is_plain_too = first_plain.is_none_or(|first| number >= first);
        make_day(&mut made, number, is_plain_too)?;
        made.save()?;
    }
    Ok(made)
}

/// What an earlier run has left, if it is of the same kind; else nothing.
fn begin(folder: &Path, size: u64) -> Result<Made, String> {
    let fresh =
        Made { version: VERSION, seed: SEED, size, folder: folder.to_owned(), ..Made::default() };
    let Ok(text) = fs::read_to_string(fresh.note()) else { return Ok(fresh) };
    let old: Made = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if (old.version, old.seed, old.size) != (VERSION, SEED, size) {
        return Err(format!("{} holds another store; name another folder", folder.display()));
    }
    Ok(Made { folder: folder.to_owned(), ..old })
}

fn make_day(made: &mut Made, number: u32, is_plain_too: bool) -> Result<(), String> {
    let name = format!("{}.jsonl", generate::day(number)?);
    let lines = generate::lines_of(number, made.size);
    let path = made.store().join(&name);
    // A run that was ended may have left both forms, or half a file.
    for end in ["", ".gz", ".gz.idx"] {
        let _ = fs::remove_file(made.store().join(format!("{name}{end}")));
    }
    let (bytes, id) = write_day(&path, number, lines)?;
    if number == KNOWN_DAY {
        made.known_id = id.ok_or("the lines have no id")?;
    }
    if is_plain_too {
        fs::copy(&path, made.plain().join(&name)).map_err(failed("copy a day"))?;
    }
    let gzip = if COMPARED_DAYS.contains(&number) { gzip_bytes(&path)? } else { None };
    pack(&made.store())?;
    tell(&format!("{name}: {lines} lines, {bytes} bytes"));
    made.days.push(MadeDay { name, lines, bytes, gzip, is_plain_too });
    Ok(())
}

/// Writes the lines of one day; their bytes, and the id of one of the last.
pub(super) fn write_day(
    path: &Path,
    number: u32,
    lines: u64,
) -> Result<(u64, Option<String>), String> {
    let doing = format!("write {}", path.display());
    let mut file = File::create(path).map_err(failed(&doing))?;
    let (mut bytes, mut id) = (0, None);
    generate::write(SEED, number, lines, &mut |piece| {
        bytes += piece.len() as u64;
        id = last_id(piece).or(id.take());
        file.write_all(piece).map_err(failed(&doing))
    })?;
    Ok((bytes, id))
}

/// Writes a day that is still open, so many bytes, and has the store index it as programs do; where it is.
pub(super) fn write_open_day(
    folder: &Path,
    number: u32,
    bytes: u64,
) -> Result<Vec<PathBuf>, String> {
    let directory = open(folder, Options::default())?;
    let mut day = OpenDay::new(&directory, generate::day(number)?)?;
    generate::write(SEED, number, bytes / generate::LINE_BYTES, &mut |piece| day.append(piece))?;
    day.close()?;
    let failed = |error: StoreError| error.to_string();
    directory.index_open_files(&IndexSettings::default(), &|| false).map_err(failed)?;
    let files = directory.snapshot(Order::OldestFirst).map_err(failed)?.files;
    let open = files.into_iter().filter(|file| file.state == FileState::Open);
    Ok(open.map(|file| file.path).collect())
}

/// The id of the last line of a piece.
fn last_id(piece: &[u8]) -> Option<String> {
    let at = memchr::memmem::rfind(piece, b"\"trace_id\":\"")?;
    let id = piece.get(at + 12..at + 44)?;
    String::from_utf8(id.to_vec()).ok()
}

/// Has the store compress and index every closed day.
pub(crate) fn pack(folder: &Path) -> Result<(), String> {
    let index = IndexSettings::default();
    pack_with(folder, &LifeSettings { compress_after_days: Some(0), index, ..LifeSettings::none() })
}

/// Has the store keep its files.
pub(super) fn pack_with(folder: &Path, settings: &LifeSettings) -> Result<(), String> {
    open(folder, Options::default())?
        .keep_house(settings, &NoSegments, &|| false)
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// Opens a log directory.
pub(crate) fn open(folder: &Path, options: Options) -> Result<Directory, String> {
    Directory::open(folder, options, Arc::new(LinuxPlatform)).map_err(|error| error.to_string())
}

/// Length of what `gzip -6` makes of a file; `None` without gzip.
fn gzip_bytes(path: &Path) -> Result<Option<u64>, String> {
    let mut command = Command::new("gzip");
    command.args(["-6", "-c"]).arg(path).stdout(Stdio::piped()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return Ok(None) };
    let mut out = child.stdout.take().ok_or("no output")?;
    let bytes = std::io::copy(&mut out, &mut std::io::sink()).map_err(failed("read of gzip"))?;
    child.wait().map_err(failed("wait for gzip"))?;
    Ok(Some(bytes))
}
