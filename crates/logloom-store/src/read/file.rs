//! One day file open for reading, whatever its form. In come offsets of the file as it was written, out go
//! its bytes up to what is committed. Damaged places of a compressed file are errors, or are filled and told.

use std::io;

use crate::directory::{Directory, Shared, is_replaced};
use crate::error::StoreError;
use crate::key::FileKey;
use crate::packed::reader::PackedReader;
use crate::packed::stream::StreamReader;
use crate::packed::table::{Damage, Table};
use crate::packed::{Codec, form_name};
use crate::read::FileSnapshot;
use crate::sys::{File, OpenMode};

const CHUNK: usize = 256 * 1024;

/// One file open for reading.
///
/// Offsets are those of the plain file, also where it is compressed. Memory: nothing for a plain file; a
/// member of 256 KiB and 24 bytes for each other one for a compressed file; 8 MiB for one that somebody else
/// compressed.
pub struct FileReader {
    form: Form,
    committed: u64,
}

enum Form {
    Plain(File),
    Packed(PackedReader),
    /// Compressed by another program.
    Stream(StreamReader),
}

impl std::fmt::Debug for FileReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let form = match self.form {
            Form::Plain(_) => "plain",
            Form::Packed(_) => "packed",
            Form::Stream(_) => "stream",
        };
        formatter
            .debug_struct("FileReader")
            .field("form", &form)
            .field("committed", &self.committed)
            .finish()
    }
}

impl FileReader {
    /// Reads at `offset` until `buffer` is full, the committed length or a damaged place is reached; returns
    /// the number of bytes read. Blocks for the device, and for unpacking what is compressed.
    ///
    /// # Errors
    /// The device failed, or (`InvalidData`) the lines at `offset` are damaged:
    /// [`FileReader::after_damage`] tells where to go on.
    pub fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.rest(buffer, offset);
        match &self.form {
            Form::Plain(file) => file.read_at(rest, offset),
            Form::Packed(reader) => reader.read_at(rest, offset),
            Form::Stream(reader) => reader.read_at(rest, offset),
        }
    }

    /// As [`FileReader::read_at`], but each damaged place reads as one line of zeros, so that all others
    /// keep their offsets. [`FileReader::is_filled`] tells such a line, [`FileReader::damage`] all of them.
    ///
    /// # Errors
    /// The device failed.
    pub fn read_over(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.rest(buffer, offset);
        match &self.form {
            Form::Plain(file) => file.read_at(rest, offset),
            Form::Packed(reader) => Ok(reader.read_over(rest, offset)),
            Form::Stream(reader) => reader.read_over(rest, offset),
        }
    }

    /// Whether bytes may stand for others that cannot be had. Never in a plain file.
    pub fn may_fill(&self) -> bool {
        !matches!(self.form, Form::Plain(_))
    }

    /// Whether the byte at `offset` stands for one that cannot be had. Always `false` for a plain file.
    pub fn is_filled(&self, offset: u64) -> bool {
        match &self.form {
            Form::Plain(_) => false,
            Form::Packed(reader) => reader.is_filled(offset),
            Form::Stream(reader) => reader.is_filled(offset),
        }
    }

    /// Where the lines behind the damaged place at `offset` begin; the committed length when there are none.
    pub fn after_damage(&self, offset: u64) -> u64 {
        match &self.form {
            Form::Packed(reader) => reader.after_damage(offset).min(self.committed),
            Form::Plain(_) | Form::Stream(_) => self.committed,
        }
    }

    /// The damaged places met so far, in order. Empty for a plain file.
    pub fn damage(&self) -> Vec<Damage> {
        match &self.form {
            Form::Plain(_) => Vec::new(),
            Form::Packed(reader) => reader.damage(),
            Form::Stream(reader) => reader.damage().into_iter().collect(),
        }
    }

    /// Whether reading backwards takes as long as reading all anew: the file was compressed by another
    /// program. Read it from the start on.
    pub fn is_sequential(&self) -> bool {
        matches!(self.form, Form::Stream(_))
    }

    /// Bytes that may be read.
    pub fn committed(&self) -> u64 {
        self.committed
    }

    pub(crate) fn raise(&mut self, committed: u64) {
        self.committed = self.committed.max(committed);
    }

    /// How many bytes of whole lines a compressed file holds. Unpacks all of one that somebody else
    /// compressed.
    pub(crate) fn raw_length(file: File, codec: Codec) -> io::Result<u64> {
        if let Some(table) = Table::read(&file, codec)? {
            return Ok(table.raw_size());
        }
        let reader = StreamReader::new(file, codec, u64::MAX);
        let mut chunk = vec![0u8; CHUNK];
        let (mut offset, mut whole) = (0, 0);
        loop {
            let length = reader.read_over(&mut chunk, offset)?;
            if length == 0 {
                return Ok(whole);
            }
            if let Some(at) = memchr::memrchr(b'\n', &chunk[..length]) {
                whole = offset + at as u64 + 1;
            }
            offset += length as u64;
        }
    }

    fn rest<'a>(&self, buffer: &'a mut [u8], offset: u64) -> &'a mut [u8] {
        let rest = self.committed.saturating_sub(offset).min(buffer.len() as u64) as usize;
        &mut buffer[..rest]
    }

    /// A reader of a compressed file up to `committed`.
    pub(crate) fn packed(file: File, codec: Codec, committed: u64) -> io::Result<FileReader> {
        let form = match Table::read(&file, codec)? {
            Some(table) => Form::Packed(PackedReader::new(file, codec, table, committed)?),
            None => Form::Stream(StreamReader::new(file, codec, committed)),
        };
        Ok(FileReader { form, committed })
    }
}

impl Directory {
    /// Opens a file of a snapshot, to be read up to its committed length then, in whichever form it is there
    /// now. `None` when it is deleted or something else stands under its name.
    ///
    /// # Errors
    /// The file cannot be opened, or is compressed in a way that this program was built without.
    pub fn open_file(&self, file: &FileSnapshot) -> Result<Option<FileReader>, StoreError> {
        self.shared.open_snapshot(file)
    }
}

impl Shared {
    /// See [`Directory::open_file`].
    pub(crate) fn open_snapshot(
        &self,
        file: &FileSnapshot,
    ) -> Result<Option<FileReader>, StoreError> {
        let forms = match file.codec {
            None => [None, Some(Codec::Gzip), Some(Codec::Zstd)],
            Some(Codec::Gzip) => [Some(Codec::Gzip), None, Some(Codec::Zstd)],
            Some(Codec::Zstd) => [Some(Codec::Zstd), None, Some(Codec::Gzip)],
        };
        for form in forms {
            if let Some(open) = self.open_form(file.key, form)? {
                return self.reader_of(file, form, open);
            }
        }
        Ok(None)
    }

    /// The file of this name and form; `None` when there is none.
    pub(crate) fn open_form(
        &self,
        key: FileKey,
        codec: Option<Codec>,
    ) -> Result<Option<File>, StoreError> {
        let name = form_name(key, codec);
        match self.root.open(&name, OpenMode::Read) {
            Ok(open) => Ok(Some(open)),
            Err(error) if is_replaced(&error) => Ok(None),
            Err(error) => Err(StoreError::io(format!("open {name}"))(error)),
        }
    }

    fn reader_of(
        &self,
        file: &FileSnapshot,
        form: Option<Codec>,
        open: File,
    ) -> Result<Option<FileReader>, StoreError> {
        let name = form_name(file.key, form);
        let committed = file.committed;
        let Some(codec) = form else {
            let stat = open.stat().map_err(StoreError::io(format!("look at {name}")))?;
            let is_other = file.inode.is_some_and(|inode| inode != stat.inode);
            let reader = FileReader { form: Form::Plain(open), committed };
            return Ok((!is_other).then_some(reader));
        };
        if !codec.is_available() {
            return Err(unavailable(&name, codec));
        }
        let reader = FileReader::packed(open, codec, committed);
        reader.map(Some).map_err(StoreError::io(format!("read {name}")))
    }
}

pub(crate) fn unavailable(name: &str, codec: Codec) -> StoreError {
    StoreError::Invalid {
        message: format!(
            "{name} is packed with {0}, which this program was built without (cargo feature `{0}`): read it \
             with the logloom command",
            codec.name()
        ),
    }
}
