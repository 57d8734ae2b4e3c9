//! The cold path for records that are larger than their limit: every value gets an equal share of
//! what there is, and what a small value leaves over goes to the large ones.

use super::encode::Encode;
use super::encoder::Encoder;
use super::fields::Fields;
use super::header::{MESSAGE, TRUNCATED};

/// Least share of a value in bytes; every number and the mark of a cut text fit in it.
const SHARE_MIN: usize = 192;

/// The end of a record's body: message and positional values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutBody {
    /// The bytes, to be written behind header, time, source and context.
    pub bytes: Vec<u8>,
    /// [`MESSAGE`] where there is one, [`TRUNCATED`] where something was cut.
    pub flags: u8,
}

/// Encodes a message and positional values into at most `budget` bytes, or 192 for each value
/// where that is more. Texts are cut between characters and end in `[TRUNCATED n chars]`; arrays
/// and objects end in a text that counts the elements that are cut.
pub fn encode_cut<F: Fields>(
    fields: &F,
    mask: u64,
    message: Option<&str>,
    budget: usize,
) -> CutBody {
    let mut lengths: Vec<usize> = message.iter().map(|text| text.encoded_len()).collect();
    fields.lengths(mask, &mut lengths);
    let limit = share(&mut lengths, budget);
    let mut bytes = Vec::with_capacity(budget.min(lengths.iter().sum()));
    let mut flags = 0;
    let mut was_cut = false;
    if let Some(message) = message {
        flags |= MESSAGE;
        was_cut |= push_limited(message, limit, &mut bytes);
    }
    was_cut |= fields.encode_limited(mask, limit, &mut bytes);
    if was_cut {
        flags |= TRUNCATED;
    }
    CutBody { bytes, flags }
}

/// The greatest limit for single values under which all of them together keep to the budget.
pub(super) fn share(lengths: &mut [usize], budget: usize) -> usize {
    lengths.sort_unstable();
    let mut left = budget;
    for (index, &length) in lengths.iter().enumerate() {
        let share = left / (lengths.len() - index);
        if length > share {
            return share.max(SHARE_MIN);
        }
        left -= length;
    }
    usize::MAX
}

/// Appends a value of at most `limit` bytes; says whether it was cut.
pub(super) fn push_limited<T: Encode + ?Sized>(value: &T, limit: usize, out: &mut Vec<u8>) -> bool {
    let whole = value.encoded_len();
    let start = out.len();
    out.resize(start + whole.min(limit), 0);
    let room = &mut out[start..];
    let mut encoder = if whole <= limit { Encoder::new(room) } else { Encoder::cutting(room) };
    value.encode(&mut encoder);
    // A value that measured itself too small has become null, since zero is its kind.
    let (written, was_cut) = (encoder.written(), encoder.was_cut());
    if encoder.overflowed() {
        out.truncate(start);
        out.push(super::Tag::Null as u8);
        return true;
    }
    out.truncate(start + written);
    was_cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Header, RecordView, ValueView, padded, text};

    fn texts(body: &CutBody, count: usize) -> Vec<String> {
        let length = padded(16 + body.bytes.len());
        let header =
            Header { length: length as u32, flags: body.flags & !MESSAGE, site: 9, ticks: 0 };
        let mut record = header.to_bytes().to_vec();
        record.extend_from_slice(&body.bytes);
        record.resize(length, 0);
        let Ok(view) = RecordView::parse(&record, count) else { return Vec::new() };
        view.values()
            .map(|value| match value {
                Ok(ValueView::Text(bytes)) => text(bytes).into_owned(),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_how_much() {
        let long = "é".repeat(2_000);
        let body = encode_cut(&(&*long, (&7_u8, ())), 0, None, 1_000);
        assert_eq!(body.flags, TRUNCATED);
        assert!(body.bytes.len() <= 1_000);
        let texts = texts(&body, 2);
        let (kept, mark) = texts[0].split_once('[').unwrap_or_default();
        let cut: usize = 2_000 - kept.chars().count();
        assert_eq!(mark, format!("TRUNCATED {cut} chars]"));
        assert!(kept.chars().all(|character| character == 'é') && kept.len() > 800);
        assert_eq!(texts[1], "Ok(U64(7))");
    }

    #[test]
    fn sequences_end_early_with_a_count() {
        let numbers: Vec<u32> = (0..1_000).collect();
        let body = encode_cut(&(&numbers, ()), 0, Some("kept"), 600);
        assert_eq!(body.flags, TRUNCATED | MESSAGE);
        let texts = texts(&body, 2);
        assert_eq!(texts[0], "kept");
        assert!(texts[1].contains("U64(0)"), "{}", texts[1]);
        let shown = super::super::cut_mark(1_000 - texts[1].matches("U64").count(), "items");
        let bytes = format!("{:?}", shown.as_bytes());
        assert!(texts[1].contains(&bytes), "{}", texts[1]);
    }

    #[test]
    fn what_fits_is_not_cut() {
        let body = encode_cut(&(&"a", (&1_u8, ())), 0, Some("b"), 100);
        assert_eq!((body.flags, body.bytes.len()), (MESSAGE, 6 + 6 + 9));
    }

    #[test]
    fn a_mask_holds_on_the_cold_path_too() {
        let secret = "hunter2".repeat(100);
        let body = encode_cut(&(&*secret, (&"x", ())), 1, None, 200);
        assert!(!body.bytes.windows(4).any(|window| window == b"hunt"));
        assert_eq!(texts(&body, 2)[0], "Ok(Masked(700))");
    }

    #[test]
    fn shares_add_up_to_the_budget() {
        assert_eq!(share(&mut [10, 10_000, 10_000], 2_010), 1_000);
        assert_eq!(share(&mut [10, 20], 30), usize::MAX);
        assert_eq!(share(&mut [10, 20], 29), SHARE_MIN);
    }
}
