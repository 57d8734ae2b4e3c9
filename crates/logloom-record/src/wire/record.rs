//! A whole owned record as the bytes of a ring, with all its fields keyed.

use super::cut::{push_limited, share};
use super::encode::Encode;
use super::encoder::Encoder;
use super::header::{
    FOREIGN, HEADER_LEN, Header, KEYED, LENGTH_MAX, MESSAGE, OWN_TIME, SITE_INLINE, SOURCE,
    TRUNCATED, padded,
};
use super::inline_site::{encode_inline_site, inline_site_len};
use crate::{MessageKind, Record, SiteDescription, Value};

/// Which site a record is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteReference {
    /// The dictionary has a site of this number with the record's level, module and template, no
    /// fields, and the message kind `Formatted`.
    Known(u32),
    /// The record carries its level, module and template itself.
    Inline,
}

/// What [`encode_record`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodedRecord {
    /// Bytes appended, header and padding included; a multiple of 8.
    pub length: usize,
    /// Whether a value was cut or a field beyond 65,535 left out.
    pub was_cut: bool,
}

/// Appends a record with flag [`FOREIGN`]; service, trace, span, session and exception stand
/// among its keyed values under those names, before the fields.
///
/// `key_number` gives the number of a key in the dictionary, 0 for a key that goes inline. The
/// record takes at most `budget` bytes (up to 16 MiB less 8), unless the fixed parts and 192
/// bytes for each field are more; what is longer is cut with a mark.
pub fn encode_record(
    record: &Record,
    site: SiteReference,
    ticks: u64,
    key_number: &mut dyn FnMut(&str) -> u32,
    budget: usize,
    out: &mut Vec<u8>,
) -> EncodedRecord {
    let start = out.len();
    let mut body = Body { out, was_cut: false };
    body.out.resize(start + HEADER_LEN, 0);
    let (number, mut flags) = body.put_fixed(record, site);
    let room = budget.min(LENGTH_MAX).saturating_sub(body.out.len() - start + 2 + 7);
    flags |= body.put_values(record, key_number, room);
    if body.was_cut {
        flags |= TRUNCATED;
    }
    let was_cut = body.was_cut;
    let length = padded(out.len() - start);
    out.resize(start + length, 0);
    let header = Header { length: length as u32, flags, site: number, ticks };
    out[start..start + HEADER_LEN].copy_from_slice(&header.to_bytes());
    EncodedRecord { length, was_cut }
}

/// Most values with names of their own on disk.
const LIFTED_MAX: usize = 5;

/// Most keyed values whose numbers are kept without an allocation.
const FEW: usize = 48;

struct Body<'o> {
    out: &'o mut Vec<u8>,
    was_cut: bool,
}

impl Body<'_> {
    /// Writes site, time and source; returns the site's number and the flags.
    fn put_fixed(&mut self, record: &Record, site: SiteReference) -> (u32, u8) {
        let mut flags = FOREIGN;
        let number = match site {
            SiteReference::Known(number) => number,
            SiteReference::Inline => {
                self.put_site(record);
                SITE_INLINE
            }
        };
        if let Some(time_ns) = record.time_ns {
            flags |= OWN_TIME;
            self.out.extend_from_slice(&time_ns.to_le_bytes());
        }
        if let Some(position) = record.source {
            flags |= SOURCE;
            self.out.extend_from_slice(&position.source.to_le_bytes());
            self.out.extend_from_slice(&position.end.to_le_bytes());
        }
        (number, flags)
    }

    fn put_site(&mut self, record: &Record) {
        let site = SiteDescription {
            level: record.level,
            module: super::encoder::cut_at(&record.module, 4096).to_owned().into(),
            file: "".into(),
            line: 0,
            template: self.fitting_template(record).to_owned().into(),
            message_kind: MessageKind::Formatted,
            fields: Vec::new(),
        };
        let start = self.out.len();
        self.out.resize(start + inline_site_len(&site), 0);
        encode_inline_site(&site, &mut Encoder::new(&mut self.out[start..]));
    }

    fn fitting_template<'r>(&mut self, record: &'r Record) -> &'r str {
        let whole = record.template.as_deref().unwrap_or("");
        let kept = super::encoder::cut_at(whole, 65_536);
        self.was_cut |= kept.len() < whole.len() || record.module.len() > 4096;
        kept
    }

    /// Writes message and keyed values; returns the flags.
    fn put_values(
        &mut self,
        record: &Record,
        key_number: &mut dyn FnMut(&str) -> u32,
        room: usize,
    ) -> u8 {
        match self.put_few(record, key_number, room) {
            Some(flags) => flags,
            None => self.put_any(record, key_number, room),
        }
    }

    /// Writes few values for which there is room, as nearly always: measured once, written once.
    /// `None`, with nothing written, for all others.
    fn put_few(
        &mut self,
        record: &Record,
        key_number: &mut dyn FnMut(&str) -> u32,
        room: usize,
    ) -> Option<u8> {
        if record.fields.len() + LIFTED_MAX > FEW {
            return None;
        }
        let (mut numbers, mut count) = ([0; FEW], 0);
        let message = record.message.encoded_len();
        let mut keyed = 2;
        let mut measure = |name: &str, length: usize| {
            let number = key_number(name);
            numbers[count] = number;
            count += 1;
            keyed += super::keyed_len(name, number, length);
        };
        lifted_values(record).for_each(|(name, value)| measure(name, value.encoded_len()));
        record.fields.iter().for_each(|(name, value)| measure(name, value.encoded_len()));
        if keyed - 2 + message > room {
            return None;
        }
        let start = self.out.len();
        self.out.resize(start + keyed + message, 0);
        let mut out = Encoder::new(&mut self.out[start..]);
        let mut flags = 0;
        if !record.message.is_empty() {
            flags |= MESSAGE;
            record.message.encode(&mut out);
        }
        if count > 0 {
            flags |= KEYED;
            out.put((count as u16).to_le_bytes());
            let mut numbers = numbers.into_iter();
            let mut number = || numbers.next().unwrap_or(0);
            for (name, value) in lifted_values(record) {
                out.key(name, number());
                value.encode(&mut out);
            }
            for (name, value) in &record.fields {
                out.key(name, number());
                value.encode(&mut out);
            }
        }
        // A value that measured itself too small is left to whoever writes each by itself.
        let written = (!out.overflowed()).then(|| out.written());
        self.out.truncate(start + written.unwrap_or(0));
        written.map(|_| flags)
    }

    /// The same for any number of values of any length.
    fn put_any(
        &mut self,
        record: &Record,
        key_number: &mut dyn FnMut(&str) -> u32,
        room: usize,
    ) -> u8 {
        let mut keyed: Vec<(&str, u32, &dyn Encode)> = Vec::with_capacity(record.fields.len() + 5);
        keyed.extend(lifted_values(record).map(|(name, value)| (name, 0, value)));
        keyed.extend(record.fields.iter().map(|(name, value)| (&**name, 0, value as &dyn Encode)));
        self.was_cut |= keyed.len() > usize::from(u16::MAX);
        keyed.truncate(usize::from(u16::MAX));
        let mut names_len = 0;
        for (name, number, _) in &mut keyed {
            *number = key_number(name);
            names_len += super::keyed_len(name, *number, 0);
        }
        let limit = limit(record, &keyed, room.saturating_sub(names_len));
        let mut flags = 0;
        if !record.message.is_empty() {
            flags |= MESSAGE;
            self.was_cut |= push_limited(&*record.message, limit, self.out);
        }
        if !keyed.is_empty() {
            flags |= KEYED;
            self.put_keyed(&keyed, limit);
        }
        flags
    }

    fn put_keyed(&mut self, keyed: &[(&str, u32, &dyn Encode)], limit: usize) {
        self.out.extend_from_slice(&(keyed.len() as u16).to_le_bytes());
        for (name, number, value) in keyed {
            let start = self.out.len();
            self.out.resize(start + super::keyed_len(name, *number, 0), 0);
            Encoder::new(&mut self.out[start..]).key(name, *number);
            self.was_cut |= push_limited(*value, limit, self.out);
        }
    }
}

/// The limit for single values: none where all of them fit, as nearly always.
fn limit(record: &Record, keyed: &[(&str, u32, &dyn Encode)], room: usize) -> usize {
    let message = record.message.encoded_len();
    let whole = keyed.iter().fold(message, |sum, (_, _, value)| sum + value.encoded_len());
    if whole <= room {
        return usize::MAX;
    }
    let mut lengths: Vec<usize> = keyed.iter().map(|(_, _, value)| value.encoded_len()).collect();
    lengths.push(message);
    share(&mut lengths, room)
}

/// The parts of a record that have names of their own on disk.
fn lifted_values(record: &Record) -> impl Iterator<Item = (&'static str, &dyn Encode)> {
    let texts = [
        ("service", &record.service),
        ("trace_id", &record.trace_id),
        ("span_id", &record.span_id),
        ("session_id", &record.session_id),
    ];
    let texts =
        texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()? as &dyn Encode)));
    let exception = record.exception.as_ref();
    texts.chain(exception.map(|exception| ("exception", exception as &dyn Encode)))
}

/// Bytes of a keyed value, for callers that encode such values themselves.
impl Value {
    /// Bytes that this value takes under this key.
    pub fn keyed_len(&self, name: &str, number: u32) -> usize {
        super::keyed_len(name, number, self.encoded_len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Body, FEW};
    use crate::{Exception, Level, Record, Value};

    #[test]
    fn few_values_are_written_as_any_number_is() {
        let mut record = Record::new(Level::Info, "shop", "said \"no\"");
        record.service = Some("api".into());
        record.exception = Some(Exception { message: "no".into(), ..Exception::default() });
        let values = [
            Value::Null,
            Value::I64(-1),
            Value::Text("text".into()),
            Value::BigInteger("9".repeat(70_000)),
            Value::Array(vec![Value::Bool(true), Value::Object(vec![("a".into(), Value::Null)])]),
            Value::Masked(7),
        ];
        for message in ["", "said"] {
            for count in 0..=values.len() {
                let fields = values[..count].iter().enumerate();
                record.message = message.into();
                record.fields =
                    fields.map(|(at, value)| (format!("{at}"), value.clone())).collect();
                let written = |is_few: bool| {
                    let mut out = vec![7];
                    let mut body = Body { out: &mut out, was_cut: false };
                    let mut number = |name: &str| name.parse().map_or(0, |at: u32| at % 2 * 5);
                    let flags = match is_few {
                        true => body.put_few(&record, &mut number, 1 << 20),
                        false => Some(body.put_any(&record, &mut number, 1 << 20)),
                    };
                    (flags, body.was_cut, out)
                };
                assert_eq!(written(true), written(false));
            }
        }
        record.fields = vec![("a".to_owned(), Value::Null); FEW];
        let mut body = Body { out: &mut Vec::new(), was_cut: false };
        assert_eq!(body.put_few(&record, &mut |_| 0, 1 << 20), None, "they are too many");
        record.fields.truncate(1);
        assert_eq!(body.put_few(&record, &mut |_| 0, 20), None, "there is no room");
        assert!(body.put_few(&record, &mut |_| 0, 1 << 20).is_some() && !body.out.is_empty());
    }
}
