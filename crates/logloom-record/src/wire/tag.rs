//! The numbers that say what kind of value follows. A number that is in no table is damage.

/// Kind of a value, its first byte.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Nothing follows. Zero, so that a value that was never written reads as null.
    Null = 0,
    /// Nothing follows.
    False = 1,
    /// Nothing follows.
    True = 2,
    /// i64.
    I64 = 3,
    /// u64.
    U64 = 4,
    /// i128.
    I128 = 5,
    /// u128.
    U128 = 6,
    /// f32.
    F32 = 7,
    /// f64.
    F64 = 8,
    /// u32 length, UTF-8.
    Text = 9,
    /// u32 length, bytes.
    Bytes = 10,
    /// i64 nanoseconds since 1970.
    Time = 11,
    /// u16 length, decimal digits.
    BigInteger = 12,
    /// u16 length, decimal number.
    Decimal = 13,
    /// u32 length of what follows, u32 count, values.
    Array = 14,
    /// u32 length of what follows, u32 count, keyed values.
    Object = 15,
    /// u32 length, JSON text.
    Json = 16,
    /// u32 length of what follows, then the exception.
    Exception = 17,
    /// u32 number of characters hidden.
    Masked = 18,
}

impl Tag {
    /// The kind with this number.
    pub const fn from_number(number: u8) -> Option<Tag> {
        const TAGS: [Tag; 19] = [
            Tag::Null,
            Tag::False,
            Tag::True,
            Tag::I64,
            Tag::U64,
            Tag::I128,
            Tag::U128,
            Tag::F32,
            Tag::F64,
            Tag::Text,
            Tag::Bytes,
            Tag::Time,
            Tag::BigInteger,
            Tag::Decimal,
            Tag::Array,
            Tag::Object,
            Tag::Json,
            Tag::Exception,
            Tag::Masked,
        ];
        if (number as usize) < TAGS.len() { Some(TAGS[number as usize]) } else { None }
    }
}
