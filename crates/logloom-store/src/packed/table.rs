//! Which members a file holds. In comes an open file; out go places and lengths, found by going from head to
//! head, and what lies between them that is no member. The packed bytes themselves are not looked at. A
//! damaged head is passed over: the next member is found by how it begins.

use std::io;

use super::Codec;
use super::member::{HEAD_MAX, Member, read_head, signature};
use crate::head::slot::Tally;
use crate::sys::File;

const CHUNK: usize = 256 * 1024;
/// A file in whose first bytes no member begins was compressed by somebody else.
const FIRST_WITHIN: u64 = 4 << 20;
// Beyond this many members the rest of a file is not read: 24 MiB of table for 256 GiB of lines.
const MEMBERS_MAX: usize = 1 << 20;

/// A member and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Where its head begins in the file.
    pub(crate) at: u64,
    /// Its whole length there.
    pub(crate) packed: u32,
    /// Length of its lines.
    pub(crate) raw: u32,
    /// Where its first line stood in the plain file.
    pub(crate) offset: u64,
}

impl Place {
    /// Where the next lines stand.
    pub(crate) fn end(&self) -> u64 {
        self.offset + u64::from(self.raw)
    }
}

/// Lines that cannot be had, told by their place in the plain file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Where they stood.
    pub offset: u64,
    /// How many bytes are missing; 0 where that is unknown.
    pub length: u64,
    /// Why.
    pub reason: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Damage { offset, length, reason } = self;
        match length {
            0 => write!(formatter, "the lines from byte {offset} on are lost: {reason}"),
            _ => write!(
                formatter,
                "the lines of bytes {offset} to {} are lost: {reason}",
                offset + length
            ),
        }
    }
}

/// The members of a file, in order.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) members: Vec<Place>,
    /// What is counted of all members' lines.
    pub(crate) tally: Tally,
    /// What lies between them.
    pub(crate) damage: Vec<Damage>,
}

impl Table {
    /// The table of a file; `None` when it does not begin with one of our members.
    pub(crate) fn read(file: &File, codec: Codec) -> io::Result<Option<Table>> {
        let size = file.stat()?.size;
        let mut walk = Walk { file, codec, size, table: Table::default() };
        let mut at = match walk.head_at(0)? {
            Some(_) => 0,
            // A first head that is damaged hides no others; a file without any is somebody else's.
            None => match walk.next_start(1, size.min(FIRST_WITHIN))? {
                Some(next) if walk.head_at(next)?.is_some() => {
                    walk.tell(0, 0, "its first member has no readable head");
                    next
                }
                _ => return Ok(None),
            },
        };
        while at < size && walk.table.members.len() < MEMBERS_MAX {
            at = walk.step(at)?;
        }
        Ok(Some(walk.table))
    }

    /// Bytes of all lines, those in front of the last readable member included.
    pub(crate) fn raw_size(&self) -> u64 {
        self.members.last().map_or(0, Place::end)
    }
}

struct Walk<'a> {
    file: &'a File,
    codec: Codec,
    size: u64,
    table: Table,
}

impl Walk<'_> {
    /// Notes the member at `at`, or passes over what is none; returns where to go on.
    fn step(&mut self, at: u64) -> io::Result<u64> {
        let end = self.table.raw_size();
        let reason = match self.head_at(at)? {
            Some(member) if member.offset < end => "a member does not belong where it stands",
            Some(member) if at + u64::from(member.packed) > self.size => {
                self.tell(end, member.end() - end, "the file ends within a member");
                return Ok(self.size);
            }
            Some(member) => {
                self.note(at, &member);
                return Ok(at + u64::from(member.packed));
            }
            None if self.size - at < HEAD_MAX as u64 => "the file ends within a member's head",
            None => "the head of a member is damaged",
        };
        self.tell(end, 0, reason);
        Ok(self.next_start(at + 1, self.size)?.unwrap_or(self.size))
    }

    fn note(&mut self, at: u64, member: &Member) {
        let end = self.table.raw_size();
        if member.offset > end {
            // Told before where a head was damaged; a gap alone means that members were taken out.
            self.tell(end, 0, "members are missing");
            let known = self.table.damage.iter_mut().filter(|damage| damage.offset == end);
            known.for_each(|damage| damage.length = member.offset - end);
        }
        let Member { packed, raw, offset, tally } = *member;
        self.table.members.push(Place { at, packed, raw, offset });
        self.table.tally.add(&tally);
    }

    fn tell(&mut self, offset: u64, length: u64, reason: &str) {
        if self.table.damage.last().is_none_or(|last| last.offset != offset) {
            self.table.damage.push(Damage { offset, length, reason: reason.to_owned() });
        }
    }

    fn head_at(&self, at: u64) -> io::Result<Option<Member>> {
        let mut bytes = [0u8; HEAD_MAX];
        let length = self.file.read_at(&mut bytes, at)?;
        Ok(read_head(self.codec, &bytes[..length]))
    }

    /// Where the next bytes stand that begin a member, from `at` on and before `end`.
    fn next_start(&self, mut at: u64, end: u64) -> io::Result<Option<u64>> {
        let wanted = signature(self.codec);
        let mut chunk = vec![0u8; CHUNK];
        while at < end {
            let length = self.file.read_at(&mut chunk, at)?;
            if let Some(found) = memchr::memmem::find(&chunk[..length], wanted) {
                return Ok(Some(at + found as u64));
            }
            if length < chunk.len() {
                break;
            }
            at += (length - wanted.len()) as u64;
        }
        Ok(None)
    }
}
