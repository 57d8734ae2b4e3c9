//! Writes values into room that was measured before. Bytes come in, bytes go out; what does not
//! fit is dropped, all that follows with it, and [`Encoder::overflowed`] says so.
//!
//! An encoder made by [`Encoder::cutting`] cuts texts and sequences so that they fit instead.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::mem;

use super::Tag;

/// Room that a closing mark of a sequence needs at most, in bytes.
const MARK_ROOM: usize = 64;
/// Longest name of a field, in bytes.
pub(super) const NAME_BYTES_MAX: usize = u16::MAX as usize;

/// Writes into the room it was given, never beyond it, and never panics.
pub struct Encoder<'a> {
    rest: &'a mut [u8],
    room: usize,
    overflowed: bool,
    cuts: bool,
    was_cut: bool,
    reserve: usize,
}

/// A sequence that has been begun; [`Encoder::end`] writes its length and count.
pub(super) struct Sequence<'a> {
    /// Where byte length and count belong.
    slot: Option<&'a mut [u8; 8]>,
    room_before: usize,
    count: u32,
    tag: Tag,
}

impl<'a> Encoder<'a> {
    /// An encoder for this room.
    #[inline(always)]
    pub fn new(room: &'a mut [u8]) -> Encoder<'a> {
        let length = room.len();
        Encoder {
            rest: room,
            room: length,
            overflowed: false,
            cuts: false,
            was_cut: false,
            reserve: 0,
        }
    }

    /// An encoder that cuts texts, arrays and objects to fit, with a mark that counts what is cut.
    pub fn cutting(room: &'a mut [u8]) -> Encoder<'a> {
        Encoder { cuts: true, ..Encoder::new(room) }
    }

    /// Bytes written so far; all of the room once something did not fit.
    #[inline(always)]
    pub fn written(&self) -> usize {
        self.room - self.rest.len()
    }

    /// Whether something did not fit and was dropped.
    #[inline(always)]
    pub fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Whether a cutting encoder has cut something.
    pub fn was_cut(&self) -> bool {
        self.was_cut
    }

    /// Writes bytes whose number is known when compiling.
    #[inline(always)]
    pub fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        match mem::take(&mut self.rest).split_first_chunk_mut::<N>() {
            Some((head, tail)) => {
                *head = bytes;
                self.rest = tail;
            }
            None => self.overflowed = true,
        }
    }

    /// Writes bytes as they are.
    #[inline(always)]
    pub fn raw(&mut self, bytes: &[u8]) {
        match mem::take(&mut self.rest).split_at_mut_checked(bytes.len()) {
            Some((head, tail)) => {
                copy(head, bytes);
                self.rest = tail;
            }
            None => self.overflowed = true,
        }
    }

    /// Writes zeros, as many as the caller needs to pad.
    pub fn zeros(&mut self, count: usize) {
        match mem::take(&mut self.rest).split_at_mut_checked(count) {
            Some((head, tail)) => {
                head.fill(0);
                self.rest = tail;
            }
            None => self.overflowed = true,
        }
    }

    /// Writes a kind that has no payload.
    #[inline(always)]
    pub(super) fn tag(&mut self, tag: Tag) {
        self.put([tag as u8]);
    }

    /// Writes a kind and four bytes in one.
    #[inline(always)]
    pub(super) fn tagged_4(&mut self, tag: Tag, payload: [u8; 4]) {
        let [a, b, c, d] = payload;
        self.put([tag as u8, a, b, c, d]);
    }

    /// Writes a kind and eight bytes in one.
    #[inline(always)]
    pub(super) fn tagged_8(&mut self, tag: Tag, payload: [u8; 8]) {
        let mut cell = [tag as u8; 9];
        cell[1..].copy_from_slice(&payload);
        self.put(cell);
    }

    /// Writes a kind and sixteen bytes in one.
    #[inline(always)]
    pub(super) fn tagged_16(&mut self, tag: Tag, payload: [u8; 16]) {
        let mut cell = [tag as u8; 17];
        cell[1..].copy_from_slice(&payload);
        self.put(cell);
    }

    /// Writes a text value.
    #[inline(always)]
    pub fn text(&mut self, text: &str) {
        if self.cuts && self.usable() < 5 + text.len() {
            return self.cut_text(text);
        }
        self.long_bytes(Tag::Text, text.as_bytes());
    }

    /// Writes a value that hides this many characters.
    #[inline(always)]
    pub fn masked(&mut self, hidden: u32) {
        self.tagged_4(Tag::Masked, hidden.to_le_bytes());
    }

    /// Writes a value of bytes.
    #[inline(always)]
    pub fn bytes(&mut self, bytes: &[u8]) {
        if self.cuts && self.usable() < 5 + bytes.len() {
            return self.cut_bytes(bytes);
        }
        self.long_bytes(Tag::Bytes, bytes);
    }

    #[inline(always)]
    fn long_bytes(&mut self, tag: Tag, bytes: &[u8]) {
        let length = (bytes.len() as u32).to_le_bytes();
        match mem::take(&mut self.rest).split_at_mut_checked(5 + bytes.len()) {
            Some((head, tail)) => {
                if let Some((cell, room)) = head.split_first_chunk_mut::<5>() {
                    *cell = [tag as u8, length[0], length[1], length[2], length[3]];
                    copy(room, bytes);
                }
                self.rest = tail;
            }
            None => self.overflowed = true,
        }
    }

    /// Writes JSON text. What is cut is text with a mark, since a part of it would be no JSON.
    pub(super) fn json(&mut self, json: &str) {
        if self.cuts && self.usable() < 5 + json.len() {
            return self.cut_text(json);
        }
        self.long_bytes(Tag::Json, json.as_bytes());
    }

    /// Writes a number in digits; one of more than 65,535 digits becomes text.
    pub(super) fn digits(&mut self, tag: Tag, digits: &str) {
        let Ok(length) = u16::try_from(digits.len()) else {
            return self.text(digits);
        };
        if self.cuts && self.usable() < 3 + digits.len() {
            return self.cut_text(digits);
        }
        let [low, high] = length.to_le_bytes();
        self.put([tag as u8, low, high]);
        self.raw(digits.as_bytes());
    }

    /// Bytes that a value may still take.
    pub(super) fn usable(&self) -> usize {
        self.rest.len().saturating_sub(self.reserve)
    }

    /// A text within an error as long as a cutting encoder has room for it; any other takes it whole.
    pub(super) fn fitting_text<'n>(&self, text: &'n str) -> &'n str {
        if self.cuts { cut_at(text, self.usable() / 2) } else { text }
    }

    /// The key of a member as long as a cutting encoder has room for it, with a mark where it was cut;
    /// any other takes it whole.
    pub(super) fn fitting_key<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if self.cuts { cut_name(name, self.usable() / 2) } else { Cow::Borrowed(name) }
    }

    /// Whether this many bytes still fit; always so unless the encoder cuts. What does not fit
    /// counts as cut.
    pub(super) fn fits(&mut self, length: usize) -> bool {
        let fits = !self.cuts || length <= self.usable();
        self.was_cut |= !fits;
        fits
    }

    #[cold]
    fn cut_text(&mut self, text: &str) {
        self.was_cut = true;
        let room = self.usable().saturating_sub(5 + MARK_ROOM / 2);
        let kept = cut_at(text, room);
        // What was cut before counts as well.
        let (rest, earlier) = without_mark(&text[kept.len()..]);
        let mark = cut_mark(rest.chars().count() + earlier, "chars");
        if self.usable() < 5 + kept.len() + mark.len() {
            return self.tag(Tag::Null);
        }
        self.tagged_4(Tag::Text, ((kept.len() + mark.len()) as u32).to_le_bytes());
        self.raw(kept.as_bytes());
        self.raw(mark.as_bytes());
    }

    #[cold]
    fn cut_bytes(&mut self, bytes: &[u8]) {
        self.was_cut = true;
        let mark = cut_mark(bytes.len(), "bytes");
        if self.usable() < 5 + mark.len() {
            return self.tag(Tag::Null);
        }
        self.long_bytes(Tag::Text, mark.as_bytes());
    }

    /// Writes text without a kind, its length as u32 before it. A cutting encoder cuts it.
    pub(super) fn plain_text(&mut self, text: &str) {
        let kept = if self.cuts { cut_at(text, self.usable().saturating_sub(4)) } else { text };
        self.was_cut |= kept.len() < text.len();
        self.put((kept.len() as u32).to_le_bytes());
        self.raw(kept.as_bytes());
    }

    /// Writes what `display` shows as text without a kind, its length as u32 before it.
    pub(super) fn plain_display(&mut self, display: &dyn fmt::Display) {
        if self.cuts {
            return self.plain_text(&display.to_string());
        }
        let Some((slot, tail)) = mem::take(&mut self.rest).split_first_chunk_mut::<4>() else {
            self.overflowed = true;
            return;
        };
        self.rest = tail;
        let before = self.rest.len();
        // A formatting error leaves a shorter text, which is still text.
        let _ = write!(Raw(self), "{display}");
        *slot = ((before - self.rest.len()) as u32).to_le_bytes();
    }

    /// Begins an array, object or exception; its byte length and count are written at the end.
    pub(super) fn begin(&mut self, tag: Tag) -> Sequence<'a> {
        self.tag(tag);
        self.reserve += MARK_ROOM;
        let slot = match mem::take(&mut self.rest).split_first_chunk_mut::<8>() {
            Some((slot, tail)) => {
                self.rest = tail;
                Some(slot)
            }
            None => {
                self.overflowed = true;
                None
            }
        };
        Sequence { slot, room_before: self.rest.len() + 4, count: 0, tag }
    }

    /// Counts one more element in; `false` when a cutting encoder has no room for another one.
    pub(super) fn element(&mut self, sequence: &mut Sequence<'a>) -> bool {
        if self.cuts && self.usable() < 2 * MARK_ROOM {
            return false;
        }
        sequence.count += 1;
        true
    }

    /// Ends a sequence of which `left_out` elements were cut.
    pub(super) fn end(&mut self, mut sequence: Sequence<'a>, left_out: usize) {
        self.reserve -= MARK_ROOM;
        if left_out > 0 {
            self.was_cut = true;
            sequence.count += 1;
            if sequence.tag == Tag::Object {
                self.key("truncated", 0);
            }
            self.text(&cut_mark(left_out, "items"));
        }
        let length = (sequence.room_before - self.rest.len()) as u32;
        if let Some(slot) = sequence.slot {
            slot[..4].copy_from_slice(&length.to_le_bytes());
            slot[4..].copy_from_slice(&sequence.count.to_le_bytes());
        }
    }

    /// Writes a key: its number, or 0 and its name when it has none. A name of more than 65,535 bytes is
    /// cut and ends in `[TRUNCATED n chars]`.
    #[inline]
    pub fn key(&mut self, name: &str, number: u32) {
        self.put(number.to_le_bytes());
        if number == 0 {
            match u16::try_from(name.len()) {
                Ok(length) => {
                    self.put(length.to_le_bytes());
                    self.raw(name.as_bytes());
                }
                Err(_) => self.cut_key(name),
            }
        }
    }

    #[cold]
    fn cut_key(&mut self, name: &str) {
        self.was_cut = true;
        let name = cut_name(name, NAME_BYTES_MAX);
        self.put((name.len() as u16).to_le_bytes());
        self.raw(name.as_bytes());
    }

    /// Writes the part of flag [`super::OWN_TIME`].
    #[inline(always)]
    pub fn own_time(&mut self, time_ns: i64) {
        self.put(time_ns.to_le_bytes());
    }

    /// Writes the part of flag [`super::SOURCE`].
    #[inline(always)]
    pub fn source(&mut self, position: crate::SourcePosition) {
        self.put(position.source.to_le_bytes());
        self.put(position.end.to_le_bytes());
    }

    /// Writes the part of flag [`super::CONTEXT`]: a block of keyed fields of at most 65,535
    /// bytes; a longer one counts as overflow.
    #[inline(always)]
    pub fn context(&mut self, block: &[u8]) {
        match u16::try_from(block.len()) {
            Ok(length) => {
                self.put(length.to_le_bytes());
                self.raw(block);
            }
            Err(_) => self.overflowed = true,
        }
    }
}

struct Raw<'b, 'a>(&'b mut Encoder<'a>);

impl fmt::Write for Raw<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.raw(text.as_bytes());
        if self.0.overflowed { Err(fmt::Error) } else { Ok(()) }
    }
}

/// The mark that stands for what was cut, such as `[TRUNCATED 1000 chars]`.
pub fn cut_mark(count: usize, unit: &str) -> String {
    format!("[TRUNCATED {count} {unit}]")
}

/// A name of at most `limit` bytes; a longer one ends in a mark, unless there is no room for one.
pub(super) fn cut_name(name: &str, limit: usize) -> Cow<'_, str> {
    if name.len() <= limit {
        return Cow::Borrowed(name);
    }
    match limit.checked_sub(MARK_ROOM / 2) {
        None => Cow::Borrowed(cut_at(name, limit)),
        Some(room) => {
            let kept = cut_at(name, room);
            let mark = cut_mark(name[kept.len()..].chars().count(), "chars");
            Cow::Owned(kept.to_owned() + &mark)
        }
    }
}

/// Bytes that the name of a key takes.
#[inline]
pub(super) fn name_len(name: &str) -> usize {
    if name.len() <= NAME_BYTES_MAX { name.len() } else { cut_name(name, NAME_BYTES_MAX).len() }
}

/// A text without the mark at its end, and how many characters that stands for: 0 without one.
pub(crate) fn without_mark(text: &str) -> (&str, usize) {
    let mark = || {
        let rest = text.strip_suffix(" chars]")?;
        let (kept, count) = rest.rsplit_once("[TRUNCATED ")?;
        Some((kept, count.parse::<u32>().ok()? as usize))
    };
    mark().unwrap_or((text, 0))
}

/// The longest start of `text` of at most `limit` bytes that ends between characters.
pub(crate) fn cut_at(text: &str, limit: usize) -> &str {
    &text[..text.floor_char_boundary(limit)]
}

/// Copies between slices of equal length; short ones, the common case, without a call.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    debug_assert_eq!(to.len(), from.len());
    match from.len() {
        8..=16 => overlap::<8>(to, from),
        4..8 => overlap::<4>(to, from),
        17..=32 => overlap::<16>(to, from),
        _ => to.copy_from_slice(from),
    }
}

/// Copies the first and the last `N` bytes, which together are all of them.
#[inline(always)]
fn overlap<const N: usize>(to: &mut [u8], from: &[u8]) {
    if let (Some(last), Some(first)) = (from.last_chunk::<N>(), from.first_chunk::<N>()) {
        if let Some(room) = to.last_chunk_mut::<N>() {
            *room = *last;
        }
        if let Some(room) = to.first_chunk_mut::<N>() {
            *room = *first;
        }
    }
}
