//! Values as JSON text.

use super::escape::{append, escape_bytes_into, is_plain, push_text};
use super::names::ObjectNames;
use super::{base64, compact};
use crate::Value;
use crate::time::TimestampCache;
use crate::wire::{
    Encode, Encoder, ExceptionView, Key, KeyedIter, ValueIter, ValueView, WireError, text,
};

/// Arrays and objects nested deeper are not written and raw JSON that is deeper is refused, so
/// that every line stays below the 128 levels that readers commonly allow.
pub const DEPTH_LIMIT: usize = 64;

/// What stands for what is nested deeper.
const TOO_DEEP: &[u8] = b"\"[TOO DEEP]\"";

/// How long a value may become and what happens meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of one text as written, the marks apart.
    pub(crate) text: usize,
    /// Length of the buffer beyond which nothing more is appended to arrays and objects.
    pub(crate) end: usize,
}

impl Limits {
    pub(crate) const NONE: Limits = Limits { text: usize::MAX, end: usize::MAX };
}

/// The JSON text of a value. Not-a-number and the infinities become strings, bytes base64 text,
/// times RFC 3339 text with six digits, or nine where six would lose something.
pub fn to_json(value: &Value) -> String {
    let mut out = Vec::new();
    value_into(value, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Appends the JSON text of a value.
pub fn value_into(value: &Value, out: &mut Vec<u8>) {
    let mut bytes = vec![0; value.encoded_len()];
    value.encode(&mut Encoder::new(&mut bytes));
    // A value that was just encoded can be read again.
    if let Ok(view) = crate::wire::read_value(&bytes) {
        let mut writer = Writer { limits: Limits::NONE, was_cut: false, damaged: false };
        writer.value(view, 0, out);
    }
}

/// Appends a value within limits. The first answer says whether something was cut, the second
/// whether the bytes were damaged.
#[inline]
pub(crate) fn push_view(view: ValueView<'_>, limits: Limits, out: &mut Vec<u8>) -> (bool, bool) {
    let mut writer = Writer { limits, was_cut: false, damaged: false };
    writer.value(view, 0, out);
    (writer.was_cut, writer.damaged)
}

struct Writer {
    limits: Limits,
    was_cut: bool,
    damaged: bool,
}

impl Writer {
    #[inline]
    fn value(&mut self, view: ValueView<'_>, depth: usize, out: &mut Vec<u8>) {
        match view {
            ValueView::Text(bytes) => self.string(bytes, out),
            ValueView::U64(value) => push_integer(value, out),
            ValueView::I64(value) => push_integer(value, out),
            ValueView::F64(value) => push_float(value, out),
            ValueView::Bool(true) => out.extend_from_slice(b"true"),
            ValueView::Bool(false) => out.extend_from_slice(b"false"),
            ValueView::Null => out.extend_from_slice(b"null"),
            other => self.rare_value(other, depth, out),
        }
    }

    #[inline(never)]
    fn rare_value(&mut self, view: ValueView<'_>, depth: usize, out: &mut Vec<u8>) {
        match view {
            ValueView::I128(value) => push_integer(value, out),
            ValueView::U128(value) => push_integer(value, out),
            ValueView::F32(value) => push_single(value, out),
            ValueView::Bytes(bytes) => self.bytes(bytes, out),
            ValueView::Time(time_ns) => push_time(time_ns, out),
            ValueView::BigInteger(digits) | ValueView::Decimal(digits) => self.digits(digits, out),
            ValueView::Array(_) | ValueView::Object(_) if depth >= DEPTH_LIMIT => {
                out.extend_from_slice(TOO_DEEP);
            }
            ValueView::Array(values) => self.array(values, depth, out),
            ValueView::Object(entries) => self.object(entries, depth, out),
            ValueView::Json(json) => self.json(json, depth, out),
            ValueView::Exception(exception) => self.exception(exception, depth, out),
            ValueView::Masked(_) => out.extend_from_slice(b"\"[MASKED]\""),
            other => self.value(other, depth, out),
        }
    }

    #[inline]
    fn string(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.was_cut |= push_string(bytes, self.limits.text, out);
    }

    fn bytes(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let fitting = bytes.len().min(self.limits.text / 4 * 3);
        out.push(b'"');
        base64::push(&bytes[..fitting], out);
        if fitting < bytes.len() {
            self.was_cut = true;
            let mark = crate::wire::cut_mark(bytes.len() - fitting, "bytes");
            out.extend_from_slice(mark.as_bytes());
        }
        out.push(b'"');
    }

    fn digits(&mut self, digits: &[u8], out: &mut Vec<u8>) {
        if digits.len() > self.limits.text || !push_number_text(digits, out) {
            self.string(digits, out);
        }
    }

    fn json(&mut self, json: &[u8], depth: usize, out: &mut Vec<u8>) {
        let is_short = json.len() <= self.limits.text;
        if !is_short || !compact::push_compact(json, DEPTH_LIMIT - depth.min(DEPTH_LIMIT), out) {
            self.string(json, out);
        }
    }

    /// Whether the line has become so long that nothing more is appended.
    fn is_full(&self, out: &[u8]) -> bool {
        out.len() > self.limits.end
    }

    fn array(&mut self, values: ValueIter<'_>, depth: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        let mut left = values.remaining();
        for (index, value) in values.enumerate() {
            separate(index, out);
            if self.is_full(out) {
                self.push_items_mark(left, out);
                break;
            }
            left -= 1;
            match value {
                Ok(value) => self.value(value, depth + 1, out),
                Err(error) => self.damage(error, out),
            }
        }
        out.push(b']');
    }

    fn object(&mut self, mut entries: KeyedIter<'_>, depth: usize, out: &mut Vec<u8>) {
        out.push(b'{');
        let mut names = ObjectNames::default();
        let mut left = entries.remaining();
        let mut index = 0;
        loop {
            // With the comma, too, the line is not full.
            if out.len() < self.limits.end
                && let Some((name, text)) = entries.next_named_text()
            {
                separate(index, out);
                (index, left) = (index + 1, left - 1);
                self.member_name(Key::Name(name), &mut names, out);
                self.string(text, out);
                continue;
            }
            let Some(entry) = entries.next() else { break };
            separate(index, out);
            index += 1;
            if self.is_full(out) {
                out.extend_from_slice(b"\"truncated\":");
                self.push_items_mark(left, out);
                break;
            }
            left -= 1;
            match entry {
                Ok(entry) => {
                    self.member_name(entry.key, &mut names, out);
                    self.value(entry.value, depth + 1, out);
                }
                Err(error) => {
                    self.member_name(Key::Name(b"damaged"), &mut names, out);
                    self.damage(error, out);
                }
            }
        }
        out.push(b'}');
    }

    fn member_name<'n>(&mut self, key: Key<'n>, names: &mut ObjectNames<'n>, out: &mut Vec<u8>) {
        if let Key::Name(name) = key
            && name.len() <= self.limits.text / 6
            && is_plain(name)
            && names.take_plain(name)
        {
            out.push(b'"');
            append(name, out);
            return out.extend_from_slice(b"\":");
        }
        self.rare_name(key, names, out);
    }

    /// A name that may need an escape, or another one because it is taken.
    #[inline(never)]
    fn rare_name<'n>(&mut self, key: Key<'n>, names: &mut ObjectNames<'n>, out: &mut Vec<u8>) {
        let name = match key {
            Key::Name(name) => text(name),
            Key::Number(number) => format!("key_{number}").into(),
        };
        let name = names.all().unique(name, |_| false);
        self.string(name.as_bytes(), out);
        out.push(b':');
    }

    fn push_items_mark(&mut self, left: usize, out: &mut Vec<u8>) {
        self.was_cut = true;
        let mark = crate::wire::cut_mark(left, "items");
        push_string(mark.as_bytes(), usize::MAX, out);
    }

    fn damage(&mut self, error: WireError, out: &mut Vec<u8>) {
        self.damaged = true;
        push_string(format!("[DAMAGED: {error}]").as_bytes(), usize::MAX, out);
    }

    /// The chain as nested objects, written without recursion.
    fn exception(&mut self, exception: ExceptionView<'_>, depth: usize, out: &mut Vec<u8>) {
        let (start, mut open) = (out.len(), 0);
        for link in exception.links() {
            if open > 0 {
                out.extend_from_slice(b",\"cause\":");
            }
            if open > 0 && depth + open >= DEPTH_LIMIT {
                out.extend_from_slice(TOO_DEEP);
                break;
            }
            let link = match link {
                Ok(link) if !self.is_full(out) => link,
                Ok(_) => {
                    self.push_items_mark(1, out);
                    break;
                }
                Err(error) => {
                    self.damage(error, out);
                    break;
                }
            };
            self.link(&link, out);
            open += 1;
        }
        if out.len() == start {
            out.extend_from_slice(b"null");
        }
        out.resize(out.len() + open, b'}');
    }

    fn link(&mut self, link: &crate::wire::LinkView<'_>, out: &mut Vec<u8>) {
        out.push(b'{');
        if !link.type_name.is_empty() {
            out.extend_from_slice(b"\"type\":");
            self.string(link.type_name, out);
            out.push(b',');
        }
        out.extend_from_slice(b"\"message\":");
        self.string(link.message, out);
        let mut frames = link.frames.enumerate().peekable();
        if frames.peek().is_none() {
            return;
        }
        out.extend_from_slice(b",\"frames\":[");
        for (index, frame) in frames {
            separate(index, out);
            if self.is_full(out) {
                self.push_items_mark(1, out);
                break;
            }
            self.frame(frame, out);
        }
        out.push(b']');
    }

    fn frame(&mut self, frame: crate::wire::FrameView<'_>, out: &mut Vec<u8>) {
        out.push(b'{');
        let texts = [("function", frame.function), ("module", frame.module), ("file", frame.file)];
        let mut count = 0;
        for (name, value) in texts.into_iter().filter(|(_, value)| !value.is_empty()) {
            separate(count, out);
            count += 1;
            push_string(name.as_bytes(), usize::MAX, out);
            out.push(b':');
            self.string(value, out);
        }
        if frame.line > 0 {
            separate(count, out);
            out.extend_from_slice(b"\"line\":");
            push_integer(frame.line, out);
        }
        out.push(b'}');
    }
}

#[inline]
fn separate(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

/// Appends a JSON string of at most `limit` bytes and its mark; says whether it was cut.
#[inline]
pub(crate) fn push_string(bytes: &[u8], limit: usize, out: &mut Vec<u8>) -> bool {
    out.push(b'"');
    let was_cut = if limit == usize::MAX {
        escape_bytes_into(bytes, out);
        false
    } else {
        push_text(bytes, limit, out)
    };
    out.push(b'"');
    was_cut
}

/// Appends digits that are a JSON number as a whole; `false` and nothing appended otherwise.
fn push_number_text(digits: &[u8], out: &mut Vec<u8>) -> bool {
    let is_number = !digits.is_empty() && compact::number_len(digits) == digits.len();
    if is_number {
        out.extend_from_slice(digits);
    }
    is_number
}

#[inline]
fn push_integer(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

#[inline]
fn push_float(value: f64, out: &mut Vec<u8>) {
    if value.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        push_not_finite(value, out);
    }
}

fn push_single(value: f32, out: &mut Vec<u8>) {
    if value.is_finite() {
        out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes());
    } else {
        push_not_finite(f64::from(value), out);
    }
}

#[cold]
fn push_not_finite(value: f64, out: &mut Vec<u8>) {
    out.extend_from_slice(match value {
        f64::INFINITY => b"\"Infinity\"",
        f64::NEG_INFINITY => b"\"-Infinity\"",
        _ => b"\"NaN\"",
    });
}

fn push_time(time_ns: i64, out: &mut Vec<u8>) {
    let digits = if time_ns % 1000 == 0 { 6 } else { 9 };
    out.push(b'"');
    TimestampCache::default().push(time_ns, digits, out);
    out.push(b'"');
}
