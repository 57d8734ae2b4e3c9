//! W3C trace context: the `traceparent` header read and made. What the specification calls
//! invalid is refused with the reason; ids are made from random bytes that the caller brings.

use std::fmt;

/// Flag of a trace that is being sampled.
pub const SAMPLED: u8 = 1;

/// Number of a trace, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId([u8; 16]);

/// Number of a span, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId([u8; 8]);

macro_rules! id {
    ($name:ident, $length:literal) => {
        impl $name {
            /// An id of these bytes; `None` when all of them are zero.
            pub fn from_bytes(bytes: [u8; $length]) -> Option<$name> {
                (bytes != [0; $length]).then_some($name(bytes))
            }

            /// Reads lower-case hexadecimal digits; `None` for anything else and for all zeros.
            pub fn parse(digits: &str) -> Option<$name> {
                let mut bytes = [0; $length];
                decode_hex(digits.as_bytes(), &mut bytes)?;
                $name::from_bytes(bytes)
            }

            /// The bytes.
            pub fn to_bytes(self) -> [u8; $length] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut digits = [0; 2 * $length];
                for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
                    pair.copy_from_slice(&hex(byte));
                }
                f.write_str(std::str::from_utf8(&digits).unwrap_or(""))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(TraceId, 16);
id!(SpanId, 8);

fn hex(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

fn decode_hex(digits: &[u8], bytes: &mut [u8]) -> Option<()> {
    if digits.len() != 2 * bytes.len() {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(())
}

/// What a `traceparent` header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace_id: TraceId,
    /// The caller's span.
    pub span_id: SpanId,
    /// Flags; only [`SAMPLED`] has a meaning in version 00.
    pub flags: u8,
}

/// Why a header is no valid `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TraceParentError {
    /// Too short, or its parts are not divided by hyphens where they should be.
    Shape,
    /// Version ff, or no lower-case hexadecimal number.
    Version,
    /// The trace id is all zero, or no lower-case hexadecimal number.
    TraceId,
    /// The span id is all zero, or no lower-case hexadecimal number.
    SpanId,
    /// The flags are no lower-case hexadecimal number.
    Flags,
    /// Something follows that this version does not allow.
    Trailing,
}

impl fmt::Display for TraceParentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self {
            TraceParentError::Shape => "must have the form 00-<32 digits>-<16 digits>-<2 digits>",
            TraceParentError::Version => "has a version that is not valid",
            TraceParentError::TraceId => "has a trace id that is not valid",
            TraceParentError::SpanId => "has a span id that is not valid",
            TraceParentError::Flags => "has flags that are not valid",
            TraceParentError::Trailing => "has something behind its flags",
        };
        write!(f, "traceparent {what}")
    }
}

impl std::error::Error for TraceParentError {}

/// Length of a header of version 00.
const LENGTH: usize = 55;

impl TraceParent {
    /// Reads a header. A later version is read as version 00 where it begins like one and a
    /// hyphen divides what follows.
    ///
    /// # Errors
    /// The first part that the specification calls invalid.
    pub fn parse(header: &str) -> Result<TraceParent, TraceParentError> {
        let bytes = header.trim_matches([' ', '\t']).as_bytes();
        let has_hyphens = [2, 35, 52].iter().all(|&at| bytes.get(at) == Some(&b'-'));
        if bytes.len() < LENGTH || !has_hyphens {
            return Err(TraceParentError::Shape);
        }
        let (mut version, mut flags) = ([0; 1], [0; 1]);
        let (mut trace, mut span) = ([0; 16], [0; 8]);
        decode_hex(&bytes[..2], &mut version)
            .filter(|()| version != [0xFF])
            .ok_or(TraceParentError::Version)?;
        decode_hex(&bytes[3..35], &mut trace).ok_or(TraceParentError::TraceId)?;
        decode_hex(&bytes[36..52], &mut span).ok_or(TraceParentError::SpanId)?;
        decode_hex(&bytes[53..55], &mut flags).ok_or(TraceParentError::Flags)?;
        let may_follow = version != [0] && bytes.get(LENGTH) == Some(&b'-');
        if bytes.len() > LENGTH && !may_follow {
            return Err(TraceParentError::Trailing);
        }
        Ok(TraceParent {
            trace_id: TraceId::from_bytes(trace).ok_or(TraceParentError::TraceId)?,
            span_id: SpanId::from_bytes(span).ok_or(TraceParentError::SpanId)?,
            flags: flags[0],
        })
    }

    /// Whether the trace is being sampled.
    pub fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }
}

impl fmt::Display for TraceParent {
    /// The header of version 00; flags without a meaning there are sent as 0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags & SAMPLED)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_comes_back() {
        let parsed = TraceParent::parse(GOOD).unwrap();
        assert_eq!(parsed.to_string(), GOOD);
        assert!(parsed.is_sampled());
        assert_eq!(parsed.trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(SpanId::parse("00f067aa0ba902b7"), Some(parsed.span_id));
    }

    #[test]
    fn what_the_specification_forbids_is_refused() {
        use TraceParentError as E;
        let table: [(String, E); 12] = [
            (String::new(), E::Shape),
            (GOOD[..54].into(), E::Shape),
            (GOOD.replace('-', "_"), E::Shape),
            (GOOD.replacen("00", "ff", 1), E::Version),
            (GOOD.replacen("00", "0G", 1), E::Version),
            (GOOD.to_uppercase(), E::TraceId),
            (GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)), E::TraceId),
            (GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)), E::SpanId),
            (GOOD.replace("-01", "-0x"), E::Flags),
            (format!("{GOOD}-extra"), E::Trailing),
            (format!("{GOOD}."), E::Trailing),
            (format!("cc{}x", &GOOD[2..]), E::Trailing),
        ];
        for (header, expected) in table {
            assert_eq!(TraceParent::parse(&header), Err(expected), "{header}");
        }
    }

    #[test]
    fn a_later_version_is_read_as_far_as_it_is_known() {
        for header in [format!("cc{}", &GOOD[2..]), format!("cc{}-what-comes", &GOOD[2..])] {
            assert_eq!(TraceParent::parse(&header).unwrap().to_string(), GOOD, "{header}");
        }
        assert!(TraceParent::parse("00-é").is_err());
    }
}
