//! A gzip file, read as the text that is packed in it.
//!
//! Takes an open file, gives its unpacked bytes at positions that grow; going back begins anew, but
//! for the first bytes, which are kept until the file has grown. Memory is bounded whatever is packed. Every byte that can be
//! unpacked is given, those right before a damage too; each read behind them is an error. One of the
//! kind [`io::ErrorKind::UnexpectedEof`] means that the file ends in the middle, as one does that is
//! still being written. Once it has grown it is read on, also behind the end of its last member: what
//! stands behind that is unpacked, and what stands before it is not once more. An error of the kind
//! [`io::ErrorKind::InvalidData`] means that nothing more will come of it: it is damaged, or unpacks to more
//! than so few bytes hold in earnest.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use super::SourceStat;
use super::file::stat_of;
use crate::unpack::{Gzip, MemberEnd, Packing, UnpackError, UnpackLimits, Unpacked, unpack_error};

/// Bytes of the beginning that are kept: as many as are looked at to tell a file from others.
const HEAD_BYTES: usize = 512;

/// Bytes that are skipped at once.
const SKIP_BYTES: usize = 64 * 1024;

/// Packed bytes at the start of the file, and before the end of a member, by which it is known again: the
/// last ones hold a checksum of the member.
const MARK_BYTES: usize = 64;

/// What is larger than any file: the size while it is not known.
const UNKNOWN_SIZE: u64 = u64::MAX / 2;

/// An open gzip file.
#[derive(Debug)]
pub(super) struct Packed {
    file: File,
    state: RefCell<State>,
}

struct State {
    decoder: Gzip<io::BufReader<File>>,
    /// The first bytes of what was unpacked, as many as there are of them by now.
    head: Vec<u8>,
    position: u64,
    unpacked: Unpacked,
    /// Where the decoder began.
    begun: MemberEnd,
    stop: Option<Stop>,
    /// The end of the last whole member.
    mark: Option<Mark>,
}

/// The end of a member in the file, and the bytes by which it is known again.
#[derive(Clone, Debug)]
struct Mark {
    end: MemberEnd,
    start: [u8; MARK_BYTES],
    before: [u8; MARK_BYTES],
}

impl Mark {
    fn of(file: &File, end: MemberEnd) -> io::Result<Self> {
        let (mut start, mut before) = ([0; MARK_BYTES], [0; MARK_BYTES]);
        let length = end.packed.min(MARK_BYTES as u64);
        file.read_exact_at(&mut start[..length as usize], 0)?;
        file.read_exact_at(&mut before[..length as usize], end.packed - length)?;
        Ok(Self { end, start, before })
    }

    /// Whether the file still has this member there.
    fn still_stands(&self, file: &File) -> bool {
        let now = Self::of(file, self.end);
        now.is_ok_and(|now| (now.start, now.before) == (self.start, self.before))
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}, stopped by {:?}", self.position, self.stop)
    }
}

/// Why nothing more can be unpacked.
#[derive(Clone, Debug)]
enum Stop {
    /// A member ended, and with it the file, behind this many packed bytes.
    End(u64),
    /// The file ended in the middle of a member, behind this many packed bytes.
    CutShort(u64),
    Damaged(String),
}

impl Stop {
    /// The packed bytes that there were; more of them are a reason to go on.
    fn packed(&self) -> Option<u64> {
        match self {
            Self::End(packed) | Self::CutShort(packed) => Some(*packed),
            Self::Damaged(_) => None,
        }
    }

    fn to_error(&self) -> Option<io::Error> {
        match self {
            Self::End(_) => None,
            Self::CutShort(_) => Some(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "its gzip data ends in the middle: it is not finished yet, or was cut short; what is \
                 there is taken over, and it is tried again when it has grown",
            )),
            Self::Damaged(text) => Some(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{text}; what could be unpacked before is taken over"),
            )),
        }
    }
}

impl Packed {
    pub(super) fn open(file: File) -> io::Result<Self> {
        let mut state = State::begin(&file)?;
        state.fill(&mut [0; HEAD_BYTES])?;
        Ok(Self { file, state: RefCell::new(state) })
    }

    /// The size is known once the end was reached, for as long as the file does not grow.
    pub(super) fn stat(&self) -> io::Result<SourceStat> {
        let stat = stat_of(&self.file.metadata()?);
        let state = self.state.borrow();
        let size = match state.stop {
            Some(Stop::End(packed)) if packed == stat.size => state.position,
            _ => UNKNOWN_SIZE,
        };
        Ok(SourceStat { size, ..stat })
    }

    pub(super) fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<usize> {
        let mut state = self.state.borrow_mut();
        let stopped_at = state.stop.as_ref().and_then(Stop::packed);
        if stopped_at
            .is_some_and(|packed| self.file.metadata().is_ok_and(|now| now.len() != packed))
        {
            // The decoder has used up bytes of a part that was cut; and what is there now may be
            // another content.
            state.begin_again(&self.file, u64::MAX)?;
        }
        let from_head = usize::try_from(position).ok().and_then(|start| state.head.get(start..));
        if let Some(head) = from_head.filter(|head| !head.is_empty()) {
            let length = head.len().min(buffer.len());
            buffer[..length].copy_from_slice(&head[..length]);
            return Ok(length);
        }
        if position < state.position {
            state.begin_again(&self.file, position)?;
        }
        state.skip_to(position)?;
        if state.position < position {
            return Ok(0);
        }
        let read = state.fill(buffer);
        state.note_mark(&self.file);
        read
    }
}

impl State {
    fn begin(file: &File) -> io::Result<Self> {
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let decoder = Gzip::new(io::BufReader::new(file));
        let begun = MemberEnd { packed: 0, unpacked: 0 };
        let (head, unpacked) = (Vec::new(), Unpacked::default());
        Ok(Self { decoder, head, position: 0, unpacked, begun, stop: None, mark: None })
    }

    /// Begins anew: behind the last whole member that is known to end before `position` and still stands
    /// there, else at the start.
    fn begin_again(&mut self, file: &File, position: u64) -> io::Result<()> {
        let is_before = |mark: &Mark| mark.end.unpacked <= position && mark.still_stands(file);
        *self = match self.mark.take().filter(is_before) {
            Some(mark) => Self::behind(file, mark, std::mem::take(&mut self.head))?,
            None => Self::begin(file)?,
        };
        Ok(())
    }

    /// Goes on behind a member whose bytes were given already.
    fn behind(file: &File, mark: Mark, mut head: Vec<u8>) -> io::Result<Self> {
        let begun = mark.end;
        let mut file = file.try_clone()?;
        file.seek(SeekFrom::Start(begun.packed))?;
        let decoder = Gzip::behind_member(io::BufReader::new(file));
        head.truncate(usize::try_from(begun.unpacked).unwrap_or(usize::MAX));
        let (position, unpacked) = (begun.unpacked, Unpacked::behind(begun.unpacked));
        Ok(Self { decoder, head, position, unpacked, begun, stop: None, mark: Some(mark) })
    }

    /// Notes where the last whole member has ended, once nothing more can be unpacked.
    fn note_mark(&mut self, file: &File) {
        let Some(found) = self.decoder.member_end().filter(|_| self.stop.is_some()) else { return };
        let end = MemberEnd {
            packed: self.begun.packed + found.packed,
            unpacked: self.begun.unpacked + found.unpacked,
        };
        if self.mark.as_ref().is_none_or(|mark| mark.end != end) {
            // Where it cannot be read again, all is unpacked once more.
            self.mark = Mark::of(file, end).ok();
        }
    }

    fn skip_to(&mut self, position: u64) -> io::Result<()> {
        let mut skipped = vec![0; SKIP_BYTES];
        while self.position < position {
            let length = (position - self.position).min(SKIP_BYTES as u64) as usize;
            if self.fill(&mut skipped[..length])? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Reads until the buffer is full or the end is reached.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut length = 0;
        while length < buffer.len() && self.stop.is_none() {
            match self.decoder.read(&mut buffer[length..]) {
                Ok(0) => self.stop = Some(Stop::End(self.packed_read()?)),
                Ok(read) => {
                    let room = HEAD_BYTES - self.head.len();
                    self.head.extend_from_slice(&buffer[length..length + read.min(room)]);
                    self.unpacked.add(&buffer[length..length + read]);
                    length += read;
                    self.position += read as u64;
                    let checked =
                        self.unpacked.check(self.packed_read()?, &UnpackLimits::default());
                    self.stop = checked.err().map(|error| Stop::Damaged(error.to_string()));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.stop = Some(self.stop_of(error)?),
            }
        }
        let is_asked = length == 0 && !buffer.is_empty();
        // It is told when nothing else is left.
        match self.stop.as_ref().filter(|_| is_asked).and_then(Stop::to_error) {
            Some(error) => Err(error),
            None => Ok(length),
        }
    }

    /// The packed bytes that were read, to the last one: what is written behind them while this is
    /// asked is growth.
    fn packed_read(&self) -> io::Result<u64> {
        let mut file = self.decoder.get_ref().get_ref();
        file.stream_position()
    }

    /// What the decoder complains of; errors of the file itself are handed on.
    fn stop_of(&self, error: io::Error) -> io::Result<Stop> {
        if error.raw_os_error().is_some() {
            return Err(error);
        }
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Ok(Stop::CutShort(self.packed_read()?));
        }
        Ok(Stop::Damaged(match unpack_error(&error) {
            Some(known) => known.to_string(),
            None => {
                let text = error.to_string();
                UnpackError::Damaged { packing: Packing::Gzip, text }.to_string()
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn packed(members: &[&[u8]]) -> Vec<u8> {
        let pack = |bytes: &&[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        members.iter().flat_map(pack).collect()
    }

    fn open(bytes: &[u8]) -> Packed {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        Packed::open(file).unwrap()
    }

    fn read(packed: &Packed, position: u64, length: usize) -> Vec<u8> {
        let mut buffer = vec![0; length];
        let read = packed.read_at(&mut buffer, position).unwrap();
        buffer.truncate(read);
        buffer
    }

    #[test]
    fn a_bomb_is_unpacked_up_to_the_limit_and_told() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![b'a'; 64 << 20]).unwrap();
        let packed = open(&encoder.finish().unwrap());
        let (bytes, end) = read_all(&packed);
        assert!((16 << 20..48 << 20).contains(&bytes.len()), "{}", bytes.len());
        let error = end.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.to_string().contains("as a bomb does"), "{error}");
    }

    #[test]
    fn every_position_can_be_read() {
        let text: Vec<u8> = (0..200_000u32).flat_map(|n| (n % 251).to_le_bytes()).collect();
        let packed = open(&packed(&[&text[..300_000], &text[300_000..]]));
        assert_eq!(packed.stat().unwrap().size, UNKNOWN_SIZE);
        for position in [0, 100, 511, 512, 70_000, 300_001, 299_990, 799_999, 5] {
            let found = read(&packed, position as u64, 400);
            assert!(!found.is_empty());
            assert_eq!(found, text[position..position + found.len()], "{position}");
        }
        assert!(read(&packed, 800_000, 1).is_empty());
        assert!(read(&packed, 900_000, 1).is_empty());
        assert_eq!(packed.stat().unwrap().size, 800_000);
    }

    /// All that can be read, in steps of an odd size, and how it ends.
    fn read_all(packed: &Packed) -> (Vec<u8>, io::Result<()>) {
        let mut bytes = Vec::new();
        loop {
            let mut buffer = [0; 4_093];
            match packed.read_at(&mut buffer, bytes.len() as u64) {
                Ok(0) => return (bytes, Ok(())),
                Ok(read) => bytes.extend_from_slice(&buffer[..read]),
                Err(error) => return (bytes, Err(error)),
            }
        }
    }

    fn numbered(lines: u32) -> Vec<u8> {
        (0..lines).flat_map(|n| format!("line {n} {}\n", n * 7919 % 1000).into_bytes()).collect()
    }

    #[test]
    fn a_file_that_is_not_finished_gives_what_is_there_and_goes_on_once_it_has_grown() {
        let text = numbered(20_000);
        let whole = packed(&[&text]);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&whole[..whole.len() / 2]).unwrap();
        let opened = Packed::open(file.reopen().unwrap()).unwrap();
        let (bytes, end) = read_all(&opened);
        assert!(bytes.len() > text.len() / 3 && text.starts_with(&bytes), "{}", bytes.len());
        let error = end.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(error.to_string().contains("not finished yet"), "{error}");
        assert!(opened.read_at(&mut [0; 10], bytes.len() as u64).is_err());
        file.write_all(&whole[whole.len() / 2..]).unwrap();
        let mut rest = vec![0; text.len() - bytes.len()];
        assert_eq!(opened.read_at(&mut rest, bytes.len() as u64).unwrap(), rest.len());
        assert_eq!([bytes, rest].concat(), text);
    }

    #[test]
    fn a_file_that_grows_by_members_and_pieces_of_them_is_never_shorter_than_it_was() {
        let text = numbered(600);
        let (lines, mut file) =
            (text.split_inclusive(|byte| *byte == b'\n'), tempfile::NamedTempFile::new().unwrap());
        let members: Vec<Vec<u8>> = lines.map(|line| packed(&[line])).collect();
        file.write_all(&members[0]).unwrap();
        let opened = Packed::open(file.reopen().unwrap()).unwrap();
        let mut bytes = Vec::new();
        for (number, member) in members.iter().enumerate().skip(1) {
            // Some at once, some in two pieces, with a look at it in between.
            let cut = if number % 3 == 0 { member.len() - number % 17 } else { 0 };
            for piece in [&member[..cut], &member[cut..]] {
                let mut buffer = [0; 100];
                while let Ok(read @ 1..) = opened.read_at(&mut buffer, bytes.len() as u64) {
                    bytes.extend_from_slice(&buffer[..read]);
                }
                assert!(opened.stat().unwrap().size >= bytes.len() as u64, "{number}");
                assert!(text.starts_with(&bytes), "{number}");
                let mut head = [0; 256];
                let read = opened.read_at(&mut head, 0).unwrap();
                assert_eq!(head[..read], text[..read], "{number}");
                file.write_all(piece).unwrap();
            }
        }
        bytes.extend(read(&opened, bytes.len() as u64, text.len()));
        assert_eq!(bytes, text);
        assert!(read(&opened, bytes.len() as u64, 1).is_empty());
        assert_eq!(opened.stat().unwrap().size, text.len() as u64);
    }

    #[test]
    fn what_was_unpacked_is_not_unpacked_once_more_when_the_file_grows() {
        let (text, more) = (numbered(20_000), numbered(50));
        let (first, second) = (packed(&[&text]), packed(&[&more]));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&first).unwrap();
        let opened = Packed::open(file.reopen().unwrap()).unwrap();
        let (bytes, end) = read_all(&opened);
        assert!(end.is_ok() && bytes == text);
        // Whoever unpacks this again meets it.
        file.as_file().write_all_at(&[0x55; 100], first.len() as u64 / 2).unwrap();
        let (head, tail) = second.split_at(second.len() / 2);
        for piece in [head, tail, &second, &[0; 10], &second] {
            file.write_all(piece).unwrap();
            let mut head = [0; 256];
            assert_eq!(opened.read_at(&mut head, 0).unwrap(), 256);
            assert_eq!(head, text[..256]);
            // Half a member is told of.
            let _ = opened.read_at(&mut [0; 10], text.len() as u64);
        }
        let expect = [more.as_slice(), &more, &more].concat();
        assert_eq!(read(&opened, text.len() as u64, 100_000), expect);
        assert_eq!(opened.stat().unwrap().size, (text.len() + expect.len()) as u64);
    }

    #[test]
    fn a_file_that_is_written_anew_in_place_and_longer_is_read_from_its_start() {
        let (text, other) = (numbered(2_000), numbered(3_000).to_ascii_uppercase());
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&packed(&[&text])).unwrap();
        let opened = Packed::open(file.reopen().unwrap()).unwrap();
        assert_eq!(read_all(&opened).0, text);
        file.as_file().set_len(0).unwrap();
        file.as_file().write_all_at(&packed(&[&other]), 0).unwrap();
        assert_eq!(read(&opened, 0, 400), other[..400]);
        assert_eq!(read_all(&opened).0, other);
    }

    #[test]
    fn every_byte_before_a_damage_is_given() {
        let text = numbered(20_000);
        let (first, second) = (packed(&[&text]), packed(&[b"second\n"]));
        let damaged = |at: usize, bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            bytes[at] ^= 0x55;
            read_all(&open(&bytes))
        };
        // In the data: all of the first member, and of the second what stands before.
        let both = [second.as_slice(), &first].concat();
        let (bytes, end) = damaged(second.len() + first.len() / 2, &both);
        let whole = [b"second\n", text.as_slice()].concat();
        let alike = bytes.iter().zip(&whole).take_while(|(one, other)| one == other).count();
        assert!(alike > text.len() / 3, "{alike} of {}", bytes.len());
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::InvalidData);
        // In the checksum: all of the data, and nothing of what follows.
        let both = [first.as_slice(), &second].concat();
        let (bytes, end) = damaged(first.len() - 8, &both);
        assert_eq!(bytes, text);
        assert!(end.unwrap_err().to_string().contains("checksum"));
        // Something else behind the end.
        let (bytes, end) = read_all(&open(&[first.as_slice(), b"rubbish"].concat()));
        assert_eq!(bytes, text);
        assert!(end.unwrap_err().to_string().contains("stands behind the end"));
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"this is no gzip file at all").unwrap();
        assert_eq!(Packed::open(file).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
