//! Streams of bits, the lowest of a byte first. In come numbers, out go bytes, and back. Reading beyond the end,
//! or a number that cannot be, gives `None`.

/// Collects bits.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter {
    /// The lowest `count` bits of `value`, at most 56.
    pub(super) fn put(&mut self, value: u64, count: u32) {
        debug_assert!(count <= 56 && (count == 64 || value >> count == 0));
        self.held |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            self.bytes.push(self.held as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    /// A number from 1 on, short when it is small.
    pub(super) fn gamma(&mut self, value: u64) {
        let length = 63 - value.leading_zeros();
        self.unary(u64::from(length));
        self.put(value & !(1 << length), length);
    }

    /// A number of which most are below `2 << parameter`.
    pub(super) fn rice(&mut self, value: u64, parameter: u32) {
        self.unary(value >> parameter);
        self.put(value & ((1 << parameter) - 1), parameter);
    }

    fn unary(&mut self, mut ones: u64) {
        while ones >= 32 {
            self.put(u64::from(u32::MAX), 32);
            ones -= 32;
        }
        self.put((1 << ones) - 1, ones as u32 + 1);
    }

    /// Everything so far, filled up to a byte, and begins anew.
    pub(super) fn take(&mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.held as u8);
        }
        (self.held, self.count) = (0, 0);
        std::mem::take(&mut self.bytes)
    }
}

/// Bits that a list of gaps with this parameter takes, as [`BitWriter::rice`] writes it.
pub(super) fn rice_bits(value: u64, parameter: u32) -> u64 {
    (value >> parameter) + 1 + u64::from(parameter)
}

/// Bits that [`BitWriter::gamma`] takes.
pub(super) fn gamma_bits(value: u64) -> u64 {
    2 * u64::from(63 - value.leading_zeros()) + 1
}

/// Reads what a [`BitWriter`] wrote.
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> BitReader<'a> {
        BitReader { bytes, at: 0, held: 0, count: 0 }
    }

    /// The next `count` bits, at most 56.
    pub(super) fn take(&mut self, count: u32) -> Option<u64> {
        self.fill(count);
        if self.count < count {
            return None;
        }
        let value = self.held & ((1u64 << count) - 1);
        self.held >>= count;
        self.count -= count;
        Some(value)
    }

    pub(super) fn gamma(&mut self) -> Option<u64> {
        let length = u32::try_from(self.unary()?).ok().filter(|length| *length <= 40)?;
        Some(self.take(length)? | 1 << length)
    }

    pub(super) fn rice(&mut self, parameter: u32) -> Option<u64> {
        let high = self.unary()?;
        let low = self.take(parameter)?;
        high.checked_mul(1 << parameter)?.checked_add(low)
    }

    fn unary(&mut self) -> Option<u64> {
        let mut ones = 0;
        loop {
            self.fill(56);
            let run = self.held.trailing_ones();
            if run < self.count {
                self.held >>= run + 1;
                self.count -= run + 1;
                return Some(ones + u64::from(run));
            }
            if self.at >= self.bytes.len() {
                return None;
            }
            ones += u64::from(self.count);
            (self.held, self.count) = (0, 0);
        }
    }

    fn fill(&mut self, wanted: u32) {
        while self.count < wanted && self.at < self.bytes.len() {
            self.held |= u64::from(self.bytes[self.at]) << self.count;
            self.at += 1;
            self.count += 8;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_round_trip(all in prop::collection::vec((0u64..1 << 40, 0u32..30), 0..60)) {
            let mut writer = BitWriter::default();
            let mut bits = 0;
            for (value, parameter) in &all {
                let (value, parameter) = (value >> (40 - parameter), *parameter);
                writer.gamma(value + 1);
                writer.rice(value, parameter);
                writer.put(value, parameter);
                bits += gamma_bits(value + 1) + rice_bits(value, parameter) + u64::from(parameter);
            }
            let bytes = writer.take();
            prop_assert_eq!(bytes.len() as u64, bits.div_ceil(8));
            let mut reader = BitReader::new(&bytes);
            for (value, parameter) in &all {
                let (value, parameter) = (value >> (40 - parameter), *parameter);
                prop_assert_eq!(reader.gamma(), Some(value + 1));
                prop_assert_eq!(reader.rice(parameter), Some(value));
                prop_assert_eq!(reader.take(parameter), Some(value));
            }
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..64), parameter in 0u32..40) {
            let mut reader = BitReader::new(&bytes);
            while reader.rice(parameter).is_some() && reader.gamma().is_some() {}
        }
    }
}
