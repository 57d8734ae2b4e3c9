//! [`Encode`] for references, boxes, options and sequences of values.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use super::encode::Encode;
use super::encoder::Encoder;
use super::tag::Tag;

macro_rules! encode_pointer {
    ($($pointer:ty),+) => {$(
        impl<T: Encode + ?Sized> Encode for $pointer {
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                (**self).encoded_len()
            }

            #[inline(always)]
            fn encode(&self, out: &mut Encoder<'_>) {
                (**self).encode(out);
            }

            #[inline(always)]
            fn hidden_chars(&self) -> u32 {
                (**self).hidden_chars()
            }

            #[inline(always)]
            fn is_null(&self) -> bool {
                (**self).is_null()
            }
        }
    )+};
}

encode_pointer!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl<T: Encode> Encode for Option<T> {
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        self.as_ref().map_or(1, Encode::encoded_len)
    }

    #[inline(always)]
    fn encode(&self, out: &mut Encoder<'_>) {
        match self {
            Some(value) => value.encode(out),
            None => out.tag(Tag::Null),
        }
    }

    #[inline(always)]
    fn hidden_chars(&self) -> u32 {
        self.as_ref().map_or(0, Encode::hidden_chars)
    }

    #[inline(always)]
    fn is_null(&self) -> bool {
        self.as_ref().is_none_or(Encode::is_null)
    }
}

impl<T: Encode> Encode for [T] {
    #[inline(always)]
    fn encoded_len(&self) -> usize {
        T::slice_len(self)
    }

    #[inline(always)]
    fn encode(&self, out: &mut Encoder<'_>) {
        T::encode_slice(self, out);
    }
}

macro_rules! encode_sequence {
    ($({$($generics:tt)+} $source:ty;)+) => {$(
        impl<$($generics)+> Encode for $source {
            #[inline(always)]
            fn encoded_len(&self) -> usize {
                T::slice_len(self.as_slice())
            }

            #[inline(always)]
            fn encode(&self, out: &mut Encoder<'_>) {
                T::encode_slice(self.as_slice(), out);
            }
        }
    )+};
}

encode_sequence! {
    {T: Encode, const N: usize} [T; N];
    {T: Encode} Vec<T>;
}

impl<T: Encode> Encode for VecDeque<T> {
    fn encoded_len(&self) -> usize {
        9 + self.iter().map(Encode::encoded_len).sum::<usize>()
    }

    fn encode(&self, out: &mut Encoder<'_>) {
        encode_array(self, out);
    }
}

/// Writes an array, as much of it as a cutting encoder has room for.
pub(super) fn encode_array<'v, T: Encode + 'v>(
    values: impl IntoIterator<Item = &'v T, IntoIter: ExactSizeIterator>,
    out: &mut Encoder<'_>,
) {
    let mut values = values.into_iter();
    let mut sequence = out.begin(Tag::Array);
    let mut left = values.len();
    while left > 0 && out.element(&mut sequence) {
        if let Some(value) = values.next() {
            value.encode(out);
        }
        left -= 1;
    }
    out.end(sequence, left);
}

/// Writes an object, as much of it as a cutting encoder has room for.
pub(super) fn encode_object<'v, V: Encode + 'v>(
    entries: impl ExactSizeIterator<Item = (&'v str, &'v V)>,
    out: &mut Encoder<'_>,
) {
    let mut sequence = out.begin(Tag::Object);
    let mut left = entries.len();
    for (name, value) in entries {
        let name = out.fitting_key(name);
        if !out.element(&mut sequence) {
            break;
        }
        out.key(&name, 0);
        value.encode(out);
        left -= 1;
    }
    out.end(sequence, left);
}

/// An object of values that are borrowed, in their order.
#[derive(Clone, Copy)]
pub struct Members<'a>(pub &'a [(&'a str, &'a dyn Encode)]);

impl Encode for Members<'_> {
    #[inline]
    fn encoded_len(&self) -> usize {
        object_len(self.0.iter().map(|(name, value)| (*name, value)))
    }

    #[inline]
    fn encode(&self, out: &mut Encoder<'_>) {
        encode_object(self.0.iter().map(|(name, value)| (*name, value)), out);
    }
}

/// Length of an object with these entries.
pub(super) fn object_len<'v, V: Encode + 'v>(
    entries: impl Iterator<Item = (&'v str, &'v V)>,
) -> usize {
    9 + entries
        .map(|(name, value)| 6 + super::encoder::name_len(name) + value.encoded_len())
        .sum::<usize>()
}

macro_rules! encode_map {
    ($({$($generics:tt)+} $source:ty;)+) => {$(
        impl<$($generics)+> Encode for $source {
            fn encoded_len(&self) -> usize {
                object_len(self.iter().map(|(name, value)| (name.as_ref(), value)))
            }

            fn encode(&self, out: &mut Encoder<'_>) {
                encode_object(self.iter().map(|(name, value)| (name.as_ref(), value)), out);
            }
        }
    )+};
}

encode_map! {
    {K: AsRef<str>, V: Encode} BTreeMap<K, V>;
    {K: AsRef<str>, V: Encode, S} HashMap<K, V, S>;
}
