//! The owned value of one field, for records that were not encoded at a call site: foreign lines,
//! dynamic languages, tests. Whatever a caller may log comes in; nothing is refused here.

/// One value. `From` is given for the common types.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing.
    Null,
    /// True or false.
    Bool(bool),
    /// A signed integer of up to 64 bits.
    I64(i64),
    /// An unsigned integer of up to 64 bits.
    U64(u64),
    /// A signed integer of up to 128 bits.
    I128(i128),
    /// An unsigned integer of up to 128 bits.
    U128(u128),
    /// An integer of any size as its decimal digits, with an optional leading minus sign.
    BigInteger(String),
    /// A decimal number as text; what is no JSON number is written as a string.
    Decimal(String),
    /// A double.
    F64(f64),
    /// A single.
    F32(f32),
    /// Text.
    Text(String),
    /// Bytes that are no text.
    Bytes(Vec<u8>),
    /// A point in time, nanoseconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// Values in order.
    Array(Vec<Value>),
    /// Named values in order; a name may occur twice, the second is written with an underscore.
    Object(Vec<(String, Value)>),
    /// Compact JSON text (see [`crate::json::compact`]); text that is no JSON is written as a
    /// string.
    Json(String),
    /// An error with its frames and causes.
    Exception(Exception),
    /// A value that is not to be stored; the number of characters hidden, 0 where unknown.
    Masked(u32),
}

/// An error as data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exception {
    /// Type or class of the error; may be empty.
    pub type_name: String,
    /// What it says.
    pub message: String,
    /// Stack frames, innermost first.
    pub frames: Vec<Frame>,
    /// What caused it. Chains are read up to 64 links.
    pub cause: Option<Box<Exception>>,
}

/// One stack frame. Parts that are unknown are empty, an unknown line is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Function.
    pub function: String,
    /// Module or package.
    pub module: String,
    /// Source file.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
}

macro_rules! from_value {
    ($($source:ty => $variant:ident as $target:ty),+ $(,)?) => {$(
        impl From<$source> for Value {
            fn from(value: $source) -> Value {
                Value::$variant(<$target>::from(value))
            }
        }
    )+};
}

from_value! {
    bool => Bool as bool,
    i8 => I64 as i64, i16 => I64 as i64, i32 => I64 as i64, i64 => I64 as i64,
    u8 => U64 as u64, u16 => U64 as u64, u32 => U64 as u64, u64 => U64 as u64,
    i128 => I128 as i128, u128 => U128 as u128, f32 => F32 as f32, f64 => F64 as f64,
    &str => Text as String, String => Text as String, Vec<u8> => Bytes as Vec<u8>,
    Vec<Value> => Array as Vec<Value>, Exception => Exception as Exception,
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}
