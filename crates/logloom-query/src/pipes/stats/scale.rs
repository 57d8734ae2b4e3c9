//! The ranges of `histogram`: eighteen to each power of ten, as VictoriaMetrics has them.

use std::collections::BTreeMap;
use std::io;

use crate::pipes::codec::{Reader, put_number};
use crate::pipes::number;

/// Ranges to each power of ten.
const PER_DECADE: f64 = 18.0;
/// The powers of ten between which there are ranges.
const LEAST: f64 = -9.0;
const GREATEST: f64 = 18.0;
const BELOW: i32 = -1;
const ABOVE: i32 = ((GREATEST - LEAST) * PER_DECADE) as i32;

/// How many numbers fell into each range.
#[derive(Clone, Debug, Default)]
pub(super) struct Scale(BTreeMap<i32, u64>);

impl Scale {
    /// Counts a value where it is a number that is not negative.
    pub(super) fn add(&mut self, text: &str) {
        let Some(value) = number::number_with_unit(text).filter(|value| *value >= 0.0) else {
            return;
        };
        *self.0.entry(range_of(value)).or_default() += 1;
    }

    pub(super) fn merge(&mut self, other: Scale) {
        other.0.into_iter().for_each(|(range, hits)| *self.0.entry(range).or_default() += hits);
    }

    /// A JSON array of ranges with their hits.
    pub(super) fn json(&self) -> String {
        let range = |(range, hits): (&i32, &u64)| {
            format!(r#"{{"vmrange":"{}","hits":{hits}}}"#, name(*range))
        };
        format!("[{}]", self.0.iter().map(range).collect::<Vec<_>>().join(","))
    }

    pub(super) fn memory(&self) -> usize {
        32 * self.0.len() + 32
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, self.0.len() as u64);
        for (range, hits) in &self.0 {
            out.extend_from_slice(&range.to_le_bytes());
            put_number(out, *hits);
        }
    }

    pub(super) fn decode(bytes: &mut Reader<'_>) -> io::Result<Self> {
        let mut scale = Scale::default();
        for _ in 0..bytes.number()? {
            let range = i32::from_le_bytes(bytes.array()?);
            scale.0.insert(range, bytes.number()?);
        }
        Ok(scale)
    }
}

fn range_of(value: f64) -> i32 {
    if value == 0.0 {
        return BELOW;
    }
    let place = (value.log10() - LEAST) * PER_DECADE;
    if place < 0.0 {
        return BELOW;
    }
    if place >= f64::from(ABOVE) {
        return ABOVE;
    }
    // A number at the edge belongs to the range below it.
    let range = place as i32;
    if range > 0 && f64::from(range) == place { range - 1 } else { range }
}

fn name(range: i32) -> String {
    match range {
        BELOW => "0...1.000e-09".to_owned(),
        ABOVE => "1.000e+18...+Inf".to_owned(),
        _ => format!("{}...{}", edge(range), edge(range + 1)),
    }
}

/// As C prints it: `1.136e+00`.
fn edge(range: i32) -> String {
    let value = 10f64.powf(LEAST + f64::from(range) / PER_DECADE);
    let text = format!("{value:.3e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_named_as_elsewhere() {
        let mut scale = Scale::default();
        ["0", "1.1", "1.1", "250", "1KiB", "x", "-1"].iter().for_each(|text| scale.add(text));
        assert_eq!(
            scale.json(),
            r#"[{"vmrange":"0...1.000e-09","hits":1},{"vmrange":"1.000e+00...1.136e+00","hits":2},{"vmrange":"2.448e+02...2.783e+02","hits":1},{"vmrange":"1.000e+03...1.136e+03","hits":1}]"#
        );
    }
}
