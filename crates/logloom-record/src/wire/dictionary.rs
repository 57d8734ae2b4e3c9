//! Entries of a segment's dictionary: call sites, keys and sources, one behind the other. Bytes
//! that were committed come in; the first damaged entry ends the reading.

use super::decode::{Reader, WireError, text};
use super::encoder::Encoder;
use super::inline_site::{InlineSite, encode_inline_site, inline_site_len};
use crate::SiteDescription;

/// Bytes of an entry before its body: u32 length, u8 kind, u32 id.
pub const ENTRY_HEADER_LEN: usize = 9;

const KIND_SITE: u8 = 1;
const KIND_KEY: u8 = 2;
const KIND_SOURCE: u8 = 3;

/// A file that is being followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Device.
    pub device: u64,
    /// Inode.
    pub inode: u64,
    /// Hash of the file's beginning, which tells a new file of the same inode apart.
    pub fingerprint: u64,
    /// Path when it was opened.
    pub path: String,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A call site.
    Site(SiteDescription),
    /// A key.
    Key(String),
    /// A source.
    Source(Source),
}

/// One entry with its number, which is unique within its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number that records refer to; never 0 for sites and keys.
    pub id: u32,
    /// What it says.
    pub body: Body,
}

/// Appends an entry. Its length counts the whole of it, header included.
pub fn encode_entry(id: u32, body: &Body, out: &mut Vec<u8>) {
    let start = out.len();
    let (kind, length) = match body {
        Body::Site(site) => (KIND_SITE, inline_site_len(site)),
        Body::Key(name) => (KIND_KEY, name.len()),
        Body::Source(source) => (KIND_SOURCE, 24 + source.path.len()),
    };
    let length = ENTRY_HEADER_LEN + length;
    out.resize(start + length, 0);
    let mut encoder = Encoder::new(&mut out[start..]);
    encoder.put((length as u32).to_le_bytes());
    encoder.put([kind]);
    encoder.put(id.to_le_bytes());
    match body {
        Body::Site(site) => encode_inline_site(site, &mut encoder),
        Body::Key(name) => encoder.raw(name.as_bytes()),
        Body::Source(source) => {
            encoder.put(source.device.to_le_bytes());
            encoder.put(source.inode.to_le_bytes());
            encoder.put(source.fingerprint.to_le_bytes());
            encoder.raw(source.path.as_bytes());
        }
    }
}

/// Reads entries from committed bytes.
#[derive(Clone)]
pub struct Entries<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Entries<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Entries<'a> {
        Entries { bytes, offset: 0 }
    }

    /// Bytes read so far, up to the end of the last good entry; reading can go on there once more
    /// bytes are committed.
    pub fn offset(&self) -> usize {
        self.offset
    }

    fn entry(&mut self) -> Result<Entry, WireError> {
        let rest = self.bytes.get(self.offset..).unwrap_or(&[]);
        let mut reader = Reader::new(rest);
        let length = reader.u32()? as usize;
        let mut reader = Reader::new(rest.get(4..length).ok_or(WireError::Length)?);
        let kind = reader.u8()?;
        let id = reader.u32()?;
        let body = read_body(kind, reader)?;
        self.offset += length;
        Ok(Entry { id, body })
    }
}

fn read_body(kind: u8, mut reader: Reader<'_>) -> Result<Body, WireError> {
    match kind {
        KIND_SITE => Ok(Body::Site(InlineSite::read(&mut reader)?.describe())),
        KIND_KEY => Ok(Body::Key(text(reader.rest()).into_owned())),
        KIND_SOURCE => Ok(Body::Source(Source {
            device: reader.u64()?,
            inode: reader.u64()?,
            fingerprint: reader.u64()?,
            path: text(reader.rest()).into_owned(),
        })),
        _ => Err(WireError::Kind),
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, WireError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= self.bytes.len() {
            return None;
        }
        let entry = self.entry();
        if entry.is_err() {
            self.bytes = &self.bytes[..self.offset];
        }
        Some(entry)
    }
}
