//! [`Encode`] for the plain types: numbers, text, time, addresses. Every value measures itself
//! first and then writes exactly as much, without a call on the common ones.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroI128, NonZeroIsize, NonZeroU8,
    NonZeroU16, NonZeroU32, NonZeroU64, NonZeroU128, NonZeroUsize,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::encoder::Encoder;
use super::tag::Tag;

/// A value that can be written into a ring.
///
/// Called on the caller's thread, between reserving room and publishing it, so it must neither
/// block, log nor panic: the thread's ring would stay reserved. `encode` writes exactly `encoded_len` bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written into a record as it is",
    label = "no value of a record",
    note = "write `%` before the value for its `Display` form, `?` for its `Debug` form"
)]
pub trait Encode {
    /// Bytes that `encode` will write, kind included.
    fn encoded_len(&self) -> usize;

    /// Writes the value.
    fn encode(&self, out: &mut Encoder<'_>);

    /// Number of characters that a mask in place of the value hides, 0 where that is not known
    /// without looking at more than the value's length.
    #[inline(always)]
    fn hidden_chars(&self) -> u32 {
        0
    }

    /// Whether the value is null, which a mask leaves as it is: there is nothing to hide.
    #[inline(always)]
    fn is_null(&self) -> bool {
        false
    }

    /// Length of a slice of such values. Bytes are the one type that does not form an array.
    #[inline]
    fn slice_len(slice: &[Self]) -> usize
    where
        Self: Sized,
    {
        9 + slice.iter().map(Encode::encoded_len).sum::<usize>()
    }

    /// Writes a slice of such values.
    #[inline]
    fn encode_slice(slice: &[Self], out: &mut Encoder<'_>)
    where
        Self: Sized,
    {
        super::containers::encode_array(slice, out);
    }
}

macro_rules! encode_number {
    ($($source:ty => $tag:ident, $wide:ty, $put:ident, $len:literal;)+) => {$(
        impl Encode for $source {
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                $len
            }

            #[inline(always)]
            fn encode(&self, out: &mut Encoder<'_>) {
                out.$put(Tag::$tag, (*self as $wide).to_le_bytes());
            }
        }
    )+};
}

encode_number! {
    i8 => I64, i64, tagged_8, 9;
    i16 => I64, i64, tagged_8, 9;
    i32 => I64, i64, tagged_8, 9;
    i64 => I64, i64, tagged_8, 9;
    isize => I64, i64, tagged_8, 9;
    u16 => U64, u64, tagged_8, 9;
    u32 => U64, u64, tagged_8, 9;
    u64 => U64, u64, tagged_8, 9;
    usize => U64, u64, tagged_8, 9;
    i128 => I128, i128, tagged_16, 17;
    u128 => U128, u128, tagged_16, 17;
    f32 => F32, f32, tagged_4, 5;
    f64 => F64, f64, tagged_8, 9;
}

impl Encode for u8 {
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        9
    }

    #[inline(always)]
    fn encode(&self, out: &mut Encoder<'_>) {
        u64::from(*self).encode(out);
    }

    #[inline(always)]
    fn slice_len(slice: &[u8]) -> usize {
        5 + slice.len()
    }

    #[inline(always)]
    fn encode_slice(slice: &[u8], out: &mut Encoder<'_>) {
        out.bytes(slice);
    }
}

macro_rules! encode_through {
    ($($source:ty, $value:ident => $inner:expr;)+) => {$(
        impl Encode for $source {
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                let $value = self;
                $inner.encoded_len()
            }

            #[inline(always)]
            fn encode(&self, out: &mut Encoder<'_>) {
                let $value = self;
                $inner.encode(out);
            }
        }
    )+};
}

encode_through! {
    NonZeroI8, value => value.get();
    NonZeroI16, value => value.get();
    NonZeroI32, value => value.get();
    NonZeroI64, value => value.get();
    NonZeroI128, value => value.get();
    NonZeroIsize, value => value.get();
    NonZeroU8, value => value.get();
    NonZeroU16, value => value.get();
    NonZeroU32, value => value.get();
    NonZeroU64, value => value.get();
    NonZeroU128, value => value.get();
    NonZeroUsize, value => value.get();
    char, value => *value.encode_utf8(&mut [0; 4]);
    Ipv4Addr, value => *ShortText::new(value);
    Ipv6Addr, value => *ShortText::new(value);
    IpAddr, value => *ShortText::new(value);
    SocketAddrV4, value => *ShortText::new(value);
    SocketAddrV6, value => *ShortText::new(value);
    SocketAddr, value => *ShortText::new(value);
    std::fmt::Arguments<'_>, value => *value.to_string();
    // Seconds as a double: the unit that metrics use; exact to the microsecond for 285 years.
    Duration, value => value.as_secs_f64();
}

/// An address as text, without allocation.
struct ShortText {
    bytes: [u8; 64],
    length: usize,
}

impl ShortText {
    fn new(value: &dyn std::fmt::Display) -> ShortText {
        let mut short = ShortText { bytes: [0; 64], length: 0 };
        // The longest address has 58 characters; what would not fit is left out.
        let _ = std::fmt::write(&mut short, format_args!("{value}"));
        short
    }
}

impl std::ops::Deref for ShortText {
    type Target = str;

    fn deref(&self) -> &str {
        self.bytes.get(..self.length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("")
    }
}

impl std::fmt::Write for ShortText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl Encode for bool {
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline(always)]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.put([Tag::False as u8 + u8::from(*self)]);
    }
}

impl Encode for () {
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        1
    }

    #[inline(always)]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.tag(Tag::Null);
    }

    #[inline(always)]
    fn is_null(&self) -> bool {
        true
    }
}

macro_rules! encode_text {
    ($($source:ty),+) => {$(
        impl Encode for $source {
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                5 + self.len()
            }

            #[inline(always)]
            fn encode(&self, out: &mut Encoder<'_>) {
                out.text(self);
            }

            fn hidden_chars(&self) -> u32 {
                u32::try_from(self.chars().count()).unwrap_or(u32::MAX)
            }
        }
    )+};
}

encode_text!(str, String, Cow<'_, str>);

impl Encode for SystemTime {
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        9
    }

    #[inline(always)]
    fn encode(&self, out: &mut Encoder<'_>) {
        out.tagged_8(Tag::Time, nanoseconds(*self).to_le_bytes());
    }
}

/// Nanoseconds since 1970; times outside the range of an i64 (1677 to 2262) become its ends.
fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_nanos()).unwrap_or(i64::MAX),
        Err(error) => i64::try_from(error.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
    }
}
