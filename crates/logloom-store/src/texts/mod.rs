//! Full texts of which a line holds only the beginning, beneath `.logloom/full`.
//!
//! In comes a text; it is kept once, under the SHA-256 of its bytes, as an ordinary gzip file that gets its
//! name when it is whole. Out it goes by that name, checked. Refused: a text that would take more than a
//! 256th of the room. Each of the 256 folders is kept to its share of the room by whoever adds to it, the
//! texts that were needed last longest. Nothing here is part of the log: a text that is not there, for
//! whatever reason, is missed and no error. Nothing is forced to the device.

mod sha256;
mod trim;

use std::io::{self, Read};

use crate::directory::{Directory, Shared, lock};
use crate::error::StoreError;
use crate::sys::{File, OpenMode, is_not_regular};

const DIRECTORY: &str = "full";
const SUFFIX: &str = ".gz";
/// Folders, by the first byte of the digest.
const PARTS: u64 = 256;
/// Packs four times as fast as the level of day files, and a tenth larger.
const LEVEL: i32 = 2;
/// A longer text is not read.
const TEXT_BYTES_MAX: u64 = 64 << 20;
/// A text that is needed again is noted as young when it looks older than this.
const TOUCH_AFTER_NS: i64 = 3_600_000_000_000;

/// What a full text is known by: the SHA-256 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TextId([u8; 32]);

impl TextId {
    /// The id of this text.
    #[must_use]
    pub fn of(text: &[u8]) -> TextId {
        TextId(sha256::sha256(text))
    }

    /// The id that is written like this: 64 hexadecimal digits, small letters.
    #[must_use]
    pub fn parse(digits: &str) -> Option<TextId> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 64 || !digits.bytes().all(is_digit) {
            return None;
        }
        let mut id = [0; 32];
        for (byte, at) in id.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
        }
        Some(TextId(id))
    }

    fn part(&self) -> String {
        part_name(self.0[0])
    }

    fn file_name(&self) -> String {
        format!("{self}{SUFFIX}")
    }

    fn of_file_name(name: &str) -> Option<TextId> {
        TextId::parse(name.strip_suffix(SUFFIX)?)
    }
}

impl std::fmt::Display for TextId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

fn part_name(number: u8) -> String {
    format!("{number:02x}")
}

/// Makes gzip files; made with the first text.
#[derive(Default)]
pub(crate) struct TextPacker(Option<libdeflater::Compressor>);

impl TextPacker {
    fn pack(&mut self, text: &[u8]) -> io::Result<Vec<u8>> {
        let gzip = match &mut self.0 {
            Some(gzip) => gzip,
            empty => {
                let level = libdeflater::CompressionLvl::new(LEVEL)
                    .map_err(|_| io::Error::other("no such level"))?;
                empty.insert(libdeflater::Compressor::new(level))
            }
        };
        let mut packed = vec![0; gzip.gzip_compress_bound(text.len())];
        let length = gzip
            .gzip_compress(text, &mut packed)
            .map_err(|_| io::Error::other("the packed text does not fit"))?;
        packed.truncate(length);
        Ok(packed)
    }
}

impl Shared {
    /// See [`Append::keep_text`](crate::Append::keep_text).
    pub(crate) fn keep_text(&self, id: &TextId, text: &[u8], room: u64) -> Result<(), StoreError> {
        let share = room / PARTS;
        let keep = || {
            let part = self.text_part(id)?;
            if self.is_kept(&part, id)? {
                return Ok(true);
            }
            let packed = lock(&self.text_packer).pack(text)?;
            let bytes = trim::on_disk(packed.len() as u64);
            if bytes > share {
                return Ok(false);
            }
            part.replace(&id.file_name(), &packed)?;
            // Each folder is looked through when a sixteenth of its share was added, on average, however
            // many programs add to it and however little each does.
            let chance =
                u64::from_le_bytes(self.platform.random()[..8].try_into().unwrap_or([0; 8]));
            if chance % (share / 16).max(1) < bytes {
                trim::trim(&part, i64::MIN, share)?;
            }
            Ok(true)
        };
        match keep().map_err(StoreError::io(format!("keep a text in .logloom/{DIRECTORY}")))? {
            true => Ok(()),
            false => Err(StoreError::Full {
                what: "a text takes more than a 256th of truncate.full_max_size: raise it",
            }),
        }
    }

    /// The folder of a text, made when missing.
    fn text_part(&self, id: &TextId) -> io::Result<File> {
        let open = || {
            let texts = self.control.open(DIRECTORY, OpenMode::Directory)?;
            texts.open(&id.part(), OpenMode::Directory)
        };
        match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.platform.make_directory_at(self.control.handle(), DIRECTORY)?;
                let texts = self.control.open(DIRECTORY, OpenMode::Directory)?;
                self.platform.make_directory_at(texts.handle(), &id.part())?;
                open()
            }
            other => other,
        }
    }

    /// Whether the text is there; it is young from now on.
    fn is_kept(&self, part: &File, id: &TextId) -> io::Result<bool> {
        let file = match part.open(&id.file_name(), OpenMode::ReadWrite) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let (mut stat, now) = (file.stat()?, self.platform.realtime_ns());
        if stat.size > 0 && now.saturating_sub(stat.modified_ns) > TOUCH_AFTER_NS {
            stat.modified_ns = now;
            self.platform.copy_attributes(file.handle(), &stat)?;
        }
        // After a power loss a file may have its name and no bytes.
        Ok(stat.size > 0)
    }

    /// Deletes texts that were last needed before this time. Gives their number; `is_ending` is asked
    /// between two folders.
    pub(crate) fn delete_texts(
        &self,
        before_ns: i64,
        is_ending: &dyn Fn() -> bool,
    ) -> Result<u64, StoreError> {
        let Ok(texts) = self.control.open(DIRECTORY, OpenMode::Directory) else { return Ok(0) };
        let mut deleted = 0;
        for number in (0..=u8::MAX).take_while(|_| !is_ending()) {
            let Ok(part) = texts.open(&part_name(number), OpenMode::Directory) else { continue };
            deleted += trim::trim(&part, before_ns, u64::MAX)
                .map_err(StoreError::io(format!("look through .logloom/{DIRECTORY}")))?;
        }
        Ok(deleted)
    }
}

impl Directory {
    /// The full text of this id; `None` where it is not kept (any longer).
    ///
    /// # Errors
    /// What stands under its name cannot be read, or is another text.
    pub fn full_text(&self, id: &TextId) -> Result<Option<Vec<u8>>, StoreError> {
        let control = &self.shared.control;
        let doing = || format!("read .logloom/{DIRECTORY}/{}/{}", id.part(), id.file_name());
        let read = || {
            let texts = control.open(DIRECTORY, OpenMode::Directory)?;
            texts.open(&id.part(), OpenMode::Directory)?.read_whole(&id.file_name(), TEXT_BYTES_MAX)
        };
        let packed = match read() {
            Ok(packed) => packed,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(StoreError::io(doing())(error)),
        };
        let mut text = Vec::new();
        let mut unpacked = flate2::read::GzDecoder::new(&packed[..]).take(TEXT_BYTES_MAX);
        unpacked.read_to_end(&mut text).map_err(StoreError::io(doing()))?;
        match TextId::of(&text) == *id {
            true => Ok(Some(text)),
            false => Err(StoreError::Invalid {
                message: format!("cannot {}: it is damaged, and of no further use", doing()),
            }),
        }
    }

    /// The ids that begin with these hexadecimal digits, at least two of them; in order.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn full_texts(&self, digits: &str) -> Result<Vec<TextId>, StoreError> {
        let Some(part) = digits.get(..2) else { return Ok(Vec::new()) };
        let open = || {
            let texts = self.shared.control.open(DIRECTORY, OpenMode::Directory)?;
            texts.open(part, OpenMode::Directory)
        };
        let doing = || format!("list .logloom/{DIRECTORY}/{part}");
        let folder = match open() {
            Ok(folder) => folder,
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io(doing())(error)),
        };
        let names = self.shared.platform.list(folder.handle());
        let names = names.map_err(StoreError::io(doing()))?;
        let fitting = names.iter().filter(|name| name.starts_with(digits));
        let mut ids: Vec<TextId> = fitting.filter_map(|name| TextId::of_file_name(name)).collect();
        ids.sort_unstable();
        Ok(ids)
    }
}

/// Whether no text can be there: there is nothing, or nothing of the kind in its place.
fn is_missing(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::NotFound, io::ErrorKind::NotADirectory];
    kinds.contains(&error.kind()) || is_not_regular(error)
}

#[cfg(test)]
mod tests;
