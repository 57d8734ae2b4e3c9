//! Day files in their compressed form: members (gzip) or frames (zstd) of whole lines, one after the other.
//!
//! In come raw lines, out go bytes that every `zcat` or `zstdcat` reads, and back. Each member tells in its
//! head how long it is, packed and raw, where its lines stood in the file as it was written, and what is
//! counted of them, so that a reader reaches any offset by one read and one member to unpack.
//! `docs/format-store.md` draws the bytes. A file that somebody else compressed has no such heads; it is read
//! from its start on (`stream.rs`).

pub(crate) mod coder;
pub(crate) mod member;
pub(crate) mod pack;
pub(crate) mod reader;
pub(crate) mod stream;
pub(crate) mod table;

use crate::key::FileKey;

/// How a compressed day file is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Codec {
    /// `.jsonl.gz`: gzip members. Default.
    #[default]
    Gzip,
    /// `.jsonl.zst`: zstd frames, each behind a skippable frame. Needs the feature `zstd`.
    Zstd,
}

impl Codec {
    /// Every codec.
    pub const ALL: [Codec; 2] = [Codec::Gzip, Codec::Zstd];

    /// What a file name ends with, behind that of the plain file.
    pub const fn suffix(self) -> &'static str {
        match self {
            Codec::Gzip => ".gz",
            Codec::Zstd => ".zst",
        }
    }

    /// The word for it in settings and in `metadata.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Gzip => "gzip",
            Codec::Zstd => "zstd",
        }
    }

    /// Whether this program can pack and unpack it.
    pub const fn is_available(self) -> bool {
        match self {
            Codec::Gzip => true,
            Codec::Zstd => cfg!(feature = "zstd"),
        }
    }
}

/// Name of a day file in one form; `None` stands for the plain one.
pub(crate) fn form_name(key: FileKey, codec: Option<Codec>) -> String {
    let mut name = key.file_name();
    name.push_str(codec.map_or("", Codec::suffix));
    name
}

/// Key and form of a file name; `None` for every name that [`form_name`] does not make.
pub(crate) fn form_of_name(name: &str) -> Option<(FileKey, Option<Codec>)> {
    let packed = Codec::ALL.iter().find_map(|codec| {
        let plain = name.strip_suffix(codec.suffix())?;
        Some((FileKey::from_file_name(plain)?, Some(*codec)))
    });
    packed.or_else(|| Some((FileKey::from_file_name(name)?, None)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_of_all_forms_round_trip() {
        let key = FileKey::from_file_name("2026-11-21.002.jsonl").unwrap();
        for codec in [None, Some(Codec::Gzip), Some(Codec::Zstd)] {
            assert_eq!(form_of_name(&form_name(key, codec)), Some((key, codec)));
        }
        for name in
            ["2026-11-21.gz", "2026-11-21.jsonl.gz.gz", "x.jsonl.gz", "2026-11-21.jsonl.zip"]
        {
            assert_eq!(form_of_name(name), None, "{name}");
        }
    }
}
