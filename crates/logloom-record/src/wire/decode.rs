//! Reads values from bytes that nobody vouches for. Every length is checked against the bytes
//! that are there, nesting is limited, and text is only bytes until it is used. The first damage
//! ends the reading of what holds it.

use std::borrow::Cow;
use std::fmt;

use super::DEPTH_LIMIT;
use super::tag::Tag;
use crate::{Exception, Frame};

/// Why bytes could not be read as a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireError {
    /// The bytes end before the value does.
    Short,
    /// The header says an impossible length, or another one than the bytes have.
    Length,
    /// A kind of value, level or message that is in no table.
    Kind,
    /// Nesting beyond [`DEPTH_LIMIT`].
    Depth,
    /// A control record where data was expected.
    Control,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WireError::Short => "the record ends in the middle of a value",
            WireError::Length => "the record's length does not match its bytes",
            WireError::Kind => "the record holds a kind of value that is not known",
            WireError::Depth => "the record is nested more than 64 deep",
            WireError::Control => "a control record carries no data",
        })
    }
}

impl std::error::Error for WireError {}

/// Reads one value that stands alone.
///
/// # Errors
/// Bytes that are no value or end too early.
pub fn read_value(bytes: &[u8]) -> Result<ValueView<'_>, WireError> {
    Reader::new(bytes).value(0)
}

/// Text from bytes; what is no UTF-8 becomes U+FFFD.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    // Nearly all is UTF-8, and short: the other way takes several times as long to find that out.
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// Takes bytes from the front of a slice.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

type Read<T> = Result<T, WireError>;

impl<'a> Reader<'a> {
    #[inline(always)]
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    #[inline(always)]
    pub(super) fn take<const N: usize>(&mut self) -> Read<[u8; N]> {
        let (head, tail) = self.bytes.split_first_chunk::<N>().ok_or(WireError::Short)?;
        self.bytes = tail;
        Ok(*head)
    }

    #[inline(always)]
    pub(super) fn slice(&mut self, length: usize) -> Read<&'a [u8]> {
        let (head, tail) = self.bytes.split_at_checked(length).ok_or(WireError::Short)?;
        self.bytes = tail;
        Ok(head)
    }

    #[inline(always)]
    pub(super) fn u8(&mut self) -> Read<u8> {
        Ok(self.take::<1>()?[0])
    }

    #[inline(always)]
    pub(super) fn u16(&mut self) -> Read<u16> {
        self.take().map(u16::from_le_bytes)
    }

    #[inline(always)]
    pub(super) fn u32(&mut self) -> Read<u32> {
        self.take().map(u32::from_le_bytes)
    }

    #[inline(always)]
    pub(super) fn u64(&mut self) -> Read<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// Bytes with a u16 length before them.
    #[inline]
    pub(super) fn short_bytes(&mut self) -> Read<&'a [u8]> {
        let length = self.u16()?;
        self.slice(usize::from(length))
    }

    /// Bytes with a u32 length before them.
    #[inline(always)]
    pub(super) fn long_bytes(&mut self) -> Read<&'a [u8]> {
        let length = self.u32()?;
        self.slice(length as usize)
    }

    /// The value, if it is a text; if not, or if it is damaged, nothing is taken.
    ///
    /// A [`ValueView`] goes through memory, where the processor waits for it twice; a text does not.
    #[inline(always)]
    fn text(&mut self) -> Option<&'a [u8]> {
        let (tag, rest) = self.bytes.split_first()?;
        if *tag != Tag::Text as u8 {
            return None;
        }
        let (length, rest) = rest.split_first_chunk()?;
        let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.bytes = rest;
        Some(text)
    }

    /// One value.
    #[inline]
    pub(super) fn value(&mut self, depth: usize) -> Read<ValueView<'a>> {
        let tag = Tag::from_number(self.u8()?).ok_or(WireError::Kind)?;
        Ok(match tag {
            Tag::Null => ValueView::Null,
            Tag::False => ValueView::Bool(false),
            Tag::True => ValueView::Bool(true),
            Tag::I64 => ValueView::I64(i64::from_le_bytes(self.take()?)),
            Tag::U64 => ValueView::U64(self.u64()?),
            Tag::I128 => ValueView::I128(i128::from_le_bytes(self.take()?)),
            Tag::U128 => ValueView::U128(u128::from_le_bytes(self.take()?)),
            Tag::F32 => ValueView::F32(f32::from_le_bytes(self.take()?)),
            Tag::F64 => ValueView::F64(f64::from_le_bytes(self.take()?)),
            Tag::Text => ValueView::Text(self.long_bytes()?),
            Tag::Bytes => ValueView::Bytes(self.long_bytes()?),
            Tag::Time => ValueView::Time(i64::from_le_bytes(self.take()?)),
            Tag::BigInteger => ValueView::BigInteger(self.short_bytes()?),
            Tag::Decimal => ValueView::Decimal(self.short_bytes()?),
            Tag::Json => ValueView::Json(self.long_bytes()?),
            Tag::Masked => ValueView::Masked(self.u32()?),
            Tag::Array | Tag::Object | Tag::Exception => self.nested(tag, depth)?,
        })
    }

    fn nested(&mut self, tag: Tag, depth: usize) -> Read<ValueView<'a>> {
        let length = self.u32()?;
        let mut body = Reader::new(self.slice(length as usize)?);
        let count = body.u32()?;
        // An element takes a byte at least. One more is left over, so that the end shows as damage.
        let most = u32::try_from(body.rest().len()).unwrap_or(u32::MAX).saturating_add(1);
        let left = count.min(most).min(UNCOUNTED - 1);
        if depth >= DEPTH_LIMIT {
            return Err(WireError::Depth);
        }
        let depth = depth + 1;
        Ok(match tag {
            Tag::Array => ValueView::Array(ValueIter { reader: body, left, depth }),
            Tag::Object => ValueView::Object(KeyedIter { reader: body, left, depth }),
            _ => ValueView::Exception(ExceptionView { reader: body, links: left }),
        })
    }
}

/// A value as it lies in the bytes. Text and digits are bytes that were not checked; see [`text`].
#[derive(Clone, Copy, Debug)]
pub enum ValueView<'a> {
    /// Nothing, also where a value was never written.
    Null,
    /// True or false.
    Bool(bool),
    /// Signed integer.
    I64(i64),
    /// Unsigned integer.
    U64(u64),
    /// Wide signed integer.
    I128(i128),
    /// Wide unsigned integer.
    U128(u128),
    /// Single.
    F32(f32),
    /// Double.
    F64(f64),
    /// Text.
    Text(&'a [u8]),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Nanoseconds since 1970.
    Time(i64),
    /// Digits of an integer.
    BigInteger(&'a [u8]),
    /// A decimal number.
    Decimal(&'a [u8]),
    /// Values in order.
    Array(ValueIter<'a>),
    /// Named values in order.
    Object(KeyedIter<'a>),
    /// JSON text.
    Json(&'a [u8]),
    /// An error and its causes.
    Exception(ExceptionView<'a>),
    /// Characters hidden.
    Masked(u32),
}

/// Values in order; ends behind the first damage.
#[derive(Clone, Copy)]
pub struct ValueIter<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) left: u32,
    pub(super) depth: usize,
}

impl<'a> ValueIter<'a> {
    /// What has not been read yet.
    pub(super) fn remainder(&self) -> Reader<'a> {
        self.reader
    }

    /// The next value, if it is a text: the same as by `next`, and faster. If not, nothing is taken.
    #[inline(always)]
    pub(crate) fn next_text(&mut self) -> Option<&'a [u8]> {
        let left = self.left.checked_sub(1)?;
        let text = self.reader.text()?;
        self.left = left;
        Some(text)
    }

    /// How many values are still to come, if nothing is damaged.
    pub fn remaining(&self) -> usize {
        self.left as usize
    }
}

impl fmt::Debug for ValueIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

impl<'a> Iterator for ValueIter<'a> {
    type Item = Result<ValueView<'a>, WireError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let value = self.reader.value(self.depth);
        if value.is_err() {
            self.left = 0;
        }
        Some(value)
    }
}

/// The name of a keyed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// Number of a key in the dictionary.
    Number(u32),
    /// The name itself, not checked for being UTF-8.
    Name(&'a [u8]),
}

/// A named value.
#[derive(Clone, Copy, Debug)]
pub struct KeyedView<'a> {
    /// Its name or the number of its name.
    pub key: Key<'a>,
    /// The value.
    pub value: ValueView<'a>,
}

/// Named values in order; ends behind the first damage.
#[derive(Clone, Copy)]
pub struct KeyedIter<'a> {
    pub(super) reader: Reader<'a>,
    /// Entries to come, or [`UNCOUNTED`].
    pub(super) left: u32,
    pub(super) depth: usize,
}

/// In place of a count: as many entries as the bytes hold.
const UNCOUNTED: u32 = u32::MAX;

impl<'a> KeyedIter<'a> {
    /// How many entries are still to come, if nothing is damaged; 0 where that is not said.
    pub fn remaining(&self) -> usize {
        if self.left == UNCOUNTED { 0 } else { self.left as usize }
    }

    pub(crate) const EMPTY: KeyedIter<'static> =
        KeyedIter { reader: Reader { bytes: &[] }, left: 0, depth: 0 };

    /// All keyed values of a block without a count, such as a context.
    #[must_use]
    pub fn of_block(block: &'a [u8]) -> KeyedIter<'a> {
        KeyedIter { reader: Reader::new(block), left: UNCOUNTED, depth: 0 }
    }

    /// The next value with its name, if it has one that is no number, and is a text: the same as by `next`,
    /// and faster. If not, nothing is taken.
    #[inline(always)]
    pub(crate) fn next_named_text(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let left = if self.left == UNCOUNTED { self.left } else { self.left.checked_sub(1)? };
        let mut reader = self.reader;
        if reader.u32().ok()? != 0 {
            return None;
        }
        let name = reader.short_bytes().ok()?;
        let text = reader.text()?;
        (self.reader, self.left) = (reader, left);
        Some((name, text))
    }

    #[inline]
    fn entry(&mut self) -> Read<KeyedView<'a>> {
        let key = match self.reader.u32()? {
            0 => Key::Name(self.reader.short_bytes()?),
            number => Key::Number(number),
        };
        Ok(KeyedView { key, value: self.reader.value(self.depth)? })
    }
}

impl fmt::Debug for KeyedIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

impl<'a> Iterator for KeyedIter<'a> {
    type Item = Result<KeyedView<'a>, WireError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.left != UNCOUNTED {
            self.left = self.left.checked_sub(1)?;
        } else if self.reader.rest().is_empty() {
            return None;
        }
        let entry = self.entry();
        if entry.is_err() {
            self.left = 0;
        }
        Some(entry)
    }
}

/// An error and its causes, outermost first.
#[derive(Clone, Copy)]
pub struct ExceptionView<'a> {
    reader: Reader<'a>,
    links: u32,
}

/// One link of an error's chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkView<'a> {
    pub(crate) type_name: &'a [u8],
    pub(crate) message: &'a [u8],
    pub(crate) frames: FrameIter<'a>,
}

/// One stack frame; its texts are bytes that were not checked.
#[derive(Clone, Copy, Debug)]
pub struct FrameView<'a> {
    /// Function.
    pub function: &'a [u8],
    /// Module.
    pub module: &'a [u8],
    /// File.
    pub file: &'a [u8],
    /// Line, 0 where unknown.
    pub line: u32,
}

/// Stack frames, innermost first. They were read once before, so that none is damaged.
#[derive(Clone, Copy)]
pub(crate) struct FrameIter<'a> {
    reader: Reader<'a>,
    left: u32,
}

impl fmt::Debug for FrameIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

impl<'a> FrameIter<'a> {
    fn frame(&mut self) -> Read<FrameView<'a>> {
        Ok(FrameView {
            function: self.reader.long_bytes()?,
            module: self.reader.long_bytes()?,
            file: self.reader.long_bytes()?,
            line: self.reader.u32()?,
        })
    }
}

impl<'a> Iterator for FrameIter<'a> {
    type Item = FrameView<'a>;

    fn next(&mut self) -> Option<FrameView<'a>> {
        self.left = self.left.checked_sub(1)?;
        self.frame().ok()
    }
}

impl<'a> ExceptionView<'a> {
    fn link(&mut self) -> Read<LinkView<'a>> {
        let type_name = self.reader.long_bytes()?;
        let message = self.reader.long_bytes()?;
        let left = self.reader.u32()?;
        let frames = FrameIter { reader: self.reader, left };
        let mut passed = frames;
        for _ in 0..left {
            passed.frame()?;
        }
        self.reader = passed.reader;
        Ok(LinkView { type_name, message, frames })
    }

    /// The links of the chain, at most [`DEPTH_LIMIT`]; ends behind the first damage.
    pub(crate) fn links(self) -> impl Iterator<Item = Result<LinkView<'a>, WireError>> {
        let mut view = self;
        let mut left = self.links.min(DEPTH_LIMIT as u32);
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let link = view.link();
            if link.is_err() {
                left = 0;
            }
            Some(link)
        })
    }

    /// The owned form.
    ///
    /// # Errors
    /// Damage within the chain.
    pub fn to_owned(self) -> Result<Exception, WireError> {
        let links: Vec<LinkView<'a>> = self.links().collect::<Result<_, _>>()?;
        let mut whole: Option<Exception> = None;
        for link in links.into_iter().rev() {
            whole = Some(Exception {
                type_name: text(link.type_name).into_owned(),
                message: text(link.message).into_owned(),
                frames: link.frames.map(owned_frame).collect(),
                cause: whole.map(Box::new),
            });
        }
        Ok(whole.unwrap_or_default())
    }
}

impl fmt::Debug for ExceptionView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.links()).finish()
    }
}

fn owned_frame(frame: FrameView<'_>) -> Frame {
    Frame {
        function: text(frame.function).into_owned(),
        module: text(frame.module).into_owned(),
        file: text(frame.file).into_owned(),
        line: frame.line,
    }
}
