//! A call site within the record itself (site 0) or within the dictionary: the same bytes.

use std::borrow::Cow;

use super::decode::{Reader, WireError, text};
use super::encoder::{Encoder, NAME_BYTES_MAX, cut_name};
use crate::{Level, MessageKind, SiteDescription};

/// A site as it lies in the bytes.
#[derive(Clone, Copy, Debug)]
pub struct InlineSite<'a> {
    /// Severity.
    pub level: Level,
    /// The logger's name, not checked for being UTF-8.
    pub module: &'a [u8],
    /// Source file, not checked.
    pub file: &'a [u8],
    /// Source line.
    pub line: u32,
    /// The literal, not checked.
    pub template: &'a [u8],
    /// How the message comes about.
    pub message_kind: MessageKind,
    /// Number of positional values.
    pub field_count: u16,
    names: Reader<'a>,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.rest().len())
    }
}

impl<'a> InlineSite<'a> {
    /// Reads a site at the front of `bytes`.
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<InlineSite<'a>, WireError> {
        let level = Level::from_number(reader.u8()?).ok_or(WireError::Kind)?;
        let module = reader.long_bytes()?;
        let file = reader.long_bytes()?;
        let line = reader.u32()?;
        let template = reader.long_bytes()?;
        let message_kind = MessageKind::from_number(reader.u8()?).ok_or(WireError::Kind)?;
        let field_count = reader.u16()?;
        let names = *reader;
        for _ in 0..field_count {
            reader.short_bytes()?;
        }
        Ok(InlineSite { level, module, file, line, template, message_kind, field_count, names })
    }

    /// Names of the positional values.
    pub fn fields(&self) -> impl Iterator<Item = &'a [u8]> {
        let mut names = self.names;
        (0..self.field_count).map_while(move |_| names.short_bytes().ok())
    }

    /// The owned form; invalid UTF-8 becomes U+FFFD.
    pub fn describe(&self) -> SiteDescription {
        SiteDescription {
            level: self.level,
            module: text(self.module).into_owned().into(),
            file: text(self.file).into_owned().into(),
            line: self.line,
            template: text(self.template).into_owned().into(),
            message_kind: self.message_kind,
            fields: self.fields().map(|name| text(name).into_owned().into()).collect(),
        }
    }
}

fn fitting(name: &str) -> Cow<'_, str> {
    cut_name(name, NAME_BYTES_MAX)
}

fn encoded_fields(site: &SiteDescription) -> &[std::borrow::Cow<'static, str>] {
    &site.fields[..site.fields.len().min(usize::from(u16::MAX))]
}

/// Bytes that [`encode_inline_site`] writes.
pub fn inline_site_len(site: &SiteDescription) -> usize {
    let names: usize = encoded_fields(site).iter().map(|name| 2 + fitting(name).len()).sum();
    1 + 4 + site.module.len() + 4 + site.file.len() + 4 + 4 + site.template.len() + 1 + 2 + names
}

/// Writes a site. Names are cut at 65,535 bytes, their mark included, fields at 65,535.
pub fn encode_inline_site(site: &SiteDescription, out: &mut Encoder<'_>) {
    out.put([site.level as u8]);
    out.plain_text(&site.module);
    out.plain_text(&site.file);
    out.put(site.line.to_le_bytes());
    out.plain_text(&site.template);
    out.put([site.message_kind as u8]);
    let fields = encoded_fields(site);
    out.put((fields.len() as u16).to_le_bytes());
    for name in fields {
        let name = fitting(name);
        out.put((name.len() as u16).to_le_bytes());
        out.raw(name.as_bytes());
    }
}
