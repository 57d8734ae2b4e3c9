//! The lines of the ledger, as text.
//!
//! ```text
//! logloom-import 1 <id>
//! begin <job> <base> <from> <replaces> <key> <device> <inode> <size> <modified> <name>
//! check <job> <position> <digest>
//! whole <job> <end> <checked> <digest> <key> <device> <inode> <size> <modified> <name>
//! part  <job> <end> <checked> <digest> <key> <device> <inode> <size> <modified> <name>
//! ```
//!
//! Parts are separated by one blank; keys, ids and digests are hexadecimal, other numbers decimal;
//! `replaces` is the offset of a `part` line. The name comes last, cut at 4 KiB, with its control
//! characters escaped. Positions count unpacked bytes from the start of the file.

use super::super::identity::Digest;
use super::super::origin::Container;

/// The longest line, in bytes: a name of 4 KiB of which every byte is escaped, and the numbers.
pub(super) const BYTES_MAX: usize = 6 * NAME_BYTES_MAX + 512;

const NAME_BYTES_MAX: usize = 4 << 10;
const HEAD: &str = "logloom-import 1";

/// A file whose import has begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Begun {
    pub(in super::super) job: usize,
    /// What is added to a position in the file to make one of the job.
    pub(in super::super) base: u64,
    /// Where in the file this run begins.
    pub(in super::super) from: u64,
    /// Place of the entry that this goes on with; 0 for none.
    pub(in super::super) replaces: u64,
    pub(in super::super) key: u64,
    pub(in super::super) container: Container,
    /// A [`label`].
    pub(in super::super) name: String,
}

impl Begun {
    /// The entry of a file whose import was killed when the log had it up to `end`.
    pub(super) fn left_at(self, end: u64, checks: Checks) -> Entry {
        let end = end.max(self.from);
        let (checked, digest) = checks.at(end).unwrap_or_default();
        Entry {
            job: self.job,
            is_whole: false,
            end,
            checked,
            digest,
            key: self.key,
            container: self.container,
            name: self.name,
        }
    }
}

/// The digests noted last of a file under way. Two are kept, because the log is somewhat behind
/// what was read, never as much as lies between two.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Checks {
    last: [(u64, Digest); 2],
}

impl Checks {
    /// Bytes between two digests.
    const INTERVAL: u64 = 8 << 20;

    pub(in super::super) fn add(&mut self, position: u64, digest: Digest) {
        self.last = [self.last[1], (position, digest)];
    }

    /// Where the next digest is due of a file that is read from this position on.
    pub(in super::super) fn next(&self, from: u64) -> u64 {
        self.last[1].0.max(from) + Self::INTERVAL
    }

    /// The furthest digest up to a position.
    pub(in super::super) fn at(&self, position: u64) -> Option<(u64, Digest)> {
        self.last.into_iter().rev().find(|(at, _)| (1..=position).contains(at))
    }
}

/// A file that was imported, whole or up to a position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Entry {
    pub(in super::super) job: usize,
    pub(in super::super) is_whole: bool,
    /// Up to where its lines are in the log.
    pub(in super::super) end: u64,
    /// Up to where the digest covers it; 0 for no digest.
    pub(in super::super) checked: u64,
    pub(in super::super) digest: Digest,
    pub(in super::super) key: u64,
    pub(in super::super) container: Container,
    pub(in super::super) name: String,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Id(u64),
    Begun(Begun),
    Checked { job: usize, position: u64, digest: Digest },
    Entry(Entry),
}

impl Line {
    pub(super) fn to_text(&self) -> String {
        match self {
            Self::Id(id) => format!("{HEAD} {id:016x}\n"),
            Self::Begun(begun) => format!(
                "begin {} {} {} {} {}\n",
                begun.job,
                begun.base,
                begun.from,
                begun.replaces,
                identity(begun.key, &begun.container, &begun.name)
            ),
            Self::Checked { job, position, digest } => {
                format!("check {job} {position} {}\n", hex(digest))
            }
            Self::Entry(entry) => format!(
                "{} {} {} {} {} {}\n",
                if entry.is_whole { "whole" } else { "part" },
                entry.job,
                entry.end,
                entry.checked,
                hex(&entry.digest),
                identity(entry.key, &entry.container, &entry.name)
            ),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(id) = text.strip_prefix(HEAD) {
            return u64::from_str_radix(id.trim(), 16).ok().map(Self::Id);
        }
        let mut words = Words(text);
        let kind = words.next()?;
        let job = words.number()?;
        // A job has a thread; a greater number is damage.
        if job > 4_096 {
            return None;
        }
        let job = job as usize;
        match kind {
            "begin" => {
                let (base, from, replaces) = (words.number()?, words.number()?, words.number()?);
                let (key, container, name) = words.identity()?;
                Some(Self::Begun(Begun { job, base, from, replaces, key, container, name }))
            }
            "check" => {
                Some(Self::Checked { job, position: words.number()?, digest: words.digest()? })
            }
            "whole" | "part" => {
                let (end, checked, digest) = (words.number()?, words.number()?, words.digest()?);
                let (key, container, name) = words.identity()?;
                let is_whole = kind == "whole";
                Some(Self::Entry(Entry {
                    job,
                    is_whole,
                    end,
                    checked,
                    digest,
                    key,
                    container,
                    name,
                }))
            }
            _ => None,
        }
    }
}

fn identity(key: u64, container: &Container, name: &str) -> String {
    let Container { device, inode, size, modified_ns } = container;
    format!("{key:016x} {device} {inode} {size} {modified_ns} {name}")
}

/// A name as it stands in a line.
pub(in super::super) fn label(name: &str) -> String {
    let fits = |(at, character): &(usize, char)| at + character.len_utf8() <= NAME_BYTES_MAX;
    name.char_indices().take_while(fits).map(|(_, character)| escaped(character)).collect()
}

fn escaped(character: char) -> String {
    if character.is_control() || character == '\\' {
        character.escape_default().to_string()
    } else {
        character.to_string()
    }
}

fn hex(digest: &Digest) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (word, rest) = self.0.split_once(' ')?;
        self.0 = rest;
        Some(word)
    }

    fn number(&mut self) -> Option<u64> {
        self.next()?.parse().ok()
    }

    fn digest(&mut self) -> Option<Digest> {
        let text = self.0.split(' ').next()?;
        self.0 = self.0[text.len()..].strip_prefix(' ').unwrap_or_default();
        let mut digest = Digest::default();
        if text.len() != 2 * digest.len() || !text.is_ascii() {
            return None;
        }
        for (byte, at) in digest.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(digest)
    }

    /// The rest of a line of a file. The name stays escaped: it is for people.
    fn identity(&mut self) -> Option<(u64, Container, String)> {
        let key = u64::from_str_radix(self.next()?, 16).ok()?;
        let (device, inode, size) = (self.number()?, self.number()?, self.number()?);
        let modified_ns = self.next()?.parse().ok()?;
        let container = Container { device, inode, size, modified_ns };
        Some((key, container, self.0.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_round_trip() {
        let container = Container { device: 1, inode: 2, size: 3, modified_ns: -4 };
        let name = "/var/log/a b.log".to_owned();
        let begun =
            Begun { job: 1, base: 2, from: 3, replaces: 4, key: 5, container, name: name.clone() };
        let (is_whole, digest) = (true, [0xab; 16]);
        let entry = Entry { job: 1, is_whole, end: 9, checked: 8, digest, key: 5, container, name };
        let part = Entry { is_whole: false, name: String::new(), ..entry.clone() };
        for line in [
            Line::Id(u64::MAX),
            Line::Begun(begun),
            Line::Checked { job: 0, position: 7, digest },
            Line::Entry(entry),
            Line::Entry(part),
        ] {
            let text = line.to_text();
            assert_eq!(Line::parse(text.trim_end_matches('\n')), Some(line), "{text}");
        }
    }

    #[test]
    fn names_take_one_line_and_have_a_limit() {
        let name = format!("a\nb\\\u{7f}{}", "\u{e9}".repeat(NAME_BYTES_MAX));
        let entry = Line::Entry(Entry { name: label(&name), ..Entry::default() });
        let text = entry.to_text();
        assert!(text.len() < BYTES_MAX && text.matches('\n').count() == 1, "{}", text.len());
        assert!(text.contains("a\\nb\\\\\\u{7f}"));
    }

    #[test]
    fn damage_is_no_line() {
        for text in ["", "whole", "whole 0 1 2 zz", "begin 99999 0 0 0 0 0 0 0 0 x", "check 0 1 ab"]
        {
            assert_eq!(Line::parse(text), None, "{text}");
        }
    }
}
