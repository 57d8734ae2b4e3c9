//! A whole record read from bytes that nobody vouches for.

use super::decode::{KeyedIter, Reader, ValueIter, ValueView, WireError};
use super::header::{
    CONTEXT, CONTROL, HEADER_LEN, Header, KEYED, MESSAGE, OWN_TIME, SITE_INLINE, SOURCE,
};
use super::inline_site::InlineSite;
use crate::SourcePosition;

/// A record as it lies in the bytes. Parts before the positional values have been checked; those
/// behind them are checked while they are read.
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'a> {
    header: Header,
    inline_site: Option<InlineSite<'a>>,
    own_time: Option<i64>,
    source: Option<SourcePosition>,
    context: Option<&'a [u8]>,
    message: Option<&'a [u8]>,
    positional: Reader<'a>,
    field_count: u32,
}

impl<'a> RecordView<'a> {
    /// Reads the record at the front of `bytes`; `field_count` is the number of positional values
    /// of its site and is ignored when the record carries its site itself.
    ///
    /// # Errors
    /// A control record, a length that is more than there are bytes, a part that is cut short, a
    /// number that is in no table.
    #[inline]
    pub fn parse(bytes: &'a [u8], field_count: usize) -> Result<RecordView<'a>, WireError> {
        let header = Header::from_bytes(bytes).ok_or(WireError::Length)?;
        if header.has(CONTROL) {
            return Err(WireError::Control);
        }
        let body = bytes.get(HEADER_LEN..header.length as usize).ok_or(WireError::Length)?;
        let mut reader = Reader::new(body);
        let inline_site = match header.site {
            SITE_INLINE => Some(InlineSite::read(&mut reader)?),
            _ => None,
        };
        let field_count = match &inline_site {
            Some(site) => u32::from(site.field_count),
            None => field_count as u32,
        };
        let mut view = RecordView {
            header,
            inline_site,
            own_time: None,
            source: None,
            context: None,
            message: None,
            positional: reader,
            field_count,
        };
        view.read_parts()?;
        Ok(view)
    }

    #[inline]
    fn read_parts(&mut self) -> Result<(), WireError> {
        let reader = &mut self.positional;
        if self.header.has(OWN_TIME) {
            self.own_time = Some(i64::from_le_bytes(reader.take()?));
        }
        if self.header.has(SOURCE) {
            self.source = Some(SourcePosition { source: reader.u32()?, end: reader.u64()? });
        }
        if self.header.has(CONTEXT) {
            self.context = Some(reader.short_bytes()?);
        }
        if self.header.has(MESSAGE) {
            match reader.value(0)? {
                ValueView::Text(message) => self.message = Some(message),
                _ => return Err(WireError::Kind),
            }
        }
        Ok(())
    }

    /// The header.
    #[inline]
    pub fn header(&self) -> Header {
        self.header
    }

    /// The site, where the record carries it itself.
    pub fn inline_site(&self) -> Option<&InlineSite<'a>> {
        self.inline_site.as_ref()
    }

    /// The record's own time, which counts instead of its ticks.
    pub fn own_time(&self) -> Option<i64> {
        self.own_time
    }

    /// Where the record was read from.
    pub fn source(&self) -> Option<SourcePosition> {
        self.source
    }

    /// The named values of the scope around the call.
    #[inline]
    pub fn context(&self) -> KeyedIter<'a> {
        self.context.map_or(KeyedIter::EMPTY, KeyedIter::of_block)
    }

    /// The message that the record carries; bytes that were not checked for being UTF-8.
    #[inline]
    pub fn message(&self) -> Option<&'a [u8]> {
        self.message
    }

    /// The positional values, as many as the site has fields.
    #[inline]
    pub fn values(&self) -> ValueIter<'a> {
        ValueIter { reader: self.positional, left: self.field_count, depth: 0 }
    }

    /// The keyed values behind the positional ones.
    ///
    /// # Errors
    /// Damage in a positional value, behind which nothing can be found.
    #[inline]
    pub fn keyed(&self) -> Result<KeyedIter<'a>, WireError> {
        if !self.header.has(KEYED) {
            return Ok(KeyedIter::EMPTY);
        }
        let mut values = self.values();
        for value in values.by_ref() {
            value?;
        }
        let mut reader = values.remainder();
        let left = u32::from(reader.u16()?);
        Ok(KeyedIter { reader, left, depth: 0 })
    }
}
