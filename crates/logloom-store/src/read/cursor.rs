//! Where a reader stands, so that it can go on after a restart. In and out: a small JSON file, replaced
//! atomically. A file that is no cursor is refused, and never overwritten silently by reading it.

use std::fmt::Write;
use std::io;

use crate::directory::{CONTROL, CURSORS, Directory};
use crate::error::StoreError;
use crate::json;
use crate::key::FileKey;
use crate::sys::{File, OpenMode};

const VERSION: u64 = 1;
const BYTES_MAX: u64 = 1 << 20;
const NAME_MAX: usize = 64;

/// The last record a reader was given: its checksum shows later whether the file is still the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRecord {
    /// Its file.
    pub key: FileKey,
    /// Where it begins.
    pub offset: u64,
    /// Its length in bytes, newline included.
    pub length: u64,
    /// CRC-32 of those bytes.
    pub crc32: u32,
}

/// A file that was not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenFile {
    /// Its birth number.
    pub birth: u64,
    /// Its day and split.
    pub key: FileKey,
    /// Bytes read so far.
    pub offset: u64,
}

/// A reader's place in a directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Identity of the catalogue whose birth numbers are used; `None` without one.
    pub store_id: Option<[u8; 16]>,
    /// Every file born up to this number is read to its end, those in `files` excepted.
    pub finished: u64,
    /// Files that are not finished, in the order of birth.
    pub files: Vec<OpenFile>,
    /// The last record given out; `None` before the first.
    pub last: Option<LastRecord>,
}

impl Cursor {
    /// The cursor as a JSON document.
    pub fn to_json(&self) -> String {
        let mut text = format!("{{\"version\":{VERSION}");
        if let Some(store_id) = self.store_id {
            let _ = write!(text, ",\"store\":\"{:032x}\"", u128::from_be_bytes(store_id));
        }
        let _ = write!(text, ",\"finished\":{},\"files\":[", self.finished);
        for (index, file) in self.files.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let _ = write!(
                text,
                "{comma}{{\"birth\":{},\"name\":\"{}\",\"offset\":{}}}",
                file.birth, file.key, file.offset
            );
        }
        text.push(']');
        if let Some(last) = &self.last {
            let _ = write!(
                text,
                ",\"last\":{{\"name\":\"{}\",\"offset\":{},\"length\":{},\"crc32\":{}}}",
                last.key, last.offset, last.length, last.crc32
            );
        }
        text.push_str("}\n");
        text
    }

    /// The cursor of a JSON document; `None` when it is none, or of a later version.
    pub fn from_json(text: &[u8]) -> Option<Cursor> {
        let members = json::members(text)?;
        if json::unsigned(&members, "version")? != VERSION {
            return None;
        }
        let store_id = match json::raw(&members, "store") {
            None => None,
            Some(_) => {
                let text = json::text(&members, "store").filter(|text| text.len() == 32)?;
                Some(u128::from_str_radix(&text, 16).ok()?.to_be_bytes())
            }
        };
        let files = json::objects(&members, "files")?;
        let last = match json::raw(&members, "last") {
            None => None,
            Some(raw) => Some(last_record(raw)?),
        };
        Some(Cursor {
            store_id,
            finished: json::unsigned(&members, "finished")?,
            files: files.iter().map(open_file).collect::<Option<_>>()?,
            last,
        })
    }
}

fn open_file(members: &json::Members<'_>) -> Option<OpenFile> {
    Some(OpenFile {
        birth: json::unsigned(members, "birth")?,
        key: FileKey::from_file_name(&json::text(members, "name")?)?,
        offset: json::unsigned(members, "offset")?,
    })
}

fn last_record(raw: &[u8]) -> Option<LastRecord> {
    let members = json::members(raw)?;
    Some(LastRecord {
        key: FileKey::from_file_name(&json::text(&members, "name")?)?,
        offset: json::unsigned(&members, "offset")?,
        length: json::unsigned(&members, "length")?,
        crc32: u32::try_from(json::unsigned(&members, "crc32")?).ok()?,
    })
}

impl Directory {
    /// Saves a cursor as `.logloom/cursors/NAME.json`, atomically: a kill leaves the old one or this one.
    ///
    /// # Errors
    /// The name is not 1 to 64 letters, digits, `-` or `_`, or the file cannot be written.
    pub fn save_cursor(&self, name: &str, cursor: &Cursor) -> Result<(), StoreError> {
        let file_name = cursor_name(name)?;
        let (platform, root) = (&self.shared.platform, &self.shared.root);
        let write = || -> io::Result<()> {
            platform.make_directory_at(root.handle(), CONTROL)?;
            platform.make_directory_at(self.control_now()?.handle(), CURSORS)?;
            self.cursors()?.replace(&file_name, cursor.to_json().as_bytes())
        };
        write().map_err(StoreError::io(format!("save .logloom/cursors/{file_name}")))
    }

    /// `.logloom` as it stands now: a reader may have been there before it was.
    fn control_now(&self) -> io::Result<File> {
        self.shared.root.open(CONTROL, OpenMode::Directory)
    }

    fn cursors(&self) -> io::Result<File> {
        self.control_now()?.open(CURSORS, OpenMode::Directory)
    }

    /// Loads a saved cursor; `None` when there is none of that name.
    ///
    /// # Errors
    /// The name is not allowed, or the file cannot be read or is no cursor.
    pub fn load_cursor(&self, name: &str) -> Result<Option<Cursor>, StoreError> {
        let file_name = cursor_name(name)?;
        let doing = format!("load .logloom/cursors/{file_name}");
        let read = |directory: File| directory.read_whole(&file_name, BYTES_MAX);
        let bytes = match self.cursors().and_then(read) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(doing)(error)),
        };
        Cursor::from_json(&bytes).map(Some).ok_or_else(|| StoreError::Invalid {
            message: format!(
                ".logloom/cursors/{file_name} is no cursor of this version: move it away to start anew"
            ),
        })
    }
}

fn cursor_name(name: &str) -> Result<String, StoreError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && name.len() <= NAME_MAX && name.bytes().all(is_allowed) {
        return Ok(format!("{name}.json"));
    }
    Err(StoreError::Invalid {
        message: format!(
            "a cursor's name is 1 to {NAME_MAX} letters, digits, - or _, not {name:?}"
        ),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cursors_round_trip() {
        let key = FileKey::from_file_name("2026-11-21.001.jsonl").unwrap();
        let full = Cursor {
            store_id: Some([0xab; 16]),
            finished: 7,
            files: vec![
                OpenFile { birth: 8, key, offset: 99 },
                OpenFile { birth: 9, key, offset: 0 },
            ],
            last: Some(LastRecord { key, offset: 90, length: 9, crc32: u32::MAX }),
        };
        for cursor in [full, Cursor::default()] {
            let text = cursor.to_json();
            let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(parsed["version"], 1);
            assert_eq!(Cursor::from_json(text.as_bytes()), Some(cursor));
        }
    }

    #[test]
    fn other_documents_are_refused() {
        for text in [
            "",
            "{}",
            "[]",
            "{\"version\":2,\"finished\":1,\"files\":[]}",
            "{\"version\":1,\"finished\":-1,\"files\":[]}",
            "{\"version\":1,\"finished\":1,\"files\":{}}",
            "{\"version\":1,\"finished\":1,\"files\":[{\"birth\":1,\"name\":\"x\",\"offset\":1}]}",
        ] {
            assert_eq!(Cursor::from_json(text.as_bytes()), None, "{text}");
        }
    }
}
