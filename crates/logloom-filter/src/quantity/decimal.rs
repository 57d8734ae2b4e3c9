//! Decimal numbers with `_` between digits, exact until they are multiplied out.

/// An unsigned decimal number at the head of a text: `12`, `1_000`, `2.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: i128,
    /// How many of the digits stand behind the point.
    scale: u32,
}

/// Digits that are read, as many as a number of 128 bits has; a number with more of them is read as a float elsewhere, or
/// not at all.
const DIGITS_MAX: u32 = 39;
/// The same of a number with digits behind the point.
const FRACTION_DIGITS_MAX: u32 = 30;

impl Decimal {
    /// Reads digits, `_` and at most one point; gives what follows.
    pub(super) fn take(text: &str) -> Option<(Self, &str)> {
        let (mut digits, mut scale, mut count) = (0_i128, 0, 0);
        let mut is_behind_point = false;
        let mut length = 0;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' if count < DIGITS_MAX => {
                    digits = digits.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                    count += 1;
                    scale += u32::from(is_behind_point);
                }
                b'.' if !is_behind_point && count > 0 => is_behind_point = true,
                b'_' if count > 0 => {}
                b'0'..=b'9' | b'.' | b'_' => return None,
                _ => break,
            }
            length += 1;
        }
        let is_open = is_behind_point && scale == 0;
        let fits = scale == 0 || count <= FRACTION_DIGITS_MAX;
        (count > 0 && !is_open && fits).then_some((Self { digits, scale }, &text[length..]))
    }

    /// The whole number, when there is nothing behind the point.
    pub(super) fn whole(self) -> Option<i128> {
        (self.scale == 0).then_some(self.digits)
    }

    /// The number so many times, cut to a whole one; `None` beyond 128 bits.
    pub(super) fn times(self, unit: i64) -> Option<i128> {
        Some(self.digits.checked_mul(i128::from(unit))? / 10_i128.checked_pow(self.scale)?)
    }

    pub(super) fn to_float(self) -> f64 {
        self.digits as f64 / 10_f64.powi(self.scale as i32)
    }
}
