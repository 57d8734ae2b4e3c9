//! Where a trace stands among all traces: a number that every process finds for its id.

use logloom_record::wire::{Key, KeyedIter, ValueView};
use logloom_ring::front;

/// Context blocks begin with the ids.
const IDS: usize = 3;
/// Digits of a trace id of W3C's form.
const W3C_DIGITS: usize = 32;

/// The trace id of a context block.
pub(super) fn of_context(context: &[u8]) -> Option<&[u8]> {
    if context.is_empty() {
        return None;
    }
    let number = front::key_number("trace_id");
    let is_trace = |key: &Key<'_>| match key {
        Key::Number(known) => *known == number,
        Key::Name(name) => *name == b"trace_id",
    };
    let ids = KeyedIter::of_block(context).take(IDS).map_while(Result::ok);
    let mut texts =
        ids.filter(|entry| is_trace(&entry.key)).filter_map(|entry| match entry.value {
            ValueView::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        });
    texts.next()
}

/// The place of a trace. One of W3C's form stands where the last 64 bits of its id say, as in the samplers
/// of OpenTelemetry that look at the id; with a seed, and for ids of other forms, where a hash says.
pub(super) fn position(id: &[u8], seed: u32) -> u64 {
    let number = random_part(id);
    match (number, seed) {
        (Some(number), 0) => number,
        (Some(number), _) => mixed(number ^ mixed(u64::from(seed))),
        (None, _) => mixed(hashed(id) ^ mixed(u64::from(seed))),
    }
}

/// The last half of a W3C trace id.
fn random_part(id: &[u8]) -> Option<u64> {
    let is_w3c = id.len() == W3C_DIGITS && id.iter().all(u8::is_ascii_hexdigit);
    let half = is_w3c.then(|| std::str::from_utf8(&id[W3C_DIGITS / 2..]).ok()).flatten()?;
    u64::from_str_radix(half, 16).ok()
}

/// FNV-1a.
fn hashed(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The finish of SplitMix64: every bit of the input changes half of those of the output.
pub(super) fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_w3c_id_stands_where_opentelemetry_has_it() {
        let id = b"4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(position(id, 0), 0xa3ce_929d_0e0e_4736);
        assert_ne!(position(id, 1), position(id, 2));
        assert_eq!(position(id, 1), position(id, 1));
    }

    #[test]
    fn other_ids_are_spread_evenly() {
        for seed in [0, 9] {
            let low =
                |number: &u32| position(format!("order-{number}").as_bytes(), seed) >> 63 == 0;
            let count = (0..10_000).filter(low).count();
            assert!((4_700..5_300).contains(&count), "{count}");
        }
    }
}
